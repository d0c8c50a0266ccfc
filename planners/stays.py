"""Where things have been, in the order they were there, as the plan notes it while a house is tidied up."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ariadne.planners.world import World
from ariadne.values import Situation

_RIGHT = " (right)"
_TAKEN = re.compile(r"take (?P<thing>.+?)(?: from (?P<place>.+))?", re.IGNORECASE)
_PUT = re.compile(r"(?:put|insert) (?P<thing>.+) (?:on|into|in) (?P<place>.+)", re.IGNORECASE)


@dataclass(frozen=True)
class Stays:
    """The places of each thing that was moved, the one where it was found first; and the things that are right where
    they are now, as a point told."""

    places: Mapping[str, Sequence[str]] = field(default_factory=dict)
    paid: frozenset[str] = frozenset()

    @classmethod
    def read(cls, progress: str) -> Stays:
        """As the words of a plan say: "mug: bed, stove, cupboard (right); ..."."""
        places, paid = dict[str, Sequence[str]](), set[str]()
        for told in filter(None, progress.split("; ")):
            thing, _, been = told.partition(": ")
            if been.endswith(_RIGHT):
                paid.add(thing)
            places[thing] = tuple(been.removesuffix(_RIGHT).split(", "))
        return cls(places, frozenset(paid))

    @property
    def words(self) -> str:
        """The words that `read` reads."""
        told = [f"{thing}: {', '.join(been)}{_RIGHT * (thing in self.paid)}" for thing, been in self.places.items()]
        return "; ".join(told)

    def of(self, thing: str) -> Sequence[str]:
        """The places of a thing that was moved; none of one that was not."""
        return self.places.get(thing, ())

    def right(self, thing: str) -> str | None:
        """The place where it is known to be right."""
        return self.of(thing)[-1] if thing in self.paid else None

    def after(self, situation: Situation, world: World) -> Stays:
        """With what the last action moved."""
        command = next(iter(situation.observation.commands[-1:]), "")
        if (taken := _TAKEN.fullmatch(command)) and world.has(taken["thing"]):
            thing = world.called(taken["thing"])
            return self if self.of(thing) else self._with(thing, taken["place"] or world.here)
        put = _PUT.fullmatch(command)
        if put and (world.holder(put["thing"]) or "").casefold() == put["place"].casefold():
            before = situation.last[-1].observation.score if situation.last else 0
            return self._with(world.called(put["thing"]), put["place"], paid=situation.observation.score > before)
        return self

    def _with(self, thing: str, place: str, *, paid: bool = False) -> Stays:
        return Stays(
            {**self.places, thing: (*self.of(thing), place)}, (self.paid - {thing}) | ({thing} if paid else set())
        )
