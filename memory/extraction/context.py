"""Where a reading stands: the room, what pronouns point to, what the command named, and all that was told so far."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from ariadne.memory.ontology.names import ROOM, identity_of, same_name, triplet_key
from ariadne.memory.ontology.reviser import RelationFilter
from ariadne.values import Fact, Replacement, Situation, Triplet

PLAYER, INVENTORY = "player", "inventory"
_KEY = re.compile(r"\b(?:latch|pass)?key(?:card)?\b")
_COOKING = re.compile(r"\b(?:recipe|cookbook|cook|cooking|meal)\b", re.IGNORECASE)

_IN_MIND = 40  # sentences that "the chest" may point back to

_COOKERY = {
    ("is", "hungry"),
    *(("is for", use) for use in ("frying", "roasting", "grilling")),
    *(("needs", work) for work in ("fry", "roast", "grill", "chop", "slice", "dice")),
}

TripletsByKey = dict[tuple[str, str, str], Triplet]
"""Triplets by what makes them the same: subject and object as identities, the relation between."""


@dataclass
class ReadingContext:
    """What is needed to understand the next sentence, and what all before it told."""

    known: Sequence[Fact]
    valid_actions: str = ""
    """What may be done, a line an action: there things are called by their names alone."""
    cooking: bool = False
    """Whether somebody is to cook here: then things are called by how they look besides their names."""
    here: str = ""
    it: str = ""
    last_key: str = ""
    lock: str = ""
    thing: str = ""
    clear: bool = True
    """Whether "it" points to what was read, not into a sentence that was not."""
    target: str = ""
    tool: str = ""
    opened: str = ""
    taken: str = ""
    """What the command meant to open or to take in the plainest words, if it was no door: one has other names."""
    introduced: deque[list[str]] = field(default_factory=lambda: deque(maxlen=_IN_MIND))
    """What a description has brought in lately, sentence by sentence."""
    section: str = ""
    """Of a recipe: ingredients or directions."""
    free: bool = False
    """Whether this is no text of a game: neither a room, nor an answer to a command."""
    told: TripletsByKey = field(default_factory=dict)
    """By the answer that is being read."""
    before: TripletsByKey = field(default_factory=dict)
    """By the answers before it, less what it changed."""
    names: set[str] = field(default_factory=set)
    """Identities of all names told of."""
    placed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Where this answer has told things to be; identities."""
    _over: set[tuple[str, str, str]] = field(default_factory=set)
    """What the answers before this one changed."""
    _named: dict[str, dict[tuple[str, str, str], None]] = field(default_factory=lambda: defaultdict(dict))
    gone: list[Replacement] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    read: int = 0
    silent: int = 0

    @classmethod
    def after(cls, known: Sequence[Fact], situation: Situation | None) -> ReadingContext:
        """Where reading begins, by what is known and what came before."""
        scene = cls(known, here=_player_room(known), last_key=_newest_key(known) or _last_key(situation))
        scene.cooking = any(map(_tells_of_cooking, known))
        if situation:
            scene.valid_actions = "\n".join(situation.observation.valid_actions or ()).casefold()
            scene.cooking |= _COOKING.search(f"{situation.goal}\n{situation.hint}") is not None
        return scene

    def sight(self) -> dict[str, str]:
        """What an answer of the game may name besides what it says."""
        words = {"here": self.here, "it": self.it, "target": self.target, "tool": self.tool, "opened": self.opened}
        words |= {"taken": self.taken}
        return {name: word for name, word in words.items() if word}

    def pointers(self) -> dict[str, str]:
        """What the pronouns of a text may point back to, with all that is in sight."""
        words = {"last key": self.last_key}
        if self.clear:
            words |= {
                "it as key": self.last_key,
                "it as lock": self.lock,
                "it as thing": self.thing,
                "which": self.lock,
            }
        return self.sight() | {name: word for name, word in words.items() if word}

    def was(self, thing: str, state: str) -> bool:
        """Whether it was in this state, as last heard before this answer."""
        return any(triplet_key(fact.triplet) == (identity_of(thing), "is", state) for fact in self.about(thing))

    def acted_on(self, name: str) -> bool:
        """Whether what may be done speaks of a thing by this name."""
        return re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", self.valid_actions) is not None

    def meant(self, name: str) -> str:
        """The thing that a description speaks of by its noun ("the chest") or as one of several ("the rusty one")."""
        adjective, _, one = identity_of(name).rpartition(" ")
        for things in reversed(self.introduced):
            known = {identity_of(thing): thing for thing in things}
            called = (thing for said, thing in known.items() if said.endswith(f" {identity_of(name)}"))
            looking = (thing for said, thing in known.items() if one == "one" and said.startswith(f"{adjective} "))
            if found := known.get(identity_of(name)) or next(chain(called, looking), None):
                return found
        return name

    def is_known(self, name: str) -> bool:
        """Whether something was told of a thing by this name."""
        return identity_of(name) in self.names or self.was_known(name)

    def was_known(self, name: str) -> bool:
        """The same, before this text."""
        return identity_of(name) in self._known_names

    def is_required(self, name: str) -> bool:
        """Whether something is made of a thing of this name, as was told."""
        told = (*self.told.values(), *self.before.values(), *(fact.triplet for fact in self.known))
        return any(triplet.relation == "requires" and same_name(triplet.object, name) for triplet in told)

    def is_placed_elsewhere(self, triplet: Triplet) -> bool:
        """Whether it is told of a place, and this answer has told another one of the thing."""
        return triplet.relation in ("is in", "is on") and bool(
            self.placed[identity_of(triplet.subject)] - {identity_of(triplet.object)}
        )

    @cached_property
    def _known_keys(self) -> frozenset[tuple[str, str, str]]:
        return frozenset(triplet_key(fact.triplet) for fact in self.known)

    @cached_property
    def _known_names(self) -> frozenset[str]:
        return frozenset(name for said in self._known_keys for name in (said[0], said[2]))

    def tell(self, triplets: Sequence[Triplet], *, spoken: bool = True) -> None:
        """Take in what was read; where that was not `spoken`, but stands in a list below, no pronoun points to it."""
        self.clear = True
        for triplet in triplets:
            said = triplet_key(triplet)
            self.told[said] = triplet
            self.names |= {said[0], said[2]}
            self.cooking |= _tells_of_cooking(triplet)
            if said[1] in ("is in", "is on"):
                self.placed[said[0]].add(said[2])
            subject, relation, value = triplet.subject, triplet.relation, triplet.object
            if _KEY.search(identity_of(subject)) and (spoken or not self.last_key):
                self.last_key = subject
            if not spoken:
                continue
            inside = relation in ("is in", "is on") and not self._is_room(value)
            self.it = value if inside or relation == "is behind" else subject
            self.thing = value if relation == "unlocks" else subject
            self.lock = value if inside or relation in ("unlocks", "is behind") else subject

    def _is_room(self, name: str) -> bool:
        return identity_of(name) in self._known_rooms or same_name(name, self.here) or bool(ROOM.search(name))

    @cached_property
    def _known_rooms(self) -> frozenset[str]:
        rooms = (fact for fact in self.known if fact.relation in ("is at", "has exit"))
        return frozenset(identity_of(fact.object if fact.relation == "is at" else fact.subject) for fact in rooms)

    def rename(self, names: Mapping[str, str]) -> None:
        """Call things (identities) by other names in all that this answer told, and in what pronouns point to."""

        def called(name: str) -> str:
            return names.get(identity_of(name), name)

        told = [Triplet(called(t.subject), t.relation, called(t.object)) for t in self.told.values()]
        self.told = {triplet_key(triplet): triplet for triplet in told}
        self.names |= {identity_of(name) for name in names.values()}
        self.it, self.lock, self.thing, self.last_key = map(called, (self.it, self.lock, self.thing, self.last_key))
        for things in self.introduced:
            things[:] = map(called, things)

    def begin(self) -> None:
        """Turn to the next answer."""
        self.told.clear()
        self.placed.clear()

    def settle(self, changed: set[tuple[str, str, str]]) -> None:
        """Put what this answer told to what was told before it, less what it changed."""
        self._over |= changed
        self._over -= self.told.keys()
        for said in changed:
            self.before.pop(said, None)
        self.before |= self.told
        for said in self.told:
            self._named[said[0]][said] = self._named[said[2]][said] = None

    def about(
        self,
        name: str,
        as_subject: RelationFilter | None = None,  # noqa: ARG002
        as_object: RelationFilter | None = None,  # noqa: ARG002
    ) -> list[Fact]:
        """What touches a name, of all told before this answer and all known before the text."""
        told = (self.before[said] for said in self._named.get(identity_of(name), ()) if said in self.before)
        facts = [Fact(t.subject, t.relation, t.object, 0, None, 0, None, ()) for t in told]
        return facts + [
            f for f in self._known_by_name.get(identity_of(name), ()) if triplet_key(f.triplet) not in self._over
        ]

    @cached_property
    def _known_by_name(self) -> dict[str, list[Fact]]:
        found: dict[str, list[Fact]] = defaultdict(list)
        for fact in self.known:
            for name in {identity_of(fact.subject), identity_of(fact.object)}:
                found[name].append(fact)
        return found


def _tells_of_cooking(told: Triplet | Fact) -> bool:
    return (told.relation, told.subject) == ("requires", "recipe") or (told.relation, told.object) in _COOKERY


def _player_room(known: Sequence[Fact]) -> str:
    return next((fact.object for fact in known if fact.relation == "is at" and same_name(fact.subject, PLAYER)), "")


def _newest_key(known: Sequence[Fact]) -> str:
    """The key that memory heard of last: what a note means by "this key"."""
    keys = [fact for fact in known if fact.relation in ("is in", "is on") and _KEY.search(identity_of(fact.subject))]
    return max(keys, key=lambda fact: fact.learned_in).subject if keys else ""


def _last_key(situation: Situation | None) -> str:
    """The key last spoken of in the steps before, where memory knows of none."""
    steps = reversed(situation.recent) if situation else ()
    seen = (triplet.subject for step in steps for triplet in reversed(step.update.reading.triplets))
    return next((name for name in seen if _KEY.search(identity_of(name))), "")
