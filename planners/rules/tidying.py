"""Tidying up: which things seem to be out of place, where each belongs, and where each has been."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ariadne.planners.rules.beliefs import Beliefs
from ariadne.planners.rules.subgoals import Intent
from ariadne.values import Situation

_RIGHT_MARK = " (right)"
_TAKEN = re.compile(r"take (?P<thing>.+?)(?: from (?P<place>.+))?", re.IGNORECASE)
_PUT = re.compile(r"(?:put|insert) (?P<thing>.+) (?:on|into|in) (?P<place>.+)", re.IGNORECASE)


@dataclass(frozen=True)
class Placements:
    """The places of each thing that was moved, the one where it was found first; and the things that are right where
    they are now, as a point told."""

    places: Mapping[str, Sequence[str]] = field(default_factory=dict)
    paid: frozenset[str] = frozenset()

    @classmethod
    def read(cls, progress: str) -> Placements:
        """As the words of a plan say: "mug: bed, stove, cupboard (right); ..."."""
        places, paid = dict[str, Sequence[str]](), set[str]()
        for told in filter(None, progress.split("; ")):
            thing, _, been = told.partition(": ")
            if been.endswith(_RIGHT_MARK):
                paid.add(thing)
            places[thing] = tuple(been.removesuffix(_RIGHT_MARK).split(", "))
        return cls(places, frozenset(paid))

    @property
    def words(self) -> str:
        """The words that `read` reads."""
        told = [
            f"{thing}: {', '.join(been)}{_RIGHT_MARK * (thing in self.paid)}" for thing, been in self.places.items()
        ]
        return "; ".join(told)

    def of(self, thing: str) -> Sequence[str]:
        """The places of a thing that was moved; none of one that was not."""
        return self.places.get(thing, ())

    def right(self, thing: str) -> str | None:
        """The place where it is known to be right."""
        return self.of(thing)[-1] if thing in self.paid else None

    def after(self, situation: Situation, world: Beliefs) -> Placements:
        """With what the last action moved."""
        command = next(iter(situation.observation.commands[-1:]), "")
        if (taken := _TAKEN.fullmatch(command)) and world.has(taken["thing"]):
            thing = world.called(taken["thing"])
            return self if self.of(thing) else self._with(thing, taken["place"] or world.here)
        put = _PUT.fullmatch(command)
        if put and (world.holder(put["thing"]) or "").casefold() == put["place"].casefold():
            before = situation.recent[-1].observation.score if situation.recent else 0
            return self._with(world.called(put["thing"]), put["place"], paid=situation.observation.score > before)
        return self

    def _with(self, thing: str, place: str, *, paid: bool = False) -> Placements:
        return Placements(
            {**self.places, thing: (*self.of(thing), place)}, (self.paid - {thing}) | ({thing} if paid else set())
        )


Vectors = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]
"""The vectors of texts, (n, dimensions) float32, unit rows; handed in by who puts the parts together."""

BELONGS = "it seems to belong there"
_THING = ("I am looking for the {thing}; where is it usually?", "the place where a {thing} is kept")
_PLACE = ("things that are kept in or on the {place}", "things that are kept in or on the {place} in the {room}")
_KIND = "{thing} and other things of its kind"
_LIKE, _MORE, _COMPANY, _NEIGHBOURS = 8.0, 27.0, 5.0, 3.0
"""What weighs how much: likeness to a place, how far that is above what others have to it, likeness to what lies there,
and to what lies anywhere in its room; as logits for each unit of cosine."""
_ALONE = 0.1  # for a place where nothing else lies
_RIGHT = 2.0  # so many things lie where they belong to one that does not
_MOST = 8  # things on the way at a time
_WORTH = 0.4  # of the best chance: what is less likely waits


@dataclass(frozen=True)
class Tidy:
    """The house as believed, and where its things have been.

    `pays` tells whether a point is given for each that is put where it belongs, so that others may be tried where there
    was none; `ready` whether all places are known, without which nothing is judged.
    """

    world: Beliefs
    stays: Placements
    embed: Embed
    pays: bool
    ready: bool

    def steps(self) -> Iterator[Intent]:
        """What to bring where, the likeliest to be right first."""
        found = sorted(self._chances() if self.ready else (), key=lambda one: -one[0])
        likely = [one for one in found if one[0] >= _WORTH * found[0][0]]
        yield from (Intent("bring", thing, place) for _, thing, place in likely[:_MOST])

    @cached_property
    def places(self) -> Mapping[str, str]:
        """What things can be put in or on, each with its room: what stands in a room, and is no such thing itself."""
        rooms = {thing: self.world.map.find(self.world.holder(thing) or "") for thing in self.world.things}
        return {thing: room for thing, room in rooms.items() if room and not self.world.can_be_taken(thing)}

    @cached_property
    def things(self) -> Sequence[str]:
        """What may have to be put elsewhere."""
        movable = [thing for thing in self.world.things if thing not in self.places]
        return [thing for thing in movable if not self.world.cannot(thing, "taken") and self.world.room(thing)]

    def belonging(self) -> Vectors:
        """How likely it is that each thing belongs in or on each place: (things, places) float32, rows of sum 1.

        What lies where it belongs was found just there, what does not in one place of many by chance: by Bayes' rule
        that speaks for the place where it was found, the more so the more places there are.
        """
        likeness = self._likeness()
        found = np.array([[place == self._first(thing) for place in self.places] for thing in self.things])
        logits = _LIKE * likeness + _MORE * (likeness - likeness.mean(axis=0)) + self._company()
        odds = np.exp(logits - logits.max(axis=1, keepdims=True)) * np.where(found, _RIGHT * len(self.places), 1)
        return np.asarray(odds / odds.sum(axis=1, keepdims=True), np.float32)

    def _chances(self) -> Iterator[tuple[float, str, str]]:
        """For each thing that may have to be moved, where it is likeliest to be right of all places where it was not,
        with that chance."""
        if not self.places or not self.things:
            return
        for thing, row in zip(self.things, self.belonging(), strict=True):
            chances, been = dict(zip(self.places, map(float, row), strict=True)), self.stays.of(thing)
            if self.stays.right(thing) or (len(been) > 1 and not self.pays):
                continue
            fresh = [place for place in chances if chances[place] > 0 and place not in (*been, self._first(thing))]
            place = max(fresh, key=chances.__getitem__, default="")
            if place and (self.pays or chances[place] == max(chances.values())):
                left = 1 - sum(chances.get(vain, 0) for vain in been[1:])
                yield chances[place] / max(left, chances[place]), thing, place

    def _first(self, thing: str) -> str:
        """Where it was found."""
        return next(iter(self.stays.of(thing)), None) or self.world.holder(thing) or ""

    def _likeness(self) -> Vectors:
        """Mean cosine of a thing's phrases and a place's: (things, places) float32."""
        things = self._mean(_THING, [{"thing": thing} for thing in self.things])
        places = self._mean(_PLACE, [{"place": place, "room": room} for place, room in self.places.items()])
        return things @ places.T

    def _mean(self, phrases: Sequence[str], names: Sequence[Mapping[str, str]]) -> Vectors:
        vectors = [self.embed([phrase.format(**one) for one in names]) for phrase in phrases]
        return np.asarray(np.mean(vectors, axis=0), np.float32)

    def _company(self) -> Vectors:
        """What the others speak for that are known in or on a place, and in or on all places of its room: (things,
        places) float32, as logits. Own guesses are no witnesses: a thing counts where it was found, or where it is
        known to be right."""
        kinds = self.embed([_KIND.format(thing=thing) for thing in self.things])
        alike = kinds @ kinds.T
        others = ~np.eye(len(self.things), dtype=bool)
        alike = np.where(others, alike - (alike[others].mean() if others.any() else 0), 0)
        seen = [(self.stays.right(thing) or self._first(thing)).casefold() for thing in self.things]
        there = np.array([[place.casefold() == one for place in self.places] for one in seen], np.float32)
        rooms = self.places.values()
        together = np.array([[room == other for other in rooms] for room in rooms], np.float32)
        return _COMPANY * _witnessed(alike, there) + _NEIGHBOURS * _witnessed(alike, there @ together)


def _witnessed(alike: Vectors, there: Vectors) -> Vectors:
    """How much more than usual each thing is like the others that are there, summed over them as independent witnesses
    are (Stouffer): (things, places) float32, in cosine."""
    count = there.sum(axis=0) - there
    return np.where(count > 0, alike @ there / np.sqrt(np.maximum(count, 1)), _ALONE)
