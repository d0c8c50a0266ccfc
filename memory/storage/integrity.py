"""The numbers of a memory, and the damage of its file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ariadne.memory.storage.database import RAM
from ariadne.memory.storage.schema import VERSION
from ariadne.memory.storage.store import View

_LAWS = {
    "a fact that no episode states": (
        "SELECT f.id FROM fact f WHERE NOT EXISTS (SELECT 1 FROM fact_episode WHERE fact = f.id)"
    ),
    "a fact stated by an episode that is not there": (
        "SELECT t.fact FROM fact_episode t WHERE NOT EXISTS"
        " (SELECT 1 FROM episode e WHERE e.space = t.space AND e.number = t.episode)"
    ),
    "a fact learned in another episode than its first": (
        "SELECT f.id FROM fact f WHERE f.learned_in <> (SELECT min(episode) FROM fact_episode WHERE fact = f.id)"
    ),
    "a fact retired without a time or an episode": (
        "SELECT id FROM fact WHERE (valid_to IS NULL) <> (retired_in IS NULL)"
    ),
    "a fact that ends before it began": "SELECT id FROM fact WHERE valid_to < valid_from",
    "a fact retired by an episode that is not there": (
        "SELECT f.id FROM fact f WHERE f.retired_in IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM episode e WHERE e.space = f.space AND e.number = f.retired_in)"
    ),
    "a fact between names of another space": (
        "SELECT f.id FROM fact f JOIN name n ON n.id IN (f.subject_id, f.object_id) WHERE n.space <> f.space"
    ),
    "an episode later than the last": (
        "SELECT e.number FROM episode e JOIN space s ON s.id = e.space WHERE e.number > s.last OR e.number < 1"
    ),
    "an episode that mentions a name of another space": (
        "SELECT m.episode FROM mention m JOIN name n ON n.id = m.name WHERE n.space <> m.space"
    ),
    "an episode that changed a fact which is not there": (
        "SELECT e.number FROM episode e, json_each(e.changes) c, json_each(c.value) j WHERE NOT EXISTS"
        " (SELECT 1 FROM fact f WHERE f.id = j.value AND f.space = e.space)"
    ),
}
"""The laws of a sound file, each with a query for the rows that break it."""


@dataclass(frozen=True)
class Stats:
    """A space in numbers.

    `facts` counts current facts and `facts_ever` all. `clock` is the kind of world time ("int" or "datetime"), None for
    an empty space. `spaces` are all of the file, and `bytes` is the size of the file and its log (None in RAM).
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
    """Return the numbers of a space as known after an episode."""
    path, counted = view.path, view.facts.counted(until)
    return Stats(
        path=path, space=view.space, episodes=len(view.episodes.numbers(until=until)), facts=counted["current"],
        facts_ever=counted["ever"], names=counted["names"], clock=view.state.clock,
        spaces=tuple(view.spaces()), format=VERSION, bytes=None if path == RAM else _size(view.file),
    )  # fmt: skip


def _size(file: Path) -> int:
    return sum(one.stat().st_size for one in (file, Path(f"{file}-wal")) if one.exists())


def problems(view: View) -> Iterator[str]:
    """Yield the damage of the whole file, a line each; nothing for a sound file."""
    yield from _sqlite_problems(view)
    for law, sql in _LAWS.items():
        for (row,) in view.rows(f"{sql} LIMIT 5"):
            yield f"{law}: {row}"


def _sqlite_problems(view: View) -> Iterator[str]:
    """Yield what SQLite finds wrong with the file, a line each."""
    yield from (line for (line,) in view.rows("PRAGMA integrity_check") if line != "ok")
    for table, row, parent, _ in view.rows("PRAGMA foreign_key_check"):
        yield f"row {row} of {table} points into {parent}, where nothing is"
