"""What the rules mind believes of the world: the triplets of one working memory, and questions about them.

A graph memory recalls facts. For a memory that keeps texts, the facts are read out of the texts it recalls. Beliefs are
built once a step from working memory alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ariadne.planners.map import Map
from ariadne.planners.rules.queries import LOCATIONS
from ariadne.planners.rules.subgoals import ParsedSubGoal
from ariadne.planners.working_memory import FactsInText, announced_room, texts_at_hand
from ariadne.relations import (
    CAN_BE,
    CANNOT_BE,
    CONNECTIONS,
    DOES_NOT_UNLOCK,
    DOOR_STATES,
    HAS_EXIT,
    INVENTORY,
    IS,
    IS_AT,
    IS_BEHIND,
    IS_FOR,
    IS_IN,
    LOCKED,
    PLACES,
    PLAYER,
    SAYS,
    SHUT_STATES,
    UNLOCKS,
    is_key,
)
from ariadne.text import has_words
from ariadne.values import About, Triplet, WorkingMemory

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
_MAP_RELATIONS = CONNECTIONS | {HAS_EXIT, IS_BEHIND}
_DEEPEST = 8
"""How many holders are followed from a thing to its room: a limit, because beliefs may hold a circle."""


@dataclass(frozen=True)
class Beliefs:
    """The state of the world as the rules mind believes it; names are compared without case.

    Args:
        triplets: What is believed, each once.
        here: The player's room.
        goal: Goal and hint, a line each.
        queried: The names that memory was queried about, without case; None if all its facts are at hand.
    """

    triplets: tuple[Triplet, ...]
    here: str
    goal: str = ""
    queried: frozenset[str] | None = None

    @classmethod
    def of(cls, working: WorkingMemory, facts_in_text: FactsInText) -> Beliefs:
        """Build the beliefs of one step; `facts_in_text` reads them out of texts if memory recalls no facts."""
        situation, queried = working.situation, frozenset[str]()
        if working.recall.facts or working.places:
            recalled = [fact.triplet for fact in working.recall.facts]
            triplets = [*working.places, *recalled, *_learned_lately(working), *working.reading.triplets]
            queried = frozenset(query.name.casefold() for query in working.queries if isinstance(query, About))
        else:
            triplets = list(facts_in_text("\n".join([situation.goal, situation.hint, *texts_at_hand(working)])))
        rooms = [triplet.object for triplet in triplets if triplet.relation == IS_AT and triplet.subject == PLAYER]
        here = rooms[-1] if rooms else announced_room(situation)
        return cls(tuple(dict.fromkeys(triplets)), here, f"{situation.goal}\n{situation.hint}", queried or None)

    # -- places --------------------------------------------------------------------------------------------------------

    @cached_property
    def map(self) -> Map:
        """The map of these triplets."""
        return Map.of(self.triplets, self.here)

    @cached_property
    def inventory(self) -> tuple[str, ...]:
        """The things in hand."""
        return tuple(t.subject for t in self.triplets if t.relation == IS_IN and t.object == INVENTORY)

    @cached_property
    def things(self) -> list[str]:
        """All things whose place is known, without rooms and the player."""
        placed = [t for t in self.triplets if t.relation in PLACES]
        names = dict.fromkeys(name for t in placed for name in t.ends)
        return [name for name in names if self.map.find(name) is None and name not in (INVENTORY, PLAYER)]

    def has(self, thing: str) -> bool:
        """Return whether a thing is in hand."""
        return any(_same(thing, held) for held in self.inventory)

    def holder(self, thing: str) -> str | None:
        """Return the nearest thing or room that a thing is in, on or at; INVENTORY if it is in hand."""
        holders = [t.object for t in self._about(thing) if t.relation in LOCATIONS]
        nearest = [holder for holder in holders if self.map.find(holder) is None]
        return next(iter(nearest or holders), None)

    def is_in_room_itself(self, thing: str) -> bool:
        """Return whether a thing stands or lies in a room, and not in or on another thing."""
        return self.map.find(self.holder(thing) or "") is not None

    def room(self, thing: str) -> str | None:
        """Return the room of a thing as far as it is known; for a door, the nearest of its rooms."""
        for _ in range(_DEEPEST):
            if (found := self.map.find(thing)) is not None:
                return found
            if thing == INVENTORY:
                return self.here
            if rooms := self.map.rooms_with(thing):
                return next((room for room in self.map.paths(self.here) if room in rooms), rooms[0])
            thing = self.holder(thing) or ""
        return None

    def is_found(self, thing: str) -> bool:
        """Return whether a thing's room or state is known."""
        return self.room(thing) is not None or self.state(thing) is not None

    def things_at(self, room: str) -> list[str]:
        """Return the things in a room itself, without keys and readable things."""
        there = [thing for thing in self.things if (holder := self.holder(thing)) and _same(holder, room)]
        return [thing for thing in there if not is_key(thing) and not is_readable(thing)]

    def in_sight(self) -> list[str]:
        """Return the things within reach: in this room, or in or on something in it that is not shut."""
        near = [thing for thing in self.things if self.room(thing) == self.here and not self.has(thing)]
        return [thing for thing in near if not any(map(self.is_shut, self._holders(thing)))]

    def taking(self, thing: str) -> ParsedSubGoal:
        """Return the sub-goal to take a thing from where it is."""
        holder = self.holder(thing) or ""
        return ParsedSubGoal("take", thing, "" if self.map.find(holder) else holder)

    # -- states --------------------------------------------------------------------------------------------------------

    def objects(self, subject: str, relation: str) -> list[str]:
        """Return the objects of a subject's relation, each once, in the order of the triplets."""
        return list(dict.fromkeys(t.object for t in self._about(subject) if t.relation == relation))

    def states(self, thing: str) -> list[str]:
        """Return all states of a thing: open, fried, ..."""
        return self.objects(thing, IS)

    def state(self, thing: str) -> str | None:
        """Return open, closed or locked; None if that is not known."""
        return next((state for state in reversed(self.states(thing)) if state in DOOR_STATES), None)

    def is_shut(self, thing: str) -> bool:
        """Return whether a thing is closed or locked.

        A thing of unknown state with a key of its own counts as locked.
        """
        state = self.state(thing)
        return state in SHUT_STATES or (state is None and bool(self.keys_for(thing)))

    def tool_for(self, use: str) -> str | None:
        """Return what the world names for a use ("stove" for frying)."""
        return next((t.subject for t in self.triplets if t.relation == IS_FOR and t.object == use), None)

    def cannot_be(self, thing: str, state: str) -> bool:
        """Return whether it is known that a thing cannot be opened, or taken."""
        return state in self.objects(thing, CANNOT_BE)

    def can_be_taken(self, thing: str) -> bool:
        """Return whether it is known that a thing can be taken."""
        return "taken" in self.objects(thing, CAN_BE)

    def was_queried(self, thing: str) -> bool:
        """Return whether all facts that memory keeps about a thing are at hand."""
        return self.queried is None or thing.casefold() in self.queried

    # -- keys and locks ------------------------------------------------------------------------------------------------

    @cached_property
    def locks(self) -> list[Triplet]:
        """Which key unlocks what, without keys that do not fit."""
        pairs = {(t.subject.casefold(), t.object.casefold()): t for t in self.triplets if t.relation == UNLOCKS}
        return [triplet for triplet in pairs.values() if not self.misfits(*triplet.ends)]

    def keys_in_hand(self) -> list[str]:
        """Return the keys in hand."""
        return [thing for thing in self.inventory if is_key(thing)]

    def keys_for(self, lock: str) -> list[str]:
        """Return the keys that are known to unlock a thing."""
        return [triplet.subject for triplet in self.locks if _same(triplet.object, lock)]

    def lock_of(self, key: str) -> str | None:
        """Return what a key is known to unlock."""
        return next((triplet.object for triplet in self.locks if _same(triplet.subject, key)), None)

    def misfits(self, key: str, lock: str) -> bool:
        """Return whether a key is known not to fit a lock."""
        return any(t.relation == DOES_NOT_UNLOCK and _same(t.object, lock) for t in self._about(key))

    def unassigned_keys(self, lock: str = "") -> list[str]:
        """Return the keys in hand that unlock nothing that was found; a key of `lock` counts as unassigned."""
        used = {t.subject.casefold() for t in self.locks if self.is_found(t.object) and not _same(t.object, lock)}
        return [key for key in self.keys_in_hand() if key.casefold() not in used]

    def untried_keys(self, lock: str) -> list[str]:
        """Return the keys in hand that may fit a lock: they have no other lock, and were not tried on it."""
        return [key for key in self.unassigned_keys(lock) if not self.misfits(key, lock)]

    def guessed_locks(self, key: str) -> list[tuple[str, str]]:
        """Return what a key may unlock although no fact states it, each with the reason.

        A text may mention both, or their names may share a word ("rusty key", "rusty chest").
        """
        words = set(key.casefold().split()) - {"key", "keycard"}
        texts = [text for text in self.texts if has_words(text, key) or self._mentions_an_unknown_key(text)]
        found = list[tuple[str, str]]()
        for lock in filter(self._may_be_locked, dict.fromkeys((*self.things, *self.map.doors.values()))):
            if key not in self.untried_keys(lock) or self.keys_for(lock):
                continue
            if any(has_words(text, lock) for text in texts):
                found.append((lock, f"a text mentions it together with {key}"))
            elif words & set(lock.casefold().split()):
                found.append((lock, f"its name is like that of {key}"))
        return found

    def is_guarded(self, thing: str) -> bool:
        """Return whether a thing lies in something that has a key of its own."""
        return not self.is_in_room_itself(thing) and bool(self.keys_for(self.holder(thing) or ""))

    # -- names and texts -----------------------------------------------------------------------------------------------

    @cached_property
    def texts(self) -> list[str]:
        """Goal and hint, and the texts that are written on things."""
        return [self.goal, *(t.object for t in self.triplets if t.relation == SAYS)]

    def was_read(self, thing: str) -> bool:
        """Return whether the text of a thing is known."""
        return any(t.relation == SAYS for t in self._about(thing))

    def quotation(self, *names: str) -> str | None:
        """Return the first written text that mentions all these names, with the thing it is written on."""
        for triplet in self.triplets:
            if triplet.relation == SAYS and all(has_words(triplet.object, name) for name in names):
                return f'{triplet.subject} says "{triplet.object}"'
        return None

    def is_named_prize(self, thing: str) -> bool:
        """Return whether goal or hint mention a thing that is no lock, holds nothing, and has no state."""
        holding = {t.object.casefold() for t in self.triplets if t.relation in (UNLOCKS, *LOCATIONS)}
        return has_words(self.goal, thing) and thing.casefold() not in holding and self.state(thing) is None

    def spelling_of(self, thing: str) -> str:
        """Return a thing's name as spelled where it lies; commands need that spelling."""
        return next((name for name in self.things if _same(name, thing)), thing)

    def things_named(self, name: str) -> list[str]:
        """Return the things of this name, else those whose name ends with it ("teacup" finds "old teacup")."""
        exact = [thing for thing in self.things if _same(thing, name)]
        return exact or [thing for thing in self.things if thing.casefold().endswith(f" {name.casefold()}")]

    def _mentions_an_unknown_key(self, text: str) -> bool:
        """Return whether a text mentions a key but none that is known by name: "the key beside this note"."""
        return is_key(text) and not any(has_words(text, thing) for thing in self.things if is_key(thing))

    def _may_be_locked(self, thing: str) -> bool:
        """Return whether a thing is fixed in a room, and all that is known of it allows that it is locked."""
        if is_key(thing) or is_readable(thing) or not self.was_queried(thing) or self.cannot_be(thing, "opened"):
            return False
        fixed = self.map.rooms_with(thing) or self.is_in_room_itself(thing)
        return bool(fixed) and self.state(thing) in (None, LOCKED)

    def _holders(self, thing: str) -> Iterator[str]:
        """Yield what a thing is in or on, what that is in or on, and so on up to the room."""
        for _ in range(_DEEPEST):
            thing = self.holder(thing) or ""
            if not thing or self.map.find(thing) is not None:
                return
            yield thing

    def _about(self, thing: str) -> Sequence[Triplet]:
        return self._by_subject.get(thing.casefold(), ())

    @cached_property
    def _by_subject(self) -> dict[str, list[Triplet]]:
        by_subject: dict[str, list[Triplet]] = {}
        for triplet in self.triplets:
            by_subject.setdefault(triplet.subject.casefold(), []).append(triplet)
        return by_subject


def _learned_lately(working: WorkingMemory) -> Iterator[Triplet]:
    """Yield the facts that the last steps added and that are still current.

    A state or place is left out if the current reading mentions its subject, because it may have changed. Exits and
    connections are left out because working memory has all of them.
    """
    learned = dict[Triplet, None]()
    for update in (step.update for step in working.situation.recent):
        for fact in update.retired:
            learned.pop(fact.triplet, None)
        current = (fact for fact in (*update.added, *update.restated) if fact.retired_in is None)
        learned |= dict.fromkeys(fact.triplet for fact in current)
    mentioned = {triplet.subject.casefold() for triplet in working.reading.triplets}
    for triplet in learned:
        may_have_changed = triplet.relation in (IS, *LOCATIONS) and triplet.subject.casefold() in mentioned
        if not may_have_changed and triplet.relation not in _MAP_RELATIONS:
            yield triplet


def is_shuttable(thing: str) -> bool:
    """Return whether a thing is named as something that can be shut, with things inside."""
    return bool(_SHUTTABLE.search(thing))


def is_readable(thing: str) -> bool:
    """Return whether a thing is named as something that carries text."""
    return bool(_READABLE.search(thing))


def _same(name: str, other: str) -> bool:
    return name.casefold() == other.casefold()
