"""What a command is given besides plain texts: world times, pairs, standard input, and files with a bar of progress."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import click

from ariadne.errors import InvalidInput, MemoryFileError
from ariadne.values import When

AS_PATH = click.Path(path_type=Path)
_STEPS = 1 << 14  # bytes between two looks of the bar


def when(told: str) -> When:
    """World time as told: a whole number, a date with its zone, or now."""
    if told == "now":
        return datetime.now(UTC)
    try:
        at = int(told) if re.fullmatch(r"[+-]?[0-9]+", told) else datetime.fromisoformat(told)
    except ValueError as error:
        raise click.BadParameter(
            f"{told!r} is no whole number, no ISO date such as 2026-05-01T09:30+02:00, nor now"
        ) from error
    if isinstance(at, datetime) and at.tzinfo is None:
        raise click.BadParameter(f"{told!r} has no time zone: write {at.isoformat()}Z for UTC, or with +02:00")
    return at


def pair(told: str) -> tuple[str, str]:
    """A name and its value, NAME=VALUE."""
    name, equals, value = told.partition("=")
    if not name or not equals:
        raise click.BadParameter(f"{told!r} is not NAME=VALUE")
    return name, value


def weight(told: str) -> tuple[str, float]:
    """A source and how far it is trusted, told as SOURCE=WEIGHT."""
    source, by = pair(told)
    try:
        return source, float(by)
    except ValueError as error:
        raise click.BadParameter(f"how far is {source!r} trusted? A number from 0 to 1, not {by!r}") from error


def mapping(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Pairs by their names; each has one value."""
    if len(found := dict(pairs)) < len(pairs):
        raise click.UsageError("a name has one value: the same NAME=... was given twice")
    return found


def at_terminal() -> bool:
    """Whether a person may answer on standard input."""
    return sys.stdin is not None and sys.stdin.isatty()


def standard_input(what: str, *, asked: bool) -> BinaryIO:
    """Standard input; at a terminal only where it was asked for with -."""
    if sys.stdin is None or (at_terminal() and not asked):
        raise click.UsageError(f"{what} is missing: give it here or on standard input")
    return sys.stdin.buffer


def read_text(what: str, *, asked: bool) -> str:
    """All of standard input."""
    try:
        return standard_input(what, asked=asked).read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"standard input is not text in UTF-8: {error}") from error


@contextmanager
def opened(path: Path | None) -> Iterator[BinaryIO]:
    """A file to read, or standard input (None, or -)."""
    if path is None or str(path) == "-":
        yield standard_input("LINES", asked=path is not None)
        return
    try:
        source = path.open("rb")
    except OSError as error:
        raise MemoryFileError(f"{path}: cannot be read: {error.strerror}") from error
    with source:
        yield source


def lines_of(source: BinaryIO, done: Callable[[int], None]) -> Iterator[str]:
    """The lines of a text in UTF-8; `done` is told how many bytes each had, once the next one is asked for."""
    for number, line in enumerate(source, 1):
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise InvalidInput(f"line {number}: not text in UTF-8: {error}") from error
        yield text
        done(len(line))


@contextmanager
def progress(source: BinaryIO, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """What is told how many more bytes were taken in; shows it on standard error where that is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    about = os.fstat(source.fileno())
    size = about.st_size if stat.S_ISREG(about.st_mode) else None
    with click.progressbar(iter(()), size, "importing", file=sys.stderr, update_min_steps=_STEPS) as bar:
        yield bar.update


@contextmanager
def bar(*, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """What is told how many are done, and of how many; shows it on standard error where that is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda _done, _all: None
        return
    with click.progressbar(iter(()), 1, "embedding", file=sys.stderr) as shown:

        def told(done: int, most: int) -> None:
            shown.length = most
            shown.update(done - shown.pos)

        yield told
