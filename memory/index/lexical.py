"""Search by words: the words that a query shares with facts and episodes."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ariadne.memory.index.facts import GrowingArray, Rows, TextScores
from ariadne.memory.storage.episodes import content_words
from ariadne.memory.storage.store import View
from ariadne.memory.storage.vectors import Floats

_WORD = re.compile(r"\w+")


def stem(word: str) -> str:
    """Return a word without the ending of an English plural or of a verb after "she", by a small rule."""
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


class Lexical:
    """A scorer by words, without an embedder: a fact's score is the share of the query's words that it has."""

    threshold = 0.3
    min_score = 0.1

    def __init__(self) -> None:
        self.clear()

    def __len__(self) -> int:
        return len(self._starts) - 1

    def clear(self) -> None:
        """Forget all words."""
        self._words = dict[str, int]()
        """By word: its number."""
        self._rows = list[list[int]]()
        """By a word's number: the rows of the facts that have it."""
        self._row_words, self._starts = GrowingArray(np.int32, 1), [0]
        """The numbers of the words of all facts, row after row, and where each row starts."""

    def add(self, view: View, seen: int) -> None:
        """Read the words of the facts that were learned after episode `seen`."""
        numbers = list[int]()
        before = len(self._row_words)
        for text in view.facts.texts_after(seen):
            row = len(self._starts) - 1
            for word in dict.fromkeys(_stems(text)):
                number = self._words.setdefault(word, len(self._words))
                if number == len(self._rows):
                    self._rows.append([])
                self._rows[number].append(row)
                numbers.append(number)
            self._starts.append(before + len(numbers))
        self._row_words.extend(np.array(numbers, np.int32).reshape(-1, 1))

    def scores(self, texts: Sequence[str], visible: NDArray[np.bool_]) -> Floats:
        """Return the scores of n facts for m texts, as (m, n) float32; -inf for facts that are not visible."""
        scores = np.stack([self._score(text, visible) for text in texts])
        scores[:, ~visible] = -np.inf
        return scores

    def _score(self, text: str, visible: NDArray[np.bool_]) -> Floats:
        """Return each fact's share of the text's known words, weighted by BM25's inverse document frequency."""
        scores, total, count = np.zeros(len(visible), np.float64), 0.0, int(visible.sum())
        for word in self._known_words(text):
            rows = np.array(self._rows[word], np.int64)
            if having := int(visible[rows].sum()):
                weight = _weight(having, count)
                scores[rows] += weight
                total += weight
        return (scores / total if total else scores).astype(np.float32)

    def cosines(self, text: str, rows: Rows, others: Rows, visible: NDArray[np.bool_]) -> Floats:
        """Return the cosines of m facts with n others by the words of the text, as (m, n) float32."""
        vectors = self._vectors(text, np.concatenate([rows, others]), visible)
        return vectors[: len(rows)] @ vectors[len(rows) :].T

    def _vectors(self, text: str, rows: Rows, visible: NDArray[np.bool_]) -> Floats:
        """Return facts as unit vectors: a dimension for each word of the text, and one for all other words."""
        words, count = self._known_words(text), int(visible.sum())
        having = [int(visible[np.array(self._rows[word], np.int64)].sum()) for word in words]
        weights = np.array([_weight(number, count) if number else 0.0 for number in having], np.float64)
        total = np.sqrt(weights.sum()) or 1.0
        column = {word: place for place, word in enumerate(words)}
        query = np.sqrt(weights) / total
        vectors = np.zeros((len(rows), len(query) + 1))
        for place, row in enumerate(rows):
            for word in self._row_words.rows[self._starts[row] : self._starts[row + 1], 0]:
                if (at := column.get(int(word))) is not None:
                    vectors[place, at] = query[at]
        vectors[:, -1] = np.sqrt(np.maximum(1 - (vectors**2).sum(axis=1), 0))
        return vectors.astype(np.float32)

    def name_cosines(self, view: View, names: Rows, others: Rows) -> None:
        """Return None: names are compared by identity only."""

    def episode_scores(self, view: View, text: str, until: int) -> TextScores:
        """Return the share of the text's words that each episode up to `until` has; without those that have none."""
        scores = view.episodes.word_scores(text, until)
        rows = sorted(scores)
        return TextScores.of_rows(np.array(rows, np.int64), np.array([scores[row] for row in rows], np.float32))

    def _known_words(self, text: str) -> list[int]:
        words = sorted(set(_stems(" ".join(content_words(text)) or text)))
        return [self._words[word] for word in words if word in self._words]


def _weight(having: int, count: int) -> float:
    """Return BM25's inverse document frequency of a word that `having` of `count` facts have."""
    return float(np.log(1 + (count - having + 0.5) / (having + 0.5)))


def _stems(text: str) -> list[str]:
    return [stem(word) for word in _WORD.findall(text.casefold())]
