"""New files that are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ariadne.errors import MemoryFileError


@contextmanager
def new_file(target: str | Path) -> Iterator[Path]:
    """Where to write what will be `target`: it takes that name once it is whole and durable.

    Raises MemoryFileError where something of that name exists, or where it cannot be written; then nothing is left.
    """
    if "\0" in str(target):
        raise MemoryFileError(f"{str(target)!r} names no file")
    if os.path.lexists(target):
        raise MemoryFileError(f"{target}: exists already; name a new file")
    partial = Path(f"{target}.part")
    try:
        yield partial
        _synced(partial)
        partial.replace(target)
        _synced(Path(target).absolute().parent)
    except OSError as error:
        raise MemoryFileError(f"{target}: cannot be written: {error}") from error
    finally:
        with suppress(OSError):  # whatever is wrong with it has been said
            partial.unlink(missing_ok=True)


def _synced(path: Path) -> None:
    """Make a file, or what a folder lists, durable."""
    if os.name == "nt":
        return  # a folder cannot be opened so there
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
