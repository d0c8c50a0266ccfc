"""What can hold one value at a time, as a table that a user can read and add to; revision rests on it alone.

A line reads `what it is about: phrase; phrase`. In a phrase `[x]` may be missing and `(a|b)` is either.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ariadne.memory.ontology.names import identity_of, triplet_key
from ariadne.memory.ontology.patterns import phrase
from ariadne.values import Triplet

TABLE = """
    # Relations that tell where their subject is, or their object ("apple is in box", "box contains apple")
    place of subject: [(is|are|lies|sits|stands|rests|hangs) ][(now|currently|still) ][(located|placed|found|kept|stored|lying|sitting|standing) ](in|on|at|inside|within|upon|on top of)
    place of subject: [(is|are) ][(now|currently) ](carried|held) by; (is|are|was|were|has been|have been) (taken|picked up)[ by]
    place of subject: (was|were|has been|have been) (put|placed|dropped|inserted|moved) (in|on|into|onto|inside|to)
    place of object: contains; hold[s]; carry; carries; [(is|are) ](carrying|holding|containing); took; takes; picked up; picks up; has[ (item|items)] (on|in|inside)[ (it|top|the floor|floor|hand|inventory)]; has (item|items)
    # What lets go of its object, wherever that falls; and what its subject is no longer in or on
    drops object: drops; dropped
    leaves object: [(is|are|was|were|has been|have been) ](taken|removed|picked up) from; left
    # Where its object is, unless it tells of a part ("chest has lid"): it yields to a place, and takes none
    perhaps place of object: has; have
    # Names of one place: the player's hands; and of a place that lies in another, nobody says in which
    hands: inventory; player; you; i; player's inventory; your inventory; player inventory; your hands; hands
    ground: floor; ground
    # States of which a thing has one
    states: open; closed; locked
    states: locked; unlocked
    states: on; off
    states: full; not full
    alike: opened; open
    alike: shut; closed
    alike: burnt; burned
    # States that tell things apart which have one name otherwise ("raw potato" is potato)
    looks: raw; fried; roasted; grilled
    looks: raw; cooked
    looks: raw; burned
    looks: uncut; chopped; sliced; diced
    # Relations that hold one object a subject
    one object: is behind
    # What is made of all that is in hand and that something requires, and what tells that a thing is no more
    made: meal
    made of: requires; includes; calls for; (has|needs|lists|requires|uses) (ingredient|ingredients)
    made by: recipe; meal; dish; cookbook
    part of: is[ (a|an|the)] ingredient (of|in|for); is (required|needed) (by|for|in)
    gone is subject: [(is|are|was|were|has been|have been) ](eaten|drunk|consumed|used up|destroyed)
    gone is object: ate; eats; drank; drinks; consumed; consumes
"""
_HEADS = frozenset(
    "place of subject;place of object;perhaps place of object;drops object;leaves object;hands;ground;states;alike;looks"
    ";one object;made;made by;made of;part of;gone is subject;gone is object".split(";")
)
_STATE_RELATION = re.compile(r"(?:is|are)(?: (?:now|currently|still))?(?: (?P<state>.+))?")
_IS = re.compile(r"(?:is|are)(?: (?:now|currently|still))?")
_NOTHING = frozenset({"", "none", "true", "yes", "now"})
"""Objects of a relation that has said all by itself ("door is locked, none")."""


@dataclass(frozen=True)
class Filled:
    """One value at a time: `kind` of thing is told of `thing` to be `value` (identities). A `weak` one only yields."""

    thing: str
    kind: str
    value: str
    weak: bool = False


class Slots:
    """The slots that triplets fill, as a table says; raises ValueError for a line that cannot be read."""

    def __init__(self, table: str = TABLE) -> None:
        rows = _rows(table)
        self._placed = _phrases(rows["place of subject"])
        self._holding = _phrases(rows["place of object"])
        self._having = _phrases(rows["perhaps place of object"])
        self._single = _phrases(rows["one object"])
        self._dropping, self._leaving = _phrases(rows["drops object"]), _phrases(rows["leaves object"])
        self._made_of, self._part_of = _phrases(rows["made of"]), _phrases(rows["part of"])
        self._gone_subject, self._gone_object = _phrases(rows["gone is subject"]), _phrases(rows["gone is object"])
        self.hands, self.ground = _names(rows["hands"]), _names(rows["ground"])
        self.made, self._makers = _names(rows["made"]), _names(rows["made by"])
        self._states = [_names([line]) for line in (*rows["states"], *rows["looks"])]
        alike = [[identity_of(name) for name in line.split(";")] for line in rows["alike"]]
        self._alike = {name: names[-1] for names in alike for name in names[:-1]}
        self.looks = tuple(sorted(_names(rows["looks"])))
        before = sorted(map(re.escape, _names([*rows["states"], *rows["looks"], *rows["alike"]])))
        self._look = re.compile(rf"^(?:(?:{'|'.join(before) or '(?!)'})\s+)+(?=\S)")
        self.fills = lru_cache(maxsize=4096)(self._fills)
        self.tells_of_subject = lru_cache(maxsize=4096)(self._tells_of_subject)
        self.tells_of_object = lru_cache(maxsize=4096)(self._tells_of_object)

    def places(self, triplet: Triplet) -> list[Filled]:
        """Where the triplet says that things are."""
        return [filled for filled in self.fills(triplet) if filled.kind == "place"]

    def bare(self, name: str) -> str:
        """A name's identity without the states before it: "diced raw potato" is "potato"."""
        return self._look.sub("", identity_of(name))

    def looks_of(self, name: str) -> tuple[list[str], str]:
        """The looks that stand before a name, and the name without them: "diced raw Potato" gives "Potato"."""
        looks, words = list[str](), name.split()
        while len(words) > 1 and words[0].casefold() in self.looks:
            looks.append(words.pop(0).casefold())
        return looks, " ".join(words)

    def requirement(self, triplet: Triplet) -> str | None:
        """What the triplet says that a recipe or a dish is made of."""
        subject, relation, value = triplet_key(triplet)
        if self._made_of.fullmatch(relation):
            return value if self._makers.intersection(subject.split()) else None
        return subject if self._part_of.fullmatch(relation) and self._makers.intersection(value.split()) else None

    def left(self, triplet: Triplet) -> tuple[str, str] | None:
        """What the triplet says has left a place, and which."""
        subject, relation, value = triplet_key(triplet)
        return (subject, self._place(value)) if self._leaving.fullmatch(relation) else None

    def gone(self, triplet: Triplet) -> str | None:
        """What the triplet says is no more."""
        subject, relation, value = triplet_key(triplet)
        if self._gone_object.fullmatch(relation):
            return value
        relation = relation.removesuffix(" by")
        told = relation if value in _NOTHING or value.startswith("by ") else f"{relation} {value}"
        return subject if self._gone_subject.fullmatch(told) or self._gone_subject.fullmatch(relation) else None

    def _fills(self, triplet: Triplet) -> tuple[Filled, ...]:
        subject, relation, value = triplet_key(triplet)
        if self._placed.fullmatch(relation):
            return (Filled(subject, "place", self._place(value)),)
        if self._holding.fullmatch(relation) or (subject in self.hands and self._having.fullmatch(relation)):
            return (Filled(value, "place", self._place(subject)),)
        if self._dropping.fullmatch(relation):
            return (Filled(value, "place", "floor"),)
        if self._having.fullmatch(relation):
            return (Filled(value, "place", self._place(subject), weak=True),)
        if self._single.fullmatch(relation):
            return (Filled(subject, relation, value),)
        if told := _STATE_RELATION.fullmatch(relation):
            said = value if told["state"] is None else told["state"] if value in _NOTHING else ""
            state = self._alike.get(str(said), str(said))
            kinds = (" ".join(sorted(states)) for states in self._states if state in states)
            return tuple(Filled(subject, kind, state) for kind in kinds)
        return ()

    def _tells_of_subject(self, relation: str) -> bool:
        """Whether a triplet of this relation may fill a slot of its subject."""
        return any(told.fullmatch(relation) for told in (self._placed, self._single, _STATE_RELATION))

    def _tells_of_object(self, relation: str) -> bool:
        """Whether a triplet of this relation may fill a slot of its object."""
        return any(told.fullmatch(relation) for told in (self._holding, self._having, self._dropping))

    def settles(self, relation: str) -> bool:
        """Whether the table says what contradicts a triplet of this relation."""
        told = (self._placed, self._holding, self._having, self._dropping, self._leaving, self._single, _IS)
        return any(phrases.fullmatch(relation) for phrases in told)

    def _place(self, name: str) -> str:
        name = name.removeprefix("by ")
        return "inventory" if name in self.hands else "floor" if name in self.ground else name


def _rows(table: str) -> dict[str, list[str]]:
    rows: dict[str, list[str]] = defaultdict(list)
    for line in filter(None, map(str.strip, table.splitlines())):
        head, colon, told = line.partition(": ")
        if line.startswith("#"):
            continue
        if not colon or head not in _HEADS:
            raise ValueError(f"{line!r}: a line begins with one of {', '.join(sorted(_HEADS))}, and a colon")
        rows[head].append(told)
    return rows


def _names(lines: Sequence[str]) -> frozenset[str]:
    return frozenset(identity_of(name) for line in lines for name in line.split(";"))


def _phrases(lines: Sequence[str]) -> re.Pattern[str]:
    told = [phrase(part.strip()) for line in lines for part in line.split(";")]
    try:
        return re.compile("|".join(told) or "(?!)", re.IGNORECASE)
    except re.error as error:
        raise ValueError(f"cannot be read: {'; '.join(lines)} ({error})") from error
