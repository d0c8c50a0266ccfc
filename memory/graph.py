"""The AriGraph: facts in time, tied to the episodes that taught them; remember, recall, and questions to the graph."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

from ariadne.memory.embedding import default_embedder
from ariadne.memory.index import Dense, Index, Lexical
from ariadne.memory.invalid import InvalidInput, check_texts
from ariadne.memory.learning import learn
from ariadne.memory.mentions import Mentions
from ariadne.memory.moments import END, Moment
from ariadne.memory.names import identity, key
from ariadne.memory.recollection import Search, recollect
from ariadne.memory.revision import CONNECTIONS, Proposer, Reviser, StructuralReviser
from ariadne.memory.store import Store
from ariadne.protocols import Embedder, Extractor
from ariadne.values import (
    About,
    Ask,
    Episode,
    Fact,
    Query,
    Reading,
    Recall,
    Replacement,
    Situation,
    Triplet,
    Update,
    When,
)

if TYPE_CHECKING:
    import networkx as nx

VALUED = ("is", "has exit")
"""Relations whose objects are values (open, north), not things: what shares one is not around it."""
DEPTH, WIDTH = 2, 6
"""How far and how wide a plain text is searched for; the width is the paper's."""


class AriGraph:
    """A memory of facts and episodes: G = (V_s, E_s, V_e, E_e) in the paper's words (its section 2).

    Semantic vertices are names and semantic edges facts; an episode is one remembered text, tied to all facts that it
    states. `AriGraph()` lives in RAM, `AriGraph.open(path)` in a file, and both are the same. Nothing is deleted: a
    fact that no longer holds is closed, and says which episode closed it. Threads may share one memory.
    """

    def __init__(
        self,
        *,
        extractor: Extractor | None = None,
        reviser: Reviser | None = None,
        propose: Proposer | None = None,
        embedder: Embedder | Literal["default"] | None = "default",
        space: str = "default",
        path: str | Path = ":memory:",
    ) -> None:
        self._store = Store(path, space)
        self._reviser = reviser or StructuralReviser()
        self._propose = propose
        self._mentions = Mentions(self._store)
        self._until = END
        self._extractor = extractor
        self.embedder = default_embedder() if embedder == "default" else embedder
        self._index = Index(self._store, Lexical() if self.embedder is None else Dense(self._store, self.embedder))

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        extractor: Extractor | None = None,
        reviser: Reviser | None = None,
        propose: Proposer | None = None,
        embedder: Embedder | Literal["default"] | None = "default",
        space: str = "default",
    ) -> Self:
        """The memory kept in a file, made where there is none; raises MemoryFileError for a file that is no memory."""
        return cls(
            extractor=extractor, reviser=reviser, propose=propose, embedder=embedder, space=space, path=path
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; a view of the past leaves it to the memory that it looks at."""
        if self._until == END:
            self._store.close()

    @cached_property
    def extractor(self) -> Extractor:
        """What reads texts that come without triplets; by rules unless another was given."""
        if self._extractor is not None:
            return self._extractor
        from ariadne.memory.extraction import RulesExtractor

        return RulesExtractor()

    # -- remember --------------------------------------------------------------------------------------------------

    def remember(
        self,
        text: str,
        *,
        triplets: Iterable[Triplet] | None = None,
        outdated: Iterable[Replacement] | None = None,
        at: When | None = None,
        source: str | None = None,
        metadata: Mapping[str, str] | None = None,
        key: str | None = None,
        situation: Situation | None = None,
    ) -> Update:
        """Keep a text as an episode, with the facts it states and those it retires; durable when this returns.

        With `triplets` nothing is extracted. `outdated` proposes facts that no longer hold: the guard judges them, as
        it does the extractor's and those of the memory's `propose`. `at` is the world time that the text speaks of, the
        episode's number by default. A `key` met again changes nothing and returns the first Update. Raises InvalidInput
        for what cannot be kept, and MemoryFileError where it could not be written; then nothing of it is.
        """
        if self._until != END:
            raise InvalidInput(f"a view of the past is read-only: this one ends with episode {self._until}")
        if key is not None and (known := self._remembered(key)) is not None:
            return known
        check_texts([text, *filter(None, (source, key)), *chain.from_iterable((metadata or {}).items())])
        reading = self._read(text, situation) if triplets is None else _given(tuple(triplets))
        reading = replace(reading, outdated=(*reading.outdated, *(outdated or ()), *self._proposed(reading.triplets)))
        check_texts(_texts(reading))
        with self._store.reading():
            vectors = self._index.scorer.prepare(_embedded(reading.triplets))
        with self._store.writing():
            if key is not None and (number := self._store.number_of(key)) is not None:
                return self._store.update_of(number)  # another process was faster
            number = self._store.last_episode() + 1
            when = number if at is None else at
            self._store.add_episode(Episode(number, text, when, source, dict(metadata or {})), key, reading)
            learn(self._store, self._reviser, number, reading)
            self._index.scorer.keep(vectors)
            return self._store.update_of(number)

    def _remembered(self, key: str) -> Update | None:
        with self._store.reading():
            number = self._store.number_of(key)
            return None if number is None else self._store.update_of(number)

    def _read(self, text: str, situation: Situation | None) -> Reading:
        with self._store.reading():
            known = self._known(text)
        return self.extractor.read(text, known, situation)

    def _proposed(self, stated: Sequence[Triplet]) -> Iterable[Replacement]:
        """What the proposer, where there is one, takes for outdated; asked before anything is written."""
        if self._propose is None or not stated:
            return ()
        with self._store.reading():
            found = (self._store.name_id(name) for triplet in stated for name in (triplet.subject, triplet.object))
            known = self._store.facts_around([name for name in found if name is not None], VALUED)
        return self._propose(stated, list(known.values()))

    def _known(self, text: str) -> list[Fact]:
        """The current facts around the names in a text, and one hop further, in the order learned."""
        near = self._store.facts_around(self._mentions.of(text), VALUED)
        further = {name for fact in near.values() for name in (fact.subject, fact.object)}
        ids = [found for name in sorted(further) if (found := self._store.name_id(name)) is not None]
        return [fact for _, fact in sorted((near | self._store.facts_around(ids, VALUED)).items())]

    # -- recall ----------------------------------------------------------------------------------------------------

    def recall(
        self,
        query: Ask | Sequence[Ask],
        *,
        facts: int | None = None,
        episodes: int = 2,
        max_tokens: int | None = None,
        depth: int = DEPTH,
        width: int = WIDTH,
        threshold: float | None = None,
        as_of: int | None = None,
        valid_at: When | None = None,
        where: Mapping[str, str] | None = None,
        exclude: Sequence[int] = (),
    ) -> Recall:
        """What comes to mind, each with its score and why: the paper's semantic search, then its episodic search.

        Asks are served in their order, each fact once. A text is searched for to `depth` hops, a Query to its own, with
        `width` triplets a vertex, none below `threshold` (None: what suits the embedder). About brings all that holds
        about its name. `facts` and `episodes` are the most to return; with `facts` None association adds at most 40,
        and all that was asked About comes. `max_tokens` bounds the text, which holds exactly what is returned: what
        comes last is dropped first, episodes before facts.

        `where` asks for episodes by "source" and metadata, and for facts that such an episode states. `exclude` leaves
        out episodes, and the facts that none but they state.
        """
        asks = [query] if isinstance(query, (str, Query, About)) else query
        search = Search(self._moment(as_of, valid_at), depth, width, threshold, where, tuple(exclude))
        with self._store.reading():
            return recollect(
                asks, search, self._store, self._index, facts=facts, episodes=episodes, max_tokens=max_tokens
            )

    # -- questions to the graph ------------------------------------------------------------------------------------

    def facts(
        self, about: str | None = None, *, as_of: int | None = None, valid_at: When | None = None
    ) -> tuple[Fact, ...]:
        """What holds (about a name), in the order learned: now, as known after an episode, or at a world time."""
        with self._store.reading():
            return tuple(self._store.facts(self._moment(as_of, valid_at), about).values())

    def history(self, name: str) -> tuple[Fact, ...]:
        """Every fact ever known about a name, in the order learned, with its times and episodes."""
        with self._store.reading():
            return tuple(self._store.history(name, self._until).values())

    def path(self, one: str, other: str) -> tuple[Fact, ...]:
        """The shortest chain of current facts between two names; empty where there is none, or they are one."""
        start, end = identity(one), identity(other)
        came: dict[str, Fact | None] = {start: None}
        edge = [start]
        with self._store.reading():
            while edge and end not in came:
                beyond = list[str]()
                for name in edge:
                    for fact in self._store.facts(self._moment(), name).values():
                        for far in (identity(fact.subject), identity(fact.object)):
                            if far not in came:
                                came[far] = fact
                                beyond.append(far)
                edge = beyond
        return _walked_back(came, end)

    def places(self) -> tuple[Triplet, ...]:
        """What a map is made of, in the order learned: exits, connections, what is behind an exit and its state."""
        moment = self._moment()
        with self._store.reading():
            ways = self._store.facts_by_predicate({"has exit", "is behind", *CONNECTIONS}, moment)
            doors = {identity(fact.object) for fact in ways.values() if key(fact.triplet)[1] == "is behind"}
            for door in sorted(doors):
                told = self._store.facts(moment, door).items()
                ways |= {number: fact for number, fact in told if _openness(fact.triplet, door)}
        return tuple(fact.triplet for _, fact in sorted(ways.items()))

    def episode(self, number: int) -> Episode:
        """The episode of that number; raises InvalidInput where there is none."""
        with self._store.reading():
            found = self._store.episodes([number], self._until)
        if not found:
            raise InvalidInput(f"there is no episode {number}")
        return found[0]

    def episodes(self) -> tuple[Episode, ...]:
        """All episodes, oldest first."""
        with self._store.reading():
            return tuple(self._store.episodes(until=self._until))

    def at(self, episode: int) -> Self:
        """This memory as it was after an episode: the same verbs, read-only."""
        if episode < 0:
            raise InvalidInput(f"episodes are numbered from 1; there is none {episode}")
        view = copy.copy(self)
        view._until = min(episode, self._until)
        return view

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """What holds now as a networkx graph: names as first written, an edge a fact, its relation as the key."""
        import networkx as nx

        graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        with self._store.reading():
            facts = self.facts()
            shown = {name: form for _, name, form in self._store.names_after(0)}
        for fact in facts:
            ends = shown[identity(fact.subject)], shown[identity(fact.object)]
            graph.add_edge(
                *ends, key=key(fact.triplet)[1], relation=fact.relation, valid_from=fact.valid_from,
                learned_in=fact.learned_in, episodes=fact.episodes,
            )  # fmt: skip
        return graph

    def _moment(self, as_of: int | None = None, valid_at: When | None = None) -> Moment:
        return Moment(self._until if as_of is None else min(as_of, self._until), valid_at)


def _given(triplets: tuple[Triplet, ...]) -> Reading:
    names = dict.fromkeys(name for triplet in triplets for name in (triplet.subject, triplet.object))
    return Reading(triplets, names=tuple(names))


def _texts(reading: Reading) -> Iterator[str]:
    """All that a reading would write."""
    pairs = (pair for outdated in reading.outdated for pair in (outdated.old, outdated.new) if pair is not None)
    for triplet in chain(reading.triplets, pairs):
        yield from (triplet.subject, triplet.relation, triplet.object)
    for ask in reading.queries:
        yield ask if isinstance(ask, str) else ask.name if isinstance(ask, About) else ask.text
    yield from (*reading.names, *reading.unread)


def _embedded(triplets: Iterable[Triplet]) -> list[str]:
    """What gets a vector when it is written: each triplet, and its names, so that a hop embeds nothing."""
    keys = map(key, triplets)
    return [text for subject, relation, thing in keys for text in (f"{subject} {relation} {thing}", subject, thing)]


def _openness(told: Triplet, door: str) -> bool:
    subject, relation, value = key(told)
    return subject == door and relation == "is" and value in {"open", "closed", "locked"}


def _walked_back(came: Mapping[str, Fact | None], end: str) -> tuple[Fact, ...]:
    chain = list[Fact]()
    while (fact := came.get(end)) is not None:
        chain.append(fact)
        end = identity(fact.subject) if identity(fact.object) == end else identity(fact.object)
    return tuple(reversed(chain))
