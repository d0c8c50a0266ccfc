"""Scores of rankings: shares of the evidence among the first places, with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

PLACES = (1, 2, 5, 10, 20, 50)
"""The numbers of first places at which the recall of evidence is measured."""
EPISODES = max(PLACES)
"""The episodes of a recall."""
FEW = (5, 10)
"""The places at which the share of questions with all of their evidence, and with any of it, is measured."""
_RESAMPLES = 1000
_TAILS = (2.5, 97.5)  # per cent


class Mean(NamedTuple):
    """A mean with its 95 % interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


Scores = dict[str, Mean]
"""By measure: "@5" is the share of a question's evidence among the first 5, "all@5" the share of questions with all."""


def mean_of(values: Sequence[float]) -> Mean:
    """Return the mean of at least one value with its bootstrap interval; the same values give the same interval."""
    array = np.asarray(values, float)
    means = array[np.random.default_rng(0).integers(0, len(array), (_RESAMPLES, len(array)))].mean(axis=1)
    return Mean(*(round(float(value), 4) for value in (array.mean(), *np.percentile(means, _TAILS))))


def share(found: Collection[str], evidence: Sequence[str]) -> float:
    """Return the share of the evidence that is found."""
    return len({*found} & {*evidence}) / len({*evidence})


def scores_of(ranked: Sequence[tuple[Sequence[str], Sequence[str]]]) -> Scores:
    """Return the scores of rankings, each with its evidence; both are keys, the ranking without duplicates."""
    shares = {k: [share(ranking[:k], evidence) for ranking, evidence in ranked] for k in PLACES}
    scores = {f"@{k}": mean_of(shares[k]) for k in PLACES}
    for k in FEW:
        scores |= {f"all@{k}": mean_of([float(each == 1) for each in shares[k]])}
        scores |= {f"any@{k}": mean_of([float(each > 0) for each in shares[k]])}
    return scores
