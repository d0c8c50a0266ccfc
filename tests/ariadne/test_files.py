"""Files and folders appear complete under their names, or not at all."""

from __future__ import annotations

from io import FileIO
from pathlib import Path
from typing import Any

import pytest

from ariadne.errors import MemoryFileError, RunError
from ariadne.files import append_line, new_file, new_folder, partial_of, replace_file, replacement


def test_a_new_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    with new_file(target) as partial:
        partial.write_text("complete")
        assert not target.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert target.read_text() == "complete"


def test_a_new_file_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyError), new_file(tmp_path / "a.txt"):
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_not_replaced_by_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("mine")
    for error in (MemoryFileError, RunError):
        with pytest.raises(error, match="it exists; name a new file"), new_file(tmp_path / "a.txt", error):
            pass
    with pytest.raises(RunError, match="File exists"), new_file(tmp_path / "b.txt", RunError):
        (tmp_path / "b.txt").write_text("another process")
    assert [path.read_text() for path in sorted(tmp_path.iterdir())] == ["mine", "another process"]


def test_a_new_folder_appears_when_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "folder"
    with new_folder(target) as partial:
        (partial / "a.txt").write_text("complete")
        assert not target.exists()
    assert (target / "a.txt").read_text() == "complete"
    with pytest.raises(KeyError), new_folder(tmp_path / "deep" / "other"):
        raise KeyError
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["folder"]


def test_a_replacement_takes_the_place_of_a_file_only_when_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "game"
    with replacement(target) as first, replacement(target) as second:  # two processes may write one file
        first.write_text("first", encoding="utf-8")
        second.write_text("second", encoding="utf-8")
        assert not target.exists()
    assert target.read_text(encoding="utf-8") == "first"
    with pytest.raises(UnicodeEncodeError), replacement(target) as partial:
        partial.write_text("half \ud800", encoding="utf-8")
    assert target.read_text(encoding="utf-8") == "first"
    assert list(tmp_path.iterdir()) == [target]


def test_the_content_of_a_file_is_replaced_at_once(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    replace_file(file, "old")
    partial_of(file).write_text("left by a killed process")
    replace_file(file, "new é")
    assert file.read_text(encoding="utf-8") == "new é"
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]


def test_an_appended_line_is_complete_if_the_system_writes_a_few_bytes_at_a_time(tmp_path: Path) -> None:
    class SlowFile(FileIO):
        def write(self, data: Any, /) -> int:
            return super().write(data[:3])

    with SlowFile(tmp_path / "steps.jsonl", "ab") as file:
        append_line(file, b'{"a": 1}')
        append_line(file, b'{"b": 2}')
    assert (tmp_path / "steps.jsonl").read_bytes() == b'{"a": 1}\n{"b": 2}\n'
