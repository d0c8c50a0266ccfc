"""A run on disk: each step is complete before its action, and invalid files raise errors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ariadne.errors import RunError
from ariadne.memory import AriGraph
from ariadne.runs.record import STEP, Outcome, RunRecord, read_steps
from ariadne.runs.recorder import Recording, fresh_folder
from ariadne.runs.settings import RunSettings
from ariadne.values import About, Decision, Observation, Plan, Query, Step, SubGoal

SETTINGS = RunSettings(game=Path("g.z8"), goal="Find it", steps=5, context=100)


def created(folder: Path) -> Recording:
    return Recording.create(folder, SETTINGS, goal="Find it", game_sha256="00")


def a_step(number: int = 1) -> Step:
    with AriGraph(embedder=None, ontology="text-world") as memory:
        update = memory.remember("-= Hall =-\nYou see a closed chest.", at=number)
        recall = memory.recall([About("chest")])
    plan = Plan((SubGoal("open chest", "it is shut", "here"),))
    seen = Observation("-= Hall =-\nYou see a closed chest.", "nothing", ("open chest",), 1, 3, commands=("look",))
    queries = ("where?", Query("chest", 2), About("chest"))
    return Step(number, seen, update, queries, recall, plan, Decision("open chest", "why not", ("open chest",)))


def test_a_step_is_on_disk_when_append_returns_and_reads_back_equal(tmp_path: Path) -> None:
    run = created(tmp_path / "run")
    step = a_step()
    run.append(step)
    written = (tmp_path / "run" / "steps.jsonl").read_bytes()
    assert STEP.validate_json(written) == step
    assert written.count(b"\n") == 1
    run.close("finished", Outcome())


def test_a_record_has_settings_versions_and_outcome(tmp_path: Path) -> None:
    run = created(tmp_path / "run")
    assert _read(run).state == "running"
    run.close("finished", Outcome(score=2, won=True))
    record = _read(run)
    assert (record.state, record.settings, record.outcome) == ("finished", SETTINGS, Outcome(score=2, won=True))
    assert "python" in record.versions
    assert record.ended
    assert json.loads((run.folder / "run.json").read_text())["format"] == 2


def test_an_existing_folder_is_not_changed(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(RunError, match="exists; name another folder"):
        created(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_folder_that_cannot_be_created_raises_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="the run's folder cannot be created"):
        created(tmp_path / "file" / "run")


def test_a_step_that_cannot_be_written_raises_an_error(tmp_path: Path) -> None:
    run = created(tmp_path / "run")
    run._file.close()
    run._file = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115 - a disk without room, as Linux has one
    with pytest.raises(RunError, match="step 1 cannot be written"):
        run.append(a_step())
    run.close("failed", Outcome(), "no room")


def test_a_fresh_folder_is_new_even_within_one_second(tmp_path: Path) -> None:
    folders = []
    for _ in range(4):
        folders.append(fresh_folder("hunt", tmp_path))
        folders[-1].mkdir(parents=True)
    assert len(set(folders)) == 4
    assert all(folder.name.startswith("hunt-") for folder in folders)


def test_the_steps_of_a_run_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    run = created(tmp_path / "run")
    steps = [a_step(number) for number in (1, 2, 3)]
    for step in steps:
        run.append(step)
        assert list(read_steps(run.folder)) == steps[: step.number]
    run.close("finished", Outcome())
    assert list(read_steps(run.folder)) == steps


def test_a_folder_without_a_run_raises_an_error(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(RunError, match=f"{folder.name}: steps.jsonl cannot be read"):
            list(read_steps(folder))


@pytest.mark.parametrize("line", [b"{", b"{}", b"[]", b"\xff\xfe", b""])
def test_an_invalid_step_raises_an_error_with_its_line(line: bytes, tmp_path: Path) -> None:
    run = created(tmp_path / "run")
    run.append(a_step())
    run.close("finished", Outcome())
    path = run.folder / "steps.jsonl"
    path.write_bytes(path.read_bytes() + line + b"\n")
    steps = iter(read_steps(run.folder))
    assert next(steps) == a_step()
    with pytest.raises(RunError, match=r"steps\.jsonl: line 2 is not a step"):
        next(steps)


def _read(run: Recording) -> RunRecord:
    return RunRecord.model_validate_json((run.folder / "run.json").read_bytes())
