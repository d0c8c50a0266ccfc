"""The paper's two searches, as functions of numbers and names alone: no store, no embedder.

Semantic search is breadth first over triplets; episodic search ranks the episodes that state what it found.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DECIMALS = 4
"""Scores are rounded before they are compared, so that the last bits of a sum decide nothing."""

Scores = Callable[[Sequence[str]], NDArray[np.float32]]
"""How near each text is to each triplet: (texts, triplets); -inf for a triplet that is not to be found."""


@dataclass(frozen=True)
class Named:
    """A triplet as the search sees it: its text and its two vertices."""

    text: str
    ends: tuple[str, str]


@dataclass(frozen=True)
class Hit:
    """A triplet that search came upon: its row, how near, at which hop, and through which vertex (None: the query)."""

    row: int
    score: float
    hop: int
    through: str | None


def breadth_first(
    query: str, scores: Scores, triplets: Callable[[int], Named], *, depth: int, width: int, threshold: float
) -> list[Hit]:
    """The paper's semantic search (section 3, algorithm 1), by hop and then best first; each triplet once.

    From the query take the `width` nearest triplets, drop those below `threshold`, and go on from the vertices of the
    rest, each vertex once, until `depth` hops are made. All vertices of one hop are scored together.
    """
    hits = dict[int, Hit]()
    met = set[str]()
    probes: dict[str, str | None] = {query: None}
    for hop in range(1, depth + 1):
        if not probes:
            break
        beyond = dict[str, str | None]()
        for (_, through), row_scores in zip(probes.items(), scores(list(probes)), strict=True):
            for row, score in nearest(row_scores, width, threshold, lambda row: triplets(row).text):
                hits.setdefault(row, Hit(row, score, hop, through))
                beyond |= {name: name for name in triplets(row).ends if name not in met}
                met.update(triplets(row).ends)
        probes = beyond
    return sorted(hits.values(), key=lambda hit: (hit.hop, -hit.score, triplets(hit.row).text, hit.row))


def nearest(
    scores: NDArray[np.float32], width: int, threshold: float, text: Callable[[int], str]
) -> list[tuple[int, float]]:
    """The rows with the highest scores and these scores, best first; equals stand by their text, then by age."""
    rounded = scores.astype(np.float64).round(DECIMALS)
    rows = np.flatnonzero(rounded >= threshold)
    if len(rows) > width:
        least = np.partition(rounded[rows], -width)[-width]
        rows = rows[rounded[rows] >= least]
    ranked = sorted((-float(rounded[row]), text(int(row)), int(row)) for row in rows)
    return [(row, -negative) for negative, _, row in ranked[:width]]


def relevance(found: int, stated: int) -> float:
    """The paper's episodic relevance: rel(i) = n_i / max(N_i, 1) * log2(max(N_i, 1)).

    `found` (n_i) of the `stated` (N_i) triplets of an episode were found; an episode of one triplet scores 0.
    """
    most = max(stated, 1)
    return round(found / most * math.log2(most), DECIMALS)
