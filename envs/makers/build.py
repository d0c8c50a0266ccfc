"""Builds a game once and caches it.

TextWorld's output depends on Python's hash seed and on the day. This module builds a game in a process with a fixed
hash seed, and removes the day. The same maker and arguments then give the same bytes.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from ariadne.errors import GameError, MissingExtra
from ariadne.files import cache_root, new_folder, replacement

_SERIAL = slice(0x12, 0x18)  # the day of compilation in a story's header; the checksum does not cover it


def cached_game(
    name: str, revision: int, builder: str, arguments: Mapping[str, object], output: str | Path | None
) -> Path:
    """Return a game from the cache, or built now; copy it to `output` if that is given.

    Args:
        name: The game's name in the cache.
        revision: The maker's revision; a new one builds the game again.
        builder: The function that builds it, "module:function".
        arguments: The function's arguments; they must be JSON.
        output: A new .z8 file to copy the game to, with its .json.

    Raises:
        GameError: The game cannot be built or written.
        MissingExtra: The extra [textworld] is missing.
    """
    if find_spec("textworld") is None:
        raise MissingExtra("making games", "textworld")
    target = None if output is None else _check_new(Path(output))
    cached = cached_file(name, revision)
    if not cached.exists():
        _build_into_cache(cached, builder, arguments)
    return cached if target is None else _copy(cached, target)


def cached_file(name: str, revision: int) -> Path:
    """Return the file of a game in the cache; it may not exist yet."""
    return cache_folder() / f"{name}.r{revision}-textworld-{version('textworld')}" / f"{name}.z8"


def cache_folder() -> Path:
    """Return the folder of cached games: in ARIADNE_CACHE, or else in the user's cache folder."""
    return cache_root() / "games"


def _check_new(output: Path) -> Path:
    if output.suffix != ".z8":
        raise GameError(f"{output}: a game's name must end in .z8")
    for path in (output, output.with_suffix(".json")):
        if path.exists():
            raise GameError(f"{path}: exists; name another file with -o, or delete this one")
    if not output.absolute().parent.is_dir():
        raise GameError(f"{output}: the folder {output.absolute().parent} does not exist")
    return output


def _build_into_cache(cached: Path, builder: str, arguments: Mapping[str, object]) -> None:
    """Build a game into a new folder of the cache, which never holds half a game."""
    try:
        with new_folder(cached.parent) as partial:
            _run_builder(builder, arguments, partial / cached.name)
    except OSError as error:
        if cached.exists():  # another process built the same bytes first
            return
        raise GameError(f"{cached.parent.parent}: games cannot be cached here ({error.strerror})") from error


def _run_builder(builder: str, arguments: Mapping[str, object], draft: Path) -> None:
    command = [sys.executable, "-m", "ariadne.envs.makers.build", builder, json.dumps(dict(arguments)), str(draft)]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONHASHSEED": "0"}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise GameError(f"{draft.name}: TextWorld could not make it: {last}")


def _copy(cached: Path, target: Path) -> Path:
    """Copy both files, the story last: a story without its .json is no game."""
    try:
        for suffix in (".json", ".z8"):
            with replacement(target.with_suffix(suffix)) as partial:
                shutil.copyfile(cached.with_suffix(suffix), partial)
    except OSError as error:
        raise GameError(f"{target}: cannot be written ({error.strerror})") from error
    return target


def _build(builder: str, arguments: str, draft: Path) -> None:
    """Build and compile a game in this process, and remove the day from it."""
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
