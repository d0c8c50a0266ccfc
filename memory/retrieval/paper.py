"""The paper's two searches, as functions of numbers and names alone: no store, no embedder.

Semantic search is breadth first over triplets; episodic search ranks the episodes that state what it found.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ariadne.memory.retrieval.chains import DECIMALS
from ariadne.memory.retrieval.context import Hit, RecallContext
from ariadne.memory.retrieval.episodes import Ranked, by_relevance
from ariadne.values import Reason

Scores = Callable[[Sequence[str]], NDArray[np.float32]]
"""How near each text is to each triplet: (texts, triplets); -inf for a triplet that is not to be found."""


@dataclass(frozen=True)
class Named:
    """A triplet as the search sees it: its text and its two vertices."""

    text: str
    ends: tuple[str, str]


@dataclass(frozen=True)
class SearchHit:
    """A triplet that search came upon: its row, how near, at which hop, and through which vertex (None: the query)."""

    row: int
    score: float
    hop: int
    through: str | None


def breadth_first(
    query: str, scores: Scores, triplets: Callable[[int], Named], *, depth: int, width: int, threshold: float
) -> list[SearchHit]:
    """The paper's semantic search (section 3, algorithm 1), by hop and then best first; each triplet once.

    From the query take the `width` nearest triplets, drop those below `threshold`, and go on from the vertices of the
    rest, each vertex once, until `depth` hops are made. All vertices of one hop are scored together.
    """
    hits = dict[int, SearchHit]()
    met = set[str]()
    probes: dict[str, str | None] = {query: None}
    for hop in range(1, depth + 1):
        if not probes:
            break
        beyond = dict[str, str | None]()
        for (_, through), row_scores in zip(probes.items(), scores(list(probes)), strict=True):
            for row, score in nearest(row_scores, width, threshold, lambda row: triplets(row).text):
                hits.setdefault(row, SearchHit(row, score, hop, through))
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


def breadth_first_of(look: RecallContext, known: Sequence[Hit], most: int) -> tuple[list[Hit], list[Ranked]]:
    """The facts to tell: those named, then those found, query by query; and the episodes by the paper's relevance."""
    index, facts = look.index, look.store.facts
    seen = dict[int, Named]()

    def named(row: int) -> Named:
        if row not in seen:
            ((text, *ends),) = facts.texts(index.facts(np.array([row]))).values()
            seen[row] = Named(text, (ends[0], ends[1]))
        return seen[row]

    hits = dict[int, Hit]()
    for query in look.queries:
        found = breadth_first(
            query.text, lambda texts: index.scorer.scores(texts, look.held), named,
            depth=query.depth, width=look.asked.width, threshold=look.asked.threshold,
        )  # fmt: skip
        for hit in found:
            (fact,) = index.facts(np.array([hit.row]))
            hits.setdefault(fact, Hit(fact, hit.score, Reason(query.ask, hit.hop, hit.through)))
    told = {hit.fact: hit for hit in known}
    more = [hit for fact, hit in hits.items() if fact not in told][:most]
    return [*known, *more], [by_relevance([*told, *hits], look)]
