"""How rooms lie: on a grid, each joined to an earlier one, a few to more than one."""

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


def dug(size: int, chance: random.Random) -> tuple[list[Cell], list[Dig]]:
    """So many cells, in the order that they were dug, and the ways between them."""
    cells = [(0, 0)]
    digs = list[Dig]()
    while len(cells) < size:
        cell = chance.choice(cells[-6:])
        free = [(way, beyond) for way, beyond in _around(cell) if beyond not in cells]
        if free:
            way, beyond = chance.choice(free)
            cells.append(beyond)
            digs.append((cell, way, beyond))
    joined = {frozenset((one, other)) for one, _, other in digs}
    loops = [
        (cell, way, beyond)
        for cell in cells
        for way, beyond in _around(cell)
        if way in ("north", "east") and beyond in cells and frozenset((cell, beyond)) not in joined
    ]
    return cells, digs + chance.sample(loops, min(len(loops), size // 6))


def connect(maker: textworld.GameMaker, rooms: Mapping[Cell, WorldRoom], digs: list[Dig]) -> None:
    """Join rooms as they were dug."""
    for cell, way, beyond in digs:
        maker.connect(rooms[cell].exits[way], rooms[beyond].exits[_BACK[way]])


def _around(cell: Cell) -> Iterator[tuple[str, Cell]]:
    for way, (dx, dy) in _STEPS.items():
        yield way, (cell[0] + dx, cell[1] + dy)
