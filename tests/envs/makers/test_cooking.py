"""Cooking games: their sizes, that a seed makes one game, and that nothing of TextWorld is changed by making one."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import pytest
from textworld.challenges.tw_cooking.cooking import ENTITIES

from ariadne.envs import make_cooking
from ariadne.envs.makers.cooking import LEVELS, build
from ariadne.envs.text_world.ground_truth import RevealedGame
from ariadne.errors import GameError

BEFORE = deepcopy(ENTITIES)
"""What TextWorld has before anything is made."""
SIZES = [
    ("easy", 11, 9, "open"), ("hard", 14, 12, "open"), ("hardest", 17, 12, "closed"), ("1", 3, 1, ""), ("2", 4, 1, ""),
    ("3", 4, 1, ""), ("4", 3, 6, ""), ("5", 3, 9, ""), ("6", 3, 12, ""), ("7", 5, 1, ""), ("8", 5, 6, ""),
    ("9", 11, 6, ""), ("10", 11, 12, ""), ("balrog", 17, 12, "closed"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("level", "score", "rooms", "oven"),
    [size if size[0] == "1" else pytest.param(*size, marks=pytest.mark.sample) for size in SIZES],
)
def test_a_game_has_its_levels_size_and_gatas_oven_has_no_state(level: str, score: int, rooms: int, oven: str) -> None:
    game = build(level, 5)
    kinds = [info.type for info in game.infos.values()]
    assert (game.max_score, kinds.count("r")) == (score, rooms)
    states = [fact.name for fact in game.world.facts if [argument.type for argument in fact.arguments] == ["oven"]]
    assert states == ([oven] if oven else [])


def test_every_level_has_a_size() -> None:
    assert [level for level, *_ in SIZES] == list(LEVELS)


def test_gatas_oven_offers_neither_open_nor_close() -> None:
    with RevealedGame(make_cooking("1", 1)) as game:
        actions = game.reset().valid_actions
    assert [action for action in actions if "oven" in action] == ["examine oven"]
    assert "open fridge" in actions


@pytest.mark.sample
def test_each_seed_makes_another_game_and_leaves_textworld_unchanged() -> None:
    games = [build("1", seed) for seed in (1, 2)]
    assert ENTITIES == BEFORE
    assert len({frozenset(map(str, game.world.facts)) for game in games}) == len(games)


@pytest.mark.sample
def test_the_same_seed_gives_the_same_bytes_for_every_hash_seed(tmp_path: Path) -> None:
    assert _made_in_a_process(tmp_path, "4242") == _digests(make_cooking("1", 1))


def test_an_unknown_level_is_refused_with_a_list_of_levels() -> None:
    with pytest.raises(GameError, match=", ".join(LEVELS)):
        make_cooking("11", 1)


def _made_in_a_process(cache: Path, hash_seed: str) -> list[str]:
    code = "from ariadne.envs import make_cooking as make; print(make('1', 1))"
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "ARIADNE_CACHE": str(cache)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return _digests(Path(done.stdout.strip()))


def _digests(game: Path) -> list[str]:
    return [hashlib.sha256(game.with_suffix(end).read_bytes()).hexdigest() for end in (".z8", ".json")]
