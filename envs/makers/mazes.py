"""Draws mazes: rooms on a grid, each connected to an earlier one, and a few loops."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import textworld
    from textworld.generator.maker import WorldRoom

Cell = tuple[int, int]
Dig = tuple[Cell, str, Cell]
_STEPS = {"north": (0, 1), "south": (0, -1), "east": (1, 0), "west": (-1, 0)}
_BACK = {"north": "south", "south": "north", "east": "west", "west": "east"}


def dig_maze(size: int, chance: random.Random) -> tuple[list[Cell], list[Dig]]:
    """Return `size` cells in the order of digging, and the connections between them."""
    cells = [(0, 0)]
    digs = list[Dig]()
    while len(cells) < size:
        cell = chance.choice(cells[-6:])
        free = [(direction, beyond) for direction, beyond in _neighbours(cell) if beyond not in cells]
        if free:
            direction, beyond = chance.choice(free)
            cells.append(beyond)
            digs.append((cell, direction, beyond))
    connected = {frozenset((cell, beyond)) for cell, _, beyond in digs}
    loops = [
        (cell, direction, beyond)
        for cell in cells
        for direction, beyond in _neighbours(cell)
        if direction in ("north", "east") and beyond in cells and frozenset((cell, beyond)) not in connected
    ]
    return cells, digs + chance.sample(loops, min(len(loops), size // 6))


def connect(maker: textworld.GameMaker, rooms: Mapping[Cell, WorldRoom], digs: list[Dig]) -> None:
    """Connect the rooms of a game as in the maze."""
    for cell, direction, beyond in digs:
        maker.connect(rooms[cell].exits[direction], rooms[beyond].exits[_BACK[direction]])


def _neighbours(cell: Cell) -> Iterator[tuple[str, Cell]]:
    for direction, (dx, dy) in _STEPS.items():
        yield direction, (cell[0] + dx, cell[1] + dy)
