"""Coin collecting: TextWorld's own maze with one coin in it and nothing else; the further level, the longer the way."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ariadne.envs.makers.build import made
from ariadne.errors import GameError

if TYPE_CHECKING:
    import textworld

VERSION = 1
"""Goes up when the same seed comes to make another game."""
HIGHEST = 300
ROOMS = 100
"""The most that a game's file holds."""


def rooms(level: int) -> int:
    """How many rooms a level has."""
    return ((level - 1) % 100 + 1) * ((level - 1) // 100 + 1)


LEVELS = tuple(level for level in range(1, HIGHEST + 1) if rooms(level) <= ROOMS)


def make_coin_collector(level: int = 220, seed: int = 1, output: str | Path | None = None) -> Path:
    """The game of a level and a seed as a .z8 with its .json beside it: in the cache, or copied to `output`.

    The way to the coin has as many rooms, the first and the last among them, as the level's last two digits say (100
    where they are 00); past 100 there are as many rooms again that lead nowhere, past 200 twice as many. The same
    level and seed give the same game everywhere. Raises GameError for a level that there is not and an `output` that
    cannot be written, MissingExtra without the extra [textworld].
    """
    if level not in LEVELS:
        raise GameError(f"no level {level} of coin collecting; there are 1 to {HIGHEST}, of at most {ROOMS} rooms")
    name = f"coin-collector-{level}-{seed}"
    return made(name, VERSION, "ariadne.envs.makers.coin_collector:build", {"level": level, "seed": seed}, output)


def build(level: int, seed: int) -> textworld.Game:
    """The game itself, not yet compiled; called in a process whose hash seed is fixed."""
    import textworld
    from textworld.challenges.tw_coin_collector import coin_collector

    options = textworld.GameOptions()
    options.seeds = seed
    return coin_collector.make({"level": level}, options)
