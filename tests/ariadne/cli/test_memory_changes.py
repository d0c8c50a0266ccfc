"""Commands that delete and revise, and filters by typed values, as their user meets them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ariadne.cli.main import main


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["memory", *arguments])


def done(*arguments: str) -> list[str]:
    """Return the lines that a successful command printed."""
    result = run(*arguments)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return result.stdout.splitlines()


def failed(*arguments: str) -> str:
    """Return the one line that a command failed with."""
    result = run(*arguments)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1), result.output
    return result.stderr.removeprefix("ariadne: ").rstrip()


# -- filters -----------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("default::ariadne.memory.MixedTypesWarning")
def test_where_with_a_number_finds_the_number_and_the_text() -> None:
    for name, price in (
        ("lamp", '{"price": 12}'),
        ("pen", "price=12"),
        ("desk", '{"price": 12.5}'),
        ("cup", "price=2"),
    ):
        done("remember", "a.db", name, "--triplet", name, "is in", "shop", "--meta", price)
    assert done("facts", "a.db", "--where", "price=12") == ["lamp is in shop", "pen is in shop"]
    assert done("facts", "a.db", "--where", "price=12.5") == ["desk is in shop"]
    assert done("forget", "a.db", "--where", "price=2", "--dry-run")[0] == "- [4] cup"
    result = run("facts", "a.db", "--where", '{"price": 2}')
    assert "no current facts" in result.stderr
    assert "'price' has texts in 2 episodes and numbers in 2 episodes" in result.stderr
    assert "ariadne: 'price'" in run("facts", "a.db", "--where", "price=cheap").stderr


# -- the ontology ------------------------------------------------------------------------------------------------------

OWN = """name = "pets"
extends = ["open"]
[[relation]]
phrases = ["sleeps in"]
values = "one"
"""


def moved_cat() -> None:
    for place in ("barn", "attic"):
        done("remember", "a.db", f"The cat sleeps in the {place}.", "--triplet", "cat", "sleeps in", place)


def test_ontology_prints_the_packaged_ones_and_checks_a_file_of_your_own() -> None:
    assert done("ontology") == ["open", "everyday", "text-world"]
    assert any(line.startswith("[[relation]]") for line in done("ontology", "everyday"))
    Path("pets.toml").write_text(OWN)
    assert done("ontology", "pets.toml")[0].startswith("pets.toml: correct: the ontology pets has 1 rule")
    assert "one" in done("ontology", "pets.toml", "--triplet", "cat", "sleeps in", "barn")[0]
    Path("pets.toml").write_text(OWN.replace('["sleeps in"]', '"sleeps in"'))
    assert failed("ontology", "pets.toml") == "the ontology is wrong: relation.0.phrases: give a list of texts"
    assert failed("ontology", "no.toml") == "ontology='no.toml': there is no such file"
    assert "give one of open, everyday, text-world" in failed("ontology", "evryday")


def test_set_ontology_revises_the_facts_of_a_space() -> None:
    Path("pets.toml").write_text(OWN)
    moved_cat()
    assert done("facts", "a.db") == ["cat sleeps in barn", "cat sleeps in attic"]
    assert done("set-ontology", "a.db", "pets.toml") == ["the space default has the ontology pets"]
    assert done("facts", "a.db") == ["cat sleeps in attic"]
    done("set-ontology", "a.db", "open")
    assert len(done("facts", "a.db")) == 2
    assert "no space 'other'" in failed("set-ontology", "a.db", "open", "--space", "other")


def test_an_error_of_the_library_names_the_options_and_commands() -> None:
    moved_cat()
    message = failed("remember", "a.db", "x", "--ontology", "everyday")
    assert message.startswith("--ontology 'everyday': the space 'default' has another (open)")
    assert message.endswith("open it without --ontology, then change it with set-ontology")
    done("remember", "b.db", "x", "--at", "2026-05-01")
    assert failed("remember", "b.db", "at='x' at=3") == "this space uses dates as times: give one as --at ..."
    late = failed("remember", "b.db", "x", "--at", "2026-05-01", "--expires", "2026-04")
    assert late == "--expires 2026-04 is not after --at 2026-05-01: give a later time"
    assert "'at=3'" in failed("divide", "b.db", "at=3", "--episode", "1", "--kind", "city")


# -- deletion ----------------------------------------------------------------------------------------------------------


def chat() -> None:
    for source, text in (("Ann", "I like tea."), ("Bob", "@ann is late."), ("Bob", "Eve likes tea.")):
        done("remember", "a.db", text, "--source", source)


def test_forget_a_person_deletes_the_own_texts_and_the_mentions() -> None:
    chat()
    person = ("forget", "a.db", "--person", "Ann", "--handle", "@ann")
    assert done(*person, "--dry-run")[-1] == "2 episodes and 0 facts would be deleted"
    assert failed(*person) == "nothing was deleted: no terminal to confirm at; add --yes"
    assert done(*person, "--own-only", "--dry-run")[0] == "- [1] I like tea."
    done(*person, "--yes")
    assert [found.name for found in Path().iterdir() if b"@ann" in found.read_bytes()] == []
    assert done("recall", "a.db", "tea", "--by-words") != []
    assert run("forget", "a.db", "--handle", "@ann", "--yes").exit_code == 2


def test_delete_space_deletes_one_space_and_only_with_a_confirmation() -> None:
    chat()
    done("remember", "a.db", "Secret plans.", "--space", "work")
    assert failed("delete-space", "a.db", "work") == "nothing was deleted: no terminal to confirm at; add --yes"
    assert done("delete-space", "a.db", "work", "--yes") == ["space 'work' deleted, with 1 episode"]
    assert b"Secret" not in Path("a.db").read_bytes()
    assert "no space 'work'" in failed("delete-space", "a.db", "work", "--yes")
    assert json.loads(done("delete-space", "a.db", "default", "--yes", "--json")[0]) == {"episodes": 3}
