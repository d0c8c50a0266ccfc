"""Conflicts of one thing: facts that hold and contradict each other, saying the same of a subject of different objects.

Nobody has said which of them is wrong; so they are told together, the newest first, each with whose word it is. By some
relations a subject has several objects ("Ann knows Bob", "Ann knows Carla"): that is seen where an episode states two
of them (of one subject in ten), where most subjects have several, and where who tells of it tells many, or are many.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import permutations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ariadne.memory.index.facts import Index, Rows
from ariadne.memory.retrieval.context import RecallContext
from ariadne.memory.retrieval.evidence import Evidence
from ariadne.values import Replacement

MOST = 3
"""So many accounts of one thing are told together: the newest, and what the most sources say that did not speak yet."""
MANY = 6
"""What more sources than so many tell of one thing, in more ways than so many, is several things."""
_SUBJECTS = 3
"""Of so many subjects it says something that most of them have several objects."""
_SHOWN = 0.1
"""Of more than so many of its subjects an episode states two at once, or it may be a slip, or a lie."""
_DENIES = re.compile(r"\b(?:not|never|no|cannot)\b|n['\u2019]t\b")
"""What is denied of one object may be denied of another."""


def rivals(rows: Rows, look: RecallContext) -> Rows:
    """The rows of the facts held that may be accounts of what some of these rows tell, theirs too."""
    index = look.index
    near = index.of_subjects(np.unique(index.ends(rows)[:, 0]))
    near = near[look.held[near]]
    _, which, counts = np.unique(_claims(near, index), return_inverse=True, return_counts=True)
    near = near[counts[which] > 1]
    relations = index.relations(near)
    single = [number for number in np.unique(relations).tolist() if not _most_have_several(number, look)]
    return near[np.isin(relations, single)]


def _claims(rows: Rows, index: Index) -> Rows:
    """Of which subject each fact tells by which relation, as one number."""
    relations = index.relations(rows)
    return index.ends(rows)[:, 0] * (int(relations.max(initial=0)) + 1) + relations


def _most_have_several(relation: int, look: RecallContext) -> bool:
    """Whether most subjects have several objects by a relation, or may have them."""
    if _DENIES.search(look.index.relation_names[relation]):
        return True
    seen = look.by_relation(relation)
    return seen.subjects >= _SUBJECTS and 2 * seen.having_several > seen.subjects


def _told_at_once(relation: int, look: RecallContext) -> bool:
    """Whether several objects by a relation are told in one breath, and not just once by mistake."""
    seen = look.by_relation(relation)
    return seen.at_once > _SHOWN * seen.subjects


class _Claim(NamedTuple):
    """What is told of one subject by one relation, by places."""

    accounts: list[int]
    """The newest first (but of those who are trusted less after the others)."""
    newest: int
    likeliest: Rows
    """The accounts, what the most sources say first."""
    said: NDArray[np.bool_]
    """(accounts, sources): whose word the likeliest are."""


class Conflicts:
    """Which of some rows are accounts of one thing; by their places in `rows`, as in `stating`."""

    def __init__(self, rows: Rows, rivals: Rows, look: RecallContext, stating: Evidence) -> None:
        """Of a relation that the table settles, a newer fact has retired the older ones but for what several sources
        say; what else holds does not contradict it."""
        index = look.index
        self._stating, self._claim = stating, _claims(rows, index)
        self._known, self._agreed = dict[int, _Claim](), dict[int, tuple[Rows, NDArray[np.bool_]]]()
        contested, relations, names = np.flatnonzero(np.isin(rows, rivals)), index.relations(rows), index.relation_names
        at_once = [number for number in np.unique(relations[contested]).tolist() if _told_at_once(number, look)]
        contested = contested[~np.isin(relations[contested], at_once)]
        which = np.unique(self._claim[contested], return_inverse=True)[1]
        several = stating.at_once(contested, which) | (stating.fewest(contested, which) > MOST)
        several |= (np.bincount(which) > MANY) & (stating.tellers(contested, which) > MANY)
        self._contested = np.zeros(len(rows), np.bool_)
        self._contested[contested] = ~several[which]
        settled = [n for n in np.unique(relations[contested]).tolist() if look.reviser.settles(names[n])]
        for claim in np.unique(self._claim[self._contested & np.isin(relations, settled)]):
            places = np.flatnonzero(self._contested & (self._claim == claim))
            self._contested[places] = stating.witnessed(places) and _excluding(index.facts(rows[places]), look)

    def of(self, place: int) -> list[int]:
        """The places of all accounts of what a fact tells, its own too, the newest first (but of those who are trusted
        less after the others); none where it is the only one."""
        return self._claim_of(place).accounts if self._contested[place] else []

    def _claim_of(self, place: int) -> _Claim:
        """What an account is one of."""
        claim, stating = int(self._claim[place]), self._stating
        if claim not in self._known:
            places = np.flatnonzero(self._contested & (self._claim == claim))
            places = places[np.lexsort((places, stating.last[places]))[::-1]]  # the newest first
            accounts = places[np.argsort(-stating.trusted[places], kind="stable")]
            likeliest = accounts[np.argsort(-stating.sources[accounts].sum(axis=1), kind="stable")]
            said = _heard_at_all(stating.sources[likeliest])
            self._known[claim] = _Claim(accounts.tolist(), int(places[0]), likeliest, said)
        return self._known[claim]

    def beside(self, place: int) -> list[int]:
        """What is to be told with a fact. Of accounts, at most MOST with it: the newest, and those that have a source
        which none before them has. Where both may be true, it is what several others say, and the source of this one
        does not."""
        if self._contested[place]:
            claim = self._claim_of(place)
            places, said = claim.likeliest, claim.said
            told = places == place
            heard = said[told][0]
            must = (places == claim.newest) | ~said.any(axis=1)
        else:
            places, said = self._agreeing(place)
            told, heard = np.zeros(len(places), np.bool_), np.zeros(said.shape[1], np.bool_)
            must = told
        beside = list[int]()
        while len(beside) < MOST - 1 and (left := ~told & (must | (said & ~heard).any(axis=1))).any():
            first = int(left.argmax())
            beside.append(int(places[first]))
            told[first], heard = True, heard | said[first]
        return beside

    def _agreeing(self, place: int) -> tuple[Rows, NDArray[np.bool_]]:
        """What several sources say of the same thing (places, and whose word they are), none of them the only source of
        this fact."""
        sources, claim = self._stating.sources, int(self._claim[place])
        if claim not in self._agreed:
            same = np.flatnonzero(self._claim == claim)
            same = same[sources[same].sum(axis=1) > 1]
            self._agreed[claim] = same, sources[same]
        same, said = self._agreed[claim]
        if np.count_nonzero(sources[place]) != 1:
            return same[:0], said[:0]
        others = ~said[:, sources[place]].any(axis=1)
        order = np.argsort(-said[others].sum(axis=1), kind="stable")
        return same[others][order], said[others][order]

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
        if not self._contested[place] or len(self.of(place)) < 2:
            return None
        claim = self._claim_of(place)
        which = "newest" if place == claim.newest else "one"
        return f"{which} of {len(claim.accounts)} accounts: {self._stating.word(place)}"


def _heard_at_all(said: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Without the columns of those who say none of it."""
    return said[:, said.any(axis=0)]


def _excluding(facts: Sequence[int], look: RecallContext) -> list[bool]:
    """Which facts (ids) another one of them excludes, by the table of slots; the key is in the box and in the kitchen,
    where the box is in the kitchen."""
    known = look.store.facts.by_id(facts, look.moment.until)
    pairs = [
        {one, other}
        for one, other in permutations(facts, 2)
        if look.reviser.admits(Replacement(known[one].triplet, known[other].triplet), look.about)
    ]
    return [any(fact in pair for pair in pairs) for fact in facts]
