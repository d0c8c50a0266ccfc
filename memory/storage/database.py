"""The SQLite file: its connections, the queue of its writers, its backup, and its errors as ours.

One connection writes. A lock makes the threads of this process wait for it, and SQLite makes other processes wait.
Each reader of a file has its own connection and never waits. A memory in RAM has only one connection.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ariadne.errors import InvalidInput, MemoryBusy, MemoryFileError
from ariadne.files import new_file
from ariadne.memory.storage.schema import connect, guard

RAM = ":memory:"
SQLITE_ERRORS = (sqlite3.Error, OverflowError, UnicodeError)
_SHORT_WAIT = 50  # milliseconds for those who read what was before
_IDLE = 4  # connections for reading that are kept open while nobody reads


class Database:
    """One SQLite file. Every statement belongs inside `reading()` or `writing()`; both may be nested in themselves."""

    def __init__(self, path: str | Path, timeout: float = 30, *, create: bool = True) -> None:
        self.path, self.timeout = str(path), timeout
        self._lock = threading.RLock()
        self._idle = list[sqlite3.Connection]()
        self._closed = self._has_deleted_bytes = False
        if not create and self.path != RAM and not Path(path).is_file():
            raise MemoryFileError(f"{self.path}: there is no such file")
        self.file = Path(path).absolute()
        self._place = f"{self.file.as_uri()}?mode=rw"  # for readers: never makes a file
        try:
            self._writer = connect(self.path, timeout)
        except SQLITE_ERRORS as error:
            raise self.mapped(error) from error

    def close(self) -> None:
        """Let go of the file; a second time does nothing."""
        with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().close()
            self._writer.close()

    # -- transactions ----------------------------------------------------------------------------------------------

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Give a connection with one consistent snapshot of the file."""
        with self._reader() as connection:
            try:
                self._run(connection, "BEGIN")
                yield connection
            finally:
                if connection.in_transaction:
                    self._run(connection, "COMMIT")

    @contextmanager
    def write(self, *, dry_run: bool = False) -> Iterator[sqlite3.Connection]:
        """Give the connection that writes; what it wrote is durable at the end, or undone after an error or `dry_run`.

        Raises MemoryBusy when others write for longer than `timeout` seconds.
        """
        with self._queued():
            self._check_open()
            try:
                self._run(self._writer, "BEGIN IMMEDIATE")
                yield self._writer
                self._run(self._writer, "ROLLBACK" if dry_run else "COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._run(self._writer, "ROLLBACK")
                raise
            if self._has_deleted_bytes:
                self._empty_log()

    def _run(self, connection: sqlite3.Connection, sql: str) -> None:
        try:
            connection.execute(sql)
        except SQLITE_ERRORS as error:
            raise self.mapped(error) from error

    # -- the file as a whole ---------------------------------------------------------------------------------------

    def backup(self, target: str | Path) -> None:
        """Copy all that is committed now into a new file, while others read and write; whole or not at all."""
        with new_file(target) as partial, self._reader() as db:
            try:
                copy = sqlite3.connect(partial)
                try:
                    db.backup(copy)
                    copy.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
                finally:
                    copy.close()
            except sqlite3.Error as error:
                raise MemoryFileError(f"{self.path} cannot be copied to {target}: {error}") from error

    def leave_no_trace(self) -> None:
        """Bring what was written into the file itself and empty the log, which still has what was deleted: now, or
        after a later write, once nobody reads what was before and there is room."""
        with self._queued():
            self._check_open()
            self._has_deleted_bytes = True
            self._empty_log()

    def _empty_log(self) -> None:
        """Whatever hinders it, all is written; it is tried again after the next write, and done by who closes last."""
        self._writer.execute(f"PRAGMA busy_timeout = {_SHORT_WAIT}")
        try:
            self._has_deleted_bytes = bool(self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
        except sqlite3.Error:
            self._has_deleted_bytes = True
        finally:
            self._writer.execute(f"PRAGMA busy_timeout = {int(self.timeout * 1000)}")

    # -- connections -----------------------------------------------------------------------------------------------

    def _check_open(self) -> None:
        if self._closed:
            raise MemoryFileError(f"{self.path}: this memory was closed; open it again")

    @contextmanager
    def _queued(self) -> Iterator[None]:
        if not self._lock.acquire(timeout=self.timeout):
            raise MemoryBusy(self.path, self.timeout, "another thread of this process")
        try:
            yield
        finally:
            self._lock.release()

    @contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        """A connection for reading, for as long as it is needed."""
        if self.path == RAM:
            with self._lock:
                self._check_open()
                yield self._writer
            return
        self._check_open()
        try:
            db = self._idle.pop()
        except IndexError:
            db = self._connected()
        try:
            yield db
        finally:
            if self._closed or len(self._idle) >= _IDLE:
                db.close()
            else:
                self._idle.append(db)

    def _connected(self) -> sqlite3.Connection:
        try:
            db = sqlite3.connect(
                self._place, timeout=self.timeout, isolation_level=None, check_same_thread=False, uri=True
            )
            guard(db)
            db.execute("PRAGMA query_only = ON")
        except SQLITE_ERRORS as error:
            raise self.mapped(error) from error
        return db

    def mapped(self, error: Exception) -> Exception:
        """The one place where SQLite's complaints become ours."""
        if isinstance(error, sqlite3.DataError | OverflowError | UnicodeEncodeError):
            return InvalidInput(f"{self.path}: cannot keep this: {error}")
        if isinstance(error, sqlite3.ProgrammingError):
            return MemoryFileError(f"{self.path}: {error}")
        if not isinstance(error, sqlite3.OperationalError):
            return MemoryFileError(f"{self.path}: not a memory, or damaged: {error}")
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return MemoryBusy(self.path, self.timeout, "another process, or another memory on this file,")
        if code == sqlite3.SQLITE_FULL:
            return MemoryFileError(f"{self.path}: the disk is full: this was not written, what was is safe")
        return MemoryFileError(f"{self.path}: cannot be used as a memory now: {error}")
