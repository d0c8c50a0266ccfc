"""Which sources a query names: "What did Ann say about the car?" asks for the words of Ann."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ariadne.memory.index.arrays import Rows
from ariadne.memory.index.episodes import EpisodeIndex
from ariadne.memory.ontology.names import identity_of
from ariadne.values import Span

SPEAKER = 5
"""A source of at least this many episodes is a speaker, or a long document: its name is no subject of a text."""
_LONGEST = 8
"""The most words of a source that is searched for."""
_WORD = re.compile(r"\w+(?:[.@_/-]\w+)*")
_POSSESSIVE = re.compile(r"['\u2019]s\b|['\u2019](?!\w)")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True)
class SourceQuery:
    """A query, and the sources that it names."""

    text: str
    """The query without the names of speakers."""
    sources: Rows
    """The positions of all sources that it names, in `EpisodeIndex.sources`."""


def named_sources(query: str, episodes: EpisodeIndex) -> SourceQuery:
    """Return the sources that a query names as whole words, and the query without the names of speakers.

    A whole source is found in any case. "Ann" with a capital also names the source "Ann Lee", if no other Ann is one.

    Each text of a speaker is as likely to answer, whether or not it has the speaker's name. Texts that only address
    the speaker have it, too. So the name is left out of what texts are compared with. The title of a document remains.
    """
    found = dict[int, Span]()
    for name, span in _phrases(query):
        positions = episodes.by_name.get(name, ())
        whole = [position for position in positions if identity_of(episodes.sources[position]) == name]
        for position in whole or (positions if len(positions) == 1 and query[span[0]].isupper() else ()):
            found.setdefault(position, span)
    speakers = [span for position, span in found.items() if episodes.count_of(position) >= SPEAKER]
    text = query
    for start, end in sorted({*speakers}, reverse=True):
        possessive = _POSSESSIVE.match(text, end)
        text = f"{text[:start]} {text[possessive.end() if possessive else end :]}"
    text = _BLANKS.sub(" ", text).strip()
    return SourceQuery(text if re.search(r"\w", text) else query, np.array(sorted(found), np.int64))


def _phrases(text: str) -> Iterator[tuple[str, Span]]:
    """Yield the identities of all runs of words in a text, each with its span."""
    words = [match.span() for match in _WORD.finditer(text)]
    for first, (start, _) in enumerate(words):
        for _, end in words[first : first + _LONGEST]:
            yield identity_of(text[start:end]), (start, end)
