"""New files that are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from ariadne.errors import MemoryFileError


@contextmanager
def new_file(target: str | Path) -> Iterator[Path]:
    """Where to write what will be `target`: it takes that name once it is whole and durable.

    Raises MemoryFileError where something of that name exists, or where it cannot be written; then nothing is left.
    """
    try:
        if os.path.lexists(target):
            raise FileExistsError("it exists already; name a new file")
        folder = Path(target).absolute().parent
        partial = folder / f".{Path(target).name[:100]}.{token_hex(4)}.part"
        partial.touch(exist_ok=False)
        try:
            yield partial
            _synced(partial)
            _named(partial, Path(target))
            _synced(folder)
        finally:
            partial.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        if isinstance(error, ValueError) and "\0" not in str(target):
            raise
        raise MemoryFileError(f"{str(target)!r} cannot be written: {error}") from error


def _named(partial: Path, target: Path) -> None:
    """Give a file its name, which nobody may have taken meanwhile."""
    try:
        os.link(partial, target)
    except FileExistsError:
        raise
    except OSError:  # a disk without links
        partial.rename(target)


def _synced(path: Path) -> None:
    """Make a file, or what a folder lists, durable."""
    if os.name == "nt":
        return  # a folder cannot be opened so there
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
