"""Association by chains of facts, and what of it to tell: functions of numbers alone, with no store and no embedder.

A chain is a row of facts, each of which shares a name with the one before it. It is as near to a query as the sum of
its facts' vectors is; so the answer to a question of several steps is found though it shares nothing with the question:
the chain that ends in it does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ariadne.memory.compact import Floats
from ariadne.memory.retrieval import DECIMALS

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]
NONE = -1
CAREFUL = 1000


@dataclass(frozen=True)
class Chained:
    """Facts (rows), best first by no means: each with its nearest chain's score, length, and last but one fact."""

    rows: Rows
    scores: NDArray[np.float64]
    lengths: Rows
    before: Rows
    """The row of the fact before it in that chain; NONE where the chain is this fact alone."""
    linked: NDArray[np.float64]
    """The score of the nearest chain that comes to it from elsewhere; 0 where none does."""


def chains(
    scores: Floats, vectors: Callable[[Rows], tuple[Floats, Floats]], around: Callable[[Rows], Rows],
    linked: Callable[[Rows, Rows], tuple[Mask, Mask]], *, depth: int, width: int, pool: int, most: int,
    gains: Floats | float = 0.0,
) -> Chained:  # fmt: skip
    """The nearest chains of at most `depth` facts: of the facts that are near by themselves, and of those around them.

    `scores` (n,) says how near each fact is, -inf for what is not to be found; `vectors` gives the query's unit vector
    (d,) and those of some rows (m, d); `around` the rows that may follow on some; `linked` which rows do follow on
    which heads (heads, rows), and which of these from elsewhere. At every length the `width` nearest chains go on;
    `pool` facts are looked at (what each `gains` besides counts there), and as many around each length's chains; of the
    `most` nearest facts the others come as they are.
    """
    rows = nearest(scores + gains, pool) if depth else np.zeros(0, np.int64)
    if not len(rows):
        return Chained(rows, np.zeros(0), rows, rows, np.zeros(0))
    query, facts = vectors(rows)
    near = _rounded(facts @ query)
    best, lengths, before = near.copy(), np.ones(len(rows), np.int64), np.full(len(rows), NONE)
    farther = np.zeros(len(rows))
    ends = np.argsort(-near, kind="stable")[:width]
    heads, members = facts[ends], ends[:, None]
    for length in range(2, depth + 1):
        if not len(ends):
            break
        more = np.setdiff1d(around(rows[ends]), rows)
        more = more[nearest(scores[more], pool)]
        if len(more):
            new = vectors(more)[1]
            rows, facts = np.concatenate([rows, more]), np.concatenate([facts, new])
            near = np.concatenate([near, _rounded(new @ query)])
            best = np.concatenate([best, near[len(best) :]])
            lengths = np.concatenate([lengths, np.ones(len(more), np.int64)])
            before = np.concatenate([before, np.full(len(more), NONE)])
            farther = np.concatenate([farther, np.zeros(len(more))])
        sums = np.sqrt(np.maximum(2 + 2 * (heads @ facts.T), 1e-6))
        chained = _rounded(((heads @ query)[:, None] + near) / sums)
        follows, elsewhere = linked(rows[ends], rows)
        chained[~follows] = -np.inf
        chained[np.arange(len(ends))[:, None], members] = -np.inf  # no fact twice
        by, reached = chained.argmax(axis=0), chained.max(axis=0)
        farther = np.maximum(farther, np.where(elsewhere, chained, 0).max(axis=0))
        nearer = reached > best
        best[nearer], lengths[nearer], before[nearer] = reached[nearer], length, rows[ends][by[nearer]]
        onward = np.argsort(-reached, kind="stable")[:width]
        onward = onward[np.isfinite(reached[onward])]
        heads = facts[onward] + heads[by[onward]]
        heads /= np.maximum(np.linalg.norm(heads, axis=1, keepdims=True), np.float32(1e-6))
        members = np.column_stack([members[by[onward]], onward])
        ends = onward
    rest = np.setdiff1d(nearest(scores, most), rows) if most > pool else rows[:0]
    alone = np.ones(len(rest), np.int64)
    return Chained(
        np.concatenate([rows, rest]),
        np.concatenate([best, _rounded(scores[rest])]),
        np.concatenate([lengths, alone]),
        np.concatenate([before, NONE * alone]),
        np.concatenate([farther, np.zeros(len(rest))]),
    )


def nearest(scores: NDArray[Any], most: int) -> Rows:
    """The rows of the highest scores but -inf, best first, the older first among equals."""
    rows = np.flatnonzero(scores > -np.inf)
    if len(rows) > most:
        some = scores[rows]
        least = np.partition(some, -most)[-most] - 2 * 10.0**-DECIMALS if most else np.inf
        rows = rows[some >= least]
    return rows[np.argsort(-_rounded(scores[rows]), kind="stable")[:most]]


@dataclass(frozen=True)
class Cost:
    """What it costs a fact that its names were told before: `a_name` for each, times log(1 + how often), and `a_pair`
    where both were. In the coin of scores."""

    a_name: float
    a_pair: float
    a_source: float


def telling(
    scores: Sequence[NDArray[np.float64]], ends: Rows, told: Rows, most: int, cost: Cost, sources: NDArray[np.bool_]
) -> list[int]:
    """Which facts to tell, in their order: the best of each query in turn, less what was told of its names before; and
    behind CAREFUL of them the others by their scores alone.

    `scores` holds (n,) for each query, -inf for what it did not find; `ends` (n, 2) the facts' names, as numbers from
    0; `told` how often each of these was told already; `sources` (n, s) which sources state a fact, none where none
    is named.
    """
    counts = told.astype(np.float64)
    repeated = np.zeros((sources.shape[1], len(counts)))
    left = [each.copy() for each in scores]
    chosen = list[int]()
    idle = 0
    while len(chosen) < min(most, CAREFUL) and idle < len(left):
        turn = left[(len(chosen) + idle) % len(left)]
        both = counts[ends]
        price = cost.a_name * np.log1p(both).sum(axis=1) + cost.a_pair * both.all(axis=1)
        if sources.shape[1]:
            price += cost.a_source * _repetition(repeated, ends, sources)
        value = _rounded(turn - price)
        place = int(value.argmax()) if len(value) else 0
        if not len(value) or not np.isfinite(value[place]):
            idle += 1
            continue
        idle = 0
        chosen.append(place)
        counts[ends[place]] += 1
        repeated[np.ix_(sources[place], np.unique(ends[place]))] += 1
        for each in left:
            each[place] = -np.inf
    rest = np.max(left, axis=0) if left and len(chosen) < most else np.zeros(0)
    return [*chosen, *nearest(rest, most - len(chosen)).tolist()]


def _repetition(repeated: NDArray[np.float64], ends: Rows, sources: NDArray[np.bool_]) -> NDArray[np.float64]:
    """log(1 + how often the sources of each fact told of its names before), by the one that did least."""
    by_source = np.log1p(repeated[:, ends].sum(axis=2))  # (s, n)
    least: NDArray[np.float64] = np.where(sources.T, by_source, np.inf).min(axis=0)
    return np.where(np.isfinite(least), least, 0.0)


def _rounded(scores: NDArray[Any]) -> NDArray[np.float64]:
    """To DECIMALS, so that the last bits of a sum decide nothing."""
    return scores.astype(np.float64).round(DECIMALS)
