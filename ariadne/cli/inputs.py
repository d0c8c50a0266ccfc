"""Inputs of commands: times, NAME=VALUE pairs, standard input, lines of a file, and a memory's file."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import click

from ariadne.errors import InvalidInput, MemoryFileError
from ariadne.memory import AriGraph, MiniLM
from ariadne.memory.storage.where import metadata_from_json, where_from_json
from ariadne.memory.times import beginning_of
from ariadne.protocols import Embedder
from ariadne.values import WhenLike

AS_PATH = click.Path(path_type=Path)
SEED = click.IntRange(0, 2**32 - 1)
DEFAULT_SPACE = "default"
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?")
UNCONFIRMED = "nothing was deleted: no terminal to confirm at; add --yes"


def when(text: str) -> WhenLike:
    """Parse a world time: a whole number, "now", or an ISO date whose day or time may be missing."""
    if text == "now":
        return datetime.now(UTC)
    if re.fullmatch(r"[+-]?[0-9]+", text):
        return int(text)
    try:
        beginning_of(text, "time")
    except InvalidInput as error:
        missing = "has no time zone: add Z for UTC, or another such as +02:00"
        known = 'is not a whole number, an ISO date such as 2026-05, 2026-05-01 or 2026-05-01T09:30+02:00, or "now"'
        raise click.BadParameter(f"{text!r} {missing if 'time zone' in str(error) else known}") from error
    return text


def time_or_duration(text: str) -> WhenLike | timedelta:
    """Parse a world time, or a length of time such as 30d, 12h, 45m or 90s."""
    if not (found := re.fullmatch(r"([0-9]+)([wdhms])", text)):
        return when(text)
    try:
        return timedelta(**{_UNITS[found[2]]: int(found[1])})
    except OverflowError as error:
        raise click.BadParameter(f"{text!r} is too long: give a shorter time") from error


def local_time(_: click.Context, __: click.Parameter, text: str | None) -> datetime | None:
    """Parse a date, with a time and zone if given; the default zone is the local one."""
    try:
        at = None if text is None else datetime.fromisoformat(text)
        return at.astimezone() if at and at.tzinfo is None else at
    except (ValueError, OverflowError) as error:
        raise click.BadParameter(f"{text!r} is not a date such as 2026-05-01 or 2026-05-01T09:30") from error


def pair(text: str) -> tuple[str, str]:
    """Parse NAME=VALUE."""
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE")
    return name, value


def condition(text: str) -> dict[str, Any]:
    """Parse NAME=VALUE, or a JSON object that is a `where` expression; VALUE is also the number that it reads as."""
    given = _pair_or_object(text, where_from_json)
    return given if _is_object(text) else {name: _with_number(value) for name, value in given.items()}


def _with_number(text: str) -> str | dict[str, Any]:
    """Return the condition that a value is a text, or the number that the text reads as."""
    if not _NUMBER.fullmatch(text):
        return text
    return {"in": [text, float(text) if "." in text else int(text)]}


def metadata(text: str) -> dict[str, Any]:
    """Parse NAME=VALUE, or a JSON object with typed values."""
    return _pair_or_object(text, metadata_from_json)


def _pair_or_object(text: str, parse: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    if not _is_object(text):
        name, value = pair(text)
        return {name: value}
    try:
        return parse(text)
    except InvalidInput as error:
        raise click.BadParameter(str(error)) from error


def _is_object(text: str) -> bool:
    return text.lstrip().startswith("{")


def joined(given: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return several mappings as one; a name given twice is a usage error."""
    whole = {name: value for each in given for name, value in each.items()}
    if len(whole) < sum(map(len, given)):
        raise click.UsageError("a name has one value, but it is given twice: give it once, or all as one JSON object")
    return whole


def weight(text: str) -> tuple[str, float]:
    """Parse SOURCE=WEIGHT."""
    source, value = pair(text)
    try:
        return source, float(value)
    except ValueError as error:
        raise click.BadParameter(f"the weight of {source!r} is a number from 0 to 1, not {value!r}") from error


def at_terminal() -> bool:
    """Return whether standard input is a terminal, so that a person can answer."""
    return sys.stdin is not None and sys.stdin.isatty()


def standard_input(name: str, *, requested: bool) -> BinaryIO:
    """Return standard input; at a terminal only if the user requested it with -."""
    if sys.stdin is None or (at_terminal() and not requested):
        raise click.UsageError(f"{name} is missing: give it here or on standard input")
    return sys.stdin.buffer


def read_text(name: str, *, requested: bool) -> str:
    """Return all of standard input as text."""
    try:
        return standard_input(name, requested=requested).read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"standard input is not UTF-8 text: {error}") from error


@contextmanager
def opened(path: Path | None) -> Iterator[BinaryIO]:
    """Open a file for reading; None and - are standard input."""
    if path is None or str(path) == "-":
        yield standard_input("LINES", requested=path is not None)
        return
    try:
        source = path.open("rb")
    except OSError as error:
        raise MemoryFileError(f"{path}: cannot be read: {error.strerror}") from error
    with source:
        yield source


def lines_of(source: BinaryIO, advance: Callable[[int], None]) -> Iterator[str]:
    """Yield the lines of a UTF-8 text; call `advance` with each line's bytes once the next one is requested."""
    for number, line in enumerate(source, 1):
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise InvalidInput(f"line {number}: not UTF-8 text: {error}") from error
        yield text
        advance(len(line))


@contextmanager
def memory_in(
    file: Path, space: str, *, embedder: Embedder | None = None, create: bool = False, ontology: str | None = None
) -> Iterator[AriGraph]:
    """Open a space of a memory's file; a new space gets the ontology.

    Raises:
        InvalidInput: The space is missing, and `create` is false.
    """
    with AriGraph.open(file, embedder=embedder, space=space, create=create, ontology=ontology) as memory:
        if not create and space not in (spaces := memory.spaces()) and (spaces or space != DEFAULT_SPACE):
            raise InvalidInput(f"{file}: no space {space!r}; there is {', '.join(map(repr, spaces)) or 'none yet'}")
        yield memory


def prepared_minilm() -> Embedder | None:
    """Return MiniLM, ready to use, or None if it is not installed."""
    return prepared(MiniLM()) if MiniLM.available() else None


def prepared(embedder: Embedder) -> Embedder:
    """Return the embedder once its model is on this machine; a download announces itself on standard error."""
    if not getattr(embedder, "is_prepared", True):
        embedder.prepare()  # type: ignore[attr-defined]
    return embedder
