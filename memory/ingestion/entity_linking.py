"""Which names of facts occur in a text, as whole words; fast however many names are known."""

from __future__ import annotations

import re
import threading
from collections import defaultdict

from ariadne.memory.storage.store import View
from ariadne.relations import INVENTORY, PLAYER

_WORD = re.compile(r"\w+|[^\w\s]")
_MOST_WORDS, _LONG_WORD = 12, 20
"""A name of more words, or of so many characters, is a text by itself: no text is searched for it."""
_SPEAKER = re.compile(r"\b(?:you|your)\b|^(?:> |-= .+ =-)", re.MULTILINE)
_CARRYING = re.compile(r"\bcarrying\b")


class Mentions:
    """The names of a space's facts by their words, kept in RAM and brought up to date before each use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begin(0)

    def of(self, view: View, text: str) -> list[int]:
        """Ids of the names that occur in a text, ascending; "player" too where it says "you", answers a command or
        opens a room, and "inventory" where it tells what is carried."""
        with self._lock:
            self._catch_up(view)
            words = _WORD.findall(text.casefold())
            found = set[int]()
            for start, word in enumerate(words):
                for length in self._lengths.get(word, ()):
                    found.update(self._names.get(tuple(words[start : start + length]), ()))
            for name, sign in ((PLAYER, _SPEAKER), (INVENTORY, _CARRYING)):
                if sign.search(text.casefold()):
                    found.update(self._names.get((name,), ()))
            return sorted(found)

    def _begin(self, rewritten: int) -> None:
        self._rewritten, self._last = rewritten, 0
        self._names: dict[tuple[str, ...], set[int]] = defaultdict(set)
        self._lengths: dict[str, set[int]] = defaultdict(set)

    def _catch_up(self, view: View) -> None:
        if (rewritten := view.state.rewritten) != self._rewritten:
            self._begin(rewritten)
        for alias, _, meant in view.alias_rows() if not self._last else ():
            if (number := view.facts.name_id(meant)) is not None:
                self._add(alias, number)
        for fact, number, name in view.facts.named_after(self._last):
            self._add(name, number)
            self._last = fact

    def _add(self, name: str, number: int) -> None:
        words = tuple(_WORD.findall(name[: _MOST_WORDS * _LONG_WORD]))
        if 0 < len(words) <= _MOST_WORDS and len(name) <= _MOST_WORDS * _LONG_WORD:
            self._names[words].add(number)
            self._lengths[words[0]].add(len(words))
