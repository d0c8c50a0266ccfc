"""Recall put together: what was asked by name, what comes by association, episodes, and as much as is to be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

import numpy as np

from ariadne.memory.index.facts import Index
from ariadne.memory.retrieval import conflicts, episodes, rendering
from ariadne.memory.retrieval.chains import Chained, Cost, Mask, Rows, associated, gains_of, telling
from ariadne.memory.retrieval.conflicts import Conflicts
from ariadne.memory.retrieval.context import Hit, RecallContext
from ariadne.memory.retrieval.episodes import Ranked
from ariadne.memory.retrieval.evidence import Evidence, Scores
from ariadne.memory.retrieval.explain import reasons_of, why
from ariadne.memory.retrieval.paper import breadth_first_of
from ariadne.memory.storage.snapshot import Snapshot
from ariadne.memory.storage.store import Store
from ariadne.values import Episode, Fact, Reason, Recall, RecallRequest

ASSOCIATED = 40
"""The most facts that association adds where no number is asked for."""
COST = Cost(a_name=0.2, a_pair=0.2, a_source=0.2)


def recollect(asked: RecallRequest, moment: Snapshot, store: Store, index: Index) -> Recall:
    """Serve the asks and cut to what was asked for and fits; call it inside `reading()`, with the index's lock."""
    index.catch_up()
    look = RecallContext(asked, moment, store, index)
    named = _named(look)
    most = ASSOCIATED if asked.facts is None else max(asked.facts - len(named), 0)
    search = breadth_first_of if asked.strategy == "paper" else _by_chains
    found, ranked = search(look, named, most)
    hits = {hit.fact: hit for hit in found[: asked.facts]}
    facts = _facts(hits, look)
    by_name = max((nth for nth, hit in enumerate(hits.values(), 1) if hit.reason.hop == 0), default=0)
    order = [facts[fact] for fact in hits]
    found_episodes = _episodes([*([episodes.by_names(hits, look)] if look.names else []), *ranked], look)
    items = rendering.kept(order[:by_name], order[by_name:], found_episodes, asked.max_tokens)
    reasons = {facts[fact]: hit.reason for fact, hit in hits.items()}
    told = tuple(item for item in items if isinstance(item, Fact))
    return Recall(
        facts=told,
        episodes=tuple(item for item in items if isinstance(item, Episode)),
        text=rendering.text(items),
        reasons=tuple(reasons[fact] for fact in told),
        request=replace(asked, as_of=min(moment.until, store.space.state.last)),
    )


def _named(look: RecallContext) -> list[Hit]:
    """All that holds about the names asked About, in their order, each fact once."""
    first = dict[int, Hit]()
    for name in look.names:
        for fact in look.store.facts.at(look.moment, name):
            if look.held[look.index.row(fact)]:
                first.setdefault(fact, Hit(fact, 1.0, Reason(name, 0)))
    return list(first.values())


def _by_chains(look: RecallContext, named: Sequence[Hit], most: int) -> tuple[list[Hit], list[Ranked]]:
    """The facts to tell, those named first, and each query's episodes."""
    asked, index = look.asked, look.index
    gains = [gains_of(look.store.facts.named_in(query.text), index, look.held) for query in look.queries]
    texts = [query.text for query in look.queries]
    scores = index.scorer.scores(texts, look.held) if texts else np.zeros((0, len(index)), np.float32)
    found = [
        associated(query.text, near, gain, index, look.held, depth=query.depth, width=asked.width, most=most)
        for query, near, gain in zip(look.queries, scores, gains, strict=True)
    ]
    known = np.array([index.row(hit.fact) for hit in named], np.int64)
    rows = np.unique(np.concatenate([known, *(each.rows for each in found)]))
    rivals = conflicts.rivals(rows, look)
    rows = np.union1d(rows, rivals)
    stating = Evidence(look, rows)
    of_one_thing = Conflicts(rows, rivals, look, stating)
    near = [_spread(each, each.scores >= asked.threshold, each.scores, rows, -np.inf) for each in found]
    linked = [_spread(each, each.linked > 0, each.linked, rows, 0) for each in found]
    ranked = [
        episodes.by_query(query, look, stating.states(scores, chained))
        for query, scores, chained in zip(look.queries, near, linked, strict=True)
    ]
    worth = [
        stating.worth(scores + gain[rows], episodes.scores)
        for scores, gain, episodes in zip(near, gains, ranked, strict=True)
    ]
    first = np.searchsorted(rows, known).tolist()
    ends = np.unique(index.ends(rows), return_inverse=True)[1].reshape(-1, 2)
    order = telling(worth, ends, first, most, COST, stating.sources, of_one_thing.beside)
    told = of_one_thing.together([*first, *order])
    hits = dict(zip(first, named, strict=True)) | _hits(order, rows, found, look)
    for place in order:
        if place not in hits:  # told only beside one of these
            other = next(other for other in of_one_thing.like(place) if other in hits)
            hits[place] = _beside(hits[other], index.facts(rows[[place]])[0], look)
    return [replace(hits[place], conflict=of_one_thing.mark(place)) for place in told], ranked


def _spread(found: Chained, wanted: Mask, scores: Scores, rows: Rows, else_: float) -> Scores:
    """The scores of one query's facts, where wanted, among those of all."""
    spread = np.full(len(rows), float(else_))
    spread[np.searchsorted(rows, found.rows)] = np.where(wanted, scores, else_)
    return spread


def _hits(places: Sequence[int], rows: Rows, found: Sequence[Chained], look: RecallContext) -> dict[int, Hit]:
    """By its place, each row that a query found: by the query that it is nearest to."""
    known = [dict(zip(each.rows.tolist(), range(len(each.rows)), strict=True)) for each in found]
    best = dict[int, tuple[int, int]]()
    for place in places:
        row = int(rows[place])
        if having := [nth for nth, each in enumerate(known) if row in each]:
            nth = max(having, key=lambda nth: (found[nth].scores[known[nth][row]], -nth))
            best[place] = nth, known[nth][row]
    reasons = reasons_of([(look.queries[nth].ask, found[nth], at) for nth, at in best.values()], look)
    scores = [float(found[nth].scores[at]) for nth, at in best.values()]
    facts = look.index.facts(rows[list(best)])
    return dict(zip(best, map(Hit, facts, scores, reasons), strict=True))


def _beside(other: Hit, fact: int, look: RecallContext) -> Hit:
    """A fact that is told because of what is told: another account of it, or what several say of the same thing."""
    known = look.store.facts.by_id([other.fact], look.moment.until)[other.fact]
    hop = other.reason.hop and other.reason.hop + 1
    return Hit(fact, other.score, Reason(other.reason.query, hop, known.subject, known.triplet))


def _facts(hits: dict[int, Hit], look: RecallContext) -> dict[int, Fact]:
    """By id, in the order of the hits, with score and why."""
    seen = look.store.facts.by_id(hits, look.moment.until)
    return {
        fact: replace(seen[fact], score=hit.score, why=why(hit.reason), conflict=hit.conflict)
        for fact, hit in hits.items()
        if fact in seen
    }


def _episodes(ranked: Sequence[Ranked], look: RecallContext) -> list[Episode]:
    """The best of each ask in turn, each episode once; newest first among equals."""
    orders = [
        sorted(filter(look.admits, each.scores), key=lambda number: (-each.scores[number], -number)) for each in ranked
    ]
    in_turn = (number for row in zip_longest(*orders) for number in row if number is not None)
    chosen = dict[int, None]()
    while len(chosen) < look.asked.episodes and (number := next(in_turn, None)) is not None:
        chosen[number] = None
    best = {
        number: max((each for each in ranked if number in each.scores), key=lambda each: each.scores[number])
        for number in chosen
    }
    told = look.store.episodes.ordered([*chosen])
    return [replace(one, score=best[one.id].scores[one.id], why=best[one.id].why(one.id)) for one in told]
