"""Recall put together: asks served in their order, episodes ranked, and the text that keeps within its budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from ariadne.memory import tokens
from ariadne.memory.checks import check_count, check_mapping, check_number, check_threshold, checked_numbers
from ariadne.memory.index import Index
from ariadne.memory.moments import Moment
from ariadne.memory.names import identity
from ariadne.memory.retrieval import breadth_first, relevance
from ariadne.memory.store import Store
from ariadne.memory.words import telling_words
from ariadne.values import About, Ask, Episode, Fact, Query, Recall

ASSOCIATED = 40
"""The most facts that association adds where no number is asked for."""


LINKED = 32
"""A name links the episodes that speak of it where these are no more."""


@dataclass(frozen=True)
class Search:
    """From where, how far and for how much: see AriGraph.recall."""

    moment: Moment
    depth: int
    width: int
    threshold: float | None
    where: Mapping[str, str] | None
    exclude: Sequence[int]
    facts: int | None
    episodes: int
    max_tokens: int | None

    def __post_init__(self) -> None:
        for number, what in ((self.episodes, "episodes"), (self.depth, "depth"), (self.width, "width")):
            check_number(number, what)
        for count, what in ((self.facts, "facts"), (self.max_tokens, "max_tokens")):
            check_count(count, what)
        check_threshold(self.threshold)
        check_mapping(self.where, "where")
        object.__setattr__(self, "exclude", tuple(checked_numbers(self.exclude, "exclude")))


@dataclass(frozen=True)
class Found:
    """How recall came upon a fact or an episode."""

    score: float
    why: str
    asked: bool = field(default=False)
    """Whether it was asked for by name, not found by association."""


def recollect(asks: Sequence[Ask], search: Search, store: Store, index: Index) -> Recall:
    """Serve the asks in order, each fact once, and cut to what was asked for and fits; call it inside `reading()`."""
    index.catch_up()
    matching = None if search.where is None else store.episodes.where(search.where) - set(search.exclude)
    held = index.held(search.moment) & _admitted(search, store, index, matching)
    found = dict[int, Found]()
    for ask in asks:
        served = _about(ask, search, store) if isinstance(ask, About) else _associated(ask, search, store, index, held)
        for fact, how in served.items():
            if held[index.row(fact)]:
                first = found.setdefault(fact, how)
                found[fact] = replace(first, asked=first.asked or how.asked)
    seen = store.facts.by_id(_limited(found, search.facts), search.moment.until)
    told = [replace(seen[fact], score=how.score, why=how.why) for fact, how in found.items() if fact in seen]
    stating = _episodes(found, search, store, matching)
    saying = _saying(asks, search, store, matching)
    return _within(told, _in_turn(stating, saying)[: search.episodes], search.max_tokens)


def _admitted(search: Search, store: Store, index: Index, matching: set[int] | None) -> NDArray[np.bool_]:
    """The rows that filter and exclusion leave: facts that some episode states which is wanted and not left out."""
    if matching is not None:
        return index.masked(store.facts.stated_in(n for n in matching if n <= search.moment.until))
    return ~index.masked(store.facts.stated_only_in(search.exclude, search.moment.until))


def _about(ask: About, search: Search, store: Store) -> dict[int, Found]:
    why = f'about "{ask.name}"'
    return {fact: Found(1.0, why, asked=True) for fact in store.facts.at(search.moment, ask.name)}


def _associated(
    ask: str | Query, search: Search, store: Store, index: Index, held: NDArray[np.bool_]
) -> dict[int, Found]:
    query = Query(ask, search.depth) if isinstance(ask, str) else ask
    sought = store.space.text_as_meant(query.text)
    least = index.scorer.threshold if search.threshold is None else search.threshold
    hits = breadth_first(
        sought, lambda texts: index.scorer.scores(texts, held), index.named,
        depth=query.depth, width=search.width, threshold=least,
    )  # fmt: skip
    through = {hit.row: f' through "{hit.through}"' if hit.through is not None else "" for hit in hits}
    whys = {hit.row: f'query "{query.text}", hop {hit.hop}{through[hit.row]}' for hit in hits}
    return {index.fact(hit.row): Found(hit.score, whys[hit.row]) for hit in hits}


def _limited(found: Mapping[int, Found], facts: int | None) -> list[int]:
    if facts is not None:
        return list(found)[:facts]
    kept = [fact for fact, how in found.items() if not how.asked][:ASSOCIATED]
    return [*(fact for fact, how in found.items() if how.asked), *kept]


def _episodes(found: Mapping[int, Found], search: Search, store: Store, matching: set[int] | None) -> list[Episode]:
    """The episodes that state the most of what was found (relevance), newest first among equals."""
    scored = {
        number: Found(relevance(known, stated), f"states {known} of the facts found, {stated} in all")
        for number, known, stated in store.facts.shares(found, search.moment.until)
        if number not in search.exclude and (matching is None or number in matching)
    }
    ranked = store.episodes.ordered(_best(scored, search.episodes))
    return [replace(one, score=scored[one.id].score, why=scored[one.id].why) for one in ranked]


def _saying(asks: Sequence[Ask], search: Search, store: Store, matching: set[int] | None) -> list[Episode]:
    """The episodes whose own text says the most of what was asked, or speaks of a name that was asked about; then those
    that speak of what the first of these speak of. Newest first among equals."""
    until = search.moment.until
    texts = [ask if isinstance(ask, str) else ask.text for ask in asks if not isinstance(ask, About)]
    words = store.episodes.saying(telling_words(" ".join(texts)), until)
    scored = {number: Found(score, "its text says what was asked") for number, score in words.items()}
    for ask in asks:
        if isinstance(ask, About) and (name := store.facts.name_id(ask.name)) is not None:
            for number, score in store.episodes.mentioning(name, until).items():
                scored.setdefault(number, Found(score, f'speaks of "{ask.name}"'))
    deepest = max((ask.depth if isinstance(ask, Query) else search.depth for ask in asks), default=0)
    linked = _linked(_best(scored, search.width), store, until) if deepest > 1 else {}
    ranked = list[Episode]()
    for found in (scored, {number: how for number, how in linked.items() if number not in scored}):
        wanted = {n: how for n, how in found.items() if n not in search.exclude and (matching is None or n in matching)}
        best = store.episodes.ordered(_best(wanted, search.episodes))
        ranked += [replace(one, score=wanted[one.id].score, why=wanted[one.id].why) for one in best]
    return ranked[: search.episodes]


def _linked(numbers: Sequence[int], store: Store, until: int) -> dict[int, Found]:
    """The episodes that share a name with one of these, half as near as the rarest such name makes them; a name that
    very many speak of links nothing."""
    linked = dict[int, Found]()
    told_by = {episode.id: identity(episode.source or "") for episode in store.episodes.some(numbers)}
    for number, name, shown in store.episodes.mentioned_in(numbers):
        if identity(shown) == told_by[number]:  # who tells many things does not link them
            continue
        for other, score in store.episodes.mentioning(name, until, LINKED).items():
            how = Found(round(score / 2, 4), f'speaks of "{shown}", as episode {number} does')
            if other not in linked or linked[other].score < how.score:
                linked[other] = how
    return linked


def _best(scored: Mapping[int, Found], most: int) -> list[int]:
    return sorted(scored, key=lambda number: (-scored[number].score, -number))[:most]


def _in_turn(stating: Sequence[Episode], saying: Sequence[Episode]) -> list[Episode]:
    """One by its facts, one by its words, and so on, each episode once; one by its words first where facts are of no
    weight."""
    pairs = zip_longest(stating, saying)
    ordered = [one for pair in pairs for one in (pair if pair[0] and pair[0].score else reversed(pair)) if one]
    first = dict[int, Episode]()
    for one in ordered:
        first.setdefault(one.id, one)
    return list(first.values())


def _within(facts: Sequence[Fact], episodes: Sequence[Episode], max_tokens: int | None) -> Recall:
    """As much as the budget holds: what comes last is dropped first, episodes before facts."""
    most = len(facts) + len(episodes)

    def told(size: int) -> str:
        return _text(facts[:size], episodes[: max(size - len(facts), 0)])

    size = most if max_tokens is None else _longest(most, lambda size: tokens.count(told(size)) <= max_tokens)
    return Recall(tuple(facts[:size]), tuple(episodes[: max(size - len(facts), 0)]), told(size))


def _longest(most: int, fits: Callable[[int], bool]) -> int:
    """The greatest size that fits, by halving; 0 where none does."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def _text(facts: Sequence[Fact], episodes: Sequence[Episode]) -> str:
    """Ready for a prompt; nothing where nothing was recalled."""
    known = ["Facts:", *(f"- {fact}" for fact in facts)] if facts else []
    happened = ["Episodes:", *map(_told, episodes)] if episodes else []
    return "\n".join([*known, *happened])


def _told(episode: Episode) -> str:
    """An episode for a prompt: its number, whom it came from, when if that is a date, and its text."""
    when = [episode.at.isoformat(" ", "minutes")] if isinstance(episode.at, datetime) else []
    said = ", ".join([*([episode.source] if episode.source else []), *when])
    return f"[{episode.id}{f', {said}' if said else ''}] {episode.text}"
