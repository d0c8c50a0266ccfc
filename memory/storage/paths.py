"""Ways through the graph: the shortest chain of facts between two names, and what a map is made of."""

from __future__ import annotations

from collections.abc import Mapping

from ariadne.memory.ontology.names import identity_of, triplet_key
from ariadne.memory.storage.snapshot import Snapshot
from ariadne.memory.storage.store import View
from ariadne.relations import CONNECTIONS, HAS_EXIT, IS_BEHIND
from ariadne.values import Fact, Triplet


def shortest(view: View, moment: Snapshot, one: str, other: str) -> tuple[Fact, ...]:
    """The shortest chain of facts between two names, found breadth first."""
    start, end = identity_of(view.resolve(one)), identity_of(view.resolve(other))
    came: dict[str, Fact | None] = {start: None}
    edge = [start]
    while edge and end not in came:
        beyond = list[str]()
        for name in edge:
            for fact in view.facts.at(moment, name).values():
                for far in (identity_of(fact.subject), identity_of(fact.object)):
                    if far not in came:
                        came[far] = fact
                        beyond.append(far)
        edge = beyond
    return _walked_back(came, end)


def places(view: View, moment: Snapshot) -> tuple[Triplet, ...]:
    """Exits, connections, what is behind an exit and its state, in the order learned."""
    ways = view.facts.by_predicate({HAS_EXIT, IS_BEHIND, *CONNECTIONS}, moment)
    doors = {identity_of(fact.object) for fact in ways.values() if triplet_key(fact.triplet)[1] == IS_BEHIND}
    for door in sorted(doors):
        told = view.facts.at(moment, door).items()
        ways |= {number: fact for number, fact in told if _openness(fact.triplet, door)}
    return tuple(fact.triplet for _, fact in sorted(ways.items()))


def _openness(told: Triplet, door: str) -> bool:
    subject, relation, value = triplet_key(told)
    return subject == door and relation == "is" and value in {"open", "closed", "locked"}


def _walked_back(came: Mapping[str, Fact | None], end: str) -> tuple[Fact, ...]:
    chain = list[Fact]()
    while (fact := came.get(end)) is not None:
        chain.append(fact)
        end = identity_of(fact.subject) if identity_of(fact.object) == end else identity_of(fact.object)
    return tuple(reversed(chain))
