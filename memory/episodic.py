"""Which episodes come to mind: by the facts that they state, by their own text, and by the names they speak of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from ariadne.memory.look import Look, Sought
from ariadne.memory.names import identity
from ariadne.memory.retrieval import DECIMALS, relevance
from ariadne.memory.stating import States

NEAR = 64
"""How many episodes are looked at for their own text alone."""
LINKING, NAMES, LINKED, HUB = 6, 16, 32, 300
"""So many of them lead to others, by so many of the names that they speak of, the rarest first; a name of more episodes
or facts than that leads nowhere."""


class Scored(NamedTuple):
    """How near an episode is, and why: in words, or by its text and by what it states."""

    score: float
    told: str = ""
    text: float = 0.0
    states: States | None = None

    @property
    def why(self) -> str:
        if self.told or self.states is None:
            return self.told or f"its text is near ({self.text:.2f})"
        parts = [f"states {self.states.number} of the facts found, the nearest {self.states.nearest:.2f}"]
        parts += [f"others lead to them ({self.states.linked:.2f})"] if self.states.linked else []
        parts += [f"its text is near ({self.text:.2f})"] if self.text > 0 else []
        return "; ".join(parts)


Ranked = dict[int, Scored]
"""Episodes by number."""


def by_query(query: Sought, look: Look, states: Mapping[int, States]) -> Ranked:
    """The episodes that a query brings to mind; `states` is what they state of the facts found.

    An episode is as near as the mean of three: its text, the nearest of its facts (its text again, where it states
    none), and the chains that lead to it from others. One that shares a rare name with one whose text is near, is at
    least half as near.
    """
    said = look.index.scorer.said(query.ask, look.moment.until)
    near = said.best(NEAR, look.admitted(said.numbers) & (said.scores >= look.index.scorer.faintest))
    texts = said.of(list(dict.fromkeys([*near, *states])))
    told = {number: _scored(texts.get(number, 0.0), states.get(number)) for number in dict.fromkeys([*states, *near])}
    linked = _linked({number: texts[number] for number in near[:LINKING]}, look) if query.depth > 1 else {}
    farther = {number: how for number, how in linked.items() if number not in told or told[number].score < how.score}
    return _trusted(told | farther, look)


def _trusted(ranked: Ranked, look: Look) -> Ranked:
    """The same, each by how far its source is trusted."""
    if not look.asked.trust:
        return ranked
    sources = look.store.episodes.sources(ranked)
    return {
        number: how._replace(score=round(how.score * look.weight(sources[number]), DECIMALS))
        for number, how in ranked.items()
        if number in sources
    }


def by_names(facts: Iterable[int], look: Look) -> Ranked:
    """The episodes for what was asked About: those that state the most of these facts, and those that speak of the
    names."""
    ranked = by_relevance(facts, look)
    for name in look.names:
        if (known := look.store.facts.name_id(name)) is not None:
            for number in look.store.episodes.mentioning(known, look.moment.until):
                ranked.setdefault(number, Scored(0.0, f'speaks of "{name}"'))
    return ranked


def by_relevance(facts: Iterable[int], look: Look) -> Ranked:
    """The episodes that state any of these facts, by the paper's measure."""
    return {
        number: Scored(relevance(known, stated), f"states {known} of the facts found, {stated} in all")
        for number, known, stated in look.store.facts.shares(facts, look.moment.until)
    }


def _scored(text: float, states: States | None) -> Scored:
    parts = (text, states.nearest, states.linked) if states else (text, text, 0.0)
    return Scored(round(sum(parts) / 3, DECIMALS), "", text, states)


def _linked(texts: Mapping[int, float], look: Look) -> Ranked:
    """The episodes that share a name with one of these, half as near; who tells many things links nothing by that."""
    linked = Ranked()
    told_by = {episode.id: identity(episode.source or "") for episode in look.store.episodes.some(texts)}
    names = look.store.episodes.mentioned_in(list(texts))
    touched = look.index.touched(np.array([name for _, name, _ in names], np.int64), look.moment.until).tolist()
    speaking = dict[int, Iterable[int]]()
    rarest = sorted(zip(touched, range(len(names)), names, strict=True))[:NAMES]
    for facts, _, (number, name, shown) in rarest:
        if facts > HUB or identity(shown) == told_by[number]:
            continue
        if name not in speaking:
            speaking[name] = look.store.episodes.mentioning(name, look.moment.until, LINKED)
        for other in speaking[name]:
            how = Scored(round(texts[number] / 2, DECIMALS), f'speaks of "{shown}", as episode {number} does')
            if other not in texts and look.admits(other) and (other not in linked or linked[other].score < how.score):
                linked[other] = how
    return linked
