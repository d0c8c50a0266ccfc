"""What makes a file a game that can be played: a whole Z-machine story and the .json that TextWorld writes beside it.

Looked at before the interpreter is, which ends the process where a story is damaged.
"""

from __future__ import annotations

import json
from pathlib import Path

from ariadne.errors import GameError

_HEADER = 64  # bytes; what follows is summed up in the header
_NEEDED = ("world", "quests", "infos", "KB")


def check_game(path: Path) -> None:
    """Raises GameError, with what is wrong and what to do, for anything but a whole game with its .json."""
    if path.suffix != ".z8":
        raise GameError(f"{path}: not a TextWorld game: its name should end in .z8")
    try:
        story = path.read_bytes()
    except OSError as error:
        raise GameError(f"{path}: no such game can be read ({error.strerror}); 'ariadne make' makes games") from error
    _check_story(path, story)
    beside = path.with_suffix(".json")
    try:
        described = json.loads(beside.read_text(encoding="utf-8"))
    except OSError as error:
        raise GameError(f"{path}: its description {beside.name} should lie beside it ({error.strerror})") from error
    except ValueError as error:
        raise GameError(f"{beside}: not the description of a TextWorld game: no JSON") from error
    if not isinstance(described, dict) or not all(part in described for part in _NEEDED):
        raise GameError(f"{beside}: not the description of a TextWorld game")


def _check_story(path: Path, story: bytes) -> None:
    if len(story) < _HEADER or story[0] != 8:
        raise GameError(f"{path}: not a TextWorld game (no Z-machine story of version 8)")
    length = 8 * int.from_bytes(story[0x1A:0x1C], "big")
    told = int.from_bytes(story[0x1C:0x1E], "big")
    if length > len(story) or sum(story[_HEADER:length]) % 65536 != told:
        raise GameError(f"{path}: the game is damaged or cut short: its checksum is wrong")
