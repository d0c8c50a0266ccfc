"""Every kind of run is verified: its game responds as recorded, and its memory has the same facts."""

from __future__ import annotations

from pathlib import Path

import pytest

from ariadne.envs import make_cooking
from ariadne.runs.record import Run, read_steps
from ariadne.runs.verify import verify
from tests.command import ariadne

KINDS: dict[str, tuple[object, ...]] = {
    "a graph": (),
    "no memory": ("--memory", "none"),
    "a history of texts": ("--memory", "history"),
    "similar texts": ("--memory", "rag"),
    "a rated stream of texts": ("--memory", "simulacra"),
    "a small budget": ("--context", 150),
    "no list of valid actions": ("--no-valid-actions",),
    "no objective": ("--no-objective",),
    "few moves": ("--moves", 3),
    "a goal of its own": ("--goal", "Find the treasure.", "--hint", "Go west."),
}


def is_as_recorded(folder: Path, least: int = 2) -> None:
    with Run.open(folder) as run:
        assert verify(run) is None
    assert len(list(read_steps(folder))) >= least


@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
def test_a_hunt_is_as_recorded(options: tuple[object, ...], hunt: Path, tmp_path: Path) -> None:
    done = ariadne("play", hunt, *options, "--steps", 8, "--run", "run", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    is_as_recorded(tmp_path / "run")


def test_a_meal_that_is_lost_and_begun_again_is_as_recorded(made_games: None, tmp_path: Path) -> None:
    done = ariadne("play", make_cooking("1", 1), "--restarts", "--steps", 30, "--run", "run", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    is_as_recorded(tmp_path / "run")


def test_a_run_that_is_taken_up_again_is_as_recorded(hunt: Path, tmp_path: Path) -> None:
    for options in ((hunt, "--run", "run", "--steps", 3), ("--resume", "run", "--steps", 6)):
        assert ariadne("play", *options, cwd=tmp_path).returncode == 0
    is_as_recorded(tmp_path / "run", 7)


def test_a_run_to_the_end_is_as_recorded(hunt: Path, tmp_path: Path) -> None:
    assert ariadne("play", hunt, "--run", "run", cwd=tmp_path).returncode == 0
    with Run.open(tmp_path / "run") as run:
        assert run.record.outcome
        assert run.record.outcome.won
    is_as_recorded(tmp_path / "run", 20)
