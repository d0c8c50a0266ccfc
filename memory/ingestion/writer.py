"""How a text becomes an episode: read, embedded, and written with all that it changes in one transaction."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property

from ariadne.errors import InvalidInput
from ariadne.memory.extraction.noun_phrases import find_names
from ariadne.memory.index.vector_writer import Prepared, VectorWriter
from ariadne.memory.ingestion.entity_linking import Mentions
from ariadne.memory.ingestion.updates import learn
from ariadne.memory.inputs import EpisodeInput, check_pairs, check_reading, several
from ariadne.memory.ontology.names import identity_of
from ariadne.memory.ontology.reviser import Proposer, Reviser, StructuralReviser, reviser_for
from ariadne.memory.ontology.slots import TABLE
from ariadne.memory.storage.store import Store, Transaction
from ariadne.protocols import Embedder, Extractor
from ariadne.relations import HAS_EXIT, IS
from ariadne.values import Episode, Fact, Reading, Replacement, Situation, Triplet, Update

_TRANSCRIPT = re.compile(r"^(?:> |-= .+ =-)", re.MULTILINE)
"""What only the transcripts of games have: a command, the header of a room. Of their words their facts tell all."""
VALUED = (IS, HAS_EXIT)
"""Relations whose objects are values (open, north), not things: what shares one is not around it."""


class Writer:
    """Writes to one store; what takes long (reading, a model, embedding) is done before the transaction begins."""

    def __init__(
        self, store: Store, reviser: Reviser | None, embedder: Embedder | None, extractor: Extractor | None,
        propose: Proposer | None,
    ) -> None:  # fmt: skip
        self.store, self._given_reviser = store, reviser
        self.embedded = VectorWriter(store, embedder)
        self._given_extractor, self._propose = extractor, propose
        self._mentions = Mentions()

    @cached_property
    def extractor(self) -> Extractor:
        """What reads texts that come without triplets; by rules unless another was given."""
        if self._given_extractor is not None:
            return self._given_extractor
        from ariadne.memory.extraction.rules import RulesExtractor

        return RulesExtractor()

    def reviser(self, tx: Transaction) -> Reviser:
        """What revises in this transaction: what was given, whose table is kept with the space; else it goes by the
        table that is kept there, or by the one that comes with this package."""
        if self._given_reviser is None:
            with tx.decoding():
                return reviser_for(tx.state.slots or TABLE)
        if isinstance(self._given_reviser, StructuralReviser):
            table = None if self._given_reviser.table == TABLE else self._given_reviser.table
            if tx.state.slots != table:
                tx.set_slots(table)
        return self._given_reviser

    def remember(self, told: EpisodeInput, situation: Situation | None = None) -> Update:
        """One text in one transaction; a key met again gives the first Update."""
        if (known := self._remembered(told)) is not None:
            return known
        return self._written([(told, self._read(told, situation))])[0]

    def remember_all(self, many: Sequence[EpisodeInput]) -> list[Update]:
        """Texts in their order: in one transaction where nothing is to be read, else in one each."""
        if self._propose is not None or any(told.triplets is None for told in many):
            return [self.remember(told) for told in many]
        return self._written([(told, given(told)) for told in many])

    def correct(self, told: EpisodeInput) -> Update:
        """One pair of facts that is not judged: see `learn`. Raises InvalidInput where the wrong one does not hold."""
        reading = _named(Reading(told.triplets or (), told.outdated), (), replace(told, source=None))
        return self._written([(told, reading)], correction=True)[0]

    def take_in(self, many: Sequence[EpisodeInput]) -> int:
        """The same as `remember_all`, but tells only how many of them are new."""
        if self._propose is not None or any(told.triplets is None for told in many):
            with self.store.read() as view:
                last = view.state.last
            return len({number for told in many if (number := self.remember(told).episode.id) > last})
        prepared = self.embedded.prepare((told.text, told.triplets or (), bool(told.triplets)) for told in many)
        with self.store.write() as tx:
            self.embedded.keep(tx, prepared)
            last = tx.state.last
            numbers = [self._write(tx, told, given(told), prepared, correction=False) for told in many]
            return len({number for number in numbers if number > last})

    def _written(self, many: Sequence[tuple[EpisodeInput, Reading]], *, correction: bool = False) -> list[Update]:
        prepared = self.embedded.prepare(
            (told.text, reading.triplets, bool(reading.triplets)) for told, reading in many
        )
        with self.store.write() as tx:
            self.embedded.keep(tx, prepared)
            numbers = [self._write(tx, told, reading, prepared, correction=correction) for told, reading in many]
            return [tx.update_of(number) for number in numbers]

    def _write(
        self, tx: Transaction, told: EpisodeInput, reading: Reading, prepared: Prepared, *, correction: bool
    ) -> int:
        """Write an episode and what it changes, and give its number."""
        episodes = tx.episodes
        if told.key is not None and (number := episodes.number_of(told.key)) is not None:
            return number  # told before; perhaps by another process, just now
        number, at = tx.state.last + 1, told.at
        if correction:
            wrong = reading.outdated[0].old
            if tx.facts.current(tx.resolve_triplet(wrong)) is None:
                raise InvalidInput(f"no such fact holds: {wrong}")
            if at is None:
                newest = episodes.latest() or 0
                at = tx.from_clock(newest if tx.state.clock == "datetime" else max(newest, number))
        if at is None and tx.state.clock == "datetime":
            raise InvalidInput("this space tells time by datetime: say when (at=...)")
        episode = Episode(number, told.text, number if at is None else at, told.source, dict(told.metadata))
        latest = episodes.latest()
        late = latest is not None and tx.to_clock(episode.at) < latest
        episodes.add(episode, told.key, reading, correction=correction)
        self.embedded.keep_episode(tx, prepared, number, told.text, states=bool(reading.triplets))
        learn(tx, self.reviser(tx), number, reading, late=late, correction=correction)
        return number

    def _remembered(self, told: EpisodeInput) -> Update | None:
        if told.key is None:
            return None
        with self.store.read() as view:
            number = view.episodes.number_of(told.key)
            return None if number is None else view.update_of(number)

    # -- what a text says ------------------------------------------------------------------------------------------

    def _read(self, told: EpisodeInput, situation: Situation | None) -> Reading:
        """Its given triplets, or what the extractor makes of it; with all that is proposed as outdated."""
        if told.triplets is not None:
            reading = given(told)
        else:
            reading = self.extractor.read(told.text, self._known(told.text), situation)
            check_reading(reading)
            reading = replace(_named(reading, reading.names, told), outdated=(*reading.outdated, *told.outdated))
        return replace(reading, outdated=(*reading.outdated, *self._proposed(reading.triplets)))

    def _proposed(self, stated: Sequence[Triplet]) -> Sequence[Replacement]:
        """What the proposer, where there is one, takes for outdated."""
        if self._propose is None or not stated:
            return ()
        with self.store.read() as view:
            names = (name for triplet in stated for name in triplet.ends)
            found = [number for name in names if (number := view.facts.name_id(name)) is not None]
            known = view.facts.around(found, VALUED)
        proposed = several(self._propose(stated, list(known.values())), "what is proposed")
        check_pairs(proposed)
        return proposed

    def _known(self, text: str) -> list[Fact]:
        """The current facts around the names in a text, and one hop further, in the order learned."""
        with self.store.read() as view:
            mentioned, facts = self._mentions.of(view, text), view.facts
            near = facts.around(mentioned, VALUED)
            further = {identity_of(name) for fact in near.values() for name in (fact.subject, fact.object)}
            beyond = facts.around(facts.name_ids(sorted(further)).values(), VALUED)
        return [fact for _, fact in sorted((near | beyond).items())]


def given(told: EpisodeInput) -> Reading:
    """The reading of a text whose triplets were given: these, with the names that it speaks of besides."""
    spoken = () if _TRANSCRIPT.search(told.text) else find_names(told.text)
    return _named(Reading(told.triplets or (), told.outdated), spoken, told)


def _named(reading: Reading, spoken: Iterable[str], told: EpisodeInput) -> Reading:
    """The reading with each name once: of its triplets, of what it names, and whom it came from."""
    names = [name for triplet in reading.triplets for name in triplet.ends]
    first = dict[str, str]()
    for name in (*names, *spoken, *([told.source] if told.source else [])):
        first.setdefault(identity_of(name), name)
    return replace(reading, names=tuple(first.values()))
