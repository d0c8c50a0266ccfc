"""A saved run in a terminal: one step, one line a step, or a walk by keys."""

from __future__ import annotations

import os
import re
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from ariadne.runs.record import Run
from ariadne.text import lines_shown
from ariadne.ui.live import LineView, calls_panel, memory_panel, step_panel
from ariadne.ui.tour import Tour
from ariadne.values import Recall

_SAME_KEYS = {
    " ": "n", "\r": "n", "\x1b[C": "n", "\x1bOC": "n", "\x1b[D": "p", "\x1bOD": "p", "\x1b[H": "g", "\x1bOH": "g",
    "\x1b[F": "G", "\x1bOF": "G",
}  # fmt: skip
"""Keys with the same effect as a letter: the arrows, home and end."""
_KEY = re.compile(r"\x1b(?:O[A-Za-z]|\[[0-9;]*[A-Za-z~])|.", re.DOTALL)
_SCROLLS = {"\x1b[B": 1, "\x1bOB": 1, "j": 1, "\x1b[A": -1, "\x1bOA": -1, "k": -1, "\x1b[6~": 10, "\x1b[5~": -10}
"""Keys that scroll, with their number of lines: down, up, page down, page up."""
KEYS = """\
right, n, space   next step               left, p   previous step
home, end, g, G   first, last step        12 enter  step 12
s, S              next, previous rise of the score
f, F              next, previous change of facts
/NAME enter       next change of a fact about NAME
m                 all facts in memory     c         model calls of this step
q                 quit
down, up, pages   scroll, if a step is longer than the screen"""


def browse(run: Run, at: int | None, panel: str = "") -> None:
    """Show one step, or all: by keys in a terminal, otherwise one line a step.

    Args:
        run: The run.
        at: The step; None shows all.
        panel: The key of another panel to show for step `at`: "m" or "c".
    """
    console = Console()
    if at is not None:
        console.print(_panel(run, at, panel), soft_wrap=panel == "c")
    elif console.is_terminal and sys.stdin.isatty():
        with _key_by_key() as keys:
            _walk(run, console, keys)
    else:
        lines = LineView(console)
        for step in run.steps:
            lines.show(run.record, step)


def show_beside(recorded: Recall, other: Recall, kind: str) -> None:
    """Print the texts of two recalls side by side."""
    table = Table("recorded", f"with {kind}", expand=True)
    table.add_row(*(Text(lines_shown(recall.text)) for recall in (recorded, other)))
    Console().print(table)


@dataclass
class _Screen:
    """What the screen shows: a panel of a step from a line on, a message, and what is typed."""

    typed: str = ""
    message: str = "? for all keys"
    panel: str = ""
    top: int = 0

    def press(self, tour: Tour, key: str) -> None:
        """React to a key."""
        self.message = ""
        if self.typed or key.isdigit() or key == "/":
            self._type(tour, key)
        elif key in _SCROLLS:
            self.top += _SCROLLS[key]
        else:
            self.panel, self.top = key if key in ("?", "m", "c") else "", 0
            self.message = "" if _move(tour, key) else "no such step"

    def _type(self, tour: Tour, key: str) -> None:
        if key in ("\r", "\n"):
            self.message = _go(tour, self.typed)
            self.typed, self.panel, self.top = "", "", 0
        elif key in ("\x7f", "\b"):
            self.typed = self.typed[:-1]
        elif key == "\x1b":
            self.typed = ""
        elif len(key) == 1:
            self.typed += key


def _walk(run: Run, console: Console, keys: Iterator[str]) -> None:
    """Show steps as keys choose them, until q."""
    tour, screen = Tour(run), _Screen()
    while True:
        screen.top = _fill(console, _panel(run, tour.at, screen.panel), screen.top)
        click.echo(f"{tour.at} of {len(run.steps)}   {screen.message}   {screen.typed}", nl=False)
        key = next(keys, "q")
        if key in ("q", "Q") and not screen.typed:
            click.echo()
            return
        screen.press(tour, key)


def _panel(run: Run, at: int, panel: str) -> RenderableType:
    """Return the panel of a key for a step; without one, the step."""
    if panel == "?":
        return Text(KEYS)
    if panel == "m":
        return memory_panel(run.memory(at=at))
    calls = run.calls.get(at, ())
    return calls_panel(calls) if panel == "c" else step_panel(run, at, calls)


@contextmanager
def _key_by_key() -> Iterator[Iterator[str]]:
    """Yield the pressed keys one by one; keys typed ahead are kept."""
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


def _fill(console: Console, panel: RenderableType, top: int) -> int:
    """Fill the screen with a panel from line `top` on, above the last line; return the first line shown."""
    with console.capture() as drawn:
        console.print(panel)
    lines, height = drawn.get().splitlines(), max(console.height - 2, 1)
    top = max(min(top, len(lines) - height), 0)
    visible = lines[top : top + height]
    if top + height < len(lines):
        visible[-1] = "... (down)"
    click.clear()
    click.echo("\n".join(visible))
    return top


def _go(tour: Tour, typed: str) -> str:
    """Go to a typed step or name; return a message if that is impossible."""
    if typed.startswith("/"):
        name = typed[1:].strip()
        return "" if tour.to_fact(1, name) else f"no later change of a fact about {name!r}"
    if not typed.isdigit():
        return f"{typed!r} is not a step"
    tour.to(int(typed))
    return ""


def _move(tour: Tour, key: str) -> bool:
    """Move as a key commands; return False if that is impossible. Other keys do not move, and return True."""
    last = len(tour.run.steps)
    moves: dict[str, Callable[[], bool]] = {
        "n": lambda: tour.to(tour.at + 1),
        "p": lambda: tour.to(tour.at - 1),
        "g": lambda: tour.to(1),
        "G": lambda: tour.to(last),
        "s": tour.to_score,
        "S": lambda: tour.to_score(-1),
        "f": tour.to_fact,
        "F": lambda: tour.to_fact(-1),
    }
    move = moves.get(_SAME_KEYS.get(key, key))
    return move is None or move()
