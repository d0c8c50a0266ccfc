"""What all commands share: how they end, and what they show to people and to programs."""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec

import click

from ariadne.errors import AriadneError
from ariadne.text import shown

P = ParamSpec("P")
json_option = click.option("--json", "as_json", is_flag=True, help="Print nothing but one JSON object, at the end.")


# -- how it ends -------------------------------------------------------------------------------------------------------


def plainly(command: Callable[P, None]) -> Callable[P, None]:
    """What goes wrong on purpose, and Ctrl-C, end a command with one line on standard error and exit status 1; a reader
    of our output that goes away, as `head` does, ends it without a word."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            with warnings.catch_warnings():
                warnings.showwarning = lambda warning, *_, **__: tell(warning)
                command(*args, **kwargs)
            if sys.stdout is not None:
                sys.stdout.flush()
        except AriadneError as error:
            _fail(error)
        except OSError as error:  # what the parts do not map to an error of ours: our output cannot be written
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python tries it again when it ends
            _fail("" if isinstance(error, BrokenPipeError) else error)
        except (KeyboardInterrupt, click.Abort):
            _fail("interrupted")

    return run


def tell(what: object) -> None:
    """A line on standard error; of a warning, without the place in our code that it comes from."""
    if told := " ".join(str(what).split()):
        click.echo(f"ariadne: {shown(told)}", err=True)


def _fail(why: object) -> None:
    tell(why)
    sys.exit(1)


# -- what it shows -----------------------------------------------------------------------------------------------------


def say(lines: Sequence[object], data: object, *, as_json: bool, nothing: str = "") -> None:
    """What came of it: `data` to programs; `lines` to people, or `nothing`, on standard error, where there are none."""
    if as_json:
        click.echo(json.dumps(data, default=as_data))
        return
    for line in lines:
        click.echo(shown(line))
    if nothing and not lines:
        click.echo(shown(nothing), err=True)


def counted(things: Sequence[object] | int, name: str) -> str:
    """How many there are: "1 fact", "2 facts"."""
    number = things if isinstance(things, int) else len(things)
    return f"{number} {name}{'' if number == 1 else 's'}"


def in_columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """A line a row, its columns as wide as what they hold."""
    cells = [[shown(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def as_data(value: object) -> Any:
    """One step towards JSON: the fields of a dataclass, a mapping as a dict, a date as ISO text."""
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be told as JSON")
