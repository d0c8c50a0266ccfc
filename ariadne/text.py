"""Texts for messages: printable forms, whole words, places where two texts differ, and problems of JSON data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError

_SHOWN = 60  # characters of a difference
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, line separators, direction marks and surrogates; a tab is allowed."""


def shown(text: object) -> str:
    """Return the text on one line, with its control characters escaped."""
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], str(text))


def has_words(text: str, name: str) -> bool:
    """Return whether a text contains a name as whole words, in any case."""
    return re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", text.casefold()) is not None


def lines_shown(text: str) -> str:
    """Return the text with its line breaks, and all other control characters escaped."""
    return "\n".join(map(shown, text.split("\n")))


def excerpt_at_difference(value: object, other: object) -> str:
    """Return a value for an error message; of a long text, the part around its first difference from `other`."""
    if not (isinstance(value, str) and isinstance(other, str)):
        return f"{value!r:.200}"
    same = next((n for n, (a, b) in enumerate(zip(value, other, strict=False)) if a != b), min(len(value), len(other)))
    start = max(same - _SHOWN // 3, 0)
    return f"{'...' if start else ''}{value[start : start + _SHOWN]!r}{'...' if start + _SHOWN < len(value) else ''}"


def first_problem(error: ValidationError) -> str:
    """Return place and message of the first problem in data that does not fit a model."""
    first = error.errors()[0]
    return ": ".join([*([".".join(map(str, first["loc"]))] if first["loc"] else []), first["msg"]])
