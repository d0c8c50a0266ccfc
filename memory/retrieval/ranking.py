"""The order of the facts that a recall returns: by utility, without repetition, and with their rivals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from ariadne.memory.index.arrays import Rows
from ariadne.memory.retrieval.candidates import DECIMALS, Candidates, Mask, Scores, chain_reasons, nearest
from ariadne.memory.retrieval.conflicts import Conflicts
from ariadne.memory.retrieval.episodes import EpisodeScores, episodes_by_names, episodes_by_query
from ariadne.memory.retrieval.evidence import Evidence
from ariadne.memory.retrieval.request import RecallContext
from ariadne.values import Reason

CAREFUL = 1000
"""How many facts are selected one by one; those behind them come by their scores alone."""


@dataclass(frozen=True)
class Hit:
    """A fact to return, by its row in the index, with its score and how it was found."""

    row: int
    score: float
    reason: Reason
    conflict: str | None = None
    """The mark of a fact that has rivals."""


@dataclass(frozen=True)
class Ranking:
    """The facts of a recall, best first and at most as many as requested, and the scores of episodes."""

    hits: list[Hit]
    episodes: list[EpisodeScores]

    @classmethod
    def of(cls, hits: Sequence[Hit], by_query: Sequence[EpisodeScores], context: RecallContext) -> Self:
        """Return the ranking with the hits cut to the request, and the episodes of queried names first."""
        cut = list(hits[: context.request.facts])
        by_names = [episodes_by_names([hit.row for hit in cut], context)] if context.names else []
        return cls(cut, [*by_names, *by_query])


def rank(candidates: Candidates, context: RecallContext) -> Ranking:
    """Return the order of the answer: the facts about names, then those that queries found, all with their rivals."""
    evidence, near = Evidence(candidates.rows, context), candidates.above(context.request.threshold)
    episodes = [
        episodes_by_query(query, context, evidence.support(scores, linked))
        for query, scores, linked in zip(context.queries, near, candidates.linked, strict=True)
    ]
    utilities = [
        evidence.utility(scores + bonuses, by_query.support)
        for scores, bonuses, by_query in zip(near, candidates.bonuses, episodes, strict=True)
    ]
    named = candidates.named_positions
    ends = np.unique(context.index.ends(candidates.rows), return_inverse=True)[1].reshape(-1, 2)
    most = context.most_found(len(named))
    found = select(utilities, ends, evidence.sources, most, penalty=PENALTY, given=named)
    hits = [*_named_hits(named, candidates, context), *_found_hits(found, candidates, context)]
    return Ranking.of(_with_rivals(hits, len(named), most, context), episodes, context)


def _named_hits(named: Sequence[int], candidates: Candidates, context: RecallContext) -> list[Hit]:
    """Return the hits of the facts about names, given by positions."""
    names = (context.names[candidates.named[position]] for position in named)
    rows = candidates.rows[list(named)].tolist()
    return [Hit(row, 1.0, Reason(name, 0)) for row, name in zip(rows, names, strict=True)]


def _found_hits(found: Sequence[int], candidates: Candidates, context: RecallContext) -> list[Hit]:
    """Return the hits of facts that queries found, given by positions: each by the query that it is nearest to."""
    if not found:
        return []
    queries = candidates.scores[:, list(found)].argmax(axis=0).tolist()
    steps = list(zip(queries, found, strict=True))
    reasons = chain_reasons(steps, candidates, context)
    rows = candidates.rows[list(found)].tolist()
    return [
        Hit(row, float(candidates.scores[step]), reason) for row, step, reason in zip(rows, steps, reasons, strict=True)
    ]


def _with_rivals(hits: Sequence[Hit], named: int, most: int, context: RecallContext) -> list[Hit]:
    """Return hits with their rivals beside them, all marked; the first `named` of them, and at most `most` others."""
    if not hits:
        return []
    by_row = {hit.row: hit for hit in hits}
    rows = list(by_row)
    conflicts = Conflicts(rows, context)
    return [
        replace(by_row.get(row) or _rival_hit(by_row[beside], row, context), conflict=conflicts.mark(row))
        for row, beside in conflicts.together(rows[:named], rows[named:], most).items()
    ]


def _rival_hit(other: Hit, row: int, context: RecallContext) -> Hit:
    """Return the hit of a rival that comes along with another hit, by a name that they share."""
    index, facts = context.index, context.view.facts
    ends, rival_ends = index.ends(np.array([other.row, row])).tolist()
    shared = next(name for name in ends if name in rival_ends)
    (fact,) = index.fact_ids(np.array([other.row]))
    after = facts.by_id([fact], context.snapshot.as_of)[fact].triplet
    hop = other.reason.hop and other.reason.hop + 1
    return Hit(row, other.score, Reason(other.reason.query, hop, facts.names([shared])[shared], after))


# -- selection: functions of numbers alone -----------------------------------------------------------------------------


@dataclass(frozen=True)
class RedundancyPenalty:
    """What a fact loses for what was selected before it, in units of a score."""

    name: float
    """For each of its names, times log(1 + how often the name was selected)."""
    pair: float
    """Where both names were selected."""
    source: float
    """Times log(1 + how often its source stated a selected fact of its names)."""


PENALTY = RedundancyPenalty(name=0.2, pair=0.2, source=0.2)


def select(
    utilities: Sequence[Scores], ends: Rows, sources: Mask, most: int, *, penalty: RedundancyPenalty,
    given: Sequence[int] = (),
) -> list[int]:  # fmt: skip
    """Return the positions of the facts to return, in order: greedy selection with a redundancy penalty.

    Queries take turns: each selects the fact of the highest utility less its penalty. Behind CAREFUL facts the others
    come by their utilities alone.

    Args:
        utilities: For each query (n,); -inf for a fact that it did not find.
        ends: (n, 2) the names of each fact, as numbers from 0.
        sources: (n, sources) which source states a fact.
        most: How many facts to select.
        penalty: The weights of the penalty.
        given: Facts that are returned anyway; they count as selected.
    """
    selection = _Selection(utilities, ends, sources, most, penalty)
    for position in given:
        selection.count(position)
    selection.price_all()
    turn = idle = 0
    while len(selection.chosen) < min(most, CAREFUL) and idle < len(utilities):
        best = selection.best(turn % len(utilities))
        turn, idle = turn + 1, 0 if best is not None else idle + 1
        if best is not None:
            selection.add(best)
    return [*selection.chosen, *selection.rest()]


class _Selection:
    """The facts selected so far, and what the others lose by them."""

    def __init__(
        self, utilities: Sequence[Scores], ends: Rows, sources: Mask, most: int, penalty: RedundancyPenalty
    ) -> None:
        self._left = [each.copy() for each in utilities]
        self._ends, self._sources, self._most, self._penalty = ends, sources, most, penalty
        self._subjects, self._objects = np.ascontiguousarray(ends.T)
        self._counts = np.zeros(int(ends.max(initial=-1)) + 1)
        """How often each name was selected."""
        self._by_source = np.zeros((sources.shape[1], len(self._counts)))
        """(sources, names) how often a source stated a selected fact of a name."""
        self._prices = np.zeros(len(ends))
        self.chosen = list[int]()

    def best(self, query: int) -> int | None:
        """Return the fact of the highest utility less its price for a query; None where nothing is left."""
        values = (self._left[query] - self._prices).round(DECIMALS)
        position = int(values.argmax()) if len(values) else 0
        return position if len(values) and np.isfinite(values[position]) else None

    def add(self, position: int) -> None:
        """Select a fact."""
        self.chosen.append(position)
        self.count(position)
        subject, value = self._ends[position]
        subjects, objects = self._subjects, self._objects
        dearer = (subjects == subject) | (objects == subject) | (subjects == value) | (objects == value)
        self._set_prices(np.flatnonzero(dearer))

    def count(self, position: int) -> None:
        """Count a fact as selected, without its effect on prices."""
        by = np.flatnonzero(self._sources[position])
        for name in {*self._ends[position].tolist()}:
            self._counts[name] += 1
            self._by_source[by, name] += 1
        for each in self._left:
            each[position] = -np.inf

    def price_all(self) -> None:
        """Bring all prices up to date."""
        self._set_prices(np.arange(len(self._ends)))

    def _set_prices(self, positions: Rows) -> None:
        ends, penalty = self._ends[positions], self._penalty
        counts = self._counts[ends]
        prices: Scores = penalty.name * np.log1p(counts).sum(axis=1) + penalty.pair * counts.all(axis=1)
        if self._sources.shape[1]:
            repeated = np.log1p(self._by_source[:, ends].sum(axis=2))  # (sources, positions)
            prices += penalty.source * _cheapest(repeated, self._sources[positions])
        self._prices[positions] = prices

    def rest(self) -> list[int]:
        """Return the facts to fill up with, by their best utility alone."""
        if not self._left or len(self.chosen) >= self._most:
            return []
        rows: list[int] = nearest(np.max(self._left, axis=0), self._most - len(self.chosen)).tolist()
        return rows


def _cheapest(by_source: Scores, sources: Mask) -> Scores:
    """Return (n,) the least value (sources, n) of the sources that state each fact; 0 for a fact without a source."""
    least: Scores = np.where(sources.T, by_source, np.inf).min(axis=0)
    return np.where(np.isfinite(least), least, 0.0)
