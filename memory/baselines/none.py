"""The memory that keeps nothing, to measure what memory is worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from ariadne.protocols import Extractor
from ariadne.values import Episode, QueryLike, Recall, Situation, Triplet, Update, When


class NoMemory:
    """Reads what it is told and forgets it: every recall is empty, and each text is read as if it were the first."""

    def __init__(self, extractor: Extractor | None = None) -> None:
        if extractor is None:
            from ariadne.memory.extraction.rules import RulesExtractor

            extractor = RulesExtractor()
        self._extractor = extractor
        self._told = 0
        self._first = dict[str, Update]()

    def remember(
        self,
        text: str,
        *,
        key: str | None = None,
        at: When | None = None,
        source: str | None = None,
        situation: Situation | None = None,
    ) -> Update:
        """The episode and its reading, numbered as they come; a `key` met again returns its first Update."""
        if key is not None and key in self._first:
            return self._first[key]
        self._told += 1
        episode = Episode(self._told, text, self._told if at is None else at, source, {})
        update = Update(episode, self._extractor.read(text, (), situation))
        if key is not None:
            self._first[key] = update
        return update

    def recall(
        self,
        query: QueryLike | Sequence[QueryLike],  # noqa: ARG002 - nothing is there, whatever is asked
        *,
        max_tokens: int | None = None,  # noqa: ARG002
        exclude: Sequence[int] = (),  # noqa: ARG002
    ) -> Recall:
        """Nothing."""
        return Recall()

    def places(self) -> tuple[Triplet, ...]:
        """Nothing."""
        return ()

    def at(self, episode: int) -> Self:  # noqa: ARG002 - it was never otherwise
        """Itself."""
        return self

    def close(self) -> None:
        """There is nothing to let go of."""
