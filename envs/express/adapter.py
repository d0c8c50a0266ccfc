"""The adapter to TextWorld-Express's games: a file that names one in, observations out.

Of what the game tells, only what a player is given enters an Observation.
"""

from __future__ import annotations

from pathlib import Path

from ariadne.envs.base import Playing
from ariadne.envs.express.games import read_express
from ariadne.envs.express.process import ExpressProcess, Told
from ariadne.envs.text_world.adapter import clean
from ariadne.errors import GameError
from ariadne.values import Observation

POINTS = 100
"""The most that a game gives: TALES counts its share of success in hundredths, rounded down."""
_SILENCE = "Nothing is said."


class TextWorldExpress(Playing):
    """One of TextWorld-Express's games as an Environment, as TALES plays it: the first observation is the task in words
    and the room; the task is left out where not `objective`.

    Raises GameError for a file that names no such game and where there is no Java, MissingExtra without the extra
    [express]. For `moves` and `restarts` see Playing.
    """

    def __init__(
        self, game: str | Path, *, valid_actions: bool = True, moves: int | None = None, objective: bool = True,
        restarts: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(moves=moves, restarts=restarts)
        self._game = read_express(Path(game))
        self._lists_actions, self._tells_objective = valid_actions, objective
        self._engine = ExpressProcess()
        try:
            self._engine.load(self._game.game, self._game.settings)
        except GameError as error:
            self.close()
            raise GameError(f"{game}: {error}") from error

    def close(self) -> None:
        """End the game's Java process."""
        self._engine.close()

    def _begin(self, seed: int | None = None) -> Observation:  # noqa: ARG002
        task, told = self._engine.begin(self._game.seed, self._game.fold)
        self.objective = clean(task) if self._tells_objective else ""
        return self._observed(told, f"{self.objective}\n\n{clean(told['observation'])}".strip())

    def _play(self, command: str, seen: Observation) -> Observation:  # noqa: ARG002
        told = self._engine.step(command)
        return self._observed(told, clean(told["observation"]))

    def _observed(self, told: Told, text: str) -> Observation:
        return Observation(
            text=text or _SILENCE,
            inventory=clean(told["inventory"]) or None,
            valid_actions=tuple(sorted(set(told["validActions"]))) if self._lists_actions else None,
            score=int(told["score"] * POINTS),
            max_score=POINTS,
            terminated=bool(told["tasksuccess"] or told["taskfailure"]),
            won=bool(told["tasksuccess"]),
        )
