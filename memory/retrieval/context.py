"""One look of a recall at the memory: what it was asked, from where it looks, and what it may find there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ariadne.memory.index.facts import ByRelation, Index, Rows
from ariadne.memory.ontology.reviser import RelationFilter, StructuralReviser, by_table
from ariadne.memory.ontology.slots import TABLE
from ariadne.memory.storage.snapshot import Snapshot
from ariadne.memory.storage.store import Store
from ariadne.values import About, Fact, Query, Reason, RecallRequest

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Hit:
    """A fact (id) that recall came upon, how near it is, and how it came."""

    fact: int
    score: float
    reason: Reason
    conflict: str | None = None
    """Which account it is, where others contradict it."""


@dataclass(frozen=True)
class Sought:
    """A text that is searched for: as it was asked, as it is meant (by merged names), and how far to go."""

    ask: str
    text: str
    depth: int


@dataclass(frozen=True)
class RecallContext:
    """Belongs inside the store's `reading()`, with the index caught up and its lock held."""

    asked: RecallRequest
    moment: Snapshot
    store: Store
    index: Index

    @cached_property
    def queries(self) -> list[Sought]:
        """The texts to search for; one that stands within another, as whole words, is part of it and asks no more."""
        asks = [ask if isinstance(ask, Query) else Query(ask, self.asked.depth) for ask in self._texts]
        words = [f" {' '.join(_WORD.findall(ask.text.casefold()))} " for ask in asks]

        def within(one: int, other: int) -> bool:
            said = words[one] in words[other] and (words[one] != words[other] or other < one)
            return one != other and said and asks[other].depth >= asks[one].depth

        own = [n for n in range(len(asks)) if not any(within(n, other) for other in range(len(asks)))]
        return [Sought(asks[n].text, self.store.space.text_as_meant(asks[n].text), asks[n].depth) for n in own]

    @cached_property
    def _texts(self) -> list[str | Query]:
        """Those that ask something: nothing is near to nothing."""
        texts = [ask for ask in self.asked.queries if not isinstance(ask, About)]
        return [ask for ask in texts if (ask.text if isinstance(ask, Query) else ask).strip()]

    @cached_property
    def names(self) -> list[str]:
        """The names that were asked About, each once."""
        return list(dict.fromkeys(ask.name for ask in self.asked.queries if isinstance(ask, About)))

    @cached_property
    def matching(self) -> set[int] | None:
        """The episodes that the filter lets through; None where there is none."""
        return None if self.asked.where is None else self.store.episodes.where(self.asked.where)

    def admits(self, episode: int) -> bool:
        """Whether an episode may be recalled."""
        return (
            episode not in self._left_out
            and episode <= self.moment.until
            and (self.matching is None or episode in self.matching)
        )

    def admitted(self, numbers: Rows) -> NDArray[np.bool_]:
        """The same for many: a row of booleans."""
        wanted = numbers <= self.moment.until
        if self._left_out:
            wanted &= ~np.isin(numbers, list(self._left_out))
        return wanted if self.matching is None else wanted & np.isin(numbers, list(self.matching))

    @cached_property
    def _left_out(self) -> frozenset[int]:
        """Episodes that were excluded, or whose source has no weight."""
        distrusted = [source for source, weight in self.asked.trust.items() if weight == 0]
        told = (self.store.episodes.where({"source": source}) for source in distrusted)
        return frozenset(self.asked.exclude).union(*told)

    @cached_property
    def held(self) -> NDArray[np.bool_]:
        """The rows that hold, and that some episode states which is wanted and not left out."""
        held = self.index.held(self.moment)
        facts, until = self.store.facts, self.moment.until
        if self.matching is not None:
            wanted = (number for number in self.matching if self.admits(number))
            return held & self.index.masked(facts.stated_in(wanted))
        return held & ~self.index.masked(facts.stated_only_in(self._left_out, until)) if self._left_out else held

    def by_relation(self, number: int) -> ByRelation:
        """What subjects a relation has, of the facts that may be found."""
        now = self.moment.valid_at is None and self.moment.until >= self.index.last
        known = self.index.by_relation if now and self.matching is None and not self._left_out else {}
        if number not in known:
            rows = self.index.of_relation(number)
            rows = rows[self.held[rows]]
            places, episodes = self.index.stating(rows, self.moment.until)
            admitted = self.admitted(episodes)
            subjects = np.unique(self.index.ends(rows)[:, 0], return_inverse=True)[1]
            counts, stated = np.bincount(subjects), subjects[places[admitted]]
            breaths, times = np.unique(stated * (self.index.last + 1) + episodes[admitted], return_counts=True)
            at_once = np.unique(breaths[times > 1] // (self.index.last + 1))
            known[number] = ByRelation(len(counts), int(np.count_nonzero(counts > 1)), len(at_once))
        return known[number]

    @cached_property
    def reviser(self) -> StructuralReviser:
        """What knows the table that the space is told with."""
        with self.store.space.decoding():
            return by_table(self.store.space.state.slots or TABLE)

    def about(
        self,
        name: str,
        as_subject: RelationFilter | None = None,  # noqa: ARG002
        as_object: RelationFilter | None = None,  # noqa: ARG002
    ) -> Sequence[Fact]:
        """The facts that hold about a name; see FactsAround."""
        if name not in self._about:
            self._about[name] = tuple(self.store.facts.at(self.moment, name).values())
        return self._about[name]

    @cached_property
    def _about(self) -> dict[str, tuple[Fact, ...]]:
        return {}

    def weight(self, source: str | None) -> float:
        """How far a source is trusted; 1 where nothing was said of it."""
        return 1.0 if source is None else self.asked.trust.get(source, 1.0)
