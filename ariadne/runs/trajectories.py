"""Trajectories of a game to repeat: published records, runs and random walks."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from ariadne.envs.text_world.ground_truth import RevealedGame, Truth, plain_name
from ariadne.errors import RunError
from ariadne.runs.record import checksum, facts_after, read_record, read_steps
from ariadne.text import first_problem
from ariadne.values import Observation

_GO_TO = re.compile(r"go to (.*)", re.IGNORECASE)
_COOK = re.compile(r"(fry|roast|grill) (.*?)(?: (?:with|on|in|using) .*)?", re.IGNORECASE)
_COOKERS = {"fry": "stove", "roast": "oven", "grill": "BBQ"}


class Turn(BaseModel):
    """One line of a trajectory: observation, reading, graph, plan and action of a turn."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    attempt: int = 1
    observation: str = ""
    inventory: str = ""
    crucial_items: dict[str, FiniteFloat] = Field(default_factory=dict)
    triplets: list[list[str]] = Field(default_factory=list)
    outdated: list[dict[str, list[str]]] = Field(default_factory=list)
    subgraph: list[list[str]] = Field(default_factory=list)
    episodic: list[str] = Field(default_factory=list)
    graph: list[list[str]] | None = None
    plan: Any = None
    action: dict[str, object] | str | None = None
    commands: list[str] | None = None

    @property
    def action_text(self) -> str:
        """Return the action in the agent's words; an action without the expected form counts as "look"."""
        return str(self.action.get("action_to_take", "look") if isinstance(self.action, dict) else "look")

    @property
    def reason(self) -> str:
        """Return the agent's reason for the action."""
        return str(self.action.get("reason_for_action", "") if isinstance(self.action, dict) else self.action or "")

    def moves(self, truth: Truth) -> list[str]:
        """Return the commands in the game: a path for "go to kitchen", "cook egg with stove" for "fry egg"."""
        if self.commands is not None:
            return self.commands
        if destination := _GO_TO.match(self.action_text):
            return truth.path_to(plain_name(destination[1]))
        cooked = _COOK.fullmatch(self.action_text)
        return [f"cook {cooked[2]} with {_COOKERS[cooked[1].lower()]}" if cooked else self.action_text]


def read_turns(path: Path, game: Path | None = None) -> list[Turn]:
    """Return the turns in a file with one JSON object per line, or in the folder of a run.

    Raises:
        RunError: The path has neither, or it is a run of another game than `game`.
    """
    if path.is_dir():
        record = read_record(path)
        if game is not None and game.exists() and checksum(game) != record.game_sha256:
            raise RunError(f"{path}: a run of {record.settings.game}, not of {game}")
        return list(_turns_of_run(path))
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise RunError(f"{path}: the record cannot be read ({error.strerror})") from error
    return [_turn(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]


def _turn(path: Path, number: int, line: bytes) -> Turn:
    try:
        return Turn.model_validate_json(line)
    except ValidationError as error:
        is_json = error.errors()[0]["type"] != "json_invalid"
        problem = f"line {number}: {first_problem(error)}" if is_json else f"line {number} is not JSON"
        raise RunError(f"{path}: not a record of a run: {problem}") from error


def random_walk(game: Path, moves: int, seed: int) -> list[Turn]:
    """Return a walk of up to `moves` random valid actions; it ends earlier if the game is over."""
    generator, turns = random.Random(seed), list[Turn]()
    with RevealedGame(game) as world:
        shown = world.reset()
        while len(turns) < moves and not world.over:
            command = generator.choice(sorted(shown.valid_actions))
            turns.append(Turn(commands=[command]))
            shown = world.step(command)
    return turns


def commands_in(game: Path, turns: Sequence[Turn]) -> Iterator[list[str]]:
    """Yield the commands of each turn until the game is over; an action without commands is itself the command."""
    with RevealedGame(game) as world:
        shown = world.reset()
        for turn in turns:
            if world.over:
                return
            commands = list[str]()
            for command in turn.moves(shown.truth) or [turn.action_text]:
                if commands and (world.over or Observation(shown.text).room is None):
                    break
                shown = world.step(command)
                commands.append(command)
            yield commands


def _turns_of_run(folder: Path) -> Iterator[Turn]:
    """Yield the steps of a run as turns; their graph has the current facts."""
    for step, facts in facts_after(read_steps(folder)):
        yield Turn(
            observation=step.observation.text,
            inventory=step.observation.inventory or "",
            triplets=[[t.subject, t.relation, t.object] for t in step.update.reading.triplets],
            graph=[[t.subject, t.relation, t.object] for t in facts],
            commands=list(step.decision.commands),
        )
