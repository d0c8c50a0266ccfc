"""The facts that a recall looks at, and the episodes that state them: whose word each fact is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ariadne.memory.index.facts import NOBODY, Rows
from ariadne.memory.inputs import CORRECTION
from ariadne.memory.retrieval.context import RecallContext

Scores = NDArray[np.float64]
BY_EPISODE = 0.5
"""What a fact gains by the nearest episode that states it: this much of the episode's score."""
FIRST = 3
SAID = 3
"""So many sources of a fact are told."""


class States(NamedTuple):
    """Which episodes (ascending) state facts that were found: of each how many, the nearest one's score, and the mean
    score of the three nearest chains that lead to one from another episode (0 for none)."""

    numbers: Rows
    counts: Rows
    nearest: Scores
    linked: Scores


class Evidence:
    """Facts by their places in some rows, with the episodes that state them and that the look admits."""

    def __init__(self, look: RecallContext, rows: Rows) -> None:
        places, numbers = look.index.stating(rows, look.moment.until)
        admitted = look.admitted(numbers)
        self._size, self._facts = len(rows), places[admitted]
        self._numbers, self._episodes = np.unique(numbers[admitted], return_inverse=True)
        self._at, self._source = look.index.told(self._numbers)
        self._named = look.index.sources
        trust = np.array([*map(look.weight, self._named), look.weight(None)], np.float64)
        self._trust = trust[self._source]  # NOBODY is the last
        self._corrected = self._named.index(CORRECTION) if CORRECTION in self._named else NOBODY

    def states(self, scores: Scores, linked: Scores) -> States:
        """What each episode states of the facts found (those whose score is above -inf)."""
        found = np.flatnonzero(scores[self._facts] > -np.inf)
        order = found[np.lexsort((-linked[self._facts[found]], self._episodes[found]))]
        episodes, starts, counts = np.unique(self._episodes[order], return_index=True, return_counts=True)
        if not len(order):
            return States(self._numbers[episodes], counts, np.zeros(0), np.zeros(0))
        facts = self._facts[order]
        nearest = np.maximum.reduceat(scores[facts], starts)
        first = np.arange(len(order)) - np.repeat(starts, counts) < FIRST
        chained = np.add.reduceat(np.where(first, linked[facts], 0), starts) / np.minimum(counts, FIRST)
        return States(self._numbers[episodes], counts, nearest, chained)

    def worth(self, scores: Scores, episodes: Mapping[int, float]) -> Scores:
        """The scores, with what facts gain by the nearest episode that states them, times how far they are trusted."""
        gained = np.zeros(self._size)
        by_episode = np.array([episodes.get(int(number), 0.0) for number in self._numbers])
        np.maximum.at(gained, self._facts, by_episode[self._episodes])
        worth = scores + BY_EPISODE * gained
        return np.where(worth > 0, worth * self.trusted, worth)

    def at_once(self, places: Rows, groups: Rows) -> NDArray[np.bool_]:
        """Facts in groups (numbers from 0, one a place): of which group an episode states two."""
        stated, group = self._grouped(places, groups)
        both, counts = np.unique(self._episodes[stated] + group * len(self._numbers), return_counts=True)
        several = np.zeros(int(groups.max(initial=-1)) + 1, np.bool_)
        several[both[counts > 1] // max(len(self._numbers), 1)] = True
        return several

    def fewest(self, places: Rows, groups: Rows) -> Rows:
        """Of each group, how many of its facts the source states that states the fewest; nobody is one, too."""
        stated, group = self._grouped(places, groups)
        sources, facts = self._source[self._episodes[stated]] - NOBODY, self._facts[stated]
        said = np.unique((group * (len(self._named) + 1) + sources) * self._size + facts) // max(self._size, 1)
        by, counts = np.unique(said, return_counts=True)  # of a group and a source
        fewest = np.full(int(groups.max(initial=-1)) + 1, self._size)
        np.minimum.at(fewest, by // (len(self._named) + 1), counts)
        return fewest

    def tellers(self, places: Rows, groups: Rows) -> Rows:
        """Of each group, how many sources state any of its facts; nobody is one, too."""
        stated, group = self._grouped(places, groups)
        sources = self._source[self._episodes[stated]] - NOBODY
        by = np.unique(group * (len(self._named) + 1) + sources) // (len(self._named) + 1)
        return np.bincount(by, minlength=int(groups.max(initial=-1)) + 1)

    def _grouped(self, places: Rows, groups: Rows) -> tuple[Rows, Rows]:
        """What states facts in groups: places among all that is stated, and the group of each."""
        group_of = np.full(self._size, NOBODY)
        group_of[places] = groups
        stated = np.flatnonzero(group_of[self._facts] != NOBODY)
        return stated, group_of[self._facts[stated]]

    def witnessed(self, places: Rows) -> bool:
        """Whether one of these facts has several sources."""
        return bool((self.sources[places].sum(axis=1) > 1).any())

    @cached_property
    def trusted(self) -> Scores:
        """How far each fact's most trusted source is trusted."""
        trusted = np.zeros(self._size)
        np.maximum.at(trusted, self._facts, self._trust[self._episodes])
        return trusted

    @cached_property
    def last(self) -> Rows:
        """When each fact was last stated, by world time and then by episode: a rank, higher for later."""
        rank, last = np.empty(len(self._numbers), np.int64), np.full(self._size, -1)
        rank[np.lexsort((self._numbers, self._at))] = np.arange(len(rank))
        np.maximum.at(last, self._facts, rank[self._episodes])
        return last

    def word(self, place: int) -> str:
        """Whose word a fact is: its sources, the last ones first, and the episode that stated it last."""
        episodes = np.sort(self._episodes[self._facts == place])[::-1]
        said = dict.fromkeys(self._named[source] for source in self._source[episodes] if source != NOBODY)
        by = ", ".join(list(said)[:SAID]) + (f" and {len(said) - SAID} more" if len(said) > SAID else "")
        return f"{by}{', ' if by else ''}episode {self._numbers[episodes[0]]}"

    @cached_property
    def sources(self) -> NDArray[np.bool_]:
        """(facts, sources): whose word each fact is; nobody's, if a correction or an episode of no source says it."""
        known = np.setdiff1d(self._source, [NOBODY, self._corrected])
        said = np.where(np.isin(self._source, known), np.searchsorted(known, self._source), len(known))
        table = np.zeros((self._size, len(known) + 1), np.bool_)
        table[self._facts, said[self._episodes]] = True
        return table[:, :-1] & ~table[:, -1:]
