"""A saved run on a terminal: a step, a line a step, or by keys forward and back."""

from __future__ import annotations

import os
import re
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from ariadne.runs.record import Run
from ariadne.text import lines_shown
from ariadne.ui.live import Lines, held, said_at, step_of
from ariadne.ui.tour import Tour
from ariadne.values import Recall

_ALIKE = {
    " ": "n", "\r": "n", "\x1b[C": "n", "\x1bOC": "n", "\x1b[D": "p", "\x1bOD": "p", "\x1b[H": "g", "\x1bOH": "g",
    "\x1b[F": "G", "\x1bOF": "G",
}  # fmt: skip
"""What keys of terminals mean: the arrows, home and end."""
_KEY = re.compile(r"\x1b(?:O[A-Za-z]|\[[0-9;]*[A-Za-z~])|.", re.DOTALL)
_SCROLLS = {"\x1b[B": 1, "\x1bOB": 1, "j": 1, "\x1b[A": -1, "\x1bOA": -1, "k": -1, "\x1b[6~": 10, "\x1b[5~": -10}
"""By how many lines keys move what is shown: down and up, page down and page up."""
KEYS = """\
right, n, space   the next step           left, p   the one before
home, end, g, G   the first, the last     12 enter  step 12
s, S              where the score rises next, rose last
f, F              where a fact is learned or retired next, was last
/NAME enter       the same of a fact about NAME
m                 what memory held        c         what a model was asked, and said
q                 leave
down, up, pages   the rest of what is shown, where it is longer than the screen"""


def browse(run: Run, at: int | None, shows: str = "") -> None:
    """One step; or all, in a terminal by keys. `shows` is the key of what else to show of the one."""
    console = Console()
    if at is not None:
        console.print(_picture(run, at, shows), soft_wrap=shows == "c")
    elif console.is_terminal and sys.stdin.isatty():
        with _key_by_key() as keys:
            _walk_through(run, console, keys)
    else:
        lines = Lines(console)
        for step in run.steps:
            lines.show(run.record, step)


def show_beside(was: Recall, would_be: Recall, kind: str) -> None:
    """Two recalls side by side."""
    table = Table("as it was", f"by {kind}", expand=True)
    table.add_row(*(Text(lines_shown(one.text)) for one in (was, would_be)))
    Console().print(table)


def _walk_through(run: Run, console: Console, keys: Iterator[str]) -> None:
    """By keys, until q."""
    tour, typed, said, shows, top = Tour(run), "", "? for all keys", "", 0
    while True:
        top = _fill(console, _picture(run, tour.at, shows), top)
        click.echo(f"{tour.at} of {len(run.steps)}   {said}   {typed}", nl=False)
        key, said = next(keys, "q"), ""
        if typed or key.isdigit() or key == "/":
            if key in ("\r", "\n"):
                typed, said, shows, top = "", _gone(tour, typed), "", 0
            elif len(key) == 1 or key == "\x1b":
                typed = typed[:-1] if key in ("\x7f", "\b") else "" if key == "\x1b" else typed + key
        elif key in ("q", "Q"):
            click.echo()
            return
        elif key in _SCROLLS:
            top += _SCROLLS[key]
        else:
            shows, top = key if key in ("?", "m", "c") else "", 0
            said = "" if _moved(tour, key) else "no further"


def _picture(run: Run, at: int, shows: str) -> RenderableType:
    """What a key asks to be shown of a step; without one the step."""
    if shows == "?":
        return Text(KEYS)
    if shows == "m":
        return held(run.memory(at=at))
    return said_at(run.calls.get(at, ())) if shows == "c" else step_of(run, at, run.calls.get(at, ()))


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


def _fill(console: Console, picture: RenderableType, top: int) -> int:
    """The screen, with as much of a picture from line `top` on as it holds above the last line; where that begins."""
    with console.capture() as drawn:
        console.print(picture)
    lines, most = drawn.get().splitlines(), max(console.height - 2, 1)
    top = max(min(top, len(lines) - most), 0)
    seen = lines[top : top + most]
    if top + most < len(lines):
        seen[-1] = "... (down)"
    click.clear()
    click.echo("\n".join(seen))
    return top


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
