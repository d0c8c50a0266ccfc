"""Replacement by key: the memory becomes as if the new text had been given in the place of the former one.

The episodes that can matter for the facts of both texts are applied once more, in RAM, with the new text in the place
of the former one. Facts that differ from the result are replaced; `as_of` still shows them as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from ariadne.memory.ingestion.revision.statements import FactChanges
from ariadne.memory.ontology.names import identity_of, triplet_key
from ariadne.memory.ontology.reviser import OntologyReviser, ReviserOf
from ariadne.memory.ontology.slots import End, Slots
from ariadne.memory.ontology.wordings import can_deny, denials_of, polarity_of
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
    affected = _Affected(tx, reviser_of, episode, stored)
    outcome = _outcome(tx, affected, episode, stored, apply)
    changes = _Changes(tx, episode.id)
    for triplet in affected.triplets:
        changes.write(triplet, outcome.rows.get(triplet_key(triplet), []))
    tx.facts.replace_endings(tx.episodes.replaced_by(episode.id), episode.id)
    for triplet, at, number, is_limit in outcome.ends:
        tx.facts.add_ending(triplet, at, number, is_limit=is_limit)
    return FactChanges(changes.added, changes.restated, changes.retired, outcome.refused)


# -- what both texts can affect ----------------------------------------------------------------------------------------


class _Affected:
    """The facts and episodes that the former and the new text can affect, by way of the slots that facts fill."""

    def __init__(self, tx: Transaction, reviser_of: ReviserOf, episode: Episode, stored: StoredReading) -> None:
        former = tx.episodes.replaced_by(episode.id)
        readings = [stored, *(tx.episodes.reading_of(number) for number in former)]
        revisers = [reviser_of(text) for text in (episode.text, *(each.text for each in tx.episodes.some(former)))]
        given = [tx.resolve_triplet(triplet) for reading in readings for triplet in _triplets(reading)]
        self._triplets = {triplet_key(triplet): triplet for triplet in given}
        self.episodes = set(former)
        """The episodes that decide the times of these triplets."""
        if all(isinstance(reviser, OntologyReviser) and not reviser.slots.has_physics for reviser in revisers):
            topics = _Topics([reviser.slots for reviser in revisers if isinstance(reviser, OntologyReviser)])
            self.episodes |= self._deciding(tx, topics) | tx.episodes.with_refusals()
        else:
            self._add(fact.fact.triplet for fact in tx.facts.stored(tx.facts.ids()).values())
            self.episodes.update(tx.episodes.numbers())

    @property
    def triplets(self) -> list[Triplet]:
        """The triplets whose times may differ, each once."""
        return list(self._triplets.values())

    def _add(self, triplets: Iterable[Triplet]) -> None:
        for triplet in triplets:
            self._triplets.setdefault(triplet_key(triplet), triplet)

    def _deciding(self, tx: Transaction, topics: _Topics) -> set[int]:
        """Add the triplets that share a topic with one of these, and return the episodes that decide their times."""
        shared, found, near = set[Topic](), dict[int, Triplet](), dict[int, Triplet]()
        while grown := {each for triplet in self.triplets for each in topics.of(triplet)} - shared:
            shared |= grown
            near = topics.near(tx, shared, self.triplets)
            found = {fact: each for fact, each in near.items() if not shared.isdisjoint(topics.deciding(each))}
            self._add(found.values())
        wanted = {each for triplet in self.triplets for each in topics.deciding(triplet)}
        others = {fact for fact, each in near.items() if not wanted.isdisjoint(topics.of(each))}
        ending = {
            number
            for *key, _, number, _ in tx.facts.all_endings()
            if not wanted.isdisjoint(topics.deciding(Triplet(*key)))
        }
        return tx.facts.deciding({*found, *others, *topics.holders(tx, found.values())}) | ending


Topic = tuple[str, ...]
"""A slot of a thing, one of its values, or what a triplet affirms or denies; the thing comes first."""


END = "end"
"""Marks the topics of triplets that end the facts of a slot."""


class _Topics:
    """What triplets are about; a triplet can end another, or be ended by it, if both have a topic in common."""

    def __init__(self, slots: Sequence[Slots]) -> None:
        self._slots = slots

    def of(self, triplet: Triplet) -> set[Topic]:
        """Return the topics in which a triplet can end others."""
        return self._slots_of(triplet) | {topic for slots in self._slots for topic in _ends(slots.ends(triplet))}

    def deciding(self, triplet: Triplet) -> set[Topic]:
        """Return the topics in which others can end a triplet, or decide whether it is ended."""
        topics = self._slots_of(triplet)
        for slots in self._slots:
            for value in slots.values(triplet):
                topics |= {(value.thing, value.kind, END, ""), (value.thing, value.kind, END, value.value)}
                topics |= {(value.value,)} if value.nested else set()
        return topics

    def _slots_of(self, triplet: Triplet) -> set[Topic]:
        polarity = polarity_of(triplet)
        topics: set[Topic] = {(identity_of(triplet.subject), polarity.stem, polarity.object)}
        for slots in self._slots:
            for value in slots.values(triplet):
                topics.add((value.thing, value.kind, value.value))
                topics |= set() if value.many else {(value.thing, value.kind)}
                topics |= {(value.thing,)} if value.nested else set()
            topics |= {(value.thing, value.kind, value.value) for value in slots.denied_values(triplet)}
        return topics

    def near(self, tx: Transaction, shared: Iterable[Topic], triplets: Iterable[Triplet]) -> dict[int, Triplet]:
        """Return the facts about the things of some topics, by id, as far as they can share one of these."""
        objects = {name for each in triplets for name in (each.object, polarity_of(each).object)}
        objects |= {denial for name in tuple(objects) for denial in denials_of(name)}
        things, values = (_ids(tx, names) for names in ({topic[0] for topic in shared}, objects))
        found = tx.facts.stored(tx.facts.near(things, values, self._is_declared))
        return {number: stored.fact.triplet for number, stored in found.items()}

    def holders(self, tx: Transaction, triplets: Iterable[Triplet]) -> set[int]:
        """Return the ids of the facts that place the values of triplets in others, which decide what excludes what."""
        found, names = set[int](), self._nested_in(triplets)
        while True:
            facts = tx.facts.stored(tx.facts.near(_ids(tx, names), (), self._is_declared))
            placing = {
                number: each.fact.triplet
                for number, each in facts.items()
                if not names.isdisjoint(topic[0] for topic in self.of(each.fact.triplet))
            }
            if placing.keys() <= found:
                return found
            found |= placing.keys()
            names |= self._nested_in(placing.values())

    def _nested_in(self, triplets: Iterable[Triplet]) -> set[str]:
        values = (value for triplet in triplets for slots in self._slots for value in slots.values(triplet))
        return {value.value for value in values if value.nested}

    def _is_declared(self, relation: str) -> bool:
        """Return whether facts of a relation can end others, or be ended by them, beside their exact opposites."""
        return can_deny(relation) or any(slots.is_declared(relation) for slots in self._slots)


def _ends(ends: Iterable[End]) -> Iterator[Topic]:
    for end in ends:
        yield end.subject, end.kind, END, end.other or ""
        if end.other is not None:
            yield end.other, end.kind, END, end.subject


def _ids(tx: Transaction, names: Iterable[str]) -> set[int]:
    return {number for name in names if (number := tx.facts.name_id(name)) is not None}


def _triplets(stored: StoredReading) -> Iterator[Triplet]:
    """Yield the triplets that a reading states, and those that it ends."""
    yield from stored.reading.triplets
    for pair in (*stored.reading.outdated, *stored.declared):
        yield pair.old
        if pair.new is not None:
            yield pair.new


# -- what the memory would hold ----------------------------------------------------------------------------------------


def _outcome(tx: Transaction, affected: _Affected, episode: Episode, stored: StoredReading, apply: Apply) -> Outcome:
    """Return what the memory would hold of the affected triplets, if the new text had the place of the former one."""
    entries, refused = _entries(tx, affected.episodes, episode.id, stored), tuple[Replacement, ...]()
    with closing(Store(RAM, tx.space)) as beside, beside.write() as other:
        tx.copy_settings(other)
        for place, number in sorted(entries.items()):
            if number == episode.id:
                refused = apply(other, replace(episode, id=place), replace(stored, place=None))
            else:
                (each,), reading = tx.episodes.some([number]), tx.episodes.reading_of(number)
                apply(other, replace(each, id=place), replace(reading, place=None))
        latest = max(tx.state.latest or 0, tx.to_clock(episode.at))
        rows = {triplet_key(triplet): _rows(other, triplet, entries, latest) for triplet in affected.triplets}
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
