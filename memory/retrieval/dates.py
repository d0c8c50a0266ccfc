"""Dates in texts: "on 7 May 2023", "last summer" and "two weeks ago" as intervals.

English expressions and ISO dates are read. A date without a year is the last one before the time of its text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from ariadne.values import Span


class Interval(NamedTuple):
    """A stretch of time; the end is not part of it."""

    start: datetime
    end: datetime


_MONTHS = "january february march april may june july august september october november december".split()
_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
"""By season: its first month, in the northern half of the world."""
_NUMBERS = {
    word: number
    for number, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), 1)
}
_NUMBERS |= {"a": 1, "an": 1, "a couple of": 2, "a couple": 2, "a few": 3, "several": 4}
_MONTH = rf"(?P<month>{'|'.join([*_MONTHS, *(f'{month[:3]}' for month in _MONTHS if month != 'may')])}|sept)\.?"
_DAY = r"(?P<day>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_UNITS = {"day": 1, "week": 7, "month": 30, "year": 365}


def _patterns(*patterns: str) -> list[re.Pattern[str]]:
    return [re.compile(rf"\b{pattern}\b", re.IGNORECASE) for pattern in patterns]


_ISO = re.compile(r"\b(?P<year>(?:19|20)\d\d)-(?P<month>0[1-9]|1[0-2])(?:-(?P<day>0[1-9]|[12]\d|3[01]))?\b")
_CALENDAR = _patterns(
    rf"{_MONTH} {_DAY}(?:,? {_YEAR})?",
    rf"{_DAY}(?: of)? {_MONTH}(?:,? {_YEAR})?",
    rf"{_MONTH},? (?:of )?{_YEAR}",
    rf"(?:in|of|during|last|this|early|late|mid) {_MONTH}",
    rf"(?<=before ){_MONTH}",
    rf"(?<=after ){_MONTH}",
    rf"(?<=since ){_MONTH}",
    rf"(?<=until ){_MONTH}",
    rf"(?<=between ){_MONTH}",
    rf"(?<=from ){_MONTH}",
    rf"(?P<season>{'|'.join(_SEASONS)}) (?:of )?{_YEAR}",
    rf"(?:last|this|in the|in) (?P<season>{'|'.join(_SEASONS)})",
    rf"(?<=[a-z] ){_YEAR}(?! [a-z]+s\b)",
)
_AGO = re.compile(
    rf"\b(?P<count>\d{{1,3}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))}) (?P<unit>{'|'.join(_UNITS)})s? ago\b",
    re.IGNORECASE,
)
_NAMED = re.compile(
    rf"\b(?:(?P<word>today|tonight|this (?:morning|afternoon|evening)|yesterday|last night)"
    rf"|(?P<which>last|this|past) (?P<unit>week(?:end)?|month|year)"
    rf"|last (?P<weekday>{'|'.join(_DAYS)}))\b",
    re.IGNORECASE,
)


_FIRST_YEAR, _LAST_YEAR = 1000, 9000
"""Texts of other years have no dates: they could lead out of the calendar."""
_EARLIEST, _LATEST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
_BOUND = re.compile(r"\b(before|until|till|by|after|since|from|between)(?: the)?\s*$", re.IGNORECASE)
_JOINS = re.compile(r"\s*(?:to|until|till|and|-|\u2013)\s*", re.IGNORECASE)
_HINT_WORDS = [*(month[:3] for month in _MONTHS), *_DAYS, *_SEASONS, "last", "this", "past", "ago", "today", "tonight"]
_HINT = re.compile(rf"\d|\b(?:{'|'.join(_HINT_WORDS)}|yesterday)", re.IGNORECASE)
"""Every date has a digit or one of these words."""


def intervals(text: str, at: datetime) -> list[Interval]:
    """Return the intervals that the dates of a text stand for, in no order.

    Args:
        text: The text.
        at: When it was written, for "yesterday" and for dates without a year.
    """
    if not _HINT.search(text) or not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        return []
    now = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    found, seen = list[tuple[Span, Interval]](), list[Span]()
    for pattern, read in _READERS:
        for match in pattern.finditer(text):
            if not any(start < match.end() and match.start() < end for start, end in seen):
                seen.append(match.span())
                found += ((match.span(), interval) for interval in read(match, now))
    return _bounded(text, sorted(found))


def _bounded(text: str, found: Sequence[tuple[Span, Interval]]) -> list[Interval]:
    """Return the intervals as the words around them bound them: "before May", "since 2022", "from May to July"."""
    bounded, joined = list[Interval](), False
    for place, ((start, end), interval) in enumerate(found):
        before = _BOUND.search(text[:start])
        word = before[1].lower() if before else ""
        following = found[place + 1] if place + 1 < len(found) else None
        if joined:
            joined = False
        elif word in ("from", "between") and following and _JOINS.fullmatch(text[end : following[0][0]]):
            bounded.append(Interval(_of_year(interval.start, text[start:end], following[1]), following[1].end))
            joined = True
        elif word in ("before", "until", "till", "by"):
            bounded.append(Interval(_EARLIEST, interval.start if word == "before" else interval.end))
        elif word in ("after", "since"):
            bounded.append(Interval(interval.end if word == "after" else interval.start, _LATEST))
        else:
            bounded.append(interval)
    return bounded


def _of_year(start: datetime, written: str, following: Interval) -> datetime:
    """Return the start of "May" in "May to June 2026", which is of the same year."""
    named = (
        start.replace(year=following.start.year, day=min(start.day, 28)) if not re.search(r"\d{4}", written) else start
    )
    return min(named, following.start)


def _calendar(match: re.Match[str], now: datetime) -> Iterator[Interval]:
    """Yield the day, the month, the season or the year of a date."""
    given = {name: value for name, value in match.groupdict().items() if value}
    month = _month(given.get("month", "")) or _SEASONS.get(given.get("season", "").lower(), 0)
    day = int(given.get("day", 0))
    year = int(given["year"]) if "year" in given else now.year - ((month, day) > (now.month, now.day))
    if "season" in given:
        yield Interval(datetime(year, month, 1, tzinfo=UTC), _months_later(year, month, 3))
    elif not month:
        yield Interval(datetime(year, 1, 1, tzinfo=UTC), _months_later(year, 1, 12))
    elif not day:
        yield Interval(datetime(year, month, 1, tzinfo=UTC), _months_later(year, month, 1))
    elif day <= (_months_later(year, month, 1) - timedelta(days=1)).day:
        yield _days(datetime(year, month, day, tzinfo=UTC), 1)


def _month(word: str) -> int:
    """Return the number of a month by its name, its first letters or its digits; 0 for none."""
    if word.isdigit():
        return int(word)
    return next((number for number, month in enumerate(_MONTHS, 1) if word and month.startswith(word.lower()[:3])), 0)


def _months_later(year: int, month: int, count: int) -> datetime:
    years, months = divmod(month - 1 + count, 12)
    return datetime(year + years, months + 1, 1, tzinfo=UTC)


def _days(start: datetime, count: int) -> Interval:
    return Interval(start, start + timedelta(days=count))


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _ago(match: re.Match[str], now: datetime) -> Iterator[Interval]:
    """Yield about when something was: "two weeks ago" is a week around that day."""
    count, unit = match["count"].lower(), _UNITS[match["unit"].lower()]
    days = (int(count) if count.isdigit() else _NUMBERS[count]) * unit
    if days < (now - _EARLIEST).days - unit:
        day = _midnight(now) - timedelta(days=days)
        yield Interval(day - timedelta(days=unit // 2), day + timedelta(days=unit // 2 + 1))


def _named(match: re.Match[str], now: datetime) -> Iterator[Interval]:
    """Yield today, yesterday, a weekday before now, or this or the last week, weekend, month or year."""
    today = _midnight(now)
    if word := (match["word"] or "").lower():
        yield _days(today - timedelta(days=word in ("yesterday", "last night")), 1)
    elif weekday := (match["weekday"] or "").lower():
        yield _days(today - timedelta(days=(today.weekday() - _DAYS.index(weekday)) % 7 or 7), 1)
    else:
        back = match["which"].lower() != "this"
        monday = today - timedelta(days=today.weekday() + 7 * back)
        unit = match["unit"].lower()
        if unit in ("week", "weekend"):
            yield _days(monday, 7) if unit == "week" else _days(monday + timedelta(days=5), 2)
        elif unit == "year":
            yield Interval(datetime(now.year - back, 1, 1, tzinfo=UTC), datetime(now.year - back + 1, 1, 1, tzinfo=UTC))
        else:
            first = _months_later(now.year, now.month, -back)
            yield Interval(first, _months_later(first.year, first.month, 1))


_Reader = Callable[[re.Match[str], datetime], Iterator[Interval]]
_READERS: list[tuple[re.Pattern[str], _Reader]] = [
    (_ISO, _calendar),
    *((pattern, _calendar) for pattern in _CALENDAR),
    (_AGO, _ago),
    (_NAMED, _named),
]
