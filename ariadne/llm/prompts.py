"""Prompts from text files. Foreign text in a prompt is fenced, so that a model reads it as data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

_FENCE = re.compile(r"<(?=\s*/?\s*data\b)", re.IGNORECASE)
_PARTS = "\n----\n"


@dataclass(frozen=True)
class Prompt:
    """A constant system message, which a provider can cache, and a user message with names to fill in."""

    system: str
    user: Template

    def messages(self, **values: str) -> list[dict[str, str]]:
        """Return the messages with these values; raise KeyError if a value is missing."""
        return [
            {"role": "system", "content": self.system},
            {"role": "user", "content": self.user.substitute(values)},
        ]


@cache
def load(path: Path) -> Prompt:
    """Return the prompt in a file, whose two parts are separated by a line `----`."""
    system, user = path.read_text(encoding="utf-8").split(_PARTS)
    return Prompt(system.strip(), Template(user.strip()))


def data(text: str, empty: str = "(none)") -> str:
    """Return a text between data fences, which nothing in the text can close; `empty` replaces an empty text."""
    return f"<data>\n{_FENCE.sub('< ', text.strip())}\n</data>" if text.strip() else empty


def one_line(text: str, empty: str = "(none)") -> str:
    """Return a goal or a hint on one line, so that no part of it looks like another part of the prompt."""
    return _FENCE.sub("< ", " ".join(text.split())) or empty


def numbered(lines: list[str]) -> str:
    """Return the texts with their numbers, one per line."""
    return "\n".join(f"{number} {' '.join(line.split())}" for number, line in enumerate(lines, 1))
