"""Prompts: text files beside the code that asks by them. What the world said stands in them as data, behind a fence."""

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
    """What is always said, first, so that a provider's cache knows it; and what is asked, with names to fill in."""

    always: str
    asked: Template

    def messages(self, **values: str) -> list[dict[str, str]]:
        """The messages, with these values; raises KeyError where one is missing."""
        return [
            {"role": "system", "content": self.always},
            {"role": "user", "content": self.asked.substitute(values)},
        ]


@cache
def load(path: Path) -> Prompt:
    """The prompt of a file: its two parts with a line `----` between them."""
    always, asked = path.read_text(encoding="utf-8").split(_PARTS)
    return Prompt(always.strip(), Template(asked.strip()))


def data(text: str, nothing: str = "(none)") -> str:
    """A text as data, which nothing in it can end; `nothing` where it is empty."""
    return f"<data>\n{_FENCE.sub('< ', text.strip())}\n</data>" if text.strip() else nothing


def one_line(text: str, nothing: str = "(none)") -> str:
    """What the task gives, a goal or a hint: no data, but on one line, so that nothing in it reads as another part."""
    return _FENCE.sub("< ", " ".join(text.split())) or nothing


def numbered(lines: list[str]) -> str:
    """Lines with their numbers, each on one line."""
    return "\n".join(f"{number} {' '.join(line.split())}" for number, line in enumerate(lines, 1))
