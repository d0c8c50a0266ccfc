"""Makes TextWorld's cooking games: the paper's three sizes, GATA's ten folders and BALROG's.

A cookbook in the kitchen holds a recipe. The player finds the ingredients, cuts and cooks them, prepares the meal and
eats it. GATA's games are rebuilt with its training split, with closed doors and containers. Their oven has no state,
as in the originals, so that the game never offers to open or close it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ariadne.envs.makers.build import cached_game
from ariadne.errors import GameError

if TYPE_CHECKING:
    import textworld

VERSION = 1
"""The revision: it goes up when the same seed makes another game."""


@dataclass(frozen=True)
class Level:
    """The settings of a level."""

    ingredients: int
    """The ingredients to find."""
    rooms: int = 1
    """1, 6, 9 or 12."""
    cook: bool = False
    cut: bool = False
    open: bool = False
    drop: bool = False
    """Whether the player's hands hold only as much as the recipe and the knife."""
    gata: bool = False
    """Whether it is one of GATA's games."""
    split: str | None = None
    """TextWorld's split of foods and preparations: "train", "valid" or "test"; None uses all."""


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
"""The paper's three sizes, GATA's folders 1 to 10, and BALROG's level."""


def make_cooking(level: str = "easy", seed: int = 1, output: str | Path | None = None) -> Path:
    """Make the cooking game of a level and a seed: a .z8 with its .json, in the cache or copied to `output`.

    The same level and seed give the same game everywhere.

    Raises:
        GameError: The level is unknown, or `output` cannot be written.
        MissingExtra: The extra [textworld] is missing.
    """
    if level not in LEVELS:
        raise GameError(f"no level {level!r} of cooking; there are {', '.join(LEVELS)}")
    name = f"cooking-{level}-{seed}"
    return cached_game(name, VERSION, "ariadne.envs.makers.cooking:build", {"level": level, "seed": seed}, output)


def build(level: str, seed: int) -> textworld.Game:
    """Build the game, not yet compiled. The caller runs it in a process with a fixed hash seed."""
    import textworld
    from textworld.challenges.tw_cooking import cooking

    size = LEVELS[level]
    options = textworld.GameOptions()
    options.seeds = seed
    settings = {
        "recipe": size.ingredients, "take": size.ingredients, "go": size.rooms, "cook": size.cook, "cut": size.cut,
        "open": size.open, "drop": size.drop, "recipe_seed": 0, "split": "train" if size.gata else size.split,
    }  # fmt: skip
    with _stateless_oven(cooking.ENTITIES["oven"], always=size.gata):
        return cooking.make(settings, options)


@contextmanager
def _stateless_oven(oven: dict[str, list[str]], *, always: bool) -> Iterator[None]:
    """Take away the oven's state if `always`: the rules then treat it as neither open nor closed."""
    properties = oven["properties"]
    oven["properties"] = [] if always else properties
    try:
        yield
    finally:
        oven["properties"] = properties
