"""The sentence tables of the reader: data files in `tables/`, in the language that `ontology/patterns.py` describes.

To teach the reader a sentence, add a line to a file there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from ariadne.memory.ontology.patterns import Table, parse_fragments, parse_tables

_FOLDER = Path(__file__).parent / "tables"
_SECTIONS = {
    "fragments": (),
    "room_descriptions": ("room_overviews", "things_in_view", "appearances"),
    "action_results": ("",),
    "recipes": ("ingredients", "directions"),
    "notes_and_goals": ("",),
    "instructions": ("instructions", "silent_instructions"),
    "silent_sentences": ("",),
}
"""The files, and the sections of each; "" stands for a file without sections."""


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
    return read_tables(_FOLDER)


def read_tables(folder: Path) -> SentenceTables:
    """Return the tables of a folder.

    Raises:
        OSError: A file is missing or cannot be read.
        ValueError: A file or a section is unknown, or a section is missing.
    """
    for path in sorted(folder.glob("*.txt")):
        if path.stem not in _SECTIONS:
            raise ValueError(f"{path.name}: unknown file of sentences; the reader uses {_listed(_SECTIONS)}")
    fragments = parse_fragments(_text(folder, "fragments"))
    _sections(folder, "fragments", fragments)  # a sentence there is an error
    rooms, steps, recipes, results, notes, silent = (
        _sections(folder, name, fragments)
        for name in (
            "room_descriptions", "instructions", "recipes", "action_results", "notes_and_goals", "silent_sentences",
        )
    )  # fmt: skip
    return SentenceTables(
        **rooms,
        **steps,
        recipes=recipes,
        action_results=results[""],
        notes_and_goals=notes[""],
        silent_sentences=silent[""],
    )


def _sections(folder: Path, name: str, fragments: Mapping[str, str]) -> dict[str, Table]:
    """Return the tables of a file by section."""
    sections = parse_tables(_text(folder, name), fragments)
    if wrong := sections.keys() ^ set(_SECTIONS[name]):
        section = min(wrong)
        problem = "unknown" if section in sections else "missing"
        where = f"section {section!r}" if section else "the part above the first section"
        raise ValueError(f"{name}.txt: {where} is {problem}; the sections are {_listed(_SECTIONS[name])}")
    return sections


def _listed(names: Iterable[str]) -> str:
    return ", ".join(filter(None, names)) or "none"


def _text(folder: Path, name: str) -> str:
    return (folder / f"{name}.txt").read_text(encoding="utf-8")
