"""A file that is not a whole game is refused before the interpreter starts."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ariadne.envs import TextWorld
from ariadne.errors import GameError


@pytest.fixture
def copied(hunt: Path, tmp_path: Path) -> Path:
    shutil.copy(hunt.with_suffix(".json"), tmp_path / "game.json")
    return Path(shutil.copy(hunt, tmp_path / "game.z8"))


def test_a_missing_game_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GameError, match="this game does not exist; make one with `ariadne make`"):
        TextWorld(tmp_path / "none.z8")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.z8").mkdir()
    with pytest.raises(GameError, match="this game cannot be read"):
        TextWorld(tmp_path / "folder.z8")


def test_another_suffix_is_refused(copied: Path) -> None:
    with pytest.raises(GameError, match=r"must end in \.z8 or \.express"):
        TextWorld(copied.with_suffix(".json"))


@pytest.mark.parametrize("content", [b"", b"\x08", b"no story at all " * 100])
def test_a_file_that_is_not_a_story_is_refused(copied: Path, content: bytes) -> None:
    copied.write_bytes(content)
    with pytest.raises(GameError, match="not a TextWorld game"):
        TextWorld(copied)


def test_a_story_cut_short_is_refused(copied: Path) -> None:
    copied.write_bytes(copied.read_bytes()[:200_000])
    with pytest.raises(GameError, match="damaged or cut short"):
        TextWorld(copied)


def test_a_story_with_one_changed_byte_is_refused(copied: Path) -> None:
    story = bytearray(copied.read_bytes())
    story[100_000] ^= 1
    copied.write_bytes(story)
    with pytest.raises(GameError, match="damaged or cut short"):
        TextWorld(copied)


def test_a_game_without_its_json_is_refused(copied: Path) -> None:
    copied.with_suffix(".json").unlink()
    with pytest.raises(GameError, match=r"its description game\.json should lie beside it"):
        TextWorld(copied)


@pytest.mark.parametrize("content", ["no json", "[]", "{}", '{"world": 1, "quests": 2, "infos": 3, "KB": 4}', "\udcff"])
def test_a_json_that_describes_no_game_is_refused(copied: Path, content: str) -> None:
    copied.with_suffix(".json").write_text(content, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(GameError, match="not the description of a TextWorld game"):
        TextWorld(copied)
