"""Revision: which facts a new triplet retires, by an ontology.

Two facts exclude each other if they fill one slot of one thing, or if one denies the other. A holder around the new
holder is no conflict: a cookbook on the table is still in the kitchen. Where the ontology has physics, the content of a
holder moves with it. Triplets that are stated together never conflict.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, product
from pathlib import Path
from typing import Protocol

from ariadne.memory.ontology.names import ROOM, identity_of, triplet_key
from ariadne.memory.ontology.ontology import OPEN, PLACE, TEXT_WORLD, checked_text, from_text
from ariadne.memory.ontology.slots import RelationFilter, Slots, SlotValue
from ariadne.memory.ontology.wordings import denials_of, polarity_of, polarity_of_relation
from ariadne.relations import CONNECTIONS, FLOOR, INVENTORY
from ariadne.values import Fact, Replacement, Triplet, is_transcript


class FactsAround(Protocol):
    """Finds the current facts that touch a name.

    A name may have thousands of facts, and few of them state where it is. So a caller may ask for fewer.
    """

    def __call__(
        self, name: str, as_subject: RelationFilter | None = None, as_object: RelationFilter | None = None, /
    ) -> Sequence[Fact]:
        """Return the current facts that touch a name; more than the requested ones may come back.

        Args:
            name: The name, in any case and with or without an article.
            as_subject: The wanted relations of facts whose subject is the name; None wants all.
            as_object: The wanted relations of facts whose object is the name; None wants all.
        """
        ...


Proposer = Callable[[Sequence[Triplet], Sequence[Fact]], Iterable[Replacement]]
"""Proposes outdated facts, given the stated triplets and the current facts around their names. It may ask a model."""

_MAX_NESTING = 8  # holders inside holders


class _StatedIndex:
    """The triplets that are stated together, by the thing whose place they state and by name."""

    def __init__(self, triplets: Sequence[Triplet], slots: Slots) -> None:
        self.places: dict[str, list[SlotValue]] = defaultdict(list)
        self.by_name: dict[str, list[Triplet]] = defaultdict(list)
        for triplet in triplets:
            for place in slots.places(triplet):
                self.places[place.thing].append(place)
            subject, _, value = triplet_key(triplet)
            for name in {subject, value}:
                self.by_name[name].append(triplet)


class Reviser(Protocol):
    """Finds the facts that stated triplets make outdated, and checks the proposals of others."""

    def outdated(self, stated: Sequence[Triplet], about: FactsAround) -> list[Replacement]:
        """Return the current facts that `stated` contradicts, each with the triplet that replaces it or None."""
        ...

    def admits(self, proposed: Replacement, about: FactsAround, stated: Sequence[Triplet] = ()) -> bool:
        """Return whether a proposed replacement may happen."""
        ...

    def conflict(self, old: Triplet, new: Triplet, about: FactsAround, stated: Sequence[Triplet] = ()) -> bool:
        """Return whether a statement of `new` ends `old`."""
        ...


class OntologyReviser:
    """Finds outdated facts by an ontology: a packaged name, the name of a file, or the text of a file."""

    def __init__(self, ontology: str | Path = OPEN) -> None:
        """Compile the ontology; raises InvalidInput for one that is unknown or wrong."""
        self.ontology = checked_text(ontology)
        self.slots = Slots(from_text(self.ontology))

    def outdated(self, stated: Sequence[Triplet], about: FactsAround) -> list[Replacement]:
        """Return the current facts that `stated` contradicts, each with the triplet that replaces it or None."""
        keys, statement = {triplet_key(triplet) for triplet in stated}, _StatedIndex(stated, self.slots)
        found: dict[Triplet, Replacement] = {}
        for new in stated:
            outdated = chain(
                self._contradicted(new, about, statement),
                self._opposed(new, about),
                self._ended(new, about),
                self._consumed(new, about, statement),
            )
            for pair in outdated:
                if triplet_key(pair.old) not in keys and not self.slots.is_permanent(pair.old):
                    found.setdefault(pair.old, pair)
        return list(found.values())

    def admits(self, proposed: Replacement, about: FactsAround, stated: Sequence[Triplet] = ()) -> bool:
        """Return whether the proposal of a model may happen.

        It may end a fact without replacing it. It may replace a fact by one that excludes, denies or ends it. If the
        ontology gives the fact a slot with one value, or is closed, it admits nothing else. Otherwise the new fact may
        also be one of the same subject with the same relation or the same object: "hates ramen" for "loves ramen".
        """
        old, new = proposed.old, proposed.new
        if self.slots.is_permanent(old):
            return False
        if new is None or self.conflict(old, new, about, stated):
            return True
        if self.slots.is_closed or any(not value.many for value in self.slots.values(old)):
            return False
        (subject, relation, value), (new_subject, new_relation, new_value) = triplet_key(old), triplet_key(new)
        return subject == new_subject and (relation == new_relation or value == new_value)

    def is_context(self, triplet: Triplet) -> bool:
        """Return whether a fact may matter for others than those that it excludes, ends or denies."""
        return self.slots.has_physics or any(value.nested for value in self.slots.values(triplet))

    def conflict(self, old: Triplet, new: Triplet, about: FactsAround, stated: Sequence[Triplet] = ()) -> bool:
        """Return whether a statement of `new` ends `old`: they exclude each other, or `new` denies or ends `old`."""
        pairs = product(self.slots.values(old), self.slots.values(new))
        one_slot = [(was, now) for was, now in pairs if was.thing == now.thing and was.kind == now.kind]
        statement = _StatedIndex(stated if one_slot else (), self.slots)
        return (
            any(self._excludes(was, now, about, statement) for was, now in one_slot)
            or self._opposes(old, new)
            or any(end.ends(was) for end in self.slots.ends(new) for was in self.slots.values(old))
        )

    # -- denials and ends ------------------------------------------------------------------------------------------

    def _opposes(self, old: Triplet, new: Triplet) -> bool:
        """Return whether one of two triplets denies what the other affirms, in any wording of the ontology."""
        first, second = polarity_of(old), polarity_of(new)
        if first.is_denial == second.is_denial:
            return False
        if identity_of(old.subject) == identity_of(new.subject) and first[:2] == second[:2]:
            return True
        denial, affirmed = (old, new) if first.is_denial else (new, old)
        denied = {(value.thing, value.kind, value.value) for value in self.slots.denied_values(denial)}
        return any((value.thing, value.kind, value.value) in denied for value in self.slots.values(affirmed))

    def _opposed(self, new: Triplet, about: FactsAround) -> Iterator[Replacement]:
        """Yield the facts that `new` denies, or that deny it."""
        polarity, subject = polarity_of(new), identity_of(new.subject)
        same_stem = _with_stem(polarity.stem)
        if polarity.is_denial:
            denied = (self._slot_facts(each.thing, each.kind, about) for each in self.slots.denied_values(new))
            facts = [*about(subject, same_stem, _no_relation), *chain(*denied)]
        else:
            things = dict.fromkeys([subject, *(value.thing for value in self.slots.values(new))])
            facts = [fact for thing in things for fact in about(thing, _denies, _denies)]
            facts += chain(*(about(name, _no_relation, same_stem) for name in denials_of(polarity.object)))
        yield from (Replacement(fact.triplet, new) for fact in facts if self._opposes(fact.triplet, new))

    def _ended(self, new: Triplet, about: FactsAround) -> Iterator[Replacement]:
        """Yield the facts that `new` ends without another value: who left a place is no longer there."""
        if ends := self.slots.ends(new):
            kinds = [end.kind for end in ends]
            either = self.slots.filling("subject", *kinds), self.slots.filling("object", *kinds)
            for fact in (*about(ends[0].subject, *either), *about(ends[0].subject, *reversed(either))):
                if any(end.ends(value) for end in ends for value in self.slots.values(fact.triplet)):
                    yield Replacement(fact.triplet, None)

    # -- slots -----------------------------------------------------------------------------------------------------

    def _excludes(self, was: SlotValue, now: SlotValue, about: FactsAround, statement: _StatedIndex) -> bool:
        """Return whether a new value of a slot excludes the value before."""
        if (
            (was.kind, was.domain) != (now.kind, now.domain)
            or was.value == now.value
            or now.weak
            or now.many
            or was.many
        ):
            return False
        if not now.nested:
            return True
        if self.slots.has_physics:
            if self.slots.without_states(was.value) == self.slots.without_states(now.value):  # "opened chest", "chest"
                return False
            if FLOOR in (was.value, now.value):  # the floor may be that of any room
                return not self._is_room(was.value if now.value == FLOOR else now.value, about, statement)
        return was.value not in self._holders(now.value, about, statement) and now.value not in self._holders(
            was.value, about, statement
        )

    def _contradicted(self, new: Triplet, about: FactsAround, statement: _StatedIndex) -> Iterator[Replacement]:
        """Yield the facts with other values of the slots that `new` fills, and the former places of moved content."""
        for now in self.slots.values(new):
            if now.many or now.weak:  # these exclude nothing
                continue
            for fact, was in self._current(now, about, statement):
                if self._excludes(was, now, about, statement):
                    yield Replacement(fact.triplet, new)
                    if was.kind == PLACE and self.slots.has_physics:
                        former = {was.value, *self._holders(was.value, about, _StatedIndex((), self.slots))}
                        yield from self._moved_content(now, former, new, about)

    def _current(self, now: SlotValue, about: FactsAround, statement: _StatedIndex) -> list[tuple[Fact, SlotValue]]:
        """Return the facts that fill a slot already, each with its value.

        A thing without a known place may have one under another food state: "raw potato" for "potato". That counts if
        there is only one such name, and the statement does not place that name itself.
        """
        own = self._filling(now.thing, now.kind, about)
        if own or now.kind != PLACE or now.weak or not self.slots.food_states:
            return own
        placed = [
            facts
            for name in self._variants(now.thing)
            if name not in statement.places and (facts := self._filling(name, now.kind, about))
        ]
        return placed[0] if len(placed) == 1 else []

    def names_to_read(self, stated: Sequence[Triplet]) -> list[str]:
        """Return the names that `outdated` reads first: those of the triplets, and denials of their objects."""
        denied = (name for triplet in stated for name in denials_of(polarity_of(triplet).object))
        return [*(name for triplet in stated for name in triplet.ends), *denied]

    def variants_to_read(self, stated: Sequence[Triplet], about: FactsAround) -> list[str]:
        """Return the names that `outdated` reads after those: so they can be read together."""
        if not self.slots.food_states:
            return []
        places = (place for triplet in stated for place in self.slots.places(triplet) if not place.weak)
        unplaced = (place.thing for place in places if not self._filling(place.thing, PLACE, about))
        return [name for thing in unplaced for name in self._variants(thing)]

    def _variants(self, thing: str) -> list[str]:
        """Return a thing's name in every food state: "potato", "raw potato", ..."""
        bare = self.slots.without_states(thing)
        return list(dict.fromkeys([bare, *(f"{state} {bare}" for state in self.slots.food_states)]))

    def _filling(self, thing: str, kind: str, about: FactsAround) -> list[tuple[Fact, SlotValue]]:
        """Return the facts that fill a slot of a thing, each with its value."""
        facts = self._slot_facts(thing, kind, about)
        filling = ((fact, value) for fact in facts for value in self.slots.values(fact.triplet))
        return [(fact, value) for fact, value in filling if (value.thing, value.kind) == (thing, kind)]

    def _slot_facts(self, thing: str, kind: str, about: FactsAround) -> Sequence[Fact]:
        """Return the facts that may fill a slot of a thing."""
        return about(thing, self.slots.filling("subject", kind), self.slots.filling("object", kind))

    def _content_facts(self, holder: str, about: FactsAround) -> Sequence[Fact]:
        """Return the facts that may place a thing in a holder."""
        return about(holder, self.slots.filling("object", PLACE), self.slots.filling("subject", PLACE))

    def _moved_content(
        self, holder: SlotValue, former: set[str], new: Triplet, about: FactsAround, depth: int = _MAX_NESTING
    ) -> Iterator[Replacement]:
        """Yield the facts that place the content of a moved holder in the holder's former places."""
        for fact in self._content_facts(holder.thing, about) if depth else ():
            for inside in self.slots.places(fact.triplet):
                if inside.value == holder.thing and inside.thing != holder.thing:
                    for other, place in self._filling(inside.thing, PLACE, about):
                        if place.value in former - {holder.value}:
                            yield Replacement(other.triplet, new)
                    content = SlotValue(inside.thing, PLACE, holder.value)
                    yield from self._moved_content(content, former, new, about, depth - 1)

    def _consumed(self, new: Triplet, about: FactsAround, statement: _StatedIndex) -> Iterator[Replacement]:
        """Yield the places of things that, by the statement `new`, were eaten or made into a thing in hand."""
        if thing := self.slots.used_up(new):
            yield from (Replacement(fact.triplet, None) for fact, _ in self._filling(thing, PLACE, about))
        for now in self.slots.places(new):
            if now.value == INVENTORY and now.thing in self.slots.made_things:
                for part in sorted(self._in_hand(about) - statement.places.keys()):
                    if any(self.slots.ingredient(fact.triplet) == part for fact in about(part)):
                        yield from (Replacement(fact.triplet, new) for fact, _ in self._filling(part, PLACE, about))

    def _in_hand(self, about: FactsAround) -> set[str]:
        facts = (fact for hand in self.slots.hands for fact in self._content_facts(hand, about))
        places = (place for fact in facts for place in self.slots.places(fact.triplet))
        return {place.thing for place in places if place.value == INVENTORY}

    def _is_room(self, name: str, about: FactsAround, statement: _StatedIndex) -> bool:
        """Return whether a place is a room: by its name, its exits, its neighbours, or because the player is in it."""
        if ROOM.search(name):
            return True
        stated = statement.by_name.get(name, ())
        near = [*(fact.triplet for fact in about(name, _is_passage, _is_passage)), *stated]
        if any(_is_passage(triplet_key(triplet)[1]) for triplet in near):
            return True
        of_player = [fact.triplet for hand in self.slots.hands for fact in self._slot_facts(hand, PLACE, about)]
        places = (place for triplet in (*of_player, *stated) for place in self.slots.places(triplet))
        return any(place.thing in self.slots.hands and place.value == name for place in places)

    def _holders(self, thing: str, about: FactsAround, statement: _StatedIndex) -> set[str]:
        """Return the holders around a thing, by the current facts and the statement; identities."""
        holders, frontier = set[str](), {thing}
        for _ in range(_MAX_NESTING):
            known = [fact.triplet for name in frontier for fact in self._slot_facts(name, PLACE, about)]
            places = [place for triplet in known for place in self.slots.places(triplet) if place.thing in frontier]
            places += [place for name in frontier for place in statement.places.get(name, ())]
            frontier = {place.value for place in places} - holders
            holders |= frontier
        return holders


@lru_cache(maxsize=4096)
def _with_stem(stem: str) -> RelationFilter:
    """Return the filter of the relations with a stem, affirmed or denied; the same filter each time."""
    return lambda relation: polarity_of_relation(relation)[0] == stem


def _no_relation(_: str) -> bool:
    return False


def _denies(relation: str) -> bool:
    """Return whether a relation denies something."""
    return polarity_of_relation(relation)[1]


def _is_passage(relation: str) -> bool:
    """Return whether a relation connects places."""
    return relation in CONNECTIONS or relation.endswith("exit")


ReviserOf = Callable[[str], Reviser]
"""The reviser of an episode, by its text."""


def reviser_of(kept: str, text: str) -> OntologyReviser:
    """Return the reviser of a text in a space with an ontology: a game's transcript has that of text worlds."""
    return reviser_for(TEXT_WORLD if is_transcript(text) else kept)


@lru_cache(maxsize=8)
def reviser_for(kept: str) -> OntologyReviser:
    """Return the reviser of an ontology, given by what a space keeps of it; it is made once."""
    return OntologyReviser(kept)
