"""What a replay of some episodes beside the space gives otherwise: the rows to write, so that the space is the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ariadne.memory.ontology.names import triplet_key
from ariadne.memory.storage.changes.fact_rows import (
    Ending,
    FactRow,
    Key,
    endings_of,
    facts_of,
    free_id,
    mentions_of,
    rows_of,
    with_key,
)
from ariadne.memory.storage.episodes import Changes, StoredReading
from ariadne.memory.storage.facts import BASIS_FACT, BASIS_STATEMENTS
from ariadne.memory.storage.store import View
from ariadne.values import Replacement

MOST_ROWS = 400
"""The most facts that one transaction writes."""


class NotLocalError(Exception):
    """It is not sure that the replayed episodes are all that matter."""


@dataclass
class Difference:
    """What a replay gives otherwise."""

    rows: dict[int, FactRow]
    """By id: the facts that differ, and new ones."""
    deleted: set[int]
    """The ids of the facts that are gone."""
    basis: dict[int, set[int]]
    """By what rests on them: the ids of other facts that later episodes rest on."""
    endings: tuple[set[Ending], set[Ending]]
    """The ends that no fact shows: the former and the new ones."""
    names: set[str]
    """The identities of the names that another episode may have first now, or none."""
    changes: dict[int, Changes] = field(default_factory=dict)
    """By number of an episode: what it changes."""
    mentions: dict[int, dict[str, str]] = field(default_factory=dict)
    """By number of an episode: the names that it mentions, as `mentions_of` returns them."""


class Comparison:
    """Compares the affected facts of a space with those of a replay.

    Args:
        view: The space.
        other: The replay, in another memory.
        keys: The content of the affected facts, before and after the change.
        facts: The ids of the facts of the space that may have this content.
        renamed: The identities of the names that texts have otherwise after the change.
    """

    def __init__(self, view: View, other: View, keys: set[Key], facts: Iterable[int], renamed: set[str]) -> None:
        self._view, self._other, self._keys, self._renamed = view, other, keys, renamed
        self._former = {fact: row for fact, row in rows_of(view, facts).items() if row.key in keys}
        self._replayed = rows_of(other)
        self._ids = dict[int, int]()
        """By id in the replay: the id of an affected fact in the space."""
        self._last = 0
        """The last id of the facts that are known from the episodes so far."""

    def difference(self, replayed: Mapping[int, tuple[StoredReading, Changes]], without: frozenset[int]) -> Difference:
        """Return what differs; raise NotLocalError if other facts or episodes may differ, too.

        Args:
            replayed: By number: the reading of each replayed episode, and what it changes in the replay.
            without: The episodes that are forgotten.
        """
        self._check_forgotten(without)
        self._find_ids()
        rows = {self._ids[fact]: self._with_basis(fact) for fact in self._affected()}
        differing = {fact: row for fact, row in rows.items() if self._former.get(fact) != row}
        deleted = self._former.keys() - rows.keys()
        if len(differing) + len(deleted) > MOST_ROWS:
            raise NotLocalError
        gone = [self._former[fact] for fact in {*differing, *deleted} & self._former.keys()]
        names = _names_with_other_uses(gone, differing.values())
        names |= self._renamed | {name for each in mentions_of(self._view, without).values() for name in each}
        endings = endings_of(self._view, self._keys), endings_of(self._other, self._keys)
        difference = Difference(differing, deleted, self._basis_of_others(), endings, names)
        self._compare_episodes(difference, replayed)
        return difference

    def _affected(self) -> Iterator[int]:
        """Yield the ids of the affected facts in the replay."""
        return (fact for fact, row in self._replayed.items() if row.key in self._keys)

    def _check_forgotten(self, without: frozenset[int]) -> None:
        """Raise NotLocalError if a forgotten episode states or changes another fact."""
        endings = [row[:3] for number in without for row in self._view.facts.endings_by(number)]
        if not facts_of(self._view, without) <= self._former.keys() or not self._keys.issuperset(endings):
            raise NotLocalError

    def _with_basis(self, fact: int) -> FactRow:
        """Return an affected fact of the replay; what other episodes rest on remains so."""
        row, former = self._replayed[fact], self._former.get(self._ids[fact])
        return row if former is None else replace(row, basis=row.basis | former.basis)

    def _basis_of_others(self) -> dict[int, set[int]]:
        found: dict[int, set[int]] = {BASIS_FACT: set(), BASIS_FACT | BASIS_STATEMENTS: set()}
        for row in self._replayed.values():
            if row.basis and row.key not in self._keys:
                found[row.basis].update(with_key(self._view, row.key))
        return found

    # -- ids -----------------------------------------------------------------------------------------------------------

    def _find_ids(self) -> None:
        """Find the id in the space of each affected fact, so that the order of the ids remains the order learned."""
        kept = defaultdict[tuple[object, ...], list[int]](list)
        for fact, row in self._former.items():
            kept[self._same(row)].append(fact)
        by_episode = defaultdict[int, list[int]](list)
        for fact, row in self._replayed.items():
            by_episode[row.known[0]].append(fact)
            if row.key in self._keys and (same := kept[self._same(row)]):
                self._ids[fact] = same.pop(0)
        for number, facts in sorted(by_episode.items()):
            new = [fact for fact in facts if self._replayed[fact].key in self._keys and fact not in self._ids]
            if new:
                self._place(number, facts, new)
            ids = [self._ids[fact] for fact in facts if fact in self._ids]
            _check_order(ids)
            self._last = max([self._last, *ids])

    def _same(self, row: FactRow) -> tuple[object, ...]:
        """Return what a fact before the change and the same one after it have in common."""
        subject, relation, thing = row.key
        names = (None if name in self._renamed else name for name in (subject, thing))
        return (*names, relation, row.known[0])

    def _place(self, number: int, facts: Sequence[int], new: Iterable[int]) -> None:
        """Give ids to new facts among the facts that are known from an episode on, which are given in their order."""
        others = {row.key: fact for fact, row in rows_of(self._view, self._known_from(number)).items()}
        ids = {fact: others[row.key] for fact in facts if (row := self._replayed[fact]).key in others}
        ids |= {fact: self._ids[fact] for fact in facts if fact in self._ids}
        if not {*others.values()} <= {*ids.values()}:
            raise NotLocalError  # another fact of the episode has no place among these
        _check_order([ids[fact] for fact in facts if fact in ids])
        for fact in new:
            place = facts.index(fact)
            after = max((ids[each] for each in facts[:place] if each in ids), default=self._last)
            before = min((ids[each] for each in facts[place:] if each in ids), default=None)
            free = free_id(self._view, number, after, before)
            if free is None:
                raise NotLocalError
            ids[fact] = self._ids[fact] = free

    def _known_from(self, number: int) -> set[int]:
        """Return the ids of the other facts that are known from an episode on."""
        return {each.id for each in self._view.facts.added_by(number)} - self._former.keys()

    # -- episodes ------------------------------------------------------------------------------------------------------

    def _compare_episodes(self, difference: Difference, replayed: Mapping[int, tuple[StoredReading, Changes]]) -> None:
        before, after = (mentions_of(view, replayed) for view in (self._view, self._other))
        for number, (reading, changes) in replayed.items():
            was = self._view.episodes.changes_of(number)
            if (becomes := self._changes(reading, was, changes)) != was:
                difference.changes[number] = becomes
            if before[number].keys() != after[number].keys():
                difference.mentions[number] = after[number]
                difference.names |= {*before[number], *after[number]}

    def _changes(self, reading: StoredReading, was: Changes, becomes: Changes) -> Changes:
        """Return what an episode changes: of the affected facts as replayed, of all others as it is in the space."""
        return Changes(
            self._facts(reading, was.added, becomes.added),
            self._facts(reading, was.restated, becomes.restated),
            self._facts(reading, was.retired, becomes.retired),
            self._refused(reading, was.refused, becomes.refused),
        )

    def _facts(self, reading: StoredReading, was: Sequence[int], becomes: Sequence[int]) -> tuple[int, ...]:
        new = [(self._replayed[fact].key, self._ids[fact]) for fact in becomes if fact in self._ids]
        kept = [fact for fact in was if fact not in self._former]
        if not kept or not new:
            return (*kept, *(fact for _, fact in new))
        places = dict[Key, int]()
        for place, triplet in enumerate(reading.reading.triplets):
            places.setdefault(triplet_key(self._other.resolve_triplet(triplet)), place)
        rows = rows_of(self._view, kept)
        every = [*((rows[fact].key, fact) for fact in kept), *new]
        if not all(key in places for key, _ in every):
            raise NotLocalError
        return tuple(fact for _, fact in sorted(every, key=lambda each: places[each[0]]))

    def _refused(
        self, reading: StoredReading, was: Sequence[Replacement], becomes: Sequence[Replacement]
    ) -> tuple[Replacement, ...]:
        pairs = reading.reading.outdated
        chosen = [pair for pair in was if not self._is_affected(pair)]
        chosen += [pair for pair in becomes if self._is_affected(pair)]
        if not {*chosen} <= {*pairs}:
            raise NotLocalError
        return tuple(sorted(chosen, key=pairs.index))

    def _is_affected(self, pair: Replacement) -> bool:
        return any(triplet_key(view.resolve_triplet(pair.old)) in self._keys for view in (self._view, self._other))


def _names_with_other_uses(former: Iterable[FactRow], rows: Iterable[FactRow]) -> set[str]:
    """Return the identities of the names that these facts have from other episodes on than the former ones."""
    before, after = ({(name, row.learned_in) for row in each for name in row.key[::2]} for each in (former, rows))
    return {name for name, _ in before ^ after}


def _check_order(ids: Sequence[int]) -> None:
    """Raise NotLocalError if ids do not ascend."""
    if list(ids) != sorted(ids):
        raise NotLocalError
