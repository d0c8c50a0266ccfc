"""Recall in five steps: request, candidates, ranking, conflicts, and the rendering as text within a token budget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

import numpy as np

from ariadne.memory.index.episodes import NO_NEIGHBOR, NUMBER, relevant
from ariadne.memory.index.facts import Index
from ariadne.memory.index.lexical import word_shares
from ariadne.memory.index.weights import NEIGHBORS, WEIGHTS, Weights
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
    chosen = _chosen(ranking.episodes, context)
    if request.neighbors:
        chosen = _with_neighbors(chosen, context)
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


@dataclass(frozen=True)
class _Chosen:
    """An episode to return."""

    number: int
    score: float
    why: str
    passages: Sequence[int] = ()
    """The places of its passages that have scores of their own, best first."""


def _chosen(ranked: Sequence[EpisodeScores], context: RecallContext) -> list[_Chosen]:
    """Return the best episodes of each query in turn, each with the score that it is best by.

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
    chosen = dict[int, _Chosen]()
    for number in in_turn:
        if len(chosen) == context.most_episodes:
            break
        by = max((each for each in ranked if number in each.scores), key=lambda each: each.scores[number])
        is_extra = fills and len(chosen) >= EPISODES_BY_DEFAULT
        if digests[number] in chosen or (is_extra and (digests[number] < 0 or by.scores[number] < by.least_relevant)):
            continue
        chosen[digests[number]] = _Chosen(number, by.scores[number], by.why(number), by.passages(number))
    return list(chosen.values())


def _with_neighbors(chosen: Sequence[_Chosen], context: RecallContext) -> list[_Chosen]:
    """Return the chosen episodes, each followed by the neighbours that the request asks for."""
    wanted = [abs(distance) <= context.request.neighbors for distance in NEIGHBORS]
    found, numbers = {each.number: each for each in chosen}, context.known[:, NUMBER]
    order = dict[int, _Chosen]()
    for each in chosen:
        order.setdefault(each.number, each)
        places = context.neighbors[np.searchsorted(numbers, each.number), wanted]
        for near in numbers[places[places != NO_NEIGHBOR]].tolist():
            beside = _Chosen(near, each.score, f"is next to episode {each.number}")
            order.setdefault(near, found.get(near, beside))
    return list(order.values())


def _episodes(chosen: Sequence[_Chosen], context: RecallContext) -> list[Episode]:
    """Return the chosen episodes with their scores.

    A repeated text is its last episode, and names the others. With neighbours, each is the turn that was found.
    """
    alone = context.request.neighbors > 0
    repeats = [[] if alone else _repeats(each.number, context) for each in chosen]
    shown = [others[-1].id if others else each.number for each, others in zip(chosen, repeats, strict=True)]
    episodes = context.view.episodes.ordered(shown)
    return [
        replace(episode, score=each.score, why=each.why, repeats=tuple(others[:-1]))
        for each, episode, others in zip(chosen, episodes, repeats, strict=True)
    ]


def _repeats(number: int, context: RecallContext) -> list[Repeat]:
    """Return an episode and those with the same text and source, in the order of world time."""
    (digest,) = context.index.episodes.digests(np.array([number])).tolist()
    numbers, times = context.index.episodes.with_digest(digest)
    admitted = context.admitted(numbers)
    ordered = sorted(zip(times[admitted].tolist(), numbers[admitted].tolist(), strict=True))
    return [Repeat(each, context.view.from_clock(at)) for at, each in ordered]


# -- passages ----------------------------------------------------------------------------------------------------------


def _passages(episodes: Sequence[Episode], chosen: Sequence[_Chosen], context: RecallContext) -> Passages:
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
        episode.id: _ranked(episode.text, spans.get(episode.id, ()), each.passages, context)
        for episode, each, digest in zip(episodes, chosen, digests, strict=True)
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
