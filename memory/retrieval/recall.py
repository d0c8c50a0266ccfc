"""Recall in five steps: request, candidates, conflicts, ranking, and the rendering as text within a token budget."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from itertools import zip_longest

import numpy as np

from ariadne import tokens
from ariadne.memory.index.facts import Index
from ariadne.memory.retrieval import paper
from ariadne.memory.retrieval.candidates import find_candidates
from ariadne.memory.retrieval.conflicts import Conflicts, with_rivals
from ariadne.memory.retrieval.ranking import EpisodeScores, Hit, Ranking, rank
from ariadne.memory.retrieval.request import RecallContext
from ariadne.memory.storage.store import View
from ariadne.values import Episode, Fact, Reason, Recall, RecallRequest

EACH = 10
"""After this many facts an episode matters more than the next fact."""

HEADINGS = "Facts:", "Episodes:"
_LINES = re.compile(r"\s*[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]\s*")
"""Line breaks: a name or a source must not begin another line."""

Item = Fact | Episode


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
    items = fit_to_budget(facts[:named], facts[named:], episodes, request.max_tokens)
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


# -- rendering ---------------------------------------------------------------------------------------------------------


def fit_to_budget(
    named: Sequence[Fact], found: Sequence[Fact], episodes: Sequence[Episode], max_tokens: int | None
) -> list[Item]:
    """Return the items whose text keeps within `max_tokens`; all of them for None.

    What matters most comes first: the facts about names, then the facts found, with an episode after every ten. An item
    that is too long for the rest of the budget is skipped, and shorter ones follow. A conflicting fact that is too long
    is tried once more without its sources.

    Args:
        named: The facts about the queried names, best first.
        found: The facts that queries found, best first.
        episodes: Best first.
        max_tokens: The token budget of the whole text.
    """
    order = [*named, *_mixed(found, episodes)]
    return order if max_tokens is None else list(_fitting(order, max_tokens))


def _fitting(order: Sequence[Item], max_tokens: int) -> Iterator[Item]:
    spent, ending, headed = 0, 0, set[str]()
    for item in order:
        for shape in _shapes(item):
            line, heading = _line(shape), _heading(shape)
            cost = tokens.count(f"{line}\n")  # no token crosses the end of a line
            end = cost - tokens.count(line) if heading == HEADINGS[1] or HEADINGS[1] not in headed else ending
            cost += 0 if heading in headed else tokens.count(f"{heading}\n")
            if spent + cost - end <= max_tokens:
                headed.add(heading)
                spent, ending = spent + cost, end
                yield shape
                break


def render_text(items: Sequence[Item]) -> str:
    """Return the facts and then the episodes as text, each kind below its heading; "" for no items."""
    return "\n".join(_lines(items))


def count_tokens(items: Sequence[Item]) -> int:
    """Return the tokens of the items' text; those of a line are counted once and cached."""
    *before, last = _lines(items) or [""]
    return sum(_counted(f"{line}\n") for line in before) + _counted(last)


def why(reason: Reason) -> str:
    """Return a reason in a line."""
    if reason.hop == 0:
        return f'about "{reason.query}"{"" if reason.after is None else f", beside {reason.after}"}'
    after = "" if reason.after is None else f' of "{reason.after}"'
    through = "" if reason.through is None else f' through "{reason.through}"{after}'
    return f'query "{reason.query}", hop {reason.hop}{through}'


@lru_cache(maxsize=4096)
def _counted(line: str) -> int:
    return tokens.count(line)


def _lines(items: Sequence[Item]) -> list[str]:
    """Return the lines of the text, each kind of item below its heading."""
    lines = {heading: [_line(item) for item in items if _heading(item) == heading] for heading in HEADINGS}
    return [line for heading, below in lines.items() if below for line in (heading, *below)]


def _shapes(item: Item) -> list[Item]:
    """Return an item, and for a conflicting fact the shorter one without its sources."""
    if isinstance(item, Fact) and item.conflict:
        return [item, replace(item, conflict=item.conflict.partition(":")[0])]
    return [item]


def _heading(item: Item) -> str:
    return HEADINGS[isinstance(item, Episode)]


def _mixed(facts: Sequence[Fact], episodes: Sequence[Episode]) -> list[Item]:
    mixed, left = list[Item](), list(episodes)
    for place, fact in enumerate(facts, 1):
        mixed.append(fact)
        if place % EACH == 0 and left:
            mixed.append(left.pop(0))
    return [*mixed, *left]


def _line(item: Item) -> str:
    """Return a fact in a line, or an episode: its number, its source, its date and its text."""
    if isinstance(item, Fact):
        triplet, mark = f"{item.subject} {item.relation} {item.object}", f" ({item.conflict})" if item.conflict else ""
        return _LINES.sub(" ", f"- {triplet}{mark}")
    date = [item.at.isoformat(" ", "minutes")] if isinstance(item.at, datetime) else []
    origin = ", ".join([*([_LINES.sub(" ", item.source)] if item.source else []), *date])
    return f"[{item.id}{f', {origin}' if origin else ''}] {item.text}"
