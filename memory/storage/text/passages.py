"""Passages: the pieces of a long text, each indexed by itself, cut at the ends of paragraphs, sentences or words."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ariadne.errors import InvalidInput
from ariadne.memory.storage.text.sentences import sentence_ends
from ariadne.values import Span, Triplet

PASSAGE = 1000
"""The most characters of a passage. A text with more of them is indexed by its passages."""
BITS = 10
"""The bits of a passage's place in the number of its row. The passages of a very long text are longer."""
SESSION, PASSAGE_NUMBER = "session", "passage"
"""The fields of metadata that neighbours share: turns of one session, and the numbered passages of one source."""
LONGEST_SOURCE = 100
"""The most characters of a source that are indexed with a text."""
LAST_PASSAGE = (1 << BITS) - 1
"""The highest place of a passage, from 0."""
LAST_NUMBER = (1 << 30) - 1
"""The highest number of an episode, so that a row has a place for it beside its space and its passage."""

_NOT_BLANK = re.compile(r"\S")
_ENDS: tuple[Callable[[str], Sequence[int]], ...] = (
    lambda text: [match.start() for match in re.finditer(r"\n\s*\n", text)],
    sentence_ends,
    lambda text: [match.start() for match in re.finditer(r"\n", text)],
    lambda text: [match.start() for match in re.finditer(r"\s", text)],
)
"""Ends of paragraphs, of sentences, of lines, and of words: the best place to cut comes first."""
_HEADING = re.compile(r"^#{1,6}[ \t]+(\S.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Passage:
    """A piece of a document, `document[start:end]`, and the markdown heading at its beginning or above it."""

    text: str
    start: int
    end: int
    heading: str | None = None


def passages(text: str, size: int = PASSAGE) -> list[Passage]:
    """Return the passages of a document, in order, of at most `size` characters each.

    A passage holds as many whole paragraphs as fit. A longer paragraph is cut after a sentence, a longer sentence at a
    blank, and a longer word inside. Together they hold all of the document but the blanks between them. Raises
    InvalidInput for a size below 1.
    """
    if size < 1:
        raise InvalidInput(f"a passage has at least 1 character, not {size}: give a greater size")
    headings = list(_HEADING.finditer(text))
    places = [heading.start() for heading in headings]
    found = []
    document = text.rstrip()
    begin = _NOT_BLANK.search(document)
    while begin:
        start = begin.start()
        piece = document[start : start + _cut(document[start : start + size + 2], size)].rstrip()
        above = bisect_right(places, start)
        heading = headings[above - 1][1].strip() if above else None
        found.append(Passage(piece, start, start + len(piece), heading))
        begin = _NOT_BLANK.search(document, start + len(piece))
    return found


def _cut(window: str, size: int) -> int:
    """Return how many characters of a window make a passage; the text continues after a window longer than `size`."""
    if len(window) <= size:
        return len(window)
    for ends_of in _ENDS:
        if cut := max((end for end in ends_of(window) if end <= size), default=0):
            return cut
    return size


# -- the passages of an episode ----------------------------------------------------------------------------------------


def spans_of(text: str) -> tuple[Span, ...]:
    """Return the passages that an episode's text is indexed by, as spans; () for a text that is one piece."""
    if len(text) <= PASSAGE:
        return ()
    size = PASSAGE
    while len(found := passages(text, size)) > LAST_PASSAGE + 1:
        size *= 2
    return tuple((passage.start, passage.end) for passage in found) if len(found) > 1 else ()


def spans_as_json(spans: tuple[Span, ...]) -> str | None:
    """Return the column `passages` of an episode."""
    return json.dumps(spans) if spans else None


def spans_from_json(column: str | None) -> tuple[Span, ...]:
    """Return the spans of a column `passages`."""
    return tuple((start, end) for start, end in json.loads(column)) if column else ()


@dataclass(frozen=True)
class IndexedText:
    """The text of an episode as it is indexed."""

    number: int
    text: str
    spans: tuple[Span, ...]
    """Its passages; () for a text in one piece."""
    source: str | None
    observed: bool
    """Whether an agent observed it."""


def parts_of(episode: IndexedText) -> list[str]:
    """Return the pieces of a text that are indexed, in order: its passages, or all of it, each with its source."""
    pieces = [episode.text[start:end] for start, end in episode.spans] or [episode.text]
    return [with_source(piece, episode.source) for piece in pieces]


def with_source(text: str, source: str | None) -> str:
    """Return a text after the beginning of its source, so that a search for its speaker or its title finds it.

    A text that already begins with its source is unchanged.
    """
    if not source or text.startswith(source):
        return text
    return f"{source[:LONGEST_SOURCE]}: {text}"


def row_of(number: int, passage: int = 0) -> int:
    """Return the row of a passage in the indexes of one space; rows are in the order of episodes and passages."""
    return (min(number, LAST_NUMBER) << BITS) + passage


def digest_of(text: str, source: str | None, triplets: Iterable[Triplet] | None = None) -> int:
    """Return a number of 63 bits that two episodes share if their text, source and given triplets are the same.

    Blanks and the composition of accented letters make no difference.
    """
    plain = unicodedata.normalize("NFC", " ".join(text.split()))
    stated = sorted((each.subject, each.relation, each.object) for each in triplets or ())
    content = json.dumps([plain, source, stated]).encode()
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "big") >> 1
