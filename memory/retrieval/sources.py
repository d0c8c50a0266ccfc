"""Which sources a query names: "What did Ann say about the car?" asks for the words of Ann."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ariadne.memory.index.arrays import Rows
from ariadne.memory.index.episodes import NO_SOURCE, SOURCE, EpisodeIndex, source_key
from ariadne.values import Span

SPEAKER = 5
"""A source of at least this many episodes is a speaker, or a long document: its name is no subject of a text."""
_LONGEST = 8
"""The most words of a source that is searched for."""
_WORD = re.compile(r"""[^\s,;:!?()"\u201c\u201d\u2019'\[\]]+""")
_POSSESSIVE = re.compile(r"['\u2019]s\b|['\u2019](?!\w)")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True)
class SourceQuery:
    """A query, and the sources that it names."""

    text: str
    """The query without the names of speakers."""
    sources: Rows
    """The positions of all sources that it names, in `EpisodeIndex.sources`."""


def named_sources(query: str, episodes: EpisodeIndex, until: int) -> SourceQuery:
    """Return the sources that a query names, and the query without the names of speakers.

    Case and accents make no difference. Only with a capital does "Ann" also name the source "Ann Lee", if there is no
    other Ann, and does "User" name the source "user": a user may be anyone.

    Each text of a speaker is as likely to answer, whether or not it has the speaker's name. Texts that only address
    the speaker have it, too. So the name is left out of what texts are compared with. The title of a document remains.

    Args:
        query: The query.
        episodes: The episodes with their sources.
        until: The last episode that is known.
    """
    found = dict[int, Span]()
    for key, span in _phrases(query, min(episodes.longest_name, _LONGEST)):
        positions = episodes.by_name.get(key, ())
        whole = [position for position in positions if source_key(episodes.sources[position]) == key]
        is_name = query[span[0]].isupper()
        for position in whole or (positions if len(positions) == 1 and is_name else ()):
            if is_name or not _is_common(episodes.sources[position]):
                found.setdefault(position, span)
    counts = np.bincount(
        np.maximum(episodes.until(until)[:, SOURCE], NO_SOURCE) + 1, minlength=len(episodes.sources) + 1
    )
    speakers = [span for position, span in found.items() if counts[position + 1] >= SPEAKER]
    text = query
    for start, end in sorted({*speakers}, reverse=True):
        possessive = _POSSESSIVE.match(text, end)
        text = f"{text[:start]} {text[possessive.end() if possessive else end :]}"
    text = _BLANKS.sub(" ", text).strip()
    return SourceQuery(text if re.search(r"\w", text) else query, np.array(sorted(found), np.int64))


def _is_common(source: str) -> bool:
    """Return whether a source is written like a common word, such as "user" or "notes"."""
    return source.isalpha() and source.islower()


def _phrases(text: str, longest: int) -> Iterator[tuple[str, Span]]:
    """Yield the keys of all runs of up to `longest` words in a text, each with its span."""
    words = [(match.start(), match.start() + len(match[0].rstrip("."))) for match in _WORD.finditer(text)]
    for first, (start, _) in enumerate(words):
        for _, end in words[first : first + longest]:
            yield source_key(text[start:end]), (start, end)
