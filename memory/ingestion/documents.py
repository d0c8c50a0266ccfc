"""Documents as episodes: a passage each, with its place in the document."""

from __future__ import annotations

from datetime import timedelta

from ariadne.memory.inputs import EpisodeInput, check_number, check_optional, check_texts, checked_metadata
from ariadne.memory.storage.text.passages import passages
from ariadne.values import Metadata, WhenLike


def passage_inputs(
    text: str,
    source: str,
    at: WhenLike | None,
    metadata: Metadata | None,
    key: str | None,
    size: int,
    expires: WhenLike | timedelta | None = None,
) -> list[EpisodeInput]:
    """Return the passages of a document as inputs; the metadata of each has its place in the document."""
    check_texts([text], "text")
    check_texts([source], "source")
    check_optional(key, "key")
    check_number(size, "size")
    return [
        EpisodeInput.checked(
            passage.text, expires=expires, at=at, source=source, key=None if key is None else f"{key} passage {number}",
            metadata={**checked_metadata(metadata), "passage": number, "start": passage.start, "end": passage.end},
        )
        for number, passage in enumerate(passages(text, size), 1)
    ]  # fmt: skip
