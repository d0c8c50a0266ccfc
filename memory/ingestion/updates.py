"""What one reading changes: which facts it adds, restates and retires, in world time.

The reviser finds outdated facts and judges proposals. World time decides between two facts that contradict each other:
a text about an earlier time does not retire a later fact, but its own fact is inserted closed. The episodes are the
truth: `rebuild` makes the graph again from their readings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from ariadne.memory.inputs import CORRECTION
from ariadne.memory.ontology.names import identity_of, triplet_key
from ariadne.memory.ontology.reviser import FactsAround, OntologyReviser, Reviser, ReviserOf
from ariadne.memory.ontology.slots import RelationFilter
from ariadne.memory.storage.episodes import Changes, StoredReading
from ariadne.memory.storage.facts import StoredFact
from ariadne.memory.storage.store import Transaction
from ariadne.relations import CONNECTIONS
from ariadne.values import Episode, Fact, Reading, Replacement, Triplet, Update

WITNESSES = 2
"""A fact confirmed by this many sources is not retired by a new source."""
STATED = "the same text states it"
NOT_HELD = "it does not hold"
NOT_THEN = "it does not hold at that time"
NOT_ADMITTED = "the reviser does not admit it"


@dataclass(frozen=True)
class Statement:
    """What one episode states: its resolved triplets, each once, at a world time (in clock ticks), by a source.

    It is `late` if an earlier episode is about a later time.
    """

    number: int
    at: int
    source: str | None
    triplets: tuple[Triplet, ...]
    outdated: tuple[Replacement, ...]
    declared: frozenset[Replacement]
    """Those of `outdated` that the caller declares; the others are proposals, which the reviser judges."""
    late: bool


@dataclass(frozen=True)
class FactChanges:
    """The facts that a statement changed, as they are after it, and the proposals that were refused."""

    added: Sequence[StoredFact] = ()
    restated: Sequence[StoredFact] = ()
    retired: Sequence[StoredFact] = ()
    refused: Sequence[Replacement] = ()

    @property
    def by_id(self) -> Changes:
        """The same with the ids of the facts."""
        changed = (self.added, self.restated, self.retired)
        added, restated, retired = (tuple(each.id for each in facts) for facts in changed)
        return Changes(added, restated, retired, tuple(self.refused))

    def as_update(self, episode: Episode, reading: Reading) -> Update:
        """Return the same as the caller sees it."""
        added, restated, retired = (
            [each.fact for each in facts] for facts in (self.added, self.restated, self.retired)
        )
        return Update(episode, reading, tuple(added), tuple(restated), tuple(retired), tuple(self.refused))


def apply(
    tx: Transaction,
    reviser: Reviser,
    episode: Episode,
    stored: StoredReading,
    *,
    key: str | None,
    observed: bool = False,
) -> Update:
    """Write a new episode with all that its reading changes, and return the update.

    The one pair of a correction is not judged: its old fact never held, and its new one held in its place.
    """
    at, latest = tx.keep_clock(episode.at), tx.state.latest
    episode = replace(episode, at=tx.from_clock(at))  # a datetime becomes one of UTC
    late = latest is not None and at < latest
    changes = _change_facts(tx, reviser, episode, at, stored, late=late)
    tx.add_episode(episode, at, key, stored, changes.by_id, observed=observed)
    link_mentions(tx, episode.id, stored.reading)
    return changes.as_update(episode, stored.reading)


def rebuild(tx: Transaction, reviser_of: ReviserOf, since: int = 1) -> None:
    """Make the graph again from the readings of all episodes from number `since` on."""
    tx.mark_rewritten()
    tx.facts.rewind(since)
    latest = tx.episodes.latest(since - 1)
    for number in tx.episodes.numbers(since):
        latest = replay(tx, reviser_of, number, latest)


def replay(tx: Transaction, reviser_of: ReviserOf, number: int, latest: int | None) -> int:
    """Apply the reading of an episode to the graph, once more, and return the latest world time with it.

    Args:
        tx: The transaction, whose graph is as it was before the episode.
        reviser_of: Returns the reviser of a text.
        number: The episode.
        latest: The latest world time (in clock ticks) of the episodes before it; None without any.
    """
    (episode,), stored = tx.episodes.some([number]), tx.episodes.reading_of(number)
    at = tx.to_clock(episode.at)
    late = latest is not None and at < latest
    changes = _change_facts(tx, reviser_of(episode.text), episode, at, stored, late=late)
    tx.set_changes(number, changes.by_id)
    link_mentions(tx, number, stored.reading)
    return at if latest is None else max(at, latest)


def link_mentions(tx: Transaction, number: int, reading: Reading) -> None:
    """Link an episode to the names that it mentions without stating a fact about them."""
    triplets = map(tx.resolve_triplet, reading.triplets)
    in_facts = {identity_of(name) for triplet in triplets for name in triplet.ends}
    names = [name for name in map(tx.resolve, reading.names) if identity_of(name) not in in_facts]
    tx.link_mentions(tx.facts.add_names(names), number)


def _change_facts(
    tx: Transaction, reviser: Reviser, episode: Episode, at: int, stored: StoredReading, *, late: bool
) -> FactChanges:
    triplets = _distinct(map(tx.resolve_triplet, stored.reading.triplets))
    statement = Statement(
        episode.id, at, episode.source, triplets, stored.reading.outdated, frozenset(stored.declared), late
    )
    if isinstance(reviser, OntologyReviser):
        tx.facts.load(reviser.names_to_read(triplets))
        tx.facts.load(reviser.variants_to_read(triplets, tx.facts.about))
    if stored.correction:
        return _correct(tx, reviser, statement)
    retired, refused = _retire_outdated(tx, reviser, statement)
    added, restated = _insert_late(tx, reviser, statement) if late else _insert(tx, statement)
    return FactChanges(added, restated, retired, refused)


# -- facts that a statement retires ------------------------------------------------------------------------------------


def _retire_outdated(
    tx: Transaction, reviser: Reviser, statement: Statement
) -> tuple[list[StoredFact], list[Replacement]]:
    """Retire the facts that a statement contradicts and those that it proposes, and return them with the refused."""
    about: FactsAround = cache(tx.facts.about)
    admitted, refused = _judge_proposals(tx, reviser, statement, about)
    retired = list[StoredFact]()
    for pair in dict.fromkeys([*_contradicted(tx, reviser, statement, admitted, about), *admitted]):
        if (fact := tx.facts.current(pair.old)) is None:
            continue
        if fact.valid_from <= statement.at and not (
            statement.late and tx.facts.next_statement(fact.id, statement.at) is not None
        ):
            retired.append(tx.facts.retire(fact, statement.at, statement.number))
        elif pair in admitted:
            refused.append(replace(pair, reason=NOT_THEN))
    return retired, refused


def _judge_proposals(
    tx: Transaction, reviser: Reviser, statement: Statement, about: FactsAround
) -> tuple[list[Replacement], list[Replacement]]:
    """Return the admitted pairs, resolved, and the refused ones as they were made, each with the reason.

    A fact that the same text states, or that does not hold, cannot be outdated. Of the others, those that the caller
    declares are admitted, and the reviser judges the proposals.
    """
    stated = {triplet_key(triplet) for triplet in statement.triplets}
    admitted, refused = list[Replacement](), list[Replacement]()
    for pair in dict.fromkeys(statement.outdated):
        resolved = Replacement(tx.resolve_triplet(pair.old), pair.new and tx.resolve_triplet(pair.new))
        if triplet_key(resolved.old) in stated:
            refused.append(replace(pair, reason=STATED))
        elif tx.facts.current(resolved.old) is None:
            refused.append(replace(pair, reason=NOT_HELD))
        elif pair in statement.declared or reviser.admits(resolved, about, statement.triplets):
            admitted.append(resolved)
        else:
            refused.append(replace(pair, reason=NOT_ADMITTED))
    return admitted, refused


def _contradicted(
    tx: Transaction, reviser: Reviser, statement: Statement, admitted: Sequence[Replacement], about: FactsAround
) -> list[Replacement]:
    """Return the facts that a statement contradicts, without those that several other sources confirm."""
    found = [pair for pair in reviser.outdated(statement.triplets, about) if pair not in admitted]
    outvoted = [pair for pair in found if _is_outvoted([statement.source], pair.old, tx)]
    conflicting = {pair.new for pair in outvoted} - {None}  # these contradict a fact, but move nothing else with them
    return [
        pair
        for pair in found
        if pair not in outvoted and (pair.new not in conflicting or _conflict(reviser, pair, about, statement))
    ]


def _conflict(reviser: Reviser, pair: Replacement, about: FactsAround, statement: Statement) -> bool:
    """Return whether the new triplet of a pair itself ends the old one."""
    return pair.new is None or reviser.conflict(pair.old, pair.new, about, statement.triplets)


def _is_outvoted(sources: Iterable[str | None], triplet: Triplet, tx: Transaction, *more: str | None) -> bool:
    """Return whether several sources (and `more`) confirm a triplet that these sources contradict.

    A text without a source, or a correction, is about the world itself and is never outvoted. A source that confirmed
    the triplet itself can withdraw it.
    """
    contradicting = set(sources)
    if contradicting & {None, CORRECTION}:
        return False
    witnesses = tx.facts.witnesses(triplet).union(more) - {None, CORRECTION}
    return len(witnesses) >= WITNESSES and not contradicting & witnesses


# -- facts that a statement adds ---------------------------------------------------------------------------------------


def _insert(tx: Transaction, statement: Statement) -> tuple[list[StoredFact], list[StoredFact]]:
    """Add the stated facts that are new and confirm those that are current; return both."""
    current = [(triplet, tx.facts.current(triplet)) for triplet in statement.triplets]
    new = [triplet for triplet, known in current if known is None]
    tx.facts.add_names(name for triplet in new for name in triplet.ends)
    added = [tx.facts.add(triplet, statement.at, statement.number) for triplet in new]
    restated = [known for _, known in current if known is not None]
    confirmed = tx.facts.confirm([*added, *restated], statement.number)
    return confirmed[: len(added)], confirmed[len(added) :]


def _insert_late(tx: Transaction, reviser: Reviser, statement: Statement) -> tuple[list[StoredFact], list[StoredFact]]:
    """Insert facts about an earlier time, closed by what is known of later times."""
    late = _LateInsertion(tx, reviser, statement)
    added, restated = list[StoredFact](), list[StoredFact]()
    for triplet in statement.triplets:
        if triplet_key(triplet)[1] in CONNECTIONS:  # these never end, and so they do not begin a second time
            known = tx.facts.current(triplet)
        else:
            known = tx.facts.covering(triplet, statement.at)
        if known is None:
            new = tx.facts.add(triplet, statement.at, statement.number, late.end_of(triplet))
            added += tx.facts.confirm([new], statement.number)
        else:
            restated += tx.facts.confirm([known], statement.number)
    return added, restated


class _LateInsertion:
    """The late insertion of facts: a fact of a later time may end an inserted one."""

    def __init__(self, tx: Transaction, reviser: Reviser, statement: Statement) -> None:
        self._tx, self._reviser, self._statement = tx, reviser, statement
        self._after: Callable[[str], dict[int, Fact]] = cache(lambda name: tx.facts.lasting_after(name, statement.at))

    def end_of(self, triplet: Triplet) -> tuple[int, int] | None:
        """Return when a fact ended (in clock ticks) and by which episode, or None while it holds.

        It ended when a contradicting fact, or the fact itself, was stated of a later time.
        """
        names = map(identity_of, triplet.ends)
        near = {number: fact for name in names for number, fact in self._after(name).items()}
        return min(filter(None, (self._end_by(triplet, number, fact) for number, fact in near.items())), default=None)

    def _end_by(self, triplet: Triplet, number: int, fact: Fact) -> tuple[int, int] | None:
        """Return when another fact (by its id) ends a triplet and by which episode, or None if it does not."""
        at, since = self._statement.at, self._tx.to_clock(fact.valid_from)
        is_same = triplet_key(fact.triplet) == triplet_key(triplet)
        if not is_same and not self._contradicts(fact, triplet):
            return None
        if since > at:
            return since, fact.learned_in
        return None if is_same else self._tx.facts.next_statement(number, at)

    def _contradicts(self, fact: Fact, triplet: Triplet) -> bool:
        if not self._reviser.conflict(triplet, fact.triplet, self._about, self._statement.triplets):
            return False
        sources = self._tx.episodes.sources(fact.episodes).values()
        return not _is_outvoted(sources, triplet, self._tx, self._statement.source)

    def _about(self, name: str, *_: RelationFilter | None) -> Sequence[Fact]:
        return tuple(self._after(name).values())


# -- corrections -------------------------------------------------------------------------------------------------------


def _correct(tx: Transaction, reviser: Reviser, statement: Statement) -> FactChanges:
    """Close the wrong fact at its own beginning; the right one holds since then and ends what contradicts it."""
    (pair,) = statement.outdated
    wrong = tx.facts.current(tx.resolve_triplet(pair.old))
    since = statement.at if wrong is None else wrong.valid_from
    ended = {} if wrong is None else {wrong.id: (wrong, since)}
    for contradicted in reviser.outdated(statement.triplets, cache(tx.facts.about)):
        if (fact := tx.facts.current(contradicted.old)) is not None:
            ended.setdefault(fact.id, (fact, max(since, fact.valid_from)))
    retired = [tx.facts.retire(fact, until, statement.number) for fact, until in ended.values()]
    added, restated = list[StoredFact](), list[StoredFact]()
    for triplet in statement.triplets:
        if (known := tx.facts.current(triplet)) is None:
            added.append(tx.facts.add(triplet, since, statement.number))
            continue
        restated.append(known)
        if known.valid_from > since:  # it is right for the time before, too
            added.append(tx.facts.add(triplet, since, statement.number, (known.valid_from, statement.number)))
    confirmed = tx.facts.confirm([*added, *restated], statement.number)
    return FactChanges(confirmed[: len(added)], confirmed[len(added) :], retired)


def _distinct(triplets: Iterable[Triplet]) -> tuple[Triplet, ...]:
    """Return each triplet once, as it was first written."""
    first = dict[tuple[str, str, str], Triplet]()
    for triplet in triplets:
        first.setdefault(triplet_key(triplet), triplet)
    return tuple(first.values())
