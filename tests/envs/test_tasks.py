"""Tasks by name, and what is told where one cannot be had."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ariadne.envs import load_task
from ariadne.errors import TaskError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tasks.json"
    find = {"game": "g.z8", "goal": "Find it", "max_steps": 7}
    path.write_text(json.dumps({"find": find, "tidy": {"game": "h.z8", "scored_by": "placements"}}))
    return path


def test_a_task_gives_its_game_beside_the_file_and_what_is_to_be_done(file: Path) -> None:
    task = load_task(f"{file}:find")
    assert (task.game, task.goal, task.hint, task.max_steps) == (file.parent / "g.z8", "Find it", "", 7)


@pytest.mark.parametrize(
    ("reference", "wrong"),
    [
        ("tasks.json", "FILE.json:NAME"),
        ("{file}:", "FILE.json:NAME"),
        ("{file}:lost", "no task 'lost'; there are find, tidy"),
        ("{file}.none:find", "no tasks can be read"),
        ("{file}:tidy", "only what the game scores"),
    ],
)
def test_what_is_no_task_is_told(file: Path, reference: str, wrong: str) -> None:
    with pytest.raises(TaskError, match=wrong):
        load_task(reference.format(file=file))


@pytest.mark.parametrize(
    "content", ["", "[1]", '{"find": {"goal": "no game"}}', '{"find": {"game": "g", "max_steps": -1}}']
)
def test_what_is_no_file_of_tasks_is_told(file: Path, content: str) -> None:
    file.write_text(content)
    with pytest.raises(TaskError, match="not a file of tasks"):
        load_task(f"{file}:find")
