"""What all games played here have in common: an episode, its limit of moves, and beginning anew."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from types import TracebackType
from typing import Self

from ariadne.errors import GameError
from ariadne.values import Observation


class Playing(ABC):
    """A game as an Environment: what an engine gives, kept to the contract.

    An episode is cut short after `moves` commands, where a number is given; with `restarts` a game that is lost begins
    anew within the episode. A subclass begins its game and plays one command of it.
    """

    def __init__(self, *, moves: int | None = None, restarts: bool = False) -> None:
        self._most, self._made = moves, 0
        self._restarts, self._over = restarts, True
        self.objective = ""
        """What the game says its player is to do, as printed when it began; "" where it says nothing."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the engine."""

    @abstractmethod
    def _begin(self, seed: int | None = None) -> Observation:
        """The game at its beginning, `objective` set; `seed` is for what the game leaves to chance."""

    @abstractmethod
    def _play(self, command: str, seen: Observation) -> Observation:
        """What one command comes to, `seen` being what was seen before it; what is won or lost has terminated."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def reset(self, seed: int | None = None) -> Observation:
        """Begin the game anew; `seed` is for what a game leaves to chance."""
        self._made = 0
        return self._observe(self._begin(seed))

    def step(self, command: str) -> Observation:
        """Play one command; raises GameError where the game is over or was not begun."""
        if self._over:
            raise GameError("the game is over, or was never begun: reset it first")
        command = " ".join(command.split())
        seen = self._play(command, self._last)
        self._made += 1
        if seen.terminated and not seen.won and self._restarts:
            first = self._begin()
            seen = replace(first, text=f"{seen.text}\n\nThe game begins anew.\n\n{first.text}")
        return self._observe(replace(seen, commands=(command,)))

    def _observe(self, seen: Observation) -> Observation:
        spent = self._most is not None and self._made >= self._most
        self._last, self._over = seen, seen.terminated or spent
        return replace(seen, truncated=spent and not seen.terminated)
