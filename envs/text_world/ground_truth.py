"""A game's hidden state, for measurements and scores. No agent and no memory may use it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ariadne.envs.text_world.adapter import clean, without_banner
from ariadne.envs.text_world.game_file import check_game
from ariadne.errors import GameError, MissingExtra
from ariadne.relations import INVENTORY, SHUT_STATES

_ARTICLE = re.compile(r"^(?:the|an?|some|your) ")
_CONNECTIONS = {f"{direction}_of": direction for direction in ("north", "south", "east", "west")}
_PLACES = frozenset({"in", "on", "at"})
_CARRIED_KINDS = frozenset({"o", "f", "k", "meal", "slot"})
_MAX_DEPTH = 8  # holders within holders


def plain_name(name: str) -> str:
    """Return a name in the form used for comparison: lower case, without article and quotation marks."""
    return _ARTICLE.sub("", name.lower().strip().strip(".'\"`"))


@dataclass(frozen=True)
class Truth:
    """The true facts at one moment, in plain names."""

    here: str
    """The player's room."""
    holder: dict[str, str]
    """The nearest thing that each thing is in, on or at."""
    portable: frozenset[str]
    shut: frozenset[str]
    rooms: frozenset[str]
    connections: frozenset[tuple[str, str, str]]
    """(a, direction, b): a lies in that direction from b."""

    @classmethod
    def of(cls, facts: Iterable[Any]) -> Truth:
        """Read the truth from TextWorld's facts (propositions)."""
        here, holder = "", dict[str, str]()
        portable, shut, connections = set[str](), set[str](), set[tuple[str, str, str]]()
        for fact in facts:
            names = [plain_name(argument.name or argument.type) for argument in fact.arguments]
            kinds = [argument.type for argument in fact.arguments]
            if fact.name in _PLACES and len(names) == 2:
                if kinds[0] == "P":
                    here = names[1]
                    continue
                holder[names[0]] = INVENTORY if kinds[1] == "I" else names[1]
                if _is_portable(kinds):
                    portable.add(names[0])
            elif fact.name in _CONNECTIONS and len(names) == 2:
                connections.add((names[0], _CONNECTIONS[fact.name], names[1]))
            elif fact.name in SHUT_STATES and kinds[0] != "d":
                shut.add(names[0])
        rooms = {room for there, _, origin in connections for room in (there, origin)} | {here}
        return cls(here, holder, frozenset(portable), frozenset(shut), frozenset(rooms), frozenset(connections))

    def holders(self, thing: str) -> list[str]:
        """Return the chain of holders of a thing, up to a room or the player's hands."""
        chain = list[str]()
        while thing in self.holder and len(chain) < _MAX_DEPTH:
            thing = self.holder[thing]
            chain.append(thing)
        return chain

    def in_view(self, thing: str) -> bool:
        """Return whether the player holds a thing, or it is in the player's room and in nothing shut."""
        holders = self.holders(thing)
        nearest = next((n for n, holder in enumerate(holders) if holder in (INVENTORY, self.here)), None)
        return nearest is not None and not any(holder in self.shut for holder in holders[:nearest])

    def path_to(self, room: str) -> list[str]:
        """Return the commands of a shortest path to a room; [] if no path leads there."""
        neighbours: dict[str, list[tuple[str, str]]] = {}
        for there, direction, origin in sorted(self.connections):
            neighbours.setdefault(origin, []).append((direction, there))
        queue, visited = deque([(self.here, list[str]())]), {self.here}
        while queue:
            at, path = queue.popleft()
            if at.replace(" ", "") == room.replace(" ", ""):
                return path
            for direction, there in sorted(neighbours.get(at, [])):
                if there not in visited:
                    visited.add(there)
                    queue.append((there, [*path, f"go {direction}"]))
        return []


def _is_portable(kinds: Sequence[str]) -> bool:
    """Return whether a thing can be carried, by TextWorld's types of the thing and of its holder."""
    return kinds[0] in _CARRIED_KINDS or kinds[1] == "I"


@dataclass(frozen=True)
class GameState:
    """A game's answer to one command, and the truth after it."""

    command: str
    text: str
    inventory: str
    truth: Truth
    valid_actions: tuple[str, ...]

    @property
    def transcript(self) -> str:
        """The text that a memory reads: the command, the answer and the inventory."""
        return f"> {self.command}\n{self.text}\n{self.inventory}"


class RevealedGame:
    """A game with its hidden state.

    Raises:
        GameError: The file is not a game.
        MissingExtra: The extra [textworld] is missing.
    """

    def __init__(self, game: str | Path) -> None:
        check_game(Path(game))
        try:
            import textworld
        except ImportError as error:
            raise MissingExtra("measuring against games", "textworld") from error
        infos = textworld.EnvInfos(facts=True, feedback=True, inventory=True, admissible_commands=True)
        try:
            self._engine = textworld.start(str(game), infos)
        except (KeyError, TypeError, ValueError) as error:
            raise GameError(f"{Path(game).with_suffix('.json')}: not the description of a TextWorld game") from error
        self.over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._engine.close()

    def reset(self) -> GameState:
        """Start the game. The first text counts as the answer to "look"."""
        self.over = False
        return self._state("look", self._engine.reset())

    def step(self, command: str) -> GameState:
        """Play one command and return the state after it."""
        state, _, self.over = self._engine.step(command)
        return self._state(command, state)

    def _state(self, command: str, state: Any) -> GameState:
        text, inventory = without_banner(clean(state.feedback)), " ".join((state.inventory or "").split())
        return GameState(command, text, inventory, Truth.of(state.facts), tuple(state.admissible_commands or ()))
