"""What memory cannot keep as it is, and says so instead of keeping something else."""

from __future__ import annotations

from collections.abc import Iterable

from ariadne.errors import AriadneError


class InvalidInput(AriadneError, ValueError):  # noqa: N818 - named as the rest of the tree
    """Memory was given what it cannot keep or look for; nothing was written."""


def check_texts(texts: Iterable[str]) -> None:
    """Any Unicode is kept verbatim, NUL included, but a lone surrogate is none: no file could hold it."""
    for text in texts:
        if not isinstance(text, str):
            raise InvalidInput(f"memory keeps text, not {type(text).__name__}: {text!r:.80}")
        try:
            text.encode()
        except UnicodeEncodeError as error:
            near = text[max(error.start - 20, 0) : error.end + 20]
            raise InvalidInput(f"not Unicode text: a lone surrogate at character {error.start}, in {near!a}") from error
