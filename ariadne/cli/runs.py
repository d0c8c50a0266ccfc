"""`ariadne runs`: lists, packs, imports, plots and deletes saved runs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from ariadne import assembly
from ariadne.cli.base import in_columns, json_option, plural, print_note, print_result, report_errors
from ariadne.cli.inputs import AS_PATH, UNCONFIRMED, at_terminal, local_time
from ariadne.errors import AriadneError, RunError
from ariadne.runs.archive import RunFilter, SavedRun, delete_run, pack, saved_runs, unpack
from ariadne.runs.charts import StepRow, plot, rows, write_table
from ariadne.runs.import_published import MIND as IMPORTED
from ariadne.runs.record import Run, schema

_HEAD = ("run", "game", "mind", "memory", "state", "score", "steps", "tokens", "cost", "started", "size")
T = TypeVar("T")
_RUNS = Path("runs")
_MINDS = (*assembly.MINDS, assembly.HUMAN, IMPORTED)
_UNITS = "B", "KB", "MB", "GB"


class _ListByDefault(click.Group):
    """A group that runs `list` if no command is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


def _on_runs(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the saved runs that its arguments and filters choose."""

    @click.argument("folders", nargs=-1, type=AS_PATH, metavar="[FOLDER|RUN]...")
    @click.option("--game", metavar="TEXT", help="Only runs of games with TEXT in the file's name.")
    @click.option("--mind", type=click.Choice(_MINDS), help="Only runs with this mind.")
    @click.option("--memory", type=click.Choice(assembly.MEMORIES), help="Only runs with this memory.")
    @click.option("--won/--not-won", default=None, help="Only runs that won, or that did not.")
    @click.option("--before", metavar="DATE", callback=local_time, help="Only runs that started before (local time).")
    @click.option("--since", metavar="DATE", callback=local_time, help="Only runs that started then or later.")
    @wraps(command)
    def with_runs(
        folders: Sequence[Path], game: str | None, mind: str | None, memory: str | None, won: bool | None,
        before: datetime | None, since: datetime | None, **options: Any,
    ) -> None:  # fmt: skip
        run_filter = RunFilter(game, mind, memory, won, before, since)
        found, errors = saved_runs(folders or [_RUNS] * _RUNS.exists())
        for error in errors:
            print_note(error)
        command(folders, run_filter, [run for run in found if run in run_filter], **options)

    return report_errors(with_runs)


@click.group("runs", cls=_ListByDefault)
def runs() -> None:
    """List, pack, import, plot and delete saved runs.

    Without a command, `ariadne runs` lists them; it takes the options of `ariadne runs list`.
    """


@runs.command("list")
@_on_runs
@click.option("--csv", "table", type=click.File("w", encoding="utf-8", lazy=True), metavar="FILE",
    help="Write all steps of the runs to this CSV file instead; - is standard output.",
)  # fmt: skip
@click.option("--plot", "picture", type=AS_PATH, metavar="FILE.svg",
    help="Plot scores and numbers of facts to this file instead (.svg, .png, .pdf); needs the extra [plots].",
)  # fmt: skip
@json_option
def list_(
    folders: Sequence[Path], _: RunFilter, chosen: Sequence[SavedRun], table: Any, picture: Path | None, as_json: bool
) -> None:
    """List the runs in FOLDER (default: runs/), the oldest first.

    A run in the state "killed" ended without recording it: `ariadne play --resume` continues it.
    """
    if_empty = f"no runs match these options in {', '.join(map(str, folders)) or _RUNS}"
    if not folders and not _RUNS.exists():
        if_empty = "no runs yet; `ariadne play` makes one"
    if (table or picture) and as_json:
        raise click.UsageError("--json prints a list: remove --csv and --plot")
    if (table or picture) and not chosen:
        raise RunError(if_empty)
    if table or picture:
        _export_steps(chosen, table, picture)
        return
    lines = [row for run in chosen if (row := _or_note(run, _row))]
    data = [
        {**run.record.model_dump(mode="json"), "run": str(run.folder), "state": run.state, "bytes": run.bytes}
        for run in chosen
    ]
    print_result(in_columns([_HEAD, *lines]) if lines else [], {"runs": data}, as_json=as_json, if_empty=if_empty)


def _export_steps(chosen: Sequence[SavedRun], table: Any, picture: Path | None) -> None:
    """Write the steps of runs as a CSV table, as a plot, or both."""
    steps = [(run, run_rows) for run in chosen if (run_rows := _or_note(run, _step_rows))]
    if not steps:
        raise RunError("no run with readable steps")
    if table:
        write_table((row for _, run_rows in steps for row in run_rows), table)
    if picture:
        names = Counter(run.name for run, _ in steps)
        plot([(run.name if names[run.name] == 1 else str(run.folder), run_rows) for run, run_rows in steps], picture)
        click.echo(picture)


@runs.command("pack")
@click.argument("run", type=AS_PATH)
@click.option("-o", "output", type=AS_PATH, metavar="FILE.zip", help="Write to this file. [default: NAME.zip]")
@report_errors
def pack_(run: Path, output: Path | None) -> None:
    """Pack a RUN into one file, to send or keep."""
    here = Path("..") if run.resolve() == Path.cwd() else Path()  # not into the run's own folder: prune may delete it
    click.echo(pack(run, output or here / f"{run.resolve().name}.zip"))


@runs.command("unpack")
@click.argument("file", type=AS_PATH)
@click.option("--run", type=AS_PATH, metavar="DIR", help="Unpack into this new folder. [default: a new one in runs/]")
@report_errors
def unpack_(file: Path, run: Path | None) -> None:
    """Unpack a packed run from FILE."""
    click.echo(unpack(file, run))


@runs.command("import")
@click.argument("file", type=AS_PATH)
@click.option("--game", type=AS_PATH, required=True, metavar="FILE.z8", help="The game that the record is of.")
@click.option("--attempt", type=int, metavar="N", help="The attempt to import, if the file has several.")
@click.option("--goal", metavar="TEXT", help="The goal. [default: the record's]")
@click.option("--run", type=AS_PATH, metavar="DIR", help="Import into this new folder. [default: a new one in runs/]")
@json_option
@report_errors
def import_(file: Path, game: Path, attempt: int | None, goal: str | None, run: Path | None, as_json: bool) -> None:
    """Import a published record as a run.

    FILE holds one JSON object a step. The moves are repeated in the game; what the agent read, recalled, planned and
    decided is taken from the record.
    """
    from ariadne.runs.import_published import import_run

    done, differing = import_run(file, game, attempt, goal, run)
    outcome = done.outcome
    if as_json:
        data = {"game": str(game), **outcome.model_dump(), "run": str(done.folder), "other_words": differing}
        click.echo(json.dumps(data))
        return
    maximum = "" if outcome.max_score is None else f" of {outcome.max_score}"
    click.echo(f"{outcome.score}{maximum} points in {plural(outcome.steps, 'step')}; saved in {done.folder}")
    if differing:
        steps = ", ".join(map(str, differing[:5])) + (", ..." if len(differing) > 5 else "")
        click.echo(f"at {plural(differing, 'step')} the game answers in other words than the record: {steps}", err=True)


@runs.command("prune")
@_on_runs
@click.option("--all", "every", is_flag=True, help="Delete all runs; needed if nothing else chooses them.")
@click.option("--memory-only", is_flag=True,
    help="Delete only memory.db; it is rebuilt from the steps when needed.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Only print what would be deleted.")
@click.option("--yes", is_flag=True, help="Delete without a question.")
def prune(
    folders: Sequence[Path], run_filter: RunFilter, chosen: Sequence[SavedRun],
    every: bool, memory_only: bool, dry_run: bool, yes: bool,
) -> None:  # fmt: skip
    """Delete the chosen runs, except running ones."""
    if run_filter == RunFilter() and not every and not folders:
        raise click.UsageError("no runs are chosen: name them, or give --game, --not-won, --before, ... or --all")
    doomed = [run for run in chosen if run.state != "running"]
    if not doomed:
        click.echo("nothing to delete", err=True)
        return
    size = sum(run.memory_bytes if memory_only else run.bytes for run in doomed)
    what = f"{'the memories of ' if memory_only else ''}{plural(doomed, 'run')}, {_readable(size)}"
    for line in in_columns([_HEAD, *filter(None, (_or_note(run, _row) for run in doomed))]):
        click.echo(line)
    if dry_run:
        click.echo(f"would delete {what}")
        return
    if not yes and not at_terminal():
        raise AriadneError(UNCONFIRMED)
    if not yes and not click.confirm(f"delete {what}?", err=True):
        raise AriadneError("nothing was deleted")
    _delete(doomed, memory_only=memory_only)
    click.echo(f"deleted {what}")


def _delete(doomed: Sequence[SavedRun], *, memory_only: bool) -> None:
    """Delete runs; raise AriadneError after the last one if some could not be deleted."""
    problems = list[str]()
    for run in doomed:
        try:
            delete_run(run.folder, memory_only=memory_only)
        except RunError as error:
            problems.append(str(error))
    if problems:
        raise AriadneError(f"deleted {len(doomed) - len(problems)} of {len(doomed)} runs; {'; '.join(problems)}")


@runs.command("schema")
@report_errors
def schema_() -> None:
    """Print the JSON schemas of run.json and of a line of steps.jsonl."""
    click.echo(json.dumps(schema(), indent=2))


def _or_note(run: SavedRun, function: Callable[[SavedRun], T]) -> T | None:
    """Return the function's result; None, and a note, for a run with unreadable steps."""
    try:
        return function(run)
    except RunError as error:
        print_note(error)
        return None


def _step_rows(run: SavedRun) -> list[StepRow]:
    with Run.open(run.folder) as opened:
        return list(rows(opened))


def _row(run: SavedRun) -> tuple[str, ...]:
    settings, outcome = run.record.settings, None if run.record.state == "running" else run.record.outcome
    with Run.open(run.folder) as opened:
        steps = len(opened.steps)
        reached = outcome or (opened.steps[-1].observation if steps else None)
    return (
        run.name, settings.game.name, settings.mind, settings.memory, run.state,
        _score(reached.score, reached.max_score) if reached else "-", str(outcome.steps if outcome else steps),
        str(outcome.prompt_tokens + outcome.completion_tokens) if outcome else "-",
        "-" if outcome is None or outcome.cost is None else f"{outcome.cost:.2f}",
        f"{run.record.started.astimezone():%Y-%m-%d %H:%M}", _readable(run.bytes),
    )  # fmt: skip


def _score(score: int, maximum: int | None) -> str:
    return str(score) if maximum is None else f"{score}/{maximum}"


def _readable(size: float) -> str:
    """Return a size in bytes with a readable unit."""
    for unit in _UNITS[:-1]:
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} {_UNITS[-1]}"
