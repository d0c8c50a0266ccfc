"""The candidates of a recall: facts that chains of facts lead to, and facts about queried names, in one table.

A chain is a sequence of facts. Each one shares a name with the one before it. Its score is the cosine of the query
and the sum of its facts' vectors. A question of several steps so finds an answer with which it
shares no word: the chain that ends in the answer is near.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ariadne.memory.index.arrays import Rows
from ariadne.memory.retrieval.request import RecallContext
from ariadne.memory.storage.vectors import Floats
from ariadne.values import Reason

Mask = NDArray[np.bool_]
Scores = NDArray[np.float64]
DECIMALS = 4
"""Scores are rounded before they are compared, so that the last bits of a sum decide nothing."""
NONE = -1
"""Stands for a missing row, query or name in a column of integers."""
SAMPLED = 16
"""One score in this many is sampled to guess how high the highest are."""
OVERSAMPLE = 4
"""The diverse facts are picked from this many times as many of the nearest."""
REPEATED_PAIR = 0.1
"""Penalty, in units of a score, of a fact whose two names n nearer facts share; times log(1 + n)."""
POOL = 256
"""How many facts a search starts from, and how many neighbours it adds at each length."""
SAME_NAME = 0.8
"""The cosine from which two names count as one where a chain continues ("Obama", "Barack Obama")."""
NAME_BONUS = 0.1
"""What a fact gains, in units of a score, by a rare name that the query contains."""
RARE_NAME = 100
"""A name is rare where at most this many facts have it."""


# -- the table ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Candidates:
    """Aligned columns, one position for each of n facts; the columns by query are (queries, n)."""

    rows: Rows
    """(n,) rows of the index, ascending; the only other coordinate."""
    named: Rows
    """(n,) which queried name brings the fact, by its place among them; NONE without one."""
    scores: Scores
    """By query: the score of the best chain that ends in the fact; -inf where the query did not find it."""
    lengths: Rows
    """By query: how many facts that chain has."""
    previous: Rows
    """By query: the row of the last but one fact of that chain; NONE for a chain of one fact."""
    linked: Scores
    """By query: the score of the best chain that comes to the fact from another episode; 0 without one."""
    bonuses: Scores
    """By query: what the fact gains by rare names that the query contains."""

    def above(self, threshold: float) -> Scores:
        """Return the scores (queries, n), -inf for those below a threshold."""
        return np.where(self.scores >= threshold, self.scores, -np.inf)

    @property
    def named_positions(self) -> list[int]:
        """The positions of the facts about names, by name and then by row."""
        positions = np.flatnonzero(self.named != NONE)
        ordered: list[int] = positions[np.argsort(self.named[positions], kind="stable")].tolist()
        return ordered


_MISSING: dict[str, float] = {"scores": -np.inf, "lengths": 0, "previous": NONE, "linked": 0.0}
"""What the columns by query hold for a fact that the query did not find."""


def find_candidates(context: RecallContext) -> Candidates:
    """Return the facts about the queried names, and those that each query finds by chains."""
    names = list(named_rows(context).items())
    named = np.array([row for row, _ in names], np.int64)
    bonuses = [name_bonuses(query.names, context) for query in context.queries]
    hits = _chain_hits(bonuses, context.most_found(len(named)), context)
    rows = np.unique(np.concatenate([named, *(each.rows for each in hits)]))
    positions = [np.searchsorted(rows, each.rows) for each in hits]

    def by_query(column: str) -> NDArray[Any]:
        table = np.full((len(hits), len(rows)), _MISSING[column])
        for values, each, at in zip(table, hits, positions, strict=True):
            values[at] = getattr(each, column)
        return table

    brought_by = np.full(len(rows), NONE)
    brought_by[np.searchsorted(rows, named)] = [context.names.index(name) for _, name in names]
    return Candidates(
        rows=rows,
        named=brought_by,
        scores=by_query("scores"),
        lengths=by_query("lengths"),
        previous=by_query("previous"),
        linked=by_query("linked"),
        bonuses=np.array([each[rows] for each in bonuses], np.float64).reshape(len(hits), len(rows)),
    )


def named_rows(context: RecallContext) -> dict[int, str]:
    """Return the visible rows about the queried names, each with the first such name, by name and then by row."""
    named = dict[int, str]()
    for name in context.names:
        for fact in context.view.facts.linked_to(name, context.snapshot):
            if context.visible[row := context.index.row(fact)]:
                named.setdefault(row, name)
    return named


def _chain_hits(bonuses: Sequence[Floats], most: int, context: RecallContext) -> list[ChainHits]:
    """Return what each query finds by chains."""
    if not context.queries or not context.visible.any():
        return [ChainHits.single(np.zeros(0, np.int64), np.zeros(0, np.float32)) for _ in context.queries]
    scores = context.index.scorer.scores([query.text for query in context.queries], context.scope)
    return [
        search_chains(
            _graph(query.text, context), near,
            depth=query.depth, width=context.request.width, pool=POOL, most=2 * most, bonus=bonus,
        )
        for query, near, bonus in zip(context.queries, scores, bonuses, strict=True)
    ]  # fmt: skip


def _graph(text: str, context: RecallContext) -> FactGraph:
    """Return the visible facts as the search for a text sees them."""
    index = context.index
    return FactGraph(
        lambda rows, others: index.scorer.cosines(text, rows, others, context.scope),
        index.ends,
        lambda rows: _neighbours(rows, context),
        lambda heads, rows: _links(heads, rows, context),
    )


def name_bonuses(names: Sequence[int], context: RecallContext) -> Floats:
    """Return (rows of the index,) what each fact gains by rare names of a query: vectors know little of these."""
    index = context.index
    bonuses, ids = np.zeros(len(index), np.float32), np.array(names, np.int64)
    about = index.touching(ids)
    about = about[context.visible[about]]
    ends = index.ends(about)
    rare = [name for name in names if np.count_nonzero((ends == name).any(axis=1)) <= RARE_NAME]
    bonuses[about[np.isin(ends, rare).any(axis=1)]] = NAME_BONUS
    return bonuses


def _neighbours(rows: Rows, context: RecallContext) -> Rows:
    """Return the visible rows that share a name with any of these."""
    near = context.index.touching(np.unique(context.index.ends(rows)))
    return near[context.visible[near]]


def _links(heads: Rows, rows: Rows, context: RecallContext) -> tuple[Mask, Mask]:
    """Return (heads, rows): which facts continue a chain that ends in a head, and which of them come from elsewhere.

    A fact from elsewhere has the same name, or nearly the same, and another episode taught it: so the link is new. Of
    the same episode a fact continues the chain if these two alone share that name in it.
    """
    index = context.index
    names = np.unique(index.ends(np.concatenate([heads, rows])))
    ends_of_heads, ends = (np.searchsorted(names, index.ends(each)) for each in (heads, rows))
    used = np.unique(ends_of_heads)
    same = used[:, None] == np.arange(len(names))  # (names of heads, names)
    cosines = index.scorer.name_cosines(context.view, names[used], names)
    near = same if cosines is None else same | (cosines > SAME_NAME)
    place = np.searchsorted(used, ends_of_heads)
    taught = index.learned_in(rows)
    together = index.learned_in(heads)[:, None] == taught
    mentions = taught[:, None] * len(names) + ends  # one number for an episode and a name that it mentions
    _, which, counts = np.unique(mentions, return_inverse=True, return_counts=True)
    by_two = (counts <= 2)[which].reshape(-1, 2)
    reached, shared = (table[place].any(axis=1)[:, ends] for table in (near, same))  # (heads, rows, 2)
    elsewhere: Mask = reached.any(axis=2) & ~together
    return elsewhere | (shared & by_two).any(axis=2) & together, elsewhere


# -- the search by chains: functions of numbers alone ------------------------------------------------------------------


@dataclass(frozen=True)
class FactGraph:
    """What the search knows of facts, by their rows."""

    cosines: Callable[[Rows, Rows], Floats]
    """How near rows are to others: (rows, others)."""
    ends: Callable[[Rows], Rows]
    """The two names of each row, as numbers: (rows, 2)."""
    neighbours: Callable[[Rows], Rows]
    """The rows that may continue a chain that ends in any of these."""
    links: Callable[[Rows, Rows], tuple[Mask, Mask]]
    """(heads, rows): which rows continue which chain, and which of these come from another episode."""


@dataclass(frozen=True)
class ChainHits:
    """The facts that one query finds, in no order: aligned columns as in Candidates, each (n,)."""

    rows: Rows
    scores: Scores
    lengths: Rows
    previous: Rows
    linked: Scores

    @classmethod
    def single(cls, rows: Rows, scores: Floats) -> ChainHits:
        """Return rows that are chains of one fact each; `scores` (all rows of the index,) holds how near they are."""
        alone = np.ones(len(rows), np.int64)
        return cls(rows, _rounded(scores[rows]), alone, NONE * alone, np.zeros(len(rows)))

    def joined(self, more: ChainHits) -> ChainHits:
        """Return these hits followed by others."""
        return ChainHits(
            *(np.concatenate(columns) for columns in zip(vars(self).values(), vars(more).values(), strict=True))
        )


@dataclass(frozen=True)
class _Beam:
    """The chains to extend; facts are places among the hits."""

    last: Rows
    """(chains,) the last fact of each."""
    scores: Scores
    """(chains,) the exact cosine of each with the query."""
    members: Rows
    """(chains, length) the facts of each."""
    shares: Scores
    """(chains, length) the weight of each fact's vector in the chain's unit vector."""


def search_chains(
    graph: FactGraph, scores: Floats, *, depth: int, width: int, pool: int, most: int, bonus: Floats | float = 0.0
) -> ChainHits:
    """Return the facts that the best chains end in.

    Args:
        graph: The facts and their links.
        scores: (n,) how near each fact is to the query; -inf for a fact that may not be found.
        depth: The most facts of a chain.
        width: How many chains are extended at each length.
        pool: How many facts chains start from, and how many neighbours are added at each length.
        most: If above `pool`, this many of the nearest facts are included, the rest as chains of one fact.
        bonus: (n,) what is added to `scores` where the first facts are picked, and only there.
    """
    first = diverse(scores + bonus, pool, graph.ends) if depth else np.zeros(0, np.int64)
    hits = ChainHits.single(first, scores)
    if not len(first):
        return hits
    last = np.argsort(-hits.scores, kind="stable")[:width]
    beam = _Beam(last, scores[first[last]].astype(np.float64), last[:, None], np.ones((len(last), 1)))
    for length in range(2, depth + 1):
        if not len(beam.last):
            break
        around = np.setdiff1d(graph.neighbours(hits.rows[beam.last]), hits.rows)
        hits = hits.joined(ChainHits.single(nearest(scores, pool, around), scores))
        hits, beam = _extended(hits, beam, scores, graph, length, width)
    rest = np.setdiff1d(nearest(scores, most), hits.rows) if most > pool else first[:0]
    return hits.joined(ChainHits.single(rest, scores))


def _extended(
    hits: ChainHits, beam: _Beam, scores: Floats, graph: FactGraph, length: int, width: int
) -> tuple[ChainHits, _Beam]:
    """Return the hits with the chains of one more fact, and the best of these chains."""
    used, place = np.unique(beam.members, return_inverse=True)
    cosines = graph.cosines(hits.rows[used], hits.rows)[place.reshape(beam.members.shape)]  # (chains, facts, hits)
    norms = np.sqrt(np.maximum(2 + 2 * np.einsum("cf,cfr->cr", beam.shares, cosines), 1e-6))
    exact = (beam.scores[:, None] + scores[hits.rows].astype(np.float64)) / norms  # (chains, hits)
    follows, elsewhere = graph.links(hits.rows[beam.last], hits.rows)
    chained = np.where(follows, _rounded(exact), -np.inf)
    chained[np.arange(len(beam.last))[:, None], beam.members] = -np.inf  # no fact twice
    head, reached = chained.argmax(axis=0), chained.max(axis=0)
    better = reached > hits.scores
    extended = ChainHits(
        hits.rows,
        np.where(better, reached, hits.scores),
        np.where(better, length, hits.lengths),
        np.where(better, hits.rows[beam.last][head], hits.previous),
        np.maximum(hits.linked, np.where(elsewhere, chained, 0).max(axis=0)),
    )
    last = np.argsort(-reached, kind="stable")[:width]
    last = last[np.isfinite(reached[last])]
    head = head[last]
    shares = np.column_stack([beam.shares[head], np.ones(len(last))]) / norms[head, last][:, None]
    return extended, _Beam(last, exact[head, last], np.column_stack([beam.members[head], last]), shares)


def nearest(scores: NDArray[Any], most: int, among: Rows | None = None) -> Rows:
    """Return the rows of the highest scores, best first and older first among equals; never a row of score -inf."""
    considered = scores if among is None else scores[among]
    places = np.flatnonzero((considered >= _least(considered, most)) & (considered > -np.inf))
    places = places[np.argsort(-_rounded(considered[places]), kind="stable")[:most]]
    return places if among is None else among[places]


def _least(scores: NDArray[Any], most: int) -> float:
    """Return a bound that no score of the `most` highest is below, in spite of rounding."""
    if not 0 < most < len(scores):
        return -np.inf
    sample, share = scores[::SAMPLED], 2 * most // SAMPLED + 1
    if share < len(sample):  # a guess leaves few of very many to be sorted
        likely = scores[scores >= np.partition(sample, -share)[-share]]
        scores = likely if len(likely) >= most else scores
    return float(np.partition(scores, -most)[-most]) - 2 * 10.0**-DECIMALS


def diverse(scores: NDArray[Any], most: int, ends: Callable[[Rows], Rows]) -> Rows:
    """Return nearest rows, each less near by REPEATED_PAIR * log(1 + n) for n nearer rows with the same two names.

    A thing that is stated in a hundred wordings leaves room for others.
    """
    rows = nearest(scores, OVERSAMPLE * most)
    if len(rows) <= most:
        return rows
    low, high = np.sort(ends(rows), axis=1).T
    pairs = low * (int(high.max()) + 1) + high
    order = np.argsort(pairs, kind="stable")
    begins = np.flatnonzero(np.diff(pairs[order], prepend=-1))  # of each pair's facts
    before = np.empty(len(rows), np.int64)
    before[order] = np.arange(len(rows)) - np.repeat(begins, np.diff(begins, append=len(rows)))
    return rows[nearest(scores[rows] - REPEATED_PAIR * np.log1p(before), most)]


def _rounded(scores: NDArray[Any]) -> Scores:
    return scores.astype(np.float64).round(DECIMALS)


# -- why a candidate was found -----------------------------------------------------------------------------------------


def chain_reasons(found: Sequence[tuple[int, int]], candidates: Candidates, context: RecallContext) -> list[Reason]:
    """Return how candidates were found, each given as (query, position): by a query alone, or through another fact."""
    if not found:
        return []
    index, facts = context.index, context.view.facts
    steps = [(int(candidates.previous[step]), int(candidates.rows[step[1]])) for step in found]
    before = {previous for previous, _ in steps} - {NONE}
    ids = dict(zip(before, index.fact_ids(np.array(list(before), np.int64)), strict=True))
    known = facts.by_id(ids.values(), context.snapshot.as_of)
    links = _link_names([step for step in steps if step[0] != NONE], context)
    names = facts.names(set(links.values()))
    reasons = list[Reason]()
    for step, (query, position) in zip(steps, found, strict=True):
        given = context.queries[query].given
        if step[0] == NONE:
            reasons.append(Reason(given, 1))
        else:
            hop = int(candidates.lengths[query, position])
            reasons.append(Reason(given, hop, names[links[step]], known[ids[step[0]]].triplet))
    return reasons


def _link_names(steps: Sequence[tuple[int, int]], context: RecallContext) -> dict[tuple[int, int], int]:
    """Return the name (id) by which the first row of each step leads to the second."""
    ends = context.index.ends(np.array(steps, np.int64).ravel()).tolist()
    return {step: _link(head, tail, context) for step, head, tail in zip(steps, ends[::2], ends[1::2], strict=True)}


def _link(head: list[int], tail: list[int], context: RecallContext) -> int:
    """Return the name of the fact `head` that is among the names of `tail`, or is the nearest to these."""
    if same := sorted({*head} & {*tail}):
        return same[0]
    cosines = context.index.scorer.name_cosines(context.view, np.array(head, np.int64), np.array(tail, np.int64))
    if cosines is None:
        raise AssertionError("without vectors only equal names link facts")
    return head[int(cosines.max(axis=1).argmax())]
