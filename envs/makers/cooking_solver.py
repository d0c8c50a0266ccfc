"""The fewest moves that a cooking game can be won in by one who knows map, places and recipe: for those who measure.

What has to be done is fixed by the recipe, a move each; only the way through the rooms, with its doors, is open. It is
found by a search in breadth over room, errands done and doors opened, an errand being done as soon as it can be. No
agent and no memory sees any of it.
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
"""What kind of thing makes food so; the barbecue is of the kind toaster."""
_VERBS = {"chopped": "chop", "sliced": "slice", "diced": "dice"}
_WAYS = ("north", "south", "east", "west")

Fact = tuple[str, ...]
"""A fact's name and the ids of what it is about."""


@dataclass(frozen=True)
class _Errand:
    """A command that has to be given in a room, once another was."""

    command: str
    room: str
    after: str | None = None


@dataclass(frozen=True)
class _Spot:
    """Where a search has come to."""

    room: str
    done: frozenset[str]
    opened: frozenset[str]


def shortest_plan(game: Path) -> list[str] | None:
    """The commands of a shortest win of a cooking game (a .z8, its .json beside it); None where it cannot be told.

    That is where hands hold only so much. Nothing is looked at: the cookbook need not be read to cook by it. Raises
    GameError for a file that describes no cooking game.
    """
    described = game.with_suffix(".json")
    try:
        told = json.loads(described.read_text(encoding="utf-8"))
        if told["metadata"]["settings"]["drop"]:
            return None
        kitchen = _Kitchen(told)
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise GameError(f"{described}: not the description of a cooking game") from error
    return [*_tour(kitchen), *kitchen.cuts(), "prepare meal", "eat meal"]


class _Kitchen:
    """A cooking game, all of it known. Raises KeyError, TypeError or ValueError for another game's description."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.facts: set[Fact] = {(fact["name"], *(it["name"] for it in fact["arguments"])) for fact in told["world"]}
        self.kinds = {key: info["type"] for key, info in told["infos"]}
        self.names = {key: info["name"] for key, info in told["infos"] if info["name"]}
        self.ids = {name: key for key, name in self.names.items()}
        self.recipe = [tuple(needed) for needed in told["metadata"]["ingredients"]]
        self.exits = dict[str, list[tuple[str, str, str | None]]]()
        for name, there, here in (fact for fact in self.facts if fact[0] in {f"{way}_of" for way in _WAYS}):
            doors = (fact[2] for fact in self.facts if fact[0] == "link" and (fact[1], fact[3]) == (here, there))
            self.exits.setdefault(here, []).append((f"go {name.removesuffix('_of')}", there, next(doors, None)))
        (self.start,) = (fact[2] for fact in self.facts if fact[:2] == ("at", "P"))
        (self.table,) = (fact[1] for fact in self.facts if fact[0] == "cooking_location")
        self.errands = tuple(dict.fromkeys(self._errands()))

    def shut(self, it: str) -> bool:
        return ("closed", it) in self.facts

    def holder(self, it: str) -> str:
        return next(fact[2] for fact in self.facts if fact[0] in ("at", "on", "in") and fact[1] == it)

    def cuts(self) -> list[str]:
        """What is cut, with the knife in hand, wherever one is."""
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
        """Nothing for what is in hand; opening what it is in, and taking it."""
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
    """A shortest way on which all errands are done, to where meals are prepared. Raises GameError where none is."""
    nothing = frozenset[str]()
    first, commands = _there(kitchen, _Spot(kitchen.start, nothing, nothing))
    todo, met = deque([(first, commands)]), {first}
    while todo:
        at, commands = todo.popleft()
        if at.room == kitchen.table and len(at.done) == len(kitchen.errands):
            return commands
        for go, room, door in kitchen.exits.get(at.room, []):
            if door is not None and kitchen.shut(door) and door not in at.opened:
                spot, made = _Spot(at.room, at.done, at.opened | {door}), [f"open {kitchen.names[door]}"]
            else:
                spot, busy = _there(kitchen, _Spot(room, at.done, at.opened))
                made = [go, *busy]
            if spot not in met:
                met.add(spot)
                todo.append((spot, [*commands, *made]))
    raise GameError("no way leads to all that the recipe calls for")


def _there(kitchen: _Kitchen, at: _Spot) -> tuple[_Spot, list[str]]:
    """Do what can be done in a room; each errand stands after the one that it waits for."""
    done, made = at.done, list[str]()
    for errand in kitchen.errands:
        if errand.room == at.room and errand.command not in done and (errand.after is None or errand.after in done):
            done |= {errand.command}
            made.append(errand.command)
    return _Spot(at.room, done, at.opened), made
