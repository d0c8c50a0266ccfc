"""The evidence for facts: the admitted episodes and sources that state them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

import numpy as np

from ariadne.memory.index.arrays import Rows
from ariadne.memory.index.episodes import NO_SOURCE
from ariadne.memory.inputs import CORRECTION
from ariadne.memory.retrieval.candidates import Mask, Scores
from ariadne.memory.retrieval.request import RecallContext

BY_EPISODE = 0.5
"""The share of the best episode's support that is added to a fact's score."""
BEST_CHAINS = 3
"""An episode's chain score is the mean over this many of its facts, the best."""
SHOWN_SOURCES = 3
"""The most sources that a conflict mark names."""


class EpisodeSupport(NamedTuple):
    """The episodes that state facts a query found: aligned columns, by ascending number."""

    numbers: Rows
    counts: Rows
    """How many of the facts found each states."""
    nearest: Scores
    """The best score among these facts."""
    linked: Scores
    """The mean score of the best chains that lead to these facts from other episodes; 0 without one."""


NO_SUPPORT = EpisodeSupport(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0))


class Evidence:
    """The admitted episodes and sources that state each of many facts; facts are positions among these rows."""

    def __init__(self, rows: Rows, context: RecallContext) -> None:
        facts, numbers = context.index.statements(rows, context.snapshot.as_of)
        admitted = context.admitted(numbers)
        self._size, self._facts = len(rows), facts[admitted]
        self._numbers, self._episodes = np.unique(numbers[admitted], return_inverse=True)
        self._at, self._source = context.index.episodes.times_and_sources(self._numbers)
        self._names = context.index.episodes.sources
        weights = np.array([*map(context.weight, self._names), context.weight(None)], np.float64)
        self._trust = weights[self._source]  # an episode without a source takes the last
        self._correction = self._names.index(CORRECTION) if CORRECTION in self._names else NO_SOURCE

    # -- what episodes support -------------------------------------------------------------------------------------

    def support(self, scores: Scores, linked: Scores) -> EpisodeSupport:
        """Return which episodes state the facts that a query found: those whose score is above -inf."""
        found = np.flatnonzero(scores[self._facts] > -np.inf)
        order = found[np.lexsort((-linked[self._facts[found]], self._episodes[found]))]
        episodes, starts, counts = np.unique(self._episodes[order], return_index=True, return_counts=True)
        if not len(order):
            return EpisodeSupport(self._numbers[episodes], counts, np.zeros(0), np.zeros(0))
        facts = self._facts[order]
        nearest = np.maximum.reduceat(scores[facts], starts)
        best = np.arange(len(order)) - np.repeat(starts, counts) < BEST_CHAINS
        chained = np.add.reduceat(np.where(best, linked[facts], 0), starts) / np.minimum(counts, BEST_CHAINS)
        return EpisodeSupport(self._numbers[episodes], counts, nearest, chained)

    def utility(self, scores: Scores, episodes: Mapping[int, float]) -> Scores:
        """Return the scores plus a share of the support of the best episode, times the trust in the source."""
        gained = np.zeros(self._size)
        by_episode = np.array([episodes.get(int(number), 0.0) for number in self._numbers])
        np.maximum.at(gained, self._facts, by_episode[self._episodes])
        utility = scores + BY_EPISODE * gained
        return np.where(utility > 0, utility * self.trusted, utility)

    # -- the sources of each fact ----------------------------------------------------------------------------------

    @cached_property
    def sources(self) -> Mask:
        """(n, sources) which named source states each fact; none for a fact of a correction or of no source."""
        known = np.setdiff1d(self._source, [NO_SOURCE, self._correction])
        column = np.where(np.isin(self._source, known), np.searchsorted(known, self._source), len(known))
        table = np.zeros((self._size, len(known) + 1), np.bool_)
        table[self._facts, column[self._episodes]] = True
        return table[:, :-1] & ~table[:, -1:]

    @cached_property
    def trusted(self) -> Scores:
        """(n,) the weight of each fact's most trusted source."""
        trusted = np.zeros(self._size)
        np.maximum.at(trusted, self._facts, self._trust[self._episodes])
        return trusted

    @cached_property
    def last(self) -> Rows:
        """(n,) the rank of each fact's last statement, by world time and then by episode; higher is later."""
        rank, last = np.empty(len(self._numbers), np.int64), np.full(self._size, -1)
        rank[np.lexsort((self._numbers, self._at))] = np.arange(len(rank))
        np.maximum.at(last, self._facts, rank[self._episodes])
        return last

    def is_stated_together(self, position: int, other: int) -> bool:
        """Return whether one episode states both facts."""
        return bool(np.isin(self._episodes[self._facts == position], self._episodes[self._facts == other]).any())

    def attribution(self, position: int) -> str:
        """Return a fact's sources, the last ones first, and the episode that stated it last, as text."""
        episodes = np.sort(self._episodes[self._facts == position])[::-1]
        names = list(dict.fromkeys(self._names[source] for source in self._source[episodes] if source != NO_SOURCE))
        more = [f"and {len(names) - SHOWN_SOURCES} more"] if len(names) > SHOWN_SOURCES else []
        by = " ".join([", ".join(names[:SHOWN_SOURCES]), *more])
        return f"{by}{', ' if by else ''}episode {self._numbers[episodes[0]]}"
