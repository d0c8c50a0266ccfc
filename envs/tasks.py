"""A task: which game, toward which goal, with which hint, in how many steps; read from a JSON file of tasks by name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, ValidationError

from ariadne.envs.text_world.ground_truth import OpenGame, plain
from ariadne.errors import TaskError


class Task(BaseModel):
    """One entry of a tasks file; `game` is a path, read from the folder of the tasks file."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = ""
    game: Path
    goal: str = ""
    hint: str = ""
    max_steps: int | None = Field(default=None, gt=0)
    scored_by: Literal["game", "placements"] = "game"
    placements: tuple[tuple[str, Literal["in", "on"], str], ...] = ()
    """Where things belong at the end, as a task that is scored by placements says; no agent is told."""


class _Tasks(RootModel[dict[str, Task]]):
    """A tasks file: {name: task}."""


def load_task(reference: str) -> Task:
    """The task that "FILE.json:NAME" names; raises TaskError where there is none, and says which there are."""
    file, colon, name = reference.rpartition(":")
    if not colon or not file or not name:
        raise TaskError(f"{reference}: a task is named FILE.json:NAME")
    path = Path(file)
    try:
        tasks = _Tasks.model_validate_json(path.read_bytes()).root
    except OSError as error:
        raise TaskError(f"{path}: no tasks can be read from it ({error.strerror})") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = " in " + ".".join(map(str, first["loc"])) if first["loc"] else ""
        raise TaskError(f"{path}: not a file of tasks:{where} {first['msg']}") from error
    if name not in tasks:
        raise TaskError(f"{path}: no task {name!r}; there are {', '.join(sorted(tasks)) or 'none'}")
    task = tasks[name]
    if (task.scored_by == "placements") != bool(task.placements):
        raise TaskError(f"{path}: {name} is scored by {task.scored_by}, and names {len(task.placements)} placements")
    return task.model_copy(update={"name": name, "game": path.parent / task.game})


def placed(task: Task, game: str | Path, commands: Iterable[str]) -> int:
    """How many things are where a task wants them when these commands were given in its game: hidden state, for who
    measures. Raises GameError for a game that cannot be played."""
    with OpenGame(game) as played:
        truth = played.reset().truth
        for command in commands:
            truth = played.step(command).truth
    return sum(truth.holder.get(plain(thing)) == plain(place) for thing, _, place in task.placements)
