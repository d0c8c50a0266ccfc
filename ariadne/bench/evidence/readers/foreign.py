"""What the readers share: models of foreign data, their times, and errors that name the place."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter, ValidationError

from ariadne.errors import InvalidInput
from ariadne.text import first_problem

T = TypeVar("T")


class Foreign(BaseModel):
    """A part of a foreign file: fields that are not named here are ignored, and a number is accepted as a text."""

    model_config = ConfigDict(frozen=True, coerce_numbers_to_str=True)


def time_like(example: str, *formats: str) -> BeforeValidator:
    """Return a validator of times in these formats of `strptime`, in UTC; it passes None on, for optional times."""

    def parsed(value: Any) -> datetime | None:
        if value is None:
            return None
        for each in formats:
            try:
                return datetime.strptime(" ".join(str(value).split()), each).replace(tzinfo=UTC)
            except ValueError:
                continue
        raise ValueError(f"{value!r} is not a time such as {example!r}")

    return BeforeValidator(parsed)


def validated(data: object, shape: type[T], path: Path, name: str) -> T:
    """Return data of a foreign file as a model.

    Raises:
        InvalidInput: The data does not have the shape; the message names the file, the format and the place.
    """
    try:
        return TypeAdapter(shape).validate_python(data)
    except ValidationError as error:
        raise InvalidInput(f"{path} looks like {name}, but has another form at {first_problem(error)}") from error


def has_fields(value: object, *names: str) -> bool:
    """Return whether a value is a JSON object with these fields."""
    return isinstance(value, dict) and all(name in value for name in names)


def first_of(data: object) -> object:
    """Return the first element of a JSON list; None if there is none."""
    return data[0] if isinstance(data, list) and data else None
