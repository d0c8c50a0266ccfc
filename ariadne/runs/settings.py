"""The settings of a run, as a caller gives them and as run.json keeps them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from ariadne import assembly
from ariadne.errors import InvalidInput
from ariadne.llm.settings import ModelSettings

if TYPE_CHECKING:
    from ariadne.envs.base import GameEnvironment

DEFAULT_STEPS = 150
"""The default limit of decisions."""
DEFAULT_CONTEXT = 1500
"""The default limit of recalled tokens for a decision."""


class RunSettings(BaseModel):
    """Which game to play, and how."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    game: Path
    task: str = ""
    """The task in a file of tasks from which the other settings come, as FILE.json:NAME."""
    goal: str | None = None
    """What the agent is to achieve; None uses the objective that the game states."""
    hint: str = ""
    mind: str = "rules"
    memory: str = "arigraph"
    steps: int = DEFAULT_STEPS
    """The limit of decisions."""
    context: int = DEFAULT_CONTEXT
    """The limit of recalled tokens for a decision."""
    seed: int = 1
    valid_actions: bool = True
    """Whether the environment lists the valid actions."""
    moves: int | None = None
    """The limit of commands in the game; None sets no limit."""
    objective: bool = True
    """Whether the game's first text may state the objective."""
    restarts: bool = False
    """Whether a lost game begins again within the run."""
    reflection: str = ""
    """What earlier trials of the game teach."""
    model_settings: ModelSettings | None = None
    """How a language model takes part; None plays without one."""

    @property
    def full_hint(self) -> str:
        """Return hint and reflection together, as the agent gets them."""
        return "\n".join(filter(None, (self.hint, self.reflection)))

    def open_game(self, file: Path | None = None) -> GameEnvironment:
        """Open the game, or the `file` to which it has moved; raise GameError if it is not a game."""
        return assembly.environment(
            file or self.game, valid_actions=self.valid_actions, moves=self.moves, objective=self.objective,
            restarts=self.restarts,
        )  # fmt: skip


_LEAST = {"steps": 1, "moves": 1, "context": 0, "seed": 0}
"""The least value of each number in the settings."""


def check_settings(settings: RunSettings) -> None:
    """Check that a new run can begin with these settings; raise InvalidInput that names the first invalid one."""
    if not isinstance(settings, RunSettings):
        raise InvalidInput(f"settings={settings!r} is no RunSettings; give RunSettings(game=...)")
    for name, names in (("mind", (*assembly.MINDS, assembly.HUMAN)), ("memory", assembly.MEMORIES)):
        if (value := getattr(settings, name)) not in names:
            raise InvalidInput(f"{name}={value!r} is unknown; choose one of {', '.join(names)}")
    if settings.mind == assembly.LLM and settings.model_settings is None:
        raise InvalidInput(f"mind={assembly.LLM!r} needs a language model; give model_settings=ModelSettings(...)")
    for name, least in _LEAST.items():
        if (number := getattr(settings, name)) is not None and number < least:
            raise InvalidInput(f"{name}={number} is too small; give {least} or more")
