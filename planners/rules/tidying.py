"""Tidying up: which things seem out of place, where each belongs, and where each has been."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ariadne.planners.rules.beliefs import Beliefs
from ariadne.planners.rules.subgoals import ParsedSubGoal
from ariadne.values import Situation

_RIGHT_MARK = " (right)"
_TAKE = re.compile(r"take (?P<thing>.+?)(?: from (?P<place>.+))?", re.IGNORECASE)
_PUT = re.compile(r"(?:put|insert) (?P<thing>.+) (?:on|into|in) (?P<place>.+)", re.IGNORECASE)


@dataclass(frozen=True)
class Placements:
    """Where things have been.

    Args:
        places: The places of each thing that was moved, in order; the first is where it was found.
        rewarded: The things whose last place earned a point, so it is the right one.
    """

    places: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rewarded: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, progress: str) -> Placements:
        """Parse a plan's note: "mug: bed, stove, cupboard (right); ..."."""
        places, rewarded = dict[str, Sequence[str]](), set[str]()
        for note in filter(None, progress.split("; ")):
            thing, _, visited = note.partition(": ")
            if visited.endswith(_RIGHT_MARK):
                rewarded.add(thing)
            places[thing] = tuple(visited.removesuffix(_RIGHT_MARK).split(", "))
        return cls(places, frozenset(rewarded))

    @property
    def text(self) -> str:
        """Return the note that `parse` reads."""
        return "; ".join(
            f"{thing}: {', '.join(visited)}{_RIGHT_MARK * (thing in self.rewarded)}"
            for thing, visited in self.places.items()
        )

    def places_of(self, thing: str) -> Sequence[str]:
        """Return the places where a thing has been; none if it was never moved."""
        return self.places.get(thing, ())

    def right_place(self, thing: str) -> str | None:
        """Return the place of a thing that earned a point."""
        return self.places_of(thing)[-1] if thing in self.rewarded else None

    def after(self, situation: Situation, beliefs: Beliefs) -> Placements:
        """Return these placements with what the last action moved."""
        command = next(iter(situation.observation.commands[-1:]), "")
        if (taken := _TAKE.fullmatch(command)) and beliefs.has(taken["thing"]):
            thing = beliefs.spelling_of(taken["thing"])
            return self if self.places_of(thing) else self._with(thing, taken["place"] or beliefs.here)
        put = _PUT.fullmatch(command)
        if put and (beliefs.holder(put["thing"]) or "").casefold() == put["place"].casefold():
            before = situation.recent[-1].observation.score if situation.recent else 0
            thing = beliefs.spelling_of(put["thing"])
            return self._with(thing, put["place"], rewarded=situation.observation.score > before)
        return self

    def _with(self, thing: str, place: str, *, rewarded: bool = False) -> Placements:
        places = {**self.places, thing: (*self.places_of(thing), place)}
        return Placements(places, (self.rewarded - {thing}) | ({thing} if rewarded else set()))


Vectors = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]
"""Return the vectors of texts, (n, dimensions) float32, unit rows; the assembly passes it in."""

BELONGS = "it seems to belong there"
"""The reason of the sub-goals of this module; they are derived again at every step."""
_THING = ("I am looking for the {thing}; where is it usually?", "the place where a {thing} is kept")
_PLACE = ("things that are kept in or on the {place}", "things that are kept in or on the {place} in the {room}")
_KIND = "{thing} and other things of its kind"

# Weights, as logits per unit of cosine.
_LIKENESS = 8.0  # of the likeness of a thing to a place
_DISTINCTION = 27.0  # of that likeness minus the mean likeness of all things to the place
_COMPANY = 5.0  # of the likeness to the things in or on the place
_NEIGHBOURS = 3.0  # of the likeness to the things anywhere in the place's room
_EMPTY = 0.1  # cosine that stands for the company in an empty place
_IN_PLACE = 2.0  # how many things lie where they belong for each one that does not
_MOST = 8  # things to be moved that a plan holds at a time
_WORTH = 0.4  # the share of the best chance below which a move waits


@dataclass(frozen=True)
class Tidy:
    """What to move where.

    Args:
        beliefs: The state of the house.
        placements: Where its things have been.
        embed: Gives vectors of texts.
        pays: Whether the game gives a point for each right place, so that another place is tried after a wrong one.
        ready: Whether all places are known; before that, nothing is moved.
    """

    beliefs: Beliefs
    placements: Placements
    embed: Embed
    pays: bool
    ready: bool

    def steps(self) -> Iterator[ParsedSubGoal]:
        """Yield what to bring where, the likeliest move first."""
        moves = sorted(self._moves() if self.ready else (), key=lambda move: -move[0])
        likely = [move for move in moves if move[0] >= _WORTH * moves[0][0]]
        yield from (ParsedSubGoal("bring", thing, place) for _, thing, place in likely[:_MOST])

    @cached_property
    def places(self) -> Mapping[str, str]:
        """The things that others can be put in or on, each with its room: all that stand in a room and are fixed."""
        rooms = {thing: self.beliefs.map.find(self.beliefs.holder(thing) or "") for thing in self.beliefs.things}
        return {thing: room for thing, room in rooms.items() if room and not self.beliefs.can_be_taken(thing)}

    @cached_property
    def things(self) -> Sequence[str]:
        """The things that may have to be moved."""
        movable = [thing for thing in self.beliefs.things if thing not in self.places]
        return [thing for thing in movable if not self.beliefs.cannot_be(thing, "taken") and self.beliefs.room(thing)]

    def belonging(self) -> Vectors:
        """Return how likely each thing belongs in or on each place: (things, places) float32, rows of sum 1.

        By Bayes' rule, the place where a thing was found is likelier. A thing that lies where it belongs can be found
        only there; a misplaced one is found in any of the places. So this evidence grows with the number of places.
        """
        likeness = self._likeness()
        found = np.array([[place == self._found_at(thing) for place in self.places] for thing in self.things])
        logits = _LIKENESS * likeness + _DISTINCTION * (likeness - likeness.mean(axis=0)) + self._company()
        odds = np.exp(logits - logits.max(axis=1, keepdims=True)) * np.where(found, _IN_PLACE * len(self.places), 1)
        return np.asarray(odds / odds.sum(axis=1, keepdims=True), np.float32)

    def _moves(self) -> Iterator[tuple[float, str, str]]:
        """Yield each thing that may have to be moved, with the likeliest new place and its chance in front."""
        if not self.places or not self.things:
            return
        for thing, row in zip(self.things, self.belonging(), strict=True):
            chances, visited = dict(zip(self.places, map(float, row), strict=True)), self.placements.places_of(thing)
            if self.placements.right_place(thing) or (len(visited) > 1 and not self.pays):
                continue
            known = (*visited, self._found_at(thing))
            new = [place for place, chance in chances.items() if chance > 0 and place not in known]
            place = max(new, key=chances.__getitem__, default="")
            if place and (self.pays or chances[place] == max(chances.values())):
                left = 1 - sum(chances.get(wrong, 0) for wrong in visited[1:])
                yield chances[place] / max(left, chances[place]), thing, place

    def _found_at(self, thing: str) -> str:
        """Return the place where a thing was found."""
        return next(iter(self.placements.places_of(thing)), None) or self.beliefs.holder(thing) or ""

    def _likeness(self) -> Vectors:
        """Return the mean cosine of a thing's phrases and a place's: (things, places) float32."""
        things = self._mean(_THING, [{"thing": thing} for thing in self.things])
        places = self._mean(_PLACE, [{"place": place, "room": room} for place, room in self.places.items()])
        return things @ places.T

    def _mean(self, phrases: Sequence[str], names: Sequence[Mapping[str, str]]) -> Vectors:
        vectors = [self.embed([phrase.format(**values) for values in names]) for phrase in phrases]
        return np.asarray(np.mean(vectors, axis=0), np.float32)

    def _company(self) -> Vectors:
        """Return the evidence of other things for each place: (things, places) float32, as logits.

        The evidence is what lies in or on the place, and in or on all places of its room. The agent's own moves are no
        evidence: a thing counts where it was found, or where it earned a point.
        """
        kinds = self.embed([_KIND.format(thing=thing) for thing in self.things])
        alike = kinds @ kinds.T
        others = ~np.eye(len(self.things), dtype=bool)
        alike = np.where(others, alike - (alike[others].mean() if others.any() else 0), 0)
        origins = [(self.placements.right_place(thing) or self._found_at(thing)).casefold() for thing in self.things]
        there = np.array([[place.casefold() == origin for place in self.places] for origin in origins], np.float32)
        rooms = self.places.values()
        same_room = np.array([[room == other for other in rooms] for room in rooms], np.float32)
        return _COMPANY * _combined(alike, there) + _NEIGHBOURS * _combined(alike, there @ same_room)


def _combined(alike: Vectors, there: Vectors) -> Vectors:
    """Return how much more than usual each thing is like the other things of a place: (things, places) float32.

    The cosines are summed as independent evidence (Stouffer's method).
    """
    count = there.sum(axis=0) - there
    return np.where(count > 0, alike @ there / np.sqrt(np.maximum(count, 1)), _EMPTY)
