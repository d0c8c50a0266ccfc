"""The text of a recall, ready for a prompt, and how much of it a budget of tokens holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from ariadne.memory import tokens
from ariadne.values import Episode, Fact

EACH = 10
"""After so many facts an episode is worth more than the next fact."""

Item = Fact | Episode


def kept(asked: Sequence[Fact], found: Sequence[Fact], episodes: Sequence[Episode], most: int | None) -> list[Item]:
    """What is told, of facts asked by name, facts found and episodes, each best first.

    Where `most` tokens hold less than all of it, what matters least goes first: facts asked for stay longest; then come
    the facts found, with an episode after every ten. What is too long for what is left makes room for what is shorter.
    """
    order = [*asked, *_mixed(found, episodes)]
    if most is None:
        return order

    def fits(items: Sequence[Item]) -> bool:
        return tokens.count(text(items)) <= most

    size = _longest(len(order), lambda size: fits(order[:size]))
    some = order[:size]
    left = most - tokens.count(text(some))
    for item in order[size:]:
        if left > 0 and tokens.count(_line(item)) <= left and fits([*some, item]):
            some.append(item)
            left = most - tokens.count(text(some))
    return some


def text(items: Sequence[Item]) -> str:
    """Facts, then episodes; nothing where nothing was recalled."""
    known = [_line(item) for item in items if isinstance(item, Fact)]
    happened = [_line(item) for item in items if isinstance(item, Episode)]
    return "\n".join([*(["Facts:", *known] if known else []), *(["Episodes:", *happened] if happened else [])])


def _mixed(facts: Sequence[Fact], episodes: Sequence[Episode]) -> list[Item]:
    mixed, left = list[Item](), list(episodes)
    for place, fact in enumerate(facts, 1):
        mixed.append(fact)
        if place % EACH == 0 and left:
            mixed.append(left.pop(0))
    return [*mixed, *left]


def _longest(most: int, fits: Callable[[int], bool]) -> int:
    """The greatest size that fits, by halving; 0 where none does."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def _line(item: Item) -> str:
    """A fact; or an episode: its number, whom it came from, when if that is a date, and its text."""
    if isinstance(item, Fact):
        return f"- {item} ({item.account})" if item.account else f"- {item}"
    when = [item.at.isoformat(" ", "minutes")] if isinstance(item.at, datetime) else []
    said = ", ".join([*([item.source] if item.source else []), *when])
    return f"[{item.id}{f', {said}' if said else ''}] {item.text}"
