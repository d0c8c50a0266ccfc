"""When one triplet holds: a function of what the episodes state about it, in any order of arrival."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True, order=True)
class Event:
    """A statement of a triplet, or an end of it, at a time in clock ticks, by the episode `number`.

    An end that is the limit of a period comes before all else at its time: what is stated of that time begins a new
    period. Other events at one time come in the order of their episodes: the later text counts.
    """

    at: int
    is_later: bool
    number: int
    is_end: bool

    @classmethod
    def statement(cls, at: int, number: int) -> Event:
        """Return the event that an episode states the triplet of a time."""
        return cls(at, is_later=True, number=number, is_end=False)

    @classmethod
    def end(cls, at: int, number: int, *, is_limit: bool = False) -> Event:
        """Return the event that an episode ends the triplet at a time."""
        return cls(at, is_later=not is_limit, number=number, is_end=True)


@dataclass(frozen=True)
class Interval:
    """A time in which a triplet holds: from `since` until `until` (None while no end is known), in clock ticks."""

    since: int
    until: int | None
    ended_by: int | None
    """The episode that ends it."""
    statements: tuple[tuple[int, int], ...]
    """Time and episode of each statement in it."""

    @property
    def episodes(self) -> set[int]:
        """The episodes that state the triplet in this time."""
        return {number for _, number in self.statements}


def intervals(events: Iterable[Event]) -> list[Interval]:
    """Return the times in which a triplet holds, in their order.

    It holds from the first statement after an end until the next end. A time is empty if its only statement is ended by
    a later text about the same time.
    """
    found = list[Interval]()
    holds = False
    for event in sorted(events):
        if not event.is_end:
            statement = (event.at, event.number)
            if holds:
                found[-1] = replace(found[-1], statements=(*found[-1].statements, statement))
            else:
                found.append(Interval(event.at, None, None, (statement,)))
        elif holds:
            found[-1] = replace(found[-1], until=event.at, ended_by=event.number)
        holds = not event.is_end
    return found
