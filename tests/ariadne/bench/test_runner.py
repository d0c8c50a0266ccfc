"""A bench of a suite: each run is saved and played once, and a crash is reported."""

from __future__ import annotations

import csv
import json
import math
import shlex
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ariadne.bench import runner
from ariadne.bench.plots import plot
from ariadne.bench.results import ResultRow, make_rows, rerun_commands
from ariadne.bench.runner import Item, delete_runs, in_processes, make_items, play_all, play_item
from ariadne.envs.suites.loader import Game, Suite
from ariadne.errors import AriadneError, ModelError
from ariadne.llm.scripted import ScriptedChat
from ariadne.llm.settings import ModelSettings
from ariadne.runs.record import RECORD, read_record, read_steps
from ariadne.runs.session import ModelAccess, play_game
from ariadne.runs.settings import RunSettings
from tests.command import ariadne

ARIADNE = (sys.executable, "-m", "ariadne")
MEAL = Game(maker="cooking", level="1", steps=20)
HIDDEN = "cooking-1-no-objective"
SUITE = Suite(about="meals", seeds=1, games=(MEAL, MEAL.model_copy(update={"objective": False, "moves": 3})))

OWN = """
about = "two small hunts of ours"
seeds = [1, 2]
count = 2
steps = 60
maker = "treasure-hunt"
level = "easy"

[[games]]

[[games]]
objective = false
moves = 3
"""


def quiet(item: Item, problem: str | None) -> None:
    """Print nothing."""


@pytest.fixture
def runs_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of a bench are played in this process, one at a time: a process a run takes seconds to start."""
    one_at_a_time = threading.Lock()

    def play(item: Item, folder: Path) -> str | None:
        with one_at_a_time:
            return runner.run_item(item, folder)

    monkeypatch.setattr(runner, "_in_a_process", play)


def test_all_combinations_are_played() -> None:
    wanted = make_items(SUITE, seeds=[1, 2], memories=["none", "history"], contexts=[300, 900])
    assert len({item.name for item in wanted}) == len(wanted) == 2 * 2 * 2 * 2
    assert {
        item.game.name for item in make_items(SUITE, seeds=[1], memories=["rag"], contexts=[9], games=[HIDDEN])
    } == {HIDDEN}
    with pytest.raises(AriadneError, match="no game 'hunt' in this suite; there are cooking-1, cooking-1-no-objective"):
        make_items(SUITE, seeds=[1], memories=["none"], contexts=[300], games=["hunt"])


@pytest.mark.sample
@pytest.mark.usefixtures("runs_here")
def test_runs_are_saved_and_played_once_and_a_crash_stops_no_other(tmp_path: Path) -> None:
    wanted = make_items(SUITE, seeds=[1, 2], memories=["arigraph"], contexts=[900])
    broken = Item(game=MEAL.model_copy(update={"level": "no such level"}), seed=1, context=900)
    reported = list[tuple[str, str | None]]()
    with in_processes(2) as here:
        wrong = play_all(
            [*wanted, broken], tmp_path, executor=here, done=lambda item, what: reported.append((item.name, what))
        )
    assert {name for name, what in reported if what is None} == {item.name for item in wanted}
    assert list(wrong) == [broken.name]
    assert "no level 'no such level' of cooking" in wrong[broken.name]
    first, second, third = make_rows([*wanted, broken], tmp_path)
    assert (first.game, first.runs, first.score, first.won, first.lost, first.failed) == ("cooking-1", 2, 1, 1, (), ())
    assert first.score_interval is None  # of how scores spread nothing is known
    assert 0.34 < first.won_interval[0] < 0.35
    assert first.won_interval[1] == 1
    assert (second.game, second.won, second.lost, second.moves) == (HIDDEN, 0, (1, 2), 3)
    assert (first.winnable, second.winnable, third.winnable) == (None, 0, None)
    assert (third.runs, third.failed) == (0, (1,))
    assert list(rerun_commands("meals", first)) == []
    assert list(rerun_commands("meals", second)) == [
        f"ariadne bench meals --game {HIDDEN} --memory arigraph --context 900 --rerun 1 --rerun 2"
    ]
    longer = [
        item.model_copy(update={"game": item.game.model_copy(update={"moves": 4})})
        for item in wanted if item.game.moves
    ]  # fmt: skip
    with (
        in_processes(2) as here,
        pytest.raises(
            AriadneError, match="is a run with moves 3, not 4: choose another folder, or play it with --rerun"
        ),
    ):
        play_all(longer, tmp_path, executor=here, done=quiet)
    whens = {item.name: (tmp_path / item.name / RECORD).stat().st_mtime_ns for item in wanted}
    with in_processes(2) as here:
        play_all(wanted, tmp_path, executor=here, done=quiet)
    assert {item.name: (tmp_path / item.name / RECORD).stat().st_mtime_ns for item in wanted} == whens


def test_a_stopped_run_continues(tmp_path: Path) -> None:
    (item, *_) = make_items(SUITE, seeds=[1], memories=["arigraph"], contexts=[900])
    play_item(item, tmp_path / "twin")
    play_item(item, tmp_path / "run")
    record = json.loads((tmp_path / "run" / RECORD).read_text())
    (tmp_path / "run" / RECORD).write_text(json.dumps(record | {"state": "running", "outcome": None, "ended": None}))
    lines = (tmp_path / "run" / "steps.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "run" / "steps.jsonl").write_bytes(b"".join(lines[:2]))
    play_item(item, tmp_path / "run")
    assert read_record(tmp_path / "run").state == "finished"
    assert list(read_steps(tmp_path / "run")) == list(read_steps(tmp_path / "twin"))


@pytest.mark.usefixtures("runs_here", "made_games")
def test_the_command_writes_all_tables_and_a_plot(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN)
    command = ["bench", "own.toml", "--game", "treasure-hunt-easy-no-objective", "--seeds", "1", "--out", "out"]
    command += ["--memory", "none", "--memory", "history"]
    done = ariadne(*command, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].split()[:6] == ["game", "memory", "context", "runs", "score", "95"]
    assert "2/2" in done.stderr
    reported = json.loads((tmp_path / "out" / "table.json").read_text())
    assert [(row["memory"], row["runs"]) for row in reported] == [("none", 1), ("history", 1)]
    rows = list(csv.DictReader((tmp_path / "out" / "table.csv").read_text().splitlines()))
    assert [float(row["score"]) for row in rows] == [row["score"] for row in reported]
    assert [float(row["won_interval_low"]) for row in rows] == [row["won_interval"][0] for row in reported]
    assert (tmp_path / "out" / "table.md").read_text().count("\n") == 4
    assert (tmp_path / "out" / "scores.svg").read_text().startswith("<?xml")
    done = ariadne(*command, "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["rows"] == reported
    assert "paper" in ariadne("bench", "--help").stdout


def test_intervals_stay_within_possible_scores(tmp_path: Path) -> None:
    """Two scores, 1 and 0.5: Student's t with one degree of freedom is wider than what a score can be."""
    rows = [
        ResultRow(
            "g", "rules", "none", 9, 2, 0.75, (0, 1), 0.5, (0.1, 0.9), 1, 1, 9, 0, 1, None, 0.1, 0, None, (1,), ()
        )
    ]
    assert math.isclose(rows[0].score, 0.75)
    assert list(rerun_commands("s", rows[0])) == ["ariadne bench s --game g --memory none --context 9 --rerun 1"]


@pytest.mark.parametrize("rooms", [True, False])
def test_a_plot_labels_minds_if_they_differ(rooms: bool, tmp_path: Path) -> None:
    reported = (
        0.9,
        (0.8, 1.0),
        1.0,
        (0.4, 1.0),
        30.0,
        40.0,
        10.0,
        0.0,
        0.0,
        0.0,
        0.03,
        4.0,
        12 if rooms else None,
        (),
        (),
    )
    rows = [ResultRow("hunt", mind, "arigraph", 1500, 3, *reported) for mind in ("rules", "llm")]
    plot(rows[:1], tmp_path / "one.svg")
    plot([replace(row, runs=0) for row in rows], tmp_path / "one.svg")
    assert not (tmp_path / "one.svg").exists()  # nothing was played
    plot(rows[:1], tmp_path / "one.svg")
    plot(rows, tmp_path / "both.svg")
    assert "<!-- arigraph -->" in (tmp_path / "one.svg").read_text()
    assert all(f"<!-- arigraph, {mind} -->" in (tmp_path / "both.svg").read_text() for mind in ("rules", "llm"))


@pytest.mark.parametrize("rooms", [True, False])
def test_the_same_rows_give_the_same_plot_and_growth_is_plotted_by_rooms(rooms: bool, tmp_path: Path) -> None:
    def row(memory: str, size: int) -> ResultRow:
        reported = (0.9, (0.8, 1.0), 1.0, (0.4, 1.0), 30.0, 40.0, 10.0 * size, 0.0, 0.0, 0.0, 0.03, 4.0)
        return ResultRow(f"hunt-{size}", "rules", memory, 1500, 3, *reported, size if rooms else None, (), ())

    rows = [row(memory, size) for memory in ("arigraph", "rag") for size in (12, 36)]
    for name in ("one.svg", "two.svg"):
        plot(rows, tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    assert ("<!-- rooms -->" in (tmp_path / "one.svg").read_text()) is rooms


@pytest.mark.usefixtures("runs_here", "made_games")
def test_a_suite_from_a_file_is_played_and_the_printed_command_plays_lost_games_again(tmp_path: Path) -> None:
    (tmp_path / "own hunts.toml").write_text(OWN)

    def bench(*more: str) -> subprocess.CompletedProcess[str]:
        return ariadne("bench", *more, cwd=tmp_path)

    done = bench("own hunts.toml", "--out", "some runs", "--workers", "2")
    assert done.returncode == 0, done.stderr
    lost = "treasure-hunt-easy-no-objective"
    printed = f"ariadne bench 'own hunts.toml' --game {lost} --memory arigraph --context 1500"
    command = f"{printed} --out 'some runs' --rerun 1 --rerun 2"
    assert command in done.stdout.splitlines()
    games = "treasure-hunt-easy", lost
    files = [tmp_path / "some runs" / f"{game}-1-rules-arigraph-1500" / RECORD for game in games]
    before = [file.stat().st_mtime_ns for file in files]
    assert bench(*shlex.split(command)[2:]).returncode == 0
    rows = json.loads((tmp_path / "some runs" / "table.json").read_text())
    assert [(row["game"], row["runs"]) for row in rows] == [(game, 2) for game in games]  # none is lost of it
    after = [file.stat().st_mtime_ns for file in files]
    assert before[0] == after[0]
    assert before[1] != after[1]
    (files[1].parent / "notes.txt").write_text("mine")
    kept = bench(*shlex.split(command)[2:])
    assert (kept.returncode, "notes.txt: not a file of a run" in kept.stderr) == (1, True)
    assert [file.stat().st_mtime_ns for file in files] == after
    (files[1].parent / "notes.txt").unlink()
    assert "two small hunts of ours" in bench("own hunts.toml", "--help").stdout
    nowhere = bench("own hunts.toml", "--out", "some runs", "--rerun", "5")
    assert nowhere.returncode == 2
    assert "--rerun 5: this seed is not among the chosen ones" in nowhere.stderr
    (tmp_path / "own hunts.toml").write_text(OWN.replace("moves = 3", "moves = 4"))
    refused = bench("own hunts.toml", "--out", "some runs", "--rerun", "1")
    assert (refused.returncode, "a run with moves 3, not 4" in refused.stderr) == (1, True)
    assert [file.stat().st_mtime_ns for file in files] == after  # the runs to play again are still there
    missing = bench("none.toml")
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "no suite 'none.toml'" in missing.stderr


@pytest.mark.sample
def test_a_failed_run_shows_in_the_exit_status_and_the_table(tmp_path: Path) -> None:
    (tmp_path / "odd.toml").write_text(OWN)
    runs = tmp_path / "runs" / "bench-odd"
    runs.mkdir(parents=True)
    (runs / "treasure-hunt-easy-no-objective-1-rules-arigraph-1500").write_text("no run, but a file in its place")
    done = ariadne("bench", "odd.toml", "--seeds", "1", cwd=tmp_path)
    assert done.returncode == 1
    assert "treasure-hunt-easy-no-objective-1-rules-arigraph-1500: " in done.stderr
    assert done.stdout.splitlines()[0].endswith("failed")
    assert "1 run did not finish; the same command continues" in done.stdout
    rows = json.loads((runs / "table.json").read_text())
    assert [(row["runs"], row["failed"]) for row in rows] == [(1, []), (0, [1])]


def test_a_wrong_table_is_reported_before_anything_is_played(tmp_path: Path) -> None:
    (tmp_path / "table.json").write_text('[{"game": "cooking-1"}]')
    done = ariadne("bench", "tales", "--out", ".", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "table.json: not a table of this version of bench: delete it" in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["table.json"]


def test_model_options_are_refused_without_a_model(tmp_path: Path) -> None:
    done = ariadne("bench", "tales", "--model", "some", cwd=tmp_path)
    assert done.returncode == 2
    assert "--model needs --mind llm" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_run_is_deleted_with_its_trials_and_nothing_else(tmp_path: Path) -> None:
    (item,) = make_items(SUITE, seeds=[1], memories=["none"], contexts=[900], games=[HIDDEN], trials=2)
    play_item(item, tmp_path / item.name)
    (tmp_path / "other").mkdir()
    assert len(list(tmp_path.iterdir())) == 3
    delete_runs(tmp_path / item.name)
    assert [left.name for left in tmp_path.iterdir()] == ["other"]
    delete_runs(tmp_path / "other")
    assert (tmp_path / "other").exists()


@pytest.mark.sample
@pytest.mark.usefixtures("runs_here")
def test_without_a_server_all_runs_are_reported_and_the_same_bench_continues(tmp_path: Path) -> None:
    with socket.socket() as closed:  # bound, and listening to no one
        closed.bind(("127.0.0.1", 0))
        server = f"http://127.0.0.1:{closed.getsockname()[1]}"
        command = ["bench", "gata", "--game", "cooking-1", "--seeds", "2", "--mind", "llm", "--model", "m"]
        command += ["--base-url", server, "--patience", "1", "--out", "out"]
        done = ariadne(*command, cwd=tmp_path)
    assert (done.returncode, done.stderr.count("no connection")) == (1, 2)
    assert "Traceback" not in done.stderr
    assert "2 runs did not finish; the same command continues" in done.stdout
    assert len([run for run in (tmp_path / "out").iterdir() if run.is_dir()]) == 2


def test_other_model_settings_need_another_bench(tmp_path: Path) -> None:
    def item(**more: Any) -> Item:
        how = ModelSettings(model="m", **more)
        return make_items(SUITE, seeds=[1], memories=["none"], contexts=[900], mind="llm", model_settings=how)[0]

    settings = RunSettings(game=MEAL.make(1), mind="llm", memory="none", steps=20, context=900)
    chat = ModelAccess(ScriptedChat([]))
    settings = settings.model_copy(update={"model_settings": ModelSettings(model="m", plan="rules")})
    with pytest.raises(ModelError):
        play_game(settings, folder=tmp_path / item().name, access=chat)
    with in_processes(1) as here, pytest.raises(AriadneError, match="is a run with plan rules, not llm"):
        play_all([item(act="rules")], tmp_path, executor=here, done=quiet)


def quiet_step(*_: object) -> None:
    """Print nothing."""
