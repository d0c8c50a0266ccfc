"""The facts that a recall looks at, and the episodes that state them: whose word each fact is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ariadne.memory.look import Look
from ariadne.memory.told import CORRECTION

Scores = NDArray[np.float64]
BY_EPISODE = 0.5
"""What a fact gains by the nearest episode that states it: this much of the episode's score."""
FIRST = 3


class States(NamedTuple):
    """Of an episode's facts that were found: how many, the nearest one's score, and the mean score of the three nearest
    chains that lead to one from another episode (0 for none)."""

    number: int
    nearest: float
    linked: float


class Stating:
    """Facts by their places (0, 1, ...), with the episodes that state them and that the look admits."""

    def __init__(self, look: Look, facts: list[int]) -> None:
        pairs = look.store.facts.stating(facts, look.moment.until)
        places = {fact: place for place, fact in enumerate(facts)}
        numbers = np.array([number for _, number in pairs], np.int64)
        admitted = look.admitted(numbers)
        self._size = len(facts)
        self._facts = np.array([places[fact] for fact, _ in pairs], np.int64)[admitted]
        self._numbers, self._episodes = np.unique(numbers[admitted], return_inverse=True)
        self._source = look.store.episodes.sources([int(number) for number in self._numbers])
        self._trust = np.array([look.weight(source) for source in self._source.values()], np.float64)

    def states(self, scores: Scores, linked: Scores) -> dict[int, States]:
        """What each episode states of the facts found (those whose score is above -inf)."""
        found = np.flatnonzero(scores[self._facts] > -np.inf)
        if not len(found):
            return {}
        order = found[np.lexsort((-linked[self._facts[found]], self._episodes[found]))]
        episodes, starts, counts = np.unique(self._episodes[order], return_index=True, return_counts=True)
        facts = self._facts[order]
        nearest = np.maximum.reduceat(scores[facts], starts)
        first = np.arange(len(order)) - np.repeat(starts, counts) < FIRST
        chained = np.add.reduceat(np.where(first, linked[facts], 0), starts) / np.minimum(counts, FIRST)
        told = zip(counts.tolist(), nearest.tolist(), chained.tolist(), strict=True)
        return dict(zip(self._numbers[episodes].tolist(), map(States._make, told), strict=True))

    def worth(self, scores: Scores, episodes: Mapping[int, float]) -> Scores:
        """The scores, with what facts gain by the nearest episode that states them, times how far it is trusted."""
        gained, trusted = np.zeros(self._size), np.zeros(self._size)
        by_episode = np.array([episodes.get(int(number), 0.0) for number in self._numbers])
        np.maximum.at(gained, self._facts, by_episode[self._episodes])
        np.maximum.at(trusted, self._facts, self._trust[self._episodes])
        return (scores + BY_EPISODE * gained) * trusted

    @property
    def sources(self) -> NDArray[np.bool_]:
        """(facts, sources): whose word each fact is; nobody's, if a correction or an episode of no source says it."""
        known = sorted({source for source in self._source.values() if source and source != CORRECTION})
        column = {source: place for place, source in enumerate(known)}
        said = np.array([column.get(source or "", len(known)) for source in self._source.values()], np.int64)
        table = np.zeros((self._size, len(known) + 1), np.bool_)
        if len(said):
            table[self._facts, said[self._episodes]] = True
        return table[:, :-1] & ~table[:, -1:]
