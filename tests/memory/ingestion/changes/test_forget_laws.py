"""Laws of forget: the memory is as if it never had the texts, whether they are deleted directly or by a rebuild."""

from __future__ import annotations

from collections.abc import Set
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ariadne.memory import AriGraph, Fact, InvalidInput, Replacement, Triplet
from ariadne.memory.ingestion.changes import edits

NAMES = ["Ann", "ann", "Bob", "Rome", "the Rome", "Oslo", "tea"]
RELATIONS = ["lives in", "likes", "does not like", "is married to", "is in", "works for"]
triplets = st.builds(Triplet, st.sampled_from(NAMES), st.sampled_from(RELATIONS), st.sampled_from(NAMES))
episode = st.fixed_dictionaries(
    {
        "text": st.sampled_from(["Ann met Bob.", "In Rome.", "tea?", "I saw Oslo."]),
        "triplets": st.lists(triplets, max_size=3),
        "outdated": st.lists(st.builds(Replacement, triplets, st.none() | triplets), max_size=1),
        "at": st.integers(0, 6),
        "source": st.sampled_from([None, "Ann", "Bob", "Carla"]),
    }
)
scripts = st.lists(episode, min_size=1, max_size=7)
ontologies = st.sampled_from(["open", "everyday", "text-world"])
QUERIES = ["where does Ann live?", "who likes tea?", "Rome"]


def remembered(script: list[dict[str, Any]], ontology: str, without: Set[int] = frozenset()) -> AriGraph:
    """Return a memory of the episodes of a script, each with its number, except some."""
    memory = AriGraph(embedder=None, ontology=ontology)
    for number, given_ in enumerate(script, 1):
        if number in without:
            with memory._store.write() as tx:
                memory._writer.record_ontology(tx)
                tx.advance(number)
                tx.mark_rewritten()  # so that the numbers that no episode has are not counted
        else:
            memory.remember(**given_)
    return memory


def state(memory: AriGraph) -> dict[str, Any]:
    """Return all that a memory shows."""
    with memory._store.read() as view:
        names = sorted(view.facts.shown().items())
        updates = [view.update_of(number) for number in view.episodes.numbers()]
        seen = [(n, view.episodes.names_in([n])) for n in view.episodes.numbers()]
    mentions = [(number, sorted(name for _, _, name in each)) for number, each in seen]
    last = 10
    return {
        "facts": [memory.facts(as_of=number) for number in range(last)],
        "held": [memory.facts(valid_at=at) for at in range(last)],
        "history": [memory.history(name) for name in NAMES],
        "episodes": memory.episodes(),
        "names": names,
        "mentions": mentions,
        "updates": updates,
        "aliases": [memory.aliases(name) for name in NAMES],
        "recalls": [_recalled(memory, query) for query in QUERIES],
        "check": memory.check(),
    }


def _recalled(memory: AriGraph, query: str) -> tuple[list[Fact], list[int], str]:
    recall = memory.recall(query)
    return list(recall.facts), [each.id for each in recall.episodes], recall.text


def assert_same(one: AriGraph, other: AriGraph) -> None:
    first, second = state(one), state(other)
    for key, value in first.items():
        assert value == second[key], key
    assert first["check"] == ()


@settings(max_examples=15)
@given(scripts, ontologies, st.sets(st.integers(1, 7), min_size=1, max_size=3))
def test_a_forgotten_text_leaves_the_memory_as_if_it_was_never_remembered(
    script: list[dict[str, Any]], ontology: str, numbers: set[int]
) -> None:
    with remembered(script, ontology) as memory, remembered(script, ontology, numbers) as never:
        memory.recall("Ann")  # so that the index in RAM follows the change
        memory.forget(episodes=numbers)
        assert_same(memory, never)


@settings(max_examples=15)
@given(scripts, ontologies, st.sets(st.integers(1, 9), min_size=1, max_size=3), triplets, st.booleans())
def test_a_direct_deletion_and_a_rebuild_give_the_same_memory(
    script: list[dict[str, Any]], ontology: str, numbers: set[int], right: Triplet, merges: bool
) -> None:
    def made() -> AriGraph:
        memory = remembered(script, ontology)
        if facts := memory.facts():
            memory.correct(facts[0], right, at=9)
        if merges:
            memory.merge("Bob", "Ann")
            memory.remember("Bob likes Oslo.", triplets=[Triplet("Bob", "likes", "Oslo")], at=9)
        memory.recall("Ann")
        return memory

    with made() as direct, made() as rebuilt:
        deleted = direct.forget(episodes=numbers)
        with patch.object(edits, "_can_delete", return_value=False):
            assert rebuilt.forget(episodes=numbers) == deleted
        assert_same(direct, rebuilt)


@settings(max_examples=8)
@given(scripts, ontologies, st.integers(1, 7))
def test_a_dry_run_lists_what_is_forgotten(script: list[dict[str, Any]], ontology: str, number: int) -> None:
    with remembered(script, ontology) as memory:
        before = state(memory)
        planned = memory.forget(episodes=[number], dry_run=True)
        assert state(memory) == before
        assert memory.forget(episodes=[number]) == planned


@settings(max_examples=8)
@given(scripts, ontologies)
def test_a_split_undoes_a_merge(script: list[dict[str, Any]], ontology: str) -> None:
    with remembered(script, ontology) as memory, remembered(script, ontology) as never:
        memory.merge("Bob", "Ann")
        memory.split("Bob")
        assert_same(memory, never)


@pytest.mark.soak
@settings(max_examples=3000)
@given(scripts, ontologies, st.sets(st.integers(1, 7), min_size=1, max_size=3))
def test_many_forgotten_texts_leave_no_trace(script: list[dict[str, Any]], ontology: str, numbers: set[int]) -> None:
    with remembered(script, ontology) as memory, remembered(script, ontology, numbers) as never:
        memory.forget(episodes=numbers)
        assert_same(memory, never)


def test_forget_of_nothing_is_refused() -> None:
    with AriGraph(embedder=None) as memory, pytest.raises(InvalidInput, match="forget which episodes"):
        memory.forget()
