"""A saved run is shown and verified: altered, missing and incomplete steps are reported with their place."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from ariadne import assembly
from ariadne.envs import make_treasure_hunt
from ariadne.errors import GameError
from ariadne.runs.record import RECORD, STEPS, Run
from ariadne.runs.session import play_game
from ariadne.runs.settings import RunSettings
from ariadne.runs.verify import verify
from ariadne.ui.tour import Tour
from tests.command import ariadne

ARIADNE = (sys.executable, "-m", "ariadne")


@pytest.fixture(scope="module")
def played(hunt: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("played") / "run"
    play_game(RunSettings(game=hunt), folder=folder)
    return folder


@pytest.fixture
def copy(played: Path, tmp_path: Path) -> Path:
    return shutil.copytree(played, tmp_path / "run")


def problem(folder: Path, **more: Path) -> str | None:
    with Run.open(folder) as run:
        return verify(run, **more)


def changed(folder: Path, number: int, was: str, now: str) -> None:
    """One recorded step, with another word in it."""
    lines = (folder / STEPS).read_text(encoding="utf-8").splitlines()
    assert was in lines[number - 1]
    lines[number - 1] = lines[number - 1].replace(was, now, 1)
    (folder / STEPS).write_text("\n".join([*lines, ""]), encoding="utf-8")


def test_a_true_run_is_verified_also_in_a_moved_game(played: Path, hunt: Path, copy: Path) -> None:
    assert problem(played) is None
    record = json.loads((copy / RECORD).read_text())
    (copy / RECORD).write_text(json.dumps(record | {"settings": record["settings"] | {"game": "gone.z8"}}))
    with pytest.raises(
        GameError, match=r"gone\.z8: the game does not exist; if it has moved, give its new file with --game"
    ):
        problem(copy)
    assert problem(copy, game=hunt) is None
    assert "not the game of this run" in str(problem(copy, game=make_treasure_hunt("easy", 2)))


def test_an_altered_observation_is_reported_with_both_values(copy: Path) -> None:
    changed(copy, 5, '"text":"', '"text":"Psst. ')
    found = problem(copy)
    assert found
    assert found.startswith("step 5: text was 'Psst. ")
    assert ", is '" in found


def test_a_missing_step_is_reported_at_any_place(played: Path, copy: Path) -> None:
    lines = (played / STEPS).read_bytes().splitlines(keepends=True)
    for missing in (1, 4, len(lines)):
        (copy / STEPS).write_bytes(b"".join(lines[: missing - 1] + lines[missing:]))
        assert f"step {missing} is missing" in str(problem(copy))
    (copy / STEPS).write_bytes(b"".join([*lines[:3], *lines[2:]]))
    assert "line 4 is step 3: that step occurs twice" in str(problem(copy))
    (copy / STEPS).write_bytes(b"")
    assert str(problem(copy)) == f"{copy} has no steps"
    record = json.loads((copy / RECORD).read_text())
    (copy / RECORD).write_text(json.dumps(record | {"state": "interrupted"}))
    assert str(problem(copy)) == f"{copy} has no steps yet; continue with: ariadne play --resume {copy}"


def test_an_incomplete_last_line_is_reported_with_its_number(played: Path, copy: Path) -> None:
    whole = (played / STEPS).read_bytes()
    for cut in (1, 30):
        (copy / STEPS).write_bytes(whole[:-cut])
        lines = whole.count(b"\n")
        assert f"line {lines} is incomplete: step {lines} was not written completely" in str(problem(copy))


def test_a_finished_run_without_its_last_steps_is_shown_with_a_warning(played: Path, copy: Path) -> None:
    (copy / STEPS).write_bytes(b"".join((played / STEPS).read_bytes().splitlines(keepends=True)[:9]))
    done = _replayed(copy)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 10)
    assert "the run is finished, but step 10 is missing" in done.stderr


def test_a_changed_action_is_reported_at_the_next_step(copy: Path) -> None:
    with Run.open(copy) as run:
        (command,) = run.steps[5].decision.commands
    changed(copy, 6, f'"commands":["{command}"]}}}}', '"commands":["look"]}}')
    assert str(problem(copy)).startswith("step 7: ")


def test_points_that_no_step_has_are_reported(copy: Path) -> None:
    record = json.loads((copy / RECORD).read_text())
    (copy / RECORD).write_text(json.dumps(record | {"outcome": record["outcome"] | {"score": 3}}))
    assert "run.json has 3 points" in str(problem(copy))


def test_a_tour_stops_where_score_or_facts_change(played: Path) -> None:
    with Run.open(played) as run:
        tour, steps = Tour(run), list(run.steps)
        rose = [b.number for a, b in pairwise(steps) if b.observation.score > a.observation.score]
        seen = list[int]()
        while tour.to_score():
            seen.append(tour.at)
        assert seen == rose
        assert tour.to_score(-1)
        assert tour.at == rose[-2]
        key = next(fact.subject for fact in steps[1].update.added if "key" in fact.subject.casefold())
        numbers = [
            step.number for step in steps
            if any(key in (fact.subject, fact.object) for fact in (*step.update.added, *step.update.retired))
        ]  # fmt: skip
        tour.to(1)
        assert tour.to_fact(1, key.upper())
        assert tour.at == next(number for number in numbers if number > 1)
        assert not tour.to_fact(1, "no such thing")
        assert tour.to(10_000)
        assert (tour.at, tour.to(10_000)) == (len(steps), False)
        assert tour.to_fact(-1)


def test_replay_prints_a_line_a_step_or_one_step_and_needs_no_game(copy: Path) -> None:
    record = json.loads((copy / RECORD).read_text())
    (copy / RECORD).write_text(json.dumps(record | {"settings": record["settings"] | {"game": "gone.z8"}}))
    with Run.open(copy) as run:
        steps = list(run.steps)
    lines = _replayed(copy).stdout.splitlines()
    assert len(lines) == len(steps) + 1
    shown = _replayed(copy, "--at", 3).stdout
    assert f"step 3 of {len(steps)}" in shown
    assert steps[2].decision.action in shown
    assert "seen before deciding" in shown
    assert json.loads(_replayed(copy, "--at", 3, "--json").stdout)["number"] == 3
    assert "Room" in _replayed(copy, "--at", 6).stdout.splitlines()[1]  # the place, though no header names it
    everything = json.loads(_replayed(copy, "--json").stdout)
    assert [step["number"] for step in everything["steps"]] == list(range(1, len(steps) + 1))
    for arguments in (("--verify", "--at", 2), ("--verify", "--context", 200), ("--game", "x.z8")):
        assert _replayed(copy, *arguments).returncode == 2
    for options, message in (
        (("--at", "999"), f"there is no step 999; there are 1 to {len(steps)}"),
        (("--verify",), "gone.z8: the game does not exist"),
    ):
        done = _replayed(copy, *options)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert message in done.stderr
    done = _replayed(copy.parent / "none")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


def test_verify_reports_to_people_and_to_programs(played: Path, copy: Path) -> None:
    assert _replayed(played, "--verify").stdout.endswith("repeat exactly; 7 points\n")
    assert json.loads(_replayed(played, "--verify", "--json").stdout)["true"] is True
    changed(copy, 1, '"score":0', '"score":9')
    done = _replayed(copy, "--verify", "--json")
    assert (done.returncode, json.loads(done.stdout)["problem"]) == (1, "step 1: score was 9, is 0")


def test_in_a_terminal_keys_lead_through_a_run(played: Path) -> None:
    with Run.open(played) as run:
        last = len(run.steps)
        rose = next(step.number for step in run.steps if step.observation.score)
    main, side = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "30"}
    process = subprocess.Popen([*ARIADNE, "replay", played], stdin=side, stdout=side, stderr=side, env=environment)
    os.close(side)
    try:
        for key, comes in (
            ("", f"1 of {last}"), ("n", f"2 of {last}"), ("\x1b[D", f"1 of {last}"), ("p", "no such step"),
            ("s", f"{rose} of {last}"), ("12\r", f"12 of {last}"), ("m", "current facts"), ("?", "rise of the score"),
            ("G", f"{last} of {last}"), ("\x1b[6~", f"{last} of {last}"), ("12\r", "... (down)"),
            ("\x1b[6~" * 9 + "\x1b[B", "─╯"), ("\x1b[5~", "... (down)"),
            ("/no such thing\r", "no later change of a fact about 'no such thing'"),
        ):  # fmt: skip
            os.write(main, key.encode())
            assert comes in _until(main, comes), key
        os.write(main, b"q")
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.wait()
        os.close(main)


def _until(terminal: int, comes: str) -> str:
    """What a terminal shows, up to something, or for half a minute."""
    shown, end = "", time.monotonic() + 30
    while comes not in shown and time.monotonic() < end:
        if select.select([terminal], [], [], 0.2)[0]:
            shown += os.read(terminal, 1 << 16).decode(errors="replace")
    return shown


def _replayed(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return ariadne("replay", folder, *arguments)


def test_a_rerun_with_the_same_memory_recalls_the_same(played: Path) -> None:
    with Run.open(played) as run:
        steps = list(run.steps)
        with closing(assembly.memory("arigraph")) as memory:
            again = run.rerun_with_memory(memory)
        assert [step.recall for step in again] == [step.recall for step in steps]
        assert [step.update for step in again] == [step.update for step in steps]
        assert not any(step.recall.text for step in run.rerun_with_memory(assembly.memory("none")))
        with closing(assembly.memory("arigraph")) as memory:
            few = run.rerun_with_memory(memory, {"facts": 2, "episodes": 0})
        assert max(len(step.recall.facts) for step in few) == 2
        assert all(step.recall.facts == other.recall.facts[:2] for step, other in zip(few, steps, strict=True))
    lines = _replayed(played, "--facts", 2).stdout.splitlines()
    assert len(lines) == len(steps) + 1
    head = ["step", "facts recorded", "with arigraph", "in both", "episodes recorded", "with arigraph"]
    assert re.split(r"  +", lines[0]) == head
    assert lines[3].split()[:4] == ["3", str(len(steps[2].recall.facts)), "2", "2"]
    result = json.loads(_replayed(played, "--memory", "none", "--at", 4, "--json").stdout)
    assert [one["step"] for one in result["steps"]] == [4]
    assert result["steps"][0]["recalled"]["text"] == steps[3].recall.text
    assert "with none" in _replayed(played, "--memory", "none", "--at", 4).stdout
    refused = _replayed(played, "--memory", "none", "--facts", 2)
    assert (refused.returncode, refused.stderr) == (
        1,
        "ariadne: the memory none recalls nothing, so --facts has no effect; give --memory arigraph\n",
    )


def test_an_unfinished_run_is_rerun_too(played: Path, copy: Path) -> None:
    lines = (played / STEPS).read_bytes().splitlines(keepends=True)
    (copy / STEPS).write_bytes(b"".join(lines[:6]))
    with Run.open(copy) as run, closing(assembly.memory("arigraph")) as memory:
        assert [step.recall for step in run.rerun_with_memory(memory)] == [step.recall for step in run.steps]
