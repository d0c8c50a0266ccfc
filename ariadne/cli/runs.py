"""`ariadne runs`: which runs there are and what came of them; packed, unpacked, imported, drawn, and thrown away."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from ariadne.cli.base import counted, in_columns, json_option, plainly, say, tell
from ariadne.cli.inputs import AS_PATH, at_terminal
from ariadne.errors import AriadneError, RunError
from ariadne.runs.archive import RunFilter, SavedRun, delete_run, pack, saved_runs, unpack
from ariadne.runs.charts import Row, plot, rows, write_table
from ariadne.runs.record import Run, schema

_HEAD = ("run", "game", "mind", "memory", "state", "score", "steps", "tokens", "cost", "started", "size")
T = TypeVar("T")
_UNITS = "B", "KB", "MB", "GB"


class _ListFirst(click.Group):
    """A group that lists where no command of its own is named."""

    def parse_args(self, context: click.Context, told: list[str]) -> list[str]:
        if not told or told[0] not in (*self.commands, *context.help_option_names):
            told = ["list", *told]
        return super().parse_args(context, told)


def _moment(_: click.Context, __: click.Parameter, told: str | None) -> datetime | None:
    """A date as told, with its time and zone where these are told; without a zone by the clock on the wall."""
    try:
        at = None if told is None else datetime.fromisoformat(told)
        return at.astimezone() if at and at.tzinfo is None else at
    except (ValueError, OverflowError) as error:
        raise click.BadParameter(f"{told!r} is no date such as 2026-05-01 or 2026-05-01T09:30") from error


def choosing(command: Callable[..., None]) -> Callable[..., None]:
    """A command on runs: those in the folders named, or named themselves, and chosen by what they are."""

    @click.argument("folders", nargs=-1, type=AS_PATH, metavar="[FOLDER|RUN]...")
    @click.option("--game", metavar="TEXT", help="Only of games whose file's name has this in it.")
    @click.option("--mind", metavar="KIND", help="Only with this mind.")
    @click.option("--memory", metavar="KIND", help="Only with this memory.")
    @click.option("--won/--not-won", default=None, help="Only those that were won, or were not.")
    @click.option("--before", metavar="DATE", callback=_moment, help="Only those that began before then (local time).")
    @click.option("--since", metavar="DATE", callback=_moment, help="Only those that began then or later.")
    @wraps(command)
    def chosen(
        folders: Sequence[Path], game: str | None, mind: str | None, memory: str | None, won: bool | None,
        before: datetime | None, since: datetime | None, **more: Any,
    ) -> None:  # fmt: skip
        wanted = RunFilter(game, mind, memory, won, before, since)
        found, wrong = saved_runs(folders or [Path("runs")])
        for error in wrong:
            tell(error)
        command(folders, wanted, [run for run in found if run in wanted], **more)

    return plainly(chosen)


@click.group("runs", cls=_ListFirst)
def runs() -> None:
    """Saved runs: `ariadne runs` alone lists them, by all options of `ariadne runs list`."""


@runs.command("list")
@choosing
@click.option("--csv", "table", type=click.File("w", encoding="utf-8", lazy=True), metavar="FILE",
    help="Write all their steps into this file (-: to standard output) instead.",
)  # fmt: skip
@click.option("--plot", "picture", type=AS_PATH, metavar="FILE.svg",
    help="Draw (.svg, .png, .pdf) how their scores and graphs grew into this file instead; needs the extra [plots].",
)  # fmt: skip
@json_option
def list_(
    folders: Sequence[Path], _: RunFilter, chosen: Sequence[SavedRun], table: Any, picture: Path | None, as_json: bool
) -> None:
    """The runs in FOLDER (runs/ where none is named), the oldest first.

    A run that says "stopped" was killed: play --resume goes on with it.
    """
    nothing = f"no such runs in {', '.join(map(str, folders)) or 'runs'}"
    if (table or picture) and as_json:
        raise click.UsageError("--json lists: without --csv and --plot")
    if (table or picture) and not chosen:
        raise RunError(nothing)
    if table or picture:
        steps = [(run, told) for run in chosen if (told := _told(run, _rows))]
        if not steps:
            raise RunError("of none of these runs the steps can be read")
        if table:
            write_table((row for _, told in steps for row in told), table)
        if picture:
            names = Counter(run.name for run, _ in steps)
            plot([(run.name if names[run.name] == 1 else str(run.folder), told) for run, told in steps], picture)
            click.echo(picture)
        return
    lines = [row for run in chosen if (row := _told(run, _row))]
    data = [
        {**run.record.model_dump(mode="json"), "run": str(run.folder), "state": run.state, "bytes": run.bytes}
        for run in chosen
    ]
    say(in_columns([_HEAD, *lines]) if lines else [], {"runs": data}, as_json=as_json, nothing=nothing)


@runs.command("pack")
@click.argument("run", type=AS_PATH)
@click.option("-o", "output", type=AS_PATH, metavar="FILE.zip", help="[default: NAME.zip, here]")
@plainly
def pack_(run: Path, output: Path | None) -> None:
    """A RUN as one file, to be sent or kept."""
    here = Path("..") if run.resolve() == Path.cwd() else Path()  # what is in a run's folder may be thrown away with it
    click.echo(pack(run, output or here / f"{run.resolve().name}.zip"))


@runs.command("unpack")
@click.argument("file", type=AS_PATH)
@click.option("--run", type=AS_PATH, metavar="DIR", help="Into this new folder. [default: one in runs/]")
@plainly
def unpack_(file: Path, run: Path | None) -> None:
    """A packed run, FILE, as a run again."""
    click.echo(unpack(file, run))


@runs.command("import")
@click.argument("file", type=AS_PATH)
@click.option("--game", type=AS_PATH, required=True, metavar="FILE.z8", help="The game that it was played in.")
@click.option("--attempt", type=int, metavar="N", help="Which attempt, where the file has several.")
@click.option("--goal", help="What was to be done. [default: what the agent took for it]")
@click.option("--run", type=AS_PATH, metavar="DIR", help="Into this new folder. [default: one in runs/]")
@json_option
@plainly
def import_(file: Path, game: Path, attempt: int | None, goal: str | None, run: Path | None, as_json: bool) -> None:
    """A published record, a JSON object a step, as a run: its moves are made again in the game.

    What the agent read, recalled, planned and decided stands in it as recorded.
    """
    from ariadne.runs.import_published import import_run

    done, other = import_run(file, game, attempt, goal, run)
    outcome = done.record.outcome
    if outcome is None:
        raise AriadneError(f"{done.folder}: the run came to no end")
    if as_json:
        told = {"game": str(game), **outcome.model_dump(), "run": str(done.folder), "other_words": other}
        click.echo(json.dumps(told))
        return
    most = "" if outcome.max_score is None else f" of {outcome.max_score}"
    click.echo(f"{outcome.score}{most} points in {counted(outcome.steps, 'step')}; saved in {done.folder}")
    if other:
        some = ", ".join(map(str, other[:5])) + (", ..." if len(other) > 5 else "")
        click.echo(f"at {counted(other, 'step')} the game answers in other words than the record has: {some}", err=True)


@runs.command("prune")
@choosing
@click.option("--all", "every", is_flag=True, help="All of them, where nothing else says which.")
@click.option("--memory-only", is_flag=True,
    help="Delete memory.db alone: it is told anew from the steps when it is asked for.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted.")
@click.option("--yes", is_flag=True, help="Do not ask first.")
def prune(
    folders: Sequence[Path], wanted: RunFilter, chosen: Sequence[SavedRun],
    every: bool, memory_only: bool, dry_run: bool, yes: bool,
) -> None:  # fmt: skip
    """Delete the runs chosen; one that is being played stays."""
    if wanted == RunFilter() and not every and not folders:
        raise click.UsageError("which runs? Name them, or say --game, --not-won, --before, ... or --all")
    doomed = [run for run in chosen if run.state != "running"]
    if not doomed:
        click.echo("nothing to delete", err=True)
        return
    size = sum(run.memory_bytes if memory_only else run.bytes for run in doomed)
    told = f"{'the memories of ' if memory_only else ''}{counted(doomed, 'run')}, {_readable(size)}"
    for line in in_columns([_HEAD, *filter(None, (_told(run, _row) for run in doomed))]):
        click.echo(line)
    if dry_run:
        click.echo(f"would delete {told}")
        return
    if not yes and not (at_terminal() and click.confirm(f"delete {told}?", err=True)):
        raise AriadneError("nothing was deleted; --yes deletes without asking")
    stay = list[str]()
    for run in doomed:
        try:
            delete_run(run.folder, memory_only=memory_only)
        except RunError as error:
            stay.append(str(error))
    if stay:
        raise AriadneError(f"deleted {len(doomed) - len(stay)} of {len(doomed)} runs; {'; '.join(stay)}")
    click.echo(f"deleted {told}")


def _told(run: SavedRun, of: Callable[[SavedRun], T]) -> T | None:
    """What is told of a run; None for one of which the steps cannot be read, and why, on standard error."""
    try:
        return of(run)
    except RunError as error:
        tell(error)
        return None


def _rows(run: SavedRun) -> list[Row]:
    with Run.open(run.folder) as opened:
        return list(rows(opened))


@runs.command("schema")
@plainly
def schema_() -> None:
    """The JSON schemas of the format: of run.json, and of a line of steps.jsonl."""
    click.echo(json.dumps(schema(), indent=2))


def _row(run: SavedRun) -> tuple[str, ...]:
    settings, outcome = run.record.settings, None if run.record.state == "running" else run.record.outcome
    with Run.open(run.folder) as told:
        steps = len(told.steps)
        reached = outcome or (told.steps[-1].observation if steps else None)
    return (
        run.name, settings.game.name, settings.mind, settings.memory, run.state,
        _of(reached.score, reached.max_score) if reached else "-", str(outcome.steps if outcome else steps),
        str(outcome.prompt_tokens + outcome.completion_tokens) if outcome else "-",
        "-" if outcome is None or outcome.cost is None else f"{outcome.cost:.2f}",
        f"{run.record.started.astimezone():%Y-%m-%d %H:%M}", _readable(run.bytes),
    )  # fmt: skip


def _of(score: int, most: int | None) -> str:
    return str(score) if most is None else f"{score}/{most}"


def _readable(size: float) -> str:
    for unit in _UNITS[:-1]:
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} {_UNITS[-1]}"
