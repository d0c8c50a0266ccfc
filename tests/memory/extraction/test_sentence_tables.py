"""The data files of the reader: every line can be read, and every relation is one of `ariadne.relations`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from ariadne import relations
from ariadne.memory.extraction.sentence_tables import sentence_tables
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


def test_every_slot_of_a_triplet_is_in_its_sentence_or_comes_from_the_context() -> None:
    context = {"here", "it", "target", "tool", "opened", "taken", "last key"}
    for pattern in patterns():
        for template in pattern.templates:
            slots = {part.partition(">")[0] for part in str(template).split("<")[1:]}
            assert all(f"<{slot}>" in pattern.sentence for slot in slots - context), pattern.sentence


def test_silent_tables_state_nothing() -> None:
    assert not any(pattern.templates for pattern in sentence_tables().silent)


def test_tables_are_parsed_by_the_first_reading_and_not_by_an_import() -> None:
    subprocess.run([sys.executable, "-c", IMPORT_AND_READ], check=True)
