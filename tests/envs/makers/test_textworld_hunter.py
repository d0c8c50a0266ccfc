"""Treasure hunting: TextWorld's own games, made faster; what wins and what loses them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ariadne.envs import TextWorld, make_treasure_hunter
from ariadne.envs.makers.textworld_hunter import original_game
from ariadne.errors import GameError

SLOWLY = """
import json, sys, textworld
from textworld.challenges.tw_treasure_hunter import treasure_hunter
options = textworld.GameOptions()
options.seeds = int(sys.argv[2])
print(json.dumps(treasure_hunter.make({"level": int(sys.argv[1])}, options).serialize()))
"""
QUICKLY = """
import json, sys
from ariadne.envs.makers.textworld_hunter import original_game
print(json.dumps(original_game(int(sys.argv[1]), int(sys.argv[2])).serialize()))
"""


def printed(code: str, level: int, seed: int) -> str:
    command = [sys.executable, "-c", code, str(level), str(seed)]
    done = subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": "0"}, capture_output=True, check=True)
    return done.stdout.decode()


@pytest.mark.sample
@pytest.mark.parametrize(
    ("level", "seed"),
    [(8, 3), pytest.param(13, 1, marks=pytest.mark.sample), pytest.param(23, 2, marks=pytest.mark.sample)],
)
def test_the_cached_check_makes_the_same_game_as_textworld(level: int, seed: int) -> None:
    assert printed(QUICKLY, level, seed) == printed(SLOWLY, level, seed)


@pytest.mark.soak
def test_the_highest_level_makes_the_same_game_as_textworld() -> None:
    assert printed(QUICKLY, 30, 1002) == printed(SLOWLY, 30, 1002)


@pytest.mark.sample
def test_a_seed_that_needs_too_many_states_is_skipped() -> None:
    assert original_game(30, 1008) is None


@pytest.mark.parametrize("level", [0, 31])
def test_an_unknown_level_is_refused(level: int) -> None:
    with pytest.raises(GameError, match=r"no level \d+ of treasure hunting; there are 1 to 30"):
        make_treasure_hunter(level, 1)


def metadata(game: Path) -> dict[str, object]:
    read: dict[str, object] = json.loads(game.with_suffix(".json").read_text())["metadata"]
    return read


def test_the_walkthrough_is_as_long_as_the_quest_and_wins() -> None:
    hunt = make_treasure_hunter(3, 1)
    described = metadata(hunt)
    walkthrough = described["walkthrough"]
    assert isinstance(walkthrough, list)
    assert described["textworld_seed"] == 1
    assert len(walkthrough) == described["quest_length"] == 2
    assert described["world_size"] == 5
    with TextWorld(hunt, valid_actions=False) as game:
        game.reset()
        seen = [game.step(command) for command in walkthrough]
    assert (seen[-1].won, seen[-1].score, seen[-1].max_score) == (True, 1, 1)
    assert not any(one.terminated for one in seen[:-1])


@pytest.mark.sample
def test_a_game_of_the_highest_level_takes_the_next_seed_that_is_made_in_time() -> None:
    first, other = map(metadata, (make_treasure_hunter(30, 1002), make_treasure_hunter(30, 1003)))
    assert first["textworld_seed"] == 1002
    assert other["textworld_seed"] != 1003
    assert (other["quest_length"], other["world_size"]) == (20, 20)


def test_taking_the_wrong_object_loses_the_game() -> None:
    (quest,) = json.loads(make_treasure_hunter(3, 1).with_suffix(".json").read_text())["quests"]
    (lost,) = quest["fail_events"]
    assert [fact["name"] for fact in lost["condition"]["preconditions"]] == ["in"]
