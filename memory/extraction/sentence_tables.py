"""The sentence tables of the reader: data files in `tables/`, in the language that `ontology/patterns.py` describes.

To teach the reader a sentence, add a line to a file there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from ariadne.memory.ontology.patterns import Table, parse_fragments, parse_table, parse_tables

_FOLDER = Path(__file__).parent / "tables"


@dataclass(frozen=True)
class SentenceTables:
    """The tables of the data files, each under its file's or section's name."""

    room_overviews: Table
    """Sentences that only the description of a room has: groups of things, and exits."""
    things_in_view: Table
    """Sentences about single things, in the description of a room or in an answer."""
    appearances: Table
    """The appearance of a thing, if nothing else matches."""
    action_results: Table
    """Answers of a game to a command."""
    recipes: Mapping[str, Table]
    """The lines of a recipe, by the section that they stand in: ingredients or directions."""
    notes_and_goals: Table
    """Sentences of notes, goals and hints about keys, places and food."""
    instructions: Table
    """Steps of an objective that presuppose a fact."""
    silent_instructions: Table
    """Steps of an objective that presuppose none."""
    silent_sentences: Table
    """Sentences that say nothing about the world."""

    @cached_property
    def of_rooms(self) -> Table:
        """What the description of a room is read by."""
        return Table((*self.room_overviews, *self.things_in_view, *self.appearances))

    @cached_property
    def of_answers(self) -> Table:
        """What the answer to a command is read by."""
        return Table((*self.action_results, *self.things_in_view))

    @cached_property
    def silent(self) -> Table:
        """All sentences without facts about the world."""
        return Table((*self.silent_sentences, *self.silent_instructions))


@cache
def sentence_tables() -> SentenceTables:
    """Return the tables. The first call parses them; a pattern is compiled when it is first tried."""
    fragments = parse_fragments(_text("fragments"))
    rooms, steps = parse_tables(_text("room_descriptions"), fragments), parse_tables(_text("instructions"), fragments)
    return SentenceTables(
        room_overviews=rooms["room_overviews"],
        things_in_view=rooms["things_in_view"],
        appearances=rooms["appearances"],
        action_results=parse_table(_text("action_results"), fragments),
        recipes=parse_tables(_text("recipes"), fragments),
        notes_and_goals=parse_table(_text("notes_and_goals"), fragments),
        instructions=steps["instructions"],
        silent_instructions=steps["silent_instructions"],
        silent_sentences=parse_table(_text("silent_sentences"), fragments),
    )


def _text(name: str) -> str:
    return (_FOLDER / f"{name}.txt").read_text(encoding="utf-8")
