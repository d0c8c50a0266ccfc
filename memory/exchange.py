"""A space as JSON lines: what is exported is imported as the same memory, whatever reads and revises there.

The first line of an export tells of the space; then comes a line an episode, with its text, how it was read and what it
changed, facts numbered as they were learned. A line of one's own needs only a "text"; it is remembered as any other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from pydantic import TypeAdapter

from ariadne.errors import InvalidInput, MemoryFileError
from ariadne.memory.episodes import Changes
from ariadne.memory.learning import tie
from ariadne.memory.lines import FORMAT, Exported, Header, parsed
from ariadne.memory.remembering import Writer
from ariadne.memory.store import Store
from ariadne.memory.told import Told
from ariadne.values import Episode, Reading, Replacement, Triplet, When

BATCH = 200
"""Lines taken in in one transaction."""
_READING = TypeAdapter(Reading)
_REFUSED = TypeAdapter(tuple[Replacement, ...])


@dataclass(frozen=True)
class Imported:
    """What an import did: how many episodes are new, and how many had been there already."""

    added: int
    known: int


# -- out ---------------------------------------------------------------------------------------------------------------


def export_to(store: Store, target: str | Path | TextIO) -> int:
    """Write a space as JSON lines and give how many episodes it has."""
    if not isinstance(target, str | Path):
        return _write(store, target)
    try:
        with Path(target).open("x", encoding="utf-8", newline="\n") as file:
            return _write(store, file)
    except OSError as error:
        raise MemoryFileError(f"{target}: cannot be exported to: {error}") from error


def _write(store: Store, file: TextIO) -> int:
    with store.reading():
        for line in _lines(store):
            file.write(f"{json.dumps(line)}\n")
        return len(store.episodes.numbers())


def _lines(store: Store) -> Iterator[dict[str, Any]]:
    state = store.space.state
    aliases = [{"identity": known, "shown": shown, "meant": meant} for known, shown, meant in store.aliases()]
    yield {
        "ariadne": "memory", "format": FORMAT, "space": store.space.name, "clock": state.clock, "last": state.last,
        "aliases": aliases,
    }  # fmt: skip
    numbers = dict[int, int]()  # of facts: as the file has them, as the export has them
    for number in store.episodes.numbers():
        changes = store.episodes.changes_of(number)
        for fact in changes.added:
            numbers[fact] = len(numbers) + 1
        yield _line(store, number, changes, numbers)


def _line(store: Store, number: int, changes: Changes, numbers: dict[int, int]) -> dict[str, Any]:
    episode, key = store.episodes.some([number])[0], store.episodes.key_of(number)
    reading, correction = store.episodes.reading_of(number)
    facts = store.facts.times_of((*changes.added, *changes.retired))

    def added(fact: int) -> dict[str, Any]:
        triplet, since, until, retired_in = facts[fact]
        late = {"valid_to": _told_time(until), "retired_in": retired_in} if retired_in and retired_in < number else {}
        return {"triplet": triplet, "valid_from": _told_time(since), **late}

    return {
        "episode": number, "text": episode.text, "at": _told_time(episode.at), "source": episode.source,
        "metadata": dict(episode.metadata), "key": key, "correction": correction,
        "reading": _READING.dump_python(reading, mode="json"),
        "refused": _REFUSED.dump_python(changes.refused, mode="json"),
        "added": [added(fact) for fact in changes.added],
        "restated": [numbers[fact] for fact in changes.restated],
        "retired": [{"fact": numbers[fact], "valid_to": _told_time(facts[fact][2])} for fact in changes.retired],
    }  # fmt: skip


def _told_time(at: When) -> int | str:
    return at.isoformat() if isinstance(at, datetime) else at


# -- in ----------------------------------------------------------------------------------------------------------------


def import_from(
    writer: Writer, lines: str | Path | Iterable[str], name: str | None, progress: Callable[[int], None] | None
) -> Imported:
    """Take in JSON lines, 200 to a transaction; see AriGraph.import_from."""
    with _opened(lines) as opened:
        taking = _Taking(
            writer, name if name is not None else Path(lines).name if isinstance(lines, str | Path) else ""
        )
        for number, line in enumerate(opened, 1):
            if line.strip():
                taking.take(number, line.strip())
            if progress and number % BATCH == 0:
                progress(number)
        taking.finish()
    return Imported(taking.added, taking.known)


@contextmanager
def _opened(lines: str | Path | Iterable[str]) -> Iterator[Iterable[str]]:
    if not isinstance(lines, str | Path):
        yield lines
        return
    try:
        with Path(lines).open(encoding="utf-8-sig", newline="\n") as file:
            yield file
    except OSError as error:
        raise MemoryFileError(f"{lines}: cannot be read: {error}") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{lines}: not a text in UTF-8: {error}") from error


class _Taking:
    """An import under way. What is in the space already is met again, not told twice: lines of one's own without a key
    are known by all lines up to them and the file's name."""

    def __init__(self, writer: Writer, name: str) -> None:
        self.added = self.known = 0
        self._writer, self._store = writer, writer.store
        self._digest = hashlib.sha256(name.encode("utf-8", "surrogatepass"))
        self._header: Header | None = None
        self._own = list[tuple[int, Told]]()
        self._exported = list[tuple[int, Exported]]()
        with self._store.reading():
            self._facts = self._store.facts.ids()

    def take(self, number: int, line: str) -> None:
        """Take in one line; raises InvalidInput for one that cannot be, once those before it are kept."""
        self._digest.update(line.encode("utf-8", "surrogatepass"))
        try:
            told = parsed(line, f"import {self._digest.hexdigest()[:32]}")
        except InvalidInput as error:
            self._flush()
            raise InvalidInput(f"line {number}: {error}") from error
        if isinstance(told, Header):
            self._begin(number, told)
        elif isinstance(told, Told):
            self._own.append((number, told))
        else:
            self._exported.append((number, told))
        if len(self._own) + len(self._exported) >= BATCH:
            self._flush()

    def finish(self) -> None:
        """Write what is left, and go on counting episodes where the exported space did."""
        self._flush()
        if self._header is None:
            return
        with self._store.writing():
            if self._header.last > self._store.space.state.last:
                self._store.space.advance(self._header.last)
            if (
                len(self._store.episodes.numbers()) < self._store.space.state.last
                and not self._store.space.state.rewritten
            ):
                self._store.space.rewrite()

    def _begin(self, number: int, header: Header) -> None:
        if number != 1 or header.ariadne != "memory":
            raise InvalidInput(f"line {number}: an export's first line stands here; one file holds one export")
        if header.format > FORMAT:
            raise InvalidInput(f"exported by a newer Ariadne (format {header.format}, this one reads {FORMAT})")
        self._header = header
        with self._store.writing():
            there = [(alias.identity, alias.shown, alias.meant) for alias in header.aliases]
            if not self._store.space.state.last and there:
                for alias in there:
                    self._store.add_alias(*alias)
                self._store.space.rewrite()
            elif sorted(there) != self._store.aliases():
                raise InvalidInput(
                    "other names were merged in this space than in the export: import into a space of its own"
                )

    def _flush(self) -> None:
        own, exported = self._own, self._exported
        self._own, self._exported = [], []
        if own:
            self._remember(own)
        if exported:
            self._restore(exported)

    def _remember(self, own: Sequence[tuple[int, Told]]) -> None:
        with self._store.reading():
            last = self._store.space.state.last
        try:
            updates = self._writer.remember_all([told for _, told in own])
        except InvalidInput as error:
            if len(own) == 1:
                raise InvalidInput(f"line {own[0][0]}: {error}") from error
            for one in own:  # those before the one that cannot be kept are
                self._remember([one])
            return
        new = sum(update.episode.id > last for update in updates)
        self.added, self.known = self.added + new, self.known + len(updates) - new

    def _restore(self, exported: Sequence[tuple[int, Exported]]) -> None:
        triplets = [Triplet(*added.triplet) for _, line in exported for added in line.added]
        vectors = self._writer.vectors_of(triplets)
        added, facts = 0, list(self._facts)
        with self._store.writing():
            self._writer.keep(vectors)
            for number, line in exported:
                try:
                    added += _restored(self._store, line, facts)
                except InvalidInput as error:
                    raise InvalidInput(f"line {number}: {error}") from error
        self.added, self.known, self._facts = self.added + added, self.known + len(exported) - added, facts


def _restored(store: Store, line: Exported, facts: list[int]) -> bool:
    """Write an exported episode and what it changed; False where it is there. `facts` are ids by number, and grow."""
    number = line.episode
    episode = Episode(number, line.text, line.at, line.source, line.metadata)
    if number <= store.space.state.last:
        if store.episodes.some([number]) == [episode] and store.episodes.key_of(number) == line.key:
            return False
        raise InvalidInput(f"another episode {number} is in this space: import into a space of its own")
    store.episodes.add(episode, line.key, line.reading, correction=line.correction)
    clock = store.space.to_clock
    first = len(facts)
    for added in line.added:
        closed = None
        if added.valid_to is not None and added.retired_in is not None:
            closed = clock(added.valid_to), added.retired_in
        facts.append(store.facts.add(Triplet(*added.triplet), clock(added.valid_from), number, closed))
    restated = [_numbered(facts, fact) for fact in line.restated]
    for fact in restated:
        store.facts.state(fact, number)
    for retired in line.retired:
        store.facts.retire(_numbered(facts, retired.fact), clock(retired.valid_to), number)
    ended = tuple(_numbered(facts, retired.fact) for retired in line.retired)
    store.episodes.close(number, Changes(tuple(facts[first:]), tuple(restated), ended, line.refused))
    tie(store, number, line.reading)
    return True


def _numbered(facts: Sequence[int], number: int) -> int:
    if not 1 <= number <= len(facts):
        raise InvalidInput(f"no line before tells of fact {number}: the export is not whole")
    return facts[number - 1]
