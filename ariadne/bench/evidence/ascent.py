"""Searches for better weights of recall by coordinate ascent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ariadne.memory import Weights

FACTORS = (0, 1 / 1.5, 1 / 1.2, 1, 1.2, 1.5)
"""What a weight is multiplied by."""
FIRST = 0.1
"""What a weight is multiplied from, if it is 0 from the beginning."""
ROUNDS = 4
"""How often each weight is changed at most."""
MARGIN = 0.001
"""A change must gain more than this."""
_DECIMALS = 4


def most_scores(weights: Weights) -> int:
    """Return how many different weights `ascend` scores at most."""
    return 1 + ROUNDS * len(values_of(weights)) * (len(FACTORS) - 1)


def ascend(start: Weights, score: Callable[[Weights], float]) -> Weights:
    """Return weights with a higher score, or `start`.

    Each number in turn is replaced by the best of some other values, if that gains more than MARGIN.

    Args:
        start: The weights to begin with.
        score: Returns the score of weights. It is called again for the same weights.
    """
    best = start
    for _ in range(ROUNDS):
        before = best
        for name, first in values_of(start).items():
            changed = max(_changed(best, name, first), key=score)
            if score(changed) > score(best) + MARGIN:
                best = changed
        if best == before:
            break
    return best


def values_of(weights: Weights) -> dict[str, float]:
    """Return each number of the weights by its name: "words", or "neighbors[0]"."""
    values = dict[str, float]()
    for name, value in vars(weights).items():
        values |= {f"{name}[{n}]": each for n, each in enumerate(value)} if isinstance(value, tuple) else {name: value}
    return values


def _changed(weights: Weights, name: str, first: float) -> list[Weights]:
    """Return the weights with other values of one number, the smallest value first."""
    value = values_of(weights)[name]
    others = dict.fromkeys(round((value or first or FIRST) * factor, _DECIMALS) for factor in FACTORS)
    return [_with_value(weights, name, other) for other in others if other != value]


def _with_value(weights: Weights, name: str, value: float) -> Weights:
    field, _, place = name.rstrip("]").partition("[")
    whole: Any = value
    if place:
        values = [*getattr(weights, field)]
        values[int(place)] = value
        whole = tuple(values)
    return replace(weights, **{field: whole})
