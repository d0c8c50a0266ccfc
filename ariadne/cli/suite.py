"""`ariadne bench SUITE`: a suite played with some memories, its progress, its table and its plot."""

from __future__ import annotations

import csv
import json
import os
import shlex
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from ariadne import assembly
from ariadne.cli.base import counted, in_columns, json_option, plainly, say, tell
from ariadne.cli.inputs import AS_PATH
from ariadne.cli.model_options import ANEW, HOW, model_options_of_many_runs, model_settings
from ariadne.errors import AriadneError, MissingExtra, TaskError

if TYPE_CHECKING:
    from ariadne.bench.results import Row
    from ariadne.bench.runner import Executor, Item

T = TypeVar("T")
TABLE = "table.json"
EXECUTORS = ("local", "ray")
_NEEDED = (
    ("rich", "playing games", "textworld"), ("scipy", "the table of a bench", "bench"),
    ("matplotlib", "the plot of a bench", "bench"),
)  # fmt: skip
"""Modules, what each is needed for, and the extra that brings it."""
_HEAD = ("game", "memory", "context", "runs", "score", "95 %", "won", "95 %", "winnable", "decisions", "moves",
    "recalled", "map", "tokens", "cost", "ms a decision", "facts")  # fmt: skip


class WithSuites(click.Group):
    """Its commands, and one for each suite of games."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from ariadne.envs.suites.loader import suite_names

        return [*super().list_commands(ctx), *suite_names()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        from ariadne.envs.suites.loader import SUFFIX, suite_names

        if cmd_name not in self.commands and (cmd_name.endswith(SUFFIX) or cmd_name in suite_names()):
            return suite_command(cmd_name)
        return super().get_command(ctx, cmd_name)


_SAID = ("memories", "contexts", "games", "mind", "trials", "workers", "again", "as_json")
"""Options that the command for what was lost says in its own way, or not."""


def suite_command(name: str) -> click.Command:
    """The command that plays a suite: one of ours, or of a file."""

    @click.command(name)
    @click.option(
        "--memory",
        "memories",
        multiple=True,
        type=click.Choice(assembly.MEMORIES),
        help="Which memory; several to compare. [default: arigraph]",
    )
    @click.option(
        "--context",
        "contexts",
        multiple=True,
        type=click.IntRange(min=1),
        metavar="TOKENS",
        help="How much of memory a decision may recall; several to compare. [default: 1500]",
    )
    @click.option(
        "--seeds", type=click.IntRange(min=1), metavar="N", help="So many games of a kind. [default: the suite's]"
    )
    @click.option(
        "--seed", "chosen", multiple=True, type=click.IntRange(0, 2**32 - 1), help="This seed, and no others; several."
    )
    @click.option("--game", "games", multiple=True, help="This game of the suite, and no others; several.")
    @click.option("--mind", type=click.Choice(assembly.MINDS), default="rules", show_default=True)
    @click.option(
        "--workers",
        type=click.IntRange(min=1),
        show_default="one a core",
        help="So many runs at a time.",
    )
    @click.option(
        "--trials",
        type=click.IntRange(min=1),
        default=1,
        show_default=True,
        metavar="N",
        help="Play a game that is not won again, up to N times, each with a memory anew and a reflection on the trials"
        " before: of the model, or by rules what they found out. The best trial counts.",
    )
    @click.option(
        "--executor",
        type=click.Choice(EXECUTORS),
        default="local",
        show_default=True,
        help="Where runs are played: in processes of this machine, or spread over a Ray cluster (extra [ray]). Of a"
        " cluster all machines need Ariadne, the model's key where there is one, and --out, a folder that they share.",
    )
    @click.option(
        "--ray-address",
        metavar="ADDRESS",
        help='HOST:PORT, "auto" or "ray://HOST:PORT"; where it wants a token set RAY_AUTH_MODE=token. [default: a Ray'
        " is started here for this bench]",
    )
    @click.option(
        "--out", type=AS_PATH, metavar="DIR", help="Runs, table and plot go here. [default: runs/bench-SUITE]"
    )
    @click.option(
        "--again",
        multiple=True,
        type=click.IntRange(0, 2**32 - 1),
        metavar="SEED",
        help="Of what is asked for, play this seed anew: its runs that are there are deleted.",
    )
    @model_options_of_many_runs
    @json_option
    @click.pass_context
    @plainly
    def play(
        told_by: click.Context, /, memories: Sequence[str], contexts: Sequence[int], seeds: int | None,
        chosen: Sequence[int], games: Sequence[str], mind: str, trials: int, workers: int | None,
        executor: str, ray_address: str | None, out: Path | None, again: Sequence[int], as_json: bool, **more: Any,
    ) -> None:  # fmt: skip
        given = [name for name in told_by.params if told_by.get_parameter_source(name) is ParameterSource.COMMANDLINE]
        if mind != assembly.LLM and (over := [name for name in given if name in (*HOW, *ANEW)]):
            raise click.UsageError(f"--{over[0].replace('_', '-')} is for --mind llm")
        if seeds and chosen:
            raise click.UsageError("--seeds says how many, --seed which: without one of them")
        if ray_address and executor != "ray":
            raise click.UsageError("--ray-address is for --executor ray")
        for module, what, extra in _NEEDED:
            if find_spec(module) is None:
                raise MissingExtra(what, extra)
        from ariadne.bench.results import read_rows, table
        from ariadne.bench.runner import check, forget, items
        from ariadne.envs.suites.loader import load_suite
        from ariadne.runs.settings import DEFAULT_CONTEXT

        told, folder = load_suite(name), out or Path("runs", f"bench-{Path(name).stem}")
        wanted = items(
            told, seeds=_once(chosen) or told.first_seeds(seeds), memories=_once(memories) or ["arigraph"],
            contexts=_once(contexts) or [DEFAULT_CONTEXT], mind=mind, games=games, trials=trials,
            model_settings=model_settings(more, given) if mind == assembly.LLM else None, seconds=more["timeout"],
            patience=more["patience"],
        )  # fmt: skip
        if others := sorted({*again} - {item.seed for item in wanted}):
            raise click.UsageError(f"--again {others[0]}: that seed is not among those asked for; name it by --seed")
        _make(folder)
        read_rows(folder / TABLE)  # where it is none, that is told before anything is played
        check([item for item in wanted if item.seed not in again], folder)
        same = f"the same command{' without --again' if again else ''}"
        with _executor(executor, workers, ray_address) as place:
            for item in (item for item in wanted if item.seed in again):
                forget(folder / item.name)
            _played(wanted, folder, place, quiet=as_json, same=same)
        rows = table(wanted, folder)
        anew = {row.kind for row in rows}
        _write([*(row for row in read_rows(folder / TABLE) if row.kind not in anew), *rows], folder)
        say(
            [*in_columns(_table(rows)), *_lost(name, rows, _options(told_by, given), same), f"saved in {folder}"],
            {"suite": name, "out": str(folder), "rows": rows},
            as_json=as_json,
        )
        if any(row.failed for row in rows):
            told_by.exit(1)

    play.help = _about(name)
    return play


def _about(name: str) -> str:
    """What a suite says it is, and its games; its name, where it cannot be read."""
    from ariadne.envs.suites.loader import load_suite

    try:
        told = load_suite(name)
    except TaskError:  # said when it is played
        return f"Play {name}."
    return f"Play {told.about}.\n\nIts games: {', '.join(game.name for game in told.games)}."


def _options(told_by: click.Context, given: Sequence[str]) -> list[str]:
    """The options that were given, but for those that say which runs."""
    options = {option.name: option for option in told_by.command.params if option.name in given}
    words = list[str]()
    for name, option in options.items():
        if name not in _SAID:
            value = told_by.params[name or ""]
            for one in value if isinstance(value, tuple) else [value]:
                words.append(shlex.join([option.opts[0], *([] if one is True else [str(one)])]))
    return words


def _once(told: Sequence[T]) -> list[T]:
    return list(dict.fromkeys(told))


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AriadneError(f"--out {folder}: no folder can be made there ({error.strerror})") from error


def _executor(name: str, workers: int | None, address: str | None) -> AbstractContextManager[Executor]:
    from ariadne.bench.ray_executor import on_ray
    from ariadne.bench.runner import in_processes

    return on_ray(address, workers) if name == "ray" else in_processes(workers or os.cpu_count() or 1)


def _played(wanted: Sequence[Item], folder: Path, executor: Executor, *, quiet: bool, same: str) -> None:
    """Play them with a bar of progress on standard error; `same` is the command that goes on with them."""
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
        task = bar.add_task("playing", total=len(wanted))

        def done(item: Item, problem: str | None) -> None:
            bar.update(task, advance=1, description=f"played {item.memory} {item.context} {item.game.name} {item.seed}")
            if problem:
                tell(f"{item.name}: {problem}")

        try:
            play_all(wanted, folder, executor=executor, done=done)
        except KeyboardInterrupt:
            tell(f"{same} goes on with these runs")
            raise


def _table(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    """Its head, then a line a row; where there are several minds with these, where there might have been several trials
    with how many were played on average, and where runs came to no end with how many."""
    told = [_HEAD, *map(_cells, rows)]
    if len({row.mind for row in rows}) > 1:
        told = _with(told, "mind", (row.mind for row in rows))
    if any(row.trials > 1 for row in rows):
        told = _with(told, "trials", (f"{row.played:.1f}" for row in rows))
    if any(row.failed for row in rows):
        told = _with(told, "failed", (str(len(row.failed)) for row in rows))
    return told


def _with(told: Sequence[tuple[str, ...]], name: str, values: Iterable[str]) -> list[tuple[str, ...]]:
    """A table with one more column."""
    return [(*cells, value) for cells, value in zip(told, [name, *values], strict=True)]


def _cells(row: Row) -> tuple[str, ...]:
    if not row.runs:
        return (row.game, row.memory, str(row.context), "0", *["-"] * (len(_HEAD) - 4))
    score, won = (
        "-" if one is None else f"{one[0]:.2f}-{one[1]:.2f}" for one in (row.score_interval, row.won_interval)
    )
    winnable = "" if row.winnable is None else f"{row.winnable:.2f}"
    cost = "-" if row.cost is None else f"{row.cost:.2f}"
    return (
        row.game, row.memory, str(row.context), str(row.runs), f"{row.score:.3f}", score, f"{row.won:.2f}", won,
        winnable, f"{row.decisions:.1f}", f"{row.moves:.1f}", f"{row.recalled:.0f}", f"{row.map:.0f}",
        f"{row.tokens:.0f}", cost,
        f"{1000 * row.seconds:.0f}", f"{row.facts:.0f}",
    )  # fmt: skip


def _flat(row: Row) -> dict[str, object]:
    """A row by column, with two for each interval; seeds with blanks between them."""
    flat = dict[str, object]()
    for name, value in asdict(row).items():
        if name.endswith("_interval"):
            flat |= dict(zip((f"{name}_low", f"{name}_high"), value or ("", ""), strict=True))
        else:
            flat[name] = " ".join(map(str, value)) if isinstance(value, tuple) else value
    return flat


def _lost(name: str, rows: Sequence[Row], options: Sequence[str], same: str) -> list[str]:
    """What was not won, with the commands that play it again, and how many came to no end."""
    from ariadne.bench.results import again

    lines = [command for row in rows for command in again(name, row, *options)]
    told = ["", "not won; to play these again:", *lines] if lines else []
    if failed := sum(len(row.failed) for row in rows):
        told += ["", f"{counted(failed, 'run')} came to no end; {same} goes on (past a limit: with a higher one)"]
    return told


def _write(rows: Sequence[Row], folder: Path) -> None:
    """The table as Markdown, CSV and JSON, and the plot."""
    from ariadne.bench.plots import plot

    head, *cells = _table(rows)
    cells = [head, ("---",) * len(head), *cells]
    (folder / "table.md").write_text("".join(f"| {' | '.join(row)} |\n" for row in cells), encoding="utf-8")
    with (folder / "table.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        told = [_flat(row) for row in rows]
        table.writerow(told[0])
        table.writerows(one.values() for one in told)
    (folder / TABLE).write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")
    plot(rows, folder / "scores.svg")
