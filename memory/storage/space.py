"""One space of a file: its transactions, its clock, how far it has come, and which names mean another.

World time is kept as an integer: itself, or microseconds since 1970 (UTC).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ariadne.errors import InvalidInput, MemoryFileError
from ariadne.memory.inputs import check_time
from ariadne.memory.ontology.names import identity_of
from ariadne.memory.storage.database import Database
from ariadne.values import Triplet, When

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST = 2**63
_UNREAD: tuple[int, Mapping[str, str]] = (-1, {})


@dataclass(frozen=True)
class State:
    """A space as one transaction sees it; `id` 0 where nothing was ever written to it.

    `last` is the number of its newest episode ever; `rewritten` counts how often its past was (forget, merge, split);
    `slots` is the table that it is revised by, where that is not the one that comes with this package.
    """

    id: int = 0
    clock: str | None = None
    last: int = 0
    rewritten: int = 0
    slots: str | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)
    """The names (identities) that were merged into another, and how that one is written."""


class Space:
    """A space by its name, on a database; another memory's threads and processes may use the same."""

    def __init__(self, db: Database, name: str) -> None:
        self.db, self.name = db, name
        self._here = threading.local()
        self._aliases = _UNREAD

    @property
    def state(self) -> State:
        """How far the space has come, as the transaction that this thread is in sees it."""
        state: State = self._here.state
        return state

    @property
    def id(self) -> int:
        return self.state.id

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One look at the space; see Database."""
        with self.db.reading() as begins:
            if begins:
                self._look()
            yield

    @contextmanager
    def writing(self, *, undone: bool = False) -> Iterator[None]:
        """One transaction; see Database."""
        with self.db.writing(undone=undone) as begins:
            if begins:
                self.db.run("INSERT OR IGNORE INTO space (name) VALUES (?)", self.name)
                self._look()
            yield

    def advance(self, number: int) -> None:
        """Set down that an episode of this number was written."""
        self.db.run("UPDATE space SET last = ? WHERE id = ?", number, self.id)
        self._look()

    def revise_by(self, slots: str | None) -> None:
        """Set down by which table of slots the space is revised; None: by the one that comes with this package."""
        self.db.run("UPDATE space SET slots = ? WHERE id = ?", slots, self.id)
        self._look()

    def rewrite(self) -> None:
        """Set down that the past is not what it was: whoever keeps something of it in RAM must read it anew."""
        self.db.run("UPDATE space SET rewritten = rewritten + 1 WHERE id = ?", self.id)
        self._look()

    def _look(self) -> None:
        rows = self.db.all("SELECT id, clock, last, rewritten, slots FROM space WHERE name = ?", self.name)
        if not rows:
            self._here.state = State()
            return
        space, clock, last, rewritten, slots = rows[0]
        known, aliases = self._aliases
        if known != rewritten:
            told = dict(self.db.all("SELECT identity, meant FROM alias WHERE space = ?", space))
            with self.decoding():
                aliases = {name: _followed(name, told) for name in told}
            if not self.db.is_writing:  # what is not committed yet is nobody else's
                self._aliases = (rewritten, aliases)
        self._here.state = State(space, clock, last, rewritten, slots, aliases)

    # -- names -----------------------------------------------------------------------------------------------------

    def meant(self, name: str) -> str:
        """The name that a name was merged into; itself where it was not."""
        aliases = self.state.aliases
        return aliases.get(identity_of(name), name) if aliases else name

    def as_meant(self, triplet: Triplet) -> Triplet:
        """The triplet with the names that its names were merged into."""
        if not self.state.aliases:
            return triplet
        return Triplet(self.meant(triplet.subject), triplet.relation, self.meant(triplet.object))

    def add_alias(self, identity: str, shown: str, meant: str) -> None:
        self.db.run("INSERT OR REPLACE INTO alias VALUES (?, ?, ?, ?)", self.id, identity, shown, meant)

    def delete_alias(self, identity: str) -> None:
        self.db.run("DELETE FROM alias WHERE space = ? AND identity = ?", self.id, identity)

    def aliases(self) -> list[tuple[str, str, str]]:
        """Identity and first written form of each name that was merged into another, and that other."""
        sql = "SELECT identity, shown, meant FROM alias WHERE space = ? ORDER BY identity"
        return self.db.all(sql, self.id)

    def text_as_meant(self, text: str) -> str:
        """A text with the names that were merged put as what they mean, whole words only."""
        aliases = self.state.aliases
        if not aliases:
            return text
        names = [*aliases, *map(identity_of, aliases.values())]  # what is meant stays: "Ann" in "Ann Smith" is none
        names = sorted({name for name in names if re.search(r"\w", name)}, key=lambda name: (-len(name), name))
        pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names)) or '(?!)'})(?!\w)", re.IGNORECASE)
        return pattern.sub(lambda found: aliases.get(identity_of(found[0]), found[0]), text)

    # -- time ------------------------------------------------------------------------------------------------------

    def to_clock(self, at: When) -> int:
        """World time as the space keeps it; a space keeps the kind of time that it was first given."""
        check_time(at)
        kind, clock = _kind(at), self.state.clock
        if clock not in (None, kind):
            raise InvalidInput(f"this space tells time by {clock}, not by {kind} ({at!r}): one kind in a space")
        if not isinstance(at, datetime):
            if not -_MOST <= at < _MOST:
                raise InvalidInput("a world time lies within 64 bits; this number does not")
            return at
        try:
            return (at.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)
        except OverflowError as error:
            raise InvalidInput(f"{at!r} lies outside the years 1 to 9999 of UTC") from error

    def from_clock(self, ticks: int) -> When:
        return _EPOCH + timedelta(microseconds=ticks) if self.state.clock == "datetime" else ticks

    def keep_clock(self, at: When) -> int:
        """The same as `to_clock`, and the space keeps this kind of time from now on."""
        ticks = self.to_clock(at)
        if self.state.clock is None:
            self.tell_time_by(_kind(at))
        return ticks

    def tell_time_by(self, clock: str) -> None:
        """Set down how the space tells world time: by "int" or "datetime"."""
        self.db.run("UPDATE space SET clock = ? WHERE id = ?", clock, self.id)
        self._look()

    @contextmanager
    def decoding(self) -> Iterator[None]:
        """Rows that are not as this package writes them come of a damaged file."""
        try:
            yield
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
            raise MemoryFileError(f"{self.db.path}: damaged: {type(error).__name__}: {error}") from error


def _followed(name: str, aliases: Mapping[str, str]) -> str:
    """The name at the end of a chain of merges; raises ValueError for a chain that has none."""
    meant = aliases[name]
    for _ in aliases:
        if identity_of(meant) not in aliases:
            return meant
        meant = aliases[identity_of(meant)]
    raise ValueError(f"{name!r} was merged in a circle")


def _kind(at: When) -> str:
    return "datetime" if isinstance(at, datetime) else "int"
