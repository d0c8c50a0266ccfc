"""`ariadne replay`: a saved run gone through in a terminal, or played again to see whether it is true."""

from __future__ import annotations

import json
import os
import re
import sys
import termios
import tty
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import click
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from ariadne import parts
from ariadne.cli_base import as_data, in_columns, json_option, plainly, say
from ariadne.cli_input import AS_PATH
from ariadne.errors import AriadneError, InvalidInput, MissingExtra, RunError
from ariadne.memory import STRATEGIES
from ariadne.rehearsal import Recalling
from ariadne.runs import Run, retold
from ariadne.tour import Tour
from ariadne.view import Lines, held, step_of

_COUNT = click.IntRange(min=0)
_ALIKE = {
    " ": "n", "\r": "n", "\x1b[C": "n", "\x1bOC": "n", "\x1b[D": "p", "\x1bOD": "p", "\x1b[H": "g", "\x1bOH": "g",
    "\x1b[F": "G", "\x1bOF": "G",
}  # fmt: skip
"""What keys of terminals mean: the arrows, home and end."""
_KEY = re.compile(r"\x1b[\[O][A-Za-z]|.", re.DOTALL)
KEYS = """\
right, n, space   the next step           left, p   the one before
home, end, g, G   the first, the last     12 enter  step 12
s, S              where the score rises next, rose last
f, F              where a fact is learned or retired next, was last
/NAME enter       the same of a fact about NAME
m                 what memory held        q         leave"""


@click.command("replay")
@click.argument("folder", metavar="RUN", type=AS_PATH)
@click.option("--at", type=click.IntRange(min=1), metavar="STEP", help="Show this step, and leave.")
@click.option("--verify", "verifying", is_flag=True, help="Make the moves again in the real game: is all as recorded?")
@click.option("--game", type=AS_PATH, metavar="FILE.z8", help="Where the game lies now, for --verify.")
@click.option(
    "--memory",
    type=click.Choice(parts.MEMORIES),
    help="What this memory would have recalled, beside what was recalled.",
)
@click.option("--strategy", type=click.Choice(STRATEGIES), help="The same by another search.")
@click.option("--context", type=_COUNT, metavar="TOKENS", help="The same within so many tokens.")
@click.option("--facts", type=_COUNT, metavar="N", help="The same with at most so many facts.")
@click.option("--episodes", type=_COUNT, metavar="N", help="The same with at most so many episodes.")
@json_option
@plainly
def replay(
    folder: Path, at: int | None, verifying: bool, game: Path | None, memory: str | None, strategy: str | None,
    context: int | None, facts: int | None, episodes: int | None, as_json: bool,
) -> None:  # fmt: skip
    """Go through a saved RUN, step by step; the game is not needed.

    In a terminal: arrows or n and p for forward and back, a number and enter for a step, s where the score rises, f
    where a fact is learned or retired, ? for all keys. Elsewhere, a line a step.
    """
    with Run.open(folder) as run:
        if verifying:
            _verify(run, game, as_json=as_json)
            return
        if not len(run.steps):
            raise RunError(f"{folder}: no step was recorded")
        if at is not None and at > len(run.steps):
            raise RunError(f"{folder}: there is no step {at}; there are 1 to {len(run.steps)}")
        settings = {"strategy": strategy, "max_tokens": context, "facts": facts, "episodes": episodes}
        settings = {name: value for name, value in settings.items() if value is not None}
        if memory is not None or settings:
            _beside(run, memory or run.record.asked.memory, settings, at, as_json=as_json)
            return
        if as_json:
            click.echo(json.dumps(run.steps[(at or len(run.steps)) - 1], default=as_data))
            return
        console = Console()
        if at is not None:
            console.print(step_of(run, at))
        elif console.is_terminal and sys.stdin.isatty():
            with _key_by_key() as keys:
                _walk_through(run, console, keys)
        else:
            lines = Lines(console)
            for step in run.steps:
                lines.show(run.record.asked, step)


def _verify(run: Run, game: Path | None, *, as_json: bool) -> None:
    try:
        from ariadne.verify import verify
    except ModuleNotFoundError as error:
        raise MissingExtra("playing games", "textworld") from error
    problem = verify(run, game)
    if as_json:
        told = {"run": str(run.folder), "steps": len(run.steps), "true": problem is None, "problem": problem}
        click.echo(json.dumps(told))
    if problem is not None:
        raise AriadneError(problem)
    if not as_json:
        score = run.steps[-1].observation.score
        unfinished = "" if run.record.state == "finished" else f"; the run is not finished ({run.record.state})"
        click.echo(f"{len(run.steps)} steps are as recorded, to {score} points{unfinished}")


def _beside(run: Run, kind: str, settings: Mapping[str, object], at: int | None, *, as_json: bool) -> None:
    """What another memory, or other settings, would have recalled at each step, or at one."""
    if kind == "none" and settings:
        raise InvalidInput(f"a memory that recalls nothing has no {', '.join(settings)}")
    with closing(parts.memory(kind)) as memory:
        others = retold(run, Recalling(memory, settings))
    rows = list[tuple[str, ...]]([("step", "facts then", "now", "the same", "episodes then", "now")])
    data = list[dict[str, object]]()
    for step, other in zip(run.steps, others, strict=True):
        if at is not None and step.number != at:
            continue
        was, now = ({fact.triplet for fact in one.recall.facts} for one in (step, other))
        told = [" ".join(str(one.id) for one in each.recall.episodes) for each in (step, other)]
        rows.append((str(step.number), str(len(was)), str(len(now)), str(len(was & now)), *told))
        data.append({"step": step.number, "recalled": step.recall, "would_be_recalled": other.recall})
        if at is not None and not as_json:
            table = Table("as it was", f"by {kind}", expand=True)
            table.add_row(Text(step.recall.text), Text(other.recall.text))
            Console().print(table)
            return
    say(in_columns(rows), {"run": str(run.folder), "memory": kind, **settings, "steps": data}, as_json=as_json)


def _walk_through(run: Run, console: Console, keys: Iterator[str]) -> None:
    """By keys, until q."""
    tour, typed, said, shows = Tour(run), "", "? for all keys", ""
    while True:
        if shows == "?":
            picture: RenderableType = Text(KEYS)
        else:
            picture = held(run.memory(at=tour.at)) if shows == "m" else step_of(run, tour.at)
        _fill(console, picture)
        click.echo(f"{tour.at} of {len(run.steps)}   {said}   {typed}", nl=False)
        key, said = next(keys, "q"), ""
        if typed or key.isdigit() or key == "/":
            if key in ("\r", "\n"):
                typed, said, shows = "", _gone(tour, typed), ""
            else:
                typed = typed[:-1] if key in ("\x7f", "\b") else "" if key == "\x1b" else typed + key
        elif key in ("q", "Q"):
            click.echo()
            return
        else:
            shows = key if key in ("?", "m") else ""
            said = "" if _moved(tour, key) else "no further"


@contextmanager
def _key_by_key() -> Iterator[Iterator[str]]:
    """The keys that are pressed, each as it comes; what is typed ahead is not lost."""
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal, termios.TCSANOW)

    def keys() -> Iterator[str]:
        while typed := os.read(terminal, 1024):
            yield from _KEY.findall(typed.decode(errors="replace"))

    try:
        yield keys()
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _fill(console: Console, picture: RenderableType) -> None:
    """The screen, with as much of a picture as it holds above the last line."""
    with console.capture() as drawn:
        console.print(picture)
    lines, most = drawn.get().splitlines(), max(console.height - 2, 1)
    click.clear()
    click.echo("\n".join(lines if len(lines) <= most else [*lines[: most - 1], "..."]))


def _gone(tour: Tour, typed: str) -> str:
    """What is said of a number or a name that was typed, once it was gone to."""
    if typed.startswith("/"):
        name = typed[1:].strip()
        return "" if tour.to_fact(1, name) else f"no more is learned of {name!r}"
    if not typed.isdigit():
        return f"{typed!r} is no step"
    tour.to(int(typed))
    return ""


def _moved(tour: Tour, key: str) -> bool:
    """Whether a key led somewhere; one that leads nowhere by itself did."""
    last = len(tour.run.steps)
    ways: dict[str, Callable[[], bool]] = {
        "n": lambda: tour.to(tour.at + 1),
        "p": lambda: tour.to(tour.at - 1),
        "g": lambda: tour.to(1),
        "G": lambda: tour.to(last),
        "s": tour.to_score,
        "S": lambda: tour.to_score(-1),
        "f": tour.to_fact,
        "F": lambda: tour.to_fact(-1),
    }
    way = ways.get(_ALIKE.get(key, key))
    return way is None or way()
