"""The lines of JSON: the header of an export, an episode of an export, or a text of your own; all are checked."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError, model_validator

from ariadne.errors import InvalidInput
from ariadne.memory.inputs import EpisodeInput, checked_metadata
from ariadne.memory.ontology.names import identity_of
from ariadne.memory.ontology.ontology import from_text
from ariadne.memory.storage.text.passages import LAST_NUMBER
from ariadne.memory.storage.where import from_json
from ariadne.values import MetadataValue, Reading, Replacement, Triplet

FORMAT = 1


def _time(value: object) -> int | datetime:
    """Return a world time from JSON: a whole number, or a date with its zone as a text."""
    if isinstance(value, datetime) or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, str) and (when := datetime.fromisoformat(value)).tzinfo is not None:
        return when
    raise ValueError(f"a time is a whole number, or an ISO date with its zone such as 2026-05-01T09:30Z, not {value!r}")


_PARTS = ("subject", "relation", "object")


def _triplet(value: object) -> Triplet:
    """Return a triplet from JSON: a list of three texts, or an object that names its parts."""
    named = isinstance(value, dict) and value.keys() == {*_PARTS}
    parts = [value[name] for name in _PARTS] if isinstance(value, dict) and named else value
    if isinstance(parts, Triplet):
        return parts
    if isinstance(parts, list) and len(parts) == 3 and all(isinstance(part, str) for part in parts):
        return Triplet(*parts)
    raise ValueError(f"a triplet is a list of three texts, not {value!r:.80}")


def _metadata(value: object) -> dict[str, MetadataValue]:
    """Return metadata from JSON: texts, numbers, true and false, marked dates, and lists of them."""
    return checked_metadata(from_json(value))


_Triplet = Annotated[Triplet, PlainValidator(_triplet)]
_Time = Annotated[int | datetime, PlainValidator(_time)]
_Metadata = Annotated[dict[str, Any], PlainValidator(_metadata)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Alias(_Strict):
    identity: str
    shown: str
    target: str


class Header(_Strict):
    """The first line of an export."""

    ariadne: str
    format: int
    space: str
    clock: Literal["int", "datetime"] | None
    last: int
    episodes: int
    ontology: str
    expires: int | None = None
    aliases: tuple[_Alias, ...]

    @model_validator(mode="after")
    def _check_names(self) -> Header:
        targets = {alias.identity: identity_of(alias.target) for alias in self.aliases}
        if any(identity_of(alias.shown) != alias.identity for alias in self.aliases) or not _has_no_circle(targets):
            raise ValueError("its merged names contradict each other")
        if not 0 <= self.last <= LAST_NUMBER:
            raise ValueError("the number of its last episode is out of range")
        from_text(self.ontology)
        return self


class _Pair(_Strict):
    old: _Triplet
    new: _Triplet | None


class OwnLine(_Strict):
    """A line of your own: the arguments of `remember`; a triplet is a list of three texts or names its parts."""

    text: str
    triplets: tuple[_Triplet, ...] | None = None
    outdated: tuple[_Pair, ...] = ()
    at: Any = None
    until: Any = None
    source: str | None = None
    metadata: _Metadata = {}
    key: str | None = None
    expires: Any = None
    replace: bool = False

    def as_input(self) -> EpisodeInput:
        """Return the line as the input of `remember`."""
        pairs = [Replacement(pair.old, pair.new) for pair in self.outdated]
        return EpisodeInput.checked(
            self.text,
            self.triplets,
            pairs,
            self.at,
            self.source,
            self.metadata,
            self.key,
            expires=self.expires,
            replace=self.replace,
            until=self.until,
        )


class _StatedIn(_Strict):
    episode: int
    at: _Time


class _Added(_Strict):
    """A fact as it was added; its end may be known from the beginning, and earlier episodes may state it."""

    triplet: tuple[str, str, str]
    valid_from: _Time
    valid_to: _Time | None = None
    retired_in: int | None = None
    statements: tuple[_StatedIn, ...] = ()


class _End(_Strict):
    """An end of a triplet that no fact shows."""

    triplet: tuple[str, str, str]
    at: _Time
    is_limit: bool


class _Retired(_Strict):
    fact: int
    valid_to: _Time


class ExportedEpisode(_Strict):
    """A line of an export: an episode and what it changed."""

    episode: int
    text: str
    at: _Time
    source: str | None
    metadata: _Metadata
    key: str | None
    correction: bool
    digest: Annotated[int, Field(ge=0, lt=1 << 63)] | None
    expires: _Time | None = None
    place: int | None = None
    reading: Reading
    declared: tuple[Replacement, ...] = ()
    divided: dict[str, str] = {}
    refused: tuple[Replacement, ...]
    until: _Time | None = None
    stated_of: _Time | None = None
    added: tuple[_Added, ...]
    restated: tuple[int, ...]
    retired: tuple[_Retired, ...]
    replaced: tuple[int, ...] = ()
    ends: tuple[_End, ...] = ()


def parsed(line: str) -> Header | EpisodeInput | ExportedEpisode:
    """Return what a line holds; raises InvalidInput for a line of no kind."""
    kind = _kind(line)
    try:
        content = kind.model_validate_json(line)
    except ValidationError as error:
        raise InvalidInput(_first_problem(error)) from error
    return content.as_input() if isinstance(content, OwnLine) else content


def _kind(line: str) -> type[Header] | type[OwnLine] | type[ExportedEpisode]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise InvalidInput(f"a line is an object, with a text: {line!r:.80}")
    if "ariadne" in value and isinstance(value.get("format"), int) and value["format"] > FORMAT:
        raise InvalidInput(f"exported by a newer Ariadne (format {value['format']}, this one reads {FORMAT})")
    return Header if "ariadne" in value else ExportedEpisode if "episode" in value else OwnLine


def _first_problem(error: ValidationError) -> str:
    """Return the first problem of a line, and where it is."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"a line has no {where!r}"
    why = first["msg"].removeprefix("Value error, ")
    return f"{where}: {why}" if where else why


def _has_no_circle(targets: dict[str, str]) -> bool:
    """Return whether every chain of merged names ends."""
    for name in targets:
        for _ in targets:
            name = targets.get(name, "")
        if name in targets:
            return False
    return True
