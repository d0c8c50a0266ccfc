"""The data files of the reader: every line can be read, and every relation is one of `ariadne.relations`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ariadne import relations
from ariadne.memory.extraction import sentence_tables as tables_module
from ariadne.memory.extraction.sentence_tables import read_tables, sentence_tables
from ariadne.memory.ontology.patterns import Pattern

IMPORT_AND_READ = """
from ariadne.memory import AriGraph
from ariadne.memory.extraction.rules import RulesExtractor
from ariadne.memory.extraction.sentence_tables import sentence_tables
assert sentence_tables.cache_info().currsize == 0
assert RulesExtractor().read("> take egg\\nYou take the egg.").triplets
assert sentence_tables.cache_info().currsize == 1
"""


def patterns() -> Iterator[Pattern]:
    tables = sentence_tables()
    for table in (tables.of_rooms, tables.of_answers, tables.notes_and_goals, tables.instructions, tables.silent):
        yield from table
    for table in tables.recipes.values():
        yield from table


def test_every_sentence_of_the_data_files_is_in_the_pattern_language() -> None:
    assert all(pattern.regex.pattern for pattern in patterns())


def test_every_relation_that_the_tables_write_is_a_constant_or_a_connection() -> None:
    constants = {value for name, value in vars(relations).items() if name.isupper() and isinstance(value, str)}
    written = {template.relation for pattern in patterns() for template in pattern.templates}
    assert written - constants == {relations.connection("<direction>")}
    assert {relations.IS_IN, relations.IS_ON, relations.UNLOCKS, relations.REQUIRES, relations.IS_FOR} < written


def test_every_placeholder_of_a_triplet_is_in_its_sentence_or_comes_from_the_context() -> None:
    context = {"here", "it", "target", "tool", "opened", "taken", "last key"}
    for pattern in patterns():
        for template in pattern.templates:
            placeholders = {part.partition(">")[0] for part in str(template).split("<")[1:]}
            assert all(f"<{name}>" in pattern.sentence for name in placeholders - context), pattern.sentence


def test_silent_tables_state_nothing() -> None:
    assert not any(pattern.templates for pattern in sentence_tables().silent)


def test_tables_are_parsed_by_the_first_reading_and_not_by_an_import() -> None:
    subprocess.run([sys.executable, "-c", IMPORT_AND_READ], check=True)


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """A copy of the packaged data files."""
    return shutil.copytree(Path(tables_module.__file__).parent / "tables", tmp_path / "tables")


def test_a_copy_of_the_data_files_gives_the_same_tables(tables: Path) -> None:
    assert read_tables(tables) == sentence_tables()


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("room_descriptions", "room_overviews, things_in_view, appearances"),
        ("recipes", "ingredients, directions"),
        ("action_results", "none"),
        ("fragments", "none"),
    ],
)
def test_the_error_for_an_unknown_section_names_file_and_section(tables: Path, name: str, known: str) -> None:
    with (tables / f"{name}.txt").open("a") as file:
        file.write("\n== people ==\nYou meet <thing> => <thing> | is in | <here>\n")
    with pytest.raises(ValueError, match=rf"{name}\.txt: section 'people' is unknown; the sections are {known}$"):
        read_tables(tables)


def test_the_error_for_a_missing_section_names_file_and_section(tables: Path) -> None:
    path = tables / "recipes.txt"
    path.write_text(path.read_text().partition("== directions ==")[0])
    with pytest.raises(ValueError, match=r"recipes\.txt: section 'directions' is missing"):
        read_tables(tables)


def test_the_error_for_an_unknown_file_of_sentences_names_it(tables: Path) -> None:
    (tables / "people.txt").write_text("You meet <thing> => <thing> | is in | <here>\n")
    with pytest.raises(ValueError, match=r"people\.txt: unknown file of sentences; the reader uses .*notes_and_goals"):
        read_tables(tables)
