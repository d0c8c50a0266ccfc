"""The collection of saved runs: list, pack, unpack and delete them."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from ariadne.errors import RunError
from ariadne.files import new_file, partial_of
from ariadne.runs.record import ASIDE, CALLS, MEMORY, RECORD, SIDES, STEPS, RunRecord, read_record
from ariadne.runs.recorder import exclusive, is_being_written, new_run_folder

FILES = (RECORD, STEPS, CALLS, MEMORY)
_MEMORY = tuple(f"{MEMORY}{side}" for side in SIDES)
_DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, RuntimeError)
"""What zipfile raises for a file that is damaged, not a zip file, or packed in an unknown way."""


@dataclass(frozen=True)
class SavedRun:
    """A run in a folder, with its record."""

    folder: Path
    record: RunRecord

    @property
    def state(self) -> str:
        """Return the state for people: "won" for a won run, "killed" for one whose process ended unrecorded."""
        if self.record.state == "finished":
            return "won" if self.record.outcome is not None and self.record.outcome.won else "finished"
        return "killed" if self.record.state == "running" and not is_being_written(self.folder) else self.record.state

    @property
    def name(self) -> str:
        """Return the name of the folder."""
        return self.folder.resolve().name

    @property
    def bytes(self) -> int:
        """Return the size of all files in the folder."""
        return _size(self.folder.iterdir())

    @property
    def memory_bytes(self) -> int:
        """Return the size of the memory file and of the files that SQLite keeps beside it."""
        return _size(self.folder / name for name in _MEMORY)


@dataclass(frozen=True)
class RunFilter:
    """A condition on runs; None in a field accepts every value.

    `game` is a part of the game's file name. `before` and `since` limit the start of the run.
    """

    game: str | None = None
    mind: str | None = None
    memory: str | None = None
    won: bool | None = None
    before: datetime | None = None
    since: datetime | None = None

    def __contains__(self, run: SavedRun) -> bool:
        record, settings = run.record, run.record.settings
        return (
            (self.game is None or self.game in settings.game.name)
            and self.mind in (None, settings.mind)
            and self.memory in (None, settings.memory)
            and self.won in (None, record.outcome is not None and record.outcome.won)
            and (self.before is None or record.started < self.before)
            and (self.since is None or record.started >= self.since)
        )


def saved_runs(folders: Iterable[Path]) -> tuple[list[SavedRun], list[RunError]]:
    """Return the runs in folders, the oldest first, and an error for each run that cannot be read.

    A folder may be the folder of a run, or hold folders of runs. Raises RunError for a path that is not a folder.
    """
    found, errors = list[SavedRun](), list[RunError]()
    for folder in {run.resolve(): run for place in folders for run in _run_folders(place)}.values():
        try:
            found.append(SavedRun(folder, read_record(folder)))
        except RunError as error:
            errors.append(error)
    return sorted(found, key=lambda run: (run.record.started, run.folder)), errors


def pack(folder: Path, file: Path) -> Path:
    """Write a run to a new zip file, with a consistent copy of its memory, and return the file.

    Raises:
        RunError: The folder has no run, a process plays it, or the file exists or cannot be written.
    """
    read_record(folder)
    if file.exists():
        raise RunError(f"{file}: exists; name another file with -o, or delete this one")
    try:
        with exclusive(folder), new_file(file, RunError) as partial, tempfile.TemporaryDirectory() as place:
            copy = Path(place, MEMORY)
            with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as packed:
                for path in (folder / name for name in FILES if (folder / name).exists()):
                    if path.name == MEMORY:
                        _copy_memory(path, copy)
                    packed.write(copy if path.name == MEMORY else path, f"{folder.resolve().name}/{path.name}")
    except sqlite3.Error as error:
        raise RunError(f"{folder / MEMORY}: cannot be copied ({error})") from error
    return file


def _copy_memory(path: Path, copy: Path) -> None:
    """Copy everything that is committed in a memory file; a read-only file is not changed."""
    mode = "mode=rw" if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK) else "mode=ro&immutable=1"
    opened = sqlite3.connect(f"{path.resolve().as_uri()}?{mode}", uri=True)
    with closing(opened) as memory, closing(sqlite3.connect(copy)) as target:
        memory.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")


def unpack(file: Path, folder: Path | None = None) -> Path:
    """Unpack a run to a new folder, by default one in runs/ with the packed name, and return the folder.

    Raises:
        RunError: The file is not a packed run, or the folder exists or cannot be created.
    """
    try:
        with zipfile.ZipFile(file) as packed:
            members, name = _members(packed, file)
            folder = folder or Path("runs") / name
            with new_run_folder(folder) as partial:
                for path, member in members.items():
                    with packed.open(member) as source, (partial / path.name).open("wb") as target:
                        shutil.copyfileobj(source, target)
                try:
                    read_record(partial)
                except RunError as error:
                    raise RunError(f"{file}: not a packed run: {str(error).removeprefix(f'{partial}/')}") from error
    except _DAMAGED as error:
        raise RunError(f"{file}: not a packed run, or damaged ({error})") from error
    except OSError as error:
        raise RunError(f"{file}: cannot be unpacked ({error.strerror})") from error
    return folder


def _members(packed: zipfile.ZipFile, file: Path) -> tuple[dict[PurePosixPath, str], str]:
    """Return the files of a packed run and the name of its folder; raise RunError if others are in it."""
    members = {PurePosixPath(name): name for name in packed.namelist() if not name.endswith("/")}
    parents = {path.parent for path in members}
    names = {path.name for path in parents if len(path.parts) == 1 and path.name != ".."}
    files = {path.name for path in members}
    if not (len(parents) == len(names) == 1) or not {RECORD, STEPS} <= files <= {*FILES}:
        raise RunError(f"{file}: not a packed run: it has {', '.join(sorted(members.values())[:4]) or 'no files'}")
    return members, names.pop()


def delete_run(folder: Path, *, memory_only: bool = False) -> None:
    """Delete a run, or only its memory file, which can be rebuilt from the steps; other files are kept.

    Raises:
        RunError: The folder has no run, a process plays it, or it cannot be deleted.
    """
    read_record(folder)
    place = folder.resolve()
    try:
        with exclusive(place):
            for file in [place / name for name in _MEMORY] if memory_only else _files_of(place):
                file.unlink(missing_ok=True)
        if not memory_only and not any(place.iterdir()):
            place.rmdir()
            if folder.is_symlink():
                folder.unlink()
    except OSError as error:
        raise RunError(f"{folder}: cannot be deleted ({error.strerror})") from error


def foreign_files(folder: Path) -> list[Path]:
    """Return the files in a run's folder that do not belong to the run."""
    return sorted({*folder.iterdir()} - {*_files_of(folder)})


def _files_of(folder: Path) -> list[Path]:
    """Return all files that a run may have; the record is last, because the folder is a run while it exists."""
    return [
        *(folder / name for name in _MEMORY), *folder.glob(f"{ASIDE}*.db*"), folder / CALLS, folder / STEPS,
        partial_of(folder / RECORD), folder / RECORD,
    ]  # fmt: skip


def _run_folders(place: Path) -> Iterator[Path]:
    if not place.is_dir():
        raise RunError(f"{place}: not a folder; name the folder of a run, or one that has runs in it")
    if _has_run(place):
        yield place
    else:
        yield from (path for path in sorted(place.iterdir()) if not path.name.startswith(".") and _has_run(path))


def _has_run(folder: Path) -> bool:
    try:
        return (folder / RECORD).is_file()
    except PermissionError:
        return True  # reading it raises the error


def _size(files: Iterable[Path]) -> int:
    """Return the number of bytes in files; a missing file has none."""
    size = 0
    for file in files:
        with suppress(FileNotFoundError):
            status = file.stat()
            size += status.st_size if stat.S_ISREG(status.st_mode) else 0
    return size
