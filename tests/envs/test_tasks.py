"""Tasks load by name; a missing or wrong task is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ariadne.cli.main import main
from ariadne.envs import load_task, make_cleaning
from ariadne.envs.makers.cleaning import draw_house
from ariadne.envs.tasks import count_placed
from ariadne.errors import TaskError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tasks.json"
    find = {"game": "g.z8", "goal": "Find it", "max_steps": 7}
    path.write_text(json.dumps({"find": find, "tidy": {"game": "h.z8", "scored_by": "placements"}}))
    return path


def test_a_task_has_its_game_beside_the_file_and_its_goal(file: Path) -> None:
    task = load_task(f"{file}:find")
    assert (task.game, task.goal, task.hint, task.max_steps) == (file.parent / "g.z8", "Find it", "", 7)


@pytest.mark.parametrize(
    ("reference", "wrong"),
    [
        ("tasks.json", "FILE.json:NAME"),
        ("{file}:", "FILE.json:NAME"),
        ("{file}:lost", "no task 'lost'; there are find, tidy"),
        ("{file}.none:find", "no tasks can be read"),
        ("{file}:tidy", 'has scored_by "placements" and 0 placements'),
    ],
)
def test_an_unknown_task_is_refused(file: Path, reference: str, wrong: str) -> None:
    with pytest.raises(TaskError, match=wrong):
        load_task(reference.format(file=file))


@pytest.mark.parametrize(
    "content", ["", "[1]", '{"find": {"goal": "no game"}}', '{"find": {"game": "g", "max_steps": -1}}']
)
def test_a_file_without_tasks_is_refused(file: Path, content: str) -> None:
    file.write_text(content)
    with pytest.raises(TaskError, match="not a file of tasks"):
        load_task(f"{file}:find")


def test_placements_count_the_things_in_their_places_after_the_commands(tmp_path: Path) -> None:
    seed, path = 5, tmp_path / "tasks.json"
    house, game = draw_house(seed), make_cleaning(seed)
    thing = next(thing for thing in house.lies if thing not in house.lost)
    lost = next(thing for thing in house.lost)
    wanted = [[thing, "on", house.lies[thing]], [lost, "on", house.lost[lost][0]]]
    path.write_text(json.dumps({"tidy": {"game": str(game), "scored_by": "placements", "placements": wanted}}))
    task = load_task(f"{path}:tidy")
    assert (count_placed(task, task.game, []), count_placed(task, task.game, ["look"])) == (1, 1)


def test_a_house_is_played_and_scored_by_its_task(tmp_path: Path) -> None:
    house, game = draw_house(5), make_cleaning(5)
    wanted = [[thing, "on", place] for thing, place in house.lies.items() if thing not in house.lost]
    path = tmp_path / "tasks.json"
    path.write_text(json.dumps({"tidy": {"game": str(game), "scored_by": "placements", "placements": wanted}}))
    run = CliRunner().invoke(main, ["play", "--task", f"{path}:tidy", "--steps", "2", "--run", str(tmp_path / "run")])
    assert f"{len(wanted)} of {len(wanted)} things are where they belong" in run.output
