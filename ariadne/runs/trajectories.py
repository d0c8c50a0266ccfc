"""What was done in a game, to be done again: recorded trajectories, runs of our own, random walks."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from ariadne.envs.text_world.ground_truth import RevealedGame, Truth, plain_name
from ariadne.errors import RunError
from ariadne.runs.record import checksum, held_after, read_record, read_steps
from ariadne.values import Observation

_GO_TO = re.compile(r"go to (.*)", re.IGNORECASE)
_COOK = re.compile(r"(fry|roast|grill) (.*?)(?: (?:with|on|in|using) .*)?", re.IGNORECASE)
_COOKERS = {"fry": "stove", "roast": "oven", "grill": "BBQ"}


class Turn(BaseModel):
    """One line of a trajectory: what was observed, read and believed, and what was done then."""

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
    def said(self) -> str:
        """The action in the agent's words. A string is a reply that could not be read: then the player of these
        records looked."""
        return str(self.action.get("action_to_take", "look") if isinstance(self.action, dict) else "look")

    @property
    def reason(self) -> str:
        """Why the agent said that it did so."""
        return str(self.action.get("reason_for_action", "") if isinstance(self.action, dict) else self.action or "")

    def moves(self, truth: Truth) -> list[str]:
        """The commands in the game: "go to kitchen" is a way, "fry egg" is to cook it with the stove."""
        if self.commands is not None:
            return self.commands
        if way := _GO_TO.match(self.said):
            return truth.path_to(plain_name(way[1]))
        cooked = _COOK.fullmatch(self.said)
        return [f"cook {cooked[2]} with {_COOKERS[cooked[1].lower()]}" if cooked else self.said]


def recorded(path: Path, game: Path | None = None) -> list[Turn]:
    """The turns of a trajectory (a file of them, a JSON object a line) or of a run's folder; raises RunError for
    anything else, and for a run of another game than `game`."""
    if path.is_dir():
        asked = read_record(path).asked
        if game is not None and game.exists() and checksum(game) != asked.game_sha256:
            raise RunError(f"{path}: a run of {asked.game}, not of {game}")
        return list(_turns_of_run(path))
    try:
        return [Turn.model_validate_json(line) for line in path.read_bytes().splitlines() if line.strip()]
    except OSError as error:
        raise RunError(f"{path}: no trajectory can be read from it ({error.strerror})") from error
    except ValidationError as error:
        raise RunError(f"{path}: no trajectory: {error.errors()[0]['msg']}") from error


def walked(game: Path, moves: int, seed: int) -> list[Turn]:
    """A random walk of so many moves through a game, or until it is over: each time one of the valid actions."""
    chance, turns = random.Random(seed), list[Turn]()
    with RevealedGame(game) as world:
        shown = world.reset()
        while len(turns) < moves and not world.over:
            command = chance.choice(sorted(shown.valid_actions))
            turns.append(Turn(commands=[command]))
            shown = world.step(command)
    return turns


def commands_in(game: Path, turns: Sequence[Turn]) -> Iterator[list[str]]:
    """The commands that each turn's action comes to, until the game is over; what leads nowhere is said as it is."""
    with RevealedGame(game) as world:
        shown = world.reset()
        for turn in turns:
            if world.over:
                return
            made = list[str]()
            for command in turn.moves(shown.truth) or [turn.said]:
                if made and (world.over or Observation(shown.text).room is None):
                    break
                shown = world.step(command)
                made.append(command)
            yield made


def _turns_of_run(folder: Path) -> Iterator[Turn]:
    """The steps of a run; the graph is what its updates make of it."""
    for step, held in held_after(read_steps(folder)):
        yield Turn(
            observation=step.observation.text,
            inventory=step.observation.inventory or "",
            triplets=[[t.subject, t.relation, t.object] for t in step.update.reading.triplets],
            graph=[[t.subject, t.relation, t.object] for t in held],
            commands=list(step.decision.commands),
        )
