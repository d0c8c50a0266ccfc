"""Rival accounts: visible facts that exclude each other by the ontology of the space.

Two facts are rivals if the newer one would end the older one: both fill one slot of one thing, or one denies the other.
Both are still visible if several sources confirm the older one, for example. Facts that one episode states are no
rivals. A relation that the ontology does not declare may have many objects: "Ann knows Bob" and "Ann knows Carla".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ariadne.memory.index.facts import Index, Rows
from ariadne.memory.ontology.names import identity_of
from ariadne.memory.ontology.slots import RelationFilter, Slots
from ariadne.memory.ontology.wordings import DENYING_WORDS, polarity_of, polarity_of_relation
from ariadne.memory.retrieval.evidence import Evidence
from ariadne.memory.retrieval.request import RecallContext
from ariadne.values import Triplet

TOGETHER = 3
"""The most rival accounts that come along at once: the newest, and those of the most sources."""


class Conflicts:
    """The rival accounts of found facts; facts are rows of the index."""

    def __init__(self, found: Sequence[int], context: RecallContext) -> None:
        triplets = _triplets(_comparable(np.array(found, np.int64), context), context)
        pairs = _pairs(triplets, context.reviser.slots)
        self._rows = np.unique(np.array([*pairs], np.int64))
        self._evidence = Evidence(self._rows, context)
        self._groups = dict[int, list[int]]()
        """Of each rival: it and its rivals, the newest first; among differently trusted ones the most trusted first."""
        for pair in pairs:
            old, new = sorted(pair, key=self._last)
            if self._evidence.is_stated_together(self._position(old), self._position(new)):
                continue
            if context.reviser.conflict(triplets[old], triplets[new], context.about):
                self._join(old, new)
        for group in self._groups.values():
            group.sort(key=lambda row: (self._evidence.trusted[self._position(row)], self._last(row)), reverse=True)

    def _join(self, *rivals: int) -> None:
        group = list(dict.fromkeys(each for row in rivals for each in self._groups.get(row, [row])))
        self._groups.update(dict.fromkeys(group, group))

    def _position(self, row: int) -> int:
        return int(np.searchsorted(self._rows, row))

    def _last(self, row: int) -> int:
        """Return the rank of a fact's last statement; higher is later."""
        return int(self._evidence.last[self._position(row)])

    def together(self, given: Sequence[int], found: Sequence[int], most: int) -> dict[int, int]:
        """Return the facts to return in order, each with the fact that it comes along with: itself, or a rival.

        Rivals are next to each other.

        Args:
            given: The facts that are returned anyway.
            found: The facts that follow them, best first.
            most: How many facts to return beside those given.
        """
        chosen = {row: row for row in given}
        for row in (*given, *found):
            for each in (row, *self._along(row)):
                if len(chosen) < len(given) + most:
                    chosen.setdefault(each, row)
        groups = (self._groups.get(row, [row]) for row in chosen)
        return {row: chosen[row] for group in groups for row in group if row in chosen}

    def _along(self, row: int) -> list[int]:
        """Return the rivals that come along with a fact: the newest, then those of the most sources."""
        others, sources = self._groups.get(row, []), self._evidence.sources.sum(axis=1)
        newest = max(others, key=self._last, default=row)
        ordered = sorted(others, key=lambda other: (other != newest, -sources[self._position(other)]))
        return [other for other in ordered if other != row][: TOGETHER - 1]

    def mark(self, row: int) -> str | None:
        """Return how many accounts there are, whether this is the newest, and its sources; None without a rival."""
        if (group := self._groups.get(row)) is None:
            return None
        which = "newest" if row == max(group, key=self._last) else "one"
        return f"{which} of {len(group)} accounts: {self._evidence.attribution(self._position(row))}"


def _comparable(found: Rows, context: RecallContext) -> Rows:
    """Return the visible rows that may exclude a found row, and the found rows that they may exclude."""
    index, slots = context.index, context.reviser.slots
    (of_object,) = _by_relation(found, index, slots.may_fill_object)
    subjects, objects = index.ends(found).T
    things = np.union1d(subjects, objects[of_object])
    rows = index.touching(things)
    rows = rows[context.visible[rows]]
    subjects, objects = index.ends(rows).T
    of_subject, of_object, denies = _by_relation(
        rows, index, slots.may_fill_subject, slots.may_fill_object, lambda relation: polarity_of_relation(relation)[1]
    )
    denies |= np.isin(objects, context.view.facts.names_beginning(DENYING_WORDS))
    is_about = np.isin(subjects, things)
    denials = rows[is_about & denies]
    denied = {polarity_of(triplet).object for triplet in _triplets(denials, context).values()}
    denied_ids = [*context.view.facts.name_ids(denied).values()]
    affirmed = np.isin(subjects, index.ends(denials)[:, 0]) & np.isin(objects, denied_ids)
    comparable: Rows = rows[is_about & (of_subject | denies) | of_object & np.isin(objects, things) | affirmed]
    return comparable


def _by_relation(rows: Rows, index: Index, *tests: RelationFilter) -> NDArray[np.bool_]:
    """Return (tests, rows): which tests hold for the relation of each row."""
    numbers, which = np.unique(index.relations(rows), return_inverse=True)
    relations = [index.relation_names[number] for number in numbers.tolist()]
    return np.array([[test(relation) for relation in relations] for test in tests], np.bool_)[:, which]


def _triplets(rows: Rows, context: RecallContext) -> dict[int, Triplet]:
    """Return the triplets of rows, with relations in their identity."""
    ends, relations = context.index.ends(rows), context.index.relations(rows)
    names = context.view.facts.names(np.unique(ends).tolist())
    columns = zip(rows.tolist(), ends.tolist(), relations.tolist(), strict=True)
    return {
        row: Triplet(names[subject], context.index.relation_names[relation], names[value])
        for row, (subject, value), relation in columns
    }


def _pairs(triplets: Mapping[int, Triplet], slots: Slots) -> list[tuple[int, int]]:
    """Return the pairs of facts that have a slot of one thing in common, or deny each other word for word."""
    by_key = defaultdict[tuple[str, ...], list[int]](list)
    for row, triplet in triplets.items():
        for key in _keys(triplet, slots):
            by_key[key].append(row)
    return list(dict.fromkeys(pair for rows in by_key.values() for pair in combinations(rows, 2)))


def _keys(triplet: Triplet, slots: Slots) -> set[tuple[str, ...]]:
    """Return the slots that a triplet fills, denies or ends, and what it affirms or denies."""
    stem, value, *_ = polarity_of(triplet)
    values = (*slots.values(triplet), *slots.denied_values(triplet))
    ended = {(end.subject, end.kind) for end in slots.ends(triplet)}
    return {(identity_of(triplet.subject), stem, value), *ended, *((each.thing, each.kind) for each in values)}
