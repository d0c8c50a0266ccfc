"""The adapter to TextWorld-Express's games: an .express file in, observations out.

Hidden state remains in the engine: an Observation holds only what a player sees.
"""

from __future__ import annotations

from pathlib import Path

from ariadne.envs.base import GameEnvironment
from ariadne.envs.express.games import read_express
from ariadne.envs.express.process import ExpressProcess, ExpressState
from ariadne.envs.text_world.adapter import clean
from ariadne.errors import GameError
from ariadne.values import Observation

POINTS = 100
"""The highest score: TALES counts the share of success in hundredths, rounded down."""
_NO_TEXT = "Nothing is said."


class TextWorldExpress(GameEnvironment):
    """One of TextWorld-Express's games as an Environment, as TALES plays it.

    The first observation holds the task in words and the room.

    Args:
        game: The .express file.
        valid_actions: List the valid actions in each observation.
        moves: Truncate an episode after this many commands; None sets no limit.
        objective: Show the task in the first observation.
        restarts: Restart a lost game within the same episode.

    Raises:
        GameError: The file is not a game, or Java is missing.
        MissingExtra: The extra [express] is missing.
    """

    def __init__(
        self, game: str | Path, *, valid_actions: bool = True, moves: int | None = None, objective: bool = True,
        restarts: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(moves=moves, restarts=restarts)
        self._game = read_express(Path(game))
        self._lists_actions, self._shows_objective = valid_actions, objective
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
        task, state = self._engine.begin(self._game.seed, self._game.fold)
        self.objective = clean(task) if self._shows_objective else ""
        return self._observation(state, f"{self.objective}\n\n{clean(state['observation'])}".strip())

    def _play(self, command: str, before: Observation) -> Observation:  # noqa: ARG002
        state = self._engine.step(command)
        return self._observation(state, clean(state["observation"]))

    def _observation(self, state: ExpressState, text: str) -> Observation:
        return Observation(
            text=text or _NO_TEXT,
            inventory=clean(state["inventory"]) or None,
            valid_actions=tuple(sorted(set(state["validActions"]))) if self._lists_actions else None,
            score=int(state["score"] * POINTS),
            max_score=POINTS,
            terminated=bool(state["tasksuccess"] or state["taskfailure"]),
            won=bool(state["tasksuccess"]),
        )
