"""Which candidates contradict each other, judged by the episodes and sources that state them.

Facts conflict where they hold at once and name different objects for one subject and relation. Recall returns them
together, the newest first, each marked with its sources. A subject may have several objects by one relation: "Ann knows
Bob" and "Ann knows Carla" are no conflict. The evidence for such a relation: an episode states two objects of one
subject (so for one subject in ten), most subjects have several, or many sources name many.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import permutations
from typing import NamedTuple

import numpy as np

from ariadne.memory.index.facts import NO_SOURCE, Index, Rows
from ariadne.memory.inputs import CORRECTION
from ariadne.memory.retrieval.candidates import NONE, Candidates, Mask, Scores
from ariadne.memory.retrieval.request import RecallContext
from ariadne.values import Replacement

BY_EPISODE = 0.5
"""The share of the best stating episode's score that is added to a fact's score."""
BEST_CHAINS = 3
"""An episode's chain score is the mean over this many of its facts, the best."""
SHOWN_SOURCES = 3
"""The most sources that a conflict mark names."""
TOGETHER = 3
"""The most conflicting facts that come along at once: the newest, and those of the most sources not yet covered."""
MANY = 6
"""More than this many objects, stated by more than this many sources, are several things and no conflict."""
_SUBJECTS = 3
"""From this many subjects on it counts whether most of them have several objects."""
_MISTAKES = 0.1
"""An episode that states two objects is a mistake, unless it happens for more than this share of subjects."""
_NEGATIVE = re.compile(r"\b(?:not|never|no|cannot)\b|n['\u2019]t\b")
"""A negative relation: what is denied of one object may be denied of another."""


class EpisodeSupport(NamedTuple):
    """The episodes that state facts a query found: aligned columns, by ascending number."""

    numbers: Rows
    counts: Rows
    """How many of the facts found each states."""
    nearest: Scores
    """The best score among these facts."""
    linked: Scores
    """The mean score of the best chains that lead to these facts from other episodes; 0 without one."""


class Evidence:
    """The admitted episodes and sources that state each candidate; facts are positions in the table."""

    def __init__(self, candidates: Candidates, context: RecallContext) -> None:
        facts, numbers = context.index.statements(candidates.rows, context.snapshot.as_of)
        admitted = context.admitted(numbers)
        self._size, self._facts = len(candidates.rows), facts[admitted]
        self._numbers, self._episodes = np.unique(numbers[admitted], return_inverse=True)
        self._at, self._source = context.index.times_and_sources(self._numbers)
        self._names = context.index.sources
        weights = np.array([*map(context.weight, self._names), context.weight(None)], np.float64)
        self._trust = weights[self._source]  # an episode without a source takes the last
        self._correction = self._names.index(CORRECTION) if CORRECTION in self._names else NO_SOURCE

    # -- what episodes support -------------------------------------------------------------------------------------

    def support(self, scores: Scores, linked: Scores) -> EpisodeSupport:
        """Return which episodes state the facts that a query found: those whose score is above -inf."""
        found = np.flatnonzero(scores[self._facts] > -np.inf)
        order = found[np.lexsort((-linked[self._facts[found]], self._episodes[found]))]
        episodes, starts, counts = np.unique(self._episodes[order], return_index=True, return_counts=True)
        if not len(order):
            return EpisodeSupport(self._numbers[episodes], counts, np.zeros(0), np.zeros(0))
        facts = self._facts[order]
        nearest = np.maximum.reduceat(scores[facts], starts)
        best = np.arange(len(order)) - np.repeat(starts, counts) < BEST_CHAINS
        chained = np.add.reduceat(np.where(best, linked[facts], 0), starts) / np.minimum(counts, BEST_CHAINS)
        return EpisodeSupport(self._numbers[episodes], counts, nearest, chained)

    def utility(self, scores: Scores, episodes: Mapping[int, float]) -> Scores:
        """Return the scores plus a share of the best stating episode's score, times the trust in the source."""
        gained = np.zeros(self._size)
        by_episode = np.array([episodes.get(int(number), 0.0) for number in self._numbers])
        np.maximum.at(gained, self._facts, by_episode[self._episodes])
        utility = scores + BY_EPISODE * gained
        return np.where(utility > 0, utility * self.trusted, utility)

    # -- facts in groups: numbers from 0, one for each position --------------------------------------------------------

    def stated_together(self, positions: Rows, groups: Rows) -> Mask:
        """Return, for each group, whether one episode states two of its facts."""
        stated, group = self._grouped(positions, groups)
        both, counts = np.unique(self._episodes[stated] + group * len(self._numbers), return_counts=True)
        together = np.zeros(int(groups.max(initial=-1)) + 1, np.bool_)
        together[both[counts > 1] // max(len(self._numbers), 1)] = True
        return together

    def fewest_by_source(self, positions: Rows, groups: Rows) -> Rows:
        """Return, for each group, the number of its facts that the source with the fewest states.

        Episodes without a source count as one source.
        """
        stated, group = self._grouped(positions, groups)
        sources, facts = self._source[self._episodes[stated]] - NO_SOURCE, self._facts[stated]
        pairs = np.unique((group * (len(self._names) + 1) + sources) * self._size + facts) // max(self._size, 1)
        by_source, counts = np.unique(pairs, return_counts=True)  # one number for a group and a source
        fewest = np.full(int(groups.max(initial=-1)) + 1, self._size)
        np.minimum.at(fewest, by_source // (len(self._names) + 1), counts)
        return fewest

    def source_counts(self, positions: Rows, groups: Rows) -> Rows:
        """Return, for each group, how many sources state any of its facts; episodes without a source are one."""
        stated, group = self._grouped(positions, groups)
        sources = self._source[self._episodes[stated]] - NO_SOURCE
        by_group = np.unique(group * (len(self._names) + 1) + sources) // (len(self._names) + 1)
        return np.bincount(by_group, minlength=int(groups.max(initial=-1)) + 1)

    def _grouped(self, positions: Rows, groups: Rows) -> tuple[Rows, Rows]:
        """Return the statements of grouped facts (places among all statements), and the group of each."""
        group_of = np.full(self._size, NONE)
        group_of[positions] = groups
        stated = np.flatnonzero(group_of[self._facts] != NONE)
        return stated, group_of[self._facts[stated]]

    # -- the sources of each fact ----------------------------------------------------------------------------------

    @cached_property
    def sources(self) -> Mask:
        """(n, sources) which named source states each fact; none for a fact of a correction or of no source."""
        known = np.setdiff1d(self._source, [NO_SOURCE, self._correction])
        column = np.where(np.isin(self._source, known), np.searchsorted(known, self._source), len(known))
        table = np.zeros((self._size, len(known) + 1), np.bool_)
        table[self._facts, column[self._episodes]] = True
        return table[:, :-1] & ~table[:, -1:]

    def confirmed(self, positions: Rows) -> bool:
        """Return whether one of these facts has several sources."""
        return bool((self.sources[positions].sum(axis=1) > 1).any())

    @cached_property
    def trusted(self) -> Scores:
        """(n,) the weight of each fact's most trusted source."""
        trusted = np.zeros(self._size)
        np.maximum.at(trusted, self._facts, self._trust[self._episodes])
        return trusted

    @cached_property
    def last(self) -> Rows:
        """(n,) the rank of each fact's last statement, by world time and then by episode; higher is later."""
        rank, last = np.empty(len(self._numbers), np.int64), np.full(self._size, -1)
        rank[np.lexsort((self._numbers, self._at))] = np.arange(len(rank))
        np.maximum.at(last, self._facts, rank[self._episodes])
        return last

    def attribution(self, position: int) -> str:
        """Return a fact's sources, the last ones first, and the episode that stated it last, as text."""
        episodes = np.sort(self._episodes[self._facts == position])[::-1]
        names = list(dict.fromkeys(self._names[source] for source in self._source[episodes] if source != NO_SOURCE))
        more = [f"and {len(names) - SHOWN_SOURCES} more"] if len(names) > SHOWN_SOURCES else []
        by = " ".join([", ".join(names[:SHOWN_SOURCES]), *more])
        return f"{by}{', ' if by else ''}episode {self._numbers[episodes[0]]}"


# -- rivals ------------------------------------------------------------------------------------------------------------


def with_rivals(candidates: Candidates, context: RecallContext) -> Candidates:
    """Return the table with all visible facts that may conflict with a candidate, and these marked as rivals."""
    index = context.index
    rows = index.of_subjects(np.unique(index.ends(candidates.rows)[:, 0]))
    rows = rows[context.visible[rows]]
    _, which, counts = np.unique(_claims(rows, index), return_inverse=True, return_counts=True)
    rows = rows[counts[which] > 1]
    relations = index.relations(rows)
    single = [relation for relation in np.unique(relations).tolist() if not _takes_several(relation, context)]
    return candidates.extended(rows[np.isin(relations, single)])


def _claims(rows: Rows, index: Index) -> Rows:
    """Return the claim of each row: one number for its subject and relation."""
    relations = index.relations(rows)
    return index.ends(rows)[:, 0] * (int(relations.max(initial=0)) + 1) + relations


def _takes_several(relation: int, context: RecallContext) -> bool:
    """Return whether most subjects have several objects by a relation, or may have them since it is negative."""
    if _NEGATIVE.search(context.index.relation_names[relation]):
        return True
    counted = context.relation_counts(relation)
    return counted.subjects >= _SUBJECTS and 2 * counted.having_several > counted.subjects


def _stated_at_once(relation: int, context: RecallContext) -> bool:
    """Return whether episodes state several objects by a relation, and more often than by mistake."""
    counted = context.relation_counts(relation)
    return counted.at_once > _MISTAKES * counted.subjects


# -- conflicts ---------------------------------------------------------------------------------------------------------


class _Claim(NamedTuple):
    """The conflicting facts of one subject and relation, by positions."""

    facts: list[int]
    """The newest first; among differently trusted ones the most trusted first."""
    newest: int
    likeliest: Rows
    """The same facts, those of the most sources first."""
    sources: Mask
    """(facts, sources) which source states each of the likeliest."""


class Conflicts:
    """The conflicting facts among the candidates, by positions in the table, and the evidence for them."""

    def __init__(self, candidates: Candidates, context: RecallContext) -> None:
        self.evidence, self._claims = Evidence(candidates, context), _claims(candidates.rows, context.index)
        self._known, self._agreed = dict[int, _Claim](), dict[int, tuple[Rows, Mask]]()
        self._contested = np.zeros(len(candidates.rows), np.bool_)
        relations = context.index.relations(candidates.rows)
        self._contest(np.flatnonzero(candidates.rival), relations, context)
        self._settle(candidates.rows, relations, context)

    def _contest(self, rivals: Rows, relations: Rows, context: RecallContext) -> None:
        """Mark rivals as contested, but for claims that evidently have several objects."""
        evidence = self.evidence
        several = [n for n in np.unique(relations[rivals]).tolist() if _stated_at_once(n, context)]
        rivals = rivals[~np.isin(relations[rivals], several)]
        which = np.unique(self._claims[rivals], return_inverse=True)[1]
        plural = evidence.stated_together(rivals, which) | (evidence.fewest_by_source(rivals, which) > TOGETHER)
        plural |= (np.bincount(which) > MANY) & (evidence.source_counts(rivals, which) > MANY)
        self._contested[rivals] = ~plural[which]

    def _settle(self, rows: Rows, relations: Rows, context: RecallContext) -> None:
        """Unmark claims whose relation the table of slots settles.

        There a newer fact has retired the older ones, except those of several sources; what else holds is compatible.
        """
        names = context.index.relation_names
        contested = np.unique(relations[self._contested]).tolist()
        settled = [relation for relation in contested if context.reviser.settles(names[relation])]
        for claim in np.unique(self._claims[self._contested & np.isin(relations, settled)]):
            positions = np.flatnonzero(self._contested & (self._claims == claim))
            facts = context.index.fact_ids(rows[positions])
            self._contested[positions] = self.evidence.confirmed(positions) and _excluding(facts, context)

    def of(self, position: int) -> list[int]:
        """Return the positions of a fact and of those it conflicts with, in order; empty without a conflict."""
        return self._claim_of(position).facts if self._contested[position] else []

    def _claim_of(self, position: int) -> _Claim:
        claim, evidence = int(self._claims[position]), self.evidence
        if claim not in self._known:
            positions = np.flatnonzero(self._contested & (self._claims == claim))
            positions = positions[np.lexsort((positions, evidence.last[positions]))[::-1]]  # the newest first
            facts = positions[np.argsort(-evidence.trusted[positions], kind="stable")]
            likeliest = facts[np.argsort(-evidence.sources[facts].sum(axis=1), kind="stable")]
            sources = evidence.sources[likeliest]
            sources = sources[:, sources.any(axis=0)]
            self._known[claim] = _Claim(facts.tolist(), int(positions[0]), likeliest, sources)
        return self._known[claim]

    def accompanying(self, position: int) -> list[int]:
        """Return the facts that come along with a fact, at most TOGETHER - 1.

        With a contested fact come the newest of its claim, and facts with a source that none before has. With another
        fact of one source comes what several other sources state by the same subject and relation.
        """
        if self._contested[position]:
            claim = self._claim_of(position)
            others, sources = claim.likeliest, claim.sources
            taken = others == position
            covered = sources[taken][0]
            required = (others == claim.newest) | ~sources.any(axis=1)
        else:
            others, sources = self._agreeing(position)
            taken, covered = np.zeros(len(others), np.bool_), np.zeros(sources.shape[1], np.bool_)
            required = taken
        along = list[int]()
        while len(along) < TOGETHER - 1 and (left := ~taken & (required | (sources & ~covered).any(axis=1))).any():
            first = int(left.argmax())
            along.append(int(others[first]))
            taken[first], covered = True, covered | sources[first]
        return along

    def _agreeing(self, position: int) -> tuple[Rows, Mask]:
        """Return the facts of the same claim that several sources state, without the only source of this fact.

        Returns:
            Their positions, those of the most sources first, and (facts, sources) which source states each.
        """
        sources, claim = self.evidence.sources, int(self._claims[position])
        if claim not in self._agreed:
            same = np.flatnonzero(self._claims == claim)
            same = same[sources[same].sum(axis=1) > 1]
            self._agreed[claim] = same, sources[same]
        same, stated = self._agreed[claim]
        if np.count_nonzero(sources[position]) != 1:
            return same[:0], stated[:0]
        others = ~stated[:, sources[position]].any(axis=1)
        order = np.argsort(-stated[others].sum(axis=1), kind="stable")
        return same[others][order], stated[others][order]

    def same_claim(self, position: int) -> list[int]:
        """Return the positions of all facts with the same subject and relation."""
        positions: list[int] = np.flatnonzero(self._claims == self._claims[position]).tolist()
        return positions

    def grouped(self, positions: Sequence[int]) -> list[int]:
        """Return the same positions with conflicting facts next to each other, in their order."""
        left, order = set(positions), list[int]()
        for position in positions:
            if position in left:
                group = [other for other in self.of(position) if other in left] or [position]
                order += group
                left.difference_update(group)
        return order

    def mark(self, position: int) -> str | None:
        """Return how many facts conflict, whether this is the newest, and its sources; None without a conflict."""
        if not self._contested[position] or len(self.of(position)) < 2:
            return None
        claim = self._claim_of(position)
        which = "newest" if position == claim.newest else "one"
        return f"{which} of {len(claim.facts)} accounts: {self.evidence.attribution(position)}"


def _excluding(facts: Sequence[int], context: RecallContext) -> list[bool]:
    """Return which facts (ids) exclude another by the table of slots.

    A key in the box and in the kitchen is no conflict where the box is in the kitchen.
    """
    known = context.view.facts.by_id(facts, context.snapshot.as_of)
    pairs = [
        {old, new}
        for old, new in permutations(facts, 2)
        if context.reviser.admits(Replacement(known[old].triplet, known[new].triplet), context.about)
    ]
    return [any(fact in pair for pair in pairs) for fact in facts]
