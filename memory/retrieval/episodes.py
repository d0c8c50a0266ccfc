"""Which episodes come to mind: by the facts that they state, by their own text, and by the names they speak of."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ariadne.memory.index.facts import NOBODY
from ariadne.memory.ontology.names import identity_of
from ariadne.memory.retrieval.chains import DECIMALS
from ariadne.memory.retrieval.context import RecallContext, Sought
from ariadne.memory.retrieval.evidence import States

NEAR = 64
"""How many episodes are looked at for their own text alone."""
LINKING, NAMES, LINKED, HUB = 6, 16, 32, 300
"""So many of them lead to others, by so many of the names that they speak of, the rarest first; a name of more episodes
or facts than that leads nowhere."""


@dataclass(frozen=True)
class Ranked:
    """Episodes by number, each with how near it is; and why one is, in words."""

    scores: dict[int, float]
    why: Callable[[int], str]


def by_query(query: Sought, look: RecallContext, states: States) -> Ranked:
    """The episodes that a query brings to mind; `states` is what they state of the facts found.

    An episode is as near as the mean of three: its text, the nearest of its facts (its text again, where it states
    none), and the chains that lead to it from others. One that shares a rare name with one whose text is near, is at
    least half as near.
    """
    said = look.index.scorer.said(query.ask, look.moment.until)
    near = said.best(NEAR, look.admitted(said.numbers) & (said.scores >= look.index.scorer.faintest))
    numbers = np.union1d(states.numbers, np.array(near, np.int64))
    texts = said.of(numbers)
    nearest, chained, counts = texts.copy(), np.zeros(len(numbers)), np.zeros(len(numbers), np.int64)
    stating = np.searchsorted(numbers, states.numbers)
    nearest[stating], chained[stating], counts[stating] = states.nearest, states.linked, states.counts
    scores = dict(zip(numbers.tolist(), ((texts + nearest + chained) / 3).round(DECIMALS).tolist(), strict=True))
    places = np.searchsorted(numbers, near[:LINKING]).tolist()
    linked = _linked({int(numbers[place]): float(texts[place]) for place in places}, look) if query.depth > 1 else {}
    farther = {number: told for number, (score, told) in linked.items() if scores.get(number, -1.0) < score}

    def why(number: int) -> str:
        if number in farther:
            return farther[number]
        place = int(np.searchsorted(numbers, number))
        text = f"its text is near ({texts[place]:.2f})"
        if not counts[place]:
            return text
        parts = [f"states {counts[place]} of the facts found, the nearest {nearest[place]:.2f}"]
        parts += [f"others lead to them ({chained[place]:.2f})"] if chained[place] else []
        return "; ".join([*parts, *([text] if texts[place] > 0 else [])])

    return Ranked(_trusted(scores | {number: linked[number][0] for number in farther}, look), why)


def _trusted(scores: dict[int, float], look: RecallContext) -> dict[int, float]:
    """The same, each by how far its source is trusted."""
    if not look.asked.trust:
        return scores
    sources = look.store.episodes.sources(scores)
    return {
        number: round(score * look.weight(sources[number]), DECIMALS)
        for number, score in scores.items()
        if number in sources
    }


def by_names(facts: Iterable[int], look: RecallContext) -> Ranked:
    """The episodes for what was asked About: those that state the most of these facts, and those that speak of the
    names."""
    ranked = by_relevance(facts, look)
    speaking = dict[int, str]()
    for name in look.names:
        if (known := look.store.facts.name_id(name)) is not None:
            for number in look.store.episodes.mentioning(known, look.moment.until):
                speaking.setdefault(number, f'speaks of "{name}"')
    scores = dict.fromkeys(speaking, 0.0) | ranked.scores
    return Ranked(
        _trusted(scores, look), lambda number: ranked.why(number) if number in ranked.scores else speaking[number]
    )


def by_relevance(facts: Iterable[int], look: RecallContext) -> Ranked:
    """The episodes that state any of these facts, by the paper's measure."""
    shares = {number: (known, stated) for number, known, stated in look.store.facts.shares(facts, look.moment.until)}
    scores = {number: relevance(*share) for number, share in shares.items()}
    return Ranked(scores, lambda number: "states {} of the facts found, {} in all".format(*shares[number]))


def _linked(texts: Mapping[int, float], look: RecallContext) -> dict[int, tuple[float, str]]:
    """The episodes that share a name with one of these, half as near, and why; who tells many things links nothing by
    that."""
    linked = dict[int, tuple[float, str]]()
    sources = look.index.told(np.array(list(texts), np.int64))[1].tolist()
    told_by = {
        n: "" if by == NOBODY else identity_of(look.index.sources[by]) for n, by in zip(texts, sources, strict=True)
    }
    names = look.store.episodes.mentioned_in(list(texts))
    touched = look.index.touched(np.array([name for _, name, _ in names], np.int64), look.moment.until).tolist()
    rarest = sorted(zip(touched, range(len(names)), names, strict=True))[:NAMES]
    few = [name for facts, _, name in rarest if facts <= HUB and identity_of(name[2]) != told_by[name[0]]]
    speaking = _speaking([name for _, name, _ in few], look)
    for number, name, shown in few:
        score = round(texts[number] / 2, DECIMALS)
        for other in speaking[name]:
            if other not in texts and look.admits(other) and linked.get(other, (-1.0, ""))[0] < score:
                linked[other] = score, f'speaks of "{shown}", as episode {number} does'
    return linked


def _speaking(names: Sequence[int], look: RecallContext) -> dict[int, list[int]]:
    """For each name (id) the episodes that speak of it, in their facts or in their text alone; none where they are more
    than LINKED."""
    index, until = look.index, look.moment.until
    told = look.store.episodes.speaking_of
    rows = index.touching(np.array(names, np.int64))
    places, numbers = index.stating(rows, until)
    ends = index.ends(rows)[places]
    speaking = {name: {*told(name, until, LINKED + 1), *numbers[(ends == name).any(axis=1)].tolist()} for name in names}
    return {name: sorted(some) if len(some) <= LINKED else [] for name, some in speaking.items()}


def relevance(found: int, stated: int) -> float:
    """The paper's episodic relevance: rel(i) = n_i / max(N_i, 1) * log2(max(N_i, 1)).

    `found` (n_i) of the `stated` (N_i) triplets of an episode were found; an episode of one triplet scores 0.
    """
    most = max(stated, 1)
    return round(found / most * math.log2(most), DECIMALS)
