"""Laws of every history of an AriGraph: with late texts, and with good and bad proposals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ariadne.memory import AriGraph, Fact, Replacement, Triplet
from ariadne.memory.ontology.names import identity_of, triplet_key

NAMES = ["apple", "the Apple", "box", "Table", "kitchen", "hall", "door"]
CONNECTIONS = ["is north of", "is east of", "is up of"]
RELATIONS = ["is in", "is on", "contains", "is behind", "likes", *CONNECTIONS]
name = st.sampled_from(NAMES)
triplets = st.builds(Triplet, name, st.sampled_from(RELATIONS), name) | st.builds(
    Triplet, name, st.just("is"), st.sampled_from(["open", "closed", "red"])
)
episode = st.fixed_dictionaries(
    {
        "triplets": st.lists(triplets, max_size=4),
        "outdated": st.lists(st.builds(Replacement, triplets, st.none() | triplets), max_size=2),
        "at": st.none() | st.integers(0, 8),
    }
)
scripts = st.lists(episode, max_size=8)
"""Episodes, some of them late, with good and bad proposals."""


def with_an_end(one: dict[str, Any], after: int) -> dict[str, Any]:
    """Return an episode that also states when its facts end; one without a time states the end alone."""
    return {**one, "until": (one["at"] or 0) + after} if one["triplets"] else one


with_ends = st.lists(episode | st.builds(with_an_end, episode, st.integers(0, 8)), max_size=8)
"""The same, and some episodes state when their facts end."""


def played(script: list[dict[str, Any]], after: Callable[[AriGraph], object] = lambda _: None) -> AriGraph:
    memory = AriGraph(embedder=None, ontology="text-world")
    for number, given_ in enumerate(script, 1):
        memory.remember(f"episode {number}", **given_)
        after(memory)
    return memory


def ever(memory: AriGraph) -> set[Fact]:
    return {fact for name in (*NAMES, "open", "closed", "red") for fact in memory.history(name)}


def times_of(fact: Fact) -> tuple[object, ...]:
    return (*triplet_key(fact.triplet), fact.valid_from, fact.valid_to)


@given(with_ends)
def test_later_episodes_do_not_change_the_past(script: list[dict[str, Any]]) -> None:
    seen, then = list[tuple[Fact, ...]](), list[list[tuple[Fact, ...]]]()

    def note(memory: AriGraph) -> None:
        seen.append(memory.facts())
        then.append([memory.facts(valid_at=at) for at in range(9)])

    memory = played(script, note)
    assert [memory.facts(as_of=number) for number in range(1, len(script) + 1)] == seen
    assert [[memory.facts(as_of=n, valid_at=at) for at in range(9)] for n in range(1, len(script) + 1)] == then
    assert [memory.at(number).facts() for number in range(1, len(script) + 1)] == seen


@given(scripts)
def test_remembering_never_deletes(script: list[dict[str, Any]]) -> None:
    def known(memory: AriGraph) -> set[tuple[object, ...]]:
        return {(*triplet_key(fact.triplet), number) for fact in ever(memory) for number in fact.episodes}

    before = set[tuple[object, ...]]()

    def kept(memory: AriGraph) -> None:
        nonlocal before
        assert before <= (before := known(memory))

    memory = played(script, kept)
    stated = {triplet_key(triplet) for given_ in script for triplet in given_["triplets"]}
    assert {triplet_key(fact.triplet) for fact in ever(memory)} == stated


@given(scripts)
def test_every_fact_names_the_episodes_that_state_it(script: list[dict[str, Any]]) -> None:
    memory = played(script)
    for number, given_ in enumerate(script, 1):
        stated = {triplet_key(triplet) for triplet in given_["triplets"]}
        assert {triplet_key(fact.triplet) for fact in ever(memory) if number in fact.episodes} == stated


@given(scripts)
def test_only_the_caller_ends_a_connection(script: list[dict[str, Any]]) -> None:
    proposed = [pair for given_ in script for pair in given_["outdated"]]
    memory = AriGraph(embedder=None, ontology="text-world", propose=lambda *_: proposed)
    for given_ in script:
        memory.remember("x", triplets=given_["triplets"], at=given_["at"])
    assert all(fact.retired_in is None for fact in ever(memory) if fact.relation in CONNECTIONS)


@given(scripts)
def test_a_fact_ends_no_earlier_than_it_began_and_names_the_episode_that_ended_it(script: list[dict[str, Any]]) -> None:
    for fact in ever(played(script)):
        assert (fact.valid_to is None) == (fact.retired_in is None)
        assert isinstance(fact.valid_from, int)
        assert fact.valid_to is None or (isinstance(fact.valid_to, int) and fact.valid_from <= fact.valid_to)
        assert fact.learned_in == fact.episodes[0]


@given(with_ends)
def test_an_update_lists_every_change(script: list[dict[str, Any]]) -> None:
    memory = AriGraph(embedder=None, ontology="text-world")
    facts, times = set[tuple[str, str, str]](), set[tuple[object, ...]]()
    for given_ in script:
        update = memory.remember("x", **given_)
        before, facts = facts, {triplet_key(fact.triplet) for fact in memory.facts()}
        retired, added, restated = (
            {triplet_key(fact.triplet) for fact in listed} for listed in (update.retired, update.added, update.restated)
        )
        current = {triplet_key(fact.triplet) for fact in (*update.added, *update.restated) if fact.retired_in is None}
        assert facts == before - retired | current
        if given_.get("until") != update.episode.at:  # else it states the end alone
            assert {triplet_key(each) for each in given_["triplets"]} <= added | restated
        for pair in given_["outdated"]:
            assert pair in update.refused or triplet_key(pair.old) in retired
        listed_times = {times_of(fact) for fact in (*update.added, *update.restated, *update.retired)}
        assert {times_of(fact) for fact in ever(memory)} <= times | listed_times
        times = {times_of(fact) for fact in ever(memory)}


@given(scripts)
def test_the_same_texts_give_the_same_memory(script: list[dict[str, Any]]) -> None:
    one, other = played(script), played(script)
    assert one.facts() == other.facts()
    assert [one.history(name) for name in NAMES] == [other.history(name) for name in NAMES]
    assert one.recall("where is the apple?") == other.recall("where is the apple?")


@given(st.lists(triplets, max_size=12), name, name)
def test_a_path_is_as_short_as_networkx_finds_it(stated: list[Triplet], one: str, other: str) -> None:
    with AriGraph(embedder=None, ontology="text-world") as memory:
        memory.remember("x", triplets=stated)
        way = memory.path(one, other)
    graph = nx.Graph([(identity_of(triplet.subject), identity_of(triplet.object)) for triplet in stated])
    start, end = identity_of(one), identity_of(other)
    linked = start in graph and end in graph and nx.has_path(graph, start, end)
    assert len(way) == (nx.shortest_path_length(graph, start, end) if linked else 0)
    for fact in way:
        ends = [identity_of(fact.subject), identity_of(fact.object)]
        assert start in ends
        start = ends[ends.index(start) - 1]
    assert not linked or start == end


moves = st.lists(
    st.tuples(st.sampled_from(["ann", "bob"]), st.sampled_from(["rome", "oslo", "york"])), min_size=1, max_size=6
)


def moved(memory: AriGraph, statements: list[tuple[int, tuple[str, str]]]) -> None:
    for at, (who, where) in statements:
        memory.remember("x", triplets=[Triplet(who, "is in", where)], at=at)


@given(moves, st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_neither_the_past_nor_the_present(
    script: list[tuple[str, str]], random: Any
) -> None:
    in_order = list(enumerate(script, 1))
    shuffled = random.sample(in_order, len(in_order))
    with AriGraph(embedder=None, ontology="text-world") as one, AriGraph(embedder=None, ontology="text-world") as other:
        moved(one, in_order)
        moved(other, shuffled)
        now = [{triplet_key(fact.triplet) for fact in memory.facts()} for memory in (one, other)]
        assert now[0] == now[1]
        for at in range(len(script) + 2):
            then = [{triplet_key(fact.triplet) for fact in memory.facts(valid_at=at)} for memory in (one, other)]
            assert then[0] <= then[1]


@pytest.mark.soak
@settings(max_examples=1500)
@given(scripts)
def test_the_past_never_changes_in_many_histories(script: list[dict[str, Any]]) -> None:
    seen = list[tuple[Fact, ...]]()
    memory = played(script, lambda memory: seen.append(memory.facts()))
    assert [memory.facts(as_of=number) for number in range(1, len(script) + 1)] == seen
