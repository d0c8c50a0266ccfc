"""World times as a caller gives them: whole numbers, datetimes, and dates whose day or month may be missing."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from ariadne.errors import InvalidInput
from ariadne.values import When, WhenLike

_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_KINDS = 'an int, an aware datetime, a date, or an ISO text such as "2026", "2026-03" or "2026-03-15T09:30Z"'


def beginning_of(time: WhenLike, name: str) -> When:
    """Return the beginning of a time: of a year, a month or a day in UTC, or the time itself.

    Args:
        time: The time.
        name: The argument that it was given as, for an error.

    Raises:
        InvalidInput: It is no time, or it has no time zone.
    """
    return _period(time, name)[0]


def optional_beginning(time: WhenLike | None, name: str) -> When | None:
    """Return the same as `beginning_of`, and None for None."""
    return None if time is None else beginning_of(time, name)


def end_of(time: WhenLike, name: str) -> When:
    """Return the end of a time: of a year, a month or a day in UTC, or the time itself; otherwise as `beginning_of`."""
    return _period(time, name)[1]


def _period(time: WhenLike, name: str) -> tuple[When, When]:
    """Return the beginning and the end of a time; they are equal for an exact time."""
    if isinstance(time, str):
        return _period_of_text(time, name)
    if isinstance(time, datetime):
        if time.tzinfo is None:
            raise InvalidInput(f"{name}={time.isoformat()} has no time zone: add tzinfo=UTC")
        return time, time
    if isinstance(time, date):
        return _days(time, time)
    if isinstance(time, bool) or not isinstance(time, int):
        raise InvalidInput(f"{name}={time!r:.80} is not a world time: give {_KINDS}")
    return time, time


def _period_of_text(text: str, name: str) -> tuple[When, When]:
    try:
        if parts := _PARTIAL.fullmatch(text):
            year, month, day = parts.groups()
            first = date(int(year), int(month or 1), int(day or 1))
            return _days(first, first if day else _last_day(first, whole_year=month is None))
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"{name}={text!r:.80} is not a world time: give {_KINDS}") from error
    if time.tzinfo is None:
        raise InvalidInput(f"{name}={text!r} has no time zone: add Z for UTC, or another such as +02:00")
    return time, time


def _last_day(first: date, *, whole_year: bool) -> date:
    """Return the last day of the month, or of the year, that a day is the first of."""
    if whole_year or first.month == 12:
        return date(first.year, 12, 31)
    return date(first.year, first.month + 1, 1) - timedelta(days=1)


def _days(first: date, last: date) -> tuple[datetime, datetime]:
    """Return the beginning of the first day and the end of the last one, in UTC."""
    beginning = datetime(first.year, first.month, first.day, tzinfo=UTC)
    if last == date.max:
        return beginning, datetime.max.replace(tzinfo=UTC)
    after = last + timedelta(days=1)
    return beginning, datetime(after.year, after.month, after.day, tzinfo=UTC)
