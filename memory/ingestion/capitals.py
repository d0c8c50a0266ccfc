"""The capitals of the names in a reading: as the reading has them, or as its text has them.

They matter for the words that are another name with capitals, such as "China" and "china" (see `capitals.txt`). The
reading is believed if it keeps the case of its text. If it changes the case of other names, the text decides. It also
decides if it has the word behind an article and never with a capital: "the target" is an ordinary word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ariadne.memory.ontology.names import ACRONYMS, CAPITALIZED, PEOPLE, identity_of
from ariadne.memory.ontology.scripts import tokens
from ariadne.values import Reading, Triplet

_ARTICLES = frozenset({"the", "a", "an", "some"})
_BEGINNINGS = frozenset('.!?:;"(\u201c\u201e-\u2013\u2014\u2022*>|')
"""Marks after which a word has a capital in any case."""
_TITLE = 0.7
"""The share of capitalized words from which a text is a title: its capitals are no evidence."""


def capitals_by(text: str, reading: Reading, *, is_game: Callable[[], bool]) -> dict[str, str]:
    """Return the names of a reading that have other capitals by its text, each with the name to use.

    Args:
        text: The text.
        reading: What was read or given.
        is_game: Returns whether the text is about a world of things, where capitals make no other name.
    """
    stated = {name for triplet in _triplets(reading) for name in triplet.ends}
    doubtful = [name for name in sorted(stated.union(reading.names)) if _word(name) in CAPITALIZED]
    if not doubtful:
        return {}
    if is_game():
        written = {name: _in_lower_case(name) for name in doubtful}
    else:
        source = _Source(text)
        is_believed = not any(source.contradicts(name) for name in stated)
        written = {name: source.written(name, is_believed=is_believed) for name in doubtful}
    return {name: new for name, new in written.items() if name != new}


class _Occurrence(NamedTuple):
    """How a text writes a word in one place."""

    word: str
    begins: bool
    """Whether it begins a sentence."""
    has_article: bool

    @property
    def is_capital(self) -> bool:
        """Whether it has the capitals of a name."""
        return self.word.isupper() if self.word.lower() in ACRONYMS else self.word[0].isupper()


class _Source:
    """The text of a reading, as evidence of how its names are written."""

    def __init__(self, text: str) -> None:
        self._occurrences = list(_occurrences(text))
        capitals = sum(each.word[0].isupper() for each in self._occurrences)
        self._has_case = 0 < capitals < _TITLE * len(self._occurrences)
        """Whether capitals mean anything: not in a text in lower case, in a title, or in a text in capitals."""

    def contradicts(self, name: str) -> bool:
        """Return whether a name has another case than the text has within its sentences."""
        return self._has_case and any(self._contradicts(token.text) for token in tokens(name))

    def _contradicts(self, word: str) -> bool:
        written = {each.word for each in self._of(word.lower()) if not each.begins}
        if not written or word in written:
            return False
        return word.islower() or word.lower() not in CAPITALIZED  # a good reading writes "polish" as "Polish"

    def written(self, name: str, *, is_believed: bool) -> str:
        """Return a name with its capitals by the text, unless the reading is believed."""
        found = self._of(_word(name))
        if not self._has_case:
            return _without_evidence(name, found)
        within = {each.is_capital for each in found if not each.begins}
        if within == {False} and (not is_believed or any(each.has_article for each in found)):
            return _in_lower_case(name)
        if is_believed or not found:
            return name
        is_capital = within == {True} or (not within and any(each.is_capital for each in found))
        return _capitalized(name) if is_capital else name

    def _of(self, word: str) -> list[_Occurrence]:
        """Return the occurrences of a word in lower case; "the China" in a text with case is no evidence."""
        found = [each for each in self._occurrences if each.word.lower() == word]
        return [each for each in found if not (self._has_case and each.has_article and each.word.istitle())]


def _without_evidence(name: str, found: Sequence[_Occurrence]) -> str:
    """Return a name of a text whose capitals mean nothing.

    An article marks an ordinary word, as in "the china". The name of a person that has none is a name.
    """
    if any(each.has_article for each in found):
        return _in_lower_case(name)
    return _capitalized(name) if found and _word(name) in PEOPLE else name


def _occurrences(text: str) -> Iterator[_Occurrence]:
    """Yield the words of a text."""
    before, end = "", 0
    for token in tokens(text):
        begins = not before or before in _BEGINNINGS or "\n" in text[end : token.start]
        if token.text[0].isalpha():
            yield _Occurrence(token.text, begins, has_article=before.lower() in _ARTICLES)
        before, end = token.text, token.end


def _word(name: str) -> str:
    return identity_of(name).lower()


def _in_lower_case(name: str) -> str:
    return name if identity_of(name) == _word(name) else name.lower()


def _capitalized(name: str) -> str:
    """Return a name with capitals; one with an article, as in "the china", is an ordinary word and is kept."""
    word = _word(name)
    return name if name.lower() != word else word.upper() if word in ACRONYMS else word.capitalize()


def _triplets(reading: Reading) -> Iterator[Triplet]:
    yield from reading.triplets
    for pair in reading.outdated:
        yield from (pair.old, *([] if pair.new is None else [pair.new]))
