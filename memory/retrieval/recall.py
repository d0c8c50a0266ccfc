"""Recall in five steps: request, candidates, ranking, conflicts, and the rendering as text within a token budget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import zip_longest

import numpy as np

from ariadne.memory.index.episodes import relevant
from ariadne.memory.index.facts import Index
from ariadne.memory.index.lexical import word_shares
from ariadne.memory.index.weights import WEIGHTS, Weights
from ariadne.memory.ontology.ontology import TEXT_WORLD
from ariadne.memory.retrieval import paper
from ariadne.memory.retrieval.budget import Passages, fit_to_budget
from ariadne.memory.retrieval.candidates import find_candidates
from ariadne.memory.retrieval.episodes import EpisodeScores
from ariadne.memory.retrieval.ranking import Hit, Ranking, rank
from ariadne.memory.retrieval.rendering import render_text, why
from ariadne.memory.retrieval.request import EPISODES_BY_DEFAULT, RecallContext
from ariadne.memory.storage.store import View
from ariadne.memory.storage.text.passages import PASSAGE
from ariadne.memory.storage.vectors import Floats
from ariadne.values import Episode, Fact, Recall, RecallRequest, Repeat, Span

ScoreTexts = Callable[[str, Sequence[str]], Floats]
"""Returns how near a query is to each of several texts."""


def recall(request: RecallRequest, view: View, index: Index, weights: Weights = WEIGHTS) -> Recall:
    """Return the facts and episodes that answer a request; the caller holds the index's lock."""
    index.catch_up(view)
    context = RecallContext(request, view, index, weights)
    if request.strategy == "paper":
        return render(paper.search(context), context)
    return render(rank(find_candidates(context), context), context)


def render(ranking: Ranking, context: RecallContext) -> Recall:
    """Return a ranking as facts and episodes with their reasons, cut to the token budget, and as text."""
    request, facts = context.request, _facts(ranking.hits, context)
    named = max((nth for nth, hit in enumerate(ranking.hits, 1) if hit.reason.hop == 0), default=0)
    chosen = _with_neighbors(_chosen(ranking.episodes, context), context)
    episodes = _episodes(chosen, context)
    passages = _passages(episodes, chosen, context)
    items = fit_to_budget(facts[:named], facts[named:], episodes, request.max_tokens, passages)
    reasons = {fact: hit.reason for fact, hit in zip(facts, ranking.hits, strict=True)}
    kept = tuple(item for item in items if isinstance(item, Fact))
    return Recall(
        facts=kept,
        episodes=tuple(item for item in items if isinstance(item, Episode)),
        text=render_text(items),
        reasons=tuple(reasons[fact] for fact in kept),
        request=replace(request, as_of=min(request.as_of, context.view.state.last)),
    )


def _facts(hits: Sequence[Hit], context: RecallContext) -> list[Fact]:
    """Return the facts of hits, each with its score and why it was found."""
    ids = context.index.fact_ids(np.array([hit.row for hit in hits], np.int64))
    known = context.view.facts.by_id(ids, context.snapshot.as_of)
    return [
        replace(known[fact], score=hit.score, why=why(hit.reason), conflict=hit.conflict)
        for fact, hit in zip(ids, hits, strict=True)
    ]


# -- episodes ----------------------------------------------------------------------------------------------------------


def _chosen(ranked: Sequence[EpisodeScores], context: RecallContext) -> list[tuple[int, EpisodeScores]]:
    """Return the best episodes of each query in turn, each with the scores that it is best by.

    Of the episodes with the same text and source only the best one is among them, the newest among equals.
    """
    orders = [
        sorted(filter(context.admits, each.scores), key=lambda number: (-each.scores[number], -number))
        for each in ranked
    ]
    numbers = np.array([*dict.fromkeys(number for order in orders for number in order)], np.int64)
    digests = dict(zip(numbers.tolist(), context.index.episodes.digests(numbers).tolist(), strict=True))
    in_turn = (number for together in zip_longest(*orders) for number in together if number is not None)
    fills = context.request.episodes is None
    chosen = dict[int, tuple[int, EpisodeScores]]()
    for number in in_turn:
        if len(chosen) == context.most_episodes:
            break
        by = max((each for each in ranked if number in each.scores), key=lambda each: each.scores[number])
        is_extra = fills and len(chosen) >= EPISODES_BY_DEFAULT
        if not is_extra or (digests[number] >= 0 and by.scores[number] >= by.least_relevant):
            chosen.setdefault(digests[number], (number, by))
    return list(chosen.values())


def _with_neighbors(
    chosen: Sequence[tuple[int, EpisodeScores]], context: RecallContext
) -> list[tuple[int, EpisodeScores]]:
    """Return the chosen episodes, each with the neighbours behind it that the request asks for."""
    if not context.request.neighbors:
        return list(chosen)
    known = {number: (number, by) for number, by in chosen}
    order = dict[int, tuple[int, EpisodeScores]]()
    for number, by in chosen:
        order.setdefault(number, known[number])
        for near in context.index.episodes.around(number, context.request.neighbors):
            if near not in known and context.admits(near):
                order.setdefault(near, (near, _beside(number, near, by.scores[number])))
    return list(order.values())


def _beside(number: int, near: int, score: float) -> EpisodeScores:
    """Return the score of a neighbour, which comes along with a chosen episode."""
    return EpisodeScores({near: score}, lambda _: f"is next to episode {number}")


def _episodes(chosen: Sequence[tuple[int, EpisodeScores]], context: RecallContext) -> list[Episode]:
    """Return the chosen episodes with their scores; a repeated text is its last episode, and names the others."""
    repeats = [_repeats(number, context) for number, _ in chosen]
    episodes = context.view.episodes.ordered([each[-1].id for each in repeats])
    return [
        replace(episode, score=by.scores[number], why=by.why(number), repeats=tuple(others[:-1]))
        for (number, by), episode, others in zip(chosen, episodes, repeats, strict=True)
    ]


def _repeats(number: int, context: RecallContext) -> list[Repeat]:
    """Return an episode and those with the same text and source, in the order of world time."""
    (digest,) = context.index.episodes.digests(np.array([number])).tolist()
    numbers, times = context.index.episodes.with_digest(digest)
    admitted = context.admitted(numbers)
    ordered = sorted(zip(times[admitted].tolist(), numbers[admitted].tolist(), strict=True))
    return [Repeat(each, context.view.from_clock(at)) for at, each in ordered]


# -- passages ----------------------------------------------------------------------------------------------------------


def _passages(
    episodes: Sequence[Episode], chosen: Sequence[tuple[int, EpisodeScores]], context: RecallContext
) -> Passages:
    """Return the passages of the episodes, best first, and how their sentences are ranked; nothing without a budget.

    What an agent observed is one piece. So is a short text of a text world, such as the goal of a game.
    """
    if context.request.max_tokens is None:
        return Passages()
    is_game = context.view.state.ontology == TEXT_WORLD
    long = [episode.id for episode in episodes if len(episode.text) > PASSAGE]
    spans = {each.number: each.spans for each in context.view.episodes.with_passages(long)} if long else {}
    digests = context.index.episodes.digests(np.array([episode.id for episode in episodes], np.int64)).tolist()
    ranked = {
        episode.id: _ranked(episode.text, spans.get(episode.id, ()), scores.passages(number), context)
        for episode, (number, scores), digest in zip(episodes, chosen, digests, strict=True)
        if digest >= 0 and not (is_game and episode.id not in spans)
    }
    return Passages(ranked, lambda texts: _relevant(context.index.scorer.text_scores, texts, context))


def _ranked(text: str, spans: Sequence[Span], best: Sequence[int], context: RecallContext) -> list[Span]:
    """Return the passages of a text to show: the best by their own scores, or else by the words of the queries."""
    if not spans:
        return [(0, len(text))]
    if not (places := [place for place in best if place < len(spans)]):
        places = _relevant(word_shares, [text[start:end] for start, end in spans], context)
    return [spans[place] for place in places]


def _relevant(score: ScoreTexts, texts: Sequence[str], context: RecallContext) -> list[int]:
    """Return the places of the texts that are nearest to any query or queried name, best first."""
    queries = [*(query.text for query in context.queries), *context.names]
    scores = np.max([score(query, texts) for query in queries], axis=0)
    return relevant(scores, np.arange(len(texts)))
