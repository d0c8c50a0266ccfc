"""Opens a memory's file with its embedder, for a command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ariadne.errors import InvalidInput
from ariadne.memory import AriGraph, MiniLM
from ariadne.protocols import Embedder

DEFAULT_SPACE = "default"


@contextmanager
def memory_in(file: Path, space: str, *, embedder: Embedder | None = None, create: bool = False) -> Iterator[AriGraph]:
    """Open a space of a memory's file.

    Raises:
        InvalidInput: The space is missing, and `create` is false.
    """
    with AriGraph.open(file, embedder=embedder, space=space, create=create) as memory:
        if not create and space not in (spaces := memory.spaces()) and (spaces or space != DEFAULT_SPACE):
            raise InvalidInput(f"{file}: no space {space!r}; there is {', '.join(map(repr, spaces)) or 'none yet'}")
        yield memory


def default_embedder() -> Embedder | None:
    """Return MiniLM, ready to use, or None if it is not installed."""
    return prepared(MiniLM()) if MiniLM.available() else None


def prepared(embedder: Embedder) -> Embedder:
    """Return the embedder once its model is on this machine; a download announces itself on standard error."""
    if not getattr(embedder, "is_prepared", True):
        embedder.prepare()  # type: ignore[attr-defined]
    return embedder
