"""Coin collecting: how large a level is, and that the coin can be won where it lies."""

from __future__ import annotations

import json

import pytest

from ariadne.envs import TextWorld, make_coin_collector
from ariadne.envs.makers.coin_collector import build, room_count
from ariadne.errors import GameError


@pytest.mark.parametrize(
    ("level", "size"), [
        (1, 1), (105, 10), (220, 60), (100, 100),
        *(pytest.param(*more, marks=pytest.mark.sample) for more in ((5, 5), (205, 15))),
    ],
)  # fmt: skip
def test_a_level_has_its_rooms_and_one_coin(level: int, size: int) -> None:
    assert room_count(level) == size
    if 1 < size < 20:
        kinds = [info.type for info in build(level, 3).infos.values()]
        assert (kinds.count("r"), kinds.count("o")) == (size, 1)


@pytest.mark.parametrize("level", [0, 301, 160, 240])
def test_an_unknown_level_is_refused(level: int) -> None:
    with pytest.raises(GameError, match=r"no level \d+ of coin collecting"):
        make_coin_collector(level, 1)


def test_the_walkthrough_wins_in_the_levels_number_of_moves() -> None:
    game_file = make_coin_collector(105, 7)
    walkthrough = json.loads(game_file.with_suffix(".json").read_text())["metadata"]["walkthrough"]
    assert len(walkthrough) == 5
    with TextWorld(game_file, valid_actions=False) as game:
        game.reset()
        seen = [game.step(command) for command in walkthrough]
    assert (seen[-1].won, seen[-1].score, seen[-1].max_score) == (True, 1, 1)
    assert not any(one.terminated for one in seen[:-1])
