"""Accounts of one thing: facts that hold and contradict each other, saying the same of a subject of different objects.

Nobody has said which of them is wrong; so they are told together, the newest first, each with whose word it is. By some
relations a subject has several objects ("Ann knows Bob", "Ann knows Carla"): that is seen where an episode states two
of them (of one subject in ten), where most subjects have several, and where nobody tells of less than four.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import permutations

import numpy as np

from ariadne.memory.index import Index, Rows
from ariadne.memory.look import Look
from ariadne.memory.stating import Stating
from ariadne.values import Replacement

MOST = 3
"""So many accounts of one thing are told together: of those who did not speak yet, what the most sources say."""
_SUBJECTS = 3
"""Of so many subjects it says something that most of them have several objects."""
_SHOWN = 0.1
"""Of more than so many of its subjects an episode states two at once, or it may be a slip, or a lie."""
_DENIES = re.compile(r"\b(?:not|never|no|cannot)\b|n't\b")
"""What is denied of one object may be denied of another."""


def rivals(rows: Rows, look: Look) -> Rows:
    """The rows of the facts held that may be accounts of what some of these rows tell, theirs too."""
    index = look.index
    near = index.of_subjects(np.unique(index.ends(rows)[:, 0]))
    near = near[look.held[near]]
    relations = index.relations(near)
    counts = np.bincount(relations)
    single = np.array([bool(count) and not _of_several(number, look) for number, count in enumerate(counts)], np.bool_)
    near = near[single[relations]]
    _, which, counts = np.unique(_claims(near, index), return_inverse=True, return_counts=True)
    return near[counts[which] > 1]


def _claims(rows: Rows, index: Index) -> Rows:
    """Of which subject each fact tells by which relation, as one number."""
    relations = index.relations(rows)
    return index.ends(rows)[:, 0] * (int(relations.max(initial=0)) + 1) + relations


def _of_several(relation: int, look: Look) -> bool:
    """Whether a subject has, or may have, several objects by a relation."""
    if _DENIES.search(look.index.relation(relation)):
        return True
    seen = look.index.by_relation(relation, look.moment.until)
    most_have = seen.subjects >= _SUBJECTS and 2 * seen.having_several > seen.subjects
    return most_have or seen.at_once > _SHOWN * seen.subjects


class Accounts:
    """Which of some rows are accounts of one thing; by their places in `rows`, as in `stating`."""

    def __init__(self, rows: Rows, rivals: Rows, look: Look, stating: Stating) -> None:
        """Of a relation that the table settles, a newer fact has retired the older ones but for what several sources
        say; what else holds does not contradict it."""
        index = look.index
        self._stating, self._claim = stating, _claims(rows, index)
        contested, self._ordered = np.flatnonzero(np.isin(rows, rivals)), dict[int, list[int]]()
        which = np.unique(self._claim[contested], return_inverse=True)[1]
        several = stating.at_once(contested, which) | (stating.fewest(contested, which) > MOST)
        self._contested = np.zeros(len(rows), np.bool_)
        self._contested[contested] = ~several[which]
        relations = index.relations(rows)
        settled = [number for number in np.unique(relations[contested]) if look.settles(index.relation(int(number)))]
        for claim in np.unique(self._claim[self._contested & np.isin(relations, settled)]):
            places = np.flatnonzero(self._contested & (self._claim == claim))
            self._contested[places] = stating.witnessed(places) and _excluding(index.facts(rows[places]), look)

    def of(self, place: int) -> list[int]:
        """The places of all accounts of what a fact tells, its own too, the newest first (but of those who are trusted
        less after the others); none where it is the only one."""
        if not self._contested[place]:
            return []
        claim, stating = int(self._claim[place]), self._stating
        if claim not in self._ordered:
            places = np.flatnonzero(self._contested & (self._claim == claim)).tolist()
            places.sort(key=lambda other: (stating.trusted(other), stating.last(other), other), reverse=True)
            self._ordered[claim] = places
        return self._ordered[claim]

    def beside(self, place: int) -> list[int]:
        """The accounts to be told with one: at most MOST with it, each with a source that none before it has. Where
        both may be true, it is what several others say, and the source of this one does not."""
        sources = self._stating.sources
        others = [other for other in self.of(place) if other != place] or self._besides(place)
        others.sort(key=lambda other: -np.count_nonzero(sources[other]))
        beside, heard = list[int](), sources[place].copy()
        for other in others:
            if len(beside) < MOST - 1 and (not sources[other].any() or (sources[other] & ~heard).any()):
                beside.append(other)
                heard |= sources[other]
        return beside

    def _besides(self, place: int) -> list[int]:
        """What several sources say of the same thing, none of them the only source of this fact."""
        sources = self._stating.sources
        if np.count_nonzero(sources[place]) != 1:
            return []
        same = np.flatnonzero(self._claim == self._claim[place])
        said = sources[same]
        others: list[int] = same[(said.sum(axis=1) > 1) & ~said[:, sources[place]].any(axis=1)].tolist()
        return others

    def like(self, place: int) -> list[int]:
        """The places of all that tells of the same subject by the same relation."""
        places: list[int] = np.flatnonzero(self._claim == self._claim[place]).tolist()
        return places

    def together(self, told: Sequence[int]) -> list[int]:
        """The same places, the accounts of one thing next to each other, the newest first."""
        left, order = set(told), list[int]()
        for place in told:
            if place in left:
                some = [other for other in self.of(place) if other in left] or [place]
                order += some
                left.difference_update(some)
        return order

    def mark(self, place: int) -> str | None:
        """Which account of how many a fact is, and whose word; None where it is the only one."""
        accounts = self.of(place)
        if not accounts:
            return None
        which = "newest" if place == max(accounts, key=lambda other: (self._stating.last(other), other)) else "one"
        return f"{which} of {len(accounts)} accounts: {self._stating.word(place)}"


def _excluding(facts: Sequence[int], look: Look) -> list[bool]:
    """Which facts (ids) another one of them excludes, by the table of slots; the key is in the box and in the kitchen,
    where the box is in the kitchen."""
    known = look.store.facts.by_id(facts, look.moment.until)
    pairs = [
        {one, other}
        for one, other in permutations(facts, 2)
        if look.reviser.admits(Replacement(known[one].triplet, known[other].triplet), look.about)
    ]
    return [any(fact in pair for pair in pairs) for fact in facts]
