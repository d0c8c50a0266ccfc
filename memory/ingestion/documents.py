"""Documents as passages: short pieces, cut at the ends of paragraphs, sentences or words."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

from ariadne.errors import InvalidInput
from ariadne.memory.inputs import EpisodeInput, check_mapping, check_number, check_optional, check_texts
from ariadne.values import When

_NOT_BLANK = re.compile(r"\S")
_ENDS = (
    re.compile(r"(?P<end>)\n\s*\n"),
    re.compile(r"(?:[.!?…][\"'”\u2019)\]]*(?=\s)|[\u3002\uff01\uff1f])(?P<end>)"),
    re.compile(r"(?P<end>)\s"),
)
"""Ends of paragraphs, of sentences, and of words: the best place to cut comes first."""
_HEADING = re.compile(r"^#{1,6}[ \t]+(\S.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Passage:
    """A piece of a document, `document[start:end]`, and the markdown heading at its beginning or above it."""

    text: str
    start: int
    end: int
    heading: str | None = None


def passages(text: str, size: int = 1000) -> list[Passage]:
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
    for end in _ENDS:
        if cuts := [match.start("end") for match in end.finditer(window) if match.start("end") <= size]:
            return cuts[-1]
    return size


def passage_inputs(
    text: str, source: str, at: When | None, metadata: Mapping[str, str] | None, key: str | None, size: int
) -> list[EpisodeInput]:
    """Return the passages of a document as inputs; the metadata of each has its place in the document."""
    check_texts([text], "text")
    check_texts([source], "source")
    check_optional(key, "key")
    check_mapping(metadata, "metadata")
    check_number(size, "size")
    return [
        EpisodeInput.checked(
            passage.text, at=at, source=source, key=None if key is None else f"{key} passage {number}",
            metadata={
                **(metadata or {}), "passage": f"{number}", "start": f"{passage.start}", "end": f"{passage.end}"
            },
        )
        for number, passage in enumerate(passages(text, size), 1)
    ]  # fmt: skip
