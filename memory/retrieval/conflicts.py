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

from ariadne.memory.index.arrays import Rows
from ariadne.memory.ontology.names import identity_of
from ariadne.memory.ontology.slots import Slots
from ariadne.memory.ontology.wordings import DENYING_WORDS, can_deny, polarity_of
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
    slots = _by_slot(found, context)
    beside = _by_slot(_visible_about([thing for thing, _ in slots], context), context)
    same_slot = (row for slot in slots if len(beside[slot]) > 1 for row in beside[slot])
    return np.array(sorted({*same_slot, *_denials(found, context)}), np.int64)


def _visible_about(names: Sequence[int], context: RecallContext) -> Rows:
    """Return the visible rows that have any of these names (ids)."""
    rows = context.index.touching(np.array(names, np.int64))
    return rows[context.visible[rows]]


def _by_slot(rows: Rows, context: RecallContext) -> dict[tuple[int, str], list[int]]:
    """Return rows by the slots that they may fill, deny or end by their relation: each a name (id) and a kind."""
    index, slots = context.index, context.reviser.slots
    numbers, which = np.unique(index.relations(rows), return_inverse=True)
    kinds = [slots.kinds_of_relation(index.relation_names[number]) for number in numbers.tolist()]
    rows, which = (each[np.array([*map(any, kinds)], np.bool_)[which]] for each in (rows, which))
    by_slot = defaultdict[tuple[int, str], list[int]](list)
    for row, ends, relation in zip(rows.tolist(), index.ends(rows).tolist(), which.tolist(), strict=True):
        for name, of_name in zip(ends, kinds[relation], strict=True):
            for kind in of_name:
                by_slot[name, kind].append(row)
    return by_slot


def _denials(found: Rows, context: RecallContext) -> set[int]:
    """Return the visible rows that deny something of the subjects of found rows, and what they deny."""
    index, facts = context.index, context.view.facts
    names = np.unique(index.ends(found)[:, 0])
    rows = _visible_about(names.tolist(), context)
    subjects, objects = index.ends(rows).T
    numbers, which = np.unique(index.relations(rows), return_inverse=True)
    denies = np.array([can_deny(index.relation_names[number]) for number in numbers.tolist()], np.bool_)[which]
    denies = np.isin(subjects, names) & (denies | np.isin(objects, facts.names_beginning(DENYING_WORDS)))
    denied = {polarity_of(triplet).object for triplet in _triplets(rows[denies], context).values()}
    affirms = np.isin(subjects, subjects[denies]) & np.isin(objects, [*facts.name_ids(denied).values()])
    return {*rows[denies | affirms].tolist()}


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
