"""Makes a game once and keeps it: built in a process of its own, with a fixed hash seed, compiled, cached.

What TextWorld writes depends on Python's hash seed and on the day; here the same maker and arguments give the same
bytes.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from ariadne.errors import GameError, MissingExtra

_SERIAL = slice(0x12, 0x18)  # of a Z-machine story's header: the day on which it was compiled, not in its checksum


def made(name: str, revision: int, builder: str, arguments: Mapping[str, object], output: str | Path | None) -> Path:
    """The game that `builder` ("module:function") builds from `arguments`: in the cache, or copied to `output`.

    `revision` tells apart what a maker made before and after it was changed. Raises GameError where the game cannot be
    made or written, MissingExtra where TextWorld is not installed.
    """
    if find_spec("textworld") is None:
        raise MissingExtra("making games", "textworld")
    target = None if output is None else _checked(Path(output))
    kept = cache() / f"{name}.r{revision}-textworld-{version('textworld')}" / f"{name}.z8"
    if not kept.exists():
        _make(kept, builder, arguments)
    return kept if target is None else _copied(kept, target)


def cache() -> Path:
    """Where made games are kept: the user's cache folder, or what ARIADNE_CACHE names."""
    from platformdirs import user_cache_path

    chosen = os.environ.get("ARIADNE_CACHE")
    return (Path(chosen) if chosen else user_cache_path("ariadne", appauthor=False)) / "games"


def _checked(output: Path) -> Path:
    if output.suffix != ".z8":
        raise GameError(f"{output}: a game's name ends in .z8")
    for path in (output, output.with_suffix(".json")):
        if path.exists():
            raise GameError(f"{path}: exists; name another, or delete it first")
    if not output.absolute().parent.is_dir():
        raise GameError(f"{output}: there is no folder {output.absolute().parent}")
    return output


def _make(kept: Path, builder: str, arguments: Mapping[str, object]) -> None:
    """Build in a folder beside, then move it in place whole, so that no half-made game is ever found."""
    try:
        kept.parent.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent.parent, prefix="making-") as folder:
            draft = Path(folder, kept.stem)
            draft.mkdir()
            _run(builder, arguments, draft / kept.name)
            draft.replace(kept.parent)
    except OSError as error:
        if kept.exists():  # another process was faster, with the same bytes
            return
        raise GameError(f"{kept.parent.parent}: cannot keep made games here ({error.strerror})") from error


def _run(builder: str, arguments: Mapping[str, object], draft: Path) -> None:
    command = [sys.executable, "-m", "ariadne.envs.makers.build", builder, json.dumps(dict(arguments)), str(draft)]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONHASHSEED": "0"}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word of why"])[-1]
        raise GameError(f"{draft.name}: TextWorld could not make it: {last}")


def _copied(kept: Path, target: Path) -> Path:
    """Both files to where they were asked for, the story last: a story without its .json would be no game."""
    try:
        for end in (".json", ".z8"):
            half = target.with_suffix(f"{end}.part")
            shutil.copyfile(kept.with_suffix(end), half)
            half.replace(target.with_suffix(end))
    except OSError as error:
        raise GameError(f"{target}: cannot be written ({error.strerror})") from error
    return target


def _build(builder: str, arguments: str, draft: Path) -> None:
    """In the process of its own: build, compile, and take out what depends on the day."""
    from textworld import GameOptions
    from textworld.generator import compile_game

    module, _, function = builder.partition(":")
    options = GameOptions()
    options.path, options.force_recompile = str(draft), True
    compile_game(getattr(import_module(module), function)(**json.loads(arguments)), options)
    draft.with_suffix(".ni").unlink(missing_ok=True)
    story = bytearray(draft.read_bytes())
    story[_SERIAL] = b"000000"
    draft.write_bytes(story)


if __name__ == "__main__":
    _build(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
