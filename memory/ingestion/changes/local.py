"""A change of the past that concerns few episodes: these are replayed beside the space, and what differs is written.

The episodes that decide about the affected facts are replayed in RAM, which stops no other writer. A short transaction
then writes the facts that differ. Where it is not sure that the result is that of a whole replay, nothing is written,
and a draft of the space is made instead; see `rewriting`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from ariadne.memory.ingestion.changes.comparison import Comparison, Difference, NotLocalError
from ariadne.memory.ingestion.changes.first_names import update_names
from ariadne.memory.ingestion.revision.affected import Affected, slots_of
from ariadne.memory.ingestion.updates import replay_beside
from ariadne.memory.ontology.names import identity_of, triplet_key
from ariadne.memory.ontology.reviser import ReviserOf
from ariadne.memory.ontology.slots import Slots
from ariadne.memory.storage.changes import hidden
from ariadne.memory.storage.changes.fact_rows import write_endings, write_mentions, write_rows
from ariadne.memory.storage.database import RAM
from ariadne.memory.storage.episodes import Changes, StoredReading
from ariadne.memory.storage.facts import BASIS_FACT, BASIS_STATEMENTS
from ariadne.memory.storage.snapshot import END
from ariadne.memory.storage.store import State, Store, Transaction, View
from ariadne.values import Triplet, is_transcript

MOST_EPISODES = 1000
"""The most episodes that are replayed in RAM."""
_ATTEMPTS = 3
"""How often a change is planned again because others wrote meanwhile."""
_TOGETHER = 1000  # episodes that are read at a time


class _UndoError(Exception):
    """Ends a transaction that was only to be read."""


@dataclass(frozen=True)
class LocalChange:
    """One change of the past; the arguments are those of a `Rewriting`."""

    store: Store
    reviser_in: Callable[[View], ReviserOf]
    change: Callable[[Transaction], None]
    without: frozenset[int]
    divided: Mapping[int, Mapping[str, str]]

    def apply(self) -> bool:
        """Make the change; return False if nothing was written, because it may concern too much."""
        return self._try(lambda _: None)

    def preview(self, read: Callable[[View], None]) -> bool:
        """Read the space as it would be after the change, and change nothing; return False if that may be too much."""

        def read_and_undo(tx: Transaction) -> None:
            read(tx)
            raise _UndoError

        try:
            return self._try(read_and_undo)
        except _UndoError:
            return True

    def _try(self, finish: Callable[[Transaction], None]) -> bool:
        for _ in range(_ATTEMPTS):
            with self.store.read() as view:
                state = view.state
                try:
                    difference = _Planning(self, view).difference()
                except NotLocalError:
                    return False
            with self.store.write() as tx:
                if hidden.is_drafted(tx):
                    return False
                if _version(tx.state) == _version(state):
                    self._write(tx, difference)
                    finish(tx)
                    return True
        return False

    def _write(self, tx: Transaction, difference: Difference) -> None:
        """Write all that differs."""
        aliases = [alias for alias, _, _ in tx.alias_rows() if tx.facts.name_id(alias) is not None]
        self.change(tx)
        tx.mark_rewritten()
        for number, divided in self.divided.items():
            tx.set_divided(number, divided)
        write_rows(tx, difference.rows, difference.deleted)
        tx.facts.mark_basis(difference.basis[BASIS_FACT], difference.basis[BASIS_FACT | BASIS_STATEMENTS])
        write_endings(tx, *difference.endings)
        for number, changes in difference.changes.items():
            tx.set_changes(number, changes)
        for number, names in (difference.mentions | {number: {} for number in self.without}).items():
            write_mentions(tx, number, names)
        if self.without:
            tx.delete_episodes(sorted(self.without))
        update_names(tx, tx.facts.name_ids(sorted(difference.names)).values())
        for alias in aliases:
            if tx.facts.name_id(alias) is None:
                tx.delete_alias(alias)


def _version(state: State) -> tuple[object, ...]:
    return state.id, state.last, state.rewritten, state.deletions, state.ontology


# -- what changes ------------------------------------------------------------------------------------------------------


class _Planning:
    """Replays the episodes that decide about the affected facts, and compares the result with the space."""

    def __init__(self, change: LocalChange, view: View) -> None:
        self._change, self._view = change, view
        self._reviser_of = change.reviser_in(view)
        self._slots = slots_of([self._reviser_of("")])
        self._renamed = set[str]()
        """The identities of the names that texts have otherwise after the change."""
        self._readings = dict[int, StoredReading]()
        """By number: the readings of the replayed episodes, as they are after the change."""
        self._changes = dict[int, Changes]()
        """By number: what they change in the replay."""

    def difference(self) -> Difference:
        """Return what to write; raise NotLocalError if that may be more than what was found."""
        if self._slots is None or self._has_transcripts():
            raise NotLocalError
        with closing(Store(RAM, self._view.space)) as beside, beside.write() as other:
            self._view.copy_settings(other)
            self._change.change(other)
            other.mark_rewritten()
            if other.state.ontology != self._view.state.ontology:
                raise NotLocalError
            affected = self._affected(other, self._slots)
            self._replay(other, sorted(affected.episodes - self._change.without))
            keys = {triplet_key(triplet) for triplet in affected.triplets}
            replayed = {number: (self._reading(number), changes) for number, changes in self._changes.items()}
            comparison = Comparison(self._view, other, keys, affected.facts, self._renamed)
            return comparison.difference(replayed, self._change.without)

    def _has_transcripts(self) -> bool:
        """Return whether the space has transcripts of games, whose facts end others in ways that no slot shows."""
        since = 0
        while found := self._view.episodes.contents(since, _TOGETHER):
            if any(is_transcript(texts[0]) for _, _, texts, _ in found):
                return True
            since = found[-1][0] + 1
        return False

    # -- which episodes are replayed -----------------------------------------------------------------------------------

    def _affected(self, other: View, slots: Sequence[Slots]) -> Affected:
        """Return the affected triplets, and the episodes to replay."""
        self._renamed |= self._names_that_differ(other)
        concerned = {*self._change.without, *self._change.divided, *self._with_names()}
        if len(concerned) > MOST_EPISODES:
            raise NotLocalError
        triplets = [triplet for number in sorted(concerned) for triplet in self._both(other, number)]
        corrections = set[int]()
        while True:
            affected = Affected(self._view, slots, triplets)
            affected.episodes |= concerned
            if len(affected.episodes) > MOST_EPISODES or self._is_intricate(affected.episodes):
                raise NotLocalError
            found = {number for number in affected.episodes if self._reading(number).correction} - corrections
            if not found:
                return affected
            corrections |= found  # the right fact of a correction begins with the wrong one
            triplets += [triplet for number in found for triplet in self._both(other, number, every=True)]

    def _names_that_differ(self, other: View) -> set[str]:
        """Return the identities of the names that texts have otherwise after the change."""
        before, after = self._view.aliases, other.aliases
        changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
        for number, divided in self._change.divided.items():
            former = self._view.episodes.given_reading_of(number).divided
            changed |= {*divided, *former, *map(identity_of, (*divided.values(), *former.values()))}
        return changed | {identity_of(view.resolve(name)) for view in (self._view, other) for name in changed}

    def _with_names(self) -> set[int]:
        """Return the episodes that have one of these names."""
        found = set[int]()
        for name in self._view.facts.name_ids(sorted(self._renamed)).values():
            having = self._view.episodes.mentioning(name, most=MOST_EPISODES)
            if not having:  # it has more than the most
                raise NotLocalError
            found |= having.keys()
        return found

    def _reading(self, number: int) -> StoredReading:
        """Return the reading of an episode after the change."""
        if number not in self._readings:
            given = self._view.episodes.given_reading_of(number)
            if number in self._change.divided:
                given = replace(given, divided=self._change.divided[number])
            self._readings[number] = given.with_kinds()
        return self._readings[number]

    def _both(self, other: View, number: int, *, every: bool = False) -> Iterable[Triplet]:
        """Yield the triplets of an episode that the change concerns, or all, as they are before and after it."""
        former = self._view.episodes.reading_of(number).all_triplets
        for was, becomes in zip(former, self._reading(number).all_triplets, strict=True):
            before, after = self._view.resolve_triplet(was), other.resolve_triplet(becomes)
            names = {identity_of(name) for triplet in (before, after) for name in triplet.ends}
            if every or number in self._change.without or not names.isdisjoint(self._renamed):
                yield from (before, after)

    def _is_intricate(self, episodes: set[int]) -> bool:
        """Return whether an episode replaces another one, is replaced, or states when facts end."""
        readings = (self._view.episodes.given_reading_of(number) for number in sorted(episodes))
        moved = self._view.episodes.moved(END)
        return not episodes.isdisjoint(moved) or any(reading.until is not None for reading in readings)

    # -- replay --------------------------------------------------------------------------------------------------------

    def _replay(self, other: Transaction, numbers: Sequence[int]) -> None:
        latest = self._latest(numbers)
        episodes = {episode.id: episode for episode in self._view.episodes.some(numbers)}
        for number in numbers:
            reading = self._reading(number)
            self._changes[number] = replay_beside(other, self._reviser_of, episodes[number], reading, latest[number])

    def _latest(self, numbers: Iterable[int]) -> dict[int, int | None]:
        """Return the latest time before each of these episodes; raise NotLocalError if others become late or early."""
        wanted, found = set(numbers), dict[int, int | None]()
        before: int | None = None
        after: int | None = None
        for number, at, *_ in self._view.episodes.after(0):
            if number in self._change.without:
                before = at if before is None else max(at, before)
                continue
            if number in wanted:
                found[number] = after
            if _order(at, before) != _order(at, after):
                raise NotLocalError
            before = at if before is None else max(at, before)
            after = at if after is None else max(at, after)
        return found


def _order(at: int, latest: int | None) -> int:
    """Return whether a time is before the latest one (-1), the same (0), or later (1)."""
    return 1 if latest is None else (at > latest) - (at < latest)
