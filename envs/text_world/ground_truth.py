"""What is so in a game, at one moment: hidden state, for those who measure. No agent and no memory sees any of it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ariadne.envs.text_world.adapter import clean, without_banner
from ariadne.envs.text_world.game_file import check_game
from ariadne.errors import GameError, MissingExtra

INVENTORY = "inventory"
_ARTICLE = re.compile(r"^(?:the|an?|some|your) ")
_CONNECTIONS = {f"{direction}_of": direction for direction in ("north", "south", "east", "west")}
_PLACES = frozenset({"in", "on", "at"})
_CARRIED_KINDS = frozenset({"o", "f", "k", "meal", "slot"})
_DEEP = 8  # holders in holders


def plain(name: str) -> str:
    """A name as it is compared: lower case, no article before it, no marks around it."""
    return _ARTICLE.sub("", name.lower().strip().strip(".'\"`"))


@dataclass(frozen=True)
class Truth:
    """The true facts at one moment, in plain names; `holder` is the nearest thing that a thing is in, on or at."""

    here: str
    holder: dict[str, str]
    portable: frozenset[str]
    shut: frozenset[str]
    rooms: frozenset[str]
    connections: frozenset[tuple[str, str, str]]
    """(a, direction, b): a lies in that direction from b."""

    @classmethod
    def of(cls, facts: Iterable[Any]) -> Truth:
        """The truth that TextWorld's facts (propositions) tell."""
        here, holder, portable, shut, connections = "", dict[str, str](), set[str](), set[str](), set()
        for fact in facts:
            names = [plain(argument.name or argument.type) for argument in fact.arguments]
            kinds = [argument.type for argument in fact.arguments]
            if fact.name in _PLACES and len(names) == 2:
                if kinds[0] == "P":
                    here = names[1]
                    continue
                holder[names[0]] = INVENTORY if kinds[1] == "I" else names[1]
                if kinds[0] in _CARRIED_KINDS or kinds[1] == "I":
                    portable.add(names[0])
            elif fact.name in _CONNECTIONS and len(names) == 2:
                connections.add((names[0], _CONNECTIONS[fact.name], names[1]))
            elif fact.name in ("closed", "locked") and kinds[0] != "d":
                shut.add(names[0])
        rooms = {room for one, _, other in connections for room in (one, other)} | {here}
        return cls(here, holder, *map(frozenset, (portable, shut, rooms, connections)))  # type: ignore[arg-type]

    def holders(self, thing: str) -> list[str]:
        """What a thing is in, what that is in, and so on up to a room or the player's hands."""
        chain = list[str]()
        while thing in self.holder and len(chain) < _DEEP:
            thing = self.holder[thing]
            chain.append(thing)
        return chain

    def in_view(self, thing: str) -> bool:
        """Whether the player holds it, or it is in the player's room and in nothing that is shut."""
        holders = self.holders(thing)
        seen = next((n for n, holder in enumerate(holders) if holder in (INVENTORY, self.here)), None)
        return seen is not None and not any(holder in self.shut for holder in holders[:seen])

    def way_to(self, room: str) -> list[str]:
        """The commands of a shortest way to a room; [] where none leads there."""
        beyond: dict[str, list[tuple[str, str]]] = {}
        for there, direction, origin in sorted(self.connections):
            beyond.setdefault(origin, []).append((direction, there))
        todo, met = deque([(self.here, list[str]())]), {self.here}
        while todo:
            at, way = todo.popleft()
            if at.replace(" ", "") == room.replace(" ", ""):
                return way
            for direction, there in sorted(beyond.get(at, [])):
                if there not in met:
                    met.add(there)
                    todo.append((there, [*way, f"go {direction}"]))
        return []


@dataclass(frozen=True)
class Shown:
    """What a game said to one command, and what was so after it."""

    command: str
    text: str
    inventory: str
    truth: Truth
    valid_actions: tuple[str, ...]

    @property
    def transcript(self) -> str:
        return f"> {self.command}\n{self.text}\n{self.inventory}"


class OpenGame:
    """A game of which all is shown; raises GameError for a file that is no game, MissingExtra without TextWorld."""

    def __init__(self, game: str | Path) -> None:
        check_game(Path(game))
        try:
            import textworld
        except ImportError as error:
            raise MissingExtra("measuring against games", "textworld") from error
        asked = textworld.EnvInfos(facts=True, feedback=True, inventory=True, admissible_commands=True)
        try:
            self._engine = textworld.start(str(game), asked)
        except (KeyError, TypeError, ValueError) as error:
            raise GameError(f"{Path(game).with_suffix('.json')}: not the description of a TextWorld game") from error
        self.over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._engine.close()

    def reset(self) -> Shown:
        """Begin; what is printed first counts as the answer to a look."""
        self.over = False
        return self._shown("look", self._engine.reset())

    def step(self, command: str) -> Shown:
        state, _, self.over = self._engine.step(command)
        return self._shown(command, state)

    def _shown(self, command: str, state: Any) -> Shown:
        text, inventory = without_banner(clean(state.feedback)), " ".join((state.inventory or "").split())
        return Shown(command, text, inventory, Truth.of(state.facts), tuple(state.admissible_commands or ()))
