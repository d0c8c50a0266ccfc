"""The order of the episodes that a recall returns: one sum of weighted signals for each query.

A signal that an episode lacks adds nothing: it is no evidence against the episode.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from ariadne.memory.index.arrays import Rows
from ariadne.memory.index.episodes import (
    DIGEST,
    NO_NEIGHBOR,
    NO_SOURCE,
    NUMBER,
    RELEVANT,
    SOURCE,
    TIME,
    TextScores,
    source_key,
)
from ariadne.memory.index.weights import Weights
from ariadne.memory.retrieval.candidates import DECIMALS, Scores
from ariadne.memory.retrieval.evidence import NO_SUPPORT, EpisodeSupport
from ariadne.memory.retrieval.request import RecallContext, SearchQuery

NEAR = 64
"""The fewest episodes that are ranked."""
LEADS = 3
"""How many of the best episodes lead to others by the names that they mention."""
READ = 2000
"""The characters of a text that are searched for dates."""
SHOWN = 0.005
"""A signal of less is not named: it would read 0.00."""
LINKED = 16
"""A name that more episodes mention leads to none."""
_WEEK = 7 * 24 * 60 * 60 * 1_000_000  # microseconds, the ticks of a clock of dates
_LONGEST = 53 * _WEEK  # a text about a longer time, such as "since 2020", is about no date


@dataclass(frozen=True)
class EpisodeScores:
    """The scores of episodes by one query, or by the queried names."""

    scores: dict[int, float]
    """By number."""
    why: Callable[[int], str]
    """Explains in words why an episode has its score."""
    passages: Callable[[int], Sequence[int]] = lambda _: ()
    """Returns the places of an episode's passages that have scores of their own, best first."""
    support: Mapping[int, float] = field(default_factory=dict)
    """By number: how much an episode supports the facts that it states."""

    @cached_property
    def least_relevant(self) -> float:
        """The least score of an episode that matters beside the best one."""
        return RELEVANT * max(self.scores.values(), default=0.0)


@dataclass(frozen=True)
class _Signals:
    """Aligned columns, one position for each of the n episodes that are known; 0 for one that is not admitted."""

    numbers: Rows
    """(n,) ascending."""
    text: Scores
    """The score of the text."""
    similarity: Scores
    """The same without what shared words add."""
    words: Scores
    """The share of the query's words that the text has."""
    neighbors: Scores
    source: Scores
    date: Scores
    fact: Scores
    chain: Scores
    counts: Rows
    """How many of the facts found the episode states."""
    nearest: Scores
    """The score of the nearest of these facts."""

    def total(self) -> Scores:
        """Return (n,) the sum of all signals."""
        total: Scores = self.text + self.neighbors + self.source + self.date + self.fact + self.chain
        return total


# -- by a query --------------------------------------------------------------------------------------------------------


def episodes_by_query(
    query: SearchQuery, context: RecallContext, support: EpisodeSupport = NO_SUPPORT
) -> EpisodeScores:
    """Return the scores of the episodes for a query: of the best ones, and of all that state a fact it found."""
    own = context.index.scorer.episode_scores(context.view, query.question, context.snapshot.as_of, context.weights)
    numbers, digests = context.known[:, NUMBER], context.known[:, DIGEST]
    signals, trusted = _signals(query, own, support, context), _trust(context)
    least, most = context.index.scorer.least_text, max(NEAR, 2 * context.most_episodes)
    scores = _trusted_scores(signals, trusted)
    if query.intervals:
        dates = _dates_in_texts(query, numbers, np.sort(_best(scores, digests, NEAR, least)), context)
        signals = replace(signals, date=np.maximum(signals.date, dates))
        scores = _trusted_scores(signals, trusted)
    links = _links(scores, signals, query, context) if query.depth > 1 else {}
    for place, (bonus, _) in links.items():
        scores[place] += bonus * trusted[place]
    scores = scores.round(DECIMALS)
    found = _best(scores, digests, most, least)
    ranked = np.union1d(found, np.searchsorted(numbers, support.numbers))
    by_number = {int(numbers[place]): float(scores[place]) for place in ranked.tolist()}

    def why(number: int) -> str:
        place = int(np.searchsorted(numbers, number))
        return _why(place, signals, links.get(place), context.weights)

    return EpisodeScores(by_number, why, own.passages, _support(support, own, context))


def _support(support: EpisodeSupport, own: TextScores, context: RecallContext) -> dict[int, float]:
    """Return, by number, how much episodes support the facts that they state.

    It is the mean of three: how near the text is, the score of the nearest fact, and the score of the chains that lead
    to its facts from other episodes.
    """
    means = (own.of(support.numbers, own.scores) + support.nearest + support.linked) / 3
    return _trusted(dict(zip(support.numbers.tolist(), means.tolist(), strict=True)), context)


def _trusted(scores: Mapping[int, float], context: RecallContext) -> dict[int, float]:
    """Return scores by number, each times the weight of the episode's source; without those that are not admitted."""
    numbers = np.array(list(scores), np.int64)
    trusted = _trust(context)[np.searchsorted(context.known[:, NUMBER], numbers)]
    weighed = np.array(list(scores.values()), np.float64) * trusted
    return {
        number: score
        for number, score in zip(numbers.tolist(), weighed.round(DECIMALS).tolist(), strict=True)
        if not math.isnan(score)
    }


def _trust(context: RecallContext) -> Scores:
    """Return (n,) the weight of each known episode's source; NaN for an episode that is not admitted."""
    weights = np.array([*map(context.weight, context.index.episodes.sources), context.weight(None)], np.float64)
    trusted: Scores = np.where(context.admitted(context.known[:, NUMBER]), weights[context.known[:, SOURCE]], np.nan)
    return trusted


def _trusted_scores(signals: _Signals, trusted: Scores) -> Scores:
    """Return (n,) the scores of the episodes; -inf for an episode that is not admitted."""
    scores: Scores = np.where(np.isnan(trusted), -np.inf, signals.total() * trusted)
    return scores


def _signals(query: SearchQuery, own: TextScores, support: EpisodeSupport, context: RecallContext) -> _Signals:
    numbers, times, sources = (context.known[:, column] for column in (NUMBER, TIME, SOURCE))
    admitted = context.admitted(numbers)
    text, similarity, words = (
        np.where(admitted, own.of(numbers, column), 0.0) for column in (own.scores, own.similarity, own.words)
    )
    fact, chain, nearest = np.zeros((3, len(numbers)))
    counts = np.zeros(len(numbers), np.int64)
    places = np.searchsorted(numbers, support.numbers)
    fact[places] = context.weights.fact * np.maximum(support.nearest - similarity[places], 0)
    chain[places] = context.weights.chain * support.linked
    counts[places], nearest[places] = support.counts, support.nearest
    return _Signals(
        numbers, text, similarity, words,
        _around(text, context),
        np.where(np.isin(sources, query.sources), context.weights.source, 0.0),
        _of_time(query.intervals, times, context.weights),
        fact, chain, counts, nearest,
    )  # fmt: skip


def _around(text: Scores, context: RecallContext) -> Scores:
    """Return (n,) what the texts of the neighbours add."""
    if not len(text):
        return np.zeros(0)
    has_one = context.neighbors != NO_NEIGHBOR
    texts = np.where(has_one, text[np.where(has_one, context.neighbors, 0)], 0.0)
    around: Scores = texts @ np.array(context.weights.neighbors)
    return around


def _of_time(wanted: Sequence[tuple[int, int]], times: Rows, weights: Weights) -> Scores:
    """Return (n,) what episodes gain by their own times, where a query asks for some."""
    gained = np.zeros(len(times))
    for start, end in wanted:
        weeks = np.maximum(times - end, 0) / _WEEK
        later = np.where(times < start, 0.0, weights.later * 0.5**weeks)
        gained = np.maximum(gained, np.where((start <= times) & (times < end), weights.date, later))
    return gained


def _dates_in_texts(query: SearchQuery, numbers: Rows, places: Rows, context: RecallContext) -> Scores:
    """Return (n,) what episodes at some places gain by the dates in their texts, where a query asks for a time."""
    gained = np.zeros(len(numbers))
    texts = {episode.id: episode.text[:READ] for episode in context.view.episodes.some(numbers[places].tolist())}
    for place in places.tolist():
        dates = context.intervals_in(texts[int(numbers[place])], int(context.known[place, TIME]))
        written = [(since, until) for since, until in dates if until - since <= _LONGEST]
        if any(start < until and since < end for since, until in written for start, end in query.intervals):
            gained[place] = context.weights.date
    return gained


def _best(scores: Scores, digests: Rows, most: int, least: float) -> Rows:
    """Return the places of the highest scores; of the episodes with one digest only the best, the newest of equals."""
    places, searched = np.flatnonzero(scores >= least), most
    while True:
        first = places
        if len(places) > searched:
            first = places[scores[places] >= np.partition(scores[places], -searched)[-searched]]
        first = first[np.lexsort((-first, -scores[first]))]
        distinct = first[np.sort(np.unique(digests[first], return_index=True)[1])]
        if len(distinct) >= most or len(first) == len(places):
            return distinct[:most]
        searched *= 4


def _why(place: int, signals: _Signals, link: tuple[float, str] | None, weights: Weights) -> str:
    """Return in words what an episode's score is made of."""
    count, words = int(signals.counts[place]), float(signals.words[place])
    similarity = float(signals.similarity[place])
    when = "about" if signals.date[place] >= weights.date else "after"
    shown = [
        (count, f"states {count} of the facts found, the nearest {signals.nearest[place]:.2f}"),
        (signals.chain[place], f"others lead to them ({signals.chain[place]:.2f})"),
        (signals.source[place], f"the query names its source ({signals.source[place]:.2f})"),
        (signals.date[place], f"it is {when} the time of the query ({signals.date[place]:.2f})"),
        (0 if similarity == words else similarity, f"its text is similar ({similarity:.2f})"),  # equal: by words alone
        (words, f"its text has {words:.0%} of the query's words"),
        (signals.neighbors[place], f"its neighbours match ({signals.neighbors[place]:.2f})"),
        (link[0] if link else 0, f"{link[1]} ({link[0]:.2f})" if link else ""),
    ]
    return "; ".join(text for value, text in shown if value >= SHOWN)


# -- by names that the best episodes mention ---------------------------------------------------------------------------


def _links(
    scores: Scores, signals: _Signals, query: SearchQuery, context: RecallContext
) -> dict[int, tuple[float, str]]:
    """Return, by place, what episodes gain by a rare name that a better one mentions, and the reason in words.

    A name of the query leads nowhere, for the text of an episode that has it is similar anyway.
    """
    leads = np.argsort(-scores, kind="stable")[:LEADS]
    leads = leads[scores[leads] > context.index.scorer.least_text]
    if not len(leads):
        return {}
    numbers, links = signals.numbers, dict[int, tuple[float, str]]()
    best = scores[leads[0]]
    for number, episodes, shown in _rare_names(numbers[leads].tolist(), query, context):
        lead = int(np.searchsorted(numbers, number))
        rarity = math.log(len(numbers) / len(episodes)) / math.log(max(len(numbers) / 2, 2))
        bonus = round(float(context.weights.link * rarity * scores[lead] / best), DECIMALS)
        for place in np.searchsorted(numbers, episodes).tolist():
            if place != lead and scores[place] > -np.inf and links.get(place, (0.0, ""))[0] < bonus:
                links[place] = bonus, f'mentions "{shown}", as episode {number} does'
    return links


def _rare_names(leads: Sequence[int], query: SearchQuery, context: RecallContext) -> list[tuple[int, list[int], str]]:
    """Return the rare proper names that episodes mention.

    Returns:
        For each name the episode that mentions it, all episodes that do, and the name as first written.
    """
    view, until = context.view, context.snapshot.as_of
    known = {*query.names}
    texts = {episode.id: episode.text for episode in view.episodes.some(leads)}
    speakers = _speakers(leads, context)
    found = list[tuple[int, list[int], str]]()
    for number, name, shown in view.episodes.names_in(leads):
        if name in known or source_key(shown) == speakers.get(number) or not is_proper(shown, texts[number]):
            continue
        episodes = sorted(view.episodes.mentioning(name, until, LINKED))
        if len(episodes) > 1:
            found.append((number, episodes, shown))
    return found


def _speakers(numbers: Sequence[int], context: RecallContext) -> dict[int, str]:
    """Return the sources of episodes, by number, as keys: of those whose source has other episodes, too."""
    sources = context.known[:, SOURCE]
    _, positions = context.index.episodes.times_and_sources(np.array(sorted(numbers), np.int64))
    of_speakers = {
        number: position
        for number, position in zip(sorted(numbers), positions.tolist(), strict=True)
        if position != NO_SOURCE and np.count_nonzero(sources == position) > 1
    }
    return {number: source_key(context.index.episodes.sources[position]) for number, position in of_speakers.items()}


def is_proper(name: str, text: str) -> bool:
    """Return whether a name has two words with capitals, or a text has it with a capital where no sentence begins."""
    if sum(word[:1].isupper() for word in name.split()) > 1:
        return True
    place = text.find(name)
    while place >= 0:
        before = text[:place].rstrip(" ")
        if before and before[-1] not in ".!?:\n\"'\u201c" and any(letter.isupper() for letter in name):
            return True
        place = text.find(name, place + 1)
    return False


# -- by queried names, and by the paper's relevance --------------------------------------------------------------------


def episodes_by_names(rows: Sequence[int], context: RecallContext) -> EpisodeScores:
    """Return the scores of the episodes for the queried names.

    The episodes that state most of the facts returned come first, then those that mention the names.
    """
    by_facts = episodes_by_relevance(rows, context)
    mentions = dict[int, str]()
    for name in context.names:
        for known in context.view.facts.linked([name]).values():
            for number in context.view.episodes.mentioning(known, context.snapshot.as_of):
                mentions.setdefault(number, f'mentions "{name}"')
    scores = dict.fromkeys(mentions, 0.0) | by_facts.scores
    return EpisodeScores(
        _trusted(scores, context),
        lambda number: by_facts.why(number) if number in by_facts.scores else mentions[number],
    )


def episodes_by_relevance(rows: Iterable[int], context: RecallContext) -> EpisodeScores:
    """Return the scores of the episodes that state any of these rows' facts, by the paper's relevance."""
    facts = context.index.fact_ids(np.array(list(rows), np.int64))
    shares = {number: share for number, *share in context.view.facts.shares(facts, context.snapshot.as_of)}
    scores = {number: relevance(*share) for number, share in shares.items()}
    return EpisodeScores(scores, lambda number: "states {} of the facts found, {} in all".format(*shares[number]))


def relevance(found: int, stated: int) -> float:
    """Return the paper's episodic relevance: rel(i) = n_i / max(N_i, 1) * log2(max(N_i, 1)).

    Args:
        found: n_i, how many of the episode's triplets were found.
        stated: N_i, how many triplets the episode states; an episode of one triplet scores 0.
    """
    most = max(stated, 1)
    return round(found / most * math.log2(most), DECIMALS)
