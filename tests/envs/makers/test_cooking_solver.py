"""The solver: its plans win the real games in as many moves, and never in more than the walkthroughs take."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ariadne.envs import TextWorld, make_coin_collector, make_cooking
from ariadne.envs.makers.cooking_solver import shortest_plan
from ariadne.envs.suites.loader import load_suite
from ariadne.errors import GameError


@pytest.mark.parametrize(
    ("level", "seed"),
    [
        ("1", 1),
        pytest.param("balrog", 1001, marks=pytest.mark.sample),
        *(pytest.param("balrog", seed, marks=pytest.mark.soak) for seed in range(1002, 1006)),
        *(pytest.param(level, 57663, marks=pytest.mark.sample) for level in ("1", "3", "10")),
        pytest.param("10", 56274, marks=pytest.mark.sample),
    ],
)
def test_a_plan_wins_the_real_game_with_its_last_move(level: str, seed: int) -> None:
    game = make_cooking(level, seed)
    plan = shortest_plan(game)
    assert plan is not None
    assert len(plan) <= len(json.loads(game.with_suffix(".json").read_text())["metadata"]["walkthrough"])
    with TextWorld(game, valid_actions=False) as world:
        world.reset()
        seen = [world.step(command) for command in plan]
    assert seen[-1].won
    assert seen[-1].score == seen[-1].max_score
    assert not any(one.terminated for one in seen[:-1])


@pytest.mark.sample
def test_a_game_with_limited_hands_has_no_known_plan() -> None:
    assert shortest_plan(make_cooking("hardest", 201)) is None


def test_a_wrong_or_missing_description_is_refused(tmp_path: Path) -> None:
    for game in (make_coin_collector(105, 7), tmp_path / "none.z8"):
        with pytest.raises(GameError, match="not the description of a cooking game"):
            shortest_plan(game)


def test_a_suites_game_knows_whether_its_moves_suffice() -> None:
    games = {game.name: game for game in load_suite("balrog").games}
    meal = games["cooking-balrog"].model_copy(update={"level": "1"})
    plan = shortest_plan(meal.make(1))
    assert plan is not None
    assert meal.model_copy(update={"moves": len(plan)}).winnable(1) is True
    assert meal.model_copy(update={"moves": len(plan) - 1}).winnable(1) is False
    assert meal.model_copy(update={"moves": None}).winnable(1) is None
    assert games["coin-collector-220"].winnable(3) is None
