"""What the rules mind takes to be so: the triplets that it has before it, asked as a person would ask them.

Facts come from recall where memory keeps facts; where it keeps texts, they are read out of its passages. Built afresh
at every step from WorkingMemory alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ariadne.planners.map import CONNECTION, Map
from ariadne.planners.rules import queries
from ariadne.planners.rules.queries import INVENTORY, PLACES, Holds, here, mentions, told_first
from ariadne.planners.rules.subgoals import Intent
from ariadne.values import Triplet, WorkingMemory

_KEY = re.compile(r"\b(?:latch|pass)?key(?:card)?\b", re.IGNORECASE)
_WAY_IN = re.compile(r"\A> .*\n(?=-= |You are in )")
_READABLE = re.compile(
    r"\b(?:note|letter|message|paper|page|scroll|sign|diary|leaflet|parchment|map|book|notebook|journal|plaque|poster|memo"
    r"|inscription|tablet|label|envelope|postcard|newspaper|manual|recipe|cookbook|clue|pamphlet|flyer|receipt|sheet|card|ticket|list|chart"
    r"|document|photo|tag|sticker|slip|telegram|invitation|notice|riddle|poem)(?: \w{1,3}| (?:of|from|with) .+)?$",
    re.IGNORECASE,
)
_SHUTTABLE = re.compile(
    r"\b(?:fridge|refrigerator|freezer|box|toolbox|chest|trunk|locker|safe|cabinet|cupboard|drawer|dresser|wardrobe|case"
    r"|suitcase|basket|crate|coffer|closet|dishwasher|bin|jar)(?: \w{1,2})?$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Beliefs:
    """The state of the world as believed; names keep their spelling and are compared without case."""

    triplets: tuple[Triplet, ...]
    here: str
    goal: str = ""
    """Goal and hint, in their words."""
    asked: frozenset[str] | None = None
    """The names that memory was asked about; None where all that it keeps was at hand."""

    @classmethod
    def of(cls, working: WorkingMemory, holds: Holds) -> Beliefs:
        """The world that a working memory tells of."""
        situation, asked = working.situation, None
        first = told_first(situation, holds)
        if working.recall.facts or working.places:
            recalled = [fact.triplet for fact in working.recall.facts]
            told = [*working.places, *recalled, *_learned_lately(working), *working.reading.triplets]
            asked = frozenset(name.casefold() for name in queries.names(situation, working.reading, first))
        else:
            told = list(holds("\n".join([situation.goal, situation.hint, *passages(working)])))
        standing = [triplet.object for triplet in told if triplet.relation == "is at" and triplet.subject == "player"]
        room = standing[-1] if standing else here(situation)
        return cls(tuple(dict.fromkeys(told)), room, f"{situation.goal}\n{situation.hint}", asked)

    @cached_property
    def map(self) -> Map:
        return Map.of(self.triplets, self.here)

    @cached_property
    def inventory(self) -> tuple[str, ...]:
        """The things in hand."""
        return tuple(t.subject for t in self.triplets if t.relation == "is in" and t.object == INVENTORY)

    def holder(self, thing: str) -> str | None:
        """The nearest thing or room that it is in, on or at; "inventory" where it is in hand."""
        holders = [t.object for t in self._of(thing) if t.relation in PLACES]
        nearest = [holder for holder in holders if self.map.find(holder) is None]
        return next(iter(nearest or holders), None)

    def room(self, thing: str) -> str | None:
        """The room where it is, as far as known; what is in hand is here, a door where it is nearest."""
        for _ in range(8):
            if (found := self.map.find(thing)) is not None:
                return found
            if thing == INVENTORY:
                return self.here
            if rooms := self.map.rooms_with(thing):
                return next((room for room in self.map.paths(self.here) if room in rooms), rooms[0])
            thing = self.holder(thing) or ""
        return None

    def objects(self, subject: str, relation: str) -> list[str]:
        """What stands in a relation to a subject, each once, in the order told."""
        return list(dict.fromkeys(t.object for t in self._of(subject) if t.relation == relation))

    def states(self, thing: str) -> list[str]:
        """All that it is said to be: open, fried, ..."""
        return self.objects(thing, "is")

    def state(self, thing: str) -> str | None:
        """open, closed or locked; None where it was never said."""
        return next((state for state in reversed(self.states(thing)) if state in ("open", "closed", "locked")), None)

    def used_for(self, use: str) -> str | None:
        """What something is said to be for ("stove", for frying)."""
        return next((t.subject for t in self.triplets if t.relation == "is for" and t.object == use), None)

    def keys_in_hand(self) -> list[str]:
        return [thing for thing in self.inventory if is_key(thing)]

    def has(self, thing: str) -> bool:
        return any(_same(thing, held) for held in self.inventory)

    def keys(self, lock: str) -> list[str]:
        """The keys that are said to open it."""
        return [told.subject for told in self.locks if _same(told.object, lock)]

    def opens_something(self, key: str) -> str | None:
        """What a key is said to open; None where nothing is said of it."""
        return next((t.object for t in self.locks if _same(t.subject, key)), None)

    def misfits(self, key: str, lock: str) -> bool:
        """Whether a key is known not to fit a lock."""
        return any(t.relation == "does not unlock" and _same(t.object, lock) for t in self._of(key))

    def unassigned(self, but: str = "") -> list[str]:
        """The keys in hand of which nobody knows what they open, or where that is; one for `but` counts too."""
        used = {t.subject.casefold() for t in self.locks if self.is_found(t.object) and not _same(t.object, but)}
        return [key for key in self.keys_in_hand() if key.casefold() not in used]

    def untried(self, lock: str) -> list[str]:
        """The keys in hand that may fit: not known to open something else that was found, nor to fit this one not."""
        return [key for key in self.unassigned(but=lock) if not self.misfits(key, lock)]

    def is_found(self, thing: str) -> bool:
        """Whether anything is known of where it is, or of how it stands."""
        return self.room(thing) is not None or self.state(thing) is not None

    def guesses(self, key: str) -> list[tuple[str, str]]:
        """What a key may open though nobody says so in words that are understood, each with a reason: what is spoken of
        where the key is, and what is called like it ("rusty key", "rusty chest")."""
        words = set(key.casefold().split()) - {"key", "keycard"}
        texts = [text for text in self.texts if mentions(text, key) or self._speaks_of_some_key(text)]
        found = list[tuple[str, str]]()
        for lock in filter(self._may_be_locked, dict.fromkeys((*self.things, *self.map.doors.values()))):
            if key not in self.untried(lock) or self.keys(lock):
                continue
            if any(mentions(text, lock) for text in texts):
                found.append((lock, f"{key} and it are spoken of together"))
            elif words & set(lock.casefold().split()):
                found.append((lock, f"{key} is called like it"))
        return found

    def is_named_prize(self, thing: str) -> bool:
        """Whether goal or hint name it, and not as what a key opens or something lies in."""
        held = {t.object.casefold() for t in self.triplets if t.relation in ("unlocks", *PLACES)}
        return mentions(self.goal, thing) and thing.casefold() not in held and self.state(thing) is None

    def is_guarded(self, thing: str) -> bool:
        """Whether it lies in something that has a key of its own."""
        holder = self.holder(thing) or ""
        return self.map.find(holder) is None and bool(self.keys(holder))

    @cached_property
    def texts(self) -> list[str]:
        """What stands written, as far as it is at hand: goal and hint, then the words of notes."""
        return [self.goal, *(t.object for t in self.triplets if t.relation == "says")]

    def _speaks_of_some_key(self, text: str) -> bool:
        """Whether it speaks of a key and names none that is known: "the key beside this note"."""
        return bool(_KEY.search(text)) and not any(mentions(text, thing) for thing in self.things if is_key(thing))

    def _may_be_locked(self, thing: str) -> bool:
        """Whether it stands in a room, was asked about, and is not known to be open, or to open never."""
        if is_key(thing) or is_readable(thing) or not self.was_asked(thing) or self.cannot(thing, "opened"):
            return False
        fixed = self.map.rooms_with(thing) or self.map.find(self.holder(thing) or "") is not None
        return bool(fixed) and self.state(thing) in (None, "locked")

    def was_asked(self, thing: str) -> bool:
        """Whether memory was asked for all that it holds about it."""
        return self.asked is None or thing.casefold() in self.asked

    def cannot(self, thing: str, be: str) -> bool:
        """Whether it is known that it cannot be opened, or taken."""
        return any(t.relation == "cannot be" and t.object == be for t in self._of(thing))

    def can_be_taken(self, thing: str) -> bool:
        """Whether it is known to be no piece of furniture."""
        return any(t.relation == "can be" and t.object == "taken" for t in self._of(thing))

    def things_at(self, room: str) -> list[str]:
        """The things that stand or lie in a room itself, in the order told; no keys, and nothing to read."""
        there = [thing for thing in self.things if self.holder(thing) and _same(self.holder(thing) or "", room)]
        return [thing for thing in there if not is_key(thing) and not is_readable(thing)]

    def in_sight(self) -> list[str]:
        """What may be within reach here: in the room itself, or in or on something there that is not shut."""
        near = [thing for thing in self.things if self.room(thing) == self.here and not self.has(thing)]
        return [thing for thing in near if not any(map(self.is_shut, self._holders(thing)))]

    def is_shut(self, thing: str) -> bool:
        """Whether it is closed or locked, as was told or as a key of its own lets suppose."""
        state = self.state(thing)
        return state in ("closed", "locked") or (state is None and bool(self.keys(thing)))

    def taking(self, thing: str) -> Intent:
        """To take a thing from where it is."""
        holder = self.holder(thing) or ""
        return Intent("take", thing, "" if self.map.find(holder) else holder)

    def _holders(self, thing: str) -> Iterator[str]:
        """What it is in or on, and what that is in or on, and so forth up to the room."""
        for _ in range(8):
            thing = self.holder(thing) or ""
            if not thing or self.map.find(thing) is not None:
                return
            yield thing

    @cached_property
    def locks(self) -> list[Triplet]:
        """Which key unlocks what, as told and not found false."""
        told = {(t.subject.casefold(), t.object.casefold()): t for t in self.triplets if t.relation == "unlocks"}
        return [triplet for triplet in told.values() if not self.misfits(triplet.subject, triplet.object)]

    def called(self, thing: str) -> str:
        """A thing's name in the spelling of where it lies, which is what it is called to one's face."""
        return next((name for name in self.things if _same(name, thing)), thing)

    def named(self, want: str) -> list[str]:
        """The things of that name; where there is none, those that are called so in full ("old teacup", a teacup)."""
        exact = [thing for thing in self.things if _same(thing, want)]
        return exact or [thing for thing in self.things if thing.casefold().endswith(f" {want.casefold()}")]

    def was_read(self, thing: str) -> bool:
        return any(t.relation == "says" for t in self._of(thing))

    def said_of(self, *names: str) -> str | None:
        """Words read somewhere that name all of these, with where they stood."""
        for triplet in self.triplets:
            if triplet.relation == "says" and all(mentions(triplet.object, name) for name in names):
                return f'{triplet.subject} says "{triplet.object}"'
        return None

    @cached_property
    def things(self) -> list[str]:
        """All things that are known to be somewhere: no rooms, not the player."""
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


def _learned_lately(working: WorkingMemory) -> Iterator[Triplet]:
    """What the last steps taught, which lies before the mind as their texts do, less what is no more, or may be no more
    since it is spoken of again; all that the map is drawn by is at hand anyway."""
    held = dict[Triplet, None]()
    for update in (step.update for step in working.situation.recent):
        for fact in update.retired:
            held.pop(fact.triplet, None)
        taught = (fact for fact in (*update.added, *update.restated) if fact.retired_in is None)
        held |= dict.fromkeys(fact.triplet for fact in taught)
    spoken_of = {triplet.subject.casefold() for triplet in working.reading.triplets}
    for one in held:
        changes = one.relation in ("is", *PLACES) and one.subject.casefold() in spoken_of
        if not changes and one.relation not in ("has exit", "is behind") and not CONNECTION.fullmatch(one.relation):
            yield one


def passages(working: WorkingMemory) -> list[str]:
    """The texts at hand, oldest first: what was recalled, the last steps, what is said now. Where what came before the
    last steps was not recalled, the first of them does not say from where it came."""
    steps = working.situation.recent
    last = [step.observation.transcript for step in steps]
    recalled = [episode for episode in working.recall.episodes if episode.text not in last]
    if recalled and last and (recalled[-1].source or recalled[-1].id != steps[0].update.episode.id - 1):
        last[0] = _WAY_IN.sub("", last[0])
    return [*(episode.text for episode in recalled), *last, working.situation.observation.transcript]


def is_key(thing: str) -> bool:
    """Whether a thing is called a key."""
    return bool(_KEY.search(thing))


def is_shuttable(thing: str) -> bool:
    """Whether a thing is called something that may be shut, with things inside."""
    return bool(_SHUTTABLE.search(thing))


def is_readable(thing: str) -> bool:
    """Whether a thing is called something that carries words."""
    return bool(_READABLE.search(thing))


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
