"""Saved runs as things to keep: which there are, how large they are, packed into one file, and thrown away."""

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
from pathlib import Path, PurePath, PurePosixPath

from ariadne.errors import RunError
from ariadne.runs.record import ASIDE, CALLS, HALF, MEMORY, RECORD, SIDES, STEPS, RunRecord, read_record
from ariadne.runs.recorder import appearing, at_rest, is_being_written

FILES = (RECORD, STEPS, CALLS, MEMORY)
_MEMORY = tuple(f"{MEMORY}{side}" for side in SIDES)
_DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, RuntimeError)
"""What zipfile raises for a file that is none, is damaged, or is packed in a way that it does not know."""


@dataclass(frozen=True)
class Saved:
    """A run in a folder, as its run.json tells of it."""

    folder: Path
    record: RunRecord

    @property
    def state(self) -> str:
        """What it says of itself; of one that was killed, that it was stopped."""
        if self.record.state == "finished":
            return "won" if self.record.outcome is not None and self.record.outcome.won else "finished"
        return "stopped" if self.record.state == "running" and not is_being_written(self.folder) else self.record.state

    @property
    def name(self) -> str:
        return self.folder.resolve().name

    @property
    def bytes(self) -> int:
        return _size(self.folder.iterdir())

    @property
    def memory_bytes(self) -> int:
        return _size(self.folder / name for name in _MEMORY)


@dataclass(frozen=True)
class RunFilter:
    """Which runs: of games whose file's name has a text in it, of a mind, of a memory, won or not, begun before or
    since a moment; None wants all."""

    game: str | None = None
    mind: str | None = None
    memory: str | None = None
    won: bool | None = None
    before: datetime | None = None
    since: datetime | None = None

    def __contains__(self, run: Saved) -> bool:
        record = run.record
        return (
            (self.game is None or self.game in PurePath(record.asked.game).name)
            and (self.mind is None or self.mind == record.asked.mind)
            and (self.memory is None or self.memory == record.asked.memory)
            and (self.won is None or self.won == (record.outcome is not None and record.outcome.won))
            and (self.before is None or record.started < self.before)
            and (self.since is None or record.started >= self.since)
        )


def saved(folders: Iterable[Path]) -> tuple[list[Saved], list[RunError]]:
    """The runs in folders, each a run's own or one that holds several, the oldest first; and what is wrong with those
    that cannot be read. Raises RunError for what is no folder."""
    found, wrong = list[Saved](), list[RunError]()
    for folder in {run.resolve(): run for told in folders for run in _folders(told)}.values():
        try:
            found.append(Saved(folder, read_record(folder)))
        except RunError as error:
            wrong.append(error)
    return sorted(found, key=lambda run: (run.record.started, run.folder)), wrong


def pack(folder: Path, file: Path) -> Path:
    """A run as one zip file, its memory as a sound copy; appears whole or not at all. Raises RunError where there is
    no run, where it is being played, or where the file exists or cannot be written."""
    read_record(folder)
    if file.exists():
        raise RunError(f"{file}: exists; name another file, or delete this one")
    try:
        with at_rest(folder), tempfile.TemporaryDirectory(prefix=f".{file.name}-", dir=file.parent) as made:
            half, copy = Path(made, "packed"), Path(made, MEMORY)
            with half.open("wb") as target, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
                for path in (folder / name for name in FILES if (folder / name).exists()):
                    if path.name == MEMORY:
                        _copy_memory(path, copy)
                    packed.write(copy if path.name == MEMORY else path, f"{folder.resolve().name}/{path.name}")
            with half.open("rb") as written:
                os.fsync(written.fileno())
            os.link(half, file)  # fails where somebody made it meanwhile
    except FileExistsError:
        raise RunError(f"{file}: exists; name another file, or delete this one") from None
    except sqlite3.Error as error:
        raise RunError(f"{folder / MEMORY}: cannot be copied ({error})") from error
    except OSError as error:
        raise RunError(f"{file}: cannot be written ({error.strerror})") from error
    return file


def _copy_memory(path: Path, copy: Path) -> None:
    """All that is committed in a memory's file, with nothing beside it; one that may only be read nobody changes."""
    how = "mode=rw" if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK) else "mode=ro&immutable=1"
    opened = sqlite3.connect(f"{path.resolve().as_uri()}?{how}", uri=True)
    with closing(opened) as memory, closing(sqlite3.connect(copy)) as target:
        memory.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")


def unpack(file: Path, folder: Path | None = None) -> Path:
    """A packed run in a folder of its own, by default in runs/ by the name that it had. Raises RunError for a file
    that is no packed run, and where the folder exists or cannot be made."""
    try:
        with zipfile.ZipFile(file) as packed:
            members = {PurePosixPath(name): name for name in packed.namelist() if not name.endswith("/")}
            parents = {path.parent for path in members}
            names = {path.name for path in parents if len(path.parts) == 1 and path.name != ".."}
            if not (len(parents) == len(names) == 1) or not {RECORD, STEPS} <= {path.name for path in members} <= {
                *FILES
            }:
                raise RunError(
                    f"{file}: no packed run: it holds {', '.join(sorted(members.values())[:4]) or 'nothing'}"
                )
            folder = folder or Path("runs") / names.pop()
            with appearing(folder) as made:
                for path, name in members.items():
                    with packed.open(name) as source, (made / path.name).open("wb") as target:
                        shutil.copyfileobj(source, target)
                try:
                    read_record(made)
                except RunError as error:
                    raise RunError(f"{file}: no packed run: {str(error).removeprefix(f'{made}/')}") from error
    except _DAMAGED as error:
        raise RunError(f"{file}: no packed run, or a damaged one ({error})") from error
    except OSError as error:
        raise RunError(f"{file}: cannot be unpacked ({error.strerror})") from error
    return folder


def throw_away(folder: Path, *, memory_only: bool = False) -> None:
    """Delete a run with the memories that were set aside in it, or its memory alone (with what SQLite left beside it),
    which is told anew from the steps when it is asked for. Files that are none of a run stay. Raises RunError where
    there is no run, where it is being played, or where it cannot be deleted."""
    read_record(folder)
    place = folder.resolve()
    try:
        with at_rest(place):
            for file in [place / name for name in _MEMORY] if memory_only else _files_of(place):
                file.unlink(missing_ok=True)
        if not memory_only and not any(place.iterdir()):
            place.rmdir()
            if folder.is_symlink():
                folder.unlink()
    except OSError as error:
        raise RunError(f"{folder}: cannot be deleted ({error.strerror})") from error


def others_in(folder: Path) -> list[Path]:
    """The files in a run's folder that are none of a run."""
    return sorted({*folder.iterdir()} - {*_files_of(folder)})


def _files_of(folder: Path) -> list[Path]:
    """All that a run may keep; its record is the last, for so long as that is there it is a run."""
    return [
        *(folder / name for name in _MEMORY), *folder.glob(f"{ASIDE}*.db*"), folder / CALLS, folder / STEPS,
        (folder / RECORD).with_suffix(HALF), folder / RECORD,
    ]  # fmt: skip


def _folders(told: Path) -> Iterator[Path]:
    if not told.is_dir():
        raise RunError(f"{told}: no folder with runs")
    if _holds_run(told):
        yield told
    else:
        yield from (at for at in sorted(told.iterdir()) if not at.name.startswith(".") and _holds_run(at))


def _holds_run(folder: Path) -> bool:
    try:
        return (folder / RECORD).is_file()
    except PermissionError:
        return True  # who reads it is told


def _size(files: Iterable[Path]) -> int:
    """In bytes; what is not there, or went meanwhile, has none."""
    sizes = 0
    for file in files:
        with suppress(FileNotFoundError):
            about = file.stat()
            sizes += about.st_size if stat.S_ISREG(about.st_mode) else 0
    return sizes
