"""Recall: from a request to candidates, their conflicts, a ranking, and a text within the token budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

import numpy as np

from ariadne.memory.index.facts import Index
from ariadne.memory.retrieval import paper, rendering
from ariadne.memory.retrieval.candidates import find_candidates
from ariadne.memory.retrieval.conflicts import Conflicts, with_rivals
from ariadne.memory.retrieval.ranking import EpisodeScores, Hit, Ranking, rank
from ariadne.memory.retrieval.request import RecallContext
from ariadne.memory.storage.store import View
from ariadne.values import Episode, Fact, Recall, RecallRequest


def recall(request: RecallRequest, view: View, index: Index) -> Recall:
    """Return the facts and episodes that answer a request; the caller holds the index's lock."""
    index.catch_up(view)
    context = RecallContext(request, view, index)
    if request.strategy == "paper":
        return render(paper.search(context), context)
    candidates = with_rivals(find_candidates(context), context)
    conflicts = Conflicts(candidates, context)
    ranking = rank(candidates, conflicts, context)
    return render(ranking, context)


def render(ranking: Ranking, context: RecallContext) -> Recall:
    """Return a ranking as facts and episodes with their reasons, cut to the token budget, and as text."""
    request, facts = context.request, _facts(ranking.hits, context)
    named = max((nth for nth, hit in enumerate(ranking.hits, 1) if hit.reason.hop == 0), default=0)
    episodes = _episodes(ranking.episodes, context)
    items = rendering.fit_to_budget(facts[:named], facts[named:], episodes, request.max_tokens)
    reasons = {fact: hit.reason for fact, hit in zip(facts, ranking.hits, strict=True)}
    kept = tuple(item for item in items if isinstance(item, Fact))
    return Recall(
        facts=kept,
        episodes=tuple(item for item in items if isinstance(item, Episode)),
        text=rendering.text(items),
        reasons=tuple(reasons[fact] for fact in kept),
        request=replace(request, as_of=min(request.as_of, context.view.state.last)),
    )


def _facts(hits: Sequence[Hit], context: RecallContext) -> list[Fact]:
    """Return the facts of hits, each with its score and why it was found."""
    ids = context.index.facts(np.array([hit.row for hit in hits], np.int64))
    known = context.view.facts.by_id(ids, context.snapshot.until)
    return [
        replace(known[fact], score=hit.score, why=rendering.why(hit.reason), conflict=hit.conflict)
        for fact, hit in zip(ids, hits, strict=True)
    ]


def _episodes(ranked: Sequence[EpisodeScores], context: RecallContext) -> list[Episode]:
    """Return the best episodes of each query in turn, each episode once; newest first among equals."""
    orders = [
        sorted(filter(context.admits, each.scores), key=lambda number: (-each.scores[number], -number))
        for each in ranked
    ]
    in_turn = (number for numbers in zip_longest(*orders) for number in numbers if number is not None)
    chosen = dict[int, None]()
    while len(chosen) < context.request.episodes and (number := next(in_turn, None)) is not None:
        chosen[number] = None
    best = {
        number: max((each for each in ranked if number in each.scores), key=lambda each: each.scores[number])
        for number in chosen
    }
    episodes = context.view.episodes.ordered([*chosen])
    return [replace(each, score=best[each.id].scores[each.id], why=best[each.id].why(each.id)) for each in episodes]
