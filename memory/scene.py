"""Where a reading stands: the room, what pronouns point to, what the command named, and all that was told so far."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from ariadne.memory.names import ROOM, identity, key, same
from ariadne.values import Fact, Replacement, Situation, Triplet

PLAYER, INVENTORY = "player", "inventory"
_KEY = re.compile(r"\b(?:latch|pass)?key(?:card)?\b")
_COOKING = re.compile(r"\b(?:recipe|cookbook|cook|cooking|meal)\b", re.IGNORECASE)

_IN_MIND = 40  # things that "the chest" may point back to

Told = dict[tuple[str, str, str], Triplet]
"""Triplets by what makes them the same: subject and object as identities, the relation between."""


@dataclass
class Scene:
    """What is needed to understand the next sentence, and what all before it told."""

    known: Sequence[Fact]
    valid_actions: str = ""
    """What may be done, a line an action: there things are called by their names alone."""
    goal: str = ""
    here: str = ""
    it: str = ""
    last_key: str = ""
    lock: str = ""
    thing: str = ""
    clear: bool = True
    """Whether "it" points to what was read, not into a sentence that was not."""
    target: str = ""
    tool: str = ""
    introduced: deque[str] = field(default_factory=lambda: deque(maxlen=_IN_MIND))
    """What a description has brought in lately, in its order."""
    section: str = ""
    """Of a recipe: ingredients or directions."""
    told: Told = field(default_factory=dict)
    gone: list[Replacement] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    read: int = 0
    silent: int = 0

    @classmethod
    def after(cls, known: Sequence[Fact], situation: Situation | None) -> Scene:
        """Where reading begins, by what is known and what came before."""
        scene = cls(known, here=_player_room(known), last_key=_newest_key(known) or _last_key(situation))
        if situation:
            scene.valid_actions = "\n".join(situation.observation.valid_actions or ()).casefold()
            scene.goal = f"{situation.goal}\n{situation.hint}"
        return scene

    def sight(self) -> dict[str, str]:
        """What an answer of the game may name besides what it says."""
        words = {"here": self.here, "it": self.it, "target": self.target, "tool": self.tool}
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
        """Whether it was in this state, as last heard before the text."""
        return any(key(fact.triplet) == (identity(thing), "is", state) for fact in self.known)

    def acted_on(self, name: str) -> bool:
        """Whether what may be done speaks of a thing by this name."""
        return re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", self.valid_actions) is not None

    def meant(self, name: str) -> str:
        """The thing that a description speaks of by its noun ("the chest") or as one of several ("the rusty one")."""
        if any(same(name, thing) for thing in self.introduced):
            return name
        adjective, _, one = identity(name).rpartition(" ")
        by_look = (thing for thing in reversed(self.introduced) if one == "one" and _begins(thing, adjective))
        by_noun = (thing for thing in reversed(self.introduced) if identity(thing).endswith(f" {identity(name)}"))
        return next(chain(by_look, by_noun), name)

    def is_known(self, name: str) -> bool:
        """Whether something was told of a thing by this name."""
        return any(identity(name) in (key(t)[0], key(t)[2]) for t in self._believed())

    def is_about_cooking(self) -> bool:
        """Whether somebody is to cook here: then things are called by how they look besides their names."""
        told = any(t.relation in ("requires", "needs", "is for") or t.object == "hungry" for t in self._believed())
        return told or _COOKING.search(self.goal) is not None

    def _believed(self) -> Iterator[Triplet]:
        yield from self.told.values()
        yield from (fact.triplet for fact in self.known)

    def tell(self, triplets: Sequence[Triplet]) -> None:
        self.clear = True
        for triplet in triplets:
            self.told[key(triplet)] = triplet
            subject, relation, value = triplet.subject, triplet.relation, triplet.object
            inside = relation in ("is in", "is on") and not self._is_room(value)
            self.it = value if inside or relation == "is behind" else subject
            self.thing = value if relation == "unlocks" else subject
            self.lock = value if inside or relation in ("unlocks", "is behind") else subject
            if _KEY.search(identity(subject)):
                self.last_key = subject

    def _is_room(self, name: str) -> bool:
        seen = any(fact.relation in ("is at", "has exit") and same(name, _place(fact)) for fact in self.known)
        return seen or same(name, self.here) or bool(ROOM.search(name))

    def rename(self, old: str, new: str) -> None:
        """Call a thing (an identity) by another name in all that was told."""
        told, self.told = list(self.told.values()), {}
        for triplet in told:
            subject, value = (new if same(name, old) else name for name in (triplet.subject, triplet.object))
            self.tell([Triplet(subject, triplet.relation, value)])


def _begins(thing: str, adjective: str) -> bool:
    return identity(thing).startswith(f"{adjective} ")


def _place(fact: Fact) -> str:
    return fact.object if fact.relation == "is at" else fact.subject


def _player_room(known: Sequence[Fact]) -> str:
    return next((fact.object for fact in known if fact.relation == "is at" and same(fact.subject, PLAYER)), "")


def _newest_key(known: Sequence[Fact]) -> str:
    """The key that memory heard of last: what a note means by "this key"."""
    keys = [fact for fact in known if fact.relation in ("is in", "is on") and _KEY.search(identity(fact.subject))]
    return max(keys, key=lambda fact: fact.learned_in).subject if keys else ""


def _last_key(situation: Situation | None) -> str:
    """The key last spoken of in the steps before, where memory knows of none."""
    steps = reversed(situation.last) if situation else ()
    seen = (triplet.subject for step in steps for triplet in reversed(step.update.reading.triplets))
    return next((name for name in seen if _KEY.search(identity(name))), "")
