"""The settings of a run limit its recalls and moves, are recorded, and repeat the run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from ariadne import tokens
from ariadne.errors import InvalidInput, RunError
from ariadne.runs.record import Run, read_record, read_steps
from ariadne.runs.session import play_game, resume_game
from ariadne.runs.settings import DEFAULT_CONTEXT, RunSettings
from ariadne.runs.verify import verify
from ariadne.values import Step
from tests.ariadne.runs.memories import MEMORIES

STEPS = 20


def played(game: Path, folder: Path, **more: object) -> list[Step]:
    play_game(RunSettings(game=game, steps=STEPS, **more), folder=folder)  # type: ignore[arg-type]
    return list(read_steps(folder))


def settings_of(folder: Path) -> RunSettings:
    return read_record(folder).settings


@pytest.mark.parametrize("kind", MEMORIES)
def test_no_memory_gives_a_decision_more_than_the_budget(kind: str, hunt: Path, tmp_path: Path) -> None:
    steps = played(hunt, tmp_path / "run", memory=kind, context=120)
    assert settings_of(tmp_path / "run").context == 120
    for step in steps:
        recall = step.recall
        assert tokens.count(recall.text) <= 120
        assert recall.request is None or recall.request.max_tokens == 120
        lines = [line for line in recall.text.splitlines() if line.startswith("- ")]
        assert len(lines) == len(recall.facts)
        assert all(f"- {fact}" in recall.text for fact in recall.facts)
        assert all(episode.text in recall.text for episode in recall.episodes)


def test_a_run_repeats_exactly_with_the_same_token_budget(hunt: Path, tmp_path: Path) -> None:
    few, many = tmp_path / "few", tmp_path / "many"
    cut, whole = played(hunt, few, context=120), played(hunt, many)
    assert settings_of(many).context == DEFAULT_CONTEXT
    assert max(tokens.count(step.recall.text) for step in whole) > 120
    assert sum(len(step.recall.facts) for step in cut) < sum(len(step.recall.facts) for step in whole)
    played(hunt, tmp_path / "again", context=settings_of(few).context)
    assert (tmp_path / "again" / "steps.jsonl").read_bytes() == (few / "steps.jsonl").read_bytes()


def test_moves_are_limited_like_decisions_and_a_run_keeps_the_limit(hunt: Path, tmp_path: Path) -> None:
    whole, cut = played(hunt, tmp_path / "whole"), played(hunt, tmp_path / "cut", moves=9)
    made = [command for step in cut for command in step.decision.commands]
    assert len(made) >= 9
    assert sum(len(step.observation.commands) for step in cut) == 9
    assert [step.observation.truncated for step in cut] == [False] * (len(cut) - 1) + [True]
    assert cut[-1].decision.reason == "no moves left"
    assert cut[: len(cut) - 1] == whole[: len(cut) - 1]
    assert settings_of(tmp_path / "cut").moves == 9
    with Run.open(tmp_path / "cut") as run:
        assert verify(run) is None
    with pytest.raises(
        RunError, match=r"complete \(no moves left\); it cannot be continued: start a new run with more --moves"
    ):
        resume_game(tmp_path / "cut")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"mind": "foo"}, "mind='foo' is unknown; choose one of rules, llm, human"),
        ({"memory": "foo"}, "memory='foo' is unknown; choose one of arigraph,"),
        ({"mind": "llm"}, "mind='llm' needs a language model"),
        ({"steps": 0}, "steps=0 is too small; give 1 or more"),
        ({"moves": 0}, "moves=0 is too small; give 1 or more"),
        ({"context": -1}, "context=-1 is too small; give 0 or more"),
        ({"seed": -1}, "seed=-1 is too small; give 0 or more"),
    ],
)
def test_an_invalid_setting_is_named_before_a_folder_is_created(
    hunt: Path, tmp_path: Path, wrong: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        play_game(RunSettings(game=hunt, **wrong), folder=tmp_path / "run")  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match=r"give RunSettings\(game=\.\.\.\)"):
        play_game("hunt.z8", folder=tmp_path / "run")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_setting_is_refused(hunt: Path) -> None:
    with pytest.raises(ValidationError, match="steppes"):
        RunSettings(game=hunt, steppes=5)  # type: ignore[call-arg]


def test_the_public_names_of_runs_need_no_optional_package() -> None:
    code = """
import sys
from ariadne.runs import Run, RunSettings, play_game, resume_game, verify
print([name for name in ("textworld", "torch", "openai", "onnxruntime", "rich") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
