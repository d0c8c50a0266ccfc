"""What recall needs at hand: a space's triplets, their times and their scores, in RAM, never read twice.

It follows the store by episode numbers, so it also sees what other processes wrote.
"""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ariadne.memory.moments import FactRow, Moment
from ariadne.memory.retrieval import Named
from ariadne.memory.store import Store
from ariadne.memory.words import stem, telling_words
from ariadne.protocols import Embedder

_WORD = re.compile(r"\w+")


class Scorer(Protocol):
    """Scores texts against all triplets that it was given; one below `threshold` has nothing to do with the text."""

    threshold: float

    def clear(self) -> None: ...
    def add(self, texts: Sequence[str]) -> None: ...
    def scores(self, texts: Sequence[str], held: NDArray[np.bool_]) -> NDArray[np.float32]: ...
    def missing(self) -> list[str]: ...
    def prepare(self, texts: Sequence[str]) -> dict[str, bytes]: ...
    def keep(self, prepared: dict[str, bytes]) -> None: ...


class Growing:
    """A matrix that rows are added to: (n, width); doubles as it fills."""

    def __init__(self, dtype: type[np.generic]) -> None:
        self._data: NDArray[Any] = np.empty((0, 0), dtype)
        self._size = 0

    @property
    def rows(self) -> NDArray[Any]:
        return self._data[: self._size]

    def extend(self, rows: NDArray[Any]) -> None:
        if not len(rows):
            return
        if self._size + len(rows) > len(self._data):
            grown = np.empty((2 * (self._size + len(rows)), rows.shape[1]), self._data.dtype)
            if self._size:
                grown[: self._size] = self.rows
            self._data = grown
        self._data[self._size : self._size + len(rows)] = rows
        self._size += len(rows)


class Index:
    """The facts of a space in the order learned, one row each; brought up to date by `catch_up`.

    Whoever looks holds `lock`, taken before the look at the store begins: so it is never ahead of what that look sees.
    """

    def __init__(self, store: Store, scorer: Scorer) -> None:
        self.scorer = scorer
        self.lock = threading.Lock()
        self._store = store
        self._begin(0)

    def _begin(self, rewritten: int) -> None:
        self._rewritten, self._seen = rewritten, 0
        self._named = list[Named]()
        self._ids = Growing(np.int64)
        self._times = Growing(np.int64)  # valid_from, valid_to, learned_in, retired_in
        self.scorer.clear()

    def catch_up(self) -> None:
        """Take in what was remembered since; a fact already here may have been retired."""
        state = self._store.space.state
        if state.rewritten != self._rewritten:
            self._begin(state.rewritten)
        last = state.last
        if last == self._seen:
            return
        try:
            self._take_in()
        except BaseException:  # half of it would be worse than none
            self._begin(state.rewritten)
            raise
        self._seen = last

    def _take_in(self) -> None:
        rows = self._store.facts.rows_after(self._seen)
        self.scorer.add([row.text for row in rows])
        self._named += [Named(row.text, (row.subject, row.object)) for row in rows]
        self._ids.extend(np.array([[row.id] for row in rows], np.int64))
        self._times.extend(np.array([_times(row) for row in rows], np.int64))
        for fact, valid_to, retired_in in self._store.facts.retired_after(self._seen):
            self._times.rows[self.row(fact), [1, 3]] = valid_to, retired_in

    def named(self, row: int) -> Named:
        return self._named[row]

    def row(self, fact: int) -> int:
        return int(np.searchsorted(self._ids.rows[:, 0], fact))

    def fact(self, row: int) -> int:
        return int(self._ids.rows[row, 0])

    def held(self, moment: Moment) -> NDArray[np.bool_]:
        """Which facts hold as seen from a moment: a row of booleans; the same condition as the store's."""
        if not self._named:
            return np.zeros(0, np.bool_)
        valid_from, valid_to, learned_in, retired_in = self._times.rows.T
        known, open_still = learned_in <= moment.until, retired_in > moment.until
        held: NDArray[np.bool_] = known & open_still
        if moment.valid_at is not None:
            at = self._store.space.to_clock(moment.valid_at)
            held = known & (valid_from <= at) & (open_still | (valid_to > at))
        return held

    def masked(self, facts: Iterable[int]) -> NDArray[np.bool_]:
        """True for the rows of these facts."""
        mask = np.zeros(len(self._named), np.bool_)
        mask[np.searchsorted(self._ids.rows[:, 0], np.array(sorted(facts), np.int64)) if self._named else []] = True
        return mask


class Dense:
    """Cosine similarity. Vectors come from the store, where they were written with the facts; what the store lacks
    (a query, another embedder's file) is embedded."""

    threshold = 0.3
    """MiniLM's cosine of a game's question to unrelated triplets of the game seldom passes 0.3; the paper's 0.75 is
    for Contriever."""

    def __init__(self, store: Store, embedder: Embedder) -> None:
        self._store = store
        self._embedder = embedder
        self.clear()

    def clear(self) -> None:
        self._vectors = Growing(np.float32)

    def add(self, texts: Sequence[str]) -> None:
        self._vectors.extend(self._embedded(texts))

    def scores(self, texts: Sequence[str], held: NDArray[np.bool_]) -> NDArray[np.float32]:
        if not len(held):
            return np.empty((len(texts), 0), np.float32)
        scores: NDArray[np.float32] = self._embedded(texts) @ self._vectors.rows.T
        scores[:, ~held] = -np.inf
        return scores

    def missing(self) -> list[str]:
        """The texts of the space's facts and names that the store keeps no vector of."""
        return self._store.texts_without_vector(self._embedder.name)

    def prepare(self, texts: Sequence[str]) -> dict[str, bytes]:
        """The vectors that the store does not keep yet, as it keeps them."""
        asked = list(dict.fromkeys(texts))
        with self._store.reading():
            kept = self._store.vectors(self._embedder.name, asked)
        new = [text for text in asked if text not in kept]
        return dict(zip(new, (row.tobytes() for row in self._embed(new)), strict=True)) if new else {}

    def keep(self, prepared: dict[str, bytes]) -> None:
        self._store.add_vectors(self._embedder.name, prepared)

    def _embedded(self, texts: Sequence[str]) -> NDArray[np.float32]:
        known = self._store.vectors(self._embedder.name, texts)
        known |= self.prepare([text for text in texts if text not in known])
        rows = [np.frombuffer(known[text], "<f4") for text in texts]
        return np.stack(rows).astype(np.float32) if rows else np.empty((0, 0), np.float32)

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.ascontiguousarray(self._embedder.embed(texts), "<f4")


class Lexical:
    """What share of a text's words, weighed by how rare they are, a triplet has: 0 to 1. In place of an embedder."""

    threshold = 0.3

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._rows: dict[str, list[int]] = defaultdict(list)
        self._size = 0

    def add(self, texts: Sequence[str]) -> None:
        for text in texts:
            for word in set(_words(text)):
                self._rows[word].append(self._size)
            self._size += 1

    def scores(self, texts: Sequence[str], held: NDArray[np.bool_]) -> NDArray[np.float32]:
        scores = np.stack([self._score(text, held) for text in texts])
        scores[:, ~held] = -np.inf
        return scores

    def missing(self) -> list[str]:
        return []

    def prepare(self, texts: Sequence[str]) -> dict[str, bytes]:  # noqa: ARG002 - words need no vectors
        return {}

    def keep(self, prepared: dict[str, bytes]) -> None:
        """There is nothing to keep."""

    def _score(self, text: str, held: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Words weigh BM25's inverse document frequency, over the triplets that hold; what none has, says nothing."""
        scores, total, count = np.zeros(self._size, np.float64), 0.0, int(held.sum())
        for word in sorted(set(_words(" ".join(telling_words(text)) or text)) & self._rows.keys()):
            rows = np.array(self._rows[word], np.int64)
            if among := int(held[rows].sum()):
                weight = float(np.log(1 + (count - among + 0.5) / (among + 0.5)))
                scores[rows] += weight
                total += weight
        return (scores / total if total else scores).astype(np.float32)


def _times(row: FactRow) -> tuple[int, int, int, int]:
    return row.valid_from, row.valid_to, row.learned_in, row.retired_in


def _words(text: str) -> list[str]:
    return [stem(word) for word in _WORD.findall(text.casefold())]
