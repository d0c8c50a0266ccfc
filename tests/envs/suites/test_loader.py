"""Suites: files that can be read, with games that can be made; what is wrong with one is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from ariadne.envs.express.games import LEVELS as EXPRESS
from ariadne.envs.suites.loader import suite, suites
from ariadne.errors import TaskError

GATA = (
    56274, 59970, 84367, 84976, 78535, 53564, 81769, 74846, 89534, 97971, 91348, 73267, 85684, 86167, 99909, 62563,
    59836, 82968, 57663, 85952,
)  # fmt: skip


def test_every_suite_can_be_read() -> None:
    assert suites() == ["balrog", "express", "gata", "growth", "paper", "tales"]
    for name in suites():
        read = suite(name)
        assert len({game.name for game in read.games}) == len(read.games)
        assert len(read.some_seeds(None)) == (read.count or 20)


def test_the_limits_are_those_that_were_published() -> None:
    paper, gata, tales, balrog = map(suite, ("paper", "gata", "tales", "balrog"))
    assert {game.name: game.steps for game in paper.games} == {
        "treasure-hunt-easy": 150, "treasure-hunt-hard": 150, "treasure-hunt-hardest": 150, "cooking-easy": 60,
        "cooking-hard": 60, "cooking-hardest": 60, "cleaning": 150,
    }  # fmt: skip
    assert gata.some_seeds(None) == list(GATA)
    assert [game.level for game in gata.games] == [str(number) for number in range(1, 11)]
    assert (tales.some_seeds(None), sorted(tales.some_seeds(20))) == ([57663], sorted(GATA))
    assert {(game.moves, game.valid_actions) for game in (*gata.games, *tales.games)} == {(100, False)}
    assert {(game.moves, game.valid_actions) for game in balrog.games} == {(80, False)}
    express = suite("express")
    assert [game.level for game in express.games] == list(EXPRESS)
    assert {(game.moves, game.valid_actions, game.restarts) for game in express.games} == {(100, False, True)}
    assert {game.objective for game in balrog.games} == {True, False}


def test_a_game_of_a_suite_is_made_by_its_seed() -> None:
    game = suite("balrog").games[0]
    assert game.make(3).name == "coin-collector-220-3.z8"


SUITE = 'about = "x"\nseeds = 1\n'
GAME = "steps = 3\n[[games]]\nmaker"


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ("about = 1", "about"),
        ("about = ", "Invalid value"),
        (f'{SUITE}[[games]]\nmaker = "x"', "steps"),
        (f'{SUITE}{GAME} = "x"\nlevel = "1"', "no maker 'x'"),
        (f'{SUITE}{GAME} = "cooking"\nlevel = "11"', "no level '11' of cooking; there are easy, .* 10, balrog"),
        (f'{SUITE}{GAME} = "coin-collector"', "no level '' of coin-collector; there are 183, from 1 to 233"),
        (f'{SUITE}{GAME} = "cleaning"\nlevel = "1"', "no level '1' of cleaning; it has none"),
        (f'{SUITE}steps = 0\n[[games]]\nmaker = "cooking"\nlevel = "1"', "steps"),
        (f'{SUITE}move = 3\n{GAME} = "cooking"\nlevel = "1"', "move"),
        (f'{SUITE}{GAME} = "cooking"\nlevel = "1"\nseeds = [1]', "seeds of game 1: it stands above the games"),
        (f'about = "x"\nseeds = []\n{GAME} = "cooking"\nlevel = "1"\nsteps = 1', "seeds: .* at least one seed"),
        (f'about = "x"\nseeds = [4, 7, 4]\n{GAME} = "cooking"\nlevel = "1"\nsteps = 1', "seeds: .* each once"),
        (f'about = "x"\nseeds = "a"\n{GAME} = "cooking"\nlevel = "1"\nsteps = 1', "seeds: "),
    ],
)
def test_what_is_wrong_with_a_suite_is_told(told: str, wrong: str, tmp_path: Path) -> None:
    (tmp_path / "odd.toml").write_text(told)
    with pytest.raises(TaskError, match=wrong):
        suite("odd", tmp_path)
    with pytest.raises(TaskError, match="no suite 'none'; there are balrog, express, gata, growth, paper, tales"):
        suite("none")
    with pytest.raises(TaskError, match="there are 20 seeds, not 21"):
        suite("gata").some_seeds(21)
