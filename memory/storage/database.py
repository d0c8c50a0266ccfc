"""What a store needs of SQLite: reading connections, copies, the write-ahead log, and the mapping of its errors."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import suppress
from pathlib import Path

from ariadne.errors import InvalidInput, MemoryBusy, MemoryFileError
from ariadne.files import new_file
from ariadne.memory.storage.schema import guard

RAM = ":memory:"
SQLITE_ERRORS = (sqlite3.Error, OverflowError, UnicodeError)
_LARGE_LOG = 900 * 4096  # bytes; at 1,000 pages every writer copies the log
_SHORT_WAIT = 10  # milliseconds that a statement of a writer waits for others


def wait_shortly(connection: sqlite3.Connection) -> None:
    """Let each statement wait for others only shortly; SQLite would try less and less often."""
    connection.execute(f"PRAGMA busy_timeout = {_SHORT_WAIT}")


def begin_to_write(connection: sqlite3.Connection, timeout: float) -> None:
    """Begin a transaction that writes; others that write are waited for, up to `timeout` (seconds)."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise


def connect_reader(file: Path, timeout: float) -> sqlite3.Connection:
    """Open an existing file for reading only."""
    place = f"{file.as_uri()}?mode=rw"  # this mode never creates a file
    connection = sqlite3.connect(place, timeout=timeout, isolation_level=None, check_same_thread=False, uri=True)
    guard(connection)
    connection.execute("PRAGMA query_only = ON")
    return connection


def copy_to(connection: sqlite3.Connection, path: str, target: str | Path) -> None:
    """Copy everything committed into a new file, while others read and write; the copy is complete or absent."""
    with new_file(target) as partial:
        try:
            copy = sqlite3.connect(partial)
            try:
                connection.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")  # the copy is one file without a log
            finally:
                copy.close()
        except sqlite3.Error as error:
            raise MemoryFileError(f"{path} cannot be copied to {target}: {error}") from error


def checkpoint(connection: sqlite3.Connection) -> None:
    """Copy what is in the write-ahead log into the file, as far as no reader needs older content; no writer waits."""
    with suppress(sqlite3.Error):
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")


def empty_log(connection: sqlite3.Connection) -> bool:
    """Move the write-ahead log into the file and empty it; return False if a reader or a full disk prevents it."""
    checkpoint(connection)
    try:  # this stops other writers, but most is copied by now
        return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.Error:
        return False


def is_empty(log: Path) -> bool:
    """Return whether a write-ahead log is known to be empty."""
    try:
        return log.stat().st_size == 0
    except OSError:
        return False


def is_large(log: Path) -> bool:
    """Return whether a write-ahead log is so large that SQLite copies it when anyone writes."""
    return log.exists() and log.stat().st_size > _LARGE_LOG


def make_durable(log: Path) -> None:
    """Wait until the disk has a write-ahead log."""
    with log.open("rb") as file:
        os.fsync(file.fileno())


def _problem_of_path(path: Path) -> str:
    """Return why no file can be opened at a path, as far as its folders show it; "" otherwise."""
    if path.is_dir():
        return "this is a folder: name a file"
    for folder in reversed(path.parents):
        if not folder.exists():
            return f"the folder {folder} does not exist: make it first"
        if not folder.is_dir():
            return f"{folder} is a file, not a folder"
    return ""


def as_our_error(error: Exception, path: str, timeout: float) -> Exception:
    """Return the error of this package for an error of SQLite; no other place maps them."""
    if isinstance(error, sqlite3.DataError | OverflowError | UnicodeEncodeError):
        return InvalidInput(f"{path}: cannot keep this: {error}")
    if isinstance(error, sqlite3.ProgrammingError):
        return MemoryFileError(f"{path}: {error}")
    if not isinstance(error, sqlite3.OperationalError):
        return MemoryFileError(f"{path}: not a memory, or damaged: {error}")
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return MemoryBusy(path, timeout, "another process, or another memory on this file,")
    if code == sqlite3.SQLITE_FULL:
        return MemoryFileError(f"{path}: the disk is full: nothing of this write was saved; earlier episodes are safe")
    if code == sqlite3.SQLITE_CANTOPEN and (problem := _problem_of_path(Path(path))):
        return MemoryFileError(f"{path}: {problem}")
    return MemoryFileError(f"{path}: cannot be used as a memory now: {error}")
