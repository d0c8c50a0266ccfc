"""The episodes of a space in RAM: their times, sources and neighbours, and the scores of their texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ariadne.errors import MemoryFileError
from ariadne.memory.index.arrays import GrowingArray, Rows
from ariadne.memory.index.weights import NEIGHBORS
from ariadne.memory.ontology.names import identity_of
from ariadne.memory.storage.store import View
from ariadne.memory.storage.text.passages import BITS, row_of
from ariadne.memory.storage.text.words import fold, query_words
from ariadne.memory.storage.vectors import Floats

NO_SOURCE = NO_GROUP = NO_NEIGHBOR = -1
NUMBER, TIME, SOURCE, DIGEST, GROUP, PLACE = range(6)
"""The columns of an episode: its number, its world time in clock ticks, the position of its source (or NO_SOURCE), the
digest of its text and source (of an event of its own a number below 0), its session or document (or NO_GROUP), and its
place in that."""
MOST_NEIGHBORS = max(NEIGHBORS)
MOST_NAMES = 3
"""The most words of a source that is a person's name; a longer one is a title."""
RELEVANT = 0.5
"""A passage is shown beside a better one of its text, if its score is at least this share of the better score."""


class EpisodeIndex:
    """The episodes that the index has read, one row each, by ascending number."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget all episodes."""
        self._rows = GrowingArray(np.int64, 6)
        self._positions, self._groups = dict[str, int](), dict[str, int]()
        self.sources = list[str]()
        """All sources, in the order of their first episodes."""
        self.by_name = dict[str, list[int]]()
        """By the key of a source, and of a person's first name: the positions in `sources`."""
        self.longest_name = 0
        """The most words of a source."""
        self._order: Rows | None = None
        self._path = ""

    def read(self, view: View, seen: int) -> None:
        """Read the episodes after episode `seen`."""
        episodes, self._path = view.episodes.after(seen), view.path
        if not episodes:
            return
        known, groups = self._positions, self._groups
        with view.decoding():
            rows = [
                (
                    number, at,
                    NO_SOURCE if source is None else known.setdefault(source, len(known)),
                    -number if digest is None else digest,
                    NO_GROUP if group is None else groups.setdefault(group, len(groups)),
                    place,
                )
                for number, at, place, digest, source, group in episodes
            ]  # fmt: skip
            self._rows.extend(np.array(rows, np.int64))
        for source in list(known)[len(self.sources) :]:
            for name in _names_of(source):
                self.by_name.setdefault(name, []).append(len(self.sources))
            self.longest_name = max(self.longest_name, len(source.split()))
            self.sources.append(source)
        self._order = None

    def remove(self, numbers: Rows) -> None:
        """Forget episodes."""
        self._rows.remove(np.isin(self._rows.rows[:, NUMBER], numbers))
        self._order = None

    def until(self, number: int) -> Rows:
        """Return (n, 6) the episodes up to a number, ascending; the columns are NUMBER, TIME, SOURCE and so on."""
        rows: Rows = self._rows.rows[: np.searchsorted(self._rows.rows[:, NUMBER], number, "right")]
        return rows

    def times_and_sources(self, numbers: Rows) -> tuple[Rows, Rows]:
        """Return the world times (in clock ticks) of episodes, and their positions in `sources` (or NO_SOURCE).

        Raises:
            MemoryFileError: An episode is missing.
        """
        rows = self._rows_of(numbers)
        return rows[:, TIME], rows[:, SOURCE]

    def digests(self, numbers: Rows) -> Rows:
        """Return the digests of episodes; those with the same text and source share one.

        Raises:
            MemoryFileError: An episode is missing.
        """
        digests: Rows = self._rows_of(numbers)[:, DIGEST]
        return digests

    def _rows_of(self, numbers: Rows) -> Rows:
        places = np.searchsorted(self._rows.rows[:, NUMBER], numbers)
        rows: Rows = self._rows.rows[places[places < len(self._rows)]]
        if not np.array_equal(rows[:, NUMBER], numbers):
            raise MemoryFileError(f"{self._path}: damaged: an episode that states or mentions something is missing")
        return rows

    def with_digest(self, digest: int) -> tuple[Rows, Rows]:
        """Return the episodes that have a digest, ascending, and their world times (in clock ticks)."""
        rows = self._rows.rows[self._rows.rows[:, DIGEST] == digest]
        return rows[:, NUMBER], rows[:, TIME]

    def neighbors(self, admitted: NDArray[np.bool_]) -> Rows:
        """Return (n, 4) the places of each episode's neighbours in its session or document, or NO_NEIGHBOR.

        The columns are in the order of NEIGHBORS, and the neighbours in that of world time.

        Args:
            admitted: (n,) which of the first n episodes count; the others are no neighbours, and have none.
        """
        order = self._grouped()
        order = order[order < len(admitted)]
        order = order[admitted[order]]
        groups = self._rows.rows[order, GROUP]
        neighbors = np.full((len(admitted), len(NEIGHBORS)), NO_NEIGHBOR)
        for column, distance in enumerate(NEIGHBORS):
            together = groups[: -abs(distance)] == groups[abs(distance) :]
            pair = order[: -abs(distance)][together], order[abs(distance) :][together]
            here, there = pair if distance > 0 else pair[::-1]
            neighbors[here, column] = there
        return neighbors

    def _grouped(self) -> Rows:
        """Return the rows of sessions and documents, one group after the other, each in its order."""
        if self._order is None:
            rows = self._rows.rows
            inside = np.flatnonzero(rows[:, GROUP] != NO_GROUP)
            keys = [rows[inside, column] for column in (NUMBER, PLACE, TIME, GROUP)]  # the last one counts first
            self._order = inside[np.lexsort(keys)]
        return self._order


def _names_of(source: str) -> list[str]:
    """Return the keys by which a query may name a source: none of a function word such as "me"."""
    words = source.split()
    if not query_words(source):
        return []
    is_person = 1 < len(words) <= MOST_NAMES and all(word[0].isupper() for word in words)
    return list(dict.fromkeys([source_key(source), *([source_key(words[0])] if is_person else [])]))


def source_key(name: str) -> str:
    """Return the form in which names of sources are compared: without case, accents and repeated blanks."""
    return fold(identity_of(name))


@dataclass(frozen=True)
class TextScores:
    """The scores of episodes by their own texts: (n,) ascending episode numbers, and (n,) float32 scores."""

    numbers: Rows
    scores: Floats
    similarity: Floats
    """(n,) the similarity of the nearest passage of each episode, without what shared words add."""
    words: Floats
    """(n,) the share of the query's words that a passage of each episode has, at most."""
    rows: Rows
    """(m,) the episode and the passage of each scored passage, ascending, as `row_of` has them."""
    row_scores: Floats
    """(m,) float32 scores of the passages; an episode has the score of its best one."""

    @classmethod
    def of_rows(cls, rows: Rows, scores: Floats, similarity: Floats, words: Floats) -> Self:
        """Return the scores of episodes from those of their passages, given by ascending rows."""
        numbers = rows >> BITS
        first = np.flatnonzero(np.diff(numbers, prepend=-1))
        if len(first) == len(rows):
            return cls(numbers, scores, similarity, words, rows, scores)
        best, nearest, most_words = (np.maximum.reduceat(column, first) for column in (scores, similarity, words))
        return cls(numbers[first], best, nearest, most_words, rows, scores)

    def passages(self, number: int) -> list[int]:
        """Return the places of an episode's passages that match the text about as well as the best one, best first."""
        start, end = np.searchsorted(self.rows, [row_of(number), row_of(number + 1)])
        return relevant(self.row_scores[start:end], self.rows[start:end] - row_of(number))

    def of(self, numbers: Rows, column: Floats) -> NDArray[np.float64]:
        """Return the values of these episodes in a column, as (n,) float64; 0 for an episode without a score."""
        if not len(self.numbers):
            return np.zeros(len(numbers))
        places = np.minimum(np.searchsorted(self.numbers, numbers), len(self.numbers) - 1)
        return np.where(self.numbers[places] == numbers, column[places], 0.0).astype(np.float64)


def relevant(scores: Floats, places: Rows) -> list[int]:
    """Return the place of the best score, and those of the scores that are at least RELEVANT of it, best first."""
    order = np.argsort(-scores, kind="stable")
    least = RELEVANT * scores.max(initial=0)
    found: list[int] = places[order][scores[order] >= least].tolist() if least > 0 else places[order[:1]].tolist()
    return found
