"""Texts of others on a terminal: what would move its cursor, colour it, break or turn round a line is shown escaped."""

from __future__ import annotations

import re

_SHOWN = 60  # characters of a difference
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""All that does so, or cannot be printed; a tab may stand."""


def shown(text: object) -> str:
    """A text for people, on one line."""
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], str(text))


def lines_shown(text: str) -> str:
    """A text for people, its lines as they are."""
    return "\n".join(map(shown, text.split("\n")))


def where_it_differs(said: object, other: object) -> str:
    """Return a value for an error message; of a long text, the part around the first difference to `other`."""
    if not (isinstance(said, str) and isinstance(other, str)):
        return f"{said!r:.200}"
    same = next((n for n, (a, b) in enumerate(zip(said, other, strict=False)) if a != b), min(len(said), len(other)))
    start = max(same - _SHOWN // 3, 0)
    return f"{'...' if start else ''}{said[start : start + _SHOWN]!r}{'...' if start + _SHOWN < len(said) else ''}"
