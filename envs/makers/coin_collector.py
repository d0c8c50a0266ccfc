"""Makes TextWorld's coin collecting games: a maze with one coin. A higher level has a longer path to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ariadne.envs.makers.build import cached_game
from ariadne.errors import GameError

if TYPE_CHECKING:
    import textworld

VERSION = 1
"""The revision: it goes up when the same seed makes another game."""
HIGHEST = 300
ROOMS = 100
"""The most rooms that a game's file holds."""


def room_count(level: int) -> int:
    """Return the number of rooms of a level."""
    return ((level - 1) % 100 + 1) * ((level - 1) // 100 + 1)


LEVELS = tuple(level for level in range(1, HIGHEST + 1) if room_count(level) <= ROOMS)


def make_coin_collector(level: int = 220, seed: int = 1, output: str | Path | None = None) -> Path:
    """Make the game of a level and a seed: a .z8 with its .json, in the cache or copied to `output`.

    The level's last two digits give the number of rooms on the path to the coin (00 means 100). Levels above 100 have
    as many rooms again off the path; levels above 200 have twice as many. The same level and seed give the same game
    everywhere.

    Raises:
        GameError: The level is unknown, or `output` cannot be written.
        MissingExtra: The extra [textworld] is missing.
    """
    if level not in LEVELS:
        raise GameError(f"no level {level} of coin collecting; there are 1 to {HIGHEST} with at most {ROOMS} rooms")
    name = f"coin-collector-{level}-{seed}"
    arguments = {"level": level, "seed": seed}
    return cached_game(name, VERSION, "ariadne.envs.makers.coin_collector:build", arguments, output)


def build(level: int, seed: int) -> textworld.Game:
    """Build the game, not yet compiled. The caller runs it in a process with a fixed hash seed."""
    import textworld
    from textworld.challenges.tw_coin_collector import coin_collector

    options = textworld.GameOptions()
    options.seeds = seed
    return coin_collector.make({"level": level}, options)
