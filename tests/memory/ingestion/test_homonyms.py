"""Homonyms: names with kinds, by a caller or an extractor."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Sequence
from pathlib import Path

import pytest

from ariadne.memory import About, AriGraph, Entity, Fact, InvalidInput, Reading, Triplet
from ariadne.values import Situation

NURSE, CITY = Entity("Victoria", kind="nurse"), Entity("Victoria", kind="city")


class TypedExtractor:
    """An Extractor that knows the kinds of names."""

    def read(self, text: str, known: Sequence[Fact], situation: Situation | None) -> Reading:
        kind = "city" if "Canada" in text else "nurse"
        name, _, place = text.removesuffix(".").partition(" is in ")
        return Reading((Triplet(Entity(name, kind=kind), "is in", place),))


def texts(facts: Sequence[Fact]) -> list[str]:
    return list(map(str, facts))


def two_victorias() -> AriGraph:
    memory = AriGraph(embedder=None, ontology="everyday")
    memory.remember("Victoria is in Leeds.", triplets=[Triplet(NURSE, "is in", "Leeds")])
    memory.remember("Victoria is in Canada.", triplets=[Triplet(CITY, "is in", "Canada")])
    return memory


def test_a_caller_distinguishes_homonyms() -> None:
    with two_victorias() as memory:
        assert texts(memory.facts()) == ["Victoria (nurse) is in Leeds", "Victoria (city) is in Canada"]
        assert texts(memory.facts(NURSE)) == texts(memory.facts("victoria (the nurse)")) == texts(memory.facts()[:1])
        assert memory.path(NURSE, "Canada") == ()


def test_an_extractor_distinguishes_homonyms() -> None:
    with AriGraph(embedder=None, ontology="everyday", extractor=TypedExtractor()) as memory:
        memory.remember("Victoria is in Leeds.")
        memory.remember("Victoria is in Canada.")
        memory.remember("Victoria is in York.")
        assert texts(memory.facts()) == ["Victoria (city) is in Canada", "Victoria (nurse) is in York"]


def test_a_name_without_kind_in_a_query_stands_for_all_its_homonyms() -> None:
    with two_victorias() as memory:
        both = memory.facts()
        assert memory.facts("Victoria") == memory.history("victoria") == both
        assert memory.path("Victoria", "Canada") == both[1:]
        assert [episode.id for episode in memory.episodes("Victoria")] == [1, 2]
        assert memory.recall(About("Victoria")).facts == both
        assert set(memory.recall("Where is Victoria?").facts) == set(both)
        assert memory.recall(About(CITY)).facts == both[1:]


def test_a_name_in_a_text_is_linked_to_the_entity_of_its_facts() -> None:
    with two_victorias() as memory:
        assert [episode.id for episode in memory.episodes(NURSE)] == [1]
        assert memory.stats().names == 4  # no third name "Victoria"


def test_a_name_without_kind_is_never_taken_for_one_with_a_kind() -> None:
    with two_victorias() as memory:
        memory.remember("Victoria is in York.", triplets=[Triplet("Victoria", "is in", "York")])
        assert len(memory.facts()) == 3
        assert len(memory.facts("Victoria")) == 3
        assert len(memory.facts(CITY)) == 1


def test_homonyms_are_kept_in_an_export(tmp_path: Path) -> None:
    with two_victorias() as memory, AriGraph(embedder=None) as other:
        memory.export_to(tmp_path / "export.jsonl")
        other.import_from(tmp_path / "export.jsonl")
        assert other.facts(CITY) == memory.facts(CITY)


def test_an_entity_is_a_text() -> None:
    assert CITY == "Victoria (city)"
    assert (CITY.name, CITY.kind) == ("Victoria", "city")
    for same in (copy.deepcopy(CITY), pickle.loads(pickle.dumps(CITY))):
        assert (same, same.kind) == (CITY, "city")


@pytest.mark.parametrize(
    ("name", "kind"), [("", "city"), ("Victoria", " "), ("Victoria", "a (b)"), ("f(x)", "function")]
)
def test_an_entity_needs_a_name_and_a_kind(name: str, kind: str) -> None:
    with pytest.raises(InvalidInput, match="without parentheses"):
        Entity(name, kind=kind)
