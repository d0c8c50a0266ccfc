"""Hunts as in the paper: their sizes, their trail, and that a seed makes one game."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
import textworld

from ariadne.envs import make_treasure_hunt
from ariadne.envs.makers.paper_hunt import LEVELS, build, is_made
from ariadne.errors import GameError


@pytest.mark.parametrize(("level", "rooms", "keys"), [("easy", 12, 4), ("hard", 16, 5), ("hardest", 36, 7)])
def test_a_hunt_has_the_papers_size(level: str, rooms: int, keys: int) -> None:
    game = build(level, 5)
    kinds = [info.type for info in game.infos.values()]
    assert (kinds.count("r"), kinds.count("c"), kinds.count("k")) == (rooms, rooms, keys)
    assert game.max_score == keys + 3


@pytest.mark.parametrize(
    "seed", [*range(1, 6), *(pytest.param(seed, marks=pytest.mark.sample) for seed in range(6, 30))]
)
def test_textworld_keeps_all_names_and_the_objective_names_the_first_locker(seed: int) -> None:
    game = build("easy", seed)
    lockers = [info.name for info in game.infos.values() if info.type == "c"]
    assert all(name.endswith(" locker") for name in lockers)
    assert sum(name in game.objective for name in lockers) == 2
    assert len(set(lockers)) == 12


@pytest.mark.sample
def test_each_seed_makes_another_maze_with_notes_in_several_wordings() -> None:
    games = [build("easy", seed) for seed in range(1, 9)]
    mazes = {tuple(sorted(str(fact) for fact in game.world.facts if "_of(" in str(fact))) for game in games}
    assert len(mazes) == len(games)
    words = {
        info.desc.split()[0] for game in games for info in game.infos.values() if (info.name or "").startswith("Note")
    }
    assert len(words) > 2


def test_some_lockers_open_and_hold_nothing_useful() -> None:
    names = {str(fact.name) for fact in build("hardest", 2).world.facts}
    assert {"closed", "locked"} <= names


@pytest.mark.sample
def test_a_seed_makes_the_same_bytes_for_every_hash_seed(tmp_path: Path) -> None:
    made = [_made_in_a_process(tmp_path / seed, seed) for seed in ("0", "4242")]
    assert made[0] == made[1]


def test_a_game_is_made_once_and_copied_to_the_output(tmp_path: Path) -> None:
    kept = make_treasure_hunt("easy", 1)
    stamp = kept.stat().st_mtime_ns
    copy = make_treasure_hunt("easy", 1, tmp_path / "mine.z8")
    assert kept.stat().st_mtime_ns == stamp
    assert copy.read_bytes() == kept.read_bytes()
    assert textworld.Game.load(str(copy.with_suffix(".json"))).objective
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.json", "mine.z8"]


@pytest.mark.parametrize(("output", "wrong"), [("hunt.txt", r"must end in \.z8"), ("no/hunt.z8", "does not exist")])
def test_a_wrong_output_name_is_refused_and_nothing_is_written(tmp_path: Path, output: str, wrong: str) -> None:
    with pytest.raises(GameError, match=wrong):
        make_treasure_hunt("easy", 1, tmp_path / output)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "hunt.json").write_text("mine")
    with pytest.raises(GameError, match="exists"):
        make_treasure_hunt("easy", 1, tmp_path / "hunt.z8")
    assert [path.name for path in tmp_path.iterdir()] == ["hunt.json"]


def test_only_a_hunt_in_the_cache_counts_as_made() -> None:
    make_treasure_hunt("easy", 1)
    assert is_made("easy", 1)
    assert not is_made("easy", 987_654)


def test_an_unknown_level_is_refused_with_a_list_of_levels() -> None:
    with pytest.raises(GameError, match=", ".join(LEVELS)):
        make_treasure_hunt("impossible", 1)


def _made_in_a_process(cache: Path, hash_seed: str) -> list[str]:
    code = "from ariadne.envs import make_treasure_hunt as make; print(make('easy', 77))"
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "ARIADNE_CACHE": str(cache)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    game = Path(done.stdout.strip())
    return [hashlib.sha256(game.with_suffix(end).read_bytes()).hexdigest() for end in (".z8", ".json")]
