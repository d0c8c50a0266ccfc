"""Search by meaning: the cosines between the vectors of queries, facts, names and episodes.

A vector is a row of bytes, in RAM as in the file. A cosine of 384 dimensions is then off by about 0.001, at most by
0.003: less than the difference between two facts. The rows take a quarter of the room of float32.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import cache
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ariadne.memory.index.arrays import GrowingArray, Rows
from ariadne.memory.index.episodes import TextScores
from ariadne.memory.index.facts import Scope
from ariadne.memory.index.lexical import word_shares
from ariadne.memory.index.weights import WEIGHTS, Weights
from ariadne.memory.storage.store import View
from ariadne.memory.storage.text.passages import BITS, LAST_PASSAGE, row_of
from ariadne.memory.storage.vectors import Bytes, Floats, embed_texts, embedded_parts, packed
from ariadne.protocols import Embedder

_MAX_NAMES = 50_000
"""The most names whose vectors are kept in RAM: 20 MB of 384 dimensions."""
_MANY = 500
"""The number of missing vectors that leads to a warning: to make them takes a second whenever the file is opened."""
_TOGETHER = 4096  # rows that are multiplied at a time; the processor's cache holds them


class Int8Matrix:
    """A growing matrix of unit vectors, as int8 rows, and their cosines."""

    def __init__(self) -> None:
        self._bytes, self._lengths = GrowingArray(np.int8), GrowingArray(np.float32)

    def __len__(self) -> int:
        return len(self._bytes)

    def extend(self, rows: Bytes) -> None:
        """Add (n, d) int8 rows."""
        lengths = _lengths_of(rows)[:, None]
        self._bytes.extend(rows)  # refuses rows of another width
        self._lengths.extend(lengths)

    def remove(self, mask: NDArray[np.bool_]) -> None:
        """Remove the rows of a mask."""
        self._bytes.remove(mask)
        self._lengths.remove(mask)

    def cosines(self, vectors: Floats) -> Floats:
        """Return the cosines of (m, d) float32 vectors with all n rows, as (m, n) float32; the vectors become bytes."""
        rows = packed(vectors)
        return _cosines(rows, _lengths_of(rows), self._bytes.rows, self._lengths.rows[:, 0])

    def between(self, rows: Rows, others: Rows) -> Floats:
        """Return the cosines of m rows with n others, given by their numbers, as (m, n) float32."""
        lengths = self._lengths.rows[:, 0]
        return _cosines(self._bytes.rows[rows], lengths[rows], self._bytes.rows[others], lengths[others])


class Dense:
    """A scorer by the vectors of an embedder."""

    threshold = 0.3
    """MiniLM's cosine of a game's query with unrelated triplets of the game is seldom above 0.3. The paper's 0.75 is
    for Contriever."""
    min_score = least_text = 0.1

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.clear()

    def __len__(self) -> int:
        return len(self._facts)

    def clear(self) -> None:
        """Forget all vectors."""
        self._facts, self._episodes = Int8Matrix(), Int8Matrix()
        self._episode_rows = np.zeros(0, np.int64)
        """Of each row in the matrix of episodes: the episode and the passage, as `row_of` has them."""
        self._clear_names()

    def _clear_names(self) -> None:
        self._names = Int8Matrix()
        self._name_rows = np.full(0, -1)
        """By id of a name: its row in the matrix of names, or -1."""

    def add(self, view: View, seen: int) -> None:
        """Read the vectors of facts and episodes after episode `seen`, and make those that the file lacks."""
        facts = view.vectors.of_facts_after(self._embedder.name, seen)
        stored = view.vectors.of_episodes_after(self._embedder.name, seen)
        parts = embedded_texts(view, [number for number, _, data in stored if data is None])
        missing = [text for text, _ in facts if text is not None]
        self._warn_of_missing(view, len(missing) + len(parts))
        made = embed_texts(self._embedder, [*missing, *chain.from_iterable(parts.values())])
        episodes = {row_of(number, passage): data for number, passage, data in stored if data is not None}
        episodes |= {row_of(n, nth): made[part] for n, texts in parts.items() for nth, part in enumerate(texts)}
        new = sorted(episodes)
        with view.decoding():
            self._facts.extend(_rows([data if data is not None else made[text or ""] for text, data in facts]))
            self._episodes.extend(_rows([episodes[row] for row in new]))
        self._episode_rows = np.concatenate([self._episode_rows, np.array(new, np.int64)])

    def remove_episodes(self, numbers: Rows) -> None:
        """Forget the vectors of episodes."""
        gone = np.isin(self._episode_rows >> BITS, numbers)
        self._episodes.remove(gone)
        self._episode_rows = self._episode_rows[~gone]

    def scores(self, texts: Sequence[str], scope: Scope) -> Floats:
        """Return the cosines of m texts with all n facts, as (m, n) float32; -inf for facts that are not visible."""
        if not len(scope.visible):
            return np.empty((len(texts), 0), np.float32)
        scores = self._facts.cosines(self._embedded(texts))
        np.copyto(scores, -np.inf, where=~scope.visible)
        return scores

    def cosines(self, text: str, rows: Rows, others: Rows, scope: Scope) -> Floats:  # noqa: ARG002
        """Return the cosines of m facts with n others, as (m, n) float32; they do not depend on the text."""
        return self._facts.between(rows, others)

    def name_cosines(self, view: View, names: Rows, others: Rows) -> Floats:
        """Return the cosines of m names (ids) with n others, as (m, n) float32."""
        if len(self._names) > _MAX_NAMES:
            self._clear_names()
        rows = self._rows_of_names(view, names), self._rows_of_names(view, others)
        return self._names.between(*rows)

    def _rows_of_names(self, view: View, names: Rows) -> Rows:
        """Return the rows of names in the matrix of names; missing vectors are read or made first."""
        size = int(names.max(initial=-1)) + 1
        if len(self._name_rows) < size:
            more = np.full(size + size // 2 - len(self._name_rows), -1)
            self._name_rows = np.concatenate([self._name_rows, more])
        if len(new := names[self._name_rows[names] < 0]):
            stored = view.vectors.of_names(self._embedder.name, np.unique(new).tolist())
            made = embed_texts(self._embedder, [identity for _, identity, data in stored if data is None])
            vectors = [data if data is not None else made[identity] for _, identity, data in stored]
            known = len(self._names)
            with view.decoding():
                self._names.extend(_rows(vectors))
            self._name_rows[[name for name, _, _ in stored]] = np.arange(known, len(self._names))
        return self._name_rows[names]

    def episode_scores(self, view: View, text: str, until: int, weights: Weights = WEIGHTS) -> TextScores:
        """Return the cosine of a text with each episode up to `until`, plus what it gains by shared words.

        Of a long text it is the one of the nearest passage.
        """
        if not len(self._episodes):
            return TextScores.of_rows(self._episode_rows, *np.zeros((3, 0), np.float32))
        count = int(np.searchsorted(self._episode_rows, row_of(until, LAST_PASSAGE), "right"))
        similarity = self._episodes.cosines(self._embedded([text]))[0, :count]
        shares, words = view.episodes.word_scores(text, until), np.zeros(count, np.float32)
        words[np.searchsorted(self._episode_rows, np.array(list(shares), np.int64))] = list(shares.values())
        scores = similarity + np.float32(weights.words) * words
        return TextScores.of_rows(self._episode_rows[:count], scores, similarity, words)

    def text_scores(self, query: str, texts: Sequence[str]) -> Floats:
        """Return the cosine of a query with each text, plus the bonus for the words that they share."""
        vectors = self._embedded([query, *texts])
        scores: Floats = vectors[1:] @ vectors[0] + np.float32(WEIGHTS.words) * word_shares(query, texts)
        return scores

    def _embedded(self, texts: Sequence[str]) -> Floats:
        return np.asarray(self._embedder.embed(list(texts)), np.float32)

    def _warn_of_missing(self, view: View, missing: int) -> None:
        """Warn if the file lacks many vectors of this embedder, or any while it has those of another embedder."""
        name = self._embedder.name
        others = [other for other in view.vectors.embedders() if other != name] if missing else []
        if not others and missing < _MANY:
            return
        written = f" (the file has those of {', '.join(map(repr, others))})" if others else ""
        warnings.warn(
            f"{view.path} lacks the vectors of {missing} facts and episodes by {name!r}{written}; they are made now,"
            " and again whenever it is opened: `ariadne memory reembed` or memory.reembed() keeps them",
            stacklevel=2,
        )


def embedded_texts(view: View, numbers: Sequence[int]) -> dict[int, list[str]]:
    """Return the parts of each of these episodes' texts that are embedded, by the episode's number."""
    return {episode.number: embedded_parts(episode) for episode in view.episodes.with_passages(numbers)}


def _rows(data: Sequence[bytes]) -> Bytes:
    return np.frombuffer(b"".join(data), np.int8).reshape(len(data), -1) if data else np.zeros((0, 0), np.int8)


def _lengths_of(rows: Bytes) -> Floats:
    """Return the lengths of (n, d) int8 rows, as (n,) float32; at least 1e-12, so that they can divide."""
    lengths = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), _TOGETHER):
        group = rows[start : start + _TOGETHER].astype(np.float32)
        lengths[start : start + _TOGETHER] = np.sqrt(np.einsum("rd,rd->r", group, group))
    return np.maximum(lengths, np.float32(1e-12))


def _cosines(rows: Bytes, lengths: Floats, others: Bytes, lengths_of_others: Floats) -> Floats:
    """Return the cosines of (m, d) with (n, d) int8 rows, as (m, n) float32.

    Up to 1,000 dimensions their products are integers below 2**24, so they are the same on every machine.
    """
    cosines = np.empty((len(rows), len(others)), np.float32)
    dot = _multiplier()
    for start in range(0, len(others), _TOGETHER):
        part = slice(start, start + _TOGETHER)
        np.divide(
            dot(rows, others[part]),
            np.outer(lengths, lengths_of_others[part]),
            out=cosines[:, part],
            casting="same_kind",
        )
    return cosines


@cache
def _multiplier() -> Callable[[Bytes, Bytes], Any]:
    """Return the function that multiplies (m, d) with (n, d) int8 rows to (m, n) float32.

    simsimd comes with the extra [embeddings]. Without it the numbers are the same, but take ten times as long.
    """
    try:
        from simsimd import cdist
    except ImportError:
        return lambda rows, others: rows.astype(np.float32) @ others.astype(np.float32).T
    return lambda rows, others: np.asarray(cdist(rows, others, metric="dot", out_dtype="float32"))
