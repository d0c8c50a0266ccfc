"""Nearness by meaning: the cosine of vectors, which were written with the facts, or are made of what the file lacks."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ariadne.memory.index.facts import EpisodeScores, Rows
from ariadne.memory.index.int8_matrix import Matrix
from ariadne.memory.index.lexical import content_words
from ariadne.memory.storage.store import View
from ariadne.memory.storage.vectors import Bytes, Floats, beginning, embed_texts
from ariadne.protocols import Embedder

_NAMES = 50_000
"""How many names' vectors are kept in RAM: 20 MB of 384 dimensions each."""
BY_WORDS, _RARE = 0.2, 200
"""The bonus of an episode with all the rare words of a text, and the most episodes that have a rare word.

Rare words are numbers and names that vectors do not know."""
_MANY = 500
"""From this number of missing vectors on there is a warning: they take a second at each opening of the file."""


class Dense:
    """Vectors of facts, names and episodes in an embedder's space: see Scorer."""

    threshold = 0.3
    """MiniLM's cosine of a game's question to unrelated triplets of the game seldom passes 0.3; the paper's 0.75 is
    for Contriever."""
    faintest = 0.1

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.clear()

    def __len__(self) -> int:
        return len(self._facts)

    def clear(self) -> None:
        self._facts, self._episodes = Matrix(), Matrix()
        self._numbers = np.zeros(0, np.int64)
        self._names, self._name_rows = Matrix(), np.full(0, -1)

    def add(self, view: View, seen: int) -> None:
        facts = view.vectors.of_facts_after(self._embedder.name, seen)
        episodes = view.vectors.of_episodes_after(self._embedder.name, seen)
        own = own_texts(view, [number for number, data in episodes if data is None])
        missing = [*(text for text, _ in facts if text is not None), *own.values()]
        if missing and (others := [name for name in view.vectors.embedders() if name != self._embedder.name]):
            self._warn(view, len(missing), f" (it was written with {', '.join(map(repr, others))})")
        elif len(missing) >= _MANY:
            self._warn(view, len(missing), "")
        made = embed_texts(self._embedder, missing)
        with view.decoding():
            self._facts.extend(_rows([data if data is not None else made[text or ""] for text, data in facts]))
            self._episodes.extend(_rows([data if data is not None else made[own[n]] for n, data in episodes]))
        self._numbers = np.concatenate([self._numbers, np.array([number for number, _ in episodes], np.int64)])

    def scores(self, texts: Sequence[str], held: NDArray[np.bool_]) -> Floats:
        if not len(held):
            return np.empty((len(texts), 0), np.float32)
        scores = self._facts.cosines(self._embedded(texts))
        np.copyto(scores, -np.inf, where=~held)
        return scores

    def cosines(self, text: str, rows: Rows, others: Rows, held: NDArray[np.bool_]) -> Floats:  # noqa: ARG002
        return self._facts.between(rows, others)

    def name_cosines(self, view: View, names: Rows, others: Rows) -> Floats:
        if len(self._names) > _NAMES:
            self._names, self._name_rows = Matrix(), np.full(0, -1)
        rows = self._rows_of_names(view, names), self._rows_of_names(view, others)
        return self._names.between(*rows)

    def _rows_of_names(self, view: View, names: Rows) -> Rows:
        """Where the vectors of these names are in RAM; they are, after this."""
        most = int(names.max(initial=-1)) + 1
        if len(self._name_rows) < most:
            more = np.full(most + most // 2 - len(self._name_rows), -1)
            self._name_rows = np.concatenate([self._name_rows, more])
        if len(new := names[self._name_rows[names] < 0]):
            found = view.vectors.of_names(self._embedder.name, np.unique(new).tolist())
            made = embed_texts(self._embedder, [identity for _, identity, data in found if data is None])
            with view.decoding():
                known = len(self._names)
                self._names.extend(_rows([data if data is not None else made[identity] for _, identity, data in found]))
            self._name_rows[[name for name, _, _ in found]] = np.arange(known, len(self._names))
        return self._name_rows[names]

    def episode_scores(self, view: View, text: str, until: int) -> EpisodeScores:
        if not len(self._episodes):
            return EpisodeScores(self._numbers, np.zeros(0, np.float32))
        known = int(np.searchsorted(self._numbers, until, "right"))
        scores = self._episodes.cosines(self._embedded([text]))[0, :known]
        shares = view.episodes.word_scores(content_words(text), until, _RARE)
        having = np.searchsorted(self._numbers, np.array(list(shares), np.int64))
        scores[having] += BY_WORDS * np.array(list(shares.values()), np.float32)
        return EpisodeScores(self._numbers[:known], scores)

    def _embedded(self, texts: Sequence[str]) -> Floats:
        return np.asarray(self._embedder.embed(list(texts)), np.float32)

    def _warn(self, view: View, missing: int, others: str) -> None:
        """Say that the file keeps few vectors by this embedder; once, as facts are taken in."""
        warnings.warn(
            f"{view.path} lacks the vectors of {missing} facts and episodes by {self._embedder.name!r}"
            f"{others}; they are made now, and at each opening, until `ariadne memory reembed` or memory.reembed()"
            " keeps them",
            stacklevel=2,
        )


def own_texts(view: View, numbers: Sequence[int]) -> dict[int, str]:
    """What is embedded of the texts of these episodes."""
    stating = view.facts.in_episodes(numbers)
    return {one.id: beginning(one.text, has_facts=one.id in stating) for one in view.episodes.some(numbers)}


def _rows(data: Sequence[bytes]) -> Bytes:
    return np.frombuffer(b"".join(data), np.int8).reshape(len(data), -1) if data else np.zeros((0, 0), np.int8)
