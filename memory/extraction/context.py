"""The context of a reading: the room, the command, what pronouns point back to, and all that was stated so far."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from ariadne.memory.extraction.commands import Command
from ariadne.memory.ontology.names import ROOM, identity_of, same_name, triplet_key
from ariadne.memory.ontology.slots import RelationFilter
from ariadne.relations import (
    HAS_EXIT,
    HUNGRY,
    INVENTORY,
    IS,
    IS_AT,
    IS_BEHIND,
    IS_FOR,
    IS_IN,
    NEEDS,
    PLACES,
    PLAYER,
    RECIPE,
    REQUIRES,
    UNLOCKS,
    is_about_cooking,
    is_key,
)
from ariadne.text import has_words
from ariadne.values import Fact, Replacement, Situation, Triplet

_MAX_SENTENCES_BACK = 40  # that "the chest" may point back over
_SIGNS_OF_COOKING = {
    (IS, HUNGRY),
    *((IS_FOR, use) for use in ("frying", "roasting", "grilling")),
    *((NEEDS, step) for step in ("fry", "roast", "grill", "chop", "slice", "dice")),
}

TripletKey = tuple[str, str, str]
TripletsByKey = dict[TripletKey, Triplet]
"""Triplets by `triplet_key`."""


@dataclass
class ReadingContext:
    """What the reader needs to understand the next sentence, and what it has read so far."""

    known: Sequence[Fact]
    """The facts that the memory held before the text."""
    valid_actions: str = ""
    """The valid actions, one a line, in lower case. They call things by their names alone."""
    is_cooking: bool = False
    """Whether the player is to cook: texts then put food states before names."""

    current_room: str = ""
    command: Command = field(default_factory=Command)
    """The command that this answer follows."""
    recipe_section: str = ""
    """The section of a recipe that the reader is in: ingredients or directions."""
    is_prose: bool = False
    """Whether this answer is no text of a game: it has no command, no room and no inventory."""

    last_named: str = ""
    """What "it" is in a description."""
    last_key: str = ""
    last_lock: str = ""
    last_thing: str = ""
    pronouns_are_clear: bool = True
    """Whether a pronoun points back to something that was read, not into an unread sentence."""
    introduced: deque[list[str]] = field(default_factory=lambda: deque(maxlen=_MAX_SENTENCES_BACK))
    """The things that the description of the room has introduced lately, by sentence."""

    stated: TripletsByKey = field(default_factory=dict)
    """The triplets of this answer."""
    stated_before: TripletsByKey = field(default_factory=dict)
    """The triplets of the earlier answers that still hold."""
    stated_names: set[str] = field(default_factory=set)
    """The identities of all names in stated triplets."""
    stated_places: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """The places that this answer states for a thing; identities."""
    outdated: list[Replacement] = field(default_factory=list)
    """Known facts that the text makes outdated."""
    unread: list[str] = field(default_factory=list)
    """The sentences that nothing matches."""
    read_count: int = 0
    silent_count: int = 0

    _outdated_keys: set[TripletKey] = field(default_factory=set)
    _keys_by_name: dict[str, dict[TripletKey, None]] = field(default_factory=lambda: defaultdict(dict))

    @classmethod
    def start(cls, known: Sequence[Fact], situation: Situation | None) -> ReadingContext:
        """Return the context at the start of a text, from the known facts and the steps before."""
        context = cls(known, current_room=_room_of_player(known), last_key=_newest_key(known) or _last_key(situation))
        context.is_cooking = any(map(_is_sign_of_cooking, known))
        if situation:
            context.valid_actions = "\n".join(situation.observation.valid_actions or ()).casefold()
            context.is_cooking |= is_about_cooking(f"{situation.goal}\n{situation.hint}")
        return context

    def begin_answer(self, command: Command) -> None:
        """Turn to the answer to the next command."""
        self.stated.clear()
        self.stated_places.clear()
        self.command = command
        if command.examined:
            self.last_named = command.examined

    def finish_answer(self, outdated: set[TripletKey]) -> None:
        """Move the triplets of this answer to the earlier ones, less those that it makes `outdated`."""
        self._outdated_keys |= outdated
        self._outdated_keys -= self.stated.keys()
        for key in outdated:
            self.stated_before.pop(key, None)
        self.stated_before |= self.stated
        for key in self.stated:
            self._keys_by_name[key[0]][key] = self._keys_by_name[key[2]][key] = None

    def add(self, triplets: Sequence[Triplet], *, moves_pronouns: bool = True) -> None:
        """Add the triplets of a sentence to this answer.

        Later pronouns point back to them, unless `moves_pronouns` is False: the lines of an inventory move none.
        """
        self.pronouns_are_clear = True
        for triplet in triplets:
            key = triplet_key(triplet)
            self.stated[key] = triplet
            self.stated_names |= {key[0], key[2]}
            self.is_cooking |= _is_sign_of_cooking(triplet)
            if key[1] in PLACES:
                self.stated_places[key[0]].add(key[2])
            if is_key(key[0]) and (moves_pronouns or not self.last_key):
                self.last_key = triplet.subject
            if moves_pronouns:
                self._move_pronouns(triplet)

    def _move_pronouns(self, triplet: Triplet) -> None:
        subject, relation, value = triplet.subject, triplet.relation, triplet.object
        has_holder = relation in PLACES and not self._is_room(value)
        self.last_named = value if has_holder or relation == IS_BEHIND else subject
        self.last_thing = value if relation == UNLOCKS else subject
        self.last_lock = value if has_holder or relation in (UNLOCKS, IS_BEHIND) else subject

    def references(self) -> dict[str, str]:
        """Return the names that an answer of a game may refer to, by the placeholders of the pattern language."""
        names = {
            "here": self.current_room,
            "it": self.last_named,
            "target": self.command.target,
            "tool": self.command.tool,
            "opened": self.command.opened,
            "taken": self.command.taken,
        }
        return {placeholder: name for placeholder, name in names.items() if name}

    def references_with_pronouns(self) -> dict[str, str]:
        """Return the same, and the names that the pronouns of a note or a goal point back to."""
        names = {"last key": self.last_key}
        if self.pronouns_are_clear:
            names |= {
                "it as key": self.last_key,
                "it as lock": self.last_lock,
                "it as thing": self.last_thing,
                "which": self.last_lock,
            }
        return self.references() | {placeholder: name for placeholder, name in names.items() if name}

    def full_name(self, name: str) -> str:
        """Return the introduced thing that a description calls "the chest" or "the rusty one"; else the name."""
        adjective, _, noun = identity_of(name).rpartition(" ")
        for things in reversed(self.introduced):
            known = {identity_of(thing): thing for thing in things}
            by_noun = (thing for full, thing in known.items() if full.endswith(f" {identity_of(name)}"))
            by_adjective = (
                thing for full, thing in known.items() if noun == "one" and full.startswith(f"{adjective} ")
            )
            if found := known.get(identity_of(name)) or next(chain(by_noun, by_adjective), None):
                return found
        return name

    def had_state(self, thing: str, state: str) -> bool:
        """Return whether a thing was in a state before this answer."""
        return any(triplet_key(fact.triplet) == (identity_of(thing), IS, state) for fact in self.about(thing))

    def is_in_valid_actions(self, name: str) -> bool:
        """Return whether a valid action calls a thing by this name."""
        return has_words(self.valid_actions, name)

    def is_known(self, name: str) -> bool:
        """Return whether a fact or a stated triplet has this name."""
        return identity_of(name) in self.stated_names or self.was_known(name)

    def was_known(self, name: str) -> bool:
        """Return whether a fact from before this text has this name."""
        return identity_of(name) in self._known_names

    def is_required(self, name: str) -> bool:
        """Return whether a recipe requires a thing of this name."""
        known = (fact.triplet for fact in self.known)
        triplets = chain(self.stated.values(), self.stated_before.values(), known)
        return any(triplet.relation == REQUIRES and same_name(triplet.object, name) for triplet in triplets)

    def has_other_place(self, triplet: Triplet) -> bool:
        """Return whether a triplet states a place, and this answer has stated another place of the thing."""
        places = self.stated_places[identity_of(triplet.subject)]
        return triplet.relation in PLACES and bool(places - {identity_of(triplet.object)})

    def rename(self, names: Mapping[str, str]) -> None:
        """Give things other names in this answer and in what pronouns point back to.

        Args:
            names: The new names, by the identities of the old ones.
        """

        def renamed(name: str) -> str:
            return names.get(identity_of(name), name)

        triplets = [Triplet(renamed(t.subject), t.relation, renamed(t.object)) for t in self.stated.values()]
        self.stated = {triplet_key(triplet): triplet for triplet in triplets}
        self.stated_names |= {identity_of(name) for name in names.values()}
        self.last_named, self.last_key = renamed(self.last_named), renamed(self.last_key)
        self.last_lock, self.last_thing = renamed(self.last_lock), renamed(self.last_thing)
        for things in self.introduced:
            things[:] = map(renamed, things)

    def about(self, name: str, *_: RelationFilter | None) -> list[Fact]:
        """Return all facts that touch a name: known before the text, or stated by an earlier answer."""
        keys = self._keys_by_name.get(identity_of(name), ())
        triplets = (self.stated_before[key] for key in keys if key in self.stated_before)
        facts = [Fact(t.subject, t.relation, t.object, 0, None, 0, None, ()) for t in triplets]
        known = self._known_by_name.get(identity_of(name), ())
        return facts + [fact for fact in known if triplet_key(fact.triplet) not in self._outdated_keys]

    def _is_room(self, name: str) -> bool:
        known = identity_of(name) in self._known_rooms or same_name(name, self.current_room)
        return known or bool(ROOM.search(name))

    @cached_property
    def _known_names(self) -> frozenset[str]:
        keys = (triplet_key(fact.triplet) for fact in self.known)
        return frozenset(name for key in keys for name in (key[0], key[2]))

    @cached_property
    def _known_rooms(self) -> frozenset[str]:
        rooms = (fact for fact in self.known if fact.relation in (IS_AT, HAS_EXIT))
        return frozenset(identity_of(fact.object if fact.relation == IS_AT else fact.subject) for fact in rooms)

    @cached_property
    def _known_by_name(self) -> dict[str, list[Fact]]:
        found: dict[str, list[Fact]] = defaultdict(list)
        for fact in self.known:
            for name in {identity_of(fact.subject), identity_of(fact.object)}:
                found[name].append(fact)
        return found


def in_hand(known: Sequence[Fact]) -> list[Triplet]:
    """Return the known triplets of things that the player holds."""
    return [fact.triplet for fact in known if fact.relation == IS_IN and same_name(fact.object, INVENTORY)]


def _is_sign_of_cooking(statement: Triplet | Fact) -> bool:
    subject, relation, value = statement.subject, statement.relation, statement.object
    return (relation, subject) == (REQUIRES, RECIPE) or (relation, value) in _SIGNS_OF_COOKING


def _room_of_player(known: Sequence[Fact]) -> str:
    return next((fact.object for fact in known if fact.relation == IS_AT and same_name(fact.subject, PLAYER)), "")


def _newest_key(known: Sequence[Fact]) -> str:
    """Return the key that the memory learned of last: a note may call it "this key"."""
    keys = [fact for fact in known if fact.relation in PLACES and is_key(identity_of(fact.subject))]
    return max(keys, key=lambda fact: fact.learned_in).subject if keys else ""


def _last_key(situation: Situation | None) -> str:
    """Return the key that the recent steps mentioned last."""
    steps = reversed(situation.recent) if situation else ()
    subjects = (triplet.subject for step in steps for triplet in reversed(step.update.reading.triplets))
    return next((name for name in subjects if is_key(identity_of(name))), "")
