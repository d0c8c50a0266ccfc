"""Documents and conversations as episodes: a passage or a turn each, with its place among its neighbours."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from ariadne.errors import InvalidInput
from ariadne.memory.inputs import (
    EpisodeInput,
    check_number,
    check_optional,
    check_texts,
    checked_metadata,
    several,
)
from ariadne.memory.storage.text.passages import PASSAGE_NUMBER, SESSION, passages
from ariadne.values import Metadata, WhenLike

Turn = tuple[str, str] | tuple[str, str, WhenLike]
"""A turn of a conversation: its speaker, its text, and perhaps its world time."""


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
            metadata={**checked_metadata(metadata), PASSAGE_NUMBER: number, "start": passage.start, "end": passage.end},
        )
        for number, passage in enumerate(passages(text, size), 1)
    ]  # fmt: skip


def turn_inputs(
    turns: Iterable[Turn],
    session: str,
    at: WhenLike | None,
    metadata: Metadata | None,
    key: str | None,
    expires: WhenLike | timedelta | None = None,
) -> list[EpisodeInput]:
    """Return the turns of a conversation as inputs, each with the name of the conversation in its metadata."""
    check_texts([session], "session")
    check_optional(key, "key")
    if not session:
        raise InvalidInput("session='' is empty: give the name of the conversation")
    given, fields = several(turns, "turns"), {**checked_metadata(metadata), SESSION: session}
    for turn in given:
        if not isinstance(turn, tuple | list) or len(turn) not in (2, 3):
            raise InvalidInput(f"turns: {turn!r:.80} is no turn: give a speaker, a text, and perhaps its time")
    return [
        EpisodeInput.checked(
            text, expires=expires, at=times[0] if times else at, source=speaker,
            key=None if key is None else f"{key} turn {number}", metadata=fields,
        )
        for number, (speaker, text, *times) in enumerate(given, 1)
    ]  # fmt: skip
