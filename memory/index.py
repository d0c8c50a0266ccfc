"""What recall needs at hand: the facts of a space as numbers (ends, times), in RAM, never read twice.

It follows the store by episode numbers, so it also sees what other processes wrote.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ariadne.errors import MemoryFileError
from ariadne.memory.compact import Floats, Growing
from ariadne.memory.moments import Moment
from ariadne.memory.store import Store

Rows = NDArray[np.int64]
NOBODY = -1
COLUMNS = ("id", "subject", "object", "valid_from", "valid_to", "learned_in", "retired_in", "relation")
"""Of a fact, in RAM: ids, the clock's integers, numbers of episodes; its relation, numbered as they come."""


@dataclass(frozen=True)
class Said:
    """How near a text is to the own texts of episodes: ascending numbers, and a score each."""

    numbers: Rows
    scores: Floats

    def of(self, numbers: Rows) -> NDArray[np.float64]:
        """The scores of these episodes; 0 for one that has none."""
        if not len(self.numbers):
            return np.zeros(len(numbers))
        places = np.minimum(np.searchsorted(self.numbers, numbers), len(self.numbers) - 1)
        return np.where(self.numbers[places] == numbers, self.scores[places], 0.0).astype(np.float64)

    def best(self, most: int, wanted: NDArray[np.bool_]) -> list[int]:
        """The numbers of the nearest of those wanted, newest first among equals."""
        rows = np.flatnonzero(wanted)
        ranked = np.lexsort((-self.numbers[rows], -self.scores[rows]))[:most]
        return [int(number) for number in self.numbers[rows[ranked]]]


class Scorer(Protocol):
    """Scores texts against all facts, and against all episodes, that the index has come to."""

    threshold: float
    """Of the paper's search: a triplet that is less near has nothing to do with the text."""
    faintest: float
    """Of association: the same for a chain."""

    def __len__(self) -> int:
        """How many facts it has come to."""

    def clear(self) -> None: ...
    def add(self, seen: int) -> None:
        """Take in what was told after an episode."""

    def scores(self, texts: Sequence[str], held: NDArray[np.bool_]) -> Floats:
        """(texts, facts), -inf for those that are not to be found."""

    def vectors(self, text: str, rows: Rows, held: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """A text and some facts, of all that are held, as unit vectors of one space: (d,) and (n, d)."""

    def name_vectors(self, names: Sequence[int]) -> Floats | None:
        """Names (ids) as unit vectors, (n, d); None where names are near each other only by being the same."""

    def said(self, text: str, until: int) -> Said: ...


class Index:
    """The facts of a space in the order learned, one row each; brought up to date by `catch_up`.

    Whoever looks holds `lock`, taken before the look at the store begins: so it is never ahead of what that look sees.
    """

    def __init__(self, store: Store, scorer: Scorer) -> None:
        self.scorer = scorer
        self.lock = threading.Lock()
        self._store = store
        self._begin(0)

    def _begin(self, rewritten: int) -> None:
        self._rewritten, self._seen = rewritten, 0
        self._columns = {name: Growing(np.int64, 1) for name in COLUMNS}
        self._relations = dict[str, int]()
        self._by_relation = dict[tuple[int, int], tuple[Rows, Rows]]()
        self._restated = dict[int, list[int]]()
        """By row: the episodes that state the fact again."""
        self._told = Growing(np.int64, 3)
        """Of each episode: number, world time, source (a place in `sources`; NOBODY)."""
        self._sources = dict[str, int]()
        self.scorer.clear()

    def catch_up(self) -> None:
        """Take in what was remembered since; a fact already here may have been retired."""
        state = self._store.space.state
        if state.rewritten != self._rewritten:
            self._begin(state.rewritten)
        if state.last == self._seen:
            return
        try:
            self._take_in()
        except BaseException:  # half of it would be worse than none
            self._begin(state.rewritten)
            raise
        self._seen = state.last

    def _take_in(self) -> None:
        changed = set[int]()
        """Relations."""
        self.scorer.add(self._seen)
        if rows := self._store.facts.rows_after(self._seen):
            known = self._relations
            numbers = np.array([(*row[:-1], known.setdefault(row[-1], len(known))) for row in rows], np.int64)
            for name, column in zip(COLUMNS, numbers.T, strict=True):
                self._columns[name].extend(column[:, None])
            changed |= {*numbers[:, -1].tolist()}
        if len(self.scorer) != len(self):
            raise MemoryFileError(f"{self._store.db.path}: damaged: a fact has lost a name")
        for fact, episode in self._store.facts.restated_after(self._seen):
            self._restated.setdefault(self.row(fact), []).append(episode)
        if told := self._store.episodes.told_after(self._seen):
            known = self._sources
            by = [NOBODY if source is None else known.setdefault(source, len(known)) for _, _, source in told]
            with self._store.space.decoding():
                rows_told = [(number, at, by) for (number, at, _), by in zip(told, by, strict=True)]
                self._told.extend(np.array(rows_told, np.int64))
        for fact, valid_to, retired_in in self._store.facts.retired_after(self._seen):
            row = self.row(fact)
            self._column("valid_to")[row], self._column("retired_in")[row] = valid_to, retired_in
            changed.add(int(self._column("relation")[row]))
        self._by_relation = {key: counts for key, counts in self._by_relation.items() if key[0] not in changed}

    def __len__(self) -> int:
        return len(self._columns["id"])

    def _column(self, name: str) -> Rows:
        """A view: what is written to it stays."""
        column: Rows = self._columns[name].rows[:, 0]
        return column

    def row(self, fact: int) -> int:
        return int(np.searchsorted(self._column("id"), fact))

    def facts(self, rows: Rows) -> list[int]:
        """The ids of these rows' facts."""
        return [int(fact) for fact in self._column("id")[rows]]

    def ends(self, rows: Rows) -> Rows:
        """The names (ids) that these rows' facts tie: (n, 2)."""
        return np.column_stack([self._column("subject")[rows], self._column("object")[rows]])

    def learned_in(self, rows: Rows) -> Rows:
        """The episodes that taught these rows' facts first."""
        return self._column("learned_in")[rows]

    def stating(self, rows: Rows, until: int) -> tuple[Rows, Rows]:
        """The episodes, up to one, that state these rows' facts: places in `rows`, and an episode's number each."""
        again = [(place, n) for place, row in enumerate(rows.tolist()) for n in self._restated.get(row, ())]
        more = np.array(again, np.int64).reshape(-1, 2)
        places = np.concatenate([np.arange(len(rows)), more[:, 0]])
        numbers = np.concatenate([self.learned_in(rows), more[:, 1]])
        known = numbers <= until
        return places[known], numbers[known]

    def told(self, numbers: Rows) -> tuple[Rows, Rows]:
        """Of these episodes: the world time (in the clock's integers), and the source (a place in `sources`, or
        NOBODY)."""
        places = np.searchsorted(self._told.rows[:, 0], numbers)
        if not np.isin(numbers, self._told.rows[:, 0]).all():
            raise MemoryFileError(f"{self._store.db.path}: damaged: an episode that states a fact is gone")
        rows = self._told.rows[places]
        return rows[:, 1], rows[:, 2]

    @property
    def sources(self) -> list[str]:
        """All sources, in the order in which they first told something."""
        return list(self._sources)

    def relations(self, rows: Rows) -> Rows:
        """The relations of these rows' facts, as numbers from 0."""
        return self._column("relation")[rows]

    def relation(self, number: int) -> str:
        """The relation (as it is compared) of a number."""
        return list(self._relations)[number]

    def by_relation(self, number: int, until: int) -> tuple[Rows, Rows]:
        """How many facts of a relation its subjects have, as known after an episode: for each subject, and for each
        subject and episode that told of it first."""
        if (number, until) not in self._by_relation:
            of_it = (self._column("relation") == number) & (self._column("learned_in") <= until)
            rows = np.flatnonzero(of_it & (self._column("retired_in") > until))
            subjects, taught = self._column("subject")[rows], self._column("learned_in")[rows]
            at_once = subjects * (int(taught.max(initial=0)) + 1) + taught
            counts = (np.unique(some, return_counts=True)[1] for some in (subjects, at_once))
            self._by_relation[number, until] = next(counts), next(counts)
        return self._by_relation[number, until]

    def touching(self, names: Rows) -> Rows:
        """The rows of the facts that touch any of these names."""
        if not len(self) or not len(names):
            return np.zeros(0, np.int64)
        subjects, objects = self._column("subject"), self._column("object")
        wanted = np.zeros(max(int(subjects.max()), int(objects.max()), int(names.max())) + 1, np.bool_)
        wanted[names] = True
        return np.flatnonzero(wanted[subjects] | wanted[objects])

    def touched(self, names: Rows, until: int) -> Rows:
        """How many facts known up to an episode ever touched each of these names, on either side."""
        rows = self.touching(names)
        ends = self.ends(rows[self.learned_in(rows) <= until])
        found, counts = np.unique(ends, return_counts=True)
        places = np.minimum(np.searchsorted(found, names), max(len(found) - 1, 0))
        touched: Rows = (
            np.where(found[places] == names, counts[places], 0) if len(found) else np.zeros(len(names), np.int64)
        )
        return touched

    def held(self, moment: Moment) -> NDArray[np.bool_]:
        """Which facts hold as seen from a moment: a row of booleans; the same condition as the store's."""
        if not len(self):
            return np.zeros(0, np.bool_)
        known, open_still = self._column("learned_in") <= moment.until, self._column("retired_in") > moment.until
        held: NDArray[np.bool_] = known & open_still
        if moment.valid_at is not None:
            at = self._store.space.to_clock(moment.valid_at)
            held = known & (self._column("valid_from") <= at) & (open_still | (self._column("valid_to") > at))
        return held

    def masked(self, facts: Iterable[int]) -> NDArray[np.bool_]:
        """True for the rows of these facts."""
        mask = np.zeros(len(self), np.bool_)
        if len(mask):
            mask[np.searchsorted(self._column("id"), np.array(sorted(facts), np.int64))] = True
        return mask
