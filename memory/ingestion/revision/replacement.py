"""Replacement by key: the memory becomes as if the new text had been given in the place of the former one.

The episodes that can matter for the facts of both texts are applied once more, in RAM, with the new text in the place
of the former one. Facts that differ from the result are replaced; `as_of` still shows them as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace

from ariadne.memory.ingestion.revision.affected import Affected, slots_of
from ariadne.memory.ingestion.revision.statements import FactChanges
from ariadne.memory.ontology.names import triplet_key
from ariadne.memory.ontology.reviser import ReviserOf
from ariadne.memory.storage.database import RAM
from ariadne.memory.storage.episodes import StoredReading
from ariadne.memory.storage.facts import StoredFact
from ariadne.memory.storage.store import Store, Transaction
from ariadne.values import Episode, Replacement, Triplet

Apply = Callable[[Transaction, Episode, StoredReading], tuple[Replacement, ...]]
"""Writes an episode with all that it changes into another memory, and returns the refused pairs."""
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Row:
    """A time in which a triplet holds, in clock ticks, with the times and episodes of its statements."""

    since: int
    until: int | None
    ended_by: int | None
    statements: frozenset[tuple[int, int]]


@dataclass(frozen=True)
class Outcome:
    """What the memory would hold: the rows of each triplet, the ends that no fact shows, and the refused pairs."""

    rows: dict[Key, list[Row]]
    ends: list[tuple[Triplet, int, int, bool]]
    """Triplet, time (in clock ticks), episode, and whether the time is the limit of a period."""
    refused: tuple[Replacement, ...]


def change_facts(
    tx: Transaction, reviser_of: ReviserOf, episode: Episode, stored: StoredReading, apply: Apply
) -> FactChanges:
    """Change the facts so that they are as if an episode had been given in the place of the one that it replaces.

    Args:
        tx: The transaction; the former episode is marked as replaced.
        reviser_of: Returns the reviser of a text.
        episode: The new episode.
        stored: Its reading, with its place.
        apply: Writes an episode into another memory.
    """
    triplets, episodes = _affected(tx, reviser_of, episode, stored)
    outcome = _outcome(tx, (triplets, episodes), episode, stored, apply)
    changes = _Changes(tx, episode.id)
    for triplet in triplets:
        changes.write(triplet, outcome.rows.get(triplet_key(triplet), []))
    tx.facts.replace_endings(tx.episodes.replaced_by(episode.id), episode.id)
    for triplet, at, number, is_limit in outcome.ends:
        tx.facts.add_ending(triplet, at, number, is_limit=is_limit)
    return FactChanges(changes.added, changes.restated, changes.retired, outcome.refused)


# -- what both texts can affect ----------------------------------------------------------------------------------------


def _affected(
    tx: Transaction, reviser_of: ReviserOf, episode: Episode, stored: StoredReading
) -> tuple[list[Triplet], set[int]]:
    """Return the triplets that the former and the new text can affect, and the episodes that decide their times."""
    former = tx.episodes.replaced_by(episode.id)
    readings = [stored, *(tx.episodes.reading_of(number) for number in former)]
    given = [tx.resolve_triplet(triplet) for reading in readings for triplet in reading.all_triplets]
    texts = (episode.text, *(each.text for each in tx.episodes.some(former)))
    if (slots := slots_of(map(reviser_of, texts))) is None:
        every = {triplet_key(triplet): triplet for triplet in given}
        for fact in tx.facts.stored(tx.facts.ids()).values():
            every.setdefault(triplet_key(fact.fact.triplet), fact.fact.triplet)
        return list(every.values()), {*former, *tx.episodes.numbers()}
    affected = Affected(tx, slots, given)
    return affected.triplets, {*former, *affected.episodes}


# -- what the memory would hold ----------------------------------------------------------------------------------------


def _outcome(
    tx: Transaction, affected: tuple[list[Triplet], set[int]], episode: Episode, stored: StoredReading, apply: Apply
) -> Outcome:
    """Return what the memory would hold of the affected triplets, if the new text had the place of the former one."""
    triplets, episodes = affected
    entries, refused = _entries(tx, episodes, episode.id, stored), tuple[Replacement, ...]()
    with closing(Store(RAM, tx.space)) as beside, beside.write() as other:
        tx.copy_settings(other)
        for place, number in sorted(entries.items()):
            if number == episode.id:
                refused = apply(other, replace(episode, id=place), replace(stored, place=None))
            else:
                (each,), reading = tx.episodes.some([number]), tx.episodes.reading_of(number)
                apply(other, replace(each, id=place), replace(reading, place=None))
        latest = max(tx.state.latest or 0, tx.to_clock(episode.at))
        rows = {triplet_key(triplet): _rows(other, triplet, entries, latest) for triplet in triplets}
        ends = [
            (Triplet(*triplet), at, entries[place], bool(is_limit))
            for *triplet, at, place, is_limit in other.facts.all_endings()
            if tuple(triplet) in rows
        ]
    return Outcome(rows, ends, refused)


def _entries(tx: Transaction, episodes: Iterable[int], number: int, stored: StoredReading) -> dict[int, int]:
    """Return the episode in each place: each text that was replaced is left out, and the new one has its place."""
    moved = tx.episodes.moved(number)
    entries = {0 if stored.place is None else stored.place: number}
    for each in episodes:
        place, replaced_in = moved.get(each, (None, None))
        if each < number and (replaced_in is None or replaced_in > number):
            entries[place or each] = each
    return entries


def _rows(other: Transaction, triplet: Triplet, entries: Mapping[int, int], latest: int) -> list[Row]:
    """Return the times in which a triplet would hold, with the numbers that the episodes have in the memory."""
    number, rows = max(entries.values()), list[Row]()
    for fact, statements in _held(other, triplet):
        ended_by = None if fact.fact.retired_in is None else entries[fact.fact.retired_in]
        if ended_by is None and fact.valid_to is not None and fact.valid_to <= latest:
            ended_by = number
        stated = frozenset((at, entries[place]) for at, place in statements)
        rows.append(Row(fact.valid_from, fact.valid_to, ended_by, stated))
    return rows


def _held(tx: Transaction, triplet: Triplet) -> list[tuple[StoredFact, set[tuple[int, int]]]]:
    """Return the facts with this content and their statements."""
    facts = tx.facts.intervals(triplet)
    statements = {fact.id: set[tuple[int, int]]() for fact in facts}
    for fact_id, at, episode in tx.facts.statements(statements):
        statements[fact_id].add((at, episode))
    return [(fact, statements[fact.id]) for fact in facts]


# -- from the facts as they are to these ----------------------------------------------------------------------------


class _Changes:
    """The changes that an episode makes to facts, so that they become other rows."""

    def __init__(self, tx: Transaction, number: int) -> None:
        self._tx, self._number = tx, number
        self.added = list[StoredFact]()
        self.restated = list[StoredFact]()
        self.retired = list[StoredFact]()

    def write(self, triplet: Triplet, rows: list[Row]) -> None:
        """Give a triplet the times of rows; rows that are there already are kept."""
        wanted, different = list(rows), list[tuple[StoredFact, Row]]()
        for fact, statements in _held(self._tx, triplet):
            row = Row(fact.valid_from, fact.valid_to, fact.fact.retired_in, frozenset(statements))
            if same := next((each for each in wanted if _times(each) == _times(row)), None):
                wanted.remove(same)
            elif row.until is None or row.until > row.since:  # another one never held, and needs no change
                different.append((fact, row))
        for fact, row in different:
            self._end(fact, row, wanted)
        for row in wanted:
            self._add(triplet, row)

    def _end(self, fact: StoredFact, row: Row, wanted: list[Row]) -> None:
        """End a fact that is no longer held as it is: as never true, at another time, or for another row."""
        is_open = row.until is None and fact.fact.retired_in is None
        ended = next((each for each in wanted if (each.since, each.statements) == (row.since, row.statements)), None)
        if is_open and not wanted:
            self.retired.append(self._tx.facts.retire(fact, row.since, self._number))
        elif is_open and ended is not None and ended.until is not None and ended.ended_by is not None:
            self.retired.append(self._tx.facts.retire(fact, ended.until, self._number))
            wanted.remove(ended)
        else:
            self._tx.facts.replace([fact], self._number)

    def _add(self, triplet: Triplet, row: Row) -> None:
        times = row.since, row.until
        statements = sorted(row.statements)
        fact = self._tx.facts.add_interval(triplet, self._number, times, row.ended_by, statements)
        episodes = {episode for _, episode in row.statements}
        is_restated = self._number in episodes and episodes != {self._number}
        (self.restated if is_restated else self.added).append(fact)


def _times(row: Row) -> tuple[int, int | None, frozenset[tuple[int, int]]]:
    return row.since, row.until, row.statements
