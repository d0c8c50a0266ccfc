"""What a line of JSON may be: an export's first, an episode of one, or a text of one's own; checked as it is read."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, PlainValidator, ValidationError, model_validator

from ariadne.errors import InvalidInput
from ariadne.memory.inputs import EpisodeInput
from ariadne.memory.ontology.names import identity_of
from ariadne.memory.ontology.slots import Slots
from ariadne.values import Reading, Replacement, Triplet

FORMAT = 1


def _time(told: object) -> int | datetime:
    """World time as JSON has it: a whole number, or a date with its zone as a text."""
    if isinstance(told, datetime) or (isinstance(told, int) and not isinstance(told, bool)):
        return told
    if isinstance(told, str) and (when := datetime.fromisoformat(told)).tzinfo is not None:
        return when
    raise ValueError(f"a time is a whole number, or an ISO date with its zone such as 2026-05-01T09:30Z, not {told!r}")


_PARTS = ("subject", "relation", "object")


def _triplet(told: object) -> Triplet:
    """A triplet as JSON has it: a list of three texts, or an object that names its parts."""
    named = isinstance(told, dict) and told.keys() == {*_PARTS}
    parts = [told[name] for name in _PARTS] if isinstance(told, dict) and named else told
    if isinstance(parts, Triplet):
        return parts
    if isinstance(parts, list) and len(parts) == 3 and all(isinstance(part, str) for part in parts):
        return Triplet(*parts)
    raise ValueError(f"a triplet is a list of three texts, not {told!r:.80}")


_Spoken = Annotated[Triplet, PlainValidator(_triplet)]
_Time = Annotated[int | datetime, PlainValidator(_time)]


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
    slots: str | None
    aliases: tuple[_Alias, ...]

    @model_validator(mode="after")
    def _whole(self) -> Header:
        meant = {alias.identity: identity_of(alias.target) for alias in self.aliases}
        if any(identity_of(alias.shown) != alias.identity for alias in self.aliases) or not _ends(meant):
            raise ValueError("its merged names contradict each other")
        if not 0 <= self.last < 1 << 40:
            raise ValueError("its last episode has no number that an episode may have")
        if self.slots is not None:
            Slots(self.slots)
        return self


class _Pair(_Strict):
    old: _Spoken
    new: _Spoken | None


class Own(_Strict):
    """A line of one's own: the arguments of `remember`; a triplet is a list of three texts or names its parts."""

    text: str
    triplets: tuple[_Spoken, ...] | None = None
    outdated: tuple[_Pair, ...] = ()
    at: _Time | None = None
    source: str | None = None
    metadata: dict[str, str] = {}
    key: str | None = None

    def told(self) -> EpisodeInput:
        pairs = [Replacement(pair.old, pair.new) for pair in self.outdated]
        return EpisodeInput.made(self.text, self.triplets, pairs, self.at, self.source, self.metadata, self.key)


class _Added(_Strict):
    """A fact as it was learned; closed from the start where it was told late."""

    triplet: tuple[str, str, str]
    valid_from: _Time
    valid_to: _Time | None = None
    retired_in: int | None = None


class _Retired(_Strict):
    fact: int
    valid_to: _Time


class Exported(_Strict):
    """A line of an export: an episode and what it changed."""

    episode: int
    text: str
    at: _Time
    source: str | None
    metadata: dict[str, str]
    key: str | None
    correction: bool
    reading: Reading
    refused: tuple[Replacement, ...]
    added: tuple[_Added, ...]
    restated: tuple[int, ...]
    retired: tuple[_Retired, ...]


def parsed(line: str) -> Header | EpisodeInput | Exported:
    kind = _kind(line)
    try:
        told = kind.model_validate_json(line)
    except ValidationError as error:
        raise InvalidInput(_said(error)) from error
    return told.told() if isinstance(told, Own) else told


def _kind(line: str) -> type[Header] | type[Own] | type[Exported]:
    try:
        told = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"not JSON: {error}") from error
    if not isinstance(told, dict):
        raise InvalidInput(f"a line is an object, with a text: {line!r:.80}")
    if "ariadne" in told and isinstance(told.get("format"), int) and told["format"] > FORMAT:
        raise InvalidInput(f"exported by a newer Ariadne (format {told['format']}, this one reads {FORMAT})")
    return Header if "ariadne" in told else Exported if "episode" in told else Own


def _said(error: ValidationError) -> str:
    """What is wrong first, and where."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"a line has no {where!r}"
    why = first["msg"].removeprefix("Value error, ")
    return f"{where}: {why}" if where else why


def _ends(meant: dict[str, str]) -> bool:
    """Whether no name was merged in a circle."""
    for name in meant:
        for _ in meant:
            name = meant.get(name, "")
        if name in meant:
            return False
    return True
