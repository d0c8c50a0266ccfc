"""How a text becomes an episode: it is read and embedded first, then written with all that it changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from ariadne.errors import InvalidInput
from ariadne.memory.extraction.noun_phrases import find_names
from ariadne.memory.ingestion import updates
from ariadne.memory.ingestion.capitals import capitals_by
from ariadne.memory.ingestion.changes.rewriting import Rewriting
from ariadne.memory.ingestion.entity_linking import Mentions
from ariadne.memory.inputs import EpisodeInput, check_lifetime, check_pairs, check_reading, several
from ariadne.memory.ontology.names import Renaming, base_of, identity_of
from ariadne.memory.ontology.ontology import PACKAGED, TEXT_WORLD, checked_text
from ariadne.memory.ontology.reviser import Proposer, Reviser, ReviserOf, reviser_for, reviser_of
from ariadne.memory.storage.changes import hidden
from ariadne.memory.storage.episodes import StoredReading
from ariadne.memory.storage.store import Store, Transaction, View
from ariadne.memory.storage.text.passages import IndexedText, digest_of, spans_of
from ariadne.memory.storage.vectors import NewVectors, embed_texts, embedded_parts
from ariadne.protocols import Embedder, Extractor
from ariadne.relations import HAS_EXIT, IS
from ariadne.values import Episode, Fact, Reading, Replacement, Situation, Triplet, Update, When, is_transcript

VALUED = (IS, HAS_EXIT)
"""Relations whose objects are values (open, north), not things: a shared value connects no facts."""


class Written(NamedTuple):
    """The update of a text, and whether the text is new; a known key returns its first update."""

    update: Update
    is_new: bool


@dataclass(frozen=True)
class TextToEmbed:
    """A text to make vectors for, with its triplets; `observed` is true if an agent observed it."""

    text: str
    source: str | None
    triplets: Sequence[Triplet]
    observed: bool

    @property
    def parts(self) -> list[str]:
        """The parts of the text that are embedded."""
        spans = () if self.observed else spans_of(self.text)
        return embedded_parts(IndexedText(0, self.text, spans, self.source, self.observed))


@dataclass(frozen=True)
class ImportResult:
    """How many episodes an import added, and how many were known already."""

    added: int
    known: int


class Writer:
    """Writes to one store; it reads and embeds before the transaction, since both take long."""

    def __init__(
        self, store: Store, reviser: Reviser | None, embedder: Embedder | None, extractor: Extractor | None,
        propose: Proposer | None, ontology: str | Path | None = None, expires: timedelta | int | None = None,
    ) -> None:  # fmt: skip
        check_lifetime(expires)
        self._given_expires = expires
        self.store, self._given_reviser = store, reviser
        self._embedder, self._given_extractor, self._propose = embedder, extractor, propose
        self._mentions = Mentions()
        self._given_ontology = None if ontology is None else checked_text(ontology)
        with store.read() as view:
            self.check_ontology(view)
            if expires and view.state.clock:
                lifetime_in_ticks(view, expires)

    @cached_property
    def extractor(self) -> Extractor:
        """The extractor that reads texts without triplets; by default one by rules."""
        if self._given_extractor is not None:
            return self._given_extractor
        from ariadne.memory.extraction.rules import RulesExtractor

        return RulesExtractor()

    # -- one text, or several --------------------------------------------------------------------------------------

    def remember(self, entry: EpisodeInput, situation: Situation | None = None) -> Written:
        """Write one text in one transaction; a key that is known returns its first update, or is replaced."""
        around: list[Fact] | None = None
        if entry.key is not None or entry.triplets is None:
            with self.store.read() as view:
                if (known := _known_number(view, entry)) is not None:
                    return Written(view.update_of(known), is_new=False)
                if self._is_read(view, entry):
                    around = self._facts_around(view, entry.text)
        reading = self._read(entry, around, situation)
        return self._write([(entry, reading)], observed=situation is not None)[0]

    def remember_all(self, entries: Sequence[EpisodeInput]) -> list[Written]:
        """Write texts in their order.

        A text that an extractor reads has a transaction of its own, since its reading depends on the facts before it.
        The texts between two of these have one together. With a proposer each text has its own.
        """
        if self._propose is not None:
            return [self.remember(entry) for entry in entries]
        with self.store.read() as view:
            are_read = [self._is_read(view, entry) for entry in entries]
        written = list[Written]()
        for is_read, group in groupby(zip(entries, are_read, strict=True), itemgetter(1)):
            texts = [entry for entry, _ in group]
            written += map(self.remember, texts) if is_read else self._write_unread(texts)
        return written

    def _write_unread(self, entries: Sequence[EpisodeInput]) -> list[Written]:
        """Write texts that no extractor reads in one transaction; texts with known keys are not embedded again."""
        with self.store.read() as view:
            known = {nth: number for nth, number in enumerate(_known_numbers(view, entries)) if number is not None}
            updates = {nth: view.update_of(number) for nth, number in known.items()}
        new = [(entry, self._read(entry, None, None)) for nth, entry in enumerate(entries) if nth not in known]
        written = iter(self._write(new) if new else ())
        return [Written(updates[nth], is_new=False) if nth in updates else next(written) for nth in range(len(entries))]

    def correct(self, entry: EpisodeInput) -> Update:
        """Write a correction, which the reviser does not judge; raise InvalidInput if the wrong fact does not hold."""
        reading = _with_names(Reading(entry.triplets or (), entry.outdated), (), replace(entry, source=None))
        return self._write([(entry, reading)], correction=True)[0].update

    # -- reading ---------------------------------------------------------------------------------------------------

    def _is_read(self, view: View, entry: EpisodeInput) -> bool:
        """Return whether an extractor reads a text: the given one all texts without triplets, the rules only games."""
        return entry.triplets is None and (self._given_extractor is not None or self._is_game(view, entry.text))

    def _read(self, entry: EpisodeInput, around: Sequence[Fact] | None, situation: Situation | None) -> Reading:
        """Return what the extractor reads, or else what was given, with all proposals of outdated facts.

        Args:
            entry: The text.
            around: The facts around its names, for the extractor; None for a text that no extractor reads.
            situation: What an agent knows when it observes the text.
        """
        if entry.triplets is not None:
            reading = given_reading(entry)
        else:
            if around is None:
                found = Reading(names=find_names(entry.text))
            else:
                found = check_reading(self.extractor.read(entry.text, around, situation))
            reading = replace(_with_names(found, found.names, entry), outdated=(*found.outdated, *entry.outdated))
        if self._propose is None or not reading.triplets:
            return reading
        return replace(reading, outdated=(*reading.outdated, *self._proposals(self._propose, reading.triplets)))

    def _is_game(self, view: View, text: str) -> bool:
        """Return whether the rules read a text: they read the transcripts of games, and all texts of a text world."""
        return self.ontology_of(view) == TEXT_WORLD or is_transcript(text)

    def _facts_around(self, view: View, text: str) -> list[Fact]:
        """Return the current facts around the names in a text, and one hop further, in the order learned."""
        near = view.facts.around(self._mentions.of(view, text), VALUED)
        names = {identity_of(name) for fact in near.values() for name in (fact.subject, fact.object)}
        further = view.facts.around(view.facts.name_ids(sorted(names)).values(), VALUED)
        return [fact for _, fact in sorted((near | further).items())]

    def _proposals(self, propose: Proposer, triplets: Sequence[Triplet]) -> Sequence[Replacement]:
        """Return the facts that the proposer of this memory takes for outdated."""
        with self.store.read() as view:
            names = (name for triplet in triplets for name in triplet.ends)
            known = view.facts.around(view.facts.linked(names).values(), VALUED)
        proposed = several(propose(triplets, list(known.values())), "proposals")
        check_pairs(proposed)
        return proposed

    # -- writing ---------------------------------------------------------------------------------------------------

    def new_vectors(self, texts: Sequence[TextToEmbed]) -> NewVectors | None:
        """Return the vectors that the file lacks for texts."""
        if self._embedder is None:
            return None
        triplets = [each for text in texts for each in text.triplets]
        missing = list[str]()
        if triplets:
            with self.store.read() as view:
                missing = view.vectors.missing(self._embedder.name, triplets)
        parts = [text.parts for text in texts]
        made = embed_texts(self._embedder, [*missing, *chain.from_iterable(parts)])
        of_texts = [[made[part] for part in of_text] for of_text in parts]
        return NewVectors(self._embedder.name, {text: made[text] for text in missing}, of_texts)

    def _with_capitals(self, entry: EpisodeInput, reading: Reading) -> tuple[EpisodeInput, Reading]:
        """Return a text and its reading with the capitals that the names have in the text."""

        def is_game() -> bool:
            with self.store.read() as view:
                return self._is_game(view, entry.text)

        written = capitals_by(entry.text, reading, is_game=is_game)
        if not written:
            return entry, reading
        rename = Renaming(written)
        return replace(entry, outdated=rename.pairs(entry.outdated)), rename.reading(reading)

    def _write(
        self, given: Sequence[tuple[EpisodeInput, Reading]], *, correction: bool = False, observed: bool = False
    ) -> list[Written]:
        entries = [self._with_capitals(entry, reading) for entry, reading in given]
        vectors = self.new_vectors(
            [
                TextToEmbed(entry.text, self._source_of(entry), reading.triplets, observed=observed)
                for entry, reading in entries
            ]
        )
        with self.store.write() as tx:
            if vectors is not None:
                tx.vectors.add(vectors.embedder, vectors.texts)
            self.record_ontology(tx)
            reviser_of, written = self.reviser_in(tx), list[Written]()
            for nth, (entry, reading) in enumerate(entries):
                each = self._apply(tx, reviser_of, entry, reading, correction=correction, observed=observed)
                if vectors is not None and each.is_new:
                    tx.vectors.add_episode(vectors.embedder, each.update.episode.id, vectors.episodes[nth])
                written.append(each)
            has_abandoned = hidden.has_abandoned(tx)
        if has_abandoned:
            hidden.delete_abandoned(self.store)
        return written

    def _source_of(self, entry: EpisodeInput) -> str | None:
        """Return the source of an input; one that replaces an episode keeps the source of that one by default."""
        if entry.source is not None or not entry.replace:
            return entry.source
        with self.store.read() as view:
            former = _former(view, entry)
        return None if former is None else former.source

    def _apply(
        self, tx: Transaction, reviser_of: ReviserOf, entry: EpisodeInput, reading: Reading, *, correction: bool,
        observed: bool,
    ) -> Written:  # fmt: skip
        if (known := _known_number(tx, entry)) is not None:
            return Written(tx.update_of(known), is_new=False)  # perhaps another process remembered it just now
        number, former = tx.state.last + 1, _former(tx, entry)
        if former is not None:
            entry = _completed(entry, former)
            reading = _with_names(reading, reading.names, entry)
        at = _time_of_correction(tx, entry, reading, number) if correction else _time_of(tx, entry, number)
        until = None if entry.until is None else tx.to_clock(entry.until, "until")
        expires = self._expires(tx, entry, at, correction=correction)
        episode = Episode(number, entry.text, at, entry.source, dict(entry.metadata or {}), expires)
        place = None if former is None else tx.episodes.reading_of(former.id).place or former.id
        stored = StoredReading(reading, entry.outdated, correction, until=until, place=place)
        digest = None if observed else digest_of(entry.text, entry.source, entry.triplets)
        update = updates.apply(tx, reviser_of, episode, stored, key=entry.key, digest=digest)
        return Written(update, is_new=True)

    # -- expiry ----------------------------------------------------------------------------------------------------

    def _expires(self, tx: Transaction, entry: EpisodeInput, at: When, *, correction: bool) -> When | None:
        """Return the world time at which an episode expires; a correction does not by default."""
        begin = tx.keep_clock(at)
        if self._given_expires is not None:
            lifetime = lifetime_in_ticks(tx, self._given_expires) if self._given_expires else None
            if lifetime != tx.state.expires:
                tx.set_expires(lifetime)
        if entry.expires is None:
            return None if correction or tx.state.expires is None else _later(tx, begin, tx.state.expires)
        if isinstance(entry.expires, timedelta):
            return _later(tx, begin, lifetime_in_ticks(tx, entry.expires))
        return _later(tx, begin, tx.to_clock(entry.expires, "expires") - begin)

    # -- the ontology ----------------------------------------------------------------------------------------------

    def reviser_in(self, view: View) -> ReviserOf:
        """Return what finds the reviser of a text: the given one, or the one of the space's ontology."""
        if (given := self._given_reviser) is not None:
            return lambda _: given
        ontology = self.ontology_of(view)
        with view.decoding():
            reviser_for(ontology)
        return lambda text: reviser_of(ontology, text)

    def record_ontology(self, tx: Transaction) -> None:
        """Record the given ontology in a new space; raise InvalidInput if the space has another."""
        self.check_ontology(tx)
        if self._given_ontology is not None:
            tx.set_ontology(self._given_ontology)

    def check_ontology(self, view: View) -> None:
        """Raise InvalidInput if an ontology is given and the space has another."""
        if self._given_ontology in (None, view.state.ontology) or not view.state.last:
            return
        raise InvalidInput(
            f"ontology={self._given_ontology!r:.40}: the space {view.space!r} has another"
            f" ({_name_of(view.state.ontology)}); open it without ontology=, then change it with set_ontology"
        )

    def adopt_ontology(self, tx: Transaction, exported: str) -> None:
        """Record the ontology of an export in a new space; raise InvalidInput if another one was given."""
        if self._given_ontology not in (None, exported):
            raise InvalidInput(
                f"ontology={self._given_ontology!r:.40}: the export has another"
                f" ({_name_of(exported)}); import without ontology=, then change it with set_ontology"
            )
        tx.set_ontology(exported)

    def ontology_of(self, view: View) -> str:
        """Return the ontology of the space; a new space has the given one."""
        return self._given_ontology or view.state.ontology

    def set_ontology(self, ontology: str | Path) -> None:
        """Change the ontology of the space, and revise its past by the new one."""
        kept = checked_text(ontology)
        self._given_ontology = None
        Rewriting(self.store, self.reviser_in, lambda draft: draft.set_ontology(kept)).apply()


def _known_number(view: View, entry: EpisodeInput) -> int | None:
    """Return the number of the episode that already has the text of an input; None for an input to write."""
    if entry.key is None:
        return None
    if not entry.replace:
        return view.episodes.number_of(entry.key)
    former = _former(view, entry)
    return former.id if former is not None and _is_same(view, former, entry) else None


def _known_numbers(view: View, entries: Sequence[EpisodeInput]) -> Iterator[int | None]:
    """Yield the numbers of the episodes that already have the texts of inputs, each by itself; None for the others.

    A key that comes again may be new before and known afterwards, so its later texts count as new.
    """
    seen = set[str]()
    for entry in entries:
        yield None if entry.key in seen else _known_number(view, entry)
        if entry.key is not None:
            seen.add(entry.key)


def _former(view: View, entry: EpisodeInput) -> Episode | None:
    """Return the newest episode with the key of an input that replaces it."""
    if entry.key is None or not entry.replace:
        return None
    return next(iter(reversed(view.episodes.some(view.episodes.numbers_of(entry.key)))), None)


def _completed(entry: EpisodeInput, former: Episode) -> EpisodeInput:
    """Return an input that replaces an episode, with what it leaves out as in that one.

    An input with a time of its own expires by the default of the space.
    """
    return replace(
        entry,
        expires=former.expires if entry.expires is None and entry.at is None else entry.expires,
        at=former.at if entry.at is None else entry.at,
        source=former.source if entry.source is None else entry.source,
        metadata=former.metadata if entry.metadata is None else entry.metadata,
    )


def _is_same(view: View, former: Episode, entry: EpisodeInput) -> bool:
    """Return whether an input equals an episode; what the input leaves out is the same."""
    stored = view.episodes.given_reading_of(former.id)
    until = None if entry.until is None else view.to_clock(entry.until, "until")
    always = (
        (entry.text, former.text), (entry.outdated, stored.declared), (until, stored.until)
    )  # fmt: skip
    given = (
        (entry.source, former.source), (entry.metadata, former.metadata),
        (entry.at, former.at), (entry.triplets, stored.reading.triplets),
        (None if isinstance(entry.expires, timedelta) else entry.expires, former.expires),
    )  # fmt: skip
    return all(new == old for new, old in always) and all(new is None or new == old for new, old in given)


def lifetime_in_ticks(view: View, expires: timedelta | int) -> int:
    """Return a length of time in clock ticks; raise InvalidInput for one of the other kind of time."""
    if isinstance(expires, timedelta):
        if view.state.clock == "int":
            raise InvalidInput(f"expires={expires!r} is a timedelta, but this space uses integer times; give a number")
        return expires // timedelta(microseconds=1)
    if view.state.clock == "datetime":
        raise InvalidInput(f"expires={expires} is a number, but this space uses dates as times; give a timedelta")
    return expires


def _later(view: View, begin: int, lifetime: int) -> When:
    """Return the end of a length of time (in clock ticks) from a beginning."""
    if lifetime <= 0:
        raise InvalidInput(f"expires={view.from_clock(begin + lifetime)} is not after at={view.from_clock(begin)}")
    try:
        return view.from_clock(begin + lifetime)
    except OverflowError as error:
        raise InvalidInput("expires is after the year 9999: give an earlier time") from error


def _name_of(ontology: str) -> str:
    return ontology if ontology in PACKAGED else "one of its own"


def _time_of(view: View, entry: EpisodeInput, number: int) -> When:
    """Return the world time of a text: its own, the end that it states, or else the number of the episode."""
    if (at := entry.until if entry.at is None else entry.at) is not None:
        return at
    if view.state.clock == "datetime":
        raise InvalidInput("this space uses dates as times: give one as at=...")
    return number


def _time_of_correction(view: View, entry: EpisodeInput, reading: Reading, number: int) -> When:
    """Return the world time of a correction: its own, or the latest; raises InvalidInput if the fact does not hold."""
    wrong = reading.outdated[0].old
    if view.facts.current(view.resolve_triplet(wrong)) is None:
        raise InvalidInput(f"this is not a current fact: {wrong}; `facts` lists them")
    if entry.at is not None:
        return entry.at
    newest = view.state.latest or 0
    return view.from_clock(newest if view.state.clock == "datetime" else max(newest, number))


def given_reading(entry: EpisodeInput) -> Reading:
    """Return the reading of a text that comes with its triplets; it also has the names that the text mentions."""
    mentioned = () if is_transcript(entry.text) else find_names(entry.text)
    return _with_names(Reading(entry.triplets or (), entry.outdated), mentioned, entry)


def _with_names(reading: Reading, mentioned: Iterable[str], entry: EpisodeInput) -> Reading:
    """Return the reading with each name once: of its triplets, of its text, and of its source.

    A name of the text that has a homonym in the triplets stands for it: "Victoria" is "Victoria (city)".
    """
    first = dict[str, str]()
    for name in (name for triplet in reading.triplets for name in triplet.ends):
        first.setdefault(identity_of(name), name)
    stated = set(map(base_of, first))
    for name in (*mentioned, *([entry.source] if entry.source else [])):
        if base_of(identity := identity_of(name)) not in stated:
            first.setdefault(identity, name)
    return replace(reading, names=tuple(first.values()))
