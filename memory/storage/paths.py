"""Paths in the graph: the shortest chain of facts between two names, and the facts of a map."""

from __future__ import annotations

from collections.abc import Mapping

from ariadne.memory.ontology.names import identity_of, triplet_key
from ariadne.memory.storage.snapshot import Snapshot
from ariadne.memory.storage.store import View
from ariadne.relations import CONNECTIONS, DOOR_STATES, HAS_EXIT, IS, IS_BEHIND
from ariadne.values import Fact, Triplet


def shortest(view: View, snapshot: Snapshot, start_name: str, end_name: str) -> tuple[Fact, ...]:
    """Return the shortest chain of facts between two names, found breadth first; empty if there is none."""
    starts, ends = (sorted(view.facts.linked([name])) for name in (start_name, end_name))
    found_by: dict[str, Fact | None] = dict.fromkeys(starts)
    frontier = starts
    while frontier and found_by.keys().isdisjoint(ends):
        reached = list[str]()
        for name in frontier:
            for fact in view.facts.at(snapshot, name).values():
                for neighbor in (identity_of(fact.subject), identity_of(fact.object)):
                    if neighbor not in found_by:
                        found_by[neighbor] = fact
                        reached.append(neighbor)
        frontier = reached
    return _traced_back(found_by, next((end for end in ends if end in found_by), ""))


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
    return subject == door and relation == IS and value in DOOR_STATES


def _traced_back(found_by: Mapping[str, Fact | None], end: str) -> tuple[Fact, ...]:
    """Return the chain of facts from the start to `end`, by the fact that reached each name."""
    chain = list[Fact]()
    while (fact := found_by.get(end)) is not None:
        chain.append(fact)
        end = identity_of(fact.subject) if identity_of(fact.object) == end else identity_of(fact.object)
    return tuple(reversed(chain))
