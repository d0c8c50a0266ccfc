"""Tasks: a game with a goal, a hint and a limit of steps, read by name from a JSON file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, ValidationError

from ariadne.envs.text_world.ground_truth import RevealedGame, plain_name
from ariadne.errors import TaskError
from ariadne.text import first_problem


class Task(BaseModel):
    """One entry of a tasks file. `game` is a path relative to that file's folder."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = ""
    game: Path
    goal: str = ""
    hint: str = ""
    max_steps: int | None = Field(default=None, gt=0)
    scored_by: Literal["game", "placements"] = "game"
    placements: tuple[tuple[str, Literal["in", "on"], str], ...] = ()
    """Where things belong at the end, for a task scored by placements. The agent never sees them."""


class _Tasks(RootModel[dict[str, Task]]):
    """A tasks file: {name: task}."""


def load_task(reference: str) -> Task:
    """Return the task that "FILE.json:NAME" names.

    Raises:
        TaskError: The file or the task is missing or wrong; the message lists the tasks there are.
    """
    file, colon, name = reference.rpartition(":")
    if not colon or not file or not name:
        raise TaskError(f"{reference}: a task is named FILE.json:NAME")
    path = Path(file)
    tasks = _read_tasks(path)
    if name not in tasks:
        raise TaskError(f"{path}: no task {name!r}; there are {', '.join(sorted(tasks)) or 'none'}")
    task = tasks[name]
    if (task.scored_by == "placements") != bool(task.placements):
        raise TaskError(
            f'{path}: {name} has scored_by "{task.scored_by}" and {len(task.placements)} placements; '
            'give placements exactly if scored_by is "placements"'
        )
    return task.model_copy(update={"name": name, "game": path.parent / task.game})


def _read_tasks(path: Path) -> dict[str, Task]:
    try:
        return _Tasks.model_validate_json(path.read_bytes()).root
    except OSError as error:
        raise TaskError(f"{path}: no tasks can be read from it ({error.strerror})") from error
    except ValidationError as error:
        raise TaskError(f"{path}: not a file of tasks: {first_problem(error)}") from error


def count_placed(task: Task, game: str | Path, commands: Iterable[str]) -> int:
    """Play the commands in the task's game and count the things that end where the task wants them.

    This reads hidden state: it is for scoring only.

    Raises:
        GameError: The game cannot be played.
    """
    with RevealedGame(game) as revealed:
        truth = revealed.reset().truth
        for command in commands:
            truth = revealed.step(command).truth
    return sum(truth.holder.get(plain_name(thing)) == plain_name(place) for thing, _, place in task.placements)
