"""Files and folders that appear under their names complete and durable, or not at all, and the cache folder."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from secrets import token_hex

from ariadne.errors import AriadneError, MemoryFileError

_PARTIAL = ".part"


def cache_root() -> Path:
    """Return the package's cache folder: ARIADNE_CACHE, or else a folder in the user's cache."""
    from platformdirs import user_cache_path

    chosen = os.environ.get("ARIADNE_CACHE")
    return Path(chosen) if chosen else user_cache_path("ariadne", appauthor=False)


@contextmanager
def new_file(target: str | Path, error: type[AriadneError] = MemoryFileError) -> Iterator[Path]:
    """Yield a path to write to; the file takes the name `target` when the block ends without an exception.

    Raises:
        error: A file of that name exists, or cannot be written. Nothing is left then.
    """
    try:
        if os.path.lexists(target):
            raise FileExistsError("it exists; name a new file")
        partial = _partial_beside(Path(target))
        partial.touch(exist_ok=False)
        try:
            yield partial
            sync(partial)
            _name(partial, Path(target))
            sync(partial.parent)
        finally:
            partial.unlink(missing_ok=True)
    except (OSError, ValueError) as problem:
        if isinstance(problem, ValueError) and "\0" not in str(target):
            raise
        raise error(f"{str(target)!r} cannot be written: {problem}") from problem


@contextmanager
def replacement(target: Path) -> Iterator[Path]:
    """Yield a path to write to; the file takes the place of `target` when the block ends without an exception.

    Several processes can write the same target at once; it is always one of the complete files.
    """
    partial = _partial_beside(target)
    try:
        yield partial
        sync(partial)
        partial.replace(target)
        sync(target.parent)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Yield a folder to fill; it takes the name `target` when the block ends without an exception."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as place:
        partial = Path(place, "partial")
        partial.mkdir()
        yield partial
        partial.rename(target)
        sync(target.parent)


def replace_file(path: Path, text: str) -> None:
    """Replace the text of a file that only this process writes, or create the file."""
    partial = partial_of(path)
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    sync(path.parent)


def append_line(file: FileIO, line: bytes) -> None:
    """Append a line without its line break; it is complete and durable when this returns."""
    rest = memoryview(line + b"\n")
    while rest:
        rest = rest[file.write(rest) :]
    os.fsync(file.fileno())


def partial_of(path: Path) -> Path:
    """Return the file that `replace_file` leaves beside `path` if the process is killed while it writes."""
    return path.with_name(f"{path.name}{_PARTIAL}")


def sync(path: Path) -> None:
    """Make the content of a file, or the names in a folder, durable."""
    if os.name == "nt":
        return  # Windows cannot open a folder
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _partial_beside(target: Path) -> Path:
    return target.absolute().parent / f".{target.name[:100]}.{token_hex(4)}{_PARTIAL}"


def _name(partial: Path, target: Path) -> None:
    """Rename a file, unless another process created the target meanwhile."""
    try:
        os.link(partial, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        partial.rename(target)
