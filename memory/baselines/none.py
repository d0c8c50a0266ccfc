"""The memory that keeps nothing, to measure what memory is worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from ariadne.protocols import Extractor
from ariadne.values import Episode, QueryLike, Recall, Situation, Triplet, Update, When


class NoMemory:
    """A memory that reads each text as if it were the first, and recalls nothing."""

    def __init__(self, extractor: Extractor | None = None) -> None:
        if extractor is None:
            from ariadne.memory.extraction.rules import RulesExtractor

            extractor = RulesExtractor()
        self._extractor = extractor
        self._count = 0
        self._by_key = dict[str, Update]()

    def remember(
        self,
        text: str,
        *,
        key: str | None = None,
        at: When | None = None,
        source: str | None = None,
        situation: Situation | None = None,
    ) -> Update:
        """Return the episode and its reading, numbered from 1; a repeated `key` returns its first Update."""
        if key is not None and key in self._by_key:
            return self._by_key[key]
        self._count += 1
        episode = Episode(self._count, text, self._count if at is None else at, source, {})
        update = Update(episode, self._extractor.read(text, (), situation))
        if key is not None:
            self._by_key[key] = update
        return update

    def recall(
        self,
        query: QueryLike | Sequence[QueryLike],  # noqa: ARG002 - no query finds anything
        *,
        max_tokens: int | None = None,  # noqa: ARG002
        exclude: Sequence[int] = (),  # noqa: ARG002
    ) -> Recall:
        """Return nothing."""
        return Recall()

    def places(self) -> tuple[Triplet, ...]:
        """Return nothing."""
        return ()

    def at(self, episode: int) -> Self:  # noqa: ARG002 - it is the same at all times
        """Return this memory itself."""
        return self

    def close(self) -> None:
        """Do nothing: no file is open."""
