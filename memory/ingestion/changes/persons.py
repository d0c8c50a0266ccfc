"""Which episodes concern a person: those that the person is the source of, and those that mention the person."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ariadne.errors import InvalidInput
from ariadne.memory.ontology.names import folded, identity_of
from ariadne.memory.ontology.scripts import JOINED
from ariadne.memory.storage.store import View

_TOGETHER = 1000  # episodes that are read at a time
_UNSPACED = re.compile(rf"[{JOINED}]")
"""Letters of scripts in which no blank ends a word, or a particle follows a name without a blank."""
_BEFORE, _AFTER = r"(?<![\w@])(?<!\w[-.+\u2019'])", r"(?![\w@]|[-.+]\w)"
"""Where a name or a handle begins and ends: "Ann" is part of no "Anna", "Ann-Marie", "@ann" or "ann@example.org"."""


@dataclass(frozen=True)
class Person:
    """A person to forget.

    Args:
        name: The name, in any case and spelling of its letters; the names that are merged with it count, too.
        handles: Other forms that stand for the person alone: e-mail addresses, "@name", numbers of an account.
        mentions: Whether episodes of others that mention the person are forgotten, too.
    """

    name: str
    handles: tuple[str, ...] = ()
    mentions: bool = True

    def __post_init__(self) -> None:
        if not all(re.search(r"\w", text) for text in (self.name, *self.handles)):
            raise InvalidInput(f"person={self.name!r}, handles={self.handles}: each must have a letter or a digit")

    def names(self, view: View) -> set[str]:
        """Return all forms of the person, folded: the name, the names merged with it, and the handles."""
        target = identity_of(view.resolve(self.name))
        merged = [shown for alias, shown, _ in view.alias_rows() if identity_of(view.resolve(alias)) == target]
        return {folded(text) for text in (self.name, view.resolve(self.name), *merged, *self.handles)}

    def concerned(self, view: View, numbers: set[int] | None) -> set[int]:
        """Return those of these episodes (None: of all) that concern the person."""
        names = self.names(view)
        is_mention, found, since = _Finder(names), set[int](), 0
        while rows := view.episodes.contents(since, _TOGETHER):
            for number, source, texts, reading in rows:
                if (numbers is None or number in numbers) and (
                    (source is not None and folded(source) in names)
                    or (self.mentions and any(map(is_mention, (source or "", *texts, *_strings(reading)))))
                ):
                    found.add(number)
            since = rows[-1][0] + 1
        return found


class _Finder:
    """Finds whether a text has any of some names (folded) as whole words."""

    def __init__(self, names: set[str]) -> None:
        self._names = names
        self._pattern = re.compile("|".join(map(_pattern, sorted(names))))

    def __call__(self, text: str) -> bool:
        """Return whether a text, in any case and spelling, has one of the names."""
        plain = folded(text)
        return any(name in plain for name in self._names) and self._pattern.search(plain) is not None


def _pattern(name: str) -> str:
    before = "" if _UNSPACED.match(name[0]) else _BEFORE
    after = "" if _UNSPACED.match(name[-1]) else _AFTER
    return f"{before}{re.escape(name)}{after}"


def _strings(reading: str) -> Iterator[str]:
    """Yield all strings of a reading, given as JSON."""

    def of(value: Any) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict | list):
            for each in value.values() if isinstance(value, dict) else value:
                yield from of(each)

    yield from of(json.loads(reading))
