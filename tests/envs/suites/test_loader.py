"""Suites load from files and make games; a wrong file is refused with the problem."""

from __future__ import annotations

from pathlib import Path

import pytest

from ariadne.envs.express.games import LEVELS as EXPRESS
from ariadne.envs.suites.loader import load_suite, suite_names
from ariadne.errors import TaskError

GATA = (
    56274, 59970, 84367, 84976, 78535, 53564, 81769, 74846, 89534, 97971, 91348, 73267, 85684, 86167, 99909, 62563,
    59836, 82968, 57663, 85952,
)  # fmt: skip


def test_every_suite_can_be_read() -> None:
    assert suite_names() == ["balrog", "express", "gata", "growth", "paper", "tales"]
    for name in suite_names():
        read = load_suite(name)
        assert len({game.name for game in read.games}) == len(read.games)
        assert len(read.first_seeds(None)) == (read.count or 20)


def test_the_limits_match_the_published_ones() -> None:
    paper, gata, tales, balrog = map(load_suite, ("paper", "gata", "tales", "balrog"))
    assert {game.name: game.steps for game in paper.games} == {
        "treasure-hunt-easy": 150, "treasure-hunt-hard": 150, "treasure-hunt-hardest": 150, "cooking-easy": 60,
        "cooking-hard": 60, "cooking-hardest": 60, "cleaning": 150,
    }  # fmt: skip
    assert gata.first_seeds(None) == list(GATA)
    assert [game.level for game in gata.games] == [str(number) for number in range(1, 11)]
    assert (tales.first_seeds(None), sorted(tales.first_seeds(20))) == ([57663], sorted(GATA))
    assert {(game.moves, game.valid_actions) for game in (*gata.games, *tales.games)} == {(100, False)}
    assert {(game.moves, game.valid_actions) for game in balrog.games} == {(80, False)}
    express = load_suite("express")
    assert [game.level for game in express.games] == list(EXPRESS)
    assert {(game.moves, game.valid_actions, game.restarts) for game in express.games} == {(100, False, True)}
    assert {game.objective for game in balrog.games} == {True, False}


def test_a_suite_makes_its_game_from_a_seed() -> None:
    game = load_suite("balrog").games[0].model_copy(update={"level": "105"})
    assert game.make(7).name == "coin-collector-105-7.z8"


SUITE = 'about = "x"\nseeds = 1\n'
GAME = "steps = 3\n[[games]]\nmaker"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("about = 1", "about"),
        ("about = ", "Invalid value"),
        (f'{SUITE}[[games]]\nmaker = "x"', "steps"),
        (f'{SUITE}{GAME} = "x"\nlevel = "1"', "no maker 'x'"),
        (f'{SUITE}{GAME} = "cooking"\nlevel = "11"', "no level '11' of cooking; there are easy, .* 10, balrog"),
        (f'{SUITE}{GAME} = "coin-collector"', "no level '' of coin-collector; there are 183, from 1 to 233"),
        (f'{SUITE}{GAME} = "cleaning"\nlevel = "1"', "no level '1' of cleaning; it has no levels"),
        (f'{SUITE}steps = 0\n[[games]]\nmaker = "cooking"\nlevel = "1"', "steps"),
        (f'{SUITE}move = 3\n{GAME} = "cooking"\nlevel = "1"', "move"),
        (f'{SUITE}{GAME} = "cooking"\nlevel = "1"\nseeds = [1]', "seeds of game 1: this key belongs above the games"),
        (f'about = "x"\nseeds = []\n{GAME} = "cooking"\nlevel = "1"\nsteps = 1', "seeds: .* at least one seed"),
        (f'about = "x"\nseeds = [4, 7, 4]\n{GAME} = "cooking"\nlevel = "1"\nsteps = 1', "seeds: .* each seed once"),
        (f'about = "x"\nseeds = "a"\n{GAME} = "cooking"\nlevel = "1"\nsteps = 1', "seeds: "),
    ],
)
def test_a_wrong_suite_raises_a_task_error_that_names_the_problem(text: str, wrong: str, tmp_path: Path) -> None:
    (tmp_path / "odd.toml").write_text(text)
    with pytest.raises(TaskError, match=wrong):
        load_suite("odd", tmp_path)
    with pytest.raises(TaskError, match="no suite 'none'; there are balrog, express, gata, growth, paper, tales"):
        load_suite("none")
    with pytest.raises(TaskError, match="has 20 seeds, not 21"):
        load_suite("gata").first_seeds(21)
