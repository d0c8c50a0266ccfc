"""The words of a question that say what it is about."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ariadne.memory.index.facts import EpisodeScores, Rows
from ariadne.memory.index.int8_matrix import GrowingArray
from ariadne.memory.storage.store import View
from ariadne.memory.storage.vectors import Floats

_WORD = re.compile(r"\w+")
_SHORT_FORM = re.compile(r"['\u2019](?:s|t|d|m|ll|re|ve)\b", re.IGNORECASE)
_FUNCTION_WORDS = frozenset(
    "a an and any are as at be been but by can could did do does for from had has have he her hers him his how i if in"
    " into is it its me my no not of on or our she so some than that the their them then there these they this those to"
    " us was we were what when where which who whom whose why will with would you your".split()
)
"""Words that say nothing of what a question is about."""


def content_words(text: str) -> list[str]:
    """The words of a text, each once and as written, but for those that say nothing of what it is about."""
    words = {word.casefold(): word for word in reversed(_WORD.findall(_SHORT_FORM.sub("", text)))}
    return [word for folded, word in reversed(words.items()) if folded not in _FUNCTION_WORDS]


def stem(word: str) -> str:
    """A word without the ending of an English plural, or of a verb after "she": a small rule, for words that meet."""
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


class Lexical:
    """The words of all facts in RAM: see Scorer. A fact is as near as the share of the text's words that it has."""

    threshold = 0.3
    faintest = 0.1

    def __init__(self) -> None:
        self.clear()

    def __len__(self) -> int:
        return len(self._starts) - 1

    def clear(self) -> None:
        self._words = dict[str, int]()
        self._rows = list[list[int]]()
        """By word: the rows that have it."""
        self._row_words, self._starts = GrowingArray(np.int32, 1), [0]
        """The words of all rows, one row after the other, and where each begins."""

    def add(self, view: View, seen: int) -> None:
        numbers = list[int]()
        before = len(self._row_words)
        for text in view.facts.texts_after(seen):
            row = len(self._starts) - 1
            for word in dict.fromkeys(_words(text)):
                number = self._words.setdefault(word, len(self._words))
                if number == len(self._rows):
                    self._rows.append([])
                self._rows[number].append(row)
                numbers.append(number)
            self._starts.append(before + len(numbers))
        self._row_words.extend(np.array(numbers, np.int32).reshape(-1, 1))

    def scores(self, texts: Sequence[str], held: NDArray[np.bool_]) -> Floats:
        scores = np.stack([self._score(text, held) for text in texts])
        scores[:, ~held] = -np.inf
        return scores

    def _score(self, text: str, held: NDArray[np.bool_]) -> Floats:
        """Return each triplet's share of the text's known words, weighted by BM25's inverse document frequency."""
        scores, total, count = np.zeros(len(held), np.float64), 0.0, int(held.sum())
        for word in self._known_words(text):
            rows = np.array(self._rows[word], np.int64)
            if among := int(held[rows].sum()):
                weight = _weight(among, count)
                scores[rows] += weight
                total += weight
        return (scores / total if total else scores).astype(np.float32)

    def cosines(self, text: str, rows: Rows, others: Rows, held: NDArray[np.bool_]) -> Floats:
        vectors = self._vectors(text, np.concatenate([rows, others]), held)
        return vectors[: len(rows)] @ vectors[len(rows) :].T

    def _vectors(self, text: str, rows: Rows, held: NDArray[np.bool_]) -> Floats:
        """Facts as unit vectors: each word of the text is a dimension, and all other words of a fact are one more."""
        words, count = self._known_words(text), int(held.sum())
        having = [int(held[np.array(self._rows[word], np.int64)].sum()) for word in words]
        weights = np.array([_weight(among, count) if among else 0.0 for among in having], np.float64)
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
        """Names of other words are other names."""

    def episode_scores(self, view: View, text: str, until: int) -> EpisodeScores:
        scored = view.episodes.word_scores(content_words(text), until)
        numbers = sorted(scored)
        return EpisodeScores(np.array(numbers, np.int64), np.array([scored[number] for number in numbers], np.float32))

    def _known_words(self, text: str) -> list[int]:
        words = sorted(set(_words(" ".join(content_words(text)) or text)))
        return [self._words[word] for word in words if word in self._words]


def _weight(having: int, among: int) -> float:
    return float(np.log(1 + (among - having + 0.5) / (having + 0.5)))


def _words(text: str) -> list[str]:
    return [stem(word) for word in _WORD.findall(text.casefold())]
