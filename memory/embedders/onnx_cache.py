"""Where an exported model is kept, whether it is whole, and how it gets there: knows files, no network and no numbers.

In the user's cache, or in what ARIADNE_CACHE or XDG_CACHE_HOME names:

    embedders/<model>-<digest>/     digest: of the model's weights and the way of exporting
        model.onnx                  token ids and mask to unit vectors
        tokenizer.json
        about.json                  written last: dimensions, padding, each file's size, time and SHA-256
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ValidationError

from ariadne.memory.embedders.models import Model

FORMAT = "1"
"""Another number for another way of exporting: what was kept before is then not used."""
NETWORK, TOKENIZER, ABOUT = "model.onnx", "tokenizer.json", "about.json"
DRAFT = "making-"
STALE = 3600.0
"""Seconds after which a draft must be what a killed process left."""


class FileState(BaseModel):
    """A file's size in bytes, time of change in ns, and SHA-256."""

    size: int
    changed: int
    digest: str


class About(BaseModel):
    """What one must know to run the exported model."""

    dimensions: int
    padding: int
    files: dict[str, FileState]


def root() -> Path:
    """The folder of all exported models."""
    from platformdirs import user_cache_path

    chosen = os.environ.get("ARIADNE_CACHE")
    return (Path(chosen) if chosen else user_cache_path("ariadne", appauthor=False)) / "embedders"


def folder_of(model: Model) -> Path:
    """Where this model's export belongs; of a model on the hub only the name counts, not what it holds today."""
    weights = model.name if model.folder is None else _weights(model.folder)
    digest = hashlib.sha256(f"{FORMAT}\n{weights}".encode()).hexdigest()[:12]
    return root() / f"{re.sub(r'[^A-Za-z0-9._-]', '-', model.name)}-{digest}"


def whole(folder: Path) -> About | None:
    """What the folder says of itself, if all its files are as they were written; else None.

    A file's bytes are read only if its size or its time is another.
    """
    try:
        about = About.model_validate_json((folder / ABOUT).read_bytes())
        return about if all(_as_written(folder / name, state) for name, state in about.files.items()) else None
    except (OSError, ValidationError):
        return None


def fill(folder: Path, export: Callable[[Path], tuple[int, int]]) -> None:
    """Let `export` write its files and give (dimensions, padding); the folder appears whole, or not at all.

    What stands there already is taken for damaged and goes. Raises OSError where it cannot be written.
    """
    _sweep(folder.parent)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=DRAFT) as place:
        draft = Path(place, "new")
        draft.mkdir()
        dimensions, padding = export(draft)
        files = {name: _state(draft / name) for name in (NETWORK, TOKENIZER)}
        about = About(dimensions=dimensions, padding=padding, files=files)
        (draft / ABOUT).write_text(about.model_dump_json(indent=1), encoding="utf-8")
        if folder.exists():
            folder.rename(Path(place, "old"))
        draft.rename(folder)


def _sweep(place: Path) -> None:
    for left in place.glob(f"{DRAFT}*"):
        if time.time() - left.stat().st_mtime > STALE:
            shutil.rmtree(left, ignore_errors=True)


def _as_written(path: Path, state: FileState) -> bool:
    now = path.stat()
    if now.st_size != state.size:
        return False
    return now.st_mtime_ns == state.changed or _digest(path) == state.digest


def _state(path: Path) -> FileState:
    now = path.stat()
    return FileState(size=now.st_size, changed=now.st_mtime_ns, digest=_digest(path))


def _weights(source: Path) -> str:
    """The digest of all of a model's files. It takes 0.1 s, so it is kept, under their names, sizes and times."""
    paths = sorted(path for path in source.rglob("*") if path.is_file())
    stamp = json.dumps([str(source), *((str(path), (now := path.stat()).st_size, now.st_mtime_ns) for path in paths)])
    kept = root() / f"weights-{hashlib.sha256(stamp.encode()).hexdigest()[:24]}"
    try:
        if re.fullmatch(r"[0-9a-f]{64}", digest := kept.read_text(encoding="ascii")):
            return digest
    except (OSError, UnicodeDecodeError):
        pass
    whole = "".join(f"{path.relative_to(source).as_posix()} {_digest(path)}\n" for path in paths)
    return _kept(kept, hashlib.sha256(whole.encode()).hexdigest())


def _kept(path: Path, digest: str) -> str:
    """The digest, written down if that is possible: where it is not, it is made again."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(digest, encoding="ascii")
    except OSError:
        pass
    return digest


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
