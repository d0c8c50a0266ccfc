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


@dataclass(frozen=True)
class Said:
    """How near a text is to the own texts of episodes: ascending numbers, and a score each."""

    numbers: Rows
    scores: Floats

    def of(self, numbers: Sequence[int]) -> dict[int, float]:
        """The scores of those of these episodes that have one."""
        asked = np.array(numbers, np.int64)
        places = np.minimum(np.searchsorted(self.numbers, asked), max(len(self.numbers) - 1, 0))
        known = self.numbers[places] == asked if len(self.numbers) else np.zeros(len(asked), np.bool_)
        return {int(n): float(self.scores[place]) for n, place in zip(asked[known], places[known], strict=True)}

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
        self._rows = Growing(np.int64, 7)  # id, subject, object, valid_from, valid_to, learned_in, retired_in
        self._columns = [np.zeros(0, np.int64)] * 7
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
        self.scorer.add(self._seen)
        if rows := self._store.facts.rows_after(self._seen):
            self._rows.extend(np.array(rows, np.int64))
        if len(self.scorer) != len(self._rows):
            raise MemoryFileError(f"{self._store.db.path}: damaged: a fact has lost a name")
        for fact, valid_to, retired_in in self._store.facts.retired_after(self._seen):
            self._rows.rows[self.row(fact), [4, 6]] = valid_to, retired_in
        self._columns = [np.ascontiguousarray(column) for column in self._rows.rows.T]

    def __len__(self) -> int:
        return len(self._rows)

    def row(self, fact: int) -> int:
        return int(np.searchsorted(self._rows.rows[:, 0], fact))

    def facts(self, rows: Rows) -> list[int]:
        """The ids of these rows' facts."""
        return [int(fact) for fact in self._rows.rows[rows, 0]]

    def ends(self, rows: Rows) -> Rows:
        """The names (ids) that these rows' facts tie: (n, 2)."""
        ends: Rows = self._rows.rows[rows, 1:3]
        return ends

    def learned_in(self, rows: Rows) -> Rows:
        """The episodes that taught these rows' facts first."""
        learned: Rows = self._rows.rows[rows, 5]
        return learned

    def touching(self, names: Rows) -> Rows:
        """The rows of the facts that touch any of these names."""
        if not len(self._rows) or not len(names):
            return np.zeros(0, np.int64)
        subjects, objects = self._columns[1:3]
        wanted = np.zeros(max(int(subjects.max()), int(objects.max()), int(names.max())) + 1, np.bool_)
        wanted[names] = True
        return np.flatnonzero(wanted[subjects] | wanted[objects])

    def touched(self, names: Rows, until: int) -> Rows:
        """How many facts known up to an episode ever touched each of these names, on either side."""
        most, known = int(names.max(initial=0)) + 1, self._columns[5] <= until
        counts = [np.bincount(column[known & (column < most)], minlength=most) for column in self._columns[1:3]]
        touched: Rows = (counts[0] + counts[1])[names]
        return touched

    def held(self, moment: Moment) -> NDArray[np.bool_]:
        """Which facts hold as seen from a moment: a row of booleans; the same condition as the store's."""
        if not len(self._rows):
            return np.zeros(0, np.bool_)
        valid_from, valid_to, learned_in, retired_in = self._columns[3:]
        known, open_still = learned_in <= moment.until, retired_in > moment.until
        held: NDArray[np.bool_] = known & open_still
        if moment.valid_at is not None:
            at = self._store.space.to_clock(moment.valid_at)
            held = known & (valid_from <= at) & (open_still | (valid_to > at))
        return held

    def masked(self, facts: Iterable[int]) -> NDArray[np.bool_]:
        """True for the rows of these facts."""
        mask = np.zeros(len(self._rows), np.bool_)
        if len(mask):
            mask[np.searchsorted(self._rows.rows[:, 0], np.array(sorted(facts), np.int64))] = True
        return mask
