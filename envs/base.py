"""The base class of all games: it counts moves, ends an episode and restarts a lost game. It knows no engine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from types import TracebackType
from typing import Self

from ariadne.errors import GameError
from ariadne.values import Observation


class GameEnvironment(ABC):
    """A game as an Environment. A subclass starts its game and plays one command of it.

    Args:
        moves: Truncate an episode after this many commands; None sets no limit.
        restarts: Restart a lost game within the same episode.
    """

    def __init__(self, *, moves: int | None = None, restarts: bool = False) -> None:
        self._max_moves, self._moves = moves, 0
        self._restarts, self._over = restarts, True
        self.objective = ""
        """The objective that the game prints at its start; "" if it prints none."""

    @abstractmethod
    def close(self) -> None:
        """Release the engine."""

    @abstractmethod
    def _begin(self, seed: int | None = None) -> Observation:
        """Start the game, set `objective`, and return the first observation. `seed` sets the game's random choices."""

    @abstractmethod
    def _play(self, command: str, before: Observation) -> Observation:
        """Play one command and return its observation. A won or lost game is terminated."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def reset(self, seed: int | None = None) -> Observation:
        """Start the game again and return its first observation. `seed` sets the game's random choices."""
        self._moves = 0
        return self._observe(self._begin(seed))

    def step(self, command: str) -> Observation:
        """Play one command and return its observation.

        Raises:
            GameError: The game is over, or `reset` was not called.
        """
        if self._over:
            raise GameError("the game is over or not started: call reset() first")
        command = " ".join(command.split())
        after = self._play(command, self._last)
        self._moves += 1
        if after.terminated and not after.won and self._restarts:
            first = self._begin()
            after = replace(first, text=f"{after.text}\n\nThe game begins anew.\n\n{first.text}")
        return self._observe(replace(after, commands=(command,)))

    def _observe(self, observation: Observation) -> Observation:
        out_of_moves = self._max_moves is not None and self._moves >= self._max_moves
        self._last, self._over = observation, observation.terminated or out_of_moves
        return replace(observation, truncated=out_of_moves and not observation.terminated)
