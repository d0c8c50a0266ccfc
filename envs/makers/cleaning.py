"""Makes the paper's cleaning games: a house of nine rooms with 33 things, 11 of them out of place.

Each seed draws another house from `household.py`. The player gets a point for each of the 11 things put back.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ariadne.envs.makers import mazes
from ariadne.envs.makers.build import cached_game
from ariadne.envs.makers.household import IN, ROOMS, THINGS

if TYPE_CHECKING:
    import textworld
    from textworld.generator.maker import WorldEntity, WorldRoom

VERSION = 1
"""The revision: it goes up when the same seed makes another game."""
SIZE, WHOLE, LOST = 9, 33, 11
"""The numbers of rooms, of things, and of things out of place."""
OBJECTIVES = (
    "The house is a mess. Find what is out of place, and put it where it belongs.",
    "Tidy up the house: some things are not where they should be. Put them back.",
    "Clean the house. Look for things that lie in the wrong place and bring each to its right place.",
)


@dataclass(frozen=True)
class House:
    """A house as drawn from a seed."""

    rooms: Mapping[str, Sequence[str]]
    """Rooms with their furniture."""
    lies: Mapping[str, str]
    """Where each thing lies; a room's name stands for its floor."""
    lost: Mapping[str, Sequence[str]]
    """The things out of place, with the places where they belong."""


def make_cleaning(seed: int = 1, output: str | Path | None = None) -> Path:
    """Make the house of a seed: a .z8 with its .json, in the cache or copied to `output`.

    The same seed gives the same game everywhere.

    Raises:
        GameError: `output` cannot be written.
        MissingExtra: The extra [textworld] is missing.
    """
    return cached_game(f"cleaning-{seed}", VERSION, "ariadne.envs.makers.cleaning:build", {"seed": seed}, output)


def draw_house(seed: int) -> House:
    """Draw the house of a seed."""
    chance = random.Random(f"cleaning {seed}")
    rooms = {room: list(ROOMS[room]) for room in chance.sample(sorted(ROOMS), SIZE)}
    places = {place: room for room, furniture in rooms.items() for place in furniture}
    fitting = [thing for thing in sorted(THINGS) if THINGS[thing][0] in places]
    first = {places[THINGS[thing][0]]: thing for thing in chance.sample(fitting, len(fitting))}  # one a room
    others = [thing for thing in fitting if thing not in first.values()]
    things = [*first.values(), *chance.sample(others, WHOLE - len(first))]
    lies = {thing: THINGS[thing][0] for thing in things}
    lost = {thing: [place for place in THINGS[thing] if place in places] for thing in chance.sample(things, LOST)}
    for thing, right in lost.items():
        home = {places[place] for place in right}
        wrong = [place for place in (*places, *rooms) if places.get(place, place) not in home]
        lies[thing] = chance.choice(wrong)
    used = {*lies.values(), *(place for homes in lost.values() for place in homes)}
    kept = {room: [place for place in furniture if place in used] for room, furniture in rooms.items()}
    return House(kept, lies, lost)


def build(seed: int) -> textworld.Game:
    """Build the game, not yet compiled. The caller runs it in a process with a fixed hash seed."""
    import textworld

    house, chance = draw_house(seed), random.Random(f"cleaning, laid out {seed}")
    options = textworld.GameOptions()
    options.seeds = seed
    maker = textworld.GameMaker(options)
    cells, digs = mazes.dig_maze(len(house.rooms), chance)
    rooms = {cell: maker.new_room(name) for cell, name in zip(cells, house.rooms, strict=True)}
    mazes.connect(maker, rooms, digs)
    maker.set_player(rooms[cells[0]])
    spots: dict[str, WorldRoom | WorldEntity] = {room.name: room for room in rooms.values()}
    for room in rooms.values():
        for name in house.rooms[room.name]:
            kind = ROOMS[room.name][name]
            spots[name] = maker.new(kind, name)
            if kind == IN:
                spots[name].add_property("open")
            room.add(spots[name])
    things = {thing: maker.new("o", thing) for thing in house.lies}
    for thing, spot in house.lies.items():
        spots[spot].add(things[thing])
    maker.quests = [_put(things[thing], [spots[place] for place in right]) for thing, right in house.lost.items()]
    game = maker.build()
    game.objective = chance.choice(OBJECTIVES)
    game.metadata["desc"] = f"cleaning, seed {seed}"
    return game


def _put(thing: WorldEntity, places: Sequence[WorldRoom | WorldEntity]) -> textworld.generator.game.Quest:
    """Return a quest: a point for the thing in or on one of the places."""
    from textworld.generator.game import Event, Quest
    from textworld.logic import Proposition

    held = [Proposition("in" if place.var.type == IN else "on", [thing.var, place.var]) for place in places]
    return Quest(win_events=[Event(conditions={proposition}) for proposition in held], reward=1)
