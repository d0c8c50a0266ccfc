"""Homonyms: names with kinds, by a caller, by an extractor, or by a division afterwards."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ariadne.llm.chat import ChatModel
from ariadne.llm.scripted import ScriptedChat
from ariadne.memory import About, AriGraph, Entity, Fact, InvalidInput, Reading, Replacement, Triplet
from ariadne.memory.extraction.llm import LLMExtractor
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


def test_a_model_sees_all_homonyms_of_a_name_and_gives_their_kinds() -> None:
    reply = {"triplets": ["Victoria (nurse) | is in | York"], "outdated": [], "near": [], "wide": []}
    script = ScriptedChat([reply])
    with AriGraph(embedder=None, ontology="everyday", extractor=LLMExtractor(ChatModel(script))) as memory:
        memory.remember("Victoria is in Leeds.", triplets=[Triplet(NURSE, "is in", "Leeds")])
        memory.remember("Victoria is in Canada.", triplets=[Triplet(CITY, "is in", "Canada")])
        memory.remember("Since Monday Victoria works in York.")
        prompt = script.requests[0].messages[1]["content"]
        assert "Victoria (nurse) is in Leeds" in prompt
        assert "Victoria (city) is in Canada" in prompt
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


# -- divide ------------------------------------------------------------------------------------------------------------


def mixed_up(path: Path | str = ":memory:") -> AriGraph:
    """Return a memory in which one Victoria has moved the other."""
    memory = AriGraph(embedder=None, ontology="everyday", path=path)
    memory.remember("Victoria lives in Leeds.", triplets=[Triplet("Victoria", "lives in", "Leeds")])
    memory.remember("Victoria lives in York.", triplets=[Triplet("Victoria", "lives in", "York")])
    memory.remember("I met Victoria.", triplets=[])
    return memory


def test_one_name_becomes_two_afterwards(tmp_path: Path) -> None:
    with mixed_up(tmp_path / "memory.db") as memory:
        assert texts(memory.facts()) == ["Victoria lives in York"]
        memory.divide("Victoria", episodes=[2, 3], kind="nurse")
        assert texts(memory.facts()) == ["Victoria lives in Leeds", "Victoria (nurse) lives in York"]
        assert [episode.id for episode in memory.episodes(NURSE)] == [2, 3]
        assert memory.episode(2).text == "Victoria lives in York."
    with AriGraph.open(tmp_path / "memory.db", embedder=None) as memory:
        memory.merge("Eboracum", "York")  # the graph is made again
        assert texts(memory.facts()) == ["Victoria lives in Leeds", "Victoria (nurse) lives in York"]
        assert memory.check() == ()


def test_a_division_is_changed_and_undone() -> None:
    with mixed_up() as memory:
        before = memory.facts(), memory.history("Victoria")
        memory.divide("victoria", episodes=[2], kind="nurse")
        memory.divide("Victoria", episodes=[2], kind="patient")
        assert texts(memory.facts()) == ["Victoria lives in Leeds", "Victoria (patient) lives in York"]
        memory.divide("Victoria", episodes=[2], kind=None)
        assert (memory.facts(), memory.history("Victoria")) == before


def test_a_division_is_kept_in_an_export(tmp_path: Path) -> None:
    with mixed_up() as memory, AriGraph(embedder=None) as other:
        memory.divide("Victoria", episodes=[2], kind="nurse")
        memory.export_to(tmp_path / "export.jsonl")
        other.import_from(tmp_path / "export.jsonl")
        other.import_from(tmp_path / "export.jsonl")  # all lines are known
        assert other.facts() == memory.facts()
        other.divide("Victoria", episodes=[2], kind=None)
        assert texts(other.facts()) == ["Victoria lives in York"]


def test_a_replacement_is_divided_with_its_episode() -> None:
    with AriGraph(embedder=None) as memory:
        memory.remember("Victoria is tired.", triplets=[Triplet("Victoria", "is", "tired")])
        old, new = Triplet("Victoria", "is", "tired"), Triplet("Victoria", "is", "rested")
        memory.remember("Victoria is rested.", triplets=[new], outdated=[Replacement(old, new)])
        memory.divide("Victoria", episodes=[2], kind="city")
        assert texts(memory.facts()) == ["Victoria is tired", "Victoria (city) is rested"]
        memory.divide("Victoria", episodes=[1], kind="city")
        assert texts(memory.facts()) == ["Victoria (city) is rested"]


def test_a_division_goes_with_its_episode() -> None:
    with mixed_up() as memory:
        memory.divide("Victoria", episodes=[2], kind="nurse")
        memory.forget(episodes=[2])
        assert texts(memory.facts()) == ["Victoria lives in Leeds"]
        assert memory.facts(NURSE) == ()


def test_what_cannot_be_divided_is_named() -> None:
    with mixed_up() as memory:
        for name, episodes, kind, problem in (
            ("Ann", [1], "city", "episode 1 does not have the name 'Ann'"),
            ("Victoria", [9], "city", "there is no episode 9"),
            ("Victoria", [], "city", "is empty"),
            ("Victoria", [1], "a (b)", "without parentheses"),
        ):
            with pytest.raises(InvalidInput, match=re.escape(problem)):
                memory.divide(name, episodes=episodes, kind=kind)
        assert texts(memory.facts()) == ["Victoria lives in York"]


def test_a_name_with_a_kind_from_its_triplets_is_not_divided_again() -> None:
    with two_victorias() as memory:
        with pytest.raises(InvalidInput, match=r"episode 2 has 'Victoria' with a kind .* already: 'Victoria \(city\)'"):
            memory.divide("Victoria", episodes=[2], kind="town")
        assert texts(memory.facts(CITY)) == ["Victoria (city) is in Canada"]


def test_an_entity_needs_a_kind() -> None:
    with pytest.raises(InvalidInput, match=r"'Victoria'.* has no kind: give kind='city'"):
        Entity("Victoria")


@settings(max_examples=15)
@given(st.lists(st.tuples(st.integers(1, 6), st.sampled_from(["nurse", "city", None])), max_size=6))
def test_a_division_gives_the_same_facts_as_names_with_kinds_from_the_beginning(
    divisions: list[tuple[int, str | None]],
) -> None:
    kinds = dict(divisions)
    with (
        AriGraph(embedder=None, ontology="everyday") as memory,
        AriGraph(embedder=None, ontology="everyday") as other,
    ):
        for number in range(1, 7):
            kind = kinds.get(number)
            name = "Victoria" if kind is None else Entity("Victoria", kind=kind)
            text, place = f"Victoria is in place {number % 3}.", f"place {number % 3}"
            memory.remember(text, triplets=[Triplet("Victoria", "is in", place)])
            other.remember(text, triplets=[Triplet(name, "is in", place)])
        for number, kind in divisions:
            memory.divide("Victoria", episodes=[number], kind=kind)
        assert memory.facts() == other.facts()
        assert memory.history("Victoria") == other.history("Victoria")


# -- entities ----------------------------------------------------------------------------------------------------------


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
