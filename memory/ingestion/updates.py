"""What one reading changes: which facts it adds, restates and retires, in world time.

A text about the latest time, or a later one, changes the current facts. Another one, or a text that states an end, is
inserted in time order. The episodes are the truth: `replay` makes the graph again from their readings.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache, partial

from ariadne.memory.ingestion.revision import late, replacement
from ariadne.memory.ingestion.revision.intervals import Event
from ariadne.memory.ingestion.revision.statements import FactChanges, Statement
from ariadne.memory.ingestion.revision.timeline import Timeline
from ariadne.memory.ingestion.revision.verdicts import Judge
from ariadne.memory.ontology.names import identity_of, triplet_key
from ariadne.memory.ontology.reviser import OntologyReviser, Reviser, ReviserOf
from ariadne.memory.storage.episodes import Changes, StoredReading
from ariadne.memory.storage.facts import StoredFact
from ariadne.memory.storage.store import Transaction
from ariadne.values import Episode, Replacement, Triplet, Update


def apply(
    tx: Transaction, reviser_of: ReviserOf, episode: Episode, stored: StoredReading, *, key: str | None,
    digest: int | None,
) -> Update:  # fmt: skip
    """Write a new episode with all that its reading changes, and return the update.

    The one pair of a correction is not judged: its old fact never held, and its new one held in its place.
    """
    at, latest = tx.keep_clock(episode.at), tx.state.latest
    episode = replace(episode, at=tx.from_clock(at))  # a datetime becomes one of UTC
    if stored.place is not None and key is not None:
        tx.mark_replaced(key, episode.id)
    changes = _change_facts(tx, reviser_of, episode, stored, at, latest)
    tx.add_episode(episode, at, key, stored, changes.by_id, digest=digest)
    link_mentions(tx, episode.id, at, stored)
    return changes.as_update(episode, stored.reading)


def replay(tx: Transaction, reviser_of: ReviserOf, number: int, latest: int | None) -> int:
    """Apply the reading of an episode to the graph of a draft, and return the latest world time with it.

    Args:
        tx: The transaction, whose graph is as it was before the episode.
        reviser_of: Returns the reviser of a text.
        number: The episode.
        latest: The latest world time (in clock ticks) of the episodes before it; None without any.
    """
    (episode,), stored = tx.episodes.some([number]), tx.episodes.reading_of(number)
    at = tx.to_clock(episode.at)
    tx.state = replace(tx.state, latest=latest)
    changes = _change_facts(tx, reviser_of, episode, stored, at, latest)
    tx.set_changes(number, changes.by_id)
    link_mentions(tx, number, at, stored)
    return at if latest is None else max(at, latest)


def replay_beside(
    tx: Transaction, reviser_of: ReviserOf, episode: Episode, stored: StoredReading, latest: int | None
) -> Changes:
    """Apply the reading of an episode of another memory, and return what it changes; see `replay`."""
    at = tx.keep_clock(episode.at)
    tx.state = replace(tx.state, latest=latest)
    changes = _change_facts(tx, reviser_of, episode, stored, at, latest).by_id
    tx.add_episode(episode, at, None, stored, changes, digest=None)
    link_mentions(tx, episode.id, at, stored)
    return changes


def link_mentions(tx: Transaction, number: int, at: int, stored: StoredReading) -> None:
    """Link an episode to the names that it mentions without stating a fact about them."""
    begun = stored.reading.triplets if stored.until is None or stored.until > at else ()
    in_facts = {identity_of(name) for triplet in map(tx.resolve_triplet, begun) for name in triplet.ends}
    names = [name for name in map(tx.resolve, stored.reading.names) if identity_of(name) not in in_facts]
    tx.link_mentions(tx.facts.add_names(names), number)


def _change_facts(
    tx: Transaction, reviser_of: ReviserOf, episode: Episode, stored: StoredReading, at: int, latest: int | None
) -> FactChanges:
    ended = [] if latest is not None and at < latest else tx.facts.retire_ended(at, episode.id)
    if stored.place is not None:
        changes = replacement.change_facts(tx, reviser_of, episode, stored, partial(_refused, reviser_of))
        return _with_ended(ended, changes)
    reviser = reviser_of(episode.text)
    triplets = _distinct(map(tx.resolve_triplet, stored.reading.triplets))
    statement = Statement(
        episode.id, at, stored.until, at if latest is None else max(at, latest), episode.source, triplets,
        stored.reading.outdated, frozenset(stored.declared),
    )  # fmt: skip
    if isinstance(reviser, OntologyReviser):
        tx.facts.load(reviser.names_to_read(triplets))
        tx.facts.load(reviser.variants_to_read(triplets, tx.facts.about))
    is_inserted = False
    if stored.correction:
        changes = _correct(tx, reviser, statement)
    elif is_inserted := statement.is_late or statement.until is not None or tx.facts.has_ending_after(triplets, at):
        changes = late.change_facts(tx, reviser, statement)
    else:
        changes = _change_current_facts(tx, reviser, statement)
    _mark_basis(tx, None if is_inserted else reviser, changes)
    return _with_ended(ended, changes)


def _with_ended(ended: list[StoredFact], changes: FactChanges) -> FactChanges:
    """Return changes with the facts whose known end has passed."""
    return replace(changes, retired=[*ended, *changes.retired]) if ended else changes


def _refused(
    reviser_of: ReviserOf, other: Transaction, episode: Episode, stored: StoredReading
) -> tuple[Replacement, ...]:
    """Write an episode into another memory, and return the refused pairs."""
    return apply(other, reviser_of, episode, stored, key=None, digest=None).refused


def _mark_basis(tx: Transaction, reviser: Reviser | None, changes: FactChanges) -> None:
    """Mark the facts, beside those that changed, without which a statement might have changed other facts.

    Until such a fact is deleted nothing else depends on the marks; see `edits`. Some facts are consulted and cannot
    matter: the reviser names them, except for a statement that is inserted in time order.
    """
    consulted, weighed = tx.facts.take_consulted()
    if isinstance(reviser, OntologyReviser):
        consulted = {number: fact for number, fact in consulted.items() if reviser.is_context(fact.triplet)}
    refused = (tx.facts.current(tx.resolve_triplet(pair.old)) for pair in changes.refused)
    basis = {*consulted, *(stored.id for stored in refused if stored is not None)}
    tx.facts.mark_basis(basis - changes.by_id.all_facts, weighed)


# -- the current facts -------------------------------------------------------------------------------------------------


def _change_current_facts(tx: Transaction, reviser: Reviser, statement: Statement) -> FactChanges:
    """Retire the facts that a statement ends, add those that are new, and confirm those that are current."""
    verdict = Judge(tx, reviser, statement, cache(tx.facts.about), tx.facts.current).verdict()
    ended = [fact for pair in verdict.ended if (fact := tx.facts.current(pair.old)) is not None]
    retired = [tx.facts.retire(fact, statement.at, statement.number) for fact in ended]
    for pair in verdict.remembered:
        tx.facts.add_ending(pair.old, statement.at, statement.number, is_limit=False)
    current = [(triplet, tx.facts.current(triplet)) for triplet in statement.triplets]
    new = [triplet for triplet, known in current if known is None]
    tx.facts.add_names(name for triplet in new for name in triplet.ends)
    added = [tx.facts.add(triplet, statement.at, statement.number) for triplet in new]
    restated = [known for _, known in current if known is not None]
    confirmed = tx.facts.confirm([*added, *restated], statement.number, statement.at)
    return FactChanges(confirmed[: len(added)], confirmed[len(added) :], retired, verdict.refused)


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
        if known.valid_from > since:  # it is right for the time before, too
            timeline = Timeline(tx, triplet)
            timeline.add(Event.statement(since, statement.number))
            restated += timeline.write(replace(statement, at=since)).restated
        else:
            restated.append(known)
    confirmed = tx.facts.confirm([*added, *restated], statement.number, since)
    return FactChanges(confirmed[: len(added)], confirmed[len(added) :], retired)


def _distinct(triplets: Iterable[Triplet]) -> tuple[Triplet, ...]:
    """Return each triplet once, as it was first written."""
    first = dict[tuple[str, str, str], Triplet]()
    for triplet in triplets:
        first.setdefault(triplet_key(triplet), triplet)
    return tuple(first.values())
