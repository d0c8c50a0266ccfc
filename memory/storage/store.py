"""One space of a file: its transactions as objects, with its clock, its merged names, facts, episodes and vectors.

World time is kept as an integer: itself, or microseconds since 1970 (UTC).
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from ariadne.errors import InvalidInput, MemoryFileError
from ariadne.memory.inputs import check_time
from ariadne.memory.ontology.names import identity_of
from ariadne.memory.storage.database import SQLITE_ERRORS, Database
from ariadne.memory.storage.episodes import EpisodeReader, EpisodeWriter
from ariadne.memory.storage.facts import FactReader, FactWriter
from ariadne.memory.storage.vectors import VectorReader, VectorWriter
from ariadne.values import Triplet, Update, When

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST = 2**63
ViewType = TypeVar("ViewType", bound="View")


@dataclass(frozen=True)
class State:
    """A space as one transaction sees it; `id` is 0 for a space that was never written to.

    `last` is the number of the newest episode. `rewritten` counts the changes of the past (forget, merge, split).
    `slots` is the table of slots, or None for the one that comes with this package.
    """

    id: int = 0
    clock: str | None = None
    last: int = 0
    rewritten: int = 0
    slots: str | None = None


@dataclass
class AliasCache:
    """The merged names of a space, kept from one transaction to the next while nothing rewrites the past."""

    kept: tuple[int, Mapping[str, str]] = (-1, MappingProxyType({}))
    """For which `State.rewritten` they are valid, and the names."""


class Store:
    """A space by its name, in one file. Threads share a store, and processes share the file."""

    def __init__(self, path: str | Path, space: str = "default", *, timeout: float = 30, create: bool = True) -> None:
        self.db = Database(path, timeout, create=create)
        self.space = space
        self._aliases = AliasCache()
        self._thread = threading.local()

    @contextmanager
    def read(self) -> Iterator[View]:
        """Open a consistent snapshot of the space; within another transaction of this thread, return that one."""
        if (current := self._current()) is not None:
            yield current
            return
        with self.db.read() as connection:
            yield from self._entered(View(self.db, connection, self.space, self._aliases))

    @contextmanager
    def write(self, *, dry_run: bool = False) -> Iterator[Transaction]:
        """Open a transaction that is durable when it ends; an exception or `dry_run` leaves the file as it was.

        Within another transaction of this thread it returns that one. Raises MemoryBusy when others write for longer
        than the timeout, and RuntimeError inside `read`.
        """
        current = self._current()
        if isinstance(current, Transaction):
            yield current
            return
        if current is not None:
            raise RuntimeError("write() inside read(): end the snapshot first")
        with self.db.write(dry_run=dry_run) as connection:
            yield from self._entered(Transaction(self.db, connection, self.space, self._aliases))

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

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self.db.close()


class View:
    """One consistent snapshot of a space: writes of others do not show in it."""

    def __init__(self, db: Database, connection: sqlite3.Connection, space: str, cache: AliasCache) -> None:
        self.db, self.space = db, space
        self._connection, self._cache = connection, cache
        self.state = self._load()
        self.aliases = self._load_aliases()
        """By identity: the names that were merged into another, and how that one is written."""
        self.facts = FactReader(self)
        self.episodes = EpisodeReader(self)
        self.vectors = VectorReader(self)

    def _load(self) -> State:
        rows = self.rows("SELECT id, clock, last, rewritten, slots FROM space WHERE name = ?", self.space)
        return State(*rows[0]) if rows else State()

    def _load_aliases(self) -> Mapping[str, str]:
        rewritten, cached = self._cache.kept
        if rewritten == self.state.rewritten:
            return cached
        targets = dict(self.rows("SELECT identity, target FROM alias WHERE space = ?", self.state.id))
        with self.decoding():
            aliases = {name: _last_target(name, targets) for name in targets}
        self._keep_aliases(aliases)
        return aliases

    def _keep_aliases(self, aliases: Mapping[str, str]) -> None:
        self._cache.kept = self.state.rewritten, aliases

    # -- statements ------------------------------------------------------------------------------------------------

    def rows(self, sql: str, *values: object) -> list[Any]:
        """Return the rows that a statement selects."""
        return self._execute(sql, values)

    def named_rows(self, sql: str, values: Mapping[str, object]) -> list[Any]:
        """Return the rows that a statement with named values selects."""
        return self._execute(sql, values)

    def row(self, sql: str, *values: object) -> tuple[Any, ...]:
        """Return the one row that a statement selects."""
        if not (rows := self._execute(sql, values)):
            raise MemoryFileError(f"{self.db.path}: damaged: a row is missing ({' '.join(sql.split())[:60]}...)")
        row: tuple[Any, ...] = rows[0]
        return row

    def _execute(self, sql: str, values: tuple[object, ...] | Mapping[str, object]) -> list[Any]:
        try:
            return self._connection.execute(sql, values).fetchall()
        except SQLITE_ERRORS as error:
            raise self.db.mapped(error) from error

    @contextmanager
    def decoding(self) -> Iterator[None]:
        """Report rows that this package does not write as damage of the file."""
        try:
            yield
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
            raise MemoryFileError(f"{self.db.path}: damaged: {type(error).__name__}: {error}") from error

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
        names = [
            *self.aliases,
            *map(identity_of, self.aliases.values()),
        ]  # a target is kept: "Ann" in "Ann Smith" is none
        names = sorted({name for name in names if re.search(r"\w", name)}, key=lambda name: (-len(name), name))
        pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names)) or '(?!)'})(?!\w)", re.IGNORECASE)
        return pattern.sub(lambda found: self.aliases.get(identity_of(found[0]), found[0]), text)

    def alias_rows(self) -> list[tuple[str, str, str]]:
        """Return identity, first written form and target of each merged name."""
        sql = "SELECT identity, shown, target FROM alias WHERE space = ? ORDER BY identity"
        return self.rows(sql, self.state.id)

    # -- time ------------------------------------------------------------------------------------------------------

    def to_clock(self, at: When) -> int:
        """Return a world time as the file keeps it; raises InvalidInput for the other kind of time."""
        check_time(at)
        kind, clock = clock_of(at), self.state.clock
        if clock not in (None, kind):
            raise InvalidInput(f"at={at!r} is of the kind {kind}, but this space uses {clock} times")
        if not isinstance(at, datetime):
            if not -_MOST <= at < _MOST:
                raise InvalidInput("a world time lies within 64 bits; this number does not")
            return int(at)
        try:
            return (at.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)
        except OverflowError as error:
            raise InvalidInput(f"{at!r} lies outside the years 1 to 9999 of UTC") from error

    def from_clock(self, ticks: int) -> When:
        """Return a world time as callers see it."""
        return _EPOCH + timedelta(microseconds=ticks) if self.state.clock == "datetime" else ticks

    # -- whole file and whole episodes -----------------------------------------------------------------------------

    def spaces(self) -> list[str]:
        """Return the names of all spaces of the file that were ever written to."""
        return [name for (name,) in self.rows("SELECT name FROM space ORDER BY id")]

    def update_of(self, number: int) -> Update:
        """Return what an episode changed, as it was then."""
        changes, (reading, _) = self.episodes.changes_of(number), self.episodes.reading_of(number)
        with self.decoding():
            seen = self.facts.by_id((*changes.added, *changes.restated, *changes.retired), number)
            added, restated, retired = (
                tuple(seen[fact] for fact in facts) for facts in (changes.added, changes.restated, changes.retired)
            )
            episode = self.episodes.some([number])[0]
        return Update(episode, reading, added, restated, retired, changes.refused)


class Transaction(View):
    """A view that can also write."""

    facts: FactWriter
    episodes: EpisodeWriter
    vectors: VectorWriter

    def __init__(self, db: Database, connection: sqlite3.Connection, space: str, cache: AliasCache) -> None:
        super().__init__(db, connection, space, cache)
        self.facts, self.episodes, self.vectors = FactWriter(self), EpisodeWriter(self), VectorWriter(self)

    def _load(self) -> State:
        state = super()._load()
        if not state.id:
            self.run("INSERT INTO space (name) VALUES (?)", self.space)
            state = super()._load()
        return state

    def _keep_aliases(self, aliases: Mapping[str, str]) -> None:
        """Keep nothing: others must not see what is not committed yet."""

    def run(self, sql: str, *values: object) -> None:
        """Run a statement."""
        self._execute(sql, values)

    def run_many(self, sql: str, rows: list[tuple[object, ...]]) -> None:
        """Run a statement once for each row of values."""
        try:
            self._connection.executemany(sql, rows)
        except SQLITE_ERRORS as error:
            raise self.db.mapped(error) from error

    def advance(self, number: int) -> None:
        """Record the number of the newest episode."""
        self.run("UPDATE space SET last = ? WHERE id = ?", number, self.state.id)
        self.state = replace(self.state, last=number)

    def set_slots(self, slots: str | None) -> None:
        """Record the table of slots; None is the one that comes with this package."""
        self.run("UPDATE space SET slots = ? WHERE id = ?", slots, self.state.id)
        self.state = replace(self.state, slots=slots)

    def keep_clock(self, at: When) -> int:
        """Return a world time as the file keeps it; the first one sets the kind of time of the space."""
        ticks = self.to_clock(at)
        if self.state.clock is None:
            self.set_clock(clock_of(at))
        return ticks

    def set_clock(self, clock: str) -> None:
        """Record the kind of world time: "int" or "datetime"."""
        self.run("UPDATE space SET clock = ? WHERE id = ?", clock, self.state.id)
        self.state = replace(self.state, clock=clock)

    def mark_rewritten(self) -> None:
        """Record that the past changed, so that all copies in RAM are read again."""
        self.run("UPDATE space SET rewritten = rewritten + 1 WHERE id = ?", self.state.id)
        self.state = replace(self.state, rewritten=self.state.rewritten + 1)
        self.aliases = self._load_aliases()

    def add_alias(self, identity: str, shown: str, target: str) -> None:
        """Merge a name into another; `mark_rewritten` makes it count."""
        self.run("INSERT OR REPLACE INTO alias VALUES (?, ?, ?, ?)", self.state.id, identity, shown, target)

    def delete_alias(self, identity: str) -> None:
        """Undo a merge; `mark_rewritten` makes it count."""
        self.run("DELETE FROM alias WHERE space = ? AND identity = ?", self.state.id, identity)


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
