"""The facts of one triplet and all that decides their times; a late event makes the times again from all events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from ariadne.memory.ingestion.revision.intervals import Event, Interval, intervals
from ariadne.memory.ingestion.revision.statements import Statement
from ariadne.memory.storage.facts import StoredFact
from ariadne.memory.storage.store import Transaction
from ariadne.values import Triplet


@dataclass
class Rewritten:
    """The facts that have other times, or another episode, after a statement."""

    added: list[StoredFact] = field(default_factory=list)
    restated: list[StoredFact] = field(default_factory=list)
    retired: list[StoredFact] = field(default_factory=list)


class Timeline:
    """The events of one triplet: the statements of its facts, their ends, and the ends that no fact shows.

    A fact that ends at its own beginning was corrected: its statements no longer count.
    """

    def __init__(self, tx: Transaction, triplet: Triplet) -> None:
        self._tx, self.triplet = tx, triplet
        facts = tx.facts.intervals(triplet)
        self._facts = [fact for fact in facts if fact.valid_to is None or fact.valid_to > fact.valid_from]
        self._recorded = {
            Event.end(at, number, is_limit=bool(limit)) for at, number, limit in tx.facts.endings(triplet)
        }
        self._ends_shown = {fact.valid_to for fact in facts if fact not in self._facts}
        self._statements = defaultdict[int, set[tuple[int, int]]](set)
        for stated, at, number in tx.facts.statements(fact.id for fact in self._facts):
            self._statements[stated].add((at, number))
        limits = {event.at for event in self._recorded if not event.is_later}
        self._events = {Event.statement(*each) for statements in self._statements.values() for each in statements}
        self._events |= self._recorded
        for fact in facts:
            if fact.valid_to is not None and fact.fact.retired_in is not None and fact.valid_to not in limits:
                self._events.add(Event.end(fact.valid_to, fact.fact.retired_in))

    def add(self, event: Event) -> None:
        """Add an event; it counts after `write`."""
        self._events.add(event)

    def holds_at(self, at: int) -> bool:
        """Return whether a fact covers a time (in clock ticks)."""
        return any(fact.valid_from <= at and (fact.valid_to is None or at < fact.valid_to) for fact in self._facts)

    def holds_before(self, end: int) -> bool:
        """Return whether a fact holds just before a time (in clock ticks)."""
        return any(fact.valid_from < end and (fact.valid_to is None or end <= fact.valid_to) for fact in self._facts)

    def next_after(self, at: int) -> int | None:
        """Return the time of the first event after a time, or None."""
        return min((event.at for event in self._events if event.at > at), default=None)

    def write(self, statement: Statement) -> Rewritten:
        """Give the facts the times of all events, for the episode of a statement, and return those that changed."""
        rewritten, new, free = Rewritten(), list[Interval](), list(self._facts)
        for interval in intervals(self._events):
            if (fact := self._showing(interval, free, statement)) is None:
                new.append(interval)
                continue
            free.remove(fact)
            self._update(fact, interval, statement, rewritten)
        self._tx.facts.replace(free, statement.number)
        for interval in new:
            self._add(interval, statement, rewritten)
        self._record_ends()
        return rewritten

    def _showing(self, interval: Interval, facts: Iterable[StoredFact], statement: Statement) -> StoredFact | None:
        """Return the fact that has the times of an interval, or that can be retired at its end."""
        for fact in facts:
            if fact.valid_from == interval.since:
                if fact.valid_to == interval.until:
                    return fact
                is_passed = interval.until is not None and interval.until <= statement.latest
                if fact.valid_to is None and is_passed and self._statements[fact.id] <= {*interval.statements}:
                    return fact
        return None

    def _update(self, fact: StoredFact, interval: Interval, statement: Statement, rewritten: Rewritten) -> None:
        """Confirm or retire a fact that shows an interval."""
        self._ends_shown.add(interval.until)
        if is_stated := (statement.at, statement.number) in interval.statements:
            (fact,) = self._tx.facts.confirm([fact], statement.number, statement.at)
        if fact.valid_to is None and interval.until is not None:
            fact = self._tx.facts.retire(fact, interval.until, statement.number)
            rewritten.retired.append(fact)
        if is_stated:
            rewritten.restated.append(fact)

    def _add(self, interval: Interval, statement: Statement, rewritten: Rewritten) -> None:
        """Add a fact for an interval that no fact shows yet."""
        number, until = statement.number, interval.until
        ended_by = interval.ended_by if until is not None and until <= statement.latest else None
        times = interval.since, until
        fact = self._tx.facts.add_interval(self.triplet, number, times, ended_by, interval.statements)
        self._ends_shown.add(until)
        is_new = interval.episodes == {number}
        if ended_by == number and not is_new:
            rewritten.retired.append(fact)
        if number in interval.episodes and not is_new:
            rewritten.restated.append(fact)
        elif is_new or ended_by != number:
            rewritten.added.append(fact)

    def _record_ends(self) -> None:
        """Record the limits of periods, and the ends that no fact shows."""
        for event in sorted(self._events - self._recorded):
            if event.is_end and not (event.is_later and event.at in self._ends_shown):
                self._tx.facts.add_ending(self.triplet, event.at, event.number, is_limit=not event.is_later)
