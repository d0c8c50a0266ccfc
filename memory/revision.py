"""Which facts a new one retires, from structure alone: both must fill the same slot of the same thing.

A slot is what can hold one value at a time: where a thing is, whether it is open, closed or locked. A holder around
the new holder does not conflict: the cookbook on the table is still in the kitchen. What was told in one breath never
conflicts with itself, and connections between rooms are never retired.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ariadne.memory.names import key
from ariadne.memory.patterns import DIRECTIONS
from ariadne.values import Fact, Replacement, Triplet

About = Callable[[str], Sequence[Fact]]
"""Gives the current facts that touch a name, as subject or object."""

PLACES = frozenset({"is in", "is on", "is at"})
HOLDINGS = frozenset({"contains", "holds"})
CONNECTIONS = frozenset(f"is {direction} of" for direction in DIRECTIONS)
STATES: Mapping[str, frozenset[str]] = {"openness": frozenset({"open", "closed", "locked"})}
EXCLUSIVE = frozenset({"is behind"})


class Reviser(Protocol):
    """Decides what is outdated: finds it in what was stated, and guards over what others propose."""

    def outdated(self, stated: Sequence[Triplet], about: About) -> list[Replacement]: ...
    def admits(self, proposed: Replacement, about: About, stated: Sequence[Triplet] = ()) -> bool: ...


@dataclass(frozen=True)
class Slot:
    """One value at a time: `kind` of thing is told of `thing` (an identity)."""

    thing: str
    kind: str


@dataclass(frozen=True)
class StructuralReviser:
    """Finds outdated facts by slots; `exclusive` are relations that hold one object a subject, `states` sets of which
    one holds at a time."""

    exclusive: frozenset[str] = EXCLUSIVE
    states: Mapping[str, frozenset[str]] = field(default_factory=lambda: STATES)

    def slot(self, triplet: Triplet) -> tuple[Slot, str] | None:
        """The slot that a triplet fills and the value that it gives, as an identity; None where it fills none."""
        subject, relation, value = key(triplet)
        if relation in PLACES:
            return Slot(subject, "place"), value
        if relation in HOLDINGS:
            return Slot(value, "place"), subject
        if relation == "is":
            kinds = (kind for kind, values in self.states.items() if value in values)
            return next(((Slot(subject, kind), value) for kind in kinds), None)
        return (Slot(subject, relation), value) if relation in self.exclusive else None

    def outdated(self, stated: Sequence[Triplet], about: About) -> list[Replacement]:
        """The current facts that `stated` contradicts, each with the triplet that takes its place."""
        told = {key(triplet) for triplet in stated}
        found: dict[Triplet, Replacement] = {}
        for new in stated:
            filled = self.slot(new)
            for fact in about(filled[0].thing) if filled else ():
                if key(fact.triplet) not in told and self.conflict(fact.triplet, new, about, stated):
                    found.setdefault(fact.triplet, Replacement(fact.triplet, new))
        return list(found.values())

    def admits(self, proposed: Replacement, about: About, stated: Sequence[Triplet] = ()) -> bool:
        """The guard over what others propose (a model, a caller): never a connection, and only within one slot."""
        if key(proposed.old)[1] in CONNECTIONS:
            return False
        return proposed.new is None or self.conflict(proposed.old, proposed.new, about, stated)

    def conflict(self, old: Triplet, new: Triplet, about: About, stated: Sequence[Triplet] = ()) -> bool:
        """Whether both fill one slot with values that cannot hold together."""
        was, now = self.slot(old), self.slot(new)
        if was is None or now is None or was[0] != now[0] or was[1] == now[1]:
            return False
        if now[0].kind != "place":
            return True
        return was[1] not in self._around(now[1], about, stated) and now[1] not in self._around(was[1], about, stated)

    def _around(self, thing: str, about: About, stated: Sequence[Triplet]) -> set[str]:
        """All holders around a thing, by what holds and what is being told; identities."""
        around, todo = set[str](), [thing]
        while todo:
            holder = todo.pop()
            near = [*(fact.triplet for fact in about(holder)), *stated]
            places = [filled for filled in map(self.slot, near) if filled and filled[0] == Slot(holder, "place")]
            todo += [place for _, place in places if place not in around]
            around |= {place for _, place in places}
        return around
