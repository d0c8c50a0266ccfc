"""Which facts a new one retires, from structure alone: both must fill the same slot of the same thing (slots.py).

A holder around the new holder does not conflict: the cookbook on the table is still in the kitchen. What a holder
holds moves with it. What was told in one breath never conflicts with itself, and connections between rooms are never
retired.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, product
from typing import Protocol

from ariadne.memory.ontology.names import ROOM, triplet_key
from ariadne.memory.ontology.patterns import DIRECTIONS
from ariadne.memory.ontology.slots import TABLE, Filled, Slots
from ariadne.values import Fact, Replacement, Triplet

RelationFilter = Callable[[str], bool]


class FactsAround(Protocol):
    """Gives the current facts that touch a name: all, or (at least) those with such a relation, in lower case, where
    the name is subject, and where it is object. A name may have thousands; few of them tell where it is."""

    def __call__(
        self, name: str, as_subject: RelationFilter | None = None, as_object: RelationFilter | None = None
    ) -> Sequence[Fact]: ...


Proposer = Callable[[Sequence[Triplet], Sequence[Fact]], Iterable[Replacement]]
"""Names pairs that it takes for outdated: given what is stated and the current facts around its names. A model may."""

CONNECTIONS = frozenset(f"is {direction} of" for direction in DIRECTIONS)
_HANDS, _FLOOR = "inventory", "floor"  # what slots.py calls them, whatever they were called
_DEEP = 8  # holders in holders


class _Stated:
    """What one breath states, by the thing whose place it tells and by name; made once, asked for every triplet."""

    def __init__(self, stated: Sequence[Triplet], slots: Slots) -> None:
        self.places: dict[str, list[Filled]] = defaultdict(list)
        self.naming: dict[str, list[Triplet]] = defaultdict(list)
        for triplet in stated:
            for place in slots.places(triplet):
                self.places[place.thing].append(place)
            subject, _, value = triplet_key(triplet)
            for name in {subject, value}:
                self.naming[name].append(triplet)


class Reviser(Protocol):
    """Decides what is outdated: finds it in what was stated, and guards over what others propose."""

    def outdated(self, stated: Sequence[Triplet], about: FactsAround) -> list[Replacement]: ...
    def admits(self, proposed: Replacement, about: FactsAround, stated: Sequence[Triplet] = ()) -> bool: ...


class StructuralReviser:
    """Finds outdated facts by the slots of a table; `TABLE + "one object: works for"` adds to the one that comes
    with it."""

    def __init__(self, table: str = TABLE) -> None:
        self.table = table
        self._slots = Slots(table)

    def settles(self, relation: str) -> bool:
        """Whether the table says what contradicts a triplet of this relation."""
        return self._slots.settles(relation)

    def outdated(self, stated: Sequence[Triplet], about: FactsAround) -> list[Replacement]:
        """The current facts that `stated` contradicts, each with the triplet that takes its place (None: none does)."""
        told, breath = {triplet_key(triplet) for triplet in stated}, _Stated(stated, self._slots)
        found: dict[Triplet, Replacement] = {}
        for new in stated:
            outdated = chain(
                self._replaced(new, about, breath), self._parted(new, about), self._used_up(new, about, breath)
            )
            for pair in outdated:
                if triplet_key(pair.old) not in told and triplet_key(pair.old)[1] not in CONNECTIONS:
                    found.setdefault(pair.old, pair)
        return list(found.values())

    def admits(self, proposed: Replacement, about: FactsAround, stated: Sequence[Triplet] = ()) -> bool:
        """The guard over what others propose (a model, a caller): never a connection, and only within one slot."""
        if triplet_key(proposed.old)[1] in CONNECTIONS:
            return False
        return proposed.new is None or self.conflict(proposed.old, proposed.new, about, stated)

    def conflict(self, old: Triplet, new: Triplet, about: FactsAround, stated: Sequence[Triplet] = ()) -> bool:
        """Whether both fill one slot with values that cannot hold together."""
        pairs = product(self._slots.fills(old), self._slots.fills(new))
        one_slot = [(was, now) for was, now in pairs if was.thing == now.thing and was.kind == now.kind]
        breath = _Stated(stated if one_slot else (), self._slots)
        return any(self._excludes(was, now, about, breath) for was, now in one_slot)

    def _excludes(self, was: Filled, now: Filled, about: FactsAround, stated: _Stated) -> bool:
        if was.kind != now.kind or was.value == now.value or now.weak:
            return False
        if was.kind != "place":
            return True
        if self._slots.bare(was.value) == self._slots.bare(now.value):  # "opened chest" and "chest"
            return False
        if _FLOOR in (was.value, now.value):  # of the room where it lies, nobody says which
            return not self._is_room(was.value if now.value == _FLOOR else now.value, about, stated)
        return was.value not in self._around(now.value, about, stated) and now.value not in self._around(
            was.value, about, stated
        )

    def _replaced(self, new: Triplet, about: FactsAround, stated: _Stated) -> Iterator[Replacement]:
        """What `new` contradicts: other values of the slots it fills; and places that a moved holder's content left."""
        for now in self._slots.fills(new):
            for fact in self._told_of(now, about, stated):
                for was in self._slots.fills(fact.triplet):
                    if was.kind == now.kind and self._excludes(was, now, about, stated):
                        yield Replacement(fact.triplet, new)
                        if was.kind == "place":
                            yield from self._left(
                                now, {was.value, *self._around(was.value, about, _Stated((), self._slots))}, new, about
                            )

    def _told_of(self, now: Filled, about: FactsAround, stated: _Stated) -> list[Fact]:
        """The facts that fill the slot of a thing already. Where nothing is known of its place, that may be told of
        it under another look ("raw potato", now "potato"), if of one alone, and that one is not told of by itself."""
        own = self._filling(now.thing, now.kind, about)
        if own or now.kind != "place" or now.weak:
            return own
        bare = self._slots.bare(now.thing)
        kin = dict.fromkeys([bare, *(f"{look} {bare}" for look in self._slots.looks)])
        seen = [facts for name in kin if name not in stated.places and (facts := self._filling(name, now.kind, about))]
        return seen[0] if len(seen) == 1 else []

    def _filling(self, thing: str, kind: str, about: FactsAround) -> list[Fact]:
        filled = ((fact, slot) for fact in self._of(thing, about) for slot in self._slots.fills(fact.triplet))
        return [fact for fact, slot in filled if slot.thing == thing and slot.kind == kind]

    def _of(self, thing: str, about: FactsAround) -> Sequence[Fact]:
        """The facts that may fill a slot of a thing."""
        return about(thing, self._slots.tells_of_subject, self._slots.tells_of_object)

    def _left(
        self, holder: Filled, before: set[str], new: Triplet, about: FactsAround, deep: int = _DEEP
    ) -> Iterator[Replacement]:
        """The places where a holder was, told of what it holds: that went along."""
        for fact in about(holder.thing, self._slots.tells_of_object, self._slots.tells_of_subject) if deep else ():
            for inside in self._slots.places(fact.triplet):
                if inside.value == holder.thing and inside.thing != holder.thing:
                    for other in self._filling(inside.thing, "place", about):
                        if any(place.value in before - {holder.value} for place in self._slots.places(other.triplet)):
                            yield Replacement(other.triplet, new)
                    yield from self._left(Filled(inside.thing, "place", holder.value), before, new, about, deep - 1)

    def _parted(self, new: Triplet, about: FactsAround) -> Iterator[Replacement]:
        """The place that `new` says a thing has left."""
        if parted := self._slots.left(new):
            for fact in self._filling(parted[0], "place", about):
                if parted[1] in (place.value for place in self._slots.places(fact.triplet)):
                    yield Replacement(fact.triplet, None)

    def _used_up(self, new: Triplet, about: FactsAround, stated: _Stated) -> Iterator[Replacement]:
        """Where the things were that `new` says are no more: eaten, or made into what it says is in hand."""
        if thing := self._slots.gone(new):
            yield from (Replacement(fact.triplet, None) for fact in self._filling(thing, "place", about))
        for now in self._slots.places(new):
            if now.value == _HANDS and now.thing in self._slots.made:
                for part in sorted(self._in_hand(about) - stated.places.keys()):
                    if any(self._slots.requirement(fact.triplet) == part for fact in about(part)):
                        yield from (Replacement(fact.triplet, new) for fact in self._filling(part, "place", about))

    def _in_hand(self, about: FactsAround) -> set[str]:
        near = (
            fact
            for name in self._slots.hands
            for fact in about(name, self._slots.tells_of_object, self._slots.tells_of_subject)
        )
        held = (place for fact in near for place in self._slots.places(fact.triplet))
        return {place.thing for place in held if place.value == _HANDS}

    def _is_room(self, name: str, about: FactsAround, stated: _Stated) -> bool:
        """Whether a place is called like one, or known to have exits, to lie next to another, or to hold the player."""
        if ROOM.search(name):
            return True
        told = stated.naming.get(name, ())
        near = [*(fact.triplet for fact in about(name, _is_way, _is_way)), *told]
        stays = [fact.triplet for hand in self._slots.hands for fact in self._of(hand, about)]
        return any(_is_way(triplet_key(triplet)[1]) for triplet in near) or any(
            place.thing in self._slots.hands and place.value == name
            for triplet in (*stays, *told)
            for place in self._slots.places(triplet)
        )

    def _around(self, thing: str, about: FactsAround, stated: _Stated) -> set[str]:
        """The holders around a thing, by what holds and what is being told, as deep as they may lie; identities."""
        around, edge = set[str](), {thing}
        for _ in range(_DEEP):
            known = [fact.triplet for holder in edge for fact in self._of(holder, about)]
            told = [place for triplet in known for place in self._slots.places(triplet) if place.thing in edge]
            told += [place for holder in edge for place in stated.places.get(holder, ())]
            edge = {place.value for place in told} - around
            around |= edge
        return around


def _is_way(relation: str) -> bool:
    """Whether it tells how one gets from place to place."""
    return relation in CONNECTIONS or relation.endswith("exit")


by_table = lru_cache(maxsize=8)(StructuralReviser)
"""The reviser of a table, made once."""
