"""The map: rooms, how they connect, which exits nobody has taken yet, and the way from one to another.

It is built afresh from triplets ("Attic is north of Hall", "Hall has exit east", "east exit of Hall is behind oak
door", "oak door is closed") and knows nothing else.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

from ariadne.values import Triplet

BACK = {
    "north": "south", "south": "north", "east": "west", "west": "east", "up": "down", "down": "up",
    "northeast": "southwest", "southwest": "northeast", "northwest": "southeast", "southeast": "northwest",
}  # fmt: skip
_STEP = {
    "north": (0, 1, 0), "south": (0, -1, 0), "east": (1, 0, 0), "west": (-1, 0, 0), "up": (0, 0, 1), "down": (0, 0, -1),
    "northeast": (1, 1, 0), "southwest": (-1, -1, 0), "northwest": (-1, 1, 0), "southeast": (1, -1, 0),
}  # fmt: skip
CONNECTION = re.compile(rf"is ({'|'.join(BACK)}) of")
_EXIT_NAME = re.compile(rf"({'|'.join(BACK)}) exit of (.+)", re.IGNORECASE)
Cell = tuple[int, int, int]


@dataclass(frozen=True)
class Exit:
    """A way out of a room; `door` stands in it, where one is known."""

    room: str
    direction: str
    door: str | None = None

    @property
    def name(self) -> str:
        return f"{self.direction} exit of {self.room}"


@dataclass
class Map:
    """Rooms by name, in the order met; `ways[room][direction]` is the room there, None where nobody has been."""

    ways: dict[str, dict[str, str | None]] = field(default_factory=dict)
    doors: dict[tuple[str, str], str] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, triplets: Iterable[Triplet], here: str = "") -> Map:
        """The map that these triplets draw; `here` is on it even where nothing is known of it."""
        drawn = cls()
        if here:
            drawn.room(here)
        triplets = list(triplets)
        for triplet in triplets:
            drawn._draw_exit(triplet)
        for triplet in triplets:
            drawn._draw_connection(triplet)
        return drawn

    def room(self, name: str) -> str:
        """The name under which a room is on the map; it is added where it is new."""
        name = self._names.setdefault(name.casefold(), name)
        self.ways.setdefault(name, {})
        return name

    def find(self, name: str) -> str | None:
        """The room of that name, whatever its case; None where there is none."""
        return self._names.get(name.casefold())

    def rooms_with(self, door: str) -> list[str]:
        """The rooms that have this door in an exit."""
        return [room for (room, _), one in self.doors.items() if one.casefold() == door.casefold()]

    def path(self, start: str, goal: str) -> list[str] | None:
        """The directions of a shortest way, [] when already there; None where no known way leads."""
        source, target = self.find(start), self.find(goal)
        return self.paths(source).get(target) if source and target else None

    def paths(self, start: str) -> Mapping[str, list[str]]:
        """A shortest way to every room that can be reached, nearest first."""
        source = self.find(start)
        if source is None:
            return {}
        found: dict[str, list[str]] = {source: []}
        todo = deque([source])
        while todo:
            room = todo.popleft()
            for direction, other in sorted(self.ways[room].items()):
                if other is not None and other not in found:
                    found[other] = [*found[room], direction]
                    todo.append(other)
        return found

    def unexplored(self, start: str, chance: Random | None = None) -> Iterator[tuple[list[str], Exit]]:
        """Exits that nobody has taken, each with the way to its room: nearest first, and of equals first those that
        seem to lead to a new place rather than back to a room that is on the map; then by name, or by chance."""
        cells = self._cells(start)
        taken = set(cells.values())
        for room, way in sorted(self.paths(start).items(), key=lambda item: len(item[1])):
            open_ends = sorted(direction for direction, other in self.ways[room].items() if other is None)
            if chance:
                chance.shuffle(open_ends)
            for direction in sorted(open_ends, key=lambda end: _beyond(cells[room], end) in taken):
                yield way, Exit(room, direction, self.doors.get((room, direction)))

    def _draw_exit(self, triplet: Triplet) -> None:
        if triplet.relation == "has exit" and triplet.object.casefold() in BACK:
            self.ways[self.room(triplet.subject)].setdefault(triplet.object.casefold(), None)
        elif triplet.relation == "is behind" and (named := _EXIT_NAME.fullmatch(triplet.subject)):
            room = self.room(named[2])
            self.ways[room].setdefault(named[1].casefold(), None)
            self.doors[room, named[1].casefold()] = triplet.object

    def _draw_connection(self, triplet: Triplet) -> None:
        if direction := CONNECTION.fullmatch(triplet.relation):
            there, here = self.room(triplet.subject), self.room(triplet.object)
            self.ways[here][direction[1]] = there
            if not self.ways[there] or self.ways[there].get(BACK[direction[1]], "") is None:
                self.ways[there][BACK[direction[1]]] = here

    def _cells(self, start: str) -> dict[str, Cell]:
        """Where each room lies on a grid around `start`, as far as it can be told."""
        cells: dict[str, Cell] = {}
        for room, way in self.paths(start).items():
            cell = (0, 0, 0)
            for direction in way:
                cell = _beyond(cell, direction)
            cells[room] = cell
        return cells


def _beyond(cell: Cell, direction: str) -> Cell:
    x, y, z = cell
    dx, dy, dz = _STEP[direction]
    return x + dx, y + dy, z + dz
