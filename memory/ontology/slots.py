"""Slots: relations with one value at a time, such as a place or a state. Revision rests on this table alone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ariadne.memory.ontology.names import identity_of, triplet_key
from ariadne.memory.ontology.patterns import phrase_regex
from ariadne.relations import FLOOR, INVENTORY
from ariadne.values import Triplet

TABLE = (Path(__file__).parent / "slots.txt").read_text(encoding="utf-8")
"""The table of slots; `TABLE + "one object: works for"` adds to it. The table's comments explain its lines."""

PLACE = "place"
"""The kind of the slot that holds where a thing is."""

_KINDS = frozenset(
    "place of subject;place of object;weak place of object;drops object;leaves object;hands;ground;states;food states"
    ";synonyms;one object;made;made by;made of;part of;uses up subject;uses up object".split(";")
)
_STATE_RELATION = re.compile(r"(?:is|are)(?: (?:now|currently|still))?(?: (?P<state>.+))?")
_IS = re.compile(r"(?:is|are)(?: (?:now|currently|still))?")
_FILLERS = frozenset({"", "none", "true", "yes", "now"})
"""Objects that add nothing to their relation: "door | is locked | none"."""


@dataclass(frozen=True)
class SlotValue:
    """One value of a slot: `thing` has this `value` for this `kind`. Names are identities.

    The kind is "place", a relation with one object, or a line of states ("closed locked open"). A `weak` value is
    retired by others and retires none.
    """

    thing: str
    kind: str
    value: str
    weak: bool = False


class Slots:
    """The slots that triplets fill, by a table."""

    def __init__(self, table: str = TABLE) -> None:
        """Parse a table.

        Raises:
            ValueError: A line has no known kind, or a phrase cannot be read or holds a colon.
        """
        rows = _rows(table)
        self._place_of_subject = _phrases(rows["place of subject"])
        self._place_of_object = _phrases(rows["place of object"])
        self._weak_place_of_object = _phrases(rows["weak place of object"])
        self._one_object = _phrases(rows["one object"])
        self._drops_object, self._leaves_object = _phrases(rows["drops object"]), _phrases(rows["leaves object"])
        self._made_of, self._part_of = _phrases(rows["made of"]), _phrases(rows["part of"])
        self._uses_up_subject = _phrases(rows["uses up subject"])
        self._uses_up_object = _phrases(rows["uses up object"])
        self.hands, self._ground = _names(rows["hands"]), _names(rows["ground"])
        self.made_things, self._makers = _names(rows["made"]), _names(rows["made by"])
        self._states = [_names([line]) for line in (*rows["states"], *rows["food states"])]
        synonyms = [[identity_of(name) for name in line.split(";")] for line in rows["synonyms"]]
        self._synonyms = {name: names[-1] for names in synonyms for name in names[:-1]}
        self.food_states = tuple(sorted(_names(rows["food states"])))
        prefixes = sorted(map(re.escape, _names([*rows["states"], *rows["food states"], *rows["synonyms"]])))
        self._prefix = re.compile(rf"^(?:(?:{'|'.join(prefixes) or '(?!)'})\s+)+(?=\S)")
        self.values = lru_cache(maxsize=4096)(self._values)
        self.may_fill_subject = lru_cache(maxsize=4096)(self._may_fill_subject)
        self.may_fill_object = lru_cache(maxsize=4096)(self._may_fill_object)

    def places(self, triplet: Triplet) -> list[SlotValue]:
        """Return the places that a triplet states."""
        return [value for value in self.values(triplet) if value.kind == PLACE]

    def without_states(self, name: str) -> str:
        """Return the identity of a name without the states before it: "diced raw potato" is "potato"."""
        return self._prefix.sub("", identity_of(name))

    def split_food_states(self, name: str) -> tuple[list[str], str]:
        """Return the food states before a name, and the name without them: "diced raw Potato" gives "Potato"."""
        states, words = list[str](), name.split()
        while len(words) > 1 and words[0].casefold() in self.food_states:
            states.append(words.pop(0).casefold())
        return states, " ".join(words)

    def ingredient(self, triplet: Triplet) -> str | None:
        """Return the ingredient of a recipe or a dish that a triplet states; None if it states none."""
        subject, relation, value = triplet_key(triplet)
        if self._made_of.fullmatch(relation):
            return value if self._makers.intersection(subject.split()) else None
        return subject if self._part_of.fullmatch(relation) and self._makers.intersection(value.split()) else None

    def departure(self, triplet: Triplet) -> tuple[str, str] | None:
        """Return the thing that left a place by a triplet, and that place; None if it states no such thing."""
        subject, relation, value = triplet_key(triplet)
        return (subject, self._place(value)) if self._leaves_object.fullmatch(relation) else None

    def used_up(self, triplet: Triplet) -> str | None:
        """Return the thing that no longer exists by a triplet; None if it states no such thing."""
        subject, relation, value = triplet_key(triplet)
        if self._uses_up_object.fullmatch(relation):
            return value
        relation = relation.removesuffix(" by")
        phrase = relation if value in _FILLERS or value.startswith("by ") else f"{relation} {value}"
        used_up = self._uses_up_subject.fullmatch(phrase) or self._uses_up_subject.fullmatch(relation)
        return subject if used_up else None

    def settles(self, relation: str) -> bool:
        """Return whether the table decides which triplets contradict a triplet of this relation."""
        placing = (self._place_of_subject, self._place_of_object, self._weak_place_of_object)
        deciding = (*placing, self._drops_object, self._leaves_object, self._one_object, _IS)
        return any(phrases.fullmatch(relation) for phrases in deciding)

    def _values(self, triplet: Triplet) -> tuple[SlotValue, ...]:
        """Return the slot values that a triplet states; cached as `values`."""
        subject, relation, value = triplet_key(triplet)
        if self._place_of_subject.fullmatch(relation):
            return (SlotValue(subject, PLACE, self._place(value)),)
        held = subject in self.hands and self._weak_place_of_object.fullmatch(relation)
        if held or self._place_of_object.fullmatch(relation):
            return (SlotValue(value, PLACE, self._place(subject)),)
        if self._drops_object.fullmatch(relation):
            return (SlotValue(value, PLACE, FLOOR),)
        if self._weak_place_of_object.fullmatch(relation):
            return (SlotValue(value, PLACE, self._place(subject), weak=True),)
        if self._one_object.fullmatch(relation):
            return (SlotValue(subject, relation, value),)
        return self._state_values(subject, relation, value)

    def _state_values(self, subject: str, relation: str, value: str) -> tuple[SlotValue, ...]:
        found = _STATE_RELATION.fullmatch(relation)
        if found is None:
            return ()
        stated = value if found["state"] is None else found["state"] if value in _FILLERS else ""
        state = self._synonyms.get(stated, stated)
        kinds = (" ".join(sorted(states)) for states in self._states if state in states)
        return tuple(SlotValue(subject, kind, state) for kind in kinds)

    def _may_fill_subject(self, relation: str) -> bool:
        """Return whether a triplet of this relation may fill a slot of its subject; cached as `may_fill_subject`."""
        return any(
            phrases.fullmatch(relation) for phrases in (self._place_of_subject, self._one_object, _STATE_RELATION)
        )

    def _may_fill_object(self, relation: str) -> bool:
        """Return whether a triplet of this relation may fill a slot of its object; cached as `may_fill_object`."""
        placing = (self._place_of_object, self._weak_place_of_object, self._drops_object)
        return any(phrases.fullmatch(relation) for phrases in placing)

    def _place(self, name: str) -> str:
        """Return a place under one name: all names of the hands are "inventory", those of the ground "floor"."""
        name = name.removeprefix("by ")
        return INVENTORY if name in self.hands else FLOOR if name in self._ground else name


def _rows(table: str) -> dict[str, list[str]]:
    rows: dict[str, list[str]] = defaultdict(list)
    for line in filter(None, map(str.strip, table.splitlines())):
        kind, colon, phrases = line.partition(": ")
        if line.startswith("#"):
            continue
        if not colon or kind not in _KINDS:
            raise ValueError(f"{line!r}: a line begins with one of {', '.join(sorted(_KINDS))}, and a colon")
        if ":" in phrases:
            raise ValueError(f"{line!r}: a phrase holds no colon; start a new line for each kind")
        rows[kind].append(phrases)
    return rows


def _names(lines: Sequence[str]) -> frozenset[str]:
    return frozenset(identity_of(name) for line in lines for name in line.split(";"))


def _phrases(lines: Sequence[str]) -> re.Pattern[str]:
    phrases = [phrase_regex(part.strip()) for line in lines for part in line.split(";")]
    try:
        return re.compile("|".join(phrases) or "(?!)", re.IGNORECASE)
    except re.error as error:
        raise ValueError(f"the phrases {'; '.join(lines)!r} cannot be read: {error}") from error
