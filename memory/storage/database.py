"""The file as SQLite keeps it: connections, transactions, who waits for whom, and its complaints made ours.

Writers queue: one connection writes, under a lock for the threads of this process, under SQLite's for other processes.
Readers of a file have connections of their own and wait for nobody; a memory in RAM has but one connection.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ariadne.errors import InvalidInput, MemoryBusy, MemoryFileError
from ariadne.files import new_file
from ariadne.memory.storage.schema import connect, guard

RAM = ":memory:"
_COMPLAINTS = (sqlite3.Error, OverflowError, UnicodeError)
_SHORT_WAIT = 50  # milliseconds for those who read what was before
_IDLE = 4  # connections for reading that are kept open while nobody reads


class Database:
    """One SQLite file. Every statement belongs inside `reading()` or `writing()`; both may be nested in themselves."""

    def __init__(self, path: str | Path, timeout: float = 30, *, create: bool = True) -> None:
        self.path, self.timeout = str(path), timeout
        self._lock = threading.RLock()
        self._here = threading.local()
        self._idle = list[sqlite3.Connection]()
        self._closed = self._traces = False
        if not create and self.path != RAM and not Path(path).is_file():
            raise MemoryFileError(f"{self.path}: there is no such file")
        self.file = Path(path).absolute()
        self._place = f"{self.file.as_uri()}?mode=rw"  # for readers: never makes a file
        try:
            self._writer = connect(self.path, timeout)
        except _COMPLAINTS as error:
            raise self._mapped(error) from error

    def close(self) -> None:
        """Let go of the file; a second time does nothing."""
        with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().close()
            self._writer.close()

    # -- transactions ----------------------------------------------------------------------------------------------

    @contextmanager
    def reading(self) -> Iterator[bool]:
        """One look at the file: what others write meanwhile is not seen. Gives whether the look begins here."""
        if self._now() is not None:
            yield False
            return
        with self._reader() as db:
            self._here.db, self._here.writes = db, False
            try:
                self.run("BEGIN")
                yield True
            finally:
                if db.in_transaction:
                    self.run("COMMIT")
                self._here.db = None

    @contextmanager
    def writing(self, *, undone: bool = False) -> Iterator[bool]:
        """One transaction, durable when it ends; whatever is raised inside leaves the file as it was, and so does
        `undone`. Gives whether it begins here. Raises MemoryBusy where others write for longer than `timeout` seconds.
        """
        if self.is_writing:
            yield False
            return
        if self._now() is not None:
            raise RuntimeError("writing() inside reading()")
        with self._queued():
            self._open()
            self._here.db, self._here.writes = self._writer, True
            try:
                self.run("BEGIN IMMEDIATE")
                yield True
                self.run("ROLLBACK" if undone else "COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self.run("ROLLBACK")
                raise
            finally:
                self._here.db = None
            if self._traces:
                self._empty_log()

    def run(self, sql: str, *values: object) -> None:
        """Run a statement in the transaction that this thread is in."""
        self._rows(sql, values)

    def run_many(self, sql: str, rows: list[tuple[object, ...]]) -> None:
        """The same for each of the rows."""
        try:
            self._db.executemany(sql, rows)
        except _COMPLAINTS as error:
            raise self._mapped(error) from error

    def all(self, sql: str, *values: object) -> list[Any]:
        """The rows that a statement gives."""
        return self._rows(sql, values)

    def named(self, sql: str, values: dict[str, object]) -> list[Any]:
        """The rows that a statement with named values gives."""
        return self._rows(sql, values)

    def one(self, sql: str, *values: object) -> tuple[Any, ...]:
        """The one row that a statement gives."""
        if not (rows := self._rows(sql, values)):
            raise MemoryFileError(f"{self.path}: damaged: a row is missing ({' '.join(sql.split())[:60]}...)")
        row: tuple[Any, ...] = rows[0]
        return row

    def _rows(self, sql: str, values: tuple[object, ...] | dict[str, object]) -> list[Any]:
        try:
            return self._db.execute(sql, values).fetchall()
        except _COMPLAINTS as error:
            raise self._mapped(error) from error

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

    def complaints(self) -> list[str]:
        """What SQLite finds wrong with the file, a line each; call it inside `reading()`."""
        found = [line for (line,) in self.all("PRAGMA integrity_check") if line != "ok"]
        orphans = self.all("PRAGMA foreign_key_check")
        return found + [
            f"row {row} of {table} points into {parent}, where nothing is" for table, row, parent, _ in orphans
        ]

    def leave_no_trace(self) -> None:
        """Bring what was written into the file itself and empty the log, which still has what was deleted: now, or
        after a later write, once nobody reads what was before and there is room."""
        with self._queued():
            self._open()
            self._traces = True
            self._empty_log()

    def _empty_log(self) -> None:
        """Whatever hinders it, all is written; it is tried again after the next write, and done by who closes last."""
        self._writer.execute(f"PRAGMA busy_timeout = {_SHORT_WAIT}")
        try:
            self._traces = bool(self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
        except sqlite3.Error:
            self._traces = True
        finally:
            self._writer.execute(f"PRAGMA busy_timeout = {int(self.timeout * 1000)}")

    # -- connections -----------------------------------------------------------------------------------------------

    @property
    def _db(self) -> sqlite3.Connection:
        if (db := self._now()) is None:
            raise RuntimeError("a statement outside reading() and writing()")
        return db

    def _now(self) -> sqlite3.Connection | None:
        db: sqlite3.Connection | None = getattr(self._here, "db", None)
        return db

    @property
    def is_writing(self) -> bool:
        """Whether this thread is in a transaction that writes."""
        return self._now() is not None and bool(self._here.writes)

    def _open(self) -> None:
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
                self._open()
                yield self._writer
            return
        self._open()
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
        except _COMPLAINTS as error:
            raise self._mapped(error) from error
        return db

    def _mapped(self, error: Exception) -> Exception:
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
