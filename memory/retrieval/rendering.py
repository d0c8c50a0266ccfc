"""The text of a recall, ready for a prompt, and how much of it a budget of tokens holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from ariadne import tokens
from ariadne.values import Episode, Fact

EACH = 10
"""After so many facts an episode is worth more than the next fact."""

HEADINGS = "Facts:", "Episodes:"
_LINES = re.compile(r"\s*[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]\s*")
"""What ends a line: no name and no source may begin another."""

Item = Fact | Episode


def kept(asked: Sequence[Fact], found: Sequence[Fact], episodes: Sequence[Episode], most: int | None) -> list[Item]:
    """What is told, of facts asked by name, facts found and episodes, each best first.

    Where `most` tokens hold less than all of it, what matters least goes first: facts asked for stay longest; then come
    the facts found, with an episode after every ten. What is too long for what is left makes room for what is shorter;
    of an account only whose word it is.
    """
    order = [*asked, *_mixed(found, episodes)]
    if most is None:
        return order
    some, spent, ending, headed = list[Item](), 0, 0, set[str]()
    for item in order:
        for shape in _shapes(item):
            line, heading = _line(shape), _heading(shape)
            cost = tokens.count(f"{line}\n")  # no token reaches over the end of a line that is told
            end = cost - tokens.count(line) if heading == HEADINGS[1] or HEADINGS[1] not in headed else ending
            cost += 0 if heading in headed else tokens.count(f"{heading}\n")
            if spent + cost - end <= most:
                some.append(shape)
                headed.add(heading)
                spent, ending = spent + cost, end
                break
    return some


def text(items: Sequence[Item]) -> str:
    """Facts, then episodes; nothing where nothing was recalled."""
    return "\n".join(_told(items))


def cost(items: Sequence[Item]) -> int:
    """The tokens of their text; those of an item are counted once."""
    *before, last = _told(items) or [""]
    return sum(_counted(f"{line}\n") for line in before) + _counted(last)


@lru_cache(maxsize=4096)
def _counted(line: str) -> int:
    return tokens.count(line)


def _told(items: Sequence[Item]) -> list[str]:
    """The items as they are told, each kind below its heading."""
    lines = {heading: [_line(item) for item in items if _heading(item) == heading] for heading in HEADINGS}
    return [line for heading, some in lines.items() if some for line in (heading, *some)]


def _shapes(item: Item) -> list[Item]:
    """As it is to be told, and shorter: an account without whose word it is."""
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
    """A fact; or an episode: its number, whom it came from, when if that is a date, and its text."""
    if isinstance(item, Fact):
        return _LINES.sub(" ", f"- {item} ({item.conflict})" if item.conflict else f"- {item}")
    when = [item.at.isoformat(" ", "minutes")] if isinstance(item.at, datetime) else []
    said = ", ".join([*([_LINES.sub(" ", item.source)] if item.source else []), *when])
    return f"[{item.id}{f', {said}' if said else ''}] {item.text}"
