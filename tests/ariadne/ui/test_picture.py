"""A saved run can be drawn as an SVG picture that shows a step and loads nothing."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ariadne.runs.record import Run
from ariadne.runs.session import play_game
from ariadne.runs.settings import RunSettings
from tests.command import ariadne

STEP = 6


@pytest.fixture(scope="module")
def played(hunt: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten decisions of a real game."""
    folder = tmp_path_factory.mktemp("played") / "run"
    play_game(RunSettings(game=hunt, steps=10), folder=folder)
    return folder


def draw(run: Path, file: Path, *more: object) -> subprocess.CompletedProcess[str]:
    """Draw a picture by the command line."""
    return ariadne("replay", run, "--svg", file, *more)


def test_a_picture_shows_room_action_plan_and_facts_and_loads_nothing(played: Path, tmp_path: Path) -> None:
    done = draw(played, tmp_path / "a.svg", "--at", STEP)
    assert (done.returncode, done.stderr) == (0, "")
    svg = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert len(svg.encode()) < 60_000
    assert re.findall(r"https?://[^\"' ]*", svg) == ["http://www.w3.org/2000/svg"]
    assert "@font-face" not in svg
    text = "".join(ElementTree.fromstring(svg).itertext()).replace("\xa0", " ")
    with Run.open(played) as run:
        assert run.room(STEP) in text
        assert run.steps[STEP - 1].decision.action in text
    for part in ("score", "Plan", "Facts added and retired", "+ "):
        assert part in text


def test_the_same_run_gives_the_same_bytes_and_an_existing_file_is_kept(played: Path, tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg"):
        assert draw(played, tmp_path / name).returncode == 0
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    again = draw(played, tmp_path / "a.svg", "--at", STEP)
    assert again.returncode == 1
    assert "a.svg" in again.stderr
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_a_picture_goes_with_no_other_mode(played: Path, tmp_path: Path) -> None:
    for option in ("--verify", "--json"):
        assert draw(played, tmp_path / "c.svg", option).returncode == 2
    assert not (tmp_path / "c.svg").exists()
