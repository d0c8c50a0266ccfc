"""The memory's file: all SQL that reads or writes it stands here, its tables in schema.py. Decides nothing.

A space has its own names, facts and episodes; vectors are functions of their text alone, and are shared. World time is
an integer: itself, or microseconds since 1970 (UTC).
"""

from __future__ import annotations

import json
import math
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from ariadne.errors import MemoryFileError
from ariadne.memory.invalid import InvalidInput
from ariadne.memory.moments import END, NOW, OPEN, FactRow, Moment
from ariadne.memory.names import identity, key
from ariadne.memory.schema import connect
from ariadne.values import Episode, Fact, Reading, Replacement, Triplet, Update, When

_FACT = """
SELECT f.id, f.subject, f.relation, f.object, f.valid_from, iif(f.retired_in > :until, NULL, f.valid_to), f.learned_in,
       iif(f.retired_in > :until, NULL, f.retired_in),
       (SELECT group_concat(episode) FROM fact_episode WHERE fact = f.id AND episode <= :until)
FROM fact f WHERE """
_TOUCHING = (
    "f.id IN (SELECT id FROM fact f WHERE f.subject_id = :name AND {held}"
    " UNION SELECT id FROM fact f WHERE f.object_id = :name AND {held})"
)

_READING = TypeAdapter(Reading)
_REFUSED = TypeAdapter(tuple[Replacement, ...])
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Store:
    """One space of one file. Every call belongs inside `reading()` or `writing()`; threads queue there."""

    def __init__(self, path: str | Path, space: str = "default") -> None:
        self.path = str(path)
        self._lock = threading.RLock()
        self._kind: str | None = None
        with self._mapped():
            self._db = connect(self.path)
        try:
            with self.writing():
                self._db.execute("INSERT OR IGNORE INTO space (name) VALUES (?)", (space,))
                self._space = self._one("SELECT id FROM space WHERE name = ?", space)[0]
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One look at the file: what other processes write meanwhile is not seen."""
        with self._lock, self._mapped():
            outermost = not self._db.in_transaction
            if outermost:
                self._db.execute("BEGIN")
            try:
                yield
            finally:
                if outermost and self._db.in_transaction:
                    self._db.execute("COMMIT")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction, durable when it ends; whatever is raised inside leaves the file as it was."""
        with self._lock, self._mapped():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                self._kind = None
                raise

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        """The one place where SQLite's complaints become ours."""
        try:
            yield
        except (sqlite3.DataError, OverflowError, UnicodeEncodeError) as error:
            raise InvalidInput(f"{self.path}: cannot keep this: {error}") from error
        except sqlite3.ProgrammingError as error:
            raise MemoryFileError(f"{self.path}: {error}") from error
        except sqlite3.OperationalError as error:
            raise MemoryFileError(f"{self.path}: cannot be used as a memory now: {error}") from error
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            raise MemoryFileError(f"{self.path}: not a memory, or damaged: {error}") from error

    @contextmanager
    def _decoding(self) -> Iterator[None]:
        """Rows that are not as this class writes them come of a damaged file."""
        try:
            yield
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise MemoryFileError(f"{self.path}: damaged: {type(error).__name__}: {error}") from error

    # -- time ------------------------------------------------------------------------------------------------------

    def to_clock(self, at: When) -> int:
        """World time as the space keeps it; a space keeps the kind of time that it was first given."""
        if not isinstance(at, int | datetime):
            raise InvalidInput(f"world time is an int or an aware datetime, not {at!r}")
        kind = "datetime" if isinstance(at, datetime) else "int"
        if (clock := self._clock()) not in (None, kind):
            raise InvalidInput(f"this space tells time by {clock}, not by {kind} ({at!r}): one kind in a space")
        if not isinstance(at, datetime):
            return at
        if at.tzinfo is None:
            raise InvalidInput(f"{at!r} has no time zone: give an aware datetime")
        return (at - _EPOCH) // timedelta(microseconds=1)

    def from_clock(self, ticks: int) -> When:
        return _EPOCH + timedelta(microseconds=ticks) if self._clock() == "datetime" else ticks

    def time_of(self, number: int) -> tuple[int, int]:
        """The world time of an episode, and the latest of all."""
        sql = "SELECT at, (SELECT max(at) FROM episode WHERE space = ?1) FROM episode WHERE space = ?1 AND number = ?2"
        at, latest = self._one(sql, self._space, number)
        return at, latest

    def _clock(self) -> str | None:
        if self._kind is None:  # once set it never changes
            self._kind = self._one("SELECT clock FROM space WHERE id = ?", self._space)[0]
        return self._kind

    # -- episodes --------------------------------------------------------------------------------------------------

    def last_episode(self) -> int:
        number: int = self._one("SELECT ifnull(max(number), 0) FROM episode WHERE space = ?", self._space)[0]
        return number

    def number_of(self, name: str) -> int | None:
        """The episode that was remembered under a key."""
        rows = self._all("SELECT number FROM episode WHERE space = ? AND key = ?", self._space, name)
        return rows[0][0] if rows else None

    def add_episode(self, episode: Episode, name: str | None, reading: Reading) -> None:
        kind = "datetime" if isinstance(episode.at, datetime) else "int"
        at = self.to_clock(episode.at)
        self._db.execute("UPDATE space SET clock = ? WHERE id = ? AND clock IS NULL", (kind, self._space))
        row = (self._space, episode.id, episode.text, at, episode.source, json.dumps(dict(episode.metadata)), name)
        read = _READING.dump_json(reading).decode()
        self._db.execute("INSERT INTO episode VALUES (?, ?, ?, ?, ?, ?, ?, ?, '[]', '[]')", (*row, read))
        words = (self._row_of_words(episode.id), episode.text)
        self._db.execute("INSERT INTO episode_words (rowid, text) VALUES (?, ?)", words)

    def _row_of_words(self, number: int) -> int:
        space: int = self._space
        return (space << 40) + min(number, (1 << 40) - 1)

    def episodes_saying(self, words: Sequence[str], until: int = END) -> dict[int, float]:
        """The episodes of this space, up to one, whose text has some of these words, each with the sum of these words'
        weights: the square of BM25's inverse document frequency over the same episodes, so that rare words decide."""
        sql = "SELECT rowid - ?2 FROM episode_words WHERE episode_words MATCH ?1 AND rowid BETWEEN ?2 AND ?3"
        first, last = self._row_of_words(0), self._row_of_words(until)
        most = min(self.last_episode(), until)
        scores: dict[int, float] = defaultdict(float)
        for word in words:
            saying = self._all(sql, f'"{word}"', first, last)
            weight = math.log(1 + (most - len(saying) + 0.5) / (len(saying) + 0.5))
            for (number,) in saying:
                scores[number] += weight**2
        return {number: round(score, 4) for number, score in scores.items()}

    def episodes(self, numbers: Iterable[int] | None = None, until: int = END) -> list[Episode]:
        """Episodes in their order: all, or those asked for."""
        sql = "SELECT number, text, at, source, metadata FROM episode WHERE space = :space AND number <= :until"
        if numbers is not None:
            sql += f" AND number IN ({_list(numbers)})"
        rows = self._db.execute(f"{sql} ORDER BY number", {"space": self._space, "until": until}).fetchall()
        with self._decoding():
            return [Episode(n, told, self.from_clock(at), by, json.loads(meta)) for n, told, at, by, meta in rows]

    def episodes_of(self, numbers: Sequence[int]) -> list[Episode]:
        """The episodes of these numbers, in this order."""
        seen = {episode.id: episode for episode in self.episodes(numbers)}
        with self._decoding():
            return [seen[number] for number in numbers]

    def episodes_where(self, wanted: Mapping[str, str]) -> set[int]:
        """Numbers of the episodes that have this source (under "source") and this metadata (all else)."""
        sql = "SELECT number FROM episode WHERE space = ?"
        values: list[object] = [self._space]
        for name, value in wanted.items():
            if name == "source":
                sql += " AND source = ?"
                values.append(value)
            else:
                sql += " AND EXISTS (SELECT 1 FROM json_each(metadata) WHERE key = ? AND value = ?)"
                values += [name, value]
        return {number for (number,) in self._db.execute(sql, values)}

    def close_episode(self, number: int, changes: Sequence[Sequence[int]], refused: tuple[Replacement, ...]) -> None:
        """Set down what an episode changed: the facts it added, restated and retired, and what was refused it."""
        row = (json.dumps(changes), _REFUSED.dump_json(refused).decode(), self._space, number)
        self._db.execute("UPDATE episode SET changes = ?, refused = ? WHERE space = ? AND number = ?", row)

    def update_of(self, number: int) -> Update:
        """What remembering an episode changed, as it was then."""
        row = self._one(
            "SELECT reading, refused, changes FROM episode WHERE space = ? AND number = ?", self._space, number
        )
        with self._decoding():
            changes = json.loads(row[2])
            seen = self.facts_by_id([fact for facts in changes for fact in facts], number)
            added, restated, retired = (tuple(seen[fact] for fact in facts) for facts in changes)
            reading, refused = _READING.validate_json(row[0]), _REFUSED.validate_json(row[1])
        return Update(self.episodes([number])[0], reading, added, restated, retired, refused)

    # -- facts -----------------------------------------------------------------------------------------------------

    def name_id(self, name: str) -> int | None:
        rows = self._all("SELECT id FROM name WHERE space = ? AND identity = ?", self._space, identity(name))
        return rows[0][0] if rows else None

    def names_after(self, last: int) -> list[tuple[int, str, str]]:
        """Id, identity and first written form of the names that came after one, in their order."""
        return self._all(
            "SELECT id, identity, shown FROM name WHERE space = ? AND id > ? ORDER BY id", self._space, last
        )

    def current(self, triplet: Triplet) -> int | None:
        """The id of the current fact that says this."""
        subject, predicate, thing = key(triplet)
        rows = self._all(
            "SELECT f.id FROM fact f, name s, name o WHERE s.space = ?1 AND s.identity = ?2 AND o.space = ?1"
            " AND o.identity = ?4 AND f.subject_id = s.id AND f.predicate = ?3 AND f.object_id = o.id"
            " AND f.retired_in IS NULL",
            self._space, subject, predicate, thing,
        )  # fmt: skip
        return rows[0][0] if rows else None

    def covering(self, triplet: Triplet, at: int) -> int | None:
        """The id of the fact, past or current, that says that this held at a time."""
        then = self.facts(Moment(valid_at=self.from_clock(at)), triplet.subject)
        return next((number for number, fact in then.items() if key(fact.triplet) == key(triplet)), None)

    def began(self, fact: int) -> int:
        since: int = self._one("SELECT valid_from FROM fact WHERE id = ?", fact)[0]
        return since

    def add_fact(self, triplet: Triplet, at: int, number: int, closed: tuple[int, int] | None) -> int:
        """A new fact, closed from the start where it was told late: (valid to, the episode that says so)."""
        ids = self._name(triplet.subject), key(triplet)[1], self._name(triplet.object)
        row = (self._space, *ids, triplet.subject, triplet.relation, triplet.object, at, *(closed or (None, None)))
        sql = (
            "INSERT INTO fact (space, subject_id, predicate, object_id, subject, relation, object, valid_from,"
            " valid_to, retired_in, learned_in) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id"
        )
        fact: int = self._one(sql, *row, number)[0]
        self.state(fact, number)
        return fact

    def state(self, fact: int, number: int) -> None:
        """Tie a fact to an episode that states it."""
        self._db.execute("INSERT OR IGNORE INTO fact_episode VALUES (?, ?, ?)", (fact, self._space, number))

    def retire(self, fact: int, at: int, number: int) -> None:
        self._db.execute("UPDATE fact SET valid_to = ?, retired_in = ? WHERE id = ?", (at, number, fact))

    def facts(self, moment: Moment = NOW, about: str | None = None) -> dict[int, Fact]:
        """Facts that hold at a moment, in the order learned, by id: all, or those that touch a name."""
        if about is None:
            return self._facts(f"f.space = :space AND {moment.held}", moment)
        name = self.name_id(about)
        return {} if name is None else self._facts(_TOUCHING.format(held=moment.held), moment, name=name)

    def history(self, name: str, until: int = END) -> dict[int, Fact]:
        """Every fact that ever touched a name."""
        known = "f.learned_in <= :until"
        return self._facts(_TOUCHING.format(held=known), Moment(until), name=self.name_id(name))

    def facts_after(self, name: str, at: int) -> dict[int, Fact]:
        """Every fact about a name that was not over yet at a time, whether it had begun or not."""
        lasting = "(f.valid_to IS NULL OR f.valid_to > :at)"
        return self._facts(_TOUCHING.format(held=lasting), NOW, name=self.name_id(name), at=at)

    def facts_by_id(self, ids: Iterable[int], until: int = END) -> dict[int, Fact]:
        return self._facts(f"f.id IN ({_list(ids)})", Moment(until))

    def facts_by_predicate(self, predicates: Iterable[str], moment: Moment = NOW) -> dict[int, Fact]:
        asked = f"f.space = :space AND f.predicate IN (SELECT value FROM json_each(:predicates)) AND {moment.held}"
        return self._facts(asked, moment, predicates=json.dumps(list(predicates)))

    def facts_around(self, names: Iterable[int], values: Iterable[str], moment: Moment = NOW) -> dict[int, Fact]:
        """Facts that touch any of the names (ids), but as the object of relations whose objects are mere values."""
        asked = (
            f"f.id IN (SELECT id FROM fact f WHERE f.subject_id IN ({(few := _list(names))}) AND {moment.held} UNION"
            f" SELECT id FROM fact f WHERE f.object_id IN ({few}) AND {moment.held}"
            " AND f.predicate NOT IN (SELECT value FROM json_each(:values)))"
        )
        return self._facts(asked, moment, values=json.dumps(list(values)))

    def _facts(self, condition: str, moment: Moment, **asked: object) -> dict[int, Fact]:
        valid_at = None if moment.valid_at is None else self.to_clock(moment.valid_at)
        bound = {"space": self._space, "until": moment.until, "valid_at": valid_at, **asked}
        rows = self._db.execute(f"{_FACT}{condition} ORDER BY f.id", bound).fetchall()
        with self._decoding():
            return {row[0]: self._fact(row) for row in rows}

    def _fact(self, row: tuple[Any, ...]) -> Fact:
        _, subject, relation, thing, since, to, learned_in, retired_in, told = row
        until = None if to is None else self.from_clock(to)
        episodes = tuple(sorted(map(int, told.split(","))))
        return Fact(subject, relation, thing, self.from_clock(since), until, learned_in, retired_in, episodes)

    def _name(self, shown: str) -> int:
        if (found := self.name_id(shown)) is not None:
            return found
        sql = "INSERT INTO name (space, identity, shown) VALUES (?, ?, ?) RETURNING id"
        new: int = self._one(sql, self._space, identity(shown), shown)[0]
        return new

    # -- what the index in RAM asks --------------------------------------------------------------------------------

    def rows_after(self, number: int) -> list[FactRow]:
        """The facts learned after an episode."""
        sql = (
            "SELECT f.id, s.identity, f.predicate, o.identity, f.valid_from, ifnull(f.valid_to, ?), f.learned_in,"
            " ifnull(f.retired_in, ?)"
            " FROM fact f JOIN name s ON s.id = f.subject_id JOIN name o ON o.id = f.object_id"
            " WHERE f.space = ? AND f.learned_in > ? ORDER BY f.id"
        )
        return [FactRow(*row) for row in self._all(sql, OPEN, OPEN, self._space, number)]

    def retired_after(self, number: int) -> list[tuple[int, int, int]]:
        """Id, valid to and retiring episode of the facts retired after an episode."""
        sql = "SELECT id, valid_to, retired_in FROM fact WHERE space = ? AND retired_in > ? ORDER BY id"
        return self._all(sql, self._space, number)

    def stated_in(self, numbers: Iterable[int]) -> set[int]:
        """Ids of the facts that any of the episodes states."""
        sql = f"SELECT fact FROM fact_episode WHERE space = ? AND episode IN ({_list(numbers)})"
        return {fact for (fact,) in self._all(sql, self._space)}

    def stated_only_in(self, numbers: Iterable[int], until: int = END) -> set[int]:
        """Ids of the facts that these episodes state and, up to `until`, no other."""
        few = _list(numbers)
        sql = (
            f"SELECT fact FROM fact_episode t WHERE space = ? AND episode IN ({few}) AND NOT EXISTS (SELECT 1 FROM"
            f" fact_episode o WHERE o.fact = t.fact AND o.episode <= ? AND o.episode NOT IN ({few}))"
        )
        return {fact for (fact,) in self._all(sql, self._space, until)}

    def shares(self, facts: Iterable[int], until: int = END) -> list[tuple[int, int, int]]:
        """For each episode that states any of the facts: its number, how many of them, and of how many in all."""
        sql = (
            "SELECT t.episode, count(*), (SELECT count(*) FROM fact_episode a WHERE a.space = t.space AND"
            f" a.episode = t.episode) FROM fact_episode t WHERE t.space = ? AND t.fact IN ({_list(facts)})"
            " AND t.episode <= ? GROUP BY t.episode ORDER BY t.episode"
        )
        return self._all(sql, self._space, until)

    # -- vectors ---------------------------------------------------------------------------------------------------

    def vectors(self, embedder: str, texts: Iterable[str]) -> dict[str, bytes]:
        """The vectors kept for texts, little-endian float32; texts without one are left out."""
        sql = "SELECT data FROM vector WHERE embedder = ? AND text = ?"
        return {text: rows[0][0] for text in texts if (rows := self._all(sql, embedder, text))}

    def add_vectors(self, embedder: str, vectors: Mapping[str, bytes]) -> None:
        rows = [(embedder, text, data) for text, data in vectors.items()]
        self._db.executemany("INSERT OR IGNORE INTO vector VALUES (?, ?, ?)", rows)

    def _one(self, sql: str, *values: object) -> tuple[Any, ...]:
        row: tuple[Any, ...] = self._db.execute(sql, values).fetchone()
        return row

    def _all(self, sql: str, *values: object) -> list[Any]:
        return self._db.execute(sql, values).fetchall()


def _list(numbers: Iterable[int]) -> str:
    """Integers, and nothing else, as they may stand in SQL."""
    return ",".join(str(int(number)) for number in numbers)
