"""A check of game files: a whole Z-machine story with the .json that TextWorld writes beside it.

It runs before the interpreter, because the interpreter ends the process on a damaged story.
"""

from __future__ import annotations

import json
from pathlib import Path

from ariadne.errors import GameError

_HEADER = 64  # bytes; the checksum in the header covers the bytes after it
_REQUIRED_KEYS = ("world", "quests", "infos", "KB")


def check_game(path: Path) -> None:
    """Check that a file is a whole game with its .json beside it.

    Raises:
        GameError: It is not; the message names the problem and the remedy.
    """
    if path.suffix != ".z8":
        raise GameError(f"{path}: not a game: its name must end in .z8 or .express")
    try:
        story = path.read_bytes()
    except FileNotFoundError as error:
        raise GameError(f"{path}: this game does not exist; make one with `ariadne make`") from error
    except OSError as error:
        raise GameError(f"{path}: this game cannot be read ({error.strerror})") from error
    _check_story(path, story)
    _check_description(path)


def _check_description(path: Path) -> None:
    beside = path.with_suffix(".json")
    try:
        description = json.loads(beside.read_text(encoding="utf-8"))
    except OSError as error:
        raise GameError(f"{path}: its description {beside.name} should lie beside it ({error.strerror})") from error
    except ValueError as error:
        raise GameError(f"{beside}: not the description of a TextWorld game: not JSON") from error
    if not isinstance(description, dict) or not all(key in description for key in _REQUIRED_KEYS):
        raise GameError(f"{beside}: not the description of a TextWorld game")


def _check_story(path: Path, story: bytes) -> None:
    if len(story) < _HEADER or story[0] != 8:
        raise GameError(f"{path}: not a TextWorld game (not a Z-machine story of version 8)")
    length = 8 * int.from_bytes(story[0x1A:0x1C], "big")
    checksum = int.from_bytes(story[0x1C:0x1E], "big")
    if length > len(story) or sum(story[_HEADER:length]) % 65536 != checksum:
        raise GameError(f"{path}: the game is damaged or cut short: its checksum is wrong")
