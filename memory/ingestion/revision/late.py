"""Statements that change the past or name an end: facts and ends are inserted in time order.

So the times of the facts do not depend on the order of arrival. A fact ends where a later statement contradicts it, and
it is seen by the reviser among the facts of that time.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from ariadne.memory.ingestion.revision.intervals import Event
from ariadne.memory.ingestion.revision.statements import FactChanges, Statement
from ariadne.memory.ingestion.revision.timeline import Timeline
from ariadne.memory.ingestion.revision.verdicts import END_KEPT, Judge, is_outvoted
from ariadne.memory.ontology.names import identity_of, triplet_key
from ariadne.memory.ontology.reviser import FactsAround, Reviser
from ariadne.memory.ontology.slots import RelationFilter
from ariadne.memory.storage.facts import StoredFact
from ariadne.memory.storage.store import Transaction
from ariadne.values import Fact, Replacement, Triplet


def change_facts(tx: Transaction, reviser: Reviser, statement: Statement) -> FactChanges:
    """Insert the facts of a statement, and the ends that it states, in time order."""
    return _Insertion(tx, reviser, statement).changes()


class _Insertion:
    def __init__(self, tx: Transaction, reviser: Reviser, statement: Statement) -> None:
        self._tx, self._reviser, self._statement = tx, reviser, statement
        self._past = _Past(tx, statement.at)
        self._timelines = dict[tuple[str, str, str], Timeline]()

    def changes(self) -> FactChanges:
        """Write all changes, and return them."""
        statement = self._statement
        judge = Judge(self._tx, self._reviser, statement, self._past.about_at(statement.at), self._holding)
        verdict = judge.verdict()
        kept_ends = self._state_ends()
        for triplet in statement.begun:
            self._begin(triplet)
        for pair in (*verdict.ended, *verdict.remembered):
            self._timeline(pair.old).add(Event.end(statement.at, statement.number))
        written = [timeline.write(statement) for timeline in self._timelines.values()]
        return FactChanges(
            [fact for each in written for fact in each.added],
            [fact for each in written for fact in each.restated],
            [fact for each in written for fact in each.retired],
            [*verdict.refused, *kept_ends],
        )

    def _state_ends(self) -> list[Replacement]:
        """State that the triplets end at `until`, and return those that are not known to hold until then."""
        statement, kept = self._statement, list[Replacement]()
        if (until := statement.until) is None:
            return kept
        for triplet in statement.triplets:
            timeline = self._timeline(triplet)
            if not statement.begun and not timeline.holds_before(until):
                kept.append(Replacement(triplet, None, END_KEPT))
            timeline.add(Event.end(until, statement.number, is_limit=True))
        return kept

    def _timeline(self, triplet: Triplet) -> Timeline:
        key = triplet_key(triplet)
        if key not in self._timelines:
            self._timelines[key] = Timeline(self._tx, triplet)
        return self._timelines[key]

    def _holding(self, triplet: Triplet) -> StoredFact | None:
        return self._tx.facts.covering(triplet, self._statement.at)

    def _begin(self, triplet: Triplet) -> None:
        """State a triplet from the time of the statement on; a later statement may end it."""
        timeline, at = self._timeline(triplet), self._statement.at
        if not timeline.holds_at(at) and (end := self._contradiction(triplet, timeline.next_after(at))):
            timeline.add(end)
        timeline.add(Event.statement(at, self._statement.number))

    def _contradiction(self, triplet: Triplet, before: int | None) -> Event | None:
        """Return the end of a triplet by the first later statement that contradicts it, up to a time."""
        lasting = {number: each for name in triplet.ends for number, each in self._past.lasting(name).items()}
        conflicting = [
            number
            for number, (fact, since, _) in lasting.items()
            if (before is None or since < before) and self._ends(fact.triplet, since, triplet)
        ]
        if not conflicting:
            return None
        for _, at, episode, source in self._tx.facts.statements_between(conflicting, self._statement.at, before):
            if not is_outvoted(self._tx, triplet, source, self._statement.source):
                return Event.end(at, episode)
        return None

    def _ends(self, later: Triplet, since: int, triplet: Triplet) -> bool:
        """Return whether `later`, a fact since a time (in clock ticks), ends a triplet that holds then."""
        if triplet_key(later) == triplet_key(triplet):
            return False
        about = self._past.about_at(max(since, self._statement.at))
        return self._reviser.conflict(triplet, later, about, (later,))


class _Past:
    """The facts that hold at a time or later, as they are known now."""

    def __init__(self, tx: Transaction, at: int) -> None:
        self._tx, self._at = tx, at
        self._lasting = cache(self._read)

    def lasting(self, name: str) -> dict[int, tuple[Fact, int, int | None]]:
        """Return the facts about a name, by id, each with its times in clock ticks."""
        return self._lasting(identity_of(self._tx.resolve(name)))

    def _read(self, name: str) -> dict[int, tuple[Fact, int, int | None]]:
        ticks = self._tx.to_clock
        return {
            number: (fact, ticks(fact.valid_from), None if fact.valid_to is None else ticks(fact.valid_to))
            for number, fact in self._tx.facts.lasting_after(name, self._at).items()
        }

    def about_at(self, at: int) -> FactsAround:
        """Return what finds the facts that hold at a time, in clock ticks."""

        def about(name: str, *_: RelationFilter | None) -> Sequence[Fact]:
            lasting = self.lasting(name).values()
            return [fact for fact, since, until in lasting if since <= at and (until is None or until > at)]

        return about
