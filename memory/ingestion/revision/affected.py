"""Which facts and episodes a change of some triplets can affect, by way of the slots that facts fill."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ariadne.memory.ontology.names import identity_of, triplet_key
from ariadne.memory.ontology.reviser import OntologyReviser, Reviser
from ariadne.memory.ontology.slots import End, Slots
from ariadne.memory.ontology.wordings import can_deny, denials_of, polarity_of
from ariadne.memory.storage.store import View
from ariadne.values import Triplet

Topic = tuple[str, ...]
"""A slot of a thing, one of its values, or what a triplet affirms or denies; the thing comes first."""


END = "end"
"""Marks the topics of triplets that end the facts of a slot."""


class Topics:
    """What triplets are about; a triplet can end another, or be ended by it, if both have a topic in common."""

    def __init__(self, slots: Sequence[Slots]) -> None:
        self._slots = slots

    def of(self, triplet: Triplet) -> set[Topic]:
        """Return the topics in which a triplet can end others."""
        return self._slots_of(triplet) | {topic for slots in self._slots for topic in _ends(slots.ends(triplet))}

    def deciding(self, triplet: Triplet) -> set[Topic]:
        """Return the topics in which others can end a triplet, or decide whether it is ended."""
        topics = self._slots_of(triplet)
        for slots in self._slots:
            for value in slots.values(triplet):
                topics |= {(value.thing, value.kind, END, ""), (value.thing, value.kind, END, value.value)}
                topics |= {(value.value,)} if value.nested else set()
        return topics

    def _slots_of(self, triplet: Triplet) -> set[Topic]:
        polarity = polarity_of(triplet)
        topics: set[Topic] = {(identity_of(triplet.subject), polarity.stem, polarity.object)}
        for slots in self._slots:
            for value in slots.values(triplet):
                topics.add((value.thing, value.kind, value.value))
                topics |= set() if value.many else {(value.thing, value.kind)}
                topics |= {(value.thing,)} if value.nested else set()
            topics |= {(value.thing, value.kind, value.value) for value in slots.denied_values(triplet)}
        return topics

    def near(self, view: View, shared: Iterable[Topic], triplets: Iterable[Triplet]) -> dict[int, Triplet]:
        """Return the facts about the things of some topics, by id, as far as they can share one of these."""
        objects = {name for each in triplets for name in (each.object, polarity_of(each).object)}
        objects |= {denial for name in tuple(objects) for denial in denials_of(name)}
        things, values = (_ids(view, names) for names in ({topic[0] for topic in shared}, objects))
        found = view.facts.stored(view.facts.near(things, values, self._is_declared))
        return {number: stored.fact.triplet for number, stored in found.items()}

    def holders(self, view: View, triplets: Iterable[Triplet]) -> set[int]:
        """Return the ids of the facts that place the values of triplets in others, which decide what excludes what."""
        found, names = set[int](), self._nested_in(triplets)
        while True:
            facts = view.facts.stored(view.facts.near(_ids(view, names), (), self._is_declared))
            placing = {
                number: each.fact.triplet
                for number, each in facts.items()
                if not names.isdisjoint(topic[0] for topic in self.of(each.fact.triplet))
            }
            if placing.keys() <= found:
                return found
            found |= placing.keys()
            names |= self._nested_in(placing.values())

    def _nested_in(self, triplets: Iterable[Triplet]) -> set[str]:
        values = (value for triplet in triplets for slots in self._slots for value in slots.values(triplet))
        return {value.value for value in values if value.nested}

    def _is_declared(self, relation: str) -> bool:
        """Return whether facts of a relation can end others, or be ended by them, beside their exact opposites."""
        return can_deny(relation) or any(slots.is_declared(relation) for slots in self._slots)


def _ends(ends: Iterable[End]) -> Iterator[Topic]:
    for end in ends:
        yield end.subject, end.kind, END, end.other or ""
        if end.other is not None:
            yield end.other, end.kind, END, end.subject


def _ids(view: View, names: Iterable[str]) -> set[int]:
    return {number for name in names if (number := view.facts.name_id(name)) is not None}


def slots_of(revisers: Iterable[Reviser]) -> list[Slots] | None:
    """Return the slots of revisers; None if facts may end others in ways that no slot shows."""
    found = list[Slots]()
    for reviser in revisers:
        if not isinstance(reviser, OntologyReviser) or reviser.slots.has_physics:
            return None
        found.append(reviser.slots)
    return found


class Affected:
    """The triplets that a change of some triplets can affect, and the episodes that decide their times."""

    def __init__(self, view: View, slots: Sequence[Slots], triplets: Iterable[Triplet]) -> None:
        self._triplets = dict[tuple[str, str, str], Triplet]()
        self._add(triplets)
        self.facts = dict[int, Triplet]()
        """The facts near these triplets, by id; all facts with one of these triplets are among them."""
        self.episodes = self._deciding(view, Topics(slots)) | view.episodes.with_refusals()
        """The episodes that decide the times of these triplets."""

    @property
    def triplets(self) -> list[Triplet]:
        """The triplets whose times may differ, each once."""
        return list(self._triplets.values())

    def _add(self, triplets: Iterable[Triplet]) -> None:
        for triplet in triplets:
            self._triplets.setdefault(triplet_key(triplet), triplet)

    def _deciding(self, view: View, topics: Topics) -> set[int]:
        """Add the triplets that share a topic with one of these, and return the episodes that decide their times."""
        shared, found, near = set[Topic](), dict[int, Triplet](), dict[int, Triplet]()
        while grown := {each for triplet in self.triplets for each in topics.of(triplet)} - shared:
            shared |= grown
            near = topics.near(view, shared, self.triplets)
            found = {fact: each for fact, each in near.items() if not shared.isdisjoint(topics.deciding(each))}
            self._add(found.values())
        self.facts = near
        wanted = {each for triplet in self.triplets for each in topics.deciding(triplet)}
        others = {fact for fact, each in near.items() if not wanted.isdisjoint(topics.of(each))}
        ending = {
            number
            for *key, _, number, _ in view.facts.all_endings()
            if not wanted.isdisjoint(topics.deciding(Triplet(*key)))
        }
        return view.facts.deciding({*found, *others, *topics.holders(view, found.values())}) | ending
