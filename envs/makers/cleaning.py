"""Cleaning, as in the paper: a house of nine rooms with thirty-three things, eleven of them where they do not belong.

Each seed is another house: its rooms, furniture and things are drawn from `household.py`. A point is given for each of
the eleven that is put where it belongs.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ariadne.envs.makers import mazes
from ariadne.envs.makers.build import made
from ariadne.envs.makers.household import IN, ROOMS, THINGS

if TYPE_CHECKING:
    import textworld
    from textworld.generator.maker import WorldEntity, WorldRoom

VERSION = 1
"""Goes up when the same seed comes to make another game."""
SIZE, WHOLE, LOST = 9, 33, 11
"""Rooms, things, and things out of place."""
OBJECTIVES = (
    "The house is a mess. Find what is out of place, and put it where it belongs.",
    "Tidy up the house: some things are not where they should be. Put them back.",
    "Clean the house. Look for things that lie in the wrong place and bring each to its right place.",
)


@dataclass(frozen=True)
class House:
    """What is drawn: rooms with their furniture, where each thing lies (on the floor, by the name of a room), and the
    things that are lost, with the places where they belong."""

    rooms: Mapping[str, Sequence[str]]
    lies: Mapping[str, str]
    lost: Mapping[str, Sequence[str]]


def make_cleaning(seed: int = 1, output: str | Path | None = None) -> Path:
    """The house of a seed as a .z8 with its .json beside it: in the cache, or copied to `output`.

    The same seed gives the same game everywhere. Raises GameError for an `output` that cannot be written, MissingExtra
    without the extra [textworld].
    """
    return made(f"cleaning-{seed}", VERSION, "ariadne.envs.makers.cleaning:build", {"seed": seed}, output)


def drawn(seed: int) -> House:
    """The house of a seed."""
    chance = random.Random(f"cleaning {seed}")
    rooms = {room: list(ROOMS[room]) for room in chance.sample(sorted(ROOMS), SIZE)}
    places = {place: room for room, some in rooms.items() for place in some}
    fitting = [thing for thing in sorted(THINGS) if THINGS[thing][0] in places]
    first = {places[THINGS[thing][0]]: thing for thing in chance.sample(fitting, len(fitting))}  # one of each room
    others = [thing for thing in fitting if thing not in first.values()]
    things = [*first.values(), *chance.sample(others, WHOLE - len(first))]
    lies = {thing: THINGS[thing][0] for thing in things}
    lost = {thing: [place for place in THINGS[thing] if place in places] for thing in chance.sample(things, LOST)}
    for thing, right in lost.items():
        home = {places[place] for place in right}
        wrong = [place for place in (*places, *rooms) if places.get(place, place) not in home]
        lies[thing] = chance.choice(wrong)
    used = {*lies.values(), *(place for some in lost.values() for place in some)}
    kept = {room: [place for place in some if place in used] for room, some in rooms.items()}
    return House(kept, lies, lost)


def build(seed: int) -> textworld.Game:
    """The game itself, not yet compiled; called in a process whose hash seed is fixed."""
    import textworld

    house, chance = drawn(seed), random.Random(f"cleaning, laid out {seed}")
    options = textworld.GameOptions()
    options.seeds = seed
    maker = textworld.GameMaker(options)
    cells, digs = mazes.dug(len(house.rooms), chance)
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
    """A point for the thing in or on one of these."""
    from textworld.generator.game import Event, Quest
    from textworld.logic import Proposition

    held = [Proposition("in" if place.var.type == IN else "on", [thing.var, place.var]) for place in places]
    return Quest(win_events=[Event(conditions={one}) for one in held], reward=1)
