"""A space as JSON lines: an export is imported as the same memory, with any extractor and reviser.

The first line of an export is a header. Then comes a line for each episode, with its text, its reading and its changes;
facts are numbered as they were learned. A line of your own needs only a "text", and it is remembered like any other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from ariadne.errors import InvalidInput, MemoryFileError
from ariadne.files import new_file
from ariadne.memory.ingestion.updates import link_mentions
from ariadne.memory.ingestion.writer import ImportResult, TextToEmbed, Writer
from ariadne.memory.inputs import EpisodeInput
from ariadne.memory.ontology.names import triplet_key
from ariadne.memory.storage.episodes import Changes, StoredReading, pairs_adapter, reading_adapter
from ariadne.memory.storage.facts import AddedFact, StoredFact
from ariadne.memory.storage.store import Store, Transaction, View
from ariadne.memory.storage.where import to_json
from ariadne.memory.transfer.jsonl_schema import FORMAT, ExportedEpisode, Header, parsed
from ariadne.values import Episode, Triplet, When

BATCH = 200
"""The number of lines that one transaction imports."""


# -- export ------------------------------------------------------------------------------------------------------------


def export_to(store: Store, target: str | Path | TextIO) -> int:
    """Write a space as JSON lines and return the number of its episodes."""
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
    aliases = [{"identity": alias, "shown": shown, "target": target} for alias, shown, target in view.alias_rows()]
    yield {
        "ariadne": "memory", "format": FORMAT, "space": view.space, "clock": state.clock, "last": state.last,
        "episodes": view.episodes.counted(), "ontology": state.ontology, "expires": state.expires,
        "aliases": aliases,
    }  # fmt: skip
    numbers = dict[int, int]()  # by id of a fact: its number in the export
    for number in view.episodes.numbers():
        added = view.facts.added_by(number)
        for fact in added:
            numbers[fact.id] = len(numbers) + 1
        yield _line(view, number, added, numbers)


def _line(view: View, number: int, added: Sequence[AddedFact], numbers: Mapping[int, int]) -> dict[str, Any]:
    """Return an episode as JSON; `numbers` has the numbers of facts in the export, by their ids."""
    episode, key = view.episodes.some([number])[0], view.episodes.key_of(number)
    stored, changes = view.episodes.given_reading_of(number), view.episodes.changes_of(number)
    ends = view.facts.ends_of(changes.retired)

    def time(ticks: int | None) -> int | str | None:
        return None if ticks is None else _as_json(view.from_clock(ticks))

    return {
        "episode": number, "text": episode.text, "at": _as_json(episode.at), "source": episode.source,
        "metadata": to_json(episode.metadata), "key": key, "correction": stored.correction,
        "digest": view.episodes.digest_of(number),
        "expires": None if episode.expires is None else _as_json(episode.expires),
        "reading": reading_adapter().dump_python(stored.reading, mode="json"),
        "declared": pairs_adapter().dump_python(stored.declared, mode="json"), "divided": dict(stored.divided),
        "refused": pairs_adapter().dump_python(changes.refused, mode="json"),
        "place": stored.place, "until": time(stored.until), "stated_of": time(view.facts.time_of_statements(number)),
        "added": [
            {
                "triplet": [fact.triplet.subject, fact.triplet.relation, fact.triplet.object],
                "valid_from": time(fact.valid_from), "valid_to": time(fact.valid_to), "retired_in": fact.retired_in,
                "statements": [{"episode": of, "at": time(at)} for at, of in fact.statements],
            }
            for fact in added
        ],
        "restated": [numbers[fact] for fact in changes.restated],
        "retired": [{"fact": numbers[fact], "valid_to": time(ends[fact])} for fact in changes.retired],
        "replaced": [numbers[fact] for fact in view.facts.replaced_by(number)],
        "ends": [
            {"triplet": triplet, "at": time(at), "is_limit": bool(is_limit)}
            for *triplet, at, is_limit in view.facts.endings_by(number)
        ],
    }  # fmt: skip


def _as_json(at: When) -> int | str:
    return at.isoformat() if isinstance(at, datetime) else at


# -- import ------------------------------------------------------------------------------------------------------------


def import_from(
    writer: Writer, lines: str | Path | Iterable[str], progress: Callable[[int], None] | None
) -> ImportResult:
    """Import JSON lines, 200 in a transaction; see AriGraph.import_from."""
    with _opened(lines) as opened:
        importer, reported = _Importer(writer), 0
        try:
            for number, line in enumerate(opened, 1):
                importer.read(number, line)
                if progress and importer.kept > reported:
                    progress(reported := importer.kept)
        except BaseException:
            importer.flush()  # the lines before the error are kept
            raise
        importer.finish()
        if progress and importer.kept > reported:
            progress(importer.kept)
    return ImportResult(importer.added, importer.known)


@contextmanager
def _opened(lines: str | Path | Iterable[str]) -> Iterator[Iterable[str]]:
    if not isinstance(lines, str | Path):
        if isinstance(lines, bytes) or not isinstance(lines, Iterable):
            raise InvalidInput(f"lines={lines!r:.80}: give the name of a file or a list of texts")
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


class _Importer:
    """An import in progress.

    A line that is in the space already is known and not added again: a line of an export if all of it is the same, a
    line of your own by its key, or without a key by `_KeyChain`.
    """

    def __init__(self, writer: Writer) -> None:
        self.added = self.known = 0
        self.kept = 0
        """The number of lines, from the first, that are in the file."""
        self._writer, self._store = writer, writer.store
        self._header: Header | None = None
        self._waiting = list[tuple[int, EpisodeInput | ExportedEpisode]]()
        self._facts = list[int]()  # ids, by their number in the export less 1
        self._keys = _KeyChain(self._store)

    def read(self, number: int, line: str) -> None:
        """Read one line; raises InvalidInput with its number for a bad one."""
        if not isinstance(line, str):
            raise InvalidInput(f"line {number}: {line!r:.80} is not a text")
        if not (line := line.strip()):
            return
        with _numbered_error(number):
            content = parsed(line)
            if isinstance(content, Header):
                self._begin(number, content)
                return
            if isinstance(content, ExportedEpisode) == (self._header is None):
                raise InvalidInput("an export is a header and then its own lines: this line does not belong here")
        if isinstance(content, ExportedEpisode):
            self._wait([(number, content)])
        else:
            self._wait(self._keys.follow(number, line, content))

    def _wait(self, lines: Iterable[tuple[int, EpisodeInput | ExportedEpisode]]) -> None:
        for line in lines:
            self._waiting.append(line)
            if len(self._waiting) >= BATCH:
                self._write_waiting()

    def flush(self) -> None:
        """Write the lines that wait."""
        self._wait(self._keys.end())
        self._write_waiting()

    def _write_waiting(self) -> None:
        """Write the lines that wait: in one transaction, or one by one up to the first bad one."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        try:
            self._write([content for _, content in waiting])
        except InvalidInput:
            for number, content in waiting:
                with _numbered_error(number):
                    self._write([content])
        self.kept = waiting[-1][0]

    def finish(self) -> None:
        """Write the rest, and continue the numbers of episodes where the exported space did."""
        self.flush()
        if self._header is None:
            return
        if (complete := self.added + self.known) < self._header.episodes:
            raise InvalidInput(
                f"the export is cut off: {complete} of its {self._header.episodes} episodes came, and are kept"
            )
        with self._store.write() as tx:
            if self._header.last > tx.state.last:
                tx.advance(self._header.last)
            if len(tx.episodes.numbers()) < tx.state.last:
                tx.mark_rewritten()

    def _begin(self, number: int, header: Header) -> None:
        if number != 1 or header.ariadne != "memory":
            raise InvalidInput("a header is the first line of an export of a memory, and no other")
        self._header = header
        aliases = sorted((alias.identity, alias.shown, alias.target) for alias in header.aliases)
        with self._store.write() as tx:
            if not tx.state.last and not tx.alias_rows():
                for alias in aliases:
                    tx.add_alias(*alias)
                tx.mark_rewritten()
            if aliases != tx.alias_rows():
                raise InvalidInput("other names are merged in this space: import into a space of its own")
            if not tx.state.last:
                self._writer.adopt_ontology(tx, header.ontology)
                tx.set_expires(header.expires)
            if header.clock and not tx.state.clock:
                tx.set_clock(header.clock)

    def _write(self, lines: Sequence[EpisodeInput | ExportedEpisode]) -> None:
        if entries := [line for line in lines if isinstance(line, EpisodeInput)]:
            self._remember(entries)
        if exported := [line for line in lines if isinstance(line, ExportedEpisode)]:
            self._restore(exported)

    def _remember(self, entries: Sequence[EpisodeInput]) -> None:
        with self._store.read() as view:
            known = view.episodes.with_keys(entry.key for entry in entries if entry.key is not None)
        written = self._writer.remember_all([entry for entry in entries if entry.replace or entry.key not in known])
        new = sum(each.is_new for each in written)
        self.added, self.known = self.added + new, self.known + len(entries) - new

    def _restore(self, exported: Sequence[ExportedEpisode]) -> None:
        vectors = self._writer.new_vectors([_to_embed(line) for line in exported])
        facts, added = list(self._facts), 0
        with self._store.write() as tx:
            if vectors is not None:
                tx.vectors.add(vectors.embedder, vectors.texts)
            for known, line in enumerate(exported):
                if line.episode <= tx.state.last:
                    _check_same(tx, line, facts)
                    continue
                if not added and tx.episodes.counted() != self.added + self.known + known:
                    raise InvalidInput("other episodes are in this space: import into a space of its own")
                _restore(tx, line, facts)
                if vectors is not None:
                    tx.vectors.add_episode(vectors.embedder, line.episode, vectors.episodes[known])
                added += 1
            # an export does not have what the changes of an episode rest on: none of its facts is deleted directly
            tx.facts.mark_basis((), facts[len(self._facts) :])
        self._facts = facts
        self.added, self.known = self.added + added, self.known + len(exported) - added


def _to_embed(line: ExportedEpisode) -> TextToEmbed:
    triplets = [Triplet(*added.triplet) for added in line.added]
    return TextToEmbed(line.text, line.source, triplets, observed=line.digest is None)


def _check_same(view: View, line: ExportedEpisode, facts: list[int]) -> None:
    """Check that an exported episode is in the space with the same content; `facts` (ids by number) grows."""
    number = line.episode
    if view.episodes.some([number]):
        added, changed = view.facts.added_by(number), view.episodes.changes_of(number).all_facts
        ids = [fact.id for fact in added]
        numbers = {fact: nth for nth, fact in enumerate([*facts, *ids], 1)}
        known = {*changed, *view.facts.replaced_by(number)} <= numbers.keys()
        if known and ExportedEpisode(**_line(view, number, added, numbers)) == line:
            facts += ids
            return
    raise InvalidInput(f"episode {number} is another one in this space: import into a space of its own")


def _restore(tx: Transaction, line: ExportedEpisode, facts: list[int]) -> None:
    """Write an exported episode and what it changed; `facts` (ids by number) grows."""
    number, ticks = line.episode, tx.to_clock
    if line.key is not None and line.place is None and tx.episodes.number_of(line.key) is not None:
        raise InvalidInput(f"two episodes have the key {line.key!r}, and none replaces the other")
    if line.key is not None and line.place is not None:
        tx.mark_replaced(line.key, number)
        tx.facts.replace_endings(tx.episodes.replaced_by(number), number)
    at = tx.keep_clock(line.at)
    first = len(facts)
    _retire(tx, facts, {each.fact: ticks(each.valid_to) for each in line.retired if each.fact <= first}, number)
    _replace(tx, facts, [fact for fact in line.replaced if fact <= first], number)
    added = _add(tx, line)
    facts += [stored.id for stored in added]
    _replace(tx, facts, [fact for fact in line.replaced if fact > first], number)
    _check(all(1 <= fact <= len(facts) for fact in (*line.restated, *(each.fact for each in line.retired))))
    restated, retired = [facts[fact - 1] for fact in line.restated], [facts[each.fact - 1] for each in line.retired]
    new = [fact for fact, each in zip(added, line.added, strict=True) if not each.statements]
    known = tx.facts.stored({*restated} - {fact.id for fact in new})
    stated = tx.facts.confirm([*new, *known.values()], number, at if line.stated_of is None else ticks(line.stated_of))
    until = None if line.until is None else ticks(line.until)
    given = StoredReading(line.reading, line.declared, line.correction, line.divided, until, line.place)
    stored = given.with_kinds()
    begun = stored.reading.triplets if until is None or until > at else ()
    _check(
        {triplet_key(tx.resolve_triplet(triplet)) for triplet in begun}
        == {triplet_key(each.fact.triplet) for each in stated}
    )
    for end in line.ends:
        tx.facts.add_ending(Triplet(*end.triplet), ticks(end.at), number, is_limit=end.is_limit)
    of_update = [fact for fact in facts[first:] if fact not in {*restated, *retired}]
    changes = Changes(tuple(of_update), tuple(restated), tuple(retired), line.refused)
    episode = Episode(number, line.text, line.at, line.source, line.metadata, line.expires)
    tx.add_episode(episode, at, line.key, given, changes, digest=line.digest)
    link_mentions(tx, number, at, stored)


def _add(tx: Transaction, line: ExportedEpisode) -> list[StoredFact]:
    """Add the new facts of an exported episode and return them."""
    new = list[StoredFact]()
    tx.facts.load(name for added in line.added for name in (added.triplet[0], added.triplet[2]))
    for added in line.added:
        triplet, since = Triplet(*added.triplet), tx.to_clock(added.valid_from)
        until = None if added.valid_to is None else tx.to_clock(added.valid_to)
        statements = [(tx.to_clock(each.at), each.episode) for each in added.statements]
        _check(until is None or until >= since)
        if added.retired_in is None:
            _check(tx.facts.current(triplet) is None)
        else:
            _check(until is not None and added.retired_in <= line.episode)
        ended_by = [] if added.retired_in is None else [added.retired_in]
        episodes = {*ended_by, *(episode for _, episode in statements)} - {line.episode}
        _check(len(tx.episodes.numbers_among(episodes)) == len(episodes))
        if statements:
            new.append(tx.facts.add_interval(triplet, line.episode, (since, until), added.retired_in, statements))
        else:
            new.append(tx.facts.add(triplet, since, line.episode, until, added.retired_in))
    return new


def _retire(tx: Transaction, facts: Sequence[int], ended: Mapping[int, int], number: int) -> None:
    """Close facts, given by their numbers from 1 with their end (in clock ticks), as an episode did."""
    for nth, until in ended.items():
        stored = _fact(tx, facts, nth)
        _check(stored.fact.retired_in is None and stored.valid_to is None and until >= stored.valid_from)
        tx.facts.retire(stored, until, number)


def _replace(tx: Transaction, facts: Sequence[int], replaced: Sequence[int], number: int) -> None:
    """Record that others stand in the place of facts, given by their numbers from 1, as an episode did."""
    tx.facts.replace([_fact(tx, facts, nth) for nth in replaced], number)


def _fact(tx: Transaction, facts: Sequence[int], nth: int) -> StoredFact:
    _check(1 <= nth <= len(facts))
    return tx.facts.stored([facts[nth - 1]])[facts[nth - 1]]


def _check(holds: bool) -> None:
    if not holds:
        raise InvalidInput("it contradicts the lines before it: the export is not as it was written")


class _KeyChain:
    """Keys for lines of your own without keys: each key stands for all such lines up to this one.

    So a file that was cut off, or that has grown, continues after the known lines. Another import may have continued
    differently from some line: then this is another file with the same beginning, and it is imported from its first
    line, in a chain of its own.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: list[tuple[int, str, EpisodeInput]] | None = []
        """The lines from the first while all are known; None after the first new one."""
        self._begin("")

    def _begin(self, salt: str) -> None:
        self._salt = self._last = hashlib.sha256(f"import {salt}".encode()).hexdigest()

    def follow(self, number: int, line: str, entry: EpisodeInput) -> Iterable[tuple[int, EpisodeInput]]:
        """Return the lines that can be written now, with their keys; lines that are known so far are held back."""
        if self._known is None:
            return [(number, self._with_key(line, entry))]
        self._known.append((number, line, entry))
        before = self._last
        key = self._with_key(line, entry).key
        with self._store.read() as view:
            if entry.key is not None or view.episodes.number_of(str(key)) is not None:
                return []
            if not view.episodes.has_key_from(f"import {before[:16]} "):
                return self.end()
        lines, self._known = self._known, []
        self._begin(f"{self._salt} {line}")
        return [each for line in lines for each in self.follow(*line)]

    def end(self) -> list[tuple[int, EpisodeInput]]:
        """Return the lines that were held back."""
        lines, self._known = self._known or [], None
        if lines:
            self._last = self._salt
        return [(number, self._with_key(line, entry)) for number, line, entry in lines]

    def _with_key(self, line: str, entry: EpisodeInput) -> EpisodeInput:
        if entry.key is not None:
            return entry
        before, self._last = self._last, hashlib.sha256(f"{self._last} {line}".encode()).hexdigest()
        return replace(entry, key=f"import {before[:16]} {self._last[:16]}")


@contextmanager
def _numbered_error(number: int) -> Iterator[None]:
    """Put the number of a line in front of an error about it."""
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(f"line {number}: {error}") from error
