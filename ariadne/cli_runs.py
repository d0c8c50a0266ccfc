"""`ariadne runs`: which runs there are, and what came of them."""

from __future__ import annotations

from pathlib import Path, PurePath

import click

from ariadne.cli_base import as_data, in_columns, json_option, plainly, say
from ariadne.cli_input import AS_PATH
from ariadne.errors import RunError
from ariadne.recording import is_being_written
from ariadne.runs import Run, RunRecord, read_record

_UNITS = "B", "KB", "MB", "GB"


@click.command("runs")
@click.argument("folder", default="runs", type=AS_PATH)
@click.option("--game", metavar="TEXT", help="Only of games whose file's name has this in it.")
@click.option("--memory", metavar="KIND", help="Only with this memory.")
@click.option("--won/--not-won", default=None, help="Only those that were won, or were not.")
@json_option
@plainly
def runs(folder: Path, game: str | None, memory: str | None, won: bool | None, as_json: bool) -> None:
    """The runs in FOLDER, the oldest first.

    A run that says "stopped" was killed: play --resume goes on with it.
    """
    if not folder.is_dir():
        raise RunError(f"{folder}: no folder with runs")
    found = [(at, read_record(at)) for at in sorted(folder.iterdir()) if (at / "run.json").is_file()]
    chosen = [
        (at, record)
        for at, record in sorted(found, key=lambda one: (one[1].started, one[0]))
        if (game is None or game in PurePath(record.asked.game).name)
        and (memory is None or record.asked.memory == memory)
        and (won is None or (record.outcome is not None and record.outcome.won) == won)
    ]
    rows = [_row(at, record) for at, record in chosen]
    head = ("run", "game", "mind", "memory", "state", "score", "steps", "started", "size")
    data = [
        {"run": str(at), "state": _state(at, record), "bytes": _size(at), **as_data(record.model_dump(mode="json"))}
        for at, record in chosen
    ]
    say(in_columns([head, *rows]) if rows else [], {"runs": data}, as_json=as_json, nothing=f"no runs in {folder}")


def _row(folder: Path, record: RunRecord) -> tuple[str, ...]:
    asked, outcome = record.asked, record.outcome
    with Run.open(folder) as run:
        steps = len(run.steps)
        score = outcome.score if outcome else run.steps[-1].observation.score if steps else 0
        most = outcome.max_score if outcome else run.steps[-1].observation.max_score if steps else None
    return (
        folder.name, PurePath(asked.game).name, asked.mind, asked.memory, _state(folder, record),
        f"{score}/{most}" if most is not None else str(score), str(outcome.steps if outcome else steps),
        f"{record.started.astimezone():%Y-%m-%d %H:%M}", _readable(_size(folder)),
    )  # fmt: skip


def _state(folder: Path, record: RunRecord) -> str:
    """What it says of itself; of one that was killed, that it was stopped."""
    if record.state == "finished":
        return "won" if record.outcome is not None and record.outcome.won else "finished"
    return "stopped" if record.state == "running" and not is_being_written(folder) else record.state


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir() if file.is_file())


def _readable(size: float) -> str:
    for unit in _UNITS[:-1]:
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} {_UNITS[-1]}"
