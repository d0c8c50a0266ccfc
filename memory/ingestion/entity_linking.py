"""Which names of facts occur in a text, as whole words; fast for any number of names."""

from __future__ import annotations

import re
import threading
from collections import defaultdict

from ariadne.memory.ontology.names import ACRONYMS, base_of, folded
from ariadne.memory.ontology.scripts import parts
from ariadne.memory.storage.store import View
from ariadne.relations import INVENTORY, PLAYER

_MAX_WORDS, _LONG_WORD = 12, 20
"""A name with more words, or with as many characters, is a text of its own and is not searched for."""
_MENTIONS_PLAYER = re.compile(r"\b(?:you|your)\b|^(?:> |-= .+ =-)", re.MULTILINE)
_MENTIONS_INVENTORY = re.compile(r"\bcarrying\b")


class Mentions:
    """The names of a space's facts by their words, kept in RAM and brought up to date before each use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begin((0, 0))

    def of(self, view: View, text: str) -> list[int]:
        """Return the ids of the names that occur in a text, ascending; a name stands for all its homonyms.

        An acronym that is also a word, such as "US", occurs in capitals alone. "player" occurs in a text with "you",
        and in the transcript of a game. "inventory" occurs in a text with "carrying".
        """
        with self._lock:
            self._catch_up(view)
            found = self._in_words(parts(folded(text)))
            acronyms = (word for word in parts(text) if word.isupper() and word.lower() in ACRONYMS)
            found.update(*(self._names.get((word,), ()) for word in acronyms))
            lower = text.casefold()
            for name, sign in ((PLAYER, _MENTIONS_PLAYER), (INVENTORY, _MENTIONS_INVENTORY)):
                if sign.search(lower):
                    found.update(self._names.get((name,), ()))
            return sorted(found)

    def _in_words(self, words: list[str]) -> set[int]:
        found = set[int]()
        for start, word in enumerate(words):
            for length in self._lengths.get(word, ()):
                found.update(self._names.get(tuple(words[start : start + length]), ()))
        return found

    def _begin(self, version: tuple[int, int]) -> None:
        self._version, self._last = version, 0
        self._names: dict[tuple[str, ...], set[int]] = defaultdict(set)
        self._lengths: dict[str, set[int]] = defaultdict(set)

    def _catch_up(self, view: View) -> None:
        if (version := view.state.version) != self._version:
            self._begin(version)
        for alias, _, target in view.alias_rows() if not self._last else ():
            if (number := view.facts.name_id(target)) is not None:
                self._add(alias, number)
        for fact, number, name in view.facts.named_after(self._last):
            self._add(name, number)
            self._last = fact

    def _add(self, identity: str, number: int) -> None:
        is_acronym = identity.isupper() and identity.lower() in ACRONYMS
        name = identity if is_acronym else base_of(identity)
        words = tuple(parts(name[: _MAX_WORDS * _LONG_WORD]))
        if 0 < len(words) <= _MAX_WORDS and len(name) <= _MAX_WORDS * _LONG_WORD:
            self._names[words].add(number)
            self._lengths[words[0]].add(len(words))
