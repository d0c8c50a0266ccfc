"""The facts of a space in RAM, as columns of numbers: recall searches them without reading the file again.

The index follows the store by episode numbers, so it also sees what other processes wrote.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ariadne.errors import MemoryFileError
from ariadne.memory.index.arrays import GrowingArray, Rows
from ariadne.memory.index.episodes import EpisodeIndex, TextScores
from ariadne.memory.index.weights import WEIGHTS, Weights
from ariadne.memory.storage.snapshot import OPEN, Snapshot
from ariadne.memory.storage.store import Deletion, View
from ariadne.memory.storage.vectors import Floats

COLUMNS = (
    "id", "subject", "object", "valid_from", "valid_to", "learned_in", "retired_in", "known_from", "known_to",
    "relation",
)  # fmt: skip
"""The columns of a fact: ids of the fact and its names, times in clock ticks, episodes, and the relation's number."""

_REMOVED = {"subject": 0, "object": 0, "learned_in": OPEN, "known_from": OPEN, "relation": -1}
"""What the row of a deleted fact has: no name and no relation, and it is never known."""
_MAX_REMOVED = 4
"""The index is read again if more than one row in this many is that of a deleted fact."""


class Scope(NamedTuple):
    """What a search may find."""

    view: View
    """The memory as the search reads it."""
    visible: NDArray[np.bool_]
    """The mask of the facts, by row."""
    until: int
    """The last episode."""


class Scorer(Protocol):
    """Scores the facts and episodes of an index for a text."""

    threshold: float
    """The least score of a triplet in the paper's search."""
    min_score: float
    """The least score of a chain."""
    least_text: float
    """The least score of an episode."""

    def __len__(self) -> int:
        """Return the number of facts that it has read."""

    def clear(self) -> None:
        """Forget all facts and episodes."""

    def add(self, view: View, seen: int) -> None:
        """Read the facts and episodes that were written after episode `seen`."""

    def remove_episodes(self, numbers: Rows) -> None:
        """Forget episodes; deleted facts are kept, since they are never visible."""

    def scores(self, texts: Sequence[str], scope: Scope) -> Floats:
        """Return the scores of n facts for m texts, as (m, n) float32; -inf for facts that are not visible."""

    def cosines(self, text: str, rows: Rows, others: Rows, scope: Scope) -> Floats:
        """Return the cosines of m facts with n others, as far as they matter for the text, as (m, n) float32.

        Args:
            text: The query.
            rows: The rows of the m facts.
            others: The rows of the n others.
            scope: The facts and episodes that words are counted in.
        """

    def name_cosines(self, view: View, names: Rows, others: Rows) -> Floats | None:
        """Return the cosines of m names (ids) with n others, as (m, n) float32; None to compare by identity only."""

    def episode_scores(self, view: View, text: str, until: int, weights: Weights = WEIGHTS) -> TextScores:
        """Return the scores of the texts of the episodes up to `until`, from their similarity and their words."""

    def text_scores(self, query: str, texts: Sequence[str]) -> Floats:
        """Return the scores of a few texts for a query, as (n,) float32."""


class Index:
    """The facts of a space in the order learned, one row each; `catch_up` brings it up to date.

    A reader takes `lock` before it opens its view, so that the index is never ahead of the view.
    """

    def __init__(self, scorer: Scorer) -> None:
        self.scorer = scorer
        self.episodes = EpisodeIndex()
        self.lock = threading.Lock()
        self._path = ""
        self._begin((0, 0))

    def _begin(self, version: tuple[int, int]) -> None:
        self._version, self._seen = version, 0
        self._deletions = self._removed = 0
        self._columns = {name: GrowingArray(np.int64, 1) for name in COLUMNS}
        self.episodes.clear()
        self._relations = dict[str, int]()
        """By relation: its number."""
        self.relation_names = list[str]()
        """By number: the relations as they are compared."""
        self._restated = dict[int, list[int]]()
        """By row: the episodes that state the fact again."""
        self.scorer.clear()

    def catch_up(self, view: View) -> None:
        """Read what was written since the last time, also facts that were retired."""
        state, self._path = view.state, view.path
        if state.version != self._version:
            self._begin(state.version)
        self._follow_deletions(view)
        if state.last == self._seen:
            return
        try:
            self._read_new(view)
        except BaseException:  # never keep a half
            self._begin(state.version)
            raise
        self._seen = state.last

    def _follow_deletions(self, view: View) -> None:
        """Remove what was deleted since the last time; begin again if that is unknown, or too much."""
        if not self._seen or view.state.deletions == self._deletions:
            self._deletions = view.state.deletions
            return
        deletions = view.deletions_after(self._deletions)
        if deletions is None or self._removed + sum(len(each.facts) for each in deletions) > len(self) // _MAX_REMOVED:
            self._begin(self._version)
        for deletion in deletions or () if self._seen else ():
            self._remove(deletion)
        self._deletions = view.state.deletions

    def _remove(self, deletion: Deletion) -> None:
        """Remove episodes and their statements; the rows of deleted facts remain, but nothing finds them."""
        gone = np.array(deletion.episodes, np.int64)
        self.episodes.remove(gone)
        self.scorer.remove_episodes(gone)
        for row in self._rows_of([*deletion.facts, *deletion.restated]):
            self._restated[row] = [each for each in self._restated.get(row, ()) if each not in deletion.episodes]
        for row in self._rows_of(deletion.facts):
            for name, value in _REMOVED.items():
                self._column(name)[row] = value
            self._removed += 1

    def _rows_of(self, facts: Iterable[int]) -> list[int]:
        """Return the rows of those of these facts (ids) that the index has."""
        rows = [(fact, self.row(fact)) for fact in facts]
        return [row for fact, row in rows if row < len(self) and self._column("id")[row] == fact]

    def _read_new(self, view: View) -> None:
        self.scorer.add(view, self._seen)
        self._read_facts(view)
        if len(self.scorer) != len(self):
            raise MemoryFileError(f"{view.path}: damaged: a fact has lost a name")
        for fact, episode in view.facts.restated_after(self._seen):
            self._restated.setdefault(self.row(fact), []).append(episode)
        self.episodes.read(view, self._seen)
        for fact, *values in view.facts.retired_after(self._seen):
            row = self.row(fact)
            for name, value in zip(("valid_to", "retired_in", "known_to"), values, strict=True):
                self._column(name)[row] = value

    def _read_facts(self, view: View) -> None:
        rows = view.facts.rows_after(self._seen)
        if not rows:
            return
        known = self._relations
        numbers = np.array([(*row[:-1], known.setdefault(row[-1], len(known))) for row in rows], np.int64)
        for name, column in zip(COLUMNS, numbers.T, strict=True):
            self._columns[name].extend(column[:, None])
        self.relation_names = list(known)

    @property
    def last(self) -> int:
        """The newest episode that the index has read."""
        return self._seen

    def __len__(self) -> int:
        return len(self._columns["id"])

    def _column(self, name: str) -> Rows:
        """Return a column as a view; writes to it persist."""
        column: Rows = self._columns[name].rows[:, 0]
        return column

    # -- columns of rows -------------------------------------------------------------------------------------------

    def row(self, fact: int) -> int:
        """Return the row of a fact (id)."""
        return int(np.searchsorted(self._column("id"), fact))

    def fact_ids(self, rows: Rows) -> list[int]:
        """Return the ids of the facts in these rows."""
        ids: list[int] = self._column("id")[rows].tolist()
        return ids

    def ends(self, rows: Rows) -> Rows:
        """Return the subject and object (ids of names) of these rows, as (n, 2)."""
        return np.column_stack([self._column("subject")[rows], self._column("object")[rows]])

    def learned_in(self, rows: Rows) -> Rows:
        """Return the episodes that first stated these rows' facts."""
        return self._column("learned_in")[rows]

    def relations(self, rows: Rows) -> Rows:
        """Return the numbers of these rows' relations; see `relation_names`."""
        return self._column("relation")[rows]

    def statements(self, rows: Rows, until: int) -> tuple[Rows, Rows]:
        """Return which episodes up to `until` state these rows' facts: positions in `rows`, and episode numbers."""
        again = [(place, n) for place, row in enumerate(rows.tolist()) for n in self._restated.get(row, ())]
        more = np.array(again, np.int64).reshape(-1, 2)
        places = np.concatenate([np.arange(len(rows)), more[:, 0]])
        numbers = np.concatenate([self.learned_in(rows), more[:, 1]])
        known = numbers <= until
        return places[known], numbers[known]

    # -- rows by their content -------------------------------------------------------------------------------------

    def touching(self, names: Rows) -> Rows:
        """Return the rows that have any of these names (ids) as subject or object."""
        return np.flatnonzero(_is_in(names, self._column("subject")) | _is_in(names, self._column("object")))

    def fact_counts(self, names: Rows, until: int) -> Rows:
        """Return how many facts, past and current, touch each of these names (ids), as known after `until`."""
        rows = self.touching(names)
        ends = self.ends(rows[self._is_known(until)[rows]])
        found, counts = np.unique(ends, return_counts=True)
        if not len(found):
            return np.zeros(len(names), np.int64)
        places = np.minimum(np.searchsorted(found, names), len(found) - 1)
        of_names: Rows = np.where(found[places] == names, counts[places], 0)
        return of_names

    def valid(self, view: View, snapshot: Snapshot) -> NDArray[np.bool_]:
        """Return the mask of the rows that hold in a snapshot, by the same condition as `Snapshot.condition`."""
        if not len(self):
            return np.zeros(0, np.bool_)
        known, retired_in = self._is_known(snapshot.as_of), self._column("retired_in")
        not_retired = retired_in > snapshot.as_of
        if snapshot.valid_at is None:
            current: NDArray[np.bool_] = known & not_retired
            return current
        at, until = view.to_clock(snapshot.valid_at), self._column("valid_to")
        endless = (until == OPEN) | (not_retired & (retired_in != self._column("known_to")))  # or it ends later
        valid: NDArray[np.bool_] = known & (self._column("valid_from") <= at) & (endless | (until > at))
        return valid

    def _is_known(self, until: int) -> NDArray[np.bool_]:
        """Return the mask of the rows with the times that are known after episode `until`."""
        known: NDArray[np.bool_] = (self._column("known_from") <= until) & (self._column("known_to") > until)
        return known

    def mask(self, facts: Iterable[int]) -> NDArray[np.bool_]:
        """Return the mask of the rows of these facts (ids)."""
        mask = np.zeros(len(self), np.bool_)
        if len(mask):
            mask[np.searchsorted(self._column("id"), np.array(sorted(facts), np.int64))] = True
        return mask


def _is_in(names: Rows, column: Rows) -> NDArray[np.bool_]:
    """Return the mask of a column's entries that are among these names, as np.isin but faster."""
    wanted = np.zeros(max(int(column.max(initial=-1)), int(names.max(initial=-1))) + 1, np.bool_)
    wanted[names] = True
    return wanted[column]
