"""The baselines of the recall of evidence: nearest texts, BM25, and the reciprocal ranks of both."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import log

import numpy as np
from numpy.typing import NDArray

from ariadne.bench.evidence.cases import Text
from ariadne.protocols import Embedder

NEAREST, BM25, BOTH = "nearest", "bm25", "both"
K1, B = 1.2, 0.75
"""The constants of BM25: the saturation by frequency, and the weight of the length."""
RANK_CONSTANT = 60
"""The constant of reciprocal rank fusion."""
_WORD = re.compile(r"\w+")
_Values = NDArray[np.float64]


class Baselines:
    """Rankings of texts by what each contains; a turn is searched with its speaker, a passage with its title.

    Args:
        texts: The texts of a case.
        embedder: The embedder of the nearest texts; without one, BM25 is the only baseline.
    """

    def __init__(self, texts: Sequence[Text], embedder: Embedder | None) -> None:
        by_key = {text.key: text.with_speaker for text in texts}
        self._keys = np.array([*by_key])
        self._words = _Bm25(by_key.values())
        self._embedder = embedder
        self._vectors = embedder.embed([*by_key.values()]) if embedder else None

    def rank(self, question: str) -> Mapping[str, list[str]]:
        """Return the keys of all texts by baseline, best first."""
        orders = {BM25: _order(self._words.scores(question))}
        if self._embedder is not None and self._vectors is not None:
            orders[NEAREST] = _order(self._vectors @ self._embedder.embed([question])[0])
            orders[BOTH] = _fused(orders.values())
        return {name: self._keys[order].tolist() for name, order in orders.items()}


class _Bm25:
    """Okapi BM25 over words, in lower case."""

    def __init__(self, texts: Iterable[str]) -> None:
        counts = [Counter(_words(text)) for text in texts]
        lengths = np.array([each.total() for each in counts], float)
        self._postings = defaultdict[str, list[tuple[int, int]]](list)
        for row, words in enumerate(counts):
            for word, count in words.items():
                self._postings[word].append((row, count))
        self._damping = K1 * (1 - B + B * lengths / max(lengths.mean(), 1))

    def scores(self, query: str) -> _Values:
        """Return the score of each text."""
        scores = np.zeros(len(self._damping))
        for word in dict.fromkeys(_words(query)):
            if word in self._postings:
                rows, counts = np.array(self._postings[word]).T
                rarity = log(1 + (len(scores) - len(rows) + 0.5) / (len(rows) + 0.5))
                scores[rows] += rarity * counts * (K1 + 1) / (counts + self._damping[rows])
        return scores


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _order(scores: NDArray[np.floating]) -> NDArray[np.intp]:
    """Return the rows by falling score; of equal ones, the first comes first."""
    return np.argsort(-scores, kind="stable")


def _fused(orders: Iterable[NDArray[np.intp]]) -> NDArray[np.intp]:
    """Return the rows by the sum of their reciprocal ranks."""
    orders = list(orders)
    total = np.zeros(len(orders[0]))
    for order in orders:
        total[order] += 1 / (RANK_CONSTANT + 1 + np.arange(len(order)))
    return _order(total)
