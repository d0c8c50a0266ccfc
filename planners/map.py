"""The map: rooms, their exits, the doors in them, and the shortest paths between rooms.

It is built from triplets at every step ("Attic is north of Hall", "Hall has exit east", "east exit of Hall is behind
oak door"). It uses nothing else.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

from ariadne.relations import DIRECTIONS, HAS_EXIT, IS_BEHIND, connection
from ariadne.values import Triplet

OPPOSITE = {
    "north": "south", "south": "north", "east": "west", "west": "east", "up": "down", "down": "up",
    "northeast": "southwest", "southwest": "northeast", "northwest": "southeast", "southeast": "northwest",
}  # fmt: skip
"""Each direction and the one that leads back."""
_STEP = {
    "north": (0, 1, 0), "south": (0, -1, 0), "east": (1, 0, 0), "west": (-1, 0, 0), "up": (0, 0, 1), "down": (0, 0, -1),
    "northeast": (1, 1, 0), "southwest": (-1, -1, 0), "northwest": (-1, 1, 0), "southeast": (1, -1, 0),
}  # fmt: skip
"""Each direction as a step on the grid: east, north, up."""
_DIRECTION_OF = {connection(direction): direction for direction in DIRECTIONS}
_EXIT_NAME = re.compile(rf"({'|'.join(OPPOSITE)}) exit of (.+)", re.IGNORECASE)
Cell = tuple[int, int, int]


@dataclass(frozen=True)
class Exit:
    """An exit of a room; `door` is the door in it, if one is known."""

    room: str
    direction: str
    door: str | None = None

    @property
    def name(self) -> str:
        """Return the name that facts use for this exit."""
        return f"{self.direction} exit of {self.room}"


@dataclass
class Map:
    """Rooms by name, in the order of their first mention.

    `exits[room][direction]` is the room behind an exit; None while the exit is unexplored. `doors[room, direction]` is
    the door in an exit.
    """

    exits: dict[str, dict[str, str | None]] = field(default_factory=dict)
    doors: dict[tuple[str, str], str] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, triplets: Iterable[Triplet], here: str = "") -> Map:
        """Draw the map of these triplets; `here` is on it even if no triplet names it."""
        drawn = cls()
        if here:
            drawn.add_room(here)
        triplets = list(triplets)
        for triplet in triplets:
            drawn._draw_exit(triplet)
        for triplet in triplets:
            drawn._draw_connection(triplet)
        return drawn

    def add_room(self, name: str) -> str:
        """Add a room if it is new, and return its name as the map spells it."""
        name = self._names.setdefault(name.casefold(), name)
        self.exits.setdefault(name, {})
        return name

    def find(self, name: str) -> str | None:
        """Return a room's name as the map spells it; None if the map has no such room."""
        return self._names.get(name.casefold())

    def rooms_with(self, door: str) -> list[str]:
        """Return the rooms that have this door in an exit."""
        return [room for (room, _), name in self.doors.items() if name.casefold() == door.casefold()]

    def path(self, start: str, goal: str) -> list[str] | None:
        """Return the directions of a shortest path: [] if it starts at its goal, None if no known path leads there."""
        source, target = self.find(start), self.find(goal)
        return self.paths(source).get(target) if source and target else None

    def paths(self, start: str) -> Mapping[str, list[str]]:
        """Return a shortest path to every room in reach, the nearest room first."""
        source = self.find(start)
        if source is None:
            return {}
        found: dict[str, list[str]] = {source: []}
        queue = deque([source])
        while queue:
            room = queue.popleft()
            for direction, neighbour in sorted(self.exits[room].items()):
                if neighbour is not None and neighbour not in found:
                    found[neighbour] = [*found[room], direction]
                    queue.append(neighbour)
        return found

    def unexplored(self, start: str, random: Random | None = None) -> Iterator[tuple[list[str], Exit]]:
        """Yield each unexplored exit with the path to its room, the nearest first.

        Exits of one room come by name, or in the order that `random` gives. Exits that seem to lead to a new place come
        before those that seem to lead back to a room of the map.
        """
        cells = self._cells(start)
        occupied = set(cells.values())
        for room, path in sorted(self.paths(start).items(), key=lambda item: len(item[1])):
            directions = sorted(direction for direction, neighbour in self.exits[room].items() if neighbour is None)
            if random:
                random.shuffle(directions)
            for direction in sorted(directions, key=lambda end: _neighbour_cell(cells[room], end) in occupied):
                yield path, Exit(room, direction, self.doors.get((room, direction)))

    def _draw_exit(self, triplet: Triplet) -> None:
        if triplet.relation == HAS_EXIT and triplet.object.casefold() in OPPOSITE:
            self.exits[self.add_room(triplet.subject)].setdefault(triplet.object.casefold(), None)
        elif triplet.relation == IS_BEHIND and (named := _EXIT_NAME.fullmatch(triplet.subject)):
            room, direction = self.add_room(named[2]), named[1].casefold()
            self.exits[room].setdefault(direction, None)
            self.doors[room, direction] = triplet.object

    def _draw_connection(self, triplet: Triplet) -> None:
        """Draw an exit, and the exit back if the other room has it or has none at all."""
        if direction := _DIRECTION_OF.get(triplet.relation):
            there, here = self.add_room(triplet.subject), self.add_room(triplet.object)
            self.exits[here][direction] = there
            back = OPPOSITE[direction]
            if not self.exits[there] or self.exits[there].get(back, "") is None:
                self.exits[there][back] = here

    def _cells(self, start: str) -> dict[str, Cell]:
        """Place each room in reach on a grid around `start`."""
        cells: dict[str, Cell] = {}
        for room, path in self.paths(start).items():
            cell = (0, 0, 0)
            for direction in path:
                cell = _neighbour_cell(cell, direction)
            cells[room] = cell
        return cells


def _neighbour_cell(cell: Cell, direction: str) -> Cell:
    x, y, z = cell
    dx, dy, dz = _STEP[direction]
    return x + dx, y + dy, z + dz
