"""Finds the shortest win of a cooking game from its hidden state, for measurements. No agent and no memory uses it.

The recipe fixes the commands, one move each; only the path through rooms and doors is free. A breadth-first search
over (room, errands done, doors opened) finds it. An errand is done as soon as it is possible.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ariadne.errors import GameError

_APPLIANCES = {"fried": "stove", "roasted": "oven", "grilled": "toaster"}
"""The type of appliance for each way to cook; the barbecue has the type toaster."""
_VERBS = {"chopped": "chop", "sliced": "slice", "diced": "dice"}
_DIRECTIONS = ("north", "south", "east", "west")

Fact = tuple[str, ...]
"""A fact's name and the ids of its arguments."""


@dataclass(frozen=True)
class _Errand:
    """A command to give in a room, after another one if `after` names it."""

    command: str
    room: str
    after: str | None = None


@dataclass(frozen=True)
class _Spot:
    """A state of the search."""

    room: str
    done: frozenset[str]
    opened: frozenset[str]


def shortest_plan(game: Path) -> list[str] | None:
    """Return the commands of a shortest win of a cooking game; None if the player's hands are limited.

    The plan does not read the cookbook: the game does not require it.

    Args:
        game: A .z8 file with its .json beside it.

    Raises:
        GameError: The .json describes no cooking game.
    """
    path = game.with_suffix(".json")
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
        if description["metadata"]["settings"]["drop"]:
            return None
        kitchen = _Kitchen(description)
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise GameError(f"{path}: not the description of a cooking game") from error
    return [*_tour(kitchen), *kitchen.cuts(), "prepare meal", "eat meal"]


class _Kitchen:
    """A cooking game's hidden state. Another game's description raises KeyError, TypeError or ValueError."""

    def __init__(self, description: dict[str, Any]) -> None:
        facts, infos = description["world"], description["infos"]
        self.facts: set[Fact] = {(fact["name"], *(it["name"] for it in fact["arguments"])) for fact in facts}
        self.kinds = {key: info["type"] for key, info in infos}
        self.names = {key: info["name"] for key, info in infos if info["name"]}
        self.ids = {name: key for key, name in self.names.items()}
        self.recipe = [tuple(needed) for needed in description["metadata"]["ingredients"]]
        self.exits = dict[str, list[tuple[str, str, str | None]]]()
        for name, there, here in (
            fact for fact in self.facts if fact[0] in {f"{direction}_of" for direction in _DIRECTIONS}
        ):
            doors = (fact[2] for fact in self.facts if fact[0] == "link" and (fact[1], fact[3]) == (here, there))
            self.exits.setdefault(here, []).append((f"go {name.removesuffix('_of')}", there, next(doors, None)))
        (self.start,) = (fact[2] for fact in self.facts if fact[:2] == ("at", "P"))
        (self.table,) = (fact[1] for fact in self.facts if fact[0] == "cooking_location")
        self.errands = tuple(dict.fromkeys(self._errands()))

    def shut(self, it: str) -> bool:
        """Return whether a door or container is closed."""
        return ("closed", it) in self.facts

    def holder(self, it: str) -> str:
        """Return the id of the thing or room that a thing is at, on or in."""
        return next(fact[2] for fact in self.facts if fact[0] in ("at", "on", "in") and fact[1] == it)

    def cuts(self) -> list[str]:
        """Return the commands that cut the ingredients; with the knife in hand they work anywhere."""
        return [f"{_VERBS[cut]} {name} with knife" for name, _, cut in self.recipe if self._needs(name, cut, "uncut")]

    def _needs(self, name: str, how: str, plain: str) -> bool:
        return how != plain and (how, self.ids[name]) not in self.facts

    def _errands(self) -> Iterator[_Errand]:
        for name, cooked, _ in self.recipe:
            taking = list(self._taking(name))
            yield from taking
            if self._needs(name, cooked, "raw"):
                appliance = next(it for it, kind in self.kinds.items() if kind == _APPLIANCES[cooked])
                command = f"cook {name} with {self.names[appliance]}"
                yield _Errand(command, self.holder(appliance), taking[-1].command if taking else None)
        if self.cuts():
            yield from self._taking("knife")

    def _taking(self, name: str) -> Iterator[_Errand]:
        """Yield the errands that take a thing: none if it is in hand; first open its container if it is closed."""
        holder = self.holder(self.ids[name])
        if holder == "I":
            return
        if self.kinds[holder] == "r":
            yield _Errand(f"take {name}", holder)
            return
        opening = _Errand(f"open {self.names[holder]}", self.holder(holder)) if self.shut(holder) else None
        if opening:
            yield opening
        command = f"take {name} from {self.names[holder]}"
        yield _Errand(command, self.holder(holder), opening.command if opening else None)


def _tour(kitchen: _Kitchen) -> list[str]:
    """Return the commands of a shortest tour that does all errands and ends where meals are prepared.

    Raises:
        GameError: There is no such tour.
    """
    nothing = frozenset[str]()
    first, commands = _do_errands(kitchen, _Spot(kitchen.start, nothing, nothing))
    queue, visited = deque([(first, commands)]), {first}
    while queue:
        at, commands = queue.popleft()
        if at.room == kitchen.table and len(at.done) == len(kitchen.errands):
            return commands
        for go, room, door in kitchen.exits.get(at.room, []):
            if door is not None and kitchen.shut(door) and door not in at.opened:
                spot, more = _Spot(at.room, at.done, at.opened | {door}), [f"open {kitchen.names[door]}"]
            else:
                spot, errands = _do_errands(kitchen, _Spot(room, at.done, at.opened))
                more = [go, *errands]
            if spot not in visited:
                visited.add(spot)
                queue.append((spot, [*commands, *more]))
    raise GameError("no path leads to everything that the recipe needs")


def _do_errands(kitchen: _Kitchen, at: _Spot) -> tuple[_Spot, list[str]]:
    """Do the errands possible in a room; each errand comes after the one that it depends on."""
    done, commands = at.done, list[str]()
    for errand in kitchen.errands:
        if errand.room == at.room and errand.command not in done and (errand.after is None or errand.after in done):
            done |= {errand.command}
            commands.append(errand.command)
    return _Spot(at.room, done, at.opened), commands
