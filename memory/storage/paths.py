"""Paths in the graph: the shortest chain of facts between two names, and the facts of a map."""

from __future__ import annotations

from collections.abc import Mapping

from ariadne.memory.ontology.names import identity_of, triplet_key
from ariadne.memory.storage.snapshot import Snapshot
from ariadne.memory.storage.store import View
from ariadne.relations import CONNECTIONS, HAS_EXIT, IS_BEHIND
from ariadne.values import Fact, Triplet


def shortest(view: View, snapshot: Snapshot, one: str, other: str) -> tuple[Fact, ...]:
    """Return the shortest chain of facts between two names, found breadth first."""
    start, end = identity_of(view.resolve(one)), identity_of(view.resolve(other))
    found_by: dict[str, Fact | None] = {start: None}
    edge = [start]
    while edge and end not in found_by:
        beyond = list[str]()
        for name in edge:
            for fact in view.facts.at(snapshot, name).values():
                for far in (identity_of(fact.subject), identity_of(fact.object)):
                    if far not in found_by:
                        found_by[far] = fact
                        beyond.append(far)
        edge = beyond
    return _walked_back(found_by, end)


def places(view: View, snapshot: Snapshot) -> tuple[Triplet, ...]:
    """Return exits, connections, doors and their states, in the order learned."""
    facts = view.facts.by_predicate({HAS_EXIT, IS_BEHIND, *CONNECTIONS}, snapshot)
    doors = {identity_of(fact.object) for fact in facts.values() if triplet_key(fact.triplet)[1] == IS_BEHIND}
    for door in sorted(doors):
        near = view.facts.at(snapshot, door).items()
        facts |= {number: fact for number, fact in near if _is_state_of_door(fact.triplet, door)}
    return tuple(fact.triplet for _, fact in sorted(facts.items()))


def _is_state_of_door(triplet: Triplet, door: str) -> bool:
    subject, relation, value = triplet_key(triplet)
    return subject == door and relation == "is" and value in {"open", "closed", "locked"}


def _walked_back(found_by: Mapping[str, Fact | None], end: str) -> tuple[Fact, ...]:
    chain = list[Fact]()
    while (fact := found_by.get(end)) is not None:
        chain.append(fact)
        end = identity_of(fact.subject) if identity_of(fact.object) == end else identity_of(fact.object)
    return tuple(reversed(chain))
