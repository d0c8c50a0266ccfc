"""Which known names occur in a text, as whole words; fast however many names are known."""

from __future__ import annotations

import re
from collections import defaultdict

from ariadne.memory.names import identity
from ariadne.memory.store import Store

_WORD = re.compile(r"\w+|[^\w\s]")
_SPEAKER = re.compile(r"\b(?:you|your)\b")


class Mentions:
    """The names of a space by their words, kept in RAM and brought up to date before each use."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._last = 0
        self._names: dict[tuple[str, ...], list[int]] = defaultdict(list)
        self._lengths: dict[str, set[int]] = defaultdict(set)

    def of(self, text: str) -> list[int]:
        """Ids of the names that occur in a text, ascending; "player" too where the text says "you"."""
        self._catch_up()
        words = _WORD.findall(text.casefold())
        found = set[int]()
        for start, word in enumerate(words):
            for length in self._lengths.get(word, ()):
                found.update(self._names.get(tuple(words[start : start + length]), ()))
        if _SPEAKER.search(text.casefold()):
            found.update(self._names.get(("player",), ()))
        return sorted(found)

    def _catch_up(self) -> None:
        for number, name, _ in self._store.names_after(self._last):
            words = tuple(_WORD.findall(identity(name)))
            if words:
                self._names[words].append(number)
                self._lengths[words[0]].add(len(words))
            self._last = number
