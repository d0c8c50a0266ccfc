"""Cooking games: TextWorld's own, in the paper's three sizes and in the ten folders that GATA was measured on.

A cookbook in the kitchen holds a recipe; its ingredients are to be found, cut and cooked as it says, made into a meal,
and eaten. GATA's games are rebuilt: with the foods and preparations of its training split, closed doors and containers,
and an oven of which nothing is said, so that nobody is offered to open or to shut it, as when they were made.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ariadne.envs.makers.build import made
from ariadne.errors import GameError

if TYPE_CHECKING:
    import textworld

VERSION = 1
"""Goes up when the same seed comes to make another game."""


@dataclass(frozen=True)
class Level:
    """How hard a game is: ingredients, all to be found; rooms (1, 6, 9 or 12); what has to be done with them."""

    ingredients: int
    rooms: int = 1
    cook: bool = False
    cut: bool = False
    open: bool = False
    drop: bool = False
    """Whether hands hold only as much as the recipe and the knife."""
    gata: bool = False
    """Whether it is rebuilt as GATA's games were made."""
    split: str | None = None
    """Of which foods and preparations: TextWorld's "train", "valid" or "test"; None: of all."""


LEVELS = {
    "easy": Level(3, 9, cook=True, cut=True),
    "hard": Level(4, 12, cook=True, cut=True),
    "hardest": Level(5, 12, cook=True, cut=True, open=True, drop=True),
    "1": Level(1, open=True, gata=True),
    "2": Level(1, cook=True, open=True, gata=True),
    "3": Level(1, cut=True, open=True, gata=True),
    "4": Level(1, 6, open=True, gata=True),
    "5": Level(1, 9, open=True, gata=True),
    "6": Level(1, 12, open=True, gata=True),
    "7": Level(1, cook=True, cut=True, open=True, gata=True),
    "8": Level(3, 6, open=True, gata=True),
    "9": Level(3, 6, cook=True, cut=True, open=True, gata=True),
    "10": Level(3, 12, cook=True, cut=True, open=True, gata=True),
    "balrog": Level(5, 12, cook=True, cut=True, open=True, split="test"),
}
"""The paper's three sizes, GATA's folders 1 to 10, and BALROG's."""


def make_cooking(level: str = "easy", seed: int = 1, output: str | Path | None = None) -> Path:
    """The cooking game of a level and a seed as a .z8 with its .json beside it: in the cache, or copied to `output`.

    The same level and seed give the same game everywhere. Raises GameError for an unknown level or an `output` that
    cannot be written, MissingExtra without the extra [textworld].
    """
    if level not in LEVELS:
        raise GameError(f"no level {level!r} of cooking; there are {', '.join(LEVELS)}")
    name = f"cooking-{level}-{seed}"
    return made(name, VERSION, "ariadne.envs.makers.cooking:build", {"level": level, "seed": seed}, output)


def build(level: str, seed: int) -> textworld.Game:
    """The game itself, not yet compiled; called in a process whose hash seed is fixed."""
    import textworld
    from textworld.challenges.tw_cooking import cooking

    size = LEVELS[level]
    options = textworld.GameOptions()
    options.seeds = seed
    settings = {
        "recipe": size.ingredients, "take": size.ingredients, "go": size.rooms, "cook": size.cook, "cut": size.cut,
        "open": size.open, "drop": size.drop, "recipe_seed": 0, "split": "train" if size.gata else size.split,
    }  # fmt: skip
    with _oven_unsaid(cooking.ENTITIES["oven"], always=size.gata):
        return cooking.make(settings, options)


@contextmanager
def _oven_unsaid(oven: dict[str, list[str]], *, always: bool) -> Iterator[None]:
    """An oven without a state of its own is for the rules neither open nor shut (the game's text calls it closed)."""
    properties = oven["properties"]
    oven["properties"] = [] if always else properties
    try:
        yield
    finally:
        oven["properties"] = properties
