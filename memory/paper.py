"""The paper's search as a strategy of recall: its semantic search, then its episodic search, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ariadne.memory.episodic import Ranked, by_relevance
from ariadne.memory.look import Hit, Look
from ariadne.memory.retrieval import Named, breadth_first
from ariadne.values import Reason


def breadth_first_of(look: Look, known: Sequence[Hit], most: int) -> tuple[list[Hit], list[Ranked]]:
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
