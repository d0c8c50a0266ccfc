"""The paper's two searches: breadth first over triplets, then the episodes that state what was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ariadne.memory.retrieval.candidates import DECIMALS, named_rows
from ariadne.memory.retrieval.episodes import episodes_by_query, episodes_by_relevance
from ariadne.memory.retrieval.ranking import Hit, Ranking
from ariadne.memory.retrieval.request import RecallContext
from ariadne.values import Reason

ScoreTexts = Callable[[Sequence[str]], NDArray[np.float32]]
"""Returns how near each text is to each triplet: (texts, triplets); -inf for a triplet that may not be found."""


@dataclass(frozen=True)
class Edge:
    """A triplet as the search sees it: its text and its two vertices."""

    text: str
    ends: tuple[str, str]


@dataclass(frozen=True)
class SearchHit:
    """A triplet that the search found: its row, its score, at which hop, and through which vertex (None: the query)."""

    row: int
    score: float
    hop: int
    through: str | None


def search(context: RecallContext) -> Ranking:
    """Return the facts about the queried names, then those that each query finds, and the episodes."""
    index, facts = context.index, context.view.facts
    edges = dict[int, Edge]()

    def edge(row: int) -> Edge:
        if row not in edges:
            ((text, *ends),) = facts.texts(index.fact_ids(np.array([row]))).values()
            edges[row] = Edge(text, (ends[0], ends[1]))
        return edges[row]

    named = [Hit(row, 1.0, Reason(name, 0)) for row, name in named_rows(context).items()]
    found = dict[int, Hit]()
    for query in context.queries:
        for hit in breadth_first(
            query.text, lambda texts: index.scorer.scores(texts, context.scope), edge,
            depth=query.depth, width=context.request.width, threshold=context.request.threshold,
        ):  # fmt: skip
            found.setdefault(hit.row, Hit(hit.row, hit.score, Reason(query.given, hit.hop, hit.through)))
    known = [hit.row for hit in named]
    more = [hit for row, hit in found.items() if row not in known][: context.most_found(len(named))]
    by_facts = episodes_by_relevance([*known, *found], context)
    if by_facts.scores:
        return Ranking.of([*named, *more], [by_facts], context)
    return Ranking.of([*named, *more], [episodes_by_query(query, context) for query in context.queries], context)


def breadth_first(
    query: str, score_texts: ScoreTexts, edge: Callable[[int], Edge], *, depth: int, width: int, threshold: float
) -> list[SearchHit]:
    """Return what the paper's semantic search finds (section 3, algorithm 1), by hop and then best first.

    From the query it takes the `width` nearest triplets and drops those below `threshold`. It continues from the
    vertices of the rest, each once, until `depth` hops are made. All vertices of one hop are scored together.
    """
    hits = dict[int, SearchHit]()
    visited = set[str]()
    probes: dict[str, str | None] = {query: None}
    for hop in range(1, depth + 1):
        if not probes:
            break
        beyond = dict[str, str | None]()
        for (_, through), row_scores in zip(probes.items(), score_texts(list(probes)), strict=True):
            for row, score in nearest_rows(row_scores, width, threshold, lambda row: edge(row).text):
                hits.setdefault(row, SearchHit(row, score, hop, through))
                beyond |= {name: name for name in edge(row).ends if name not in visited}
                visited.update(edge(row).ends)
        probes = beyond
    return sorted(hits.values(), key=lambda hit: (hit.hop, -hit.score, edge(hit.row).text, hit.row))


def nearest_rows(
    scores: NDArray[np.float32], width: int, threshold: float, text: Callable[[int], str]
) -> list[tuple[int, float]]:
    """Return the rows of the highest scores with these scores, best first; equals in the order of text and age."""
    rounded = scores.astype(np.float64).round(DECIMALS)
    rows = np.flatnonzero(rounded >= threshold)
    if len(rows) > width:
        least = np.partition(rounded[rows], -width)[-width]
        rows = rows[rounded[rows] >= least]
    ranked = sorted((-float(rounded[row]), text(int(row)), int(row)) for row in rows)
    return [(row, -negative) for negative, _, row in ranked[:width]]
