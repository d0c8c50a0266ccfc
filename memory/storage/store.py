"""One space of a file: its transactions, as objects with its clock, merged names, facts, episodes and vectors.

The file keeps world time in clock ticks: an integer itself, or the microseconds of a datetime since 1970 (UTC).
"""

from __future__ import annotations

import json
import re
import sqlite3
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from ariadne.errors import InvalidInput, MemoryBusy, MemoryFileError
from ariadne.memory.inputs import check_time, microseconds
from ariadne.memory.ontology.names import identity_of
from ariadne.memory.ontology.ontology import OPEN
from ariadne.memory.ontology.scripts import edged
from ariadne.memory.storage.database import (
    RAM,
    SQLITE_ERRORS,
    as_our_error,
    begin_to_write,
    checkpoint,
    connect_reader,
    copy_to,
    empty_log,
    is_empty,
    is_large,
    make_durable,
    wait_shortly,
)
from ariadne.memory.storage.episodes import Changes, EpisodeReader, StoredReading, pairs_adapter, reading_adapter
from ariadne.memory.storage.facts import FactReader, FactWriter, integers
from ariadne.memory.storage.schema import connect
from ariadne.memory.storage.snapshot import END, Snapshot
from ariadne.memory.storage.tables import COLUMNS, Tables
from ariadne.memory.storage.text.passages import IndexedText, row_of, spans_as_json, spans_of
from ariadne.memory.storage.text.word_index import WordWriter
from ariadne.memory.storage.vectors import VectorReader, VectorWriter
from ariadne.memory.storage.where import metadata_rows, to_json
from ariadne.values import Episode, Replacement, Triplet, Update, When

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICKS = 2**63
LOGGED = 1000
"""How many of the last deletions are logged."""
_TOGETHER = 1000  # values of metadata in one statement
_DURABLE = "PRAGMA synchronous = FULL"
_MAX_IDLE = 4  # connections that stay open between reads
_STATE = """
SELECT id, clock, last, rewritten, ontology, expires, (SELECT max(at) FROM episode e WHERE e.space = s.id),
       (SELECT min(valid_to) FROM fact f WHERE f.space = s.id AND retired_in IS NULL AND valid_to IS NOT NULL),
       (SELECT max(at) FROM ending d WHERE d.space = s.id), deletions, EXISTS (SELECT 1 FROM space WHERE name IS NULL)
FROM space s WHERE """
ViewType = TypeVar("ViewType", bound="View")


@dataclass(frozen=True)
class State:
    """The state of a space in one transaction."""

    id: int = 0
    """0 for a space that was never written to."""
    clock: str | None = None
    """The kind of world time: "int" or "datetime"; None before the first episode."""
    last: int = 0
    """The number of the newest episode."""
    rewritten: int = 0
    """How often the past was changed: by forget, merge and split."""
    ontology: str = OPEN
    """The name of a packaged ontology, or the text of another."""
    expires: int | None = None
    """How long an episode is recalled by default, in clock ticks; None for ever."""
    latest: int | None = None
    """The latest world time of an episode, in clock ticks."""
    next_end: int | None = None
    """The first known end of a current fact, in clock ticks."""
    last_ending: int | None = None
    """The latest end that no fact shows, in clock ticks."""
    deletions: int = 0
    """How often episodes were deleted without a rebuild of the graph; the table `deletion` lists them."""
    has_hidden: bool = False
    """Whether the file has a hidden space: a draft, or one that is to be deleted."""

    @property
    def version(self) -> tuple[int, int]:
        """What changes when the graph is rebuilt, so that copies in RAM are read again."""
        return self.id, self.rewritten


class Deletion(NamedTuple):
    """What was deleted without a rebuild of the graph, by numbers."""

    episodes: list[int]
    facts: list[int]
    """The ids of the deleted facts."""
    restated: list[int]
    """The ids of the facts that other episodes state, too."""


@dataclass
class AliasCache:
    """The merged names of a space, kept from one transaction to the next while nothing rewrites the past."""

    kept: tuple[tuple[int, ...], Mapping[str, str]] = ((), MappingProxyType({}))
    """The state for which the names are valid, and the names."""


class Store:
    """A space of a file, by its name. Threads can share a store, and processes can share the file.

    One connection writes. A lock makes the threads of this process wait for it, and SQLite makes other processes wait.
    Each reader of a file has its own connection and never waits. A memory in RAM has only one connection.
    """

    def __init__(self, path: str | Path, space: str = "default", *, timeout: float = 30, create: bool = True) -> None:
        self.path, self.timeout, self.space = str(path), timeout, space
        if not create and self.path != RAM and not Path(path).is_file():
            raise MemoryFileError(f"{self.path}: there is no such file")
        self.file = Path(path).absolute()
        self._log = Path(f"{self.file}-wal")
        self._lock = threading.RLock()
        self._thread = threading.local()
        self._idle = list[sqlite3.Connection]()
        self._is_closed = self._has_deleted_text = False
        self.alias_cache = AliasCache()
        self._tables: Tables | None = None
        try:
            self._writer = connect(self.path, timeout)
            wait_shortly(self._writer)
        except SQLITE_ERRORS as error:
            raise self.mapped(error) from error

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        with self._lock:
            self._is_closed = True
            while self._idle:
                self._idle.pop().close()
            self._writer.close()

    # -- transactions ----------------------------------------------------------------------------------------------

    @contextmanager
    def read(self) -> Iterator[View]:
        """Open a consistent view of the space; within another transaction of this thread, yield that one."""
        if (current := self._current()) is not None:
            yield current
            return
        with self._reader() as connection:
            try:
                self._run(connection, "BEGIN")
                yield from self._entered(View(self, connection))
            finally:
                if connection.in_transaction:
                    self._run(connection, "COMMIT")

    @contextmanager
    def write(self, *, create: bool = True, durable: bool = True) -> Iterator[Transaction]:
        """Open a transaction; an exception leaves the file as it was.

        Within another transaction of this thread, yield that one.

        Args:
            create: Whether a missing space is created.
            durable: Whether the disk has the changes when it ends; if not, `make_durable` or another must follow.

        Raises:
            MemoryBusy: Others write for longer than the timeout.
            RuntimeError: This thread is inside `read`.
        """
        current = self._current()
        if isinstance(current, Transaction):
            yield current
            return
        if current is not None:
            raise RuntimeError("write() was called inside read(): leave the `with` block of read() first")
        with self._queue(), self._begun(durable=durable):
            yield from self._entered(Transaction(self, self._writer, create=create))

    @contextmanager
    def _begun(self, *, durable: bool) -> Iterator[None]:
        """Begin a transaction that writes, and end it."""
        try:
            self._begin(durable=durable)
            yield
            self._run(self._writer, "COMMIT")
        except BaseException:
            if self._writer.in_transaction:
                self._run(self._writer, "ROLLBACK")
            raise
        finally:
            if not durable:
                self._run(self._writer, _DURABLE)
        if self._has_deleted_text and durable:
            self._erase()

    def _begin(self, *, durable: bool) -> None:
        """Begin a transaction that writes; if it need not be durable yet, its end does not wait for the disk.

        SQLite then waits only before a log begins again from the front. An empty log needs no such wait.
        """
        if not durable:
            was_empty = is_empty(self._log)
            self._run(self._writer, f"PRAGMA synchronous = {'OFF' if was_empty else 'NORMAL'}")
            self._begin_to_write()
            if not was_empty or is_empty(self._log):
                return
            self._run(self._writer, "ROLLBACK")
            self._run(self._writer, _DURABLE)
        self._begin_to_write()

    def _begin_to_write(self) -> None:
        try:
            begin_to_write(self._writer, self.timeout)
        except SQLITE_ERRORS as error:
            raise self.mapped(error) from error

    def _current(self) -> View | None:
        view: View | None = getattr(self._thread, "view", None)
        return view

    def _entered(self, view: ViewType) -> Iterator[ViewType]:
        """Make a view the current one of this thread while it is used."""
        self._thread.view = view
        try:
            yield view
        finally:
            self._thread.view = None

    def _run(self, connection: sqlite3.Connection, sql: str) -> None:
        try:
            connection.execute(sql)
        except SQLITE_ERRORS as error:
            raise self.mapped(error) from error

    def mapped(self, error: Exception) -> Exception:
        """Return the error of this package for an error of SQLite."""
        return as_our_error(error, self.path, self.timeout)

    def tables(self, view: View) -> Tables:
        """Return the tables of the file whose rows belong to a space; they are read once."""
        if self._tables is None:
            self._tables = Tables.of(view.rows(COLUMNS))
        return self._tables

    # -- connections -----------------------------------------------------------------------------------------------

    def _check_open(self) -> None:
        if self._is_closed:
            again = "" if self.path == RAM else "; open it again"
            raise MemoryFileError(f"{self.path}: this memory is closed{again}")

    @contextmanager
    def _queue(self) -> Iterator[None]:
        """Wait for the other threads of this process that write."""
        if not self._lock.acquire(timeout=self.timeout):
            raise MemoryBusy(self.path, self.timeout, "another thread of this process")
        try:
            self._check_open()
            yield
        finally:
            self._lock.release()

    @contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection for reading: an idle or a new one, but in RAM the only one."""
        if self.path == RAM:
            with self._lock:
                self._check_open()
                yield self._writer
            return
        self._check_open()
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._new_reader()
        try:
            yield connection
        finally:
            if self._is_closed or len(self._idle) >= _MAX_IDLE:
                connection.close()
            else:
                self._idle.append(connection)

    def _new_reader(self) -> sqlite3.Connection:
        try:
            return connect_reader(self.file, self.timeout)
        except SQLITE_ERRORS as error:
            raise self.mapped(error) from error

    # -- the whole file --------------------------------------------------------------------------------------------

    def backup(self, target: str | Path) -> None:
        """Copy everything committed into a new file, while others read and write."""
        with self._reader() as connection:
            copy_to(connection, self.path, target)

    def checkpoint(self) -> None:
        """Copy what is in the write-ahead log into the file, so that others need not do it; empty a large log."""
        with self._queue():
            checkpoint(self._writer)
            if is_large(self._log):
                empty_log(self._writer)

    def make_durable(self) -> None:
        """Wait until the disk has all changes; no writer waits."""
        if self._log.exists():
            make_durable(self._log)

    def erase_deleted_text(self) -> None:
        """Remove deleted text from the write-ahead log: now, or after a later write if others still read it."""
        with self._queue():
            self._erase()

    def _erase(self) -> None:
        self._has_deleted_text = not empty_log(self._writer)
        if self._has_deleted_text:
            self.make_durable()


class View:
    """A consistent view of a space: it does not show what others write meanwhile."""

    def __init__(self, store: Store, connection: sqlite3.Connection, hidden: int | None = None) -> None:
        self.path, self.file, self.space = store.path, store.file, store.space
        self._store, self._hidden = store, hidden
        self._mapped, self._connection, self._cache = store.mapped, connection, store.alias_cache
        self.state = self._load()
        self.aliases = self._load_aliases()
        """By identity of a merged name: the name that it was merged into, as written."""

    @cached_property
    def facts(self) -> FactReader:
        """The facts and names of the space."""
        return FactReader(self)

    @cached_property
    def episodes(self) -> EpisodeReader:
        """The episodes of the space."""
        return EpisodeReader(self)

    @cached_property
    def vectors(self) -> VectorReader:
        """The vectors of the file."""
        return VectorReader(self)

    def _load(self) -> State:
        if self._hidden is None:
            rows = self.rows(f"{_STATE}name = ?", self.space)
        else:
            rows = self.rows(f"{_STATE}id = ?", self._hidden)
        return State(*rows[0]) if rows else State()

    def _load_aliases(self) -> Mapping[str, str]:
        version, cached = self._cache.kept
        if version == (*self.state.version, self.state.deletions):
            return cached
        targets = dict(self.rows("SELECT identity, target FROM alias WHERE space = ?", self.state.id))
        with self.decoding():
            aliases = {name: _last_target(name, targets) for name in targets}
        self._keep_aliases(aliases)
        return aliases

    def _keep_aliases(self, aliases: Mapping[str, str]) -> None:
        self._cache.kept = (*self.state.version, self.state.deletions), aliases

    # -- statements ------------------------------------------------------------------------------------------------

    def rows(self, sql: str, *values: object) -> list[Any]:
        """Return the rows that a statement selects."""
        return self._execute(sql, values)

    def named_rows(self, sql: str, values: Mapping[str, object]) -> list[Any]:
        """Return the rows that a statement with named values selects."""
        return self._execute(sql, values)

    def row(self, sql: str, *values: object) -> tuple[Any, ...]:
        """Return the first row that a statement selects; raises MemoryFileError without one."""
        if not (rows := self._execute(sql, values)):
            raise MemoryFileError(f"{self.path}: damaged: a row is missing ({' '.join(sql.split())[:60]}...)")
        row: tuple[Any, ...] = rows[0]
        return row

    def _execute(self, sql: str, values: tuple[object, ...] | Mapping[str, object]) -> list[Any]:
        try:
            return self._connection.execute(sql, values).fetchall()
        except SQLITE_ERRORS as error:
            raise self._mapped(error) from error

    @contextmanager
    def decoding(self) -> Iterator[None]:
        """Report rows that this package does not write as damage of the file."""
        try:
            yield
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
            raise MemoryFileError(f"{self.path}: damaged: {type(error).__name__}: {error}") from error

    # -- names -----------------------------------------------------------------------------------------------------

    def resolve(self, name: str) -> str:
        """Return the name that a name was merged into, or the name itself."""
        return self.aliases.get(identity_of(name), name) if self.aliases else name

    def resolve_triplet(self, triplet: Triplet) -> Triplet:
        """Return the triplet with its names resolved."""
        if not self.aliases:
            return triplet
        return Triplet(self.resolve(triplet.subject), triplet.relation, self.resolve(triplet.object))

    def resolve_text(self, text: str) -> str:
        """Return a text with its merged names resolved, whole words only."""
        if not self.aliases:
            return text
        # targets too, so that "Ann" is not replaced within the target "Ann Smith"
        names = [*self.aliases, *map(identity_of, self.aliases.values())]
        names = sorted({name for name in names if re.search(r"\w", name)}, key=lambda name: (-len(name), name))
        pattern = re.compile("|".join(map(edged, names)) or "(?!)", re.IGNORECASE)
        return pattern.sub(
            lambda found: self.aliases.get(identity_of(found[0]), found[0]), unicodedata.normalize("NFC", text)
        )

    def alias_rows(self) -> list[tuple[str, str, str]]:
        """Return identity, first written form and target of each merged name."""
        sql = "SELECT identity, shown, target FROM alias WHERE space = ? ORDER BY identity"
        return self.rows(sql, self.state.id)

    # -- time ------------------------------------------------------------------------------------------------------

    def to_clock(self, at: When, name: str = "at") -> int:
        """Return a world time in clock ticks; raises InvalidInput for the other kind of time or one out of range.

        Args:
            at: The world time.
            name: The argument that it comes from, for the error.
        """
        check_time(at, name)
        kind, clock = clock_of(at), self.state.clock
        if clock not in (None, kind):
            if isinstance(at, datetime):
                problem = "a date, but this space uses whole numbers as times; give a number"
            else:
                problem = "a whole number, but this space uses dates as times; give a date"
            shown_time = at.isoformat() if isinstance(at, datetime) else at
            raise InvalidInput(f"{name}={shown_time} is {problem} or use another space")
        if isinstance(at, datetime):
            return microseconds(at, name)
        if not -_TICKS <= at < _TICKS:
            raise InvalidInput(f"{name} is a number with more than 64 bits: give a smaller one")
        return int(at)

    def from_clock(self, ticks: int) -> When:
        """Return a world time from clock ticks."""
        return _EPOCH + timedelta(microseconds=ticks) if self.state.clock == "datetime" else ticks

    def snapshot(self, as_of: int = END, valid_at: When | None = None) -> Snapshot:
        """Return the snapshot after an episode, without what had expired or was replaced by then."""
        return Snapshot(as_of, valid_at, self.episodes.withdrawn(as_of, self.present(as_of, valid_at)))

    def present(self, as_of: int = END, valid_at: When | None = None) -> int:
        """Return the world time (in clock ticks) by which episodes expire.

        It is `valid_at`, else the time of day in a space with datetimes, else the latest time of the space.
        """
        if valid_at is not None:
            return self.to_clock(valid_at, "valid_at")
        if self.state.clock == "datetime":
            return microseconds(datetime.now(UTC))
        latest = self.state.latest if as_of >= self.state.last else self.episodes.latest(as_of)
        return latest or 0

    # -- whole file and whole episodes -----------------------------------------------------------------------------

    def hidden(self, space: int) -> View:
        """Return this view for a hidden space, given by its id; its state has the id 0 if there is none."""
        return View(self._store, self._connection, space)

    def space_id(self, name: str) -> int | None:
        """Return the id of a space by its name, or None."""
        rows = self.rows("SELECT id FROM space WHERE name = ?", name)
        return rows[0][0] if rows else None

    def copy_settings(self, other: Transaction) -> None:
        """Give the space of another transaction the ontology, the kind of time and the merged names of this one."""
        other.set_ontology(self.state.ontology)
        if self.state.clock is not None:
            other.set_clock(self.state.clock)
        for alias in self.alias_rows():
            other.add_alias(*alias)
        other.mark_rewritten()

    def row_of_words(self, number: int, passage: int = 0) -> int:
        """Return the row of an episode's passage in the index of words, which holds all spaces."""
        return (self.state.id << 40) + row_of(number, passage)

    def deletions_after(self, number: int) -> list[Deletion] | None:
        """Return each deletion after a number; None if the log begins later."""
        sql = "SELECT content FROM deletion WHERE space = ? AND nth > ? ORDER BY nth"
        rows = self.rows(sql, self.state.id, number)
        if len(rows) != self.state.deletions - number:
            return None
        with self.decoding():
            return [Deletion(*json.loads(content)) for (content,) in rows]

    def spaces(self) -> list[str]:
        """Return the names of all spaces of the file that were ever written to."""
        return [name for (name,) in self.rows("SELECT name FROM space WHERE name NOT NULL ORDER BY id")]

    def update_of(self, number: int) -> Update:
        """Return the update of an episode, with its facts as they were after it."""
        changes, reading = self.episodes.changes_of(number), self.episodes.reading_of(number).reading
        with self.decoding():
            seen = self.facts.by_id((*changes.added, *changes.restated, *changes.retired), number)
            added, restated, retired = (
                tuple(seen[fact] for fact in facts) for facts in (changes.added, changes.restated, changes.retired)
            )
            episode = self.episodes.some([number])[0]
        return Update(episode, reading, added, restated, retired, changes.refused)


class Transaction(View):
    """A view that can also write."""

    @cached_property
    def facts(self) -> FactWriter:
        """The facts and names of the space, to read and to write."""
        return FactWriter(self)

    @cached_property
    def vectors(self) -> VectorWriter:
        """The vectors of the file, to read and to write."""
        return VectorWriter(self)

    @cached_property
    def words(self) -> WordWriter:
        """The index of words, to write."""
        return WordWriter(self)

    def __init__(
        self, store: Store, connection: sqlite3.Connection, hidden: int | None = None, *, create: bool = True
    ) -> None:
        self._create = create and hidden is None
        super().__init__(store, connection, hidden)

    def _load(self) -> State:
        state = super()._load()
        if not state.id and self._create:
            self.run("INSERT INTO space (name) VALUES (?)", self.space)
            state = super()._load()
        return state

    def _keep_aliases(self, aliases: Mapping[str, str]) -> None:
        """Keep nothing: others must not see what is not committed yet."""

    def run(self, sql: str, *values: object) -> None:
        """Run a statement."""
        self._execute(sql, values)

    def hidden(self, space: int) -> Transaction:
        """Return this transaction for a hidden space, given by its id; its state has the id 0 if there is none."""
        return Transaction(self._store, self._connection, space)

    # -- episodes --------------------------------------------------------------------------------------------------

    def add_episode(
        self,
        episode: Episode,
        at: int,
        key: str | None,
        stored: StoredReading,
        changes: Changes,
        *,
        digest: int | None,
    ) -> None:
        """Write an episode with its world time (in clock ticks), its reading and its changes.

        Episodes with one digest repeat each other. None is for what an agent observed: one piece, and its own event.
        """
        spans = () if digest is None else spans_of(episode.text)
        self.run(
            "INSERT INTO episode (space, number, text, at, source, metadata, key, reading, refused, changes,"
            " correction, declared, divided, until, passages, digest, expires, place)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            self.state.id, episode.id, episode.text, at, episode.source, json.dumps(to_json(episode.metadata)), key,
            reading_adapter().dump_json(stored.reading).decode(), *_as_json(changes), stored.correction,
            _pairs_as_json(stored.declared), _as_json_or_none(stored.divided), stored.until,
            spans_as_json(spans), digest,
            None if episode.expires is None else self.to_clock(episode.expires, "expires"), stored.place,
        )  # fmt: skip
        self._add_metadata(episode)
        self.words.add(IndexedText(episode.id, episode.text, spans, episode.source, observed=digest is None))
        self.advance(episode.id)
        latest = at if self.state.latest is None else max(at, self.state.latest)
        self.state = replace(self.state, latest=latest)

    def _add_metadata(self, episode: Episode) -> None:
        """Write the metadata of an episode for filters; an episode without metadata needs no statement."""
        rows = [(self.state.id, *row, episode.id) for row in metadata_rows(episode.metadata)]
        for start in range(0, len(rows), _TOGETHER):
            group = rows[start : start + _TOGETHER]
            sql = f"INSERT OR IGNORE INTO metadata VALUES {', '.join(['(?, ?, ?, ?, ?)'] * len(group))}"
            self.run(sql, *chain.from_iterable(group))

    def set_divided(self, number: int, divided: Mapping[str, str]) -> None:
        """Record which names of an episode's reading stand for which names with kinds."""
        sql = "UPDATE episode SET divided = ? WHERE space = ? AND number = ?"
        self.run(sql, _as_json_or_none(divided), self.state.id, number)

    def mark_replaced(self, key: str, number: int) -> None:
        """Record that an episode replaces the newest one with a key."""
        sql = "UPDATE episode SET replaced_in = ? WHERE space = ? AND key = ? AND replaced_in IS NULL"
        self.run(sql, number, self.state.id, key)

    def set_changes(self, number: int, changes: Changes) -> None:
        """Replace the changes of an episode; nothing is written if they are the same."""
        self.run(
            "UPDATE episode SET refused = ?3, changes = ?4 WHERE space = ?1 AND number = ?2"
            " AND (refused <> ?3 OR changes <> ?4)",
            self.state.id, number, *_as_json(changes),
        )  # fmt: skip

    def link_mentions(self, names: Sequence[int], number: int) -> None:
        """Link an episode to names (ids) that its text mentions but none of its facts has."""
        if names:
            sql = "INSERT OR IGNORE INTO mention (name, episode, space) SELECT value, ?, ? FROM json_each(?)"
            self.run(sql, number, self.state.id, json.dumps(names))

    def delete_episodes(self, numbers: Sequence[int]) -> None:
        """Delete episodes with all that is kept of each, except facts, names and mentions."""
        self.words.delete(self.episodes.with_passages(numbers))
        for table in self.tables.of_episodes:
            column = self.tables.episode_column(table)
            self.run(f"DELETE FROM {table} WHERE space = ? AND {column} IN ({integers(numbers)})", self.state.id)
        self.state = self._load()

    def restore_replaced(self, number: int, space: int, left_out: Iterable[int]) -> None:
        """Let the episode of a draft be replaced by none of these, but by the next text of a space with its key."""
        listed = integers(left_out)
        sql = (
            "UPDATE episode SET replaced_in = (SELECT min(n.number) FROM episode n WHERE n.space = ? AND n.key ="
            f" episode.key AND n.number > episode.number AND n.number NOT IN ({listed}))"
            f" WHERE space = ? AND number = ? AND replaced_in IN ({listed})"
        )
        self.run(sql, space, self.state.id, number)

    @property
    def tables(self) -> Tables:
        """The tables of the file whose rows belong to a space."""
        return self._store.tables(self)

    # -- the space -------------------------------------------------------------------------------------------------

    def advance(self, number: int) -> None:
        """Record the number of the newest episode."""
        self.run("UPDATE space SET last = ? WHERE id = ?", number, self.state.id)
        self.state = replace(self.state, last=number)

    def set_ontology(self, ontology: str) -> None:
        """Record the ontology: the name of a packaged one, or the text of another."""
        if ontology != self.state.ontology:
            self.run("UPDATE space SET ontology = ? WHERE id = ?", ontology, self.state.id)
            self.state = replace(self.state, ontology=ontology)

    def set_expires(self, expires: int | None) -> None:
        """Record how long an episode is recalled by default, in clock ticks; None for ever."""
        self.run("UPDATE space SET expires = ? WHERE id = ?", expires, self.state.id)
        self.state = replace(self.state, expires=expires)

    def keep_clock(self, at: When) -> int:
        """Return a world time in clock ticks; the first one sets the kind of time of the space."""
        ticks = self.to_clock(at)
        if self.state.clock is None:
            self.set_clock(clock_of(at))
        return ticks

    def set_clock(self, clock: str) -> None:
        """Record the kind of world time: "int" or "datetime"."""
        self.run("UPDATE space SET clock = ? WHERE id = ?", clock, self.state.id)
        self.state = replace(self.state, clock=clock)

    def log_deletion(self, deletion: Deletion) -> None:
        """Record what was deleted without a rebuild of the graph, so that copies in RAM can follow."""
        number, content = self.state.deletions + 1, json.dumps(deletion)
        self.run("INSERT INTO deletion (space, nth, content) VALUES (?, ?, ?)", self.state.id, number, content)
        self.run("DELETE FROM deletion WHERE space = ? AND nth <= ?", self.state.id, number - LOGGED)
        self.run("UPDATE space SET deletions = ? WHERE id = ?", number, self.state.id)
        self.state = replace(self.state, deletions=number)

    def mark_rewritten(self) -> None:
        """Record that the past changed, so that every copy in RAM is read again."""
        self.run("UPDATE space SET rewritten = rewritten + 1 WHERE id = ?", self.state.id)
        self.state = replace(self.state, rewritten=self.state.rewritten + 1)
        self.aliases = self._load_aliases()

    def add_alias(self, identity: str, shown: str, target: str) -> None:
        """Record that a name was merged into another; it applies after `mark_rewritten`."""
        self.run("INSERT OR REPLACE INTO alias VALUES (?, ?, ?, ?)", self.state.id, identity, shown, target)

    def delete_alias(self, identity: str) -> None:
        """Delete the record of a merge; it no longer applies after `mark_rewritten`."""
        self.run("DELETE FROM alias WHERE space = ? AND identity = ?", self.state.id, identity)


def _pairs_as_json(pairs: tuple[Replacement, ...]) -> str:
    return pairs_adapter().dump_json(pairs).decode() if pairs else "[]"


def _as_json(changes: Changes) -> tuple[str, str]:
    """Return the columns `refused` and `changes`."""
    return _pairs_as_json(changes.refused), json.dumps([changes.added, changes.restated, changes.retired])


def _as_json_or_none(texts: Mapping[str, str]) -> str | None:
    return json.dumps(dict(texts)) if texts else None


def clock_of(at: When) -> str:
    """Return the kind of a world time: "int" or "datetime"."""
    return "datetime" if isinstance(at, datetime) else "int"


def _last_target(name: str, targets: Mapping[str, str]) -> str:
    """Return the name at the end of a chain of merges; raises ValueError for a circle."""
    target = targets[name]
    for _ in targets:
        if identity_of(target) not in targets:
            return target
        target = targets[identity_of(target)]
    raise ValueError(f"{name!r} was merged in a circle")
