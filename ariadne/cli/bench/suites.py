"""`ariadne bench SUITE`: plays a suite of games with some memories, and writes its table and plot."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from contextlib import AbstractContextManager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ariadne import assembly
from ariadne.cli.base import (
    CommandWithHeadings,
    given_options,
    in_columns,
    json_option,
    options_under,
    plural,
    print_note,
    print_result,
    report_errors,
)
from ariadne.cli.inputs import AS_PATH, SEED
from ariadne.cli.model_options import model_options_of_many_runs, model_settings, refuse_without_model
from ariadne.errors import AriadneError, MissingExtra, TaskError

if TYPE_CHECKING:
    from ariadne.bench.results import ResultRow
    from ariadne.bench.runner import Executor, Item

T = TypeVar("T")
_EXTRAS = (
    ("rich", "playing games", "textworld"), ("scipy", "the table of a bench", "bench"),
    ("matplotlib", "the plot of a bench", "bench"),
)  # fmt: skip
"""Modules, what each is needed for, and the extra that installs it."""
_NOT_REPEATED = ("memories", "contexts", "games", "mind", "trials", "workers", "rerun", "as_json")
"""Options that the commands for lost games set themselves, or do not need."""
_runs = options_under("Runs")
_place = options_under("Execution and output")


class SuiteGroup(click.Group):
    """A group with a command for each suite of games, beside its own commands."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands and suites."""
        from ariadne.envs.suites.loader import suite_names

        return [*super().list_commands(ctx), *suite_names()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name, by a suite's name, or by the path of a suite's file."""
        from ariadne.envs.suites.loader import SUFFIX, suite_names

        if cmd_name not in self.commands and (cmd_name.endswith(SUFFIX) or cmd_name in suite_names()):
            return suite_command(cmd_name)
        return super().get_command(ctx, cmd_name)


def suite_command(name: str) -> click.Command:
    """Return the command that plays a suite, by its name or from a file."""

    @click.command(name, cls=CommandWithHeadings, help=_description(name))
    @_runs(
        "--memory",
        "memories",
        multiple=True,
        type=click.Choice(assembly.MEMORIES),
        help="The memory; repeat to compare several. [default: arigraph]",
    )
    @_runs(
        "--context",
        "contexts",
        multiple=True,
        type=click.IntRange(min=1),
        metavar="TOKENS",
        help="Maximum number of recalled tokens for a decision; repeat to compare several. [default: 1500]",
    )
    @_runs("--seeds", type=click.IntRange(min=1), metavar="N", help="Number of seeds a game. [default: the suite's]")
    @_runs("--seed", "chosen", multiple=True, type=SEED, metavar="N", help="Play only this seed; repeatable.")
    @_runs("--game", "games", multiple=True, metavar="NAME", help="Play only this game of the suite; repeatable.")
    @_runs("--mind", type=click.Choice(assembly.MINDS), default="rules", show_default=True, help="Who decides.")
    @_runs(
        "--trials",
        type=click.IntRange(min=1),
        default=1,
        show_default=True,
        metavar="N",
        help="Play a game up to N times until it is won, each time with a new memory and a reflection on the earlier"
        " trials. The best trial counts.",
    )
    @_runs("--rerun", multiple=True, type=SEED, metavar="SEED", help="Delete this seed's runs and play it again.")
    @_place(
        "--workers",
        type=click.IntRange(min=1),
        metavar="N",
        show_default="one per core",
        help="Number of parallel runs.",
    )
    @_place(
        "--executor",
        type=click.Choice(["local", "ray"]),
        default="local",
        show_default=True,
        help="Play in processes of this machine, or on a Ray cluster (extra [ray]). Each machine of a cluster needs"
        " Ariadne, the model's key if there is one, and --out as a shared folder.",
    )
    @_place(
        "--ray-address",
        metavar="ADDRESS",
        help='The cluster: HOST:PORT, "auto" or "ray://HOST:PORT". If it wants a token, set RAY_AUTH_MODE=token.'
        " [default: start Ray on this machine]",
    )
    @_place("--out", type=AS_PATH, metavar="DIR", help="Folder for runs, table and plot. [default: runs/bench-SUITE]")
    @model_options_of_many_runs
    @json_option
    @click.pass_context
    @report_errors
    def play(context: click.Context, /, out: Path | None, rerun: Sequence[int], as_json: bool, **options: Any) -> None:
        given = given_options(context)
        _check_usage(options, given)
        from ariadne.bench.plots import plot
        from ariadne.bench.results import TABLE, make_rows, read_rows, table, write_tables
        from ariadne.bench.runner import check_settings, delete_runs

        folder = out or Path("runs", f"bench-{Path(name).stem}")
        items = _items(name, options, given)
        if others := sorted({*rerun} - {item.seed for item in items}):
            raise click.UsageError(f"--rerun {others[0]}: this seed is not among the chosen ones; add it with --seed")
        _make(folder)
        read_rows(folder / TABLE)  # a wrong table is reported before anything is played
        check_settings([item for item in items if item.seed not in rerun], folder)
        same = f"the same command{' without --rerun' if rerun else ''}"
        with _executor(options) as executor:
            for item in (item for item in items if item.seed in rerun):
                delete_runs(folder / item.name)
            _play(items, folder, executor, quiet=as_json, same=same)
        rows = make_rows(items, folder)
        replaced = {row.kind for row in rows}
        every = [*(row for row in read_rows(folder / TABLE) if row.kind not in replaced), *rows]
        write_tables(every, folder)
        plot(every, folder / "scores.svg")
        lost = _lost(name, rows, _repeated_options(context, given), same)
        data = {"suite": name, "out": str(folder), "rows": rows}
        print_result([*in_columns(table(rows)), *lost, f"saved in {folder}"], data, as_json=as_json)
        if any(row.failed for row in rows):
            context.exit(1)

    return play


def _description(name: str) -> str:
    """Return the help of a suite's command: its description and its games."""
    from ariadne.envs.suites.loader import load_suite

    try:
        suite = load_suite(name)
    except TaskError:  # the command reports it
        return f"Play {name}."
    return f"Play {suite.about}.\n\nIts games: {', '.join(game.name for game in suite.games)}."


def _check_usage(options: dict[str, Any], given: Sequence[str]) -> None:
    """Refuse options that do not fit together, and check the extras."""
    if options["mind"] != assembly.LLM:
        refuse_without_model(given)
    if options["seeds"] and options["chosen"]:
        raise click.UsageError("--seeds is a number of seeds and --seed chooses them: remove one")
    if options["ray_address"] and options["executor"] != "ray":
        raise click.UsageError("--ray-address needs --executor ray")
    for module, purpose, extra_name in _EXTRAS:
        if find_spec(module) is None:
            raise MissingExtra(purpose, extra_name)


def _items(name: str, options: dict[str, Any], given: Sequence[str]) -> list[Item]:
    """Return the runs that the options choose."""
    from ariadne.bench.runner import make_items
    from ariadne.envs.suites.loader import load_suite
    from ariadne.runs.settings import DEFAULT_CONTEXT

    suite = load_suite(name)
    return make_items(
        suite, seeds=_unique(options["chosen"]) or suite.first_seeds(options["seeds"]),
        memories=_unique(options["memories"]) or ["arigraph"],
        contexts=_unique(options["contexts"]) or [DEFAULT_CONTEXT], mind=options["mind"], games=options["games"],
        trials=options["trials"], timeout=options["timeout"], patience=options["patience"],
        model_settings=model_settings(options, given) if options["mind"] == assembly.LLM else None,
    )  # fmt: skip


def _repeated_options(context: click.Context, given: Sequence[str]) -> list[str]:
    """Return the given options that a command for lost games repeats."""
    words = list[str]()
    for option in context.command.params:
        name = option.name or ""
        if name in given and name not in _NOT_REPEATED:
            value = context.params.get(name)
            for each in value if isinstance(value, tuple) else [value]:
                words.append(shlex.join([option.opts[0], *([] if each is True else [str(each)])]))
    return words


def _unique(values: Sequence[T]) -> list[T]:
    return list(dict.fromkeys(values))


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AriadneError(f"--out {folder}: this folder cannot be made ({error.strerror})") from error


def _executor(options: dict[str, Any]) -> AbstractContextManager[Executor]:
    from ariadne.bench.ray_executor import on_ray
    from ariadne.bench.runner import in_processes

    workers = options["workers"]
    if options["executor"] == "ray":
        return on_ray(options["ray_address"], workers)
    return in_processes(workers or os.cpu_count() or 1)


def _play(items: Sequence[Item], folder: Path, executor: Executor, *, quiet: bool, same: str) -> None:
    """Play the runs with a progress bar on standard error; `same` names the command that continues them."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    from ariadne.bench.runner import play_all

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as bar:
        task = bar.add_task("playing", total=len(items))

        def done(item: Item, problem: str | None) -> None:
            bar.update(task, advance=1, description=f"played {item.memory} {item.context} {item.game.name} {item.seed}")
            if problem:
                print_note(f"{item.name}: {problem}")

        try:
            play_all(items, folder, executor=executor, done=done)
        except KeyboardInterrupt:
            print_note(f"{same} continues these runs")
            raise


def _lost(name: str, rows: Sequence[ResultRow], options: Sequence[str], same: str) -> list[str]:
    """Return the commands that play the lost games again, and the number of unfinished runs."""
    from ariadne.bench.results import rerun_commands

    commands = [command for row in rows for command in rerun_commands(name, row, *options)]
    lines = ["", "not won; to play these games again:", *commands] if commands else []
    if failed := sum(len(row.failed) for row in rows):
        lines += ["", f"{plural(failed, 'run')} did not finish; {same} continues (after a limit: with a higher one)"]
    return lines
