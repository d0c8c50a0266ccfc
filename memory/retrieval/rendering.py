"""The text of a recall: a line for each fact; of each episode its number, its source, its date and its text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, time
from functools import lru_cache

from ariadne import tokens
from ariadne.values import Detail, Episode, Fact, Reason, When

HEADINGS = "Facts:", "Episodes:"
_LINES = re.compile(r"\s*[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]\s*")
"""Line breaks: a name or a source must not begin another line."""

Item = Fact | Episode


def render_text(items: Sequence[Item]) -> str:
    """Return the facts and then the episodes as text, each kind below its heading; "" for no items."""
    return "\n".join(_lines(items))


def count_tokens(items: Sequence[Item]) -> int:
    """Return the tokens of the items' text; those of a line are counted once and cached."""
    *before, last = _lines(items) or [""]
    return sum(_counted(f"{each}\n") for each in before) + _counted(last)


def heading_of(item: Item) -> str:
    """Return the heading that an item stands below."""
    return HEADINGS[isinstance(item, Episode)]


def line_of(item: Item) -> str:
    """Return the line of an item. A fact has no line breaks; the text of an episode keeps its own."""
    if isinstance(item, Fact):
        notes = "; ".join(filter(None, [_validity(item), item.conflict]))
        return _LINES.sub(" ", f"- {item}{f' ({notes})' if notes else ''}")
    source = _LINES.sub(" ", item.source) if item.source else ""
    details: dict[Detail, str] = {"source": source, "date": _when(item), "place": _place(item)}
    shown = [text for detail, text in details.items() if text and detail not in item.omitted]
    return f"[{', '.join([str(item.id), *shown])}] {item.excerpt}"


def why(reason: Reason) -> str:
    """Return a reason in a line."""
    if reason.hop == 0:
        return f'about "{reason.query}"{"" if reason.after is None else f", beside {reason.after}"}'
    after = "" if reason.after is None else f' of "{reason.after}"'
    through = "" if reason.through is None else f' through "{reason.through}"{after}'
    return f'query "{reason.query}", hop {reason.hop}{through}'


def shown_time(at: When) -> str:
    """Return a world time for a reader: a number, a date, or a date with hour and minute."""
    if not isinstance(at, datetime):
        return str(at)
    if at.time() == time.min:
        return at.date().isoformat()
    return at.isoformat(" ", "minutes").replace("+00:00", "Z")


def _validity(fact: Fact) -> str:
    """Return since when a fact holds, or from when to when it held; "" for times without a date."""
    if not isinstance(fact.valid_from, datetime):
        return ""
    since = shown_time(fact.valid_from)
    return f"since {since}" if fact.valid_to is None else f"from {since} to {shown_time(fact.valid_to)}"


def _when(episode: Episode) -> str:
    """Return the date of an episode; of a repeated one how often it came, and when last."""
    is_date = isinstance(episode.at, datetime)
    if not episode.repeats:
        return shown_time(episode.at) if is_date else ""
    return f"said {len(episode.repeats) + 1} times, last {'on' if is_date else 'at'} {shown_time(episode.at)}"


def _place(episode: Episode) -> str:
    """Return which characters of an episode's text are shown; "" for all."""
    if not episode.passages:
        return ""
    places = " and ".join(f"{start:,} to {end:,}" for start, end in episode.passages)
    return f"characters {places} of {len(episode.text):,}"


@lru_cache(maxsize=4096)
def _counted(text: str) -> int:
    return tokens.count(text)


def _lines(items: Sequence[Item]) -> list[str]:
    """Return the lines of the text, each kind of item below its heading."""
    lines = {heading: [line_of(item) for item in items if heading_of(item) == heading] for heading in HEADINGS}
    return [each for heading, below in lines.items() if below for each in (heading, *below)]
