"""A person plays, through a pipe and at a terminal; the run is recorded and can be resumed."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

from ariadne.planners.human import REASON
from ariadne.runs.record import Run
from ariadne.runs.verify import verify
from tests.command import ariadne

ARIADNE = (sys.executable, "-m", "ariadne")


def played(hunt: Path, typed: str, *more: object) -> subprocess.CompletedProcess[str]:
    return ariadne("play", *more, given=typed)


def test_a_person_chooses_by_text_or_number_and_resumes_later(hunt: Path, tmp_path: Path) -> None:
    done = played(hunt, "?\n?plan\n?memory\n?x\n\n999\njump\n3\n", hunt, "--human", "--run", tmp_path / "run")
    assert (done.returncode, done.stdout.count("-= Room C =-")) == (1, 1)
    assert done.stderr == f"ariadne: interrupted; continue with: ariadne play --resume {tmp_path / 'run'}\n"
    assert "  3  go west\n" in done.stdout
    assert "- take Key 1: it opens Mauve locker" in done.stdout
    assert "- Key 1 is in Room C" in done.stdout
    with Run.open(tmp_path / "run") as run:
        assert [(step.decision.action, step.decision.reason) for step in run.steps] == [
            ("jump", REASON),
            ("go west", REASON),
        ]
    done = played(hunt, "\x07\n" + "7" * 5000 + "\nlook\nwait\n", "--resume", tmp_path / "run", "--steps", 3)
    assert done.returncode == 0
    assert "not won: 0 of 7 points in 3 decisions" in done.stdout
    with Run.open(tmp_path / "run") as run:
        assert [step.decision.action for step in run.steps] == ["jump", "go west", "look", ""]
        assert verify(run) is None


def test_options_that_do_not_fit_a_person_are_refused_by_name(hunt: Path) -> None:
    for option in (("--json",), ("--mind", "rules")):
        done = played(hunt, "", hunt, "--human", *option)
        assert done.returncode == 2
        assert f"a person plays this run: remove {option[0]}" in done.stderr


def test_a_person_wins_with_the_commands_of_a_run_and_sees_the_end(hunt: Path, tmp_path: Path) -> None:
    played(hunt, "", hunt, "--run", tmp_path / "rules")
    with Run.open(tmp_path / "rules") as run:
        commands = [command for step in run.steps for command in step.decision.commands]
    done = played(hunt, "\n".join(commands) + "\n", hunt, "--human", "--run", tmp_path / "run")
    assert done.returncode == 0
    assert "*** The End ***" in done.stdout
    assert "\nwon: 7 of 7 points in" in done.stdout


def test_at_a_terminal_tab_completes_an_action_and_ctrl_d_leaves(hunt: Path, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [str(part) for part in (*ARIADNE, "play", hunt, "--human", "--run", tmp_path / "run")]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=os.environ | {"TERM": "xterm"})
    os.close(theirs)
    try:
        assert "Room C" in _until(ours, ".\r\n> ")  # the prompt follows the observation
        os.write(ours, b"go w\t\n")
        shown = _until(ours, ".\r\n> ")
        assert "go west" in shown
        assert "Room I" in shown
        os.write(ours, b"\x04")
        assert "interrupted; continue with" in _until(ours, "--resume")
        assert process.wait(20) == 1
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    with Run.open(tmp_path / "run") as run:
        assert [step.decision.commands for step in run.steps] == [("go west",)]


def _until(terminal: int, wanted: str) -> str:
    """Return what a terminal shows, up to the wanted text."""
    shown, end = "", time.monotonic() + 60
    while wanted not in shown and time.monotonic() < end:
        if select.select([terminal], [], [], 1)[0]:
            try:
                shown += os.read(terminal, 4096).decode(errors="replace")
            except OSError:  # the other end was closed
                break
    return shown
