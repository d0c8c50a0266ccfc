"""The text of a recall, ready for a prompt, and how much of the recall a token budget holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from ariadne import tokens
from ariadne.values import Episode, Fact, Reason

EACH = 10
"""After this many facts an episode matters more than the next fact."""

HEADINGS = "Facts:", "Episodes:"
_LINES = re.compile(r"\s*[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]\s*")
"""Line breaks: a name or a source must not begin another line."""

Item = Fact | Episode


def fit_to_budget(
    named: Sequence[Fact], found: Sequence[Fact], episodes: Sequence[Episode], max_tokens: int | None
) -> list[Item]:
    """Return the items whose text keeps within `max_tokens`; all of them for None.

    What matters most comes first: the facts about names, then the facts found, with an episode after every ten. An item
    that is too long for the rest of the budget is skipped, and shorter ones follow. A conflicting fact that is too long
    is tried once more without its sources.

    Args:
        named: The facts about the queried names, best first.
        found: The facts that queries found, best first.
        episodes: Best first.
        max_tokens: The token budget of the whole text.
    """
    order = [*named, *_mixed(found, episodes)]
    return order if max_tokens is None else list(_fitting(order, max_tokens))


def _fitting(order: Sequence[Item], max_tokens: int) -> Iterator[Item]:
    spent, ending, headed = 0, 0, set[str]()
    for item in order:
        for shape in _shapes(item):
            line, heading = _line(shape), _heading(shape)
            cost = tokens.count(f"{line}\n")  # no token crosses the end of a line
            end = cost - tokens.count(line) if heading == HEADINGS[1] or HEADINGS[1] not in headed else ending
            cost += 0 if heading in headed else tokens.count(f"{heading}\n")
            if spent + cost - end <= max_tokens:
                headed.add(heading)
                spent, ending = spent + cost, end
                yield shape
                break


def text(items: Sequence[Item]) -> str:
    """Return the facts and then the episodes as text, each kind below its heading; "" for no items."""
    return "\n".join(_lines(items))


def cost(items: Sequence[Item]) -> int:
    """Return the tokens of the items' text; those of a line are counted once and cached."""
    *before, last = _lines(items) or [""]
    return sum(_counted(f"{line}\n") for line in before) + _counted(last)


def why(reason: Reason) -> str:
    """Return a reason in a line."""
    if reason.hop == 0:
        return f'about "{reason.query}"{"" if reason.after is None else f", beside {reason.after}"}'
    after = "" if reason.after is None else f' of "{reason.after}"'
    through = "" if reason.through is None else f' through "{reason.through}"{after}'
    return f'query "{reason.query}", hop {reason.hop}{through}'


@lru_cache(maxsize=4096)
def _counted(line: str) -> int:
    return tokens.count(line)


def _lines(items: Sequence[Item]) -> list[str]:
    """Return the lines of the text, each kind of item below its heading."""
    lines = {heading: [_line(item) for item in items if _heading(item) == heading] for heading in HEADINGS}
    return [line for heading, below in lines.items() if below for line in (heading, *below)]


def _shapes(item: Item) -> list[Item]:
    """Return an item, and for a conflicting fact the shorter one without its sources."""
    if isinstance(item, Fact) and item.conflict:
        return [item, replace(item, conflict=item.conflict.partition(":")[0])]
    return [item]


def _heading(item: Item) -> str:
    return HEADINGS[isinstance(item, Episode)]


def _mixed(facts: Sequence[Fact], episodes: Sequence[Episode]) -> list[Item]:
    mixed, left = list[Item](), list(episodes)
    for place, fact in enumerate(facts, 1):
        mixed.append(fact)
        if place % EACH == 0 and left:
            mixed.append(left.pop(0))
    return [*mixed, *left]


def _line(item: Item) -> str:
    """Return a fact in a line, or an episode: its number, its source, its date and its text."""
    if isinstance(item, Fact):
        return _LINES.sub(" ", f"- {item} ({item.conflict})" if item.conflict else f"- {item}")
    date = [item.at.isoformat(" ", "minutes")] if isinstance(item.at, datetime) else []
    origin = ", ".join([*([_LINES.sub(" ", item.source)] if item.source else []), *date])
    return f"[{item.id}{f', {origin}' if origin else ''}] {item.text}"
