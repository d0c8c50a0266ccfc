"""The request of a recall: its checked arguments, the texts to search for, and the facts and episodes it may find."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from numbers import Real
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ariadne.errors import InvalidInput
from ariadne.memory.index.arrays import Rows
from ariadne.memory.index.episodes import MOST_NEIGHBORS, NUMBER
from ariadne.memory.index.facts import Index, Scope, Scorer
from ariadne.memory.index.weights import WEIGHTS, Weights
from ariadne.memory.inputs import (
    check_count,
    check_number,
    check_texts,
    check_threshold,
    check_time,
    checked_numbers,
    checked_queries,
)
from ariadne.memory.ontology.reviser import OntologyReviser, reviser_for
from ariadne.memory.ontology.slots import RelationFilter
from ariadne.memory.retrieval.dates import intervals
from ariadne.memory.retrieval.sources import named_sources
from ariadne.memory.storage.snapshot import Snapshot
from ariadne.memory.storage.store import View
from ariadne.memory.storage.where import EpisodeFilter
from ariadne.values import About, Fact, Query, QueryLike, RecallRequest

Strategy = Literal["chains", "paper"]
STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)
DEPTHS = {"chains": 3, "paper": 2}
"""Default depth by strategy: the most facts of a chain, or the hops of the paper's search."""
WIDTHS = {"chains": 48, "paper": 6}
"""Default width by strategy: the chains extended at each length, or the paper's triplets for each vertex."""
FOUND_BY_DEFAULT = 40
"""The most facts that queries add where the request sets no number of facts."""
EPISODES_BY_DEFAULT = 2
"""The most episodes where the request sets no number; a budget may hold more texts, but no more observations."""
FILLING = 500
"""The most episodes that fill a budget."""
SHORTEST = 10
"""The fewest tokens of an episode's line, or nearly so."""
_WORD = re.compile(r"\w+")


def recall_request(scorer: Scorer, queries: QueryLike | Sequence[QueryLike], **arguments: Any) -> RecallRequest:
    """Return the checked request of AriGraph.recall, with the defaults of strategy and scorer filled in.

    Args:
        scorer: Gives the default threshold.
        queries: One query, or several.
        **arguments: The other fields of RecallRequest. None picks the default for depth, width, threshold and trust.

    Raises:
        InvalidInput: An argument has a wrong type or a value out of range; the message names it.
    """
    strategy = arguments["strategy"]
    if strategy not in STRATEGIES:
        raise InvalidInput(f"strategy={strategy!r:.80} is unknown: give one of {', '.join(STRATEGIES)}")
    defaults: dict[str, Any] = {
        "depth": DEPTHS[strategy],
        "width": WIDTHS[strategy],
        "threshold": scorer.threshold if strategy == "paper" else scorer.min_score,
        "trust": {},
    }
    filled: dict[str, Any] = {name: defaults.get(name) if value is None else value for name, value in arguments.items()}
    return _checked(RecallRequest(queries=tuple(checked_queries(queries)), **filled))


def _checked(request: RecallRequest) -> RecallRequest:
    """Return the request with copies of its collections; raise InvalidInput for what recall cannot answer."""
    check_number(request.neighbors, "neighbors")
    if request.neighbors > MOST_NEIGHBORS:
        raise InvalidInput(f"neighbors={request.neighbors} is too many: give at most {MOST_NEIGHBORS}")
    for name in ("facts", "episodes", "max_tokens", "depth", "width"):
        check_count(getattr(request, name), name)
    check_threshold(request.threshold)
    check_time(request.valid_at, "valid_at")
    EpisodeFilter(request.where, request.since, request.before)  # it checks its parts
    return replace(
        request,
        threshold=float(request.threshold),
        where=None if request.where is None else dict(request.where),
        exclude=tuple(checked_numbers(request.exclude, "exclude")),
        trust=_checked_trust(request.trust),
    )


def _checked_trust(trust: Mapping[str, float]) -> dict[str, float]:
    if not isinstance(trust, Mapping):
        raise InvalidInput(f"trust={trust!r:.80} is no mapping: give the weight of each source by its name")
    check_texts(trust)
    for source, weight in trust.items():
        if not isinstance(weight, Real) or not 0 <= weight <= 1:
            raise InvalidInput(f"trust[{source!r:.80}]={weight!r:.80} is out of range: give a weight from 0 to 1")
    return dict(trust)


@dataclass(frozen=True)
class SearchQuery:
    """A text to search for."""

    given: str
    """The text as the caller gave it."""
    text: str
    """The same with merged names resolved."""
    depth: int
    """The most facts of a chain."""
    question: str
    """What texts are compared with: the text as given, without the names of speakers."""
    sources: Rows
    """The positions of the sources that it names, in `EpisodeIndex.sources`."""
    intervals: tuple[tuple[int, int], ...]
    """The times that it asks for, in clock ticks; the end of each is not part of it."""
    names: tuple[int, ...]
    """The names (ids) that occur in it as whole words."""


@dataclass(frozen=True)
class RecallContext:
    """A request together with the memory that answers it.

    It is valid while the index is up to date and its lock is held.
    """

    request: RecallRequest
    view: View
    index: Index
    weights: Weights = WEIGHTS

    @cached_property
    def snapshot(self) -> Snapshot:
        """The point in both times that the recall sees."""
        return self.view.snapshot(self.request.as_of, self.request.valid_at)

    @cached_property
    def queries(self) -> list[SearchQuery]:
        """The texts to search for. Empty texts, and texts that another contains as whole words, are left out."""
        given = [query for query in self.request.queries if not isinstance(query, About)]
        texts = [query if isinstance(query, Query) else Query(query, self.request.depth) for query in given]
        texts = [query for query in texts if query.text.strip()]
        words = [f" {' '.join(_WORD.findall(query.text.casefold()))} " for query in texts]

        def covers(outer: int, inner: int) -> bool:
            contained = words[inner] in words[outer] and (words[inner] != words[outer] or outer < inner)
            return outer != inner and contained and texts[outer].depth >= texts[inner].depth

        numbers = range(len(texts))
        kept = [texts[inner] for inner in numbers if not any(covers(outer, inner) for outer in numbers)]
        return [self._search_query(query) for query in kept]

    def _search_query(self, query: Query) -> SearchQuery:
        named = named_sources(query.text, self.index.episodes, self.snapshot.as_of)
        resolved = self.view.resolve_text(query.text)
        return SearchQuery(
            query.text, resolved, query.depth, named.text, named.sources,
            self.intervals_in(query.text), tuple(self.view.facts.named_in(resolved)),
        )  # fmt: skip

    def intervals_in(self, text: str, at: int | None = None) -> tuple[tuple[int, int], ...]:
        """Return the dates in a text as intervals of clock ticks; none in a space with integer times.

        Args:
            text: The text.
            at: Its world time, in clock ticks; None for a query: `valid_at`, or else the latest time that is not in the
                future.
        """
        view, request = self.view, self.request
        if at is None:
            present = view.present(self.snapshot.as_of, request.valid_at)
            at = (
                present
                if request.valid_at is not None
                else min(view.episodes.latest(self.snapshot.as_of) or 0, present)
            )
        written = view.from_clock(at)
        if not isinstance(written, datetime):
            return ()
        return tuple((view.to_clock(start), view.to_clock(end)) for start, end in intervals(text, written))

    @cached_property
    def names(self) -> list[str]:
        """The names of the About queries, each once."""
        return list(dict.fromkeys(query.name for query in self.request.queries if isinstance(query, About)))

    def most_found(self, named: int) -> int:
        """Return how many facts the queries may add, given the number of facts about queried names."""
        return FOUND_BY_DEFAULT if self.request.facts is None else max(self.request.facts - named, 0)

    @property
    def most_episodes(self) -> int:
        """The most episodes of the answer: as requested, or as many as the budget may hold."""
        request = self.request
        if request.episodes is not None:
            return request.episodes
        return EPISODES_BY_DEFAULT if request.max_tokens is None else min(request.max_tokens // SHORTEST + 1, FILLING)

    # -- what may be found -----------------------------------------------------------------------------------------

    @cached_property
    def matching(self) -> set[int] | None:
        """The episodes that pass `where`, `since` and `before`; None without such a filter."""
        request = self.request
        return self.view.episodes.matching(EpisodeFilter(request.where, request.since, request.before))

    @cached_property
    def _excluded(self) -> frozenset[int]:
        """The episodes that are excluded by number or by a source of weight 0, have expired, or were replaced."""
        distrusted = [source for source, weight in self.request.trust.items() if weight == 0]
        by_source = self.view.episodes.of_sources(distrusted) if distrusted else ()
        return frozenset(self.request.exclude).union(by_source, self.snapshot.withdrawn)

    @cached_property
    def known(self) -> Rows:
        """(n, 6) the episodes up to the snapshot, ascending; see EpisodeIndex.until."""
        return self.index.episodes.until(self.snapshot.as_of)

    @cached_property
    def neighbors(self) -> Rows:
        """(n, 4) the places of the neighbours of known episodes, or NO_NEIGHBOR; see EpisodeIndex.neighbors."""
        return self.index.episodes.neighbors(self.admitted(self.known[:, NUMBER]))

    def admits(self, episode: int) -> bool:
        """Return whether an episode may be recalled."""
        return (
            episode not in self._excluded
            and episode <= self.snapshot.as_of
            and (self.matching is None or episode in self.matching)
        )

    def admitted(self, episodes: Rows) -> NDArray[np.bool_]:
        """Return which of many episodes may be recalled, as a mask."""
        admitted = episodes <= self.snapshot.as_of
        if self._excluded:
            admitted &= ~np.isin(episodes, list(self._excluded))
        return admitted if self.matching is None else admitted & np.isin(episodes, list(self.matching))

    @cached_property
    def visible(self) -> NDArray[np.bool_]:
        """The mask of index rows that may be found: facts that hold and that an admitted episode states."""
        valid = self.index.valid(self.view, self.snapshot)
        facts, until = self.view.facts, self.snapshot.as_of
        if self.matching is not None:
            admitted = (episode for episode in self.matching if self.admits(episode))
            return valid & self.index.mask(facts.stated_in(admitted))
        return valid & ~self.index.mask(facts.stated_only_in(self._excluded, until)) if self._excluded else valid

    @cached_property
    def scope(self) -> Scope:
        """What the scorer may find."""
        return Scope(self.view, self.visible, self.snapshot.as_of)

    def weight(self, source: str | None) -> float:
        """Return how far a source is trusted, from 0 to 1; 1 for a source that the request does not weigh."""
        return 1.0 if source is None else self.request.trust.get(source, 1.0)

    # -- what conflicts are judged by ------------------------------------------------------------------------------

    @cached_property
    def reviser(self) -> OntologyReviser:
        """The reviser of the ontology of the space."""
        with self.view.decoding():
            return reviser_for(self.view.state.ontology)

    def about(self, name: str, *_: RelationFilter | None) -> Sequence[Fact]:
        """Return the facts that hold about a name; see FactsAround."""
        if name not in self._about:
            self._about[name] = tuple(self.view.facts.at(self.snapshot, name).values())
        return self._about[name]

    @cached_property
    def _about(self) -> dict[str, tuple[Fact, ...]]:
        return {}
