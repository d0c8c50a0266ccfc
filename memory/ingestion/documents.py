"""Documents as episodes: a passage each, with its place in the document."""

from __future__ import annotations

from collections.abc import Mapping

from ariadne.memory.inputs import EpisodeInput, check_mapping, check_number, check_optional, check_texts
from ariadne.memory.storage.passages import passages
from ariadne.values import When


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
