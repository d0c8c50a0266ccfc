"""What all commands share: exit statuses, messages, JSON output, tables, and help with headings."""

from __future__ import annotations

import json
import os
import re
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import partial, wraps
from typing import Any, ParamSpec

import click
from click.core import ParameterSource

from ariadne.errors import AriadneError
from ariadne.text import shown

P = ParamSpec("P")
json_option = click.option("--json", "as_json", is_flag=True, help="Print only one JSON object, at the end.")


_ARGUMENT = re.compile(
    r"""'[^']*'|"[^"]*"|(?<![\w-])(?P<argument>[a-z_]+)=(?=(?P<value>\.\.\.|[^\s,;:.)])?)|\b[a-z]+_[a-z]+\b"""
)
"""A quoted text, an argument with the beginning of its value, if it has one, or the name of a method."""
_OTHER_NAMES = {"meta": ("metadata",)}
"""Arguments of the library whose options have another name."""


# -- exit statuses and messages ----------------------------------------------------------------------------------------


def report_errors(command: Callable[P, None]) -> Callable[P, None]:
    """Return a command that reports an expected error in one line on standard error, with exit status 1.

    Ctrl-C is reported the same way. A reader that closes our output, such as `head`, ends the command silently.
    """

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            with warnings.catch_warnings():
                warnings.showwarning = lambda warning, *_, **__: print_note(warning)
                command(*args, **kwargs)
            if sys.stdout is not None:
                sys.stdout.flush()
        except AriadneError as error:
            _fail(_with_options(str(error)))
        except OSError as error:  # our output cannot be written: the parts map all other system errors to ours
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python writes again at its end
            _fail("" if isinstance(error, BrokenPipeError) else error)
        except (KeyboardInterrupt, click.Abort):
            _fail("interrupted")

    return run


def print_note(message: object) -> None:
    """Print a message or a warning as one line on standard error."""
    if line := " ".join(str(message).split()):
        click.echo(f"ariadne: {shown(line)}", err=True)


def _with_options(message: str) -> str:
    """Return an error of the library with the options of the current command for its arguments: "at=" is --at.

    Quoted texts stay as they are.
    """
    if (context := click.get_current_context(silent=True)) is None:
        return message
    names = {name: option.opts[0] for option in context.command.params for name in _arguments_of(option)}
    group = context.parent.command if context.parent is not None else None
    commands: dict[str, str] = {name.replace("-", "_"): name for name in getattr(group, "commands", {}) if "-" in name}

    def named(found: re.Match[str]) -> str:
        if option := names.get(found["argument"]):
            return f"{option} " if found["value"] else option
        return commands.get(found[0], found[0])

    return _ARGUMENT.sub(named, message)


def _arguments_of(parameter: click.Parameter) -> tuple[str, ...]:
    """Return the names that the library has for an option of a command."""
    name = parameter.name or ""
    return (name, *_OTHER_NAMES.get(name, ())) if isinstance(parameter, click.Option) else ()


def _fail(message: object) -> None:
    print_note(message)
    sys.exit(1)


# -- output ------------------------------------------------------------------------------------------------------------


def print_result(lines: Sequence[object], data: object, *, as_json: bool, if_empty: str = "") -> None:
    """Print `data` as JSON, or `lines` for people; without lines, print `if_empty` on standard error."""
    if as_json:
        click.echo(json.dumps(data, default=to_json))
        return
    for line in lines:
        click.echo(shown(line))
    if if_empty and not lines:
        click.echo(shown(if_empty), err=True)


def plural(things: Sequence[object] | int, noun: str) -> str:
    """Return a number with its noun: "1 fact", "2 facts"."""
    number = things if isinstance(things, int) else len(things)
    return f"{number} {noun}{'' if number == 1 else 's'}"


def in_columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return one line a row, with aligned columns."""
    cells = [[shown(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def to_json(value: object) -> Any:
    """Convert a value one step towards JSON: a dataclass or mapping to a dict, a date to ISO text."""
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


# -- options -----------------------------------------------------------------------------------------------------------


class HeadedOption(click.Option):
    """An option that --help lists below a heading."""

    def __init__(self, *args: Any, heading: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.heading = heading


def options_under(heading: str) -> Callable[..., Callable[[Callable[P, None]], Callable[P, None]]]:
    """Return a `click.option` whose options --help lists below a heading."""
    return partial(click.option, cls=HeadedOption, heading=heading)


class CommandWithHeadings(click.Command):
    """A command whose --help lists its options below headings, in the order of their first option."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, heading by heading; options without one come last."""
        sections = dict[str, list[tuple[str, str]]]()
        others = list[tuple[str, str]]()
        for parameter in self.get_params(ctx):
            if isinstance(parameter, click.Option) and (row := parameter.get_help_record(ctx)) is not None:
                heading = parameter.heading if isinstance(parameter, HeadedOption) else ""
                (sections.setdefault(heading, []) if heading else others).append(row)
        for heading, rows in (*sections.items(), ("Other options", others)):
            with formatter.section(heading):
                formatter.write_dl(rows)


def given_options(context: click.Context) -> list[str]:
    """Return the names of the parameters that the user gave on the command line."""
    return [name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]


def flag(parameter: str) -> str:
    """Return the flag of a parameter: "max_cost" gives "--max-cost"."""
    return f"--{parameter.replace('_', '-')}"
