"""Makes the paper's treasure hunts: a maze of rooms with coloured lockers, and a trail of keys and notes.

Key 1 lies in a room. Each locker of the trail holds the next key, with a note that names the locker it opens. The last
one holds the golden key, and the golden locker holds the treasure. The other lockers hold nothing useful.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ariadne.envs.makers import mazes
from ariadne.envs.makers.build import cached_file, cached_game
from ariadne.errors import GameError

if TYPE_CHECKING:
    import textworld
    from textworld.generator.maker import WorldEntity, WorldRoom

VERSION = 2
"""The revision: it goes up when the same seed makes another game."""
TREASURE_POINTS = 3  # a key gives one point


@dataclass(frozen=True)
class Level:
    """The size of a hunt."""

    rooms: int
    keys: int
    lockers: int = 41
    """The most lockers; there is at most one a room."""


LEVELS = {
    "easy": Level(12, 4),
    "hard": Level(16, 5),
    "hardest": Level(36, 7),
    "72": Level(72, 9),
    "120": Level(120, 12, lockers=20),  # a game's file with 120 rooms holds no more
}
"""The paper's three sizes, and larger ones to measure growth."""

COLOURS = (
    "White Red Blue Green Yellow Orange Brown Grey Cyan Silver Crimson Black Violet Teal Scarlet Beige Lilac Maroon"
    " Olive Turquoise Amber Azure Bronze Copper Coral Emerald Khaki Lavender Magenta Mauve Mustard Navy Ruby Rust"
    " Salmon Sapphire Tan Fuchsia Cobalt Cherry"
).split()
"""None begins with I or P: TextWorld reserves such names and would rename the thing."""
TRINKETS = "button pebble feather marble ribbon candle acorn thimble whistle cork spoon shell".split()

NOTES = (
    "The {key} unlocks {locker}.",
    "Use the {key} to open the {locker}.",
    "{locker} opens with the {key}.",
    "The {locker} can be unlocked with the {key}.",
    "This key fits the {locker}.",
    "Unlock the {locker} with the {key}.",
    "You will need the {key} for the {locker}.",
    "The {key} opens the {locker}. You will find the {locker} in {room}.",
    "The {locker} in {room} can be opened with the {key}.",
    "Look for the {locker} in {room}. The {key} unlocks it.",
)
OBJECTIVES = (
    "Your task is to get the treasure. The treasure is hidden in the Golden locker. You need the Golden key to unlock"
    " it. Most lockers are locked, and each has its own key. The Key 1, in {start}, unlocks the {locker}. Read the"
    " notes that you find, they will guide you further.",
    "Find the treasure. The treasure lies in the Golden locker, which opens with the Golden key; that one is in another"
    " locker. The Key 1 can be found in {start}, and it opens the {locker}. The notes found on the way tell what each"
    " next key is for.",
    "Somewhere in this maze lies a treasure. Take the treasure from the Golden locker, which can be unlocked with the"
    " Golden key. The Key 1, in {start}, fits the {locker}: begin with it. Notes will lead you on.",
)


def make_treasure_hunt(level: str = "easy", seed: int = 1, output: str | Path | None = None) -> Path:
    """Make the hunt of a level and a seed: a .z8 with its .json, in the cache or copied to `output`.

    The same level and seed give the same game everywhere.

    Raises:
        GameError: The level is unknown, or `output` cannot be written.
        MissingExtra: The extra [textworld] is missing.
    """
    if level not in LEVELS:
        raise GameError(f"no level {level!r} of treasure hunt; there are {', '.join(LEVELS)}")
    return cached_game(
        _name(level, seed), VERSION, "ariadne.envs.makers.paper_hunt:build", {"level": level, "seed": seed}, output
    )


def is_made(level: str, seed: int) -> bool:
    """Return whether the cache has the hunt of a level and a seed."""
    return find_spec("textworld") is not None and cached_file(_name(level, seed), VERSION).exists()


def _name(level: str, seed: int) -> str:
    return f"treasure-hunt-{level}-{seed}"


def build(level: str, seed: int) -> textworld.Game:
    """Build the game, not yet compiled. The caller runs it in a process with a fixed hash seed."""
    import textworld

    size, chance = LEVELS[level], random.Random(f"treasure hunt {level} {seed}")
    options = textworld.GameOptions()
    options.seeds = seed
    maker = textworld.GameMaker(options)
    rooms = _maze(maker, size.rooms, chance)
    colours = chance.sample(COLOURS, min(size.rooms, size.lockers) - 1)
    lockers = [maker.new("c", f"{colour} locker") for colour in ("Golden", *colours)]
    for room, locker in zip(chance.sample(rooms, len(rooms)), lockers, strict=False):  # some rooms have none
        room.add(locker)
    maker.set_player(rooms[0])
    trail = [*lockers[1 : size.keys], lockers[0]]
    start = rooms[0] if level == "easy" else chance.choice(rooms[: len(rooms) // 2])
    prizes = _lay_trail(maker, trail, start, chance)
    _lay_trinkets(maker, lockers[size.keys :], chance)
    maker.quests = [_taken(prize, TREASURE_POINTS if prize is prizes[-1] else 1) for prize in prizes]
    game = maker.build()
    game.objective = chance.choice(OBJECTIVES).format(start=start.name, locker=trail[0].name)
    game.metadata["desc"] = f"treasure hunt, {level}, seed {seed}"
    return game


def _maze(maker: textworld.GameMaker, size: int, chance: random.Random) -> list[WorldRoom]:
    """Return the rooms in the order of digging."""
    cells, digs = mazes.dig_maze(size, chance)
    names = chance.sample([f"Room {letters}" for letters in _letters(size)], size)
    rooms = {cell: maker.new_room(name) for cell, name in zip(cells, names, strict=True)}
    mazes.connect(maker, rooms, digs)
    return [rooms[cell] for cell in cells]


def _letters(size: int) -> list[str]:
    """Return A, B, ... Z, AA, AB, ..."""
    return [(chr(64 + n // 26) if n >= 26 else "") + chr(65 + n % 26) for n in range(size)]


def _lay_trail(
    maker: textworld.GameMaker, trail: Sequence[WorldEntity], start: WorldRoom, chance: random.Random
) -> list[WorldEntity]:
    """Place keys, notes and treasure along the trail of lockers; return what to take, in order."""
    names = [*(f"Key {n}" for n in range(1, len(trail))), "Golden key"]
    keys = [maker.new("k", name) for name in names]
    treasure = maker.new("o", "treasure")
    for key, locker in zip(keys, trail, strict=True):
        locker.add_property("locked")
        maker.add_fact("match", key, locker)
    start.add(keys[0])
    for locker, key, opened in zip(trail[:-2], keys[1:-1], trail[1:-1], strict=True):
        words = chance.choice(NOTES).format(key=key.name, locker=opened.name, room=opened.parent.name)
        locker.add(key, maker.new("o", f"Note {key.name.removeprefix('Key ')}", words))
    trail[-2].add(keys[-1])
    trail[-1].add(treasure)
    return [*keys, treasure]


def _lay_trinkets(maker: textworld.GameMaker, lockers: Sequence[WorldEntity], chance: random.Random) -> None:
    """Lock the lockers off the trail; about a third are only closed, and may hold a trinket."""
    trinkets = chance.sample(TRINKETS, len(TRINKETS))
    for locker in lockers:
        locker.add_property("closed" if chance.random() < 1 / 3 else "locked")
        if locker.has_property("closed") and trinkets and chance.random() < 2 / 3:
            locker.add(maker.new("o", trinkets.pop()))


def _taken(prize: WorldEntity, reward: int) -> textworld.generator.game.Quest:
    from textworld.generator.game import Event, Quest
    from textworld.logic import Proposition, Variable

    inventory = Variable("I", "I")
    return Quest(win_events=[Event(conditions={Proposition("in", [prize.var, inventory])})], reward=reward)
