"""The statistics of a space, and the damage of its file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ariadne.memory.storage.database import RAM
from ariadne.memory.storage.schema import VERSION
from ariadne.memory.storage.store import View

_INVARIANTS = {
    "a fact that no episode states": (
        "SELECT f.id FROM fact f WHERE NOT EXISTS (SELECT 1 FROM fact_episode WHERE fact = f.id)"
    ),
    "a fact stated by a missing episode": (
        "SELECT t.fact FROM fact_episode t WHERE NOT EXISTS"
        " (SELECT 1 FROM episode e WHERE e.space = t.space AND e.number = t.episode)"
    ),
    "a fact learned in an episode that is not the first to state it": (
        "SELECT f.id FROM fact f WHERE f.learned_in <> (SELECT min(episode) FROM fact_episode WHERE fact = f.id)"
    ),
    "a fact retired without a time or an episode": (
        "SELECT id FROM fact WHERE valid_to IS NULL AND retired_in IS NOT NULL AND retired_in IS NOT known_to"
    ),
    "a fact that ends before it began": "SELECT id FROM fact WHERE valid_to < valid_from",
    "a fact that is known before it was stated": "SELECT id FROM fact WHERE known_from < learned_in",
    "a fact that is replaced before it is known": "SELECT id FROM fact WHERE known_to < known_from",
    "a fact retired by a missing episode": (
        "SELECT f.id FROM fact f WHERE f.retired_in IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM episode e WHERE e.space = f.space AND e.number = f.retired_in)"
    ),
    "a fact between names of another space": (
        "SELECT f.id FROM fact f JOIN name n ON n.id IN (f.subject_id, f.object_id) WHERE n.space <> f.space"
    ),
    "an episode whose number is out of range": (
        "SELECT e.number FROM episode e JOIN space s ON s.id = e.space WHERE e.number > s.last OR e.number < 1"
    ),
    "an episode that mentions a name of another space": (
        "SELECT m.episode FROM mention m JOIN name n ON n.id = m.name WHERE n.space <> m.space"
    ),
    "an episode that changed a missing fact": (
        "SELECT e.number FROM episode e, json_each(e.changes) c, json_each(c.value) j WHERE NOT EXISTS"
        " (SELECT 1 FROM fact f WHERE f.id = j.value AND f.space = e.space)"
    ),
}
"""What a sound file never holds, each with a query for the ids that it finds."""

_VISIBLE = "WITH {} ".format(
    ", ".join(
        f"{table} AS (SELECT * FROM main.{table} WHERE space IN (SELECT id FROM main.space WHERE name NOT NULL))"
        for table in ("episode", "fact", "fact_episode", "mention")
    )
)
"""Leaves out the spaces that are made or deleted in slices at the moment."""


@dataclass(frozen=True)
class Stats:
    """The statistics of a space.

    Attributes:
        path: The file, or ":memory:".
        space: The name of the space.
        episodes: The number of episodes.
        facts: The number of current facts.
        facts_ever: The number of all facts, past and current.
        names: The number of names.
        clock: The kind of world time, "int" or "datetime"; None for an empty space.
        spaces: The names of all spaces in the file.
        format: The format of the file.
        bytes: The size of the file and its log; None in RAM.
    """

    path: str
    space: str
    episodes: int
    facts: int
    facts_ever: int
    names: int
    clock: str | None
    spaces: tuple[str, ...]
    format: int
    bytes: int | None


def stats(view: View, until: int) -> Stats:
    """Return the statistics of a space after episode `until`; `path`, `spaces` and `bytes` are of now."""
    path, counted = view.path, view.facts.counted(until)
    return Stats(
        path=path, space=view.space, episodes=len(view.episodes.numbers(until=until)), facts=counted["current"],
        facts_ever=counted["ever"], names=counted["names"], clock=view.state.clock,
        spaces=tuple(view.spaces()), format=VERSION, bytes=None if path == RAM else _size(view.file),
    )  # fmt: skip


def _size(file: Path) -> int:
    return sum(part.stat().st_size for part in (file, Path(f"{file}-wal")) if part.exists())


def problems(view: View) -> Iterator[str]:
    """Yield each damage of the whole file as one line; nothing for a sound file."""
    yield from _sqlite_problems(view)
    begin = _VISIBLE if view.state.has_hidden else ""
    for violation, sql in _INVARIANTS.items():
        for (row,) in view.rows(f"{begin}{sql} LIMIT 5"):
            yield f"{violation}: {row}"


def _sqlite_problems(view: View) -> Iterator[str]:
    """Yield each damage that SQLite finds as one line."""
    yield from (line for (line,) in view.rows("PRAGMA integrity_check") if line != "ok")
    for table, row, parent, _ in view.rows("PRAGMA foreign_key_check"):
        yield f"row {row} of {table} refers to a row that {parent} lacks"
