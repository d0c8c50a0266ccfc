"""A space as JSON lines: what is exported is imported as the same memory, whatever reads and revises there.

The first line of an export tells of the space; then comes a line an episode, with its text, how it was read and what it
changed, facts numbered as they were learned. A line of one's own needs only a "text"; it is remembered as any other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from pydantic import TypeAdapter

from ariadne.errors import InvalidInput, MemoryFileError
from ariadne.files import new_file
from ariadne.memory.ingestion.updates import tie
from ariadne.memory.ingestion.writer import Writer
from ariadne.memory.inputs import EpisodeInput
from ariadne.memory.ontology.names import triplet_key
from ariadne.memory.storage.episodes import Changes
from ariadne.memory.storage.store import Store, Transaction, View
from ariadne.memory.transfer.jsonl_schema import FORMAT, Exported, Header, parsed
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
    with new_file(target) as partial, partial.open("w", encoding="utf-8", newline="\n") as file:
        return _write(store, file)


def _write(store: Store, file: TextIO) -> int:
    with store.read() as view:
        for line in _lines(view):
            file.write(f"{json.dumps(line)}\n")
        return len(view.episodes.numbers())


def _lines(view: View) -> Iterator[dict[str, Any]]:
    state = view.state
    aliases = [{"identity": known, "shown": shown, "target": target} for known, shown, target in view.alias_rows()]
    yield {
        "ariadne": "memory", "format": FORMAT, "space": view.space, "clock": state.clock, "last": state.last,
        "episodes": view.episodes.counted(), "slots": state.slots, "aliases": aliases,
    }  # fmt: skip
    numbers = dict[int, int]()  # of facts: as the file has them, as the export has them
    for number in view.episodes.numbers():
        changes = view.episodes.changes_of(number)
        for fact in changes.added:
            numbers[fact] = len(numbers) + 1
        yield _line(view, number, changes, numbers)


def _line(view: View, number: int, changes: Changes, numbers: dict[int, int]) -> dict[str, Any]:
    episode, key = view.episodes.some([number])[0], view.episodes.key_of(number)
    reading, correction = view.episodes.reading_of(number)
    facts = view.facts.times_of((*changes.added, *changes.retired))

    def added(fact: int) -> dict[str, Any]:
        triplet, since, until, retired_in = facts[fact]
        late = {"valid_to": _told_time(until), "retired_in": retired_in} if retired_in and retired_in <= number else {}
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


def import_from(writer: Writer, lines: str | Path | Iterable[str], progress: Callable[[int], None] | None) -> Imported:
    """Take in JSON lines, 200 to a transaction; see AriGraph.import_from."""
    with _opened(lines) as opened:
        taking, told = _Taking(writer), 0
        try:
            for number, line in enumerate(opened, 1):
                taking.take(number, line)
                if progress and taking.kept > told:
                    progress(told := taking.kept)
        except BaseException:
            taking.flush()  # what came before is kept, whatever ended it
            raise
        taking.finish()
        if progress and taking.kept > told:
            progress(taking.kept)
    return Imported(taking.added, taking.known)


@contextmanager
def _opened(lines: str | Path | Iterable[str]) -> Iterator[Iterable[str]]:
    if not isinstance(lines, str | Path):
        if isinstance(lines, bytes) or not isinstance(lines, Iterable):
            raise InvalidInput(f"lines are a file's name or texts, not {lines!r:.80}")
        yield lines
        return
    try:
        with Path(lines).open("rb") as file:
            yield _decoded(file)
    except (OSError, ValueError) as error:
        if isinstance(error, InvalidInput):
            raise
        raise MemoryFileError(f"{str(lines)!r} cannot be read: {error}") from error


def _decoded(file: Iterable[bytes]) -> Iterator[str]:
    for number, line in enumerate(file, 1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise InvalidInput(f"line {number}: not a text in UTF-8: {error}") from error


class _Taking:
    """An import under way. What is in the space already is met again, not told twice: an exported line if all that it
    says is so there; a line of one's own by its key, or without one by `_Chain`."""

    def __init__(self, writer: Writer) -> None:
        self.added = self.known = 0
        self.kept = 0
        """The number of lines, from the first, that are in the file by now."""
        self._writer, self._store = writer, writer.store
        self._header: Header | None = None
        self._waiting = list[tuple[int, EpisodeInput | Exported]]()
        self._facts = list[int]()  # ids, by their number in the export less 1
        self._chain = _Chain(self._store)

    def take(self, number: int, line: str) -> None:
        """Take in one line; raises InvalidInput for one that cannot be, and says which."""
        if not isinstance(line, str):
            raise InvalidInput(f"line {number}: a line is a text, not {line!r:.80}")
        if not (line := line.strip()):
            return
        with _said_of(number):
            told = parsed(line)
            if isinstance(told, Header):
                self._begin(number, told)
                return
            if isinstance(told, Exported) == (self._header is None):
                raise InvalidInput("the lines of an export, and they alone, come after one that tells of its space")
        if isinstance(told, Exported):
            self._wait([(number, told)])
        else:
            self._wait(self._chain.follow(number, line, told))

    def _wait(self, lines: Iterable[tuple[int, EpisodeInput | Exported]]) -> None:
        for line in lines:
            self._waiting.append(line)
            if len(self._waiting) >= BATCH:
                self._write_waiting()

    def flush(self) -> None:
        """Write what has gathered."""
        self._wait(self._chain.end())
        self._write_waiting()

    def _write_waiting(self) -> None:
        """Write what has gathered: at once, or line by line up to the one that cannot be."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        try:
            self._write([told for _, told in waiting])
        except InvalidInput:
            for number, told in waiting:
                with _said_of(number):
                    self._write([told])
        self.kept = waiting[-1][0]

    def finish(self) -> None:
        """Write what is left, and go on counting episodes where the exported space did."""
        self.flush()
        if self._header is None:
            return
        if (came := self.added + self.known) < self._header.episodes:
            raise InvalidInput(
                f"the export is cut off: {came} of its {self._header.episodes} episodes came, and are kept"
            )
        with self._store.write() as tx:
            if self._header.last > tx.state.last:
                tx.advance(self._header.last)
            if len(tx.episodes.numbers()) < tx.state.last:
                tx.mark_rewritten()

    def _begin(self, number: int, header: Header) -> None:
        if number != 1 or header.ariadne != "memory":
            raise InvalidInput("the first line of an export, and no other, tells of its space")
        self._header = header
        told = sorted((alias.identity, alias.shown, alias.target) for alias in header.aliases)
        with self._store.write() as tx:
            if not tx.state.last and not tx.alias_rows():
                for alias in told:
                    tx.add_alias(*alias)
                tx.mark_rewritten()
            if told != tx.alias_rows():
                raise InvalidInput("other names are merged in this space: import into a space of its own")
            if not tx.state.last:
                tx.set_slots(header.slots)
            if header.clock and not tx.state.clock:
                tx.set_clock(header.clock)

    def _write(self, lines: Sequence[EpisodeInput | Exported]) -> None:
        if own := [line for line in lines if isinstance(line, EpisodeInput)]:
            new = self._writer.take_in(own)
            self.added, self.known = self.added + new, self.known + len(own) - new
        if exported := [line for line in lines if isinstance(line, Exported)]:
            self._restore(exported)

    def _restore(self, exported: Sequence[Exported]) -> None:
        embedded = self._writer.embedded
        prepared = embedded.prepare(
            (line.text, [Triplet(*added.triplet) for added in line.added], _states(line)) for line in exported
        )
        facts, added = list(self._facts), 0
        with self._store.write() as tx:
            embedded.keep(tx, prepared)
            for met, line in enumerate(exported):
                if line.episode <= tx.state.last:
                    _meet(tx, line, facts)
                    continue
                if not added and tx.episodes.counted() != self.added + self.known + met:
                    raise InvalidInput("other episodes are in this space: import into a space of its own")
                _restore(tx, line, facts)
                embedded.keep_episode(tx, prepared, line.episode, line.text, states=_states(line))
                added += 1
        self._facts = facts
        self.added, self.known = self.added + added, self.known + len(exported) - added


def _states(line: Exported) -> bool:
    return bool(line.added or line.restated)


def _meet(view: View, line: Exported, facts: list[int]) -> None:
    """Make sure that an exported episode is there as it is told; `facts` are ids by number, and grow."""
    number = line.episode
    if view.episodes.some([number]):
        changes = view.episodes.changes_of(number)
        numbers = {fact: known for known, fact in enumerate([*facts, *changes.added], 1)}
        if changes.known <= numbers.keys() and Exported(**_line(view, number, changes, numbers)) == line:
            facts += changes.added
            return
    raise InvalidInput(f"episode {number} is another one in this space: import into a space of its own")


def _restore(tx: Transaction, line: Exported, facts: list[int]) -> None:
    """Write an exported episode and what it changed; `facts` are ids by number, and grow."""
    number, clock = line.episode, tx.to_clock
    if line.key is not None and tx.episodes.number_of(line.key) is not None:
        raise InvalidInput(f"two episodes have the key {line.key!r}")
    episode = Episode(number, line.text, line.at, line.source, line.metadata)
    tx.episodes.add(episode, line.key, line.reading, correction=line.correction)
    first = len(facts)
    ended = {retired.fact: clock(retired.valid_to) for retired in line.retired}
    _retire(tx, facts, {fact: until for fact, until in ended.items() if fact <= first}, number)
    for added in line.added:
        since, closed = clock(added.valid_from), None
        if added.valid_to is not None and added.retired_in is not None:
            closed = clock(added.valid_to), added.retired_in
            _check(closed[0] >= since and bool(tx.episodes.some([closed[1]])) and closed[1] <= number)
        _check(closed is not None or tx.facts.current(Triplet(*added.triplet)) is None)
        facts.append(tx.facts.add(Triplet(*added.triplet), since, number, closed))
    _check(all(1 <= fact <= len(facts) for fact in line.restated))
    restated = [facts[fact - 1] for fact in line.restated]
    for fact in restated:
        tx.facts.state(fact, number)
    _retire(tx, facts, {fact: until for fact, until in ended.items() if fact > first}, number)
    said = {triplet_key(tx.resolve_triplet(triplet)) for triplet in line.reading.triplets}
    stated = tx.facts.by_id((*facts[first:], *restated), number)
    _check(said == {triplet_key(fact.triplet) for fact in stated.values()})
    tx.episodes.close(
        number, Changes(tuple(facts[first:]), tuple(restated), tuple(facts[fact - 1] for fact in ended), line.refused)
    )
    tie(tx, number, line.reading)


def _retire(tx: Transaction, facts: Sequence[int], ended: Mapping[int, int], number: int) -> None:
    """Close facts (by their numbers, from 1) as an episode says; those known before go first: one may be told anew."""
    for nth, until in ended.items():
        _check(1 <= nth <= len(facts))
        fact = facts[nth - 1]
        _check(tx.facts.is_current(fact) and until >= tx.facts.began(fact))
        tx.facts.retire(fact, until, number)


def _check(holds: bool) -> None:
    if not holds:
        raise InvalidInput("it contradicts the lines before it: the export is not as it was written")


class _Chain:
    """Keys for lines of one's own that have none: each tells of all such lines up to it.

    So a file that was cut off, or has grown, goes on behind the lines that are known. Where another import went on
    differently from there, this is another file that begins alike: it is told from its first line, in a chain of its
    own.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: (
            list[tuple[int, str, EpisodeInput]] | None
        ) = []  # from the first line; None once a new one has come
        self._begin("")

    def _begin(self, salt: str) -> None:
        self._salt = self._last = hashlib.sha256(f"import {salt}".encode()).hexdigest()

    def follow(self, number: int, line: str, told: EpisodeInput) -> Iterable[tuple[int, EpisodeInput]]:
        """The lines that may be written now, with their keys; lines that are known so far are held back."""
        if self._known is None:
            return [(number, self._keyed(line, told))]
        self._known.append((number, line, told))
        before = self._last
        key = self._keyed(line, told).key
        with self._store.read() as view:
            if told.key is not None or view.episodes.number_of(str(key)) is not None:
                return []
            if not view.episodes.has_key_from(f"import {before[:16]} "):
                return self.end()
        lines, self._known = self._known, []
        self._begin(f"{self._salt} {line}")
        return [one for held in lines for one in self.follow(*held)]

    def end(self) -> list[tuple[int, EpisodeInput]]:
        """The lines that were held back."""
        lines, self._known = self._known or [], None
        if lines:
            self._last = self._salt
        return [(number, self._keyed(line, told)) for number, line, told in lines]

    def _keyed(self, line: str, told: EpisodeInput) -> EpisodeInput:
        if told.key is not None:
            return told
        before, self._last = self._last, hashlib.sha256(f"{self._last} {line}".encode()).hexdigest()
        return replace(told, key=f"import {before[:16]} {self._last[:16]}")


@contextmanager
def _said_of(number: int) -> Iterator[None]:
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(f"line {number}: {error}") from error
