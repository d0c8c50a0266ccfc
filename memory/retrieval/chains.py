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

from ariadne.memory.index.facts import Index
from ariadne.memory.index.int8_matrix import Floats

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]
DECIMALS = 4
"""Scores are rounded before they are compared, so that the last bits of a sum decide nothing."""
NONE = -1
CAREFUL = 1000
"""So many facts are told with regard to what was told before."""
SAMPLED = 16
"""One score of so many tells about how high the highest are."""
WIDER, AGAIN = 4, 0.1
"""So many times as many facts are looked through for different ones; what it costs to tie the same names again."""


def _alone(place: int) -> Sequence[int]:  # noqa: ARG001
    return ()


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
    scores: Floats, cosines: Callable[[Rows, Rows], Floats], ends: Callable[[Rows], Rows],
    around: Callable[[Rows], Rows], linked: Callable[[Rows, Rows], tuple[Mask, Mask]], *, depth: int, width: int,
    pool: int, most: int, gains: Floats | float = 0.0,
) -> Chained:  # fmt: skip
    """The nearest chains of at most `depth` facts: of the facts that are near by themselves, and of those around them.

    `scores` (n,) says how near each fact is, -inf for what is not to be found; `cosines` how near some rows are to
    others (some, others); `ends` the names of some (some, 2); `around` the rows that may follow on some; `linked` which
    rows do follow on which heads (heads, rows), and which of these from elsewhere. At every length the `width` nearest
    chains go on; `pool` facts are looked at (what each `gains` besides counts there), and as many around each length's
    chains; of the `most` nearest facts the others come as they are.
    """
    rows = varied(scores + gains, pool, ends) if depth else np.zeros(0, np.int64)
    if not len(rows):
        return Chained(rows, np.zeros(0), rows, rows, np.zeros(0))
    near = scores[rows].astype(np.float64)
    best, lengths, before = _rounded(near), np.ones(len(rows), np.int64), np.full(len(rows), NONE)
    farther = np.zeros(len(rows))
    last = np.argsort(-best, kind="stable")[:width]
    to_query, members, shares = near[last], last[:, None], np.ones((len(last), 1))
    for length in range(2, depth + 1):
        if not len(last):
            break
        more = nearest(scores, pool, np.setdiff1d(around(rows[last]), rows))
        if len(more):
            rows, near = np.concatenate([rows, more]), np.concatenate([near, scores[more]])
            best = np.concatenate([best, _rounded(scores[more])])
            lengths = np.concatenate([lengths, np.ones(len(more), np.int64)])
            before = np.concatenate([before, np.full(len(more), NONE)])
            farther = np.concatenate([farther, np.zeros(len(more))])
        used, place = np.unique(members, return_inverse=True)
        by_fact = cosines(rows[used], rows)[place.reshape(members.shape)]  # (chains, facts of each, rows)
        sums = np.sqrt(np.maximum(2 + 2 * np.einsum("cf,cfr->cr", shares, by_fact), 1e-6))
        exact = (to_query[:, None] + near) / sums
        chained = _rounded(exact)
        follows, elsewhere = linked(rows[last], rows)
        chained[~follows] = -np.inf
        chained[np.arange(len(last))[:, None], members] = -np.inf  # no fact twice
        by, reached = chained.argmax(axis=0), chained.max(axis=0)
        farther = np.maximum(farther, np.where(elsewhere, chained, 0).max(axis=0))
        nearer = reached > best
        best[nearer], lengths[nearer], before[nearer] = reached[nearer], length, rows[last][by[nearer]]
        last = np.argsort(-reached, kind="stable")[:width]
        last = last[np.isfinite(reached[last])]
        head = by[last]
        to_query, members = exact[head, last], np.column_stack([members[head], last])
        shares = np.column_stack([shares[head], np.ones(len(last))]) / sums[head, last][:, None]
    rest = np.setdiff1d(nearest(scores, most), rows) if most > pool else rows[:0]
    alone = np.ones(len(rest), np.int64)
    return Chained(
        np.concatenate([rows, rest]),
        np.concatenate([best, _rounded(scores[rest])]),
        np.concatenate([lengths, alone]),
        np.concatenate([before, NONE * alone]),
        np.concatenate([farther, np.zeros(len(rest))]),
    )


def nearest(scores: NDArray[Any], most: int, among: Rows | None = None) -> Rows:
    """The rows (of some) of the highest scores but -inf, best first, the older first among equals."""
    some = scores if among is None else scores[among]
    places = np.flatnonzero((some >= _least(some, most)) & (some > -np.inf))
    places = places[np.argsort(-_rounded(some[places]), kind="stable")[:most]]
    return places if among is None else among[places]


def _least(scores: NDArray[Any], most: int) -> float:
    """What no score is below that belongs to the `most` highest, rounded as they are compared."""
    if not 0 < most < len(scores):
        return -np.inf
    some, share = scores[::SAMPLED], 2 * most // SAMPLED + 1
    if share < len(some):  # a guess leaves few of very many to be sorted out
        likely = scores[scores >= np.partition(some, -share)[-share]]
        scores = likely if len(likely) >= most else scores
    return float(np.partition(scores, -most)[-most]) - 2 * 10.0**-DECIMALS


def varied(scores: NDArray[Any], most: int, ends: Callable[[Rows], Rows]) -> Rows:
    """The same, but what ties two names that n nearer ones tie is farther by AGAIN * log(1 + n): a thing that was said
    in a hundred ways leaves room for others."""
    rows = nearest(scores, WIDER * most)
    if len(rows) <= most:
        return rows
    low, high = np.sort(ends(rows), axis=1).T
    pairs = low * (int(high.max()) + 1) + high
    order = np.argsort(pairs, kind="stable")
    begins = np.flatnonzero(np.diff(pairs[order], prepend=-1))  # of each pair's facts
    before = np.empty(len(rows), np.int64)
    before[order] = np.arange(len(rows)) - np.repeat(begins, np.diff(begins, append=len(rows)))
    return rows[nearest(scores[rows] - AGAIN * np.log1p(before), most)]


@dataclass(frozen=True)
class Cost:
    """What it costs a fact that its names were told before: `a_name` for each, times log(1 + how often), and `a_pair`
    where both were; `a_source` times log(1 + how often its source spoke of them). In the coin of scores."""

    a_name: float
    a_pair: float
    a_source: float


def telling(
    scores: Sequence[NDArray[np.float64]], ends: Rows, told: Sequence[int], most: int, cost: Cost, sources: Mask,
    beside: Callable[[int], Sequence[int]] = _alone,
) -> list[int]:  # fmt: skip
    """Which facts to tell, in their order: the best of each query in turn, less what was told of its names before; and
    behind CAREFUL of them the others by their scores alone.

    `scores` holds (n,) for each query, -inf for what it did not find; `ends` (n, 2) the facts' names, as numbers from
    0; `told` which facts were told already; `sources` (n, s) which sources state a fact, none where none is named;
    `beside` what is told along with a fact, though no query found it.
    """
    counts = np.zeros(int(ends.max(initial=-1)) + 1)
    repeated = np.zeros((sources.shape[1], len(counts)))
    left = [each.copy() for each in scores]
    known, chosen = set(told), list[int]()
    turn = idle = 0

    def price(rows: Rows) -> NDArray[np.float64]:
        both = counts[ends[rows]]
        cost_of: NDArray[np.float64] = cost.a_name * np.log1p(both).sum(axis=1) + cost.a_pair * both.all(axis=1)
        if sources.shape[1]:
            cost_of += cost.a_source * _cheapest(np.log1p(repeated[:, ends[rows]].sum(axis=2)), sources[rows])
        return cost_of

    def tell(place: int) -> None:
        if place not in known and len(chosen) < most:
            chosen.append(place)
            known.add(place)
            count(place)
            one, other = ends[place]
            dearer = np.flatnonzero((subjects == one) | (objects == one) | (subjects == other) | (objects == other))
            prices[dearer] = price(dearer)

    def count(place: int) -> None:
        who = np.flatnonzero(sources[place])
        for name in {*ends[place].tolist()}:
            counts[name] += 1
            repeated[who, name] += 1
        for each in left:
            each[place] = -np.inf

    for place in told:
        count(place)
    prices, (subjects, objects) = price(np.arange(len(ends))), np.ascontiguousarray(ends.T)
    for place in told:
        for other in beside(place):
            tell(other)
    while len(chosen) < min(most, CAREFUL) and idle < len(left):
        asked, turn = left[turn % len(left)], turn + 1
        value = _rounded(asked - prices)
        place = int(value.argmax()) if len(value) else 0
        if not len(value) or not np.isfinite(value[place]):
            idle += 1
            continue
        idle = 0
        for each in (place, *beside(place)):
            tell(each)
    rest = np.max(left, axis=0) if left and len(chosen) < most else np.zeros(0)
    return [*chosen, *nearest(rest, most - len(chosen)).tolist()]


def _cheapest(by_source: NDArray[np.float64], sources: Mask) -> NDArray[np.float64]:
    """(s, n) of each source and fact as (n,): the least of the sources that state a fact, 0 where none is named."""
    least: NDArray[np.float64] = np.where(sources.T, by_source, np.inf).min(axis=0)
    return np.where(np.isfinite(least), least, 0.0)


def _rounded(scores: NDArray[Any]) -> NDArray[np.float64]:
    """To DECIMALS, so that the last bits of a sum decide nothing."""
    return scores.astype(np.float64).round(DECIMALS)


POOL = 256
"""How many facts are looked at, and as many around each length's chains."""
SAME = 0.8
"""The cosine from which two names are taken for one where a chain goes on ("Obama", "Barack Obama")."""

NAMED, FEW = 0.1, 100
"""What a fact gains by a name that the query has, if no more facts than so many have it."""


def associated(
    query: str, scores: Floats, gains: Floats, index: Index, held: Mask, *, depth: int, width: int, most: int
) -> Chained:
    """The chains near a query, to which all facts are as near as `scores` says; `most` facts may be asked for, and what
    gains is looked at the sooner."""
    return chains(
        scores,
        lambda rows, others: index.scorer.cosines(query, rows, others, held),
        index.ends,
        lambda rows: _held_around(rows, index, held),
        lambda heads, rows: _linked(heads, rows, index),
        depth=depth, width=width, pool=POOL, most=2 * most, gains=gains,
    )  # fmt: skip


def gains_of(names: Sequence[int], index: Index, held: Mask) -> Floats:
    """What facts gain by a name that the query has; numbers and rare names mean nothing to vectors."""
    gains = np.zeros(len(index), np.float32)
    asked = np.array(names, np.int64)
    about = index.touching(asked)
    about = about[held[about]]
    ends = index.ends(about)
    rare = asked[[np.count_nonzero((ends == name).any(axis=1)) <= FEW for name in names]] if names else asked
    gains[about[np.isin(ends, rare).any(axis=1)]] = NAMED
    return gains


def _held_around(rows: Rows, index: Index, held: Mask) -> Rows:
    near = index.touching(np.unique(index.ends(rows)))
    return near[held[near]]


def _linked(heads: Rows, rows: Rows, index: Index) -> tuple[Mask, Mask]:
    """(heads, rows): which facts go on where a head ends, and which of these come from another episode.

    They share a name, or nearly, and were not taught together: that two episodes speak of the same thing is what tells
    something new. Of one episode they share a name that it speaks of in these two alone.
    """
    names = np.unique(index.ends(np.concatenate([heads, rows])))
    ends_of_heads, ends = (np.searchsorted(names, index.ends(some)) for some in (heads, rows))
    used = np.unique(ends_of_heads)
    same = used[:, None] == np.arange(len(names))  # (names of heads, names)
    cosines = index.scorer.name_cosines(names[used], names)
    near = same if cosines is None else same | (cosines > SAME)
    place = np.searchsorted(used, ends_of_heads)
    taught = index.learned_in(rows)
    together = index.learned_in(heads)[:, None] == taught
    spoken = taught[:, None] * len(names) + ends  # of which name an episode speaks, as one number
    _, which, counts = np.unique(spoken, return_inverse=True, return_counts=True)
    by_two = (counts <= 2)[which].reshape(-1, 2)
    reached, shared = (table[place].any(axis=1)[:, ends] for table in (near, same))  # (heads, rows, 2)
    elsewhere: Mask = reached.any(axis=2) & ~together
    return elsewhere | (shared & by_two).any(axis=2) & together, elsewhere
