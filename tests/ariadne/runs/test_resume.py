"""A run that is stopped anywhere and resumed ends like an uninterrupted one."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ariadne.envs import TextWorld, make_cooking, make_treasure_hunt
from ariadne.errors import GameError, Interrupted, RunError
from ariadne.memory import AriGraph, Fact
from ariadne.memory.embedders.onnx import OnnxEmbedder
from ariadne.runs.record import MEMORY, RECORD, STEPS, Outcome, Run, read_record, read_steps
from ariadne.runs.recorder import Recording, is_being_written
from ariadne.runs.session import play_game, resume_game
from ariadne.runs.settings import RunSettings
from ariadne.runs.verify import verify
from ariadne.values import Observation, Step, Triplet
from tests.ariadne.runs.memories import MEMORIES
from tests.scale import scaled

ARIADNE = (sys.executable, "-m", "ariadne")


def played(game: Path, folder: Path, **more: object) -> Path:
    play_game(RunSettings(game=game, **more), folder=folder)  # type: ignore[arg-type]
    return folder


def steps_of(folder: Path) -> bytes:
    return (folder / STEPS).read_bytes()


def known(folder: Path) -> list[tuple[Fact, ...]]:
    """Return the current and the retired facts of a run's memory."""
    with AriGraph.open(folder / MEMORY, embedder=None, create=False) as memory:
        names = {name for fact in memory.facts() for name in fact.triplet.ends}
        return [memory.facts(), *(memory.history(name) for name in sorted(names))]


def outcome(folder: Path) -> dict[str, object]:
    result = read_record(folder).outcome
    assert result
    return result.model_dump(exclude={"seconds", "agent_ms_per_decision"})


def assert_same(folder: Path, twin: Path) -> None:
    assert steps_of(folder) == steps_of(twin)
    assert (outcome(folder), read_record(folder).state) == (outcome(twin), "finished")
    assert known(folder) == known(twin)


@pytest.fixture(scope="module")
def twin(hunt: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An uninterrupted run."""
    return played(hunt, tmp_path_factory.mktemp("twin") / "run")


def cut(twin: Path, folder: Path, steps: int, torn: bytes = b"") -> Path:
    """Return the run as a kill leaves it after its memory learned the observation that follows `steps` steps."""
    settings = read_record(twin).settings
    played(settings.game, folder, steps=max(steps, 1))
    (folder / STEPS).write_bytes(b"".join(steps_of(twin).splitlines(keepends=True)[:steps]) + torn)
    record = json.loads((folder / RECORD).read_text())
    changed = {"state": "running", "outcome": None, "ended": None, "settings": json.loads(settings.model_dump_json())}
    (folder / RECORD).write_text(json.dumps(record | changed))
    return folder


@pytest.mark.parametrize(
    ("steps", "memory"),
    [
        *((steps, "ahead") for steps in (1, 7, -1)),
        (7, "gone"),
        pytest.param(-2, "ahead", marks=pytest.mark.sample),
        *(pytest.param(steps, "gone", marks=pytest.mark.sample) for steps in (1, -2, -1)),
    ],
)
def test_a_run_resumed_at_any_step_ends_like_an_uninterrupted_one(
    steps: int, memory: str, twin: Path, tmp_path: Path
) -> None:
    """The memory is one observation ahead of the steps, or its file is missing."""
    whole = len(read_steps(twin))
    torn = steps_of(twin).splitlines()[steps][:-40]
    run = cut(twin, tmp_path / "run", steps % whole, torn)
    if memory == "gone":
        for file in run.glob(f"{MEMORY}*"):
            file.unlink()
    shown = list[Step]()
    resume_game(run, lambda _, step: shown.append(step))
    assert_same(run, twin)
    assert [step.number for step in shown] == list(range(steps % whole + 1, whole + 1))
    assert len(read_record(run).resumed) == 1


def test_a_run_at_its_step_limit_continues_with_a_higher_limit(hunt: Path, twin: Path, tmp_path: Path) -> None:
    run = played(hunt, tmp_path / "run", steps=9)
    with pytest.raises(RunError, match=r"complete \(no decisions left\); give more --steps to continue it"):
        resume_game(run)
    resume_game(run, steps=12)
    assert len(read_steps(run)) == 13
    resume_game(run, steps=150)
    assert_same(run, twin)
    assert read_record(run).settings == read_record(twin).settings
    with pytest.raises(RunError, match="steps already"):
        resume_game(cut(twin, tmp_path / "other", 8), steps=5)


@pytest.mark.parametrize("steps", [150, 9])
def test_a_run_killed_after_its_last_step_becomes_finished(steps: int, hunt: Path, twin: Path, tmp_path: Path) -> None:
    if steps < len(read_steps(twin)):
        twin = played(hunt, tmp_path / "twin", steps=steps)
    run = shutil.copytree(twin, tmp_path / "run")
    record = json.loads((run / RECORD).read_text())
    (run / RECORD).write_text(json.dumps(record | {"state": "running", "outcome": None, "ended": None}))
    resume_game(run)
    assert_same(run, twin)


@pytest.mark.parametrize("left", [0, *(pytest.param(left, marks=pytest.mark.sample) for left in (4, 20))])
def test_a_record_that_lost_steps_continues_with_a_memory_of_the_remaining_ones(
    left: int, twin: Path, tmp_path: Path
) -> None:
    """By a copy that broke off, or by hand: the memory's file knows how it went on, and so does run.json."""
    run = shutil.copytree(twin, tmp_path / "run")
    (run / STEPS).write_bytes(b"".join(steps_of(twin).splitlines(keepends=True)[:left]))
    with Run.open(run) as opened:
        assert opened.lacks_its_end
    resume_game(run)
    assert_same(run, twin)


def test_a_memory_with_foreign_texts_is_set_aside_and_kept(hunt: Path, twin: Path, tmp_path: Path) -> None:
    run = played(hunt, tmp_path / "run", steps=5)
    for file in sorted(run.glob("before-resume*")):
        raise AssertionError(file)
    with AriGraph.open(run / MEMORY, embedder=None) as memory:
        memory.remember("Mind the gap.", triplets=[Triplet("gap", "is in", "floor")])
    for steps in (7, 150):
        resume_game(run, steps=steps)
    assert_same(run, twin)
    with AriGraph.open(run / "before-resume-1.db", embedder=None, create=False) as memory:
        assert memory.facts("gap")
    assert not (run / "before-resume-2.db").exists()


def test_the_outcome_of_a_run_stopped_twice_follows_from_its_steps(hunt: Path, tmp_path: Path) -> None:
    run = played(hunt, tmp_path / "run", steps=5)
    held = Recording.resume(run, 30)
    assert (held.record.state, held.record.ended) == ("running", None)
    with Run.open(run) as opened:
        assert opened.record.outcome
        assert opened.record.outcome.score == held.past[-1].observation.score
        assert verify(opened) is None
    held.close("interrupted", Outcome(score=held.past[-1].observation.score))


@pytest.mark.parametrize("killed", [False, True])
def test_an_interrupt_during_the_replay_keeps_the_outcome_of_the_recorded_steps(
    killed: bool, hunt: Path, twin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = cut(twin, tmp_path / "run", 20) if killed else played(hunt, tmp_path / "run", steps=20)
    before, step, made = read_record(run).outcome, TextWorld.step, list[str]()

    def stopped(game: TextWorld, command: str) -> Observation:
        made.append(command)
        if len(made) == 10:
            raise KeyboardInterrupt
        return step(game, command)

    monkeypatch.setattr(TextWorld, "step", stopped)
    with pytest.raises(Interrupted):
        resume_game(run, steps=30)
    with Run.open(run) as opened:
        assert verify(opened) is None
        result, last = opened.record.outcome, opened.steps[-1]
    assert result
    assert (result.score, result.steps) == (last.observation.score, last.number) if killed else result == before


def test_the_agents_time_covers_all_sessions_without_their_replays(hunt: Path, tmp_path: Path) -> None:
    run = played(hunt, tmp_path / "run", steps=20)
    first = read_record(run).outcome
    resume_game(run, steps=21)
    second = read_record(run).outcome
    assert first
    assert second
    assert first.agent_ms_per_decision
    assert second.agent_ms_per_decision
    total = [outcome.agent_ms_per_decision * outcome.steps for outcome in (first, second)]  # type: ignore[operator]
    assert total[0] < total[1] < total[0] + 1000 * (second.seconds - first.seconds)


def test_a_complete_run_is_not_changed(twin: Path) -> None:
    before = steps_of(twin), (twin / RECORD).read_bytes()
    for steps in (None, 500):
        with pytest.raises(RunError, match=r"complete \(the game is won\)$"):
            resume_game(twin, steps=steps)
    assert (steps_of(twin), (twin / RECORD).read_bytes()) == before


def test_one_process_at_a_time_plays_a_run(twin: Path, tmp_path: Path) -> None:
    run = cut(twin, tmp_path / "run", 5)
    assert not is_being_written(run)
    held = Recording.resume(run)
    assert is_being_written(run)
    with pytest.raises(RunError, match="another process is playing this run"):
        resume_game(run)
    held.close("interrupted", Outcome(score=held.past[-1].observation.score))
    assert not is_being_written(run)


def test_a_different_response_of_game_or_memory_is_reported_with_its_step(
    twin: Path, hunt: Path, tmp_path: Path
) -> None:
    run = cut(twin, tmp_path / "run", 8)
    altered = steps_of(run).replace(b'"score":0', b'"score":3', 1)
    (run / STEPS).write_bytes(altered)
    with pytest.raises(RunError, match=r"step 1: the game responds differently: score was 3, is 0"):
        resume_game(run)
    assert read_record(run).state == "failed"
    assert steps_of(run) == altered
    other = cut(twin, tmp_path / "other", 8)
    with AriGraph.open(other / MEMORY, embedder=None) as memory:
        memory.forget(episodes=[5])
    resume_game(other)
    assert_same(other, twin)
    other = cut(twin, tmp_path / "others", 8)
    with AriGraph.open(other / MEMORY, embedder=None) as memory:
        memory.correct(memory.facts()[-1], Triplet("moon", "is", "cheese"), at=1)
        memory.forget(episodes=[len(memory.episodes())])
    (other / STEPS).write_bytes(steps_of(other).replace(b'"learned_in":3', b'"learned_in":2', 1))
    with pytest.raises(RunError, match=r"step \d: the memory does not learn what the record contains"):
        resume_game(other)
    with pytest.raises(RunError, match="is not the game of this run"):
        resume_game(other, game=make_treasure_hunt("easy", 2))
    moved = cut(twin, tmp_path / "moved", 8)
    record = (moved / RECORD).read_text().replace(json.dumps(str(hunt)), '"gone.z8"')
    (moved / RECORD).write_text(record)
    with pytest.raises(
        GameError, match=r"gone\.z8: the game does not exist; if it has moved, give its new file as GAME"
    ):
        resume_game(moved)
    resume_game(moved, game=hunt)
    assert_same(moved, twin)


@pytest.mark.parametrize("kind", MEMORIES)
def test_a_run_with_any_memory_continues_as_if_uninterrupted(kind: str, hunt: Path, tmp_path: Path) -> None:
    whole = played(hunt, tmp_path / "twin", memory=kind, steps=12, context=200)
    run = played(hunt, tmp_path / "run", memory=kind, steps=7, context=200)
    resume_game(run, steps=12)
    assert steps_of(run) == steps_of(whole)


@pytest.mark.parametrize("kind", MEMORIES)
def test_a_snapshot_of_the_memory_is_available_at_any_step(kind: str, hunt: Path, tmp_path: Path) -> None:
    folder = played(hunt, tmp_path / "run", memory=kind, steps=12)
    with Run.open(folder) as run:
        held = dict[tuple[str, ...], None]()
        for step in run.steps:
            for fact in step.update.retired:
                held.pop((fact.subject, fact.relation, fact.object), None)
            held |= {(f.subject, f.relation, f.object): None for f in step.update.added if f.retired_in is None}
            memory = run.memory(at=step.number)
            if isinstance(memory, AriGraph):
                goal = {(f.subject, f.relation, f.object) for f in memory.at(1).facts()}
                assert {(f.subject, f.relation, f.object) for f in memory.facts()} >= held.keys() - goal
        with pytest.raises(RunError, match="there is no step 14; there are 1 to 13"):
            run.memory(at=14)
    shutil.copytree(folder, tmp_path / "bare")
    for file in (tmp_path / "bare").glob(f"{MEMORY}*"):
        file.unlink()
    with Run.open(folder) as run, Run.open(tmp_path / "bare") as bare:
        for number in (1, 6, 13):
            assert run.memory(at=number).recall("key") == bare.memory(at=number).recall("key")


@pytest.mark.sample
def test_a_hundred_runs_killed_at_random_and_resumed_end_like_uninterrupted_ones(tmp_path: Path) -> None:
    """Hunts and cooking; every fifth run is killed twice."""
    OnnxEmbedder().prepare()
    chance, stopped = random.Random(7), 0
    seeds = range(1, scaled(1, 5) + 1)
    games = [*(make_treasure_hunt("easy", seed) for seed in seeds), *(make_cooking("easy", seed) for seed in seeds)]
    for place, game in enumerate(games):
        twin = tmp_path / f"twin-{place}"
        began = time.monotonic()
        subprocess.run([*ARIADNE, "play", game, "--json", "--run", twin], check=True, capture_output=True)
        takes = time.monotonic() - began
        for nth in range(scaled(2, 10)):
            run = tmp_path / f"run-{place}-{nth}"
            command: list[object] = [*ARIADNE, "play", game, "--json", "--run", run]
            for _ in range(2 if nth % 5 == 0 else 1):
                stopped += _kill(command, run, chance.uniform(0, takes * 0.7))
                command = [*ARIADNE, "play", "--json", "--resume", run]
            if read_record(run).state != "finished":
                done = subprocess.run(list(map(str, command)), check=False, capture_output=True, text=True)
                assert (done.returncode, done.stderr) == (0, "")
                assert len(read_record(run).resumed) >= 1
            assert_same(run, twin)
        with Run.open(twin) as opened:
            assert verify(opened) is None
    assert stopped > scaled(2, 80)


def _kill(command: list[object], run: Path, after: float) -> bool:
    """Start a run, kill it `after` seconds after its folder appears, and return whether it was still running."""
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while not run.exists() and process.poll() is None:
            time.sleep(0.002)
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
    return process.returncode == -signal.SIGKILL
