"""Ontologies as files: what is read, what is refused, and what a space keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from ariadne.errors import InvalidInput
from ariadne.memory import AriGraph, Triplet
from ariadne.memory.ontology.ontology import PACKAGED, checked_text, packaged, parse

HOMES = """
name = "homes"
extends = ["everyday"]

[kinds]
planet = ["mars", "venus"]

[[relation]]
slot = "residence"
apart = ["planet"]
phrases = ["dwells [(in|on)]"]
"""


def facts(memory: AriGraph) -> list[str]:
    return [str(fact) for fact in memory.facts()]


@pytest.mark.parametrize("name", PACKAGED)
def test_the_packaged_ontologies_can_be_read(name: str) -> None:
    assert packaged(name).name == name
    assert checked_text(name) == name


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name = ", "not TOML"),
        ("", "name: Field required"),
        ('name = "a"\nrelations = 1', "relations: unknown key"),
        ('name = "a"\n[[relation]]\nphrases = []', r"relation\.0\.phrases"),
        ('name = "a"\n[[relation]]\nphrases = ["(b"]', "cannot be read"),
        ('name = "a"\n[[relation]]\nphrases = "b"', r"relation\.0\.phrases: give a list of texts"),
        ('name = "a"\n[[relation]]\nphrases = [3]', r"phrases\.0: give a text in quotes"),
        ('name = "a"\nrelation = "b"', r"relation: give tables: \[\[relation\]\]"),
        ('name = "a"\nrelation = ["b"]', r"relation\.0: give a table"),
        ('name = "a"\nstates = "b"', "states: give a list of lists of texts"),
        ('name = "a"\nclosed = "so"', "closed: give true or false"),
        ('name = "a"\nkinds = 3', "kinds: give a table"),
        ('name = ""', "name: give a text that is not empty"),
        ('name = "a"\n[[relation]]\nphrases = ["b"]\nof = "all"', "'subject', 'object' or 'both'"),
        ('name = "a"\n[[relation]]\nphrases = ["b"]\nkinds = ["city"]', r"unknown kind city; declare it in \[kinds\]"),
        ('name = "a"\n[[relation]]\nphrases = ["b"]\nends = ["job"]', "no rule has the slot job"),
        ('name = "a"\nextends = ["closed"]', "'closed' is unknown: give one of open, everyday, text-world"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place_of_the_problem(text: str, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        parse(text)


def test_an_unknown_name_and_a_file_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="give one of open, everyday, text-world, or a file in TOML"):
        AriGraph(ontology="evryday")
    for missing in ("no.toml", "no/file"):
        with pytest.raises(InvalidInput, match=f"ontology='{missing}': there is no such file"):
            AriGraph(ontology=missing)
    (tmp_path / "a.toml").write_bytes(b"\xff")
    with pytest.raises(InvalidInput, match="cannot be read"):
        AriGraph(ontology=tmp_path / "a.toml")
    with pytest.raises(InvalidInput, match="give a name, or a file in TOML"):
        AriGraph(ontology=3)  # type: ignore[arg-type]


def test_an_ontology_of_your_own_adds_wordings_and_kinds(tmp_path: Path) -> None:
    (tmp_path / "homes.toml").write_text(HOMES, encoding="utf-8")
    with AriGraph(embedder=None, ontology=tmp_path / "homes.toml") as memory:
        for relation, place in (("lives in", "Rome"), ("dwells on", "Mars"), ("dwells in", "Oslo")):
            memory.remember("x", triplets=[Triplet("Ann", relation, place)])
        assert facts(memory) == ["Ann dwells on Mars", "Ann dwells in Oslo"]


def test_a_space_keeps_its_ontology_and_names_it(tmp_path: Path) -> None:
    with AriGraph.open(tmp_path / "a.db", embedder=None, ontology="everyday") as memory:
        memory.remember("x", triplets=[Triplet("Ann", "lives in", "Rome")])
    with AriGraph.open(tmp_path / "a.db", embedder=None) as memory:
        assert memory.ontology == "everyday"
        memory.remember("x", triplets=[Triplet("Ann", "lives in", "Oslo")])
        assert facts(memory) == ["Ann lives in Oslo"]
    with pytest.raises(InvalidInput, match=r"has another \(everyday\); open it without ontology="):
        AriGraph.open(tmp_path / "a.db", embedder=None, ontology="open")
    with AriGraph.open(tmp_path / "a.db", embedder=None, space="other") as memory:
        assert memory.ontology == "open"


def test_a_new_ontology_revises_the_past() -> None:
    with AriGraph(embedder=None) as memory:
        for city in ("Rome", "Oslo"):
            memory.remember("x", triplets=[Triplet("Ann", "lives in", city)])
        assert facts(memory) == ["Ann lives in Rome", "Ann lives in Oslo"]
        memory.set_ontology("everyday")
        assert (memory.ontology, facts(memory)) == ("everyday", ["Ann lives in Oslo"])
        memory.set_ontology("open")
        assert facts(memory) == ["Ann lives in Rome", "Ann lives in Oslo"]


def test_a_transcript_in_a_space_of_chats_is_read_and_revised_as_a_game() -> None:
    with AriGraph(embedder=None, ontology="everyday") as memory:
        memory.remember("Ann is in Berlin.", triplets=[Triplet("Ann", "is in", "Berlin")])
        memory.remember("-= Kitchen =-\nYou see a table. On the table is an apple.")
        memory.remember("> take apple\nYou take the apple from the table.")
        memory.remember("Ann is in the sales team.", triplets=[Triplet("Ann", "is in", "the sales team")])
        assert [fact for fact in facts(memory) if "apple" in fact] == ["apple is in inventory"]
        assert {"Ann is in Berlin", "Ann is in the sales team"} <= {*facts(memory)}


@pytest.mark.parametrize(
    "text",
    [
        "FastAPI is on shoulders of giants.", "The box is in the kitchen.",
        "> On Monday he wrote:\n> The key is in it.", "I am in a meeting. The report is on the table.",
        "You open the door, and the cat is out.",
    ],
)  # fmt: skip
def test_prose_gives_names_and_no_facts(text: str) -> None:
    with AriGraph(embedder=None) as memory:
        assert memory.remember(text).reading.triplets == ()
        assert memory.recall(text).episodes[0].text == text


def test_a_text_world_reads_every_text_as_a_game() -> None:
    with AriGraph(embedder=None, ontology="text-world") as memory:
        memory.remember("You open the fridge, revealing an apple.")
        assert "apple is in fridge" in facts(memory)
