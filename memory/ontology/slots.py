"""Slots: attributes of a thing with one value at a time, such as its place or its state."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from ariadne.memory.ontology.kinds import AMOUNT, DATE, PERIOD, TIME, WEEKDAY, Kind, Kinds, Phrases
from ariadne.memory.ontology.names import identity_of, triplet_key
from ariadne.memory.ontology.ontology import PLACE, Ontology, Physics, RelationRule
from ariadne.memory.ontology.wordings import can_deny, plain_relation, polarity_of, third_person
from ariadne.relations import FLOOR, INVENTORY
from ariadne.values import Triplet

_IS = re.compile(r"(?:is|are)(?: (?:now|currently|still))?(?: (?P<state>.+))?")
_FILLERS = frozenset({"", "none", "true", "yes", "now"})
"""Objects that add nothing to their relation: "door | is locked | none"."""
_ALWAYS_APART = frozenset({TIME, DATE, WEEKDAY, PERIOD})


@dataclass(frozen=True)
class SlotValue:
    """One value of a slot: `thing` has this `value` for this `kind`. Names are identities.

    The kind is "place", the slot of a rule, a relation, or a group of states ("closed locked open"). A `weak` value is
    retired by others and retires none; `many` values exclude no other. Values of different domains, such as a time and
    a room, do not exclude each other. A `nested` value does not exclude another that holds it.
    """

    thing: str
    kind: str
    value: str
    weak: bool = False
    many: bool = False
    nested: bool = False
    domain: str = ""


class End(NamedTuple):
    """The facts that a triplet ends: those of a slot between its two names; with `other` None, all of its subject."""

    kind: str
    subject: str
    other: str | None

    def ends(self, value: SlotValue) -> bool:
        """Return whether a slot value of a fact ends."""
        if value.kind != self.kind:
            return False
        names = {value.thing, value.value}
        return value.thing == self.subject if self.other is None else names == {self.subject, self.other}


@dataclass(frozen=True)
class _Rule:
    """A rule with its compiled phrases."""

    rule: RelationRule
    wording: Phrases

    def admits(self, subject: Kind, value: Kind) -> bool:
        """Return whether the kinds of a triplet's names meet the conditions of the rule."""
        rule = self.rule
        return (
            (not rule.subjects or subject.kind in rule.subjects)
            and (not rule.kinds or value.kind in rule.kinds)
            and value.kind not in rule.not_kinds
        )


class Slots:
    """The slots that triplets fill, by an ontology."""

    def __init__(self, ontology: Ontology) -> None:
        """Compile an ontology with those that it extends."""
        ontology = ontology.extended()
        self.kinds = Kinds(ontology.kinds)
        self._rules = [_Rule(rule, Phrases(rule.phrases)) for rule in ontology.relation]
        self._permanent = Phrases(ontology.permanent)
        self.is_closed, self.has_physics = ontology.closed, ontology.physics is not None
        physics = ontology.physics or Physics()
        self._made_of, self._part_of = Phrases(physics.made_of), Phrases(physics.part_of)
        self._uses_up_subject = Phrases(physics.uses_up_subject)
        self._uses_up_object = Phrases(physics.uses_up_object)
        self.hands, self._ground = _names(physics.hands), _names(physics.ground)
        self.made_things, self._makers = _names(physics.made), _names(physics.made_by)
        self._states = [_names(group) for group in (*ontology.states, *physics.food_states)]
        self._state_kinds = frozenset(" ".join(sorted(states)) for states in self._states)
        self._synonyms = {identity_of(name): identity_of(state) for name, state in ontology.synonyms.items()}
        self.food_states = tuple(sorted({name for group in physics.food_states for name in _names(group)}))
        before_names = {*self.food_states}
        if self.has_physics:
            before_names.update(self._synonyms, *map(_names, ontology.states))
        prefixes = "|".join(sorted(map(re.escape, before_names))) or "(?!)"
        self._prefix = re.compile(rf"^(?:(?:{prefixes})\s+)+(?=\S)")
        self.values = lru_cache(maxsize=4096)(self._values)
        self.ends = lru_cache(maxsize=4096)(self._ends)
        self._candidates = lru_cache(maxsize=4096)(self._candidate_rules)
        self.kinds_of_relation = lru_cache(maxsize=4096)(self._kinds_of_relation)
        self._filled_kinds = lru_cache(maxsize=4096)(self._filled)
        self.filling = lru_cache(maxsize=4096)(self._filling)

    # -- what a triplet states -------------------------------------------------------------------------------------

    def places(self, triplet: Triplet) -> list[SlotValue]:
        """Return the places that a triplet states."""
        return [value for value in self.values(triplet) if value.kind == PLACE]

    def _values(self, triplet: Triplet) -> tuple[SlotValue, ...]:
        """Return the slot values that a triplet states; cached as `values`."""
        if polarity_of(triplet).is_denial and not self._is_stated_literally(triplet):
            return ()
        subject, relation, value = triplet_key(triplet)
        rule = next((rule for rule in self._rules_of(triplet) if rule.fills_slot), None)
        if rule is None:
            return self._state_values(subject, relation, value)
        if rule.slot == PLACE and self.has_physics:
            return (self._place_value(rule, subject, value),)
        ends = ((subject, self.kinds.of(triplet.object)), (value, self.kinds.of(triplet.subject)))
        chosen = {"subject": ends[:1], "object": ends[1:], "both": ends}[rule.of]
        slot, many = rule.slot or plain_relation(relation), rule.values == "many"
        return tuple(
            SlotValue(thing, slot, rule.value or kind.value, rule.weak, many, rule.nested, _domain(kind, rule))
            for thing, kind in chosen
        )

    def _is_stated_literally(self, triplet: Triplet) -> bool:
        """Return whether a state of the ontology is the object as it is written: "is | not full"."""
        value = identity_of(triplet.object)
        return any(value in group for group in self._states)

    def _place_value(self, rule: RelationRule, subject: str, value: str) -> SlotValue:
        """Return the place that a triplet states in a world with physics."""
        if rule.value:
            return SlotValue(value, PLACE, rule.value, nested=True)
        if rule.of == "subject":
            return SlotValue(subject, PLACE, self._place(value), nested=True)
        weak = rule.weak and subject not in self.hands
        return SlotValue(value, PLACE, self._place(subject), weak=weak, nested=True)

    def _state_values(self, subject: str, relation: str, value: str) -> tuple[SlotValue, ...]:
        found = _IS.fullmatch(relation)
        if found is None:
            return ()
        stated = value if found["state"] is None else found["state"] if value in _FILLERS else ""
        state = self._synonyms.get(stated, stated)
        kinds = (" ".join(sorted(states)) for states in self._states if state in states)
        return tuple(SlotValue(subject, kind, state) for kind in kinds)

    def _ends(self, triplet: Triplet) -> tuple[End, ...]:
        """Return what a triplet ends beside the values that it excludes; cached as `ends`."""
        rules = () if polarity_of(triplet).is_denial else self._rules_of(triplet)
        if not any(rule.ends or rule.ends_all for rule in rules):
            return ()
        subject, _, value = triplet_key(triplet)
        other = self._place(value) if self.has_physics else self.kinds.of(triplet.object).value
        between = [End(slot, subject, other) for rule in rules for slot in rule.ends]
        return (*between, *(End(slot, subject, None) for rule in rules for slot in rule.ends_all))

    def denied_values(self, triplet: Triplet) -> tuple[SlotValue, ...]:
        """Return the slot values that a denial denies: of "no longer works for", those of "works for"."""
        polarity = polarity_of(triplet)
        if not polarity.is_denial:
            return ()
        affirmed = Triplet(triplet.subject, third_person(polarity.affirmed), polarity.object)
        return self.values(affirmed)

    # -- rules -----------------------------------------------------------------------------------------------------

    def _rules_of(self, triplet: Triplet) -> list[RelationRule]:
        """Return the rules for a triplet: those for its relation as written, else those for a plain form of it."""
        for rules in self._candidates(triplet_key(triplet)[1]):
            subject, value = self.kinds.of(triplet.subject), self.kinds.of(triplet.object)
            if found := [each.rule for each in rules if each.admits(subject, value)]:
                return found
        return []

    def _candidate_rules(self, relation: str) -> list[list[_Rule]]:
        """Return the rules for a relation, for each of its forms that has any; cached as `_candidates`."""
        plain = plain_relation(relation)
        forms = dict.fromkeys((relation, plain, third_person(plain)))
        matching = ([rule for rule in self._rules if rule.wording.matches(form)] for form in forms)
        return [rules for rules in matching if rules]

    def _kinds_of_relation(self, relation: str) -> tuple[frozenset[str], frozenset[str]]:
        """Return the slots with one value that facts of a relation may fill, deny or end: their kinds.

        A group of states is of the kind "is". Cached as `kinds_of_relation`.

        Returns:
            The kinds of the subject's slots, and those of the object's.
        """
        affirmed = polarity_of(Triplet("", relation, "")).affirmed
        relation = third_person(affirmed) if can_deny(relation) else relation
        of_subject, of_object = set[str](), set[str]()
        for rule in (each.rule for rules in self._candidates(relation) for each in rules):
            of_subject.update(rule.ends, rule.ends_all)
            of_object.update(rule.ends)
            if rule.fills_slot and rule.values == "one":
                kind = rule.slot or plain_relation(relation)
                of_subject.update([kind] if rule.of != "object" else [])
                of_object.update([kind] if rule.of != "subject" else [])
        if self._may_state(relation):
            of_subject.add("is")
        return frozenset(of_subject), frozenset(of_object)

    def _may_state(self, relation: str) -> bool:
        """Return whether a triplet of this relation may give its subject one of the states."""
        found = _IS.fullmatch(relation)
        state = found and self._synonyms.get(found["state"], found["state"])
        return found is not None and any(not state or state in states for states in self._states)

    def _filled(self, relation: str) -> tuple[frozenset[str], frozenset[str]]:
        """Return the kinds of the slots that facts of a relation may fill: of the subject, and of the object.

        A group of states is of the kind "is". Cached as `_filled_kinds`.
        """
        rules = (each.rule for rules in self._candidates(relation) for each in rules if each.rule.fills_slot)
        sides = [(rule.of, rule.slot or plain_relation(relation)) for rule in rules]
        of_subject = {kind for side, kind in sides if side != "object"}
        of_object = {kind for side, kind in sides if side != "subject"}
        return frozenset(of_subject | ({"is"} if _IS.fullmatch(relation) else set())), frozenset(of_object)

    def _filling(self, side: Literal["subject", "object"], *kinds: str) -> RelationFilter:
        """Return the filter of the relations that may fill slots on a side; cached as `filling`."""
        wanted = frozenset("is" if kind in self._state_kinds else kind for kind in kinds)
        place = ("subject", "object").index(side)
        return lambda relation: not wanted.isdisjoint(self._filled_kinds(relation)[place])

    def is_declared(self, relation: str) -> bool:
        """Return whether a rule decides what contradicts a triplet of this relation."""
        return bool(self._candidates(relation)) or _IS.fullmatch(relation) is not None

    def is_permanent(self, triplet: Triplet) -> bool:
        """Return whether no other triplet ends this one."""
        return self._permanent.matches(triplet_key(triplet)[1])

    # -- a world with physics --------------------------------------------------------------------------------------

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
        if self._made_of.matches(relation):
            return value if self._makers.intersection(subject.split()) else None
        return subject if self._part_of.matches(relation) and self._makers.intersection(value.split()) else None

    def used_up(self, triplet: Triplet) -> str | None:
        """Return the thing that no longer exists by a triplet; None if it states no such thing."""
        subject, relation, value = triplet_key(triplet)
        if self._uses_up_object.matches(relation):
            return value
        relation = relation.removesuffix(" by")
        phrase = relation if value in _FILLERS or value.startswith("by ") else f"{relation} {value}"
        used_up = self._uses_up_subject.matches(phrase) or self._uses_up_subject.matches(relation)
        return subject if used_up else None

    def _place(self, name: str) -> str:
        """Return a place under one name: all names of the hands are "inventory", those of the ground "floor"."""
        name = name.removeprefix("by ")
        return INVENTORY if name in self.hands else FLOOR if name in self._ground else name


def _domain(kind: Kind, rule: RelationRule) -> str:
    """Return the group of values within which one excludes another."""
    if kind.kind == AMOUNT:
        return kind.dimension if kind.is_measured or AMOUNT in rule.apart else ""
    return kind.kind if kind.kind in rule.apart or kind.kind in _ALWAYS_APART else ""


def _names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(map(identity_of, names))


RelationFilter = Callable[[str], bool]
"""Whether a relation is wanted; it is given its `relation_identity`."""
