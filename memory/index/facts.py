"""What recall needs at hand: the facts of a space as numbers (ends, times), in RAM, never read twice.

It follows the store by episode numbers, so it also sees what other processes wrote.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ariadne.errors import MemoryFileError
from ariadne.memory.index.int8_matrix import GrowingArray
from ariadne.memory.storage.snapshot import Snapshot
from ariadne.memory.storage.store import View
from ariadne.memory.storage.vectors import Floats

Rows = NDArray[np.int64]
NO_SOURCE = -1
COLUMNS = ("id", "subject", "object", "valid_from", "valid_to", "learned_in", "retired_in", "relation")
"""Of a fact, in RAM: ids, the clock's integers, numbers of episodes; its relation, numbered as they come."""


@dataclass(frozen=True)
class EpisodeScores:
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
        if len(rows) > most:
            some = self.scores[rows]
            rows = rows[some >= np.partition(some, -most)[-most]]
        ranked = np.lexsort((-self.numbers[rows], -self.scores[rows]))[:most]
        best: list[int] = self.numbers[rows[ranked]].tolist()
        return best


class ByRelation(NamedTuple):
    """How many subjects have facts of a relation; how many have several; of how many an episode states several."""

    subjects: int
    having_several: int
    at_once: int


class Scorer(Protocol):
    """Scores texts against all facts, and against all episodes, that the index has come to."""

    threshold: float
    """Of the paper's search: a triplet that is less near has nothing to do with the text."""
    faintest: float
    """Of association: the same for a chain."""

    def __len__(self) -> int:
        """How many facts it has come to."""

    def clear(self) -> None: ...
    def add(self, view: View, seen: int) -> None:
        """Read what was written after an episode."""

    def scores(self, texts: Sequence[str], held: NDArray[np.bool_]) -> Floats:
        """(texts, facts), -inf for those that are not to be found."""

    def cosines(self, text: str, rows: Rows, others: Rows, held: NDArray[np.bool_]) -> Floats:
        """How near some facts are to others, (rows, others), as far as a text looks at them; of all that are held."""

    def name_cosines(self, view: View, names: Rows, others: Rows) -> Floats | None:
        """The same of names (ids); None where names are near each other only by being the same."""

    def episode_scores(self, view: View, text: str, until: int) -> EpisodeScores: ...


class Index:
    """The facts of a space in the order learned, one row each; `catch_up` brings it up to date.

    A reader takes `lock` before it opens its view, so that the index is never ahead of the view.
    """

    def __init__(self, scorer: Scorer) -> None:
        self.scorer = scorer
        self.lock = threading.Lock()
        self._path = ""
        self._begin(0)

    def _begin(self, rewritten: int) -> None:
        self._rewritten, self._seen = rewritten, 0
        self._columns = {name: GrowingArray(np.int64, 1) for name in COLUMNS}
        self._relations = dict[str, int]()
        self.relation_names = list[str]()
        """As they are compared; a relation's number is its place here."""
        self.by_relation = dict[int, ByRelation]()
        """What was counted of relations, over all that holds now; kept until they change."""
        self._restated = dict[int, list[int]]()
        """By row: the episodes that state the fact again."""
        self._episodes = GrowingArray(np.int64, 3)
        """Of each episode: number, world time, source (a place in `sources`; NO_SOURCE)."""
        self._places, self.sources = dict[str, int](), list[str]()
        """All sources, in the order of their first episodes."""
        self.scorer.clear()

    def catch_up(self, view: View) -> None:
        """Read what was written since; a fact that is here already may be retired now."""
        state, self._path = view.state, view.path
        if state.rewritten != self._rewritten:
            self._begin(state.rewritten)
        if state.last == self._seen:
            return
        try:
            self._read_new(view)
        except BaseException:  # half of it would be worse than none
            self._begin(state.rewritten)
            raise
        self._seen = state.last

    def _read_new(self, view: View) -> None:
        changed = set[int]()  # relations
        self.scorer.add(view, self._seen)
        if rows := view.facts.rows_after(self._seen):
            known = self._relations
            numbers = np.array([(*row[:-1], known.setdefault(row[-1], len(known))) for row in rows], np.int64)
            for name, column in zip(COLUMNS, numbers.T, strict=True):
                self._columns[name].extend(column[:, None])
            self.relation_names = list(known)
            changed |= {*numbers[:, -1].tolist()}
        if len(self.scorer) != len(self):
            raise MemoryFileError(f"{view.path}: damaged: a fact has lost a name")
        for fact, episode in view.facts.restated_after(self._seen):
            row = self.row(fact)
            self._restated.setdefault(row, []).append(episode)
            changed.add(int(self._column("relation")[row]))
        if episodes := view.episodes.after(self._seen):
            known = self._places
            by = [NO_SOURCE if source is None else known.setdefault(source, len(known)) for _, _, source in episodes]
            with view.decoding():
                columns = [(number, at, by) for (number, at, _), by in zip(episodes, by, strict=True)]
                self._episodes.extend(np.array(columns, np.int64))
            self.sources = list(known)
        for fact, valid_to, retired_in in view.facts.retired_after(self._seen):
            row = self.row(fact)
            self._column("valid_to")[row], self._column("retired_in")[row] = valid_to, retired_in
            changed.add(int(self._column("relation")[row]))
        self.by_relation = {number: counts for number, counts in self.by_relation.items() if number not in changed}

    @property
    def last(self) -> int:
        """The episode that it has come to."""
        return self._seen

    def __len__(self) -> int:
        return len(self._columns["id"])

    def _column(self, name: str) -> Rows:
        """Return a view; writes to it persist."""
        column: Rows = self._columns[name].rows[:, 0]
        return column

    def row(self, fact: int) -> int:
        return int(np.searchsorted(self._column("id"), fact))

    def facts(self, rows: Rows) -> list[int]:
        """The ids of these rows' facts."""
        facts: list[int] = self._column("id")[rows].tolist()
        return facts

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

    def times_and_sources(self, numbers: Rows) -> tuple[Rows, Rows]:
        """Of these episodes: the world time (in the clock's integers), and the source (a place in `sources`, or
        NO_SOURCE)."""
        places = np.searchsorted(self._episodes.rows[:, 0], numbers)
        if not np.isin(numbers, self._episodes.rows[:, 0]).all():
            raise MemoryFileError(f"{self._path}: damaged: an episode that states a fact is gone")
        rows = self._episodes.rows[places]
        return rows[:, 1], rows[:, 2]

    def relations(self, rows: Rows) -> Rows:
        """The relations of these rows' facts, as numbers from 0."""
        return self._column("relation")[rows]

    def of_relation(self, number: int) -> Rows:
        """The rows of the facts of a relation."""
        return np.flatnonzero(self._column("relation") == number)

    def of_subjects(self, names: Rows) -> Rows:
        """The rows of the facts that have any of these names as subject."""
        return np.flatnonzero(_among(names, self._column("subject")))

    def touching(self, names: Rows) -> Rows:
        """The rows of the facts that touch any of these names."""
        return np.flatnonzero(_among(names, self._column("subject")) | _among(names, self._column("object")))

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

    def valid(self, view: View, snapshot: Snapshot) -> NDArray[np.bool_]:
        """Return which facts hold in a snapshot: a row of booleans, by the same condition as in the file."""
        if not len(self):
            return np.zeros(0, np.bool_)
        known, open_still = self._column("learned_in") <= snapshot.until, self._column("retired_in") > snapshot.until
        held: NDArray[np.bool_] = known & open_still
        if snapshot.valid_at is not None:
            at = view.to_clock(snapshot.valid_at)
            held = known & (self._column("valid_from") <= at) & (open_still | (self._column("valid_to") > at))
        return held

    def masked(self, facts: Iterable[int]) -> NDArray[np.bool_]:
        """True for the rows of these facts."""
        mask = np.zeros(len(self), np.bool_)
        if len(mask):
            mask[np.searchsorted(self._column("id"), np.array(sorted(facts), np.int64))] = True
        return mask


def _among(names: Rows, column: Rows) -> NDArray[np.bool_]:
    """Return which entries of a column are among these names, as np.isin but faster."""
    wanted = np.zeros(max(int(column.max(initial=-1)), int(names.max(initial=-1))) + 1, np.bool_)
    wanted[names] = True
    return wanted[column]
