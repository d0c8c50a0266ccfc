"""What one reading changes: facts retired, added and restated, in world time; the store does the writing.

The reviser finds what is outdated and judges what others propose. World time decides which of two stands: a text that
speaks of an earlier time than the fact it contradicts does not retire it, but enters closed. The episodes are the
truth: `relearn` makes the graph anew from what they were read to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache

from ariadne.memory.inputs import CORRECTION
from ariadne.memory.ontology.names import identity_of, triplet_key
from ariadne.memory.ontology.reviser import FactsAround, RelationFilter, Reviser
from ariadne.memory.storage.episodes import Changes
from ariadne.memory.storage.store import Transaction
from ariadne.relations import CONNECTIONS
from ariadne.values import Fact, Reading, Replacement, Triplet

SEVERAL = 2
"""What so many sources said, one who never said so does not retire."""


def learn(tx: Transaction, reviser: Reviser, number: int, reading: Reading, *, late: bool, correction: bool) -> None:
    """Bring the graph up to episode `number`, already written, which reads so.

    It is `late` where an episode before it speaks of a later time. The one pair of a `correction` is not judged: its
    old fact never held, and its new one held in its place.
    """
    stated = _once(map(tx.resolve_triplet, reading.triplets))
    if correction:
        changes = _corrected(tx, reviser, number, reading, stated)
    else:
        changes = _learned(tx, reviser, number, reading, stated, late=late)
    tx.episodes.close(number, changes)
    tie(tx, number, reading)


def tie(tx: Transaction, number: int, reading: Reading) -> None:
    """Tie an episode to the names that it speaks of without telling a fact of them."""
    stated = {identity_of(name) for triplet in map(tx.resolve_triplet, reading.triplets) for name in triplet.ends}
    spoken = map(tx.resolve, reading.names)
    tx.episodes.mention([tx.facts.add_name(name) for name in spoken if identity_of(name) not in stated], number)


def relearn(tx: Transaction, reviser: Reviser, since: int = 1) -> None:
    """Make the graph anew from the readings of all episodes from one on."""
    tx.mark_rewritten()
    tx.facts.rewind(since)
    latest = tx.episodes.latest(since - 1)
    for number in tx.episodes.numbers(since):
        at, (reading, correction) = tx.episodes.time_of(number), tx.episodes.reading_of(number)
        learn(tx, reviser, number, reading, late=latest is not None and at < latest, correction=correction)
        latest = at if latest is None else max(at, latest)


def _learned(
    tx: Transaction, reviser: Reviser, number: int, reading: Reading, stated: Sequence[Triplet], *, late: bool
) -> Changes:
    at = tx.episodes.time_of(number)
    about = _about(tx)
    outdated, refused = _judged(tx, reviser, reading, stated, about)
    source = tx.episodes.sources([number])[number]
    found = [pair for pair in reviser.outdated(stated, about) if pair not in outdated]
    outvoted = [pair for pair in found if _outvoted([source], pair.old, tx)]
    accounts = {pair.new for pair in outvoted} - {None}  # which contradict, but move nothing else with them
    ended = [
        pair
        for pair in found
        if pair not in outvoted and (pair.new not in accounts or reviser.admits(pair, about, stated))
    ]
    retired = list[int]()
    for pair in dict.fromkeys([*ended, *outdated]):
        fact = tx.facts.current(pair.old)
        if fact is not None and tx.facts.began(fact) <= at and not (late and tx.facts.restated(fact, at)):
            tx.facts.retire(fact, at, number)
            retired.append(fact)
        elif fact is not None and pair in outdated:  # it holds of a later time than the text speaks of
            refused.append(pair)
    told_late = _Late(tx, reviser, at, stated, source) if late else None
    added, restated = list[int](), list[int]()
    for triplet in stated:
        known = tx.facts.covering(triplet, at) if told_late else tx.facts.current(triplet)
        if told_late and triplet_key(triplet)[1] in CONNECTIONS:  # which do not end, and so do not begin anew
            known = tx.facts.current(triplet)
        if known is None:
            closed = told_late.closing(triplet) if told_late else None
            added.append(tx.facts.add(triplet, at, number, closed))
        else:
            tx.facts.state(known, number)
            restated.append(known)
    return Changes(tuple(added), tuple(restated), tuple(retired), tuple(refused))


def _outvoted(sources: Iterable[str | None], triplet: Triplet, tx: Transaction, *more: str | None) -> bool:
    """Whether several (and those who say so now, `more`) say a triplet that these sources contradict, none of whom says
    it: then theirs is another account, and ends nothing.

    Who names no source speaks for the world, and so does a correction; who said a thing may take it back.
    """
    speaking = set(sources)
    if speaking & {None, CORRECTION}:
        return False
    witnesses = tx.facts.witnesses(triplet).union(more) - {None, CORRECTION}
    return len(witnesses) >= SEVERAL and not speaking & witnesses


def _corrected(tx: Transaction, reviser: Reviser, number: int, reading: Reading, stated: Sequence[Triplet]) -> Changes:
    """The fact that was wrong held at no time; what is right holds since then, and now, whatever contradicts it."""
    (pair,) = reading.outdated
    wrong = tx.facts.current(tx.resolve_triplet(pair.old))
    at = tx.episodes.time_of(number)
    since = at if wrong is None else tx.facts.began(wrong)
    ended = {} if wrong is None else {wrong: since}
    for contradicted in reviser.outdated(stated, _about(tx)):
        if (fact := tx.facts.current(contradicted.old)) is not None:
            ended.setdefault(fact, max(since, tx.facts.began(fact)))
    for fact, until in ended.items():
        tx.facts.retire(fact, until, number)
    added, restated = list[int](), list[int]()
    for triplet in stated:
        if (known := tx.facts.current(triplet)) is None:
            added.append(tx.facts.add(triplet, since, number))
            continue
        tx.facts.state(known, number)
        restated.append(known)
        if (began := tx.facts.began(known)) > since:  # it is right for the time before, too
            added.append(tx.facts.add(triplet, since, number, (began, number)))
    return Changes(tuple(added), tuple(restated), tuple(ended))


def _judged(
    tx: Transaction, reviser: Reviser, reading: Reading, stated: Sequence[Triplet], about: FactsAround
) -> tuple[list[Replacement], list[Replacement]]:
    """Proposals admitted, and refused as they were made; what the same breath states, or what does not hold, cannot be
    outdated."""
    said = {triplet_key(triplet) for triplet in stated}
    admitted, refused = list[Replacement](), list[Replacement]()
    for pair in dict.fromkeys(reading.outdated):
        meant = Replacement(tx.resolve_triplet(pair.old), pair.new and tx.resolve_triplet(pair.new))
        holds = triplet_key(meant.old) not in said and tx.facts.current(meant.old) is not None
        if holds and reviser.admits(meant, about, stated):
            admitted.append(meant)
        else:
            refused.append(pair)
    return admitted, refused


def _about(tx: Transaction) -> FactsAround:
    """The current facts around a name, each looked up once."""

    @cache
    def about(
        name: str, as_subject: RelationFilter | None = None, as_object: RelationFilter | None = None
    ) -> Sequence[Fact]:
        if as_subject is None or as_object is None:
            return tuple(tx.facts.at(about=name).values())
        return tuple(tx.facts.telling_of(name, as_subject, as_object).values())

    return about


class _Late:
    """What is told of a time before the latest: something later may be known that ends it."""

    def __init__(
        self, tx: Transaction, reviser: Reviser, at: int, stated: Sequence[Triplet], source: str | None
    ) -> None:
        self._tx, self._reviser, self._at, self._stated, self._source = tx, reviser, at, stated, source
        self._after: Callable[[str], dict[int, Fact]] = cache(lambda name: tx.facts.after(name, at))

    def closing(self, triplet: Triplet) -> tuple[int, int] | None:
        """When it ended, and by which episode: where what contradicts it, or it itself, was told of a later time; None
        where it still holds."""
        near = {number: fact for name in triplet.ends for number, fact in self._after(identity_of(name)).items()}
        return min(filter(None, (self._ending(triplet, number, fact) for number, fact in near.items())), default=None)

    def _ending(self, triplet: Triplet, number: int, fact: Fact) -> tuple[int, int] | None:
        since = self._tx.to_clock(fact.valid_from)
        same = triplet_key(fact.triplet) == triplet_key(triplet)
        if not same and not self._reviser.admits(Replacement(fact.triplet, triplet), self._about, self._stated):
            return None
        if not same and _outvoted(self._told_by(fact), triplet, self._tx, self._source):
            return None
        if since > self._at:
            return since, fact.learned_in
        return None if same else self._tx.facts.restated(number, self._at)

    def _told_by(self, fact: Fact) -> Iterable[str | None]:
        return self._tx.episodes.sources(fact.episodes).values()

    def _about(
        self,
        name: str,
        as_subject: RelationFilter | None = None,  # noqa: ARG002
        as_object: RelationFilter | None = None,  # noqa: ARG002
    ) -> Sequence[Fact]:
        return tuple(self._after(name).values())


def _once(triplets: Iterable[Triplet]) -> tuple[Triplet, ...]:
    """Each triplet once, as it was first written."""
    first = dict[tuple[str, str, str], Triplet]()
    for triplet in triplets:
        first.setdefault(triplet_key(triplet), triplet)
    return tuple(first.values())
