"""TextWorld-Express's games as TALES plays them: the contract, errors, restarts, and the end of the Java process."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ariadne import assembly
from ariadne.envs import TextWorldExpress, check_environment, make_express
from ariadne.envs.express.games import LEVELS, ExpressGame, read_express
from ariadne.errors import AriadneError, GameError, MissingExtra
from ariadne.runs.record import Run
from ariadne.runs.session import play_game, resume_game
from ariadne.runs.settings import RunSettings
from ariadne.runs.verify import verify

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def java() -> None:
    """Skips where the games cannot be played."""
    pytest.importorskip("textworld_express")
    if shutil.which("java") is None:
        pytest.skip("there is no Java")


def test_a_game_file_names_its_game_and_is_always_the_same(tmp_path: Path) -> None:
    made = make_express("coin", 20007)
    assert (made.name, made.read_bytes()) == ("express-coin-20007.express", make_express("coin", 20007).read_bytes())
    parameters = {"numLocations": 1, "numDistractorItems": 5, "includeDoors": 1, "limitInventorySize": 0}
    assert read_express(made) == ExpressGame(game="coin", seed=20007, fold="test", parameters=parameters)
    assert read_express(made).settings == "numLocations=1,numDistractorItems=5,includeDoors=1,limitInventorySize=0"
    own = make_express("coin", 20007, tmp_path / "own.express")
    assert own.read_bytes() == made.read_bytes()
    with pytest.raises(GameError, match="exists; name another file"):
        make_express("coin", 20007, own)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [("{", "Invalid JSON"), ('{"game": "coin"}', "seed: Field required"),
     ('{"game": "coin", "seed": 1, "fold": "best"}', "fold: "), ('{"game": "coin", "seed": 1, "rooms": 2}', "rooms: ")],
)  # fmt: skip
def test_a_wrong_game_file_is_refused_with_the_problem(text: str, wrong: str, tmp_path: Path) -> None:
    (tmp_path / "odd.express").write_text(text)
    with pytest.raises(GameError, match=wrong):
        read_express(tmp_path / "odd.express")


def test_an_unknown_level_a_wrong_suffix_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(GameError, match="no level 'chess' of TextWorld-Express; there are cookingworld, twc, coin"):
        make_express("chess")
    with pytest.raises(GameError, match=r"must end in \.express"):
        make_express("coin", output=tmp_path / "coin.z8")
    with pytest.raises(GameError, match="this game does not exist"):
        read_express(tmp_path / "none.express")


def test_a_missing_extra_or_java_is_named_with_its_install_command(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "textworld_express", None)
        with pytest.raises(MissingExtra, match=r"pip install 'ariadne-agent\[express\]'"):
            TextWorldExpress(make_express("coin"))
    pytest.importorskip("textworld_express")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(GameError, match=r"need Java, .* install a JRE"):
        TextWorldExpress(make_express("coin"))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # py4j lets go of pipes unclosed
def test_a_java_that_does_not_start_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("textworld_express")
    broken = tmp_path / "java"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(GameError, match="run 'java -version'"):
        TextWorldExpress(make_express("coin"))


@pytest.mark.usefixtures("java")
class TestPlayed:
    @pytest.mark.parametrize("level", ["cookingworld", "simonsays-memory-10"])
    def test_the_game_keeps_the_contract_with_and_without_valid_actions(self, level: str) -> None:
        for listed in (True, False):
            with TextWorldExpress(make_express(level), valid_actions=listed, moves=15, restarts=listed) as game:
                check_environment(game, steps=20, seed=3)

    @pytest.mark.sample
    @pytest.mark.parametrize("level", LEVELS)
    def test_every_game_keeps_the_environment_contract(self, level: str) -> None:
        for restarts in (True, False):
            with TextWorldExpress(make_express(level), moves=30, restarts=restarts) as game:
                check_environment(game, steps=40, seed=5)

    def test_the_first_observation_is_task_and_room_and_a_win_gives_100_points(self) -> None:
        with TextWorldExpress(make_express("mapreader")) as game:
            first = game.reset()
            assert game.objective.startswith("Your task is to take the coin that is located in the shower")
            assert first.text.startswith(f"{game.objective}\n\nYou are in the bar.")
            assert (first.inventory, first.score, first.max_score) == ("Inventory:\n  a map", 0, 100)
            assert first.valid_actions == (
                "inventory", "look around", "move west", "put map in box", "read map", "task",
            )  # fmt: skip
            seen = [game.step(move) for move in ("move west", "take coin", "move east", "put coin in box")]
            assert [one.score for one in seen] == [0, 50, 50, 100]
            assert (seen[-1].won, seen[-1].terminated, seen[-1].truncated) == (True, True, False)
            with pytest.raises(GameError, match=r"call reset\(\) first"):
                game.step("look around")

    def test_task_and_valid_actions_can_be_hidden(self) -> None:
        with TextWorldExpress(make_express("coin"), valid_actions=False, objective=False) as game:
            first = game.reset()
            assert (game.objective, first.valid_actions) == ("", None)
            assert first.text.startswith("You are in the kitchen.")
            assert "Your task" not in first.text

    def test_a_lost_game_restarts_within_the_same_moves_if_restarts_is_set(self) -> None:
        for restarts in (False, True):
            with TextWorldExpress(make_express("simonsays-10"), restarts=restarts, moves=3) as game:
                first = game.reset()
                assert game.step("examine blueberry").score == 10
                lost = game.step("touch tomato")
                assert (lost.terminated, lost.won, lost.score) == (not restarts, False, 0 if restarts else -100)
                if restarts:
                    assert lost.text == f"Incorrect!\n\nThe game begins anew.\n\n{first.text}"
                    assert game.step("examine blueberry").truncated

    def test_an_empty_answer_becomes_a_fixed_text(self) -> None:
        with TextWorldExpress(make_express("simonsays-memory-10")) as game:
            game.reset()
            assert game.step("examine blueberry").text == "Nothing is said."

    def test_unknown_parameters_are_refused(self, tmp_path: Path) -> None:
        odd = tmp_path / "odd.express"
        odd.write_text(ExpressGame(game="coin", seed=1, parameters={"rooms": 3}).model_dump_json())
        with pytest.raises(GameError, match=r"Unrecognized property name \(rooms\)"):
            TextWorldExpress(odd)

    def test_java_ends_with_the_environment_and_later_calls_raise(self) -> None:
        with TextWorldExpress(make_express("coin")) as game:
            game.reset()
            java = game._engine.java
            assert java.poll() is None
            game.close()
            assert java.returncode is not None
            with pytest.raises(AriadneError, match="Java process ended"):
                game.step("look around")

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
    def test_java_ends_with_a_stopped_process(self, number: int) -> None:
        with subprocess.Popen(
            [sys.executable, "-c", _PLAYS], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True,
        ) as player:  # fmt: skip
            assert player.stdout
            java = int(player.stdout.readline())
            send = os.killpg if number == signal.SIGINT else os.kill  # Ctrl-C reaches Java too
            send(player.pid, number)
            _, errors = player.communicate(timeout=20)
        assert player.returncode == (1 if number == signal.SIGINT else -number)
        assert errors == ""
        for _ in _patiently():
            if not Path(f"/proc/{java}/cmdline").exists() or not Path(f"/proc/{java}/cmdline").read_bytes():
                return
        pytest.fail(f"Java, {java}, still runs")

    def test_a_run_can_be_stopped_resumed_and_verified(self, tmp_path: Path) -> None:
        game = make_express("simonsays-memory-10", output=tmp_path / "simon.express")
        settings = RunSettings(game=game, steps=2, valid_actions=False, restarts=True)
        run = play_game(settings, folder=tmp_path / "run")
        assert run.record.goal.startswith("Your task is to do exactly")
        resume_game(tmp_path / "run", steps=4)
        play_game(settings.model_copy(update={"steps": 4}), folder=tmp_path / "whole")
        assert (tmp_path / "run/steps.jsonl").read_bytes() == (tmp_path / "whole/steps.jsonl").read_bytes()
        with Run.open(tmp_path / "run") as opened:
            assert verify(opened) is None
            game.write_text(ExpressGame(game="coin", seed=20001).model_dump_json())
            assert "not the game of this run" in (verify(opened) or "")


def _patiently() -> Iterator[None]:
    for _ in range(100):
        yield
        time.sleep(0.1)


_PLAYS = """
import sys
from ariadne.envs import TextWorldExpress, make_express

with TextWorldExpress(make_express("coin")) as game:
    game.reset()
    try:
        print(game._engine.java.pid, flush=True)
        while True:
            game.step("look around")
    except KeyboardInterrupt:
        sys.exit(1)
"""


def test_the_suffix_of_a_game_chooses_its_environment(hunt: Path, tmp_path: Path) -> None:
    (tmp_path / "x.express").write_text("[]")
    with pytest.raises(GameError, match="not a game of TextWorld-Express"):
        assembly.environment(tmp_path / "x.express")
    with pytest.raises(GameError, match=r"name must end in \.z8"):
        assembly.environment(tmp_path / "x.txt")
