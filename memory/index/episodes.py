"""The episodes of a space in RAM: their times, sources and neighbours, and the scores of their texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ariadne.errors import MemoryFileError
from ariadne.memory.index.arrays import GrowingArray, Rows
from ariadne.memory.ontology.names import identity_of
from ariadne.memory.storage.store import View
from ariadne.memory.storage.text.passages import BITS, row_of
from ariadne.memory.storage.text.words import query_words
from ariadne.memory.storage.vectors import Floats

NO_SOURCE = NO_THREAD = NO_NEIGHBOR = -1
NEIGHBORS = -2, -1, 1, 2
"""The neighbours of an episode that count, by their distance."""
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
        self._rows = GrowingArray(np.int64, 5)
        """Number, world time in clock ticks, position in `sources` (or NO_SOURCE), the digest of text and source (of an
        event of its own the number below 0), and the number of the session or document (or NO_THREAD)."""
        self._positions, self._threads = dict[str, int](), dict[str, int]()
        self.sources = list[str]()
        """All sources, in the order of their first episodes."""
        self.by_name = dict[str, list[int]]()
        """By the identity of a source, and of a person's first name: the positions in `sources`."""
        self._neighbors: Rows | None = None
        self._path = ""

    def read(self, view: View, seen: int) -> None:
        """Read the episodes after episode `seen`."""
        episodes, self._path = view.episodes.after(seen), view.path
        if not episodes:
            return
        known, threads = self._positions, self._threads
        with view.decoding():
            rows = [
                (
                    number, at,
                    NO_SOURCE if source is None else known.setdefault(source, len(known)),
                    -number if digest is None else digest,
                    NO_THREAD if thread is None else threads.setdefault(thread, len(threads)),
                )
                for number, at, digest, source, thread in episodes
            ]  # fmt: skip
            self._rows.extend(np.array(rows, np.int64))
        for source in list(known)[len(self.sources) :]:
            for name in _names_of(source):
                self.by_name.setdefault(name, []).append(len(self.sources))
            self.sources.append(source)
        self._neighbors = None

    def count_of(self, source: int) -> int:
        """Return how many episodes a source has, by its position in `sources`."""
        return int(np.count_nonzero(self._rows.rows[:, 2] == source))

    def remove(self, numbers: Rows) -> None:
        """Forget episodes."""
        self._rows.remove(np.isin(self._rows.rows[:, 0], numbers))
        self._neighbors = None

    def until(self, number: int) -> tuple[Rows, Rows, Rows, Rows]:
        """Return the episodes up to a number, ascending: numbers, world times, positions in `sources`, digests."""
        rows = self._rows.rows[: np.searchsorted(self._rows.rows[:, 0], number, "right")]
        return rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3]

    def times_and_sources(self, numbers: Rows) -> tuple[Rows, Rows]:
        """Return the world times (in clock ticks) of episodes, and their positions in `sources` (or NO_SOURCE).

        Raises:
            MemoryFileError: An episode is missing.
        """
        rows = self._rows_of(numbers)
        return rows[:, 1], rows[:, 2]

    def digests(self, numbers: Rows) -> Rows:
        """Return the digests of episodes; those with the same text and source share one.

        Raises:
            MemoryFileError: An episode is missing.
        """
        digests: Rows = self._rows_of(numbers)[:, 3]
        return digests

    def _rows_of(self, numbers: Rows) -> Rows:
        places = np.searchsorted(self._rows.rows[:, 0], numbers)
        rows: Rows = self._rows.rows[places[places < len(self._rows)]]
        if not np.array_equal(rows[:, 0], numbers):
            raise MemoryFileError(f"{self._path}: damaged: an episode that states or mentions something is missing")
        return rows

    def with_digest(self, digest: int) -> tuple[Rows, Rows]:
        """Return the episodes that have a digest, ascending, and their world times (in clock ticks)."""
        rows = self._rows.rows[self._rows.rows[:, 3] == digest]
        return rows[:, 0], rows[:, 1]

    def neighbors(self) -> Rows:
        """Return (n, 4) the places of each episode's neighbours in its session or document, or NO_NEIGHBOR.

        Places are those of all episodes by ascending number. The columns are in the order of NEIGHBORS, and the
        neighbours in that of world time.
        """
        if self._neighbors is None:
            rows = self._rows.rows
            neighbors = np.full((len(rows), len(NEIGHBORS)), NO_NEIGHBOR)
            inside = np.flatnonzero(rows[:, 4] != NO_THREAD)
            order = inside[np.lexsort((rows[inside, 0], rows[inside, 1], rows[inside, 4]))]
            for column, distance in enumerate(NEIGHBORS):
                earlier, later = order[: -abs(distance)], order[abs(distance) :]
                together = rows[earlier, 4] == rows[later, 4]
                here, there = (earlier, later) if distance > 0 else (later, earlier)
                neighbors[here[together], column] = there[together]
            self._neighbors = neighbors
        return self._neighbors

    def around(self, number: int, distance: int) -> list[int]:
        """Return the numbers of an episode's neighbours up to a distance, in their order."""
        place = int(np.searchsorted(self._rows.rows[:, 0], number))
        near = [column for column, away in enumerate(NEIGHBORS) if abs(away) <= distance]
        places = self.neighbors()[place, near]
        found: list[int] = self._rows.rows[places[places != NO_NEIGHBOR], 0].tolist()
        return found


def _names_of(source: str) -> list[str]:
    """Return the identities that a query may name a source by: none of a function word such as "me"."""
    words = source.split()
    if not query_words(source):
        return []
    is_person = 1 < len(words) <= MOST_NAMES and all(word[0].isupper() for word in words)
    return list(dict.fromkeys([identity_of(source), *([identity_of(words[0])] if is_person else [])]))


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
