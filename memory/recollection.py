"""Recall put together: what was asked by name, what comes by association, episodes, and as much as is to be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

import numpy as np

from ariadne.memory import budget, episodic
from ariadne.memory.association import associated, gains_of
from ariadne.memory.chains import Chained, Cost, Mask, Rows, telling
from ariadne.memory.episodic import Ranked
from ariadne.memory.index import Index
from ariadne.memory.look import Hit, Look
from ariadne.memory.moments import Moment
from ariadne.memory.paper import breadth_first_of
from ariadne.memory.reasons import reasons_of, why
from ariadne.memory.stating import Scores, Stating
from ariadne.memory.store import Store
from ariadne.values import Asked, Episode, Fact, Reason, Recall

ASSOCIATED = 40
"""The most facts that association adds where no number is asked for."""
COST = Cost(a_name=0.2, a_pair=0.2, a_source=0.2)


def recollect(asked: Asked, moment: Moment, store: Store, index: Index) -> Recall:
    """Serve the asks and cut to what was asked for and fits; call it inside `reading()`, with the index's lock."""
    index.catch_up()
    look = Look(asked, moment, store, index)
    named = _named(look)
    most = ASSOCIATED if asked.facts is None else max(asked.facts - len(named), 0)
    search = breadth_first_of if asked.strategy == "paper" else _by_chains
    found, ranked = search(look, [hit.fact for hit in named], most)
    hits = {hit.fact: hit for hit in [*named, *found][: asked.facts]}
    facts = _facts(hits, look)
    episodes = _episodes([*([episodic.by_names(hits, look)] if look.names else []), *ranked], look)
    by_name = [facts[hit.fact] for hit in named if hit.fact in facts]
    told = budget.kept(by_name, [facts[hit.fact] for hit in found if hit.fact in facts], episodes, asked.max_tokens)
    kept = {id(item) for item in told}
    left = [fact for fact in hits if id(facts[fact]) in kept]
    return Recall(
        facts=tuple(facts[fact] for fact in left),
        episodes=tuple(item for item in told if isinstance(item, Episode)),
        text=budget.text(told),
        reasons=tuple(hits[fact].reason for fact in left),
        asked=replace(asked, until=min(moment.until, store.space.state.last)),
    )


def _named(look: Look) -> list[Hit]:
    """All that holds about the names asked About, in their order, each fact once."""
    first = dict[int, Hit]()
    for name in look.names:
        for fact in look.store.facts.at(look.moment, name):
            if look.held[look.index.row(fact)]:
                first.setdefault(fact, Hit(fact, 1.0, Reason(name, 0)))
    return list(first.values())


def _by_chains(look: Look, known: Sequence[int], most: int) -> tuple[list[Hit], list[Ranked]]:
    """The facts to tell besides those known, and each query's episodes."""
    asked, index = look.asked, look.index
    gains = [gains_of(look.store.facts.named_in(query.text), index, look.held) for query in look.queries]
    found = [
        associated(query.text, gain, index, look.held, depth=query.depth, width=asked.width, most=most)
        for query, gain in zip(look.queries, gains, strict=True)
    ]
    rows = np.unique(np.concatenate([np.zeros(0, np.int64), *(each.rows for each in found)]))
    stating = Stating(look, index.facts(rows))
    near = [_spread(each, each.scores >= asked.threshold, each.scores, rows, -np.inf) for each in found]
    linked = [_spread(each, each.linked > 0, each.linked, rows, 0) for each in found]
    ranked = [
        episodic.by_query(query, look, stating.states(scores, chained))
        for query, scores, chained in zip(look.queries, near, linked, strict=True)
    ]
    worth = [
        stating.worth(scores + gain[rows], {number: how.score for number, how in episodes.items()})
        for scores, gain, episodes in zip(near, gains, ranked, strict=True)
    ]
    told = np.array([index.row(fact) for fact in known], np.int64)
    for each in worth:
        each[np.isin(rows, told)] = -np.inf
    names, ends = np.unique(index.ends(np.concatenate([rows, told])), return_inverse=True)
    ends = ends.reshape(-1, 2)
    counts = np.bincount(ends[len(rows) :].ravel(), minlength=len(names))
    order = telling(worth, ends[: len(rows)], counts, most, COST, stating.sources)
    return _hits(rows[order], found, look), ranked


def _spread(found: Chained, wanted: Mask, scores: Scores, rows: Rows, else_: float) -> Scores:
    """The scores of one query's facts, where wanted, among those of all."""
    spread = np.full(len(rows), float(else_))
    spread[np.searchsorted(rows, found.rows)] = np.where(wanted, scores, else_)
    return spread


def _hits(rows: Rows, found: Sequence[Chained], look: Look) -> list[Hit]:
    """Each row by the query that it is nearest to."""
    places = [{int(row): place for place, row in enumerate(each.rows)} for each in found]
    best = list[tuple[int, int]]()
    for row in rows.tolist():
        having = [nth for nth, known in enumerate(places) if row in known]
        nth = max(having, key=lambda nth: (found[nth].scores[places[nth][row]], -nth))
        best.append((nth, places[nth][row]))
    reasons = reasons_of([(look.queries[nth].ask, found[nth], place) for nth, place in best], look)
    scores = [float(found[nth].scores[place]) for nth, place in best]
    facts = look.index.facts(rows)
    return [Hit(fact, score, reason) for fact, score, reason in zip(facts, scores, reasons, strict=True)]


def _facts(hits: dict[int, Hit], look: Look) -> dict[int, Fact]:
    """By id, in the order of the hits, with score and why."""
    seen = look.store.facts.by_id(hits, look.moment.until)
    return {
        fact: replace(seen[fact], score=hit.score, why=why(hit.reason)) for fact, hit in hits.items() if fact in seen
    }


def _episodes(ranked: Sequence[Ranked], look: Look) -> list[Episode]:
    """The best of each ask in turn, each episode once; newest first among equals."""
    orders = [sorted(each, key=lambda number: (-each[number].score, -number)) for each in ranked]
    in_turn = [number for row in zip_longest(*orders) for number in row if number is not None and look.admits(number)]
    chosen = list(dict.fromkeys(in_turn))[: look.asked.episodes]
    how = {
        number: max((each[number] for each in ranked if number in each), key=lambda how: how.score) for number in chosen
    }
    told = look.store.episodes.ordered(chosen)
    return [replace(one, score=how[one.id].score, why=how[one.id].why) for one in told]
