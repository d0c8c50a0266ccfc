"""What the rules mind takes to be so: the triplets that it has before it, asked as a person would ask them.

Facts come from recall where memory keeps facts; where it keeps texts, they are read out of its passages. Built afresh
at every step from WorkingMemory alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from ariadne.planners.map import Map
from ariadne.values import Situation, Triplet, WorkingMemory

Holds = Callable[[str], Sequence[Triplet]]
"""What holds at the end of a transcript: reading and revision in RAM, handed in by who puts the parts together."""

INVENTORY = "inventory"
_PLACES = ("is in", "is on", "is at")
_KEY = re.compile(r"\w*key(?:card)?\b", re.IGNORECASE)
_READABLE = re.compile(
    r"\b(?:note|letter|message|paper|page|scroll|sign|diary|leaflet|parchment|map|book|notebook|journal|plaque|poster|memo"
    r"|inscription|tablet|label|envelope|postcard|newspaper|manual|recipe|cookbook|clue|pamphlet|flyer)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class World:
    """The state of the world as believed; names keep their spelling and are compared without case."""

    triplets: tuple[Triplet, ...]
    here: str

    @classmethod
    def of(cls, working: WorkingMemory, holds: Holds) -> World:
        """The world that a working memory tells of."""
        situation = working.situation
        if working.recall.facts or working.places:
            told = [*working.places, *(fact.triplet for fact in working.recall.facts), *working.reading.triplets]
        else:
            told = list(holds("\n".join([situation.goal, situation.hint, *passages(working)])))
        standing = [triplet.object for triplet in told if triplet.relation == "is at" and triplet.subject == "player"]
        return cls(tuple(dict.fromkeys(told)), standing[-1] if standing else here(situation))

    @cached_property
    def map(self) -> Map:
        return Map.of(self.triplets, self.here)

    @cached_property
    def inventory(self) -> tuple[str, ...]:
        """The things in hand."""
        return tuple(t.subject for t in self.triplets if t.relation == "is in" and t.object == INVENTORY)

    def holder(self, thing: str) -> str | None:
        """The nearest thing or room that it is in, on or at; "inventory" where it is in hand."""
        holders = [t.object for t in self._of(thing) if t.relation in _PLACES]
        nearest = [holder for holder in holders if self.map.find(holder) is None]
        return next(iter(nearest or holders), None)

    def room(self, thing: str) -> str | None:
        """The room where it is, as far as known; what is in hand is here."""
        for _ in range(8):
            if (found := self.map.find(thing)) is not None:
                return found
            if thing == INVENTORY:
                return self.here
            thing = self.holder(thing) or ""
        return None

    def state(self, thing: str) -> str | None:
        """open, closed or locked; None where it was never said."""
        states = [t.object for t in self._of(thing) if t.relation == "is"]
        return next((state for state in reversed(states) if state in ("open", "closed", "locked")), None)

    def has(self, thing: str) -> bool:
        return any(_same(thing, held) for held in self.inventory)

    def keys(self, lock: str) -> list[str]:
        """The keys that are said to open it."""
        return [t.subject for t in self.triplets if t.relation == "unlocks" and _same(t.object, lock)]

    def opens_something(self, key: str) -> str | None:
        """What a key is said to open; None where nothing is said of it."""
        return next((t.object for t in self.locks if _same(t.subject, key)), None)

    def untried(self, lock: str) -> list[str]:
        """The keys in hand that are not known to open something else, nor to fit this one not."""
        told = [t for t in self.triplets if t.relation in ("unlocks", "does not unlock")]
        spent = {t.subject.casefold() for t in told if t.relation == "unlocks" or _same(t.object, lock)}
        return [thing for thing in self.inventory if is_key(thing) and thing.casefold() not in spent]

    def unassigned(self) -> list[str]:
        """The keys in hand of which nobody knows what they open, or where that is."""
        used = {t.subject.casefold() for t in self.triplets if t.relation == "unlocks" and self.is_found(t.object)}
        return [thing for thing in self.inventory if is_key(thing) and thing.casefold() not in used]

    def is_found(self, thing: str) -> bool:
        """Whether anything is known of where it is, or of how it stands."""
        return self.room(thing) is not None or self.state(thing) is not None

    def namesakes(self, key: str) -> list[str]:
        """What is called like a key ("rusty key", "rusty chest") and not known to be open; no key itself."""
        words = set(key.casefold().split()) - {"key", "keycard"}
        alike = [thing for thing in self.things() if words & set(thing.casefold().split()) and not is_key(thing)]
        shut = [thing for thing in alike if self.state(thing) in (None, "locked") and not is_readable(thing)]
        return [thing for thing in shut if key in self.untried(thing)]

    def things_at(self, room: str) -> list[str]:
        """The things that stand or lie in a room itself, in the order told; no keys, and nothing to read."""
        there = [thing for thing in self.things() if self.holder(thing) and _same(self.holder(thing) or "", room)]
        return [thing for thing in there if not is_key(thing) and not is_readable(thing)]

    @cached_property
    def locks(self) -> list[Triplet]:
        """Which key unlocks what, as told."""
        told = {(t.subject.casefold(), t.object.casefold()): t for t in self.triplets if t.relation == "unlocks"}
        return list(told.values())

    def called(self, thing: str) -> str:
        """A thing's name in the spelling of where it lies, which is what it is called to one's face."""
        return next((name for name in self.things() if _same(name, thing)), thing)

    def named(self, want: str) -> list[str]:
        """The things of that name; where there is none, those that are called so in full ("old teacup", a teacup)."""
        exact = [thing for thing in self.things() if _same(thing, want)]
        return exact or [thing for thing in self.things() if thing.casefold().endswith(f" {want.casefold()}")]

    def was_read(self, thing: str) -> bool:
        return any(t.relation == "says" for t in self._of(thing))

    def said_of(self, *names: str) -> str | None:
        """Words read somewhere that name all of these, with where they stood."""
        for triplet in self.triplets:
            if triplet.relation == "says" and all(name.casefold() in triplet.object.casefold() for name in names):
                return f'{triplet.subject} says "{triplet.object}"'
        return None

    def things(self) -> list[str]:
        """All things that are known to be somewhere: no rooms, no doors, not the player."""
        placed = [t for t in self.triplets if t.relation in ("is in", "is on")]
        names = dict.fromkeys(name for t in placed for name in (t.subject, t.object))
        return [name for name in names if self.map.find(name) is None and name not in (INVENTORY, "player")]

    def _of(self, thing: str) -> list[Triplet]:
        return self._by_subject.get(thing.casefold(), [])

    @cached_property
    def _by_subject(self) -> dict[str, list[Triplet]]:
        by_subject: dict[str, list[Triplet]] = {}
        for triplet in self.triplets:
            by_subject.setdefault(triplet.subject.casefold(), []).append(triplet)
        return by_subject


def here(situation: Situation) -> str:
    """The room last announced in what is at hand; "" where none was."""
    seen = [situation.observation, *(step.observation for step in reversed(situation.last))]
    return next((observation.room for observation in seen if observation.room), "")


def passages(working: WorkingMemory) -> list[str]:
    """The texts at hand, oldest first: what was recalled, the last steps, what is said now."""
    last = [step.observation.transcript for step in working.situation.last]
    recalled = [episode.text for episode in working.recall.episodes if episode.text not in last]
    return [*recalled, *last, working.situation.observation.transcript]


def is_key(thing: str) -> bool:
    """Whether a thing is called a key."""
    return bool(_KEY.search(thing))


def is_readable(thing: str) -> bool:
    """Whether a thing is called something that carries words."""
    return bool(_READABLE.search(thing))


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
