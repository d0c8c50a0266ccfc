"""The weights of the signals by which recall ranks episodes, in one table."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from numbers import Real

from ariadne.errors import InvalidInput

NEIGHBORS = -2, -1, 1, 2
"""The neighbours of an episode that count, by their distance."""


@dataclass(frozen=True)
class Weights:
    """What the signals of an episode add to its score, beside the cosine of its text.

    A memory without an embedder ranks texts by their words alone; then the share of words counts in full.
    """

    words: float = 0.4
    """Times the share of the query's words that the text has."""
    source: float = 0.2
    """Where the query names the episode's source."""
    neighbors: tuple[float, ...] = (0.12, 0.25, 0.15, 0.1)
    """Times the score of the text of each neighbour, in the order of NEIGHBORS."""
    date: float = 0.2
    """Where the query asks for a time, and the episode is of that time, or its text has a date of that time."""
    later: float = 0.1
    """Where the episode is of a later time instead, since people look back; it halves each week."""
    fact: float = 0.25
    """Times how much nearer the nearest fact that it states is than its text."""
    chain: float = 0.1
    """Times the score of the chains of facts that lead to it from other episodes."""
    link: float = 0.2
    """Where one of the best episodes mentions a name that no other episode mentions; less for names of several."""

    def __post_init__(self) -> None:
        if len(self.neighbors) != len(NEIGHBORS):
            raise InvalidInput(f"neighbors={self.neighbors!r:.80}: give {len(NEIGHBORS)} weights, for {NEIGHBORS}")
        for name, value in vars(self).items():
            for each in value if name == "neighbors" else [value]:
                if not isinstance(each, Real) or not isfinite(each):
                    raise InvalidInput(f"{name}={value!r:.80}: give finite numbers")


WEIGHTS = Weights()
