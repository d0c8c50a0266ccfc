"""The parts of a command."""

from __future__ import annotations

import pytest

from ariadne.memory.extraction.commands import Command, parse_command


@pytest.mark.parametrize("text", ["north", "go north", "Walk NORTH", "head north", "move north"])
def test_a_move_has_a_direction(text: str) -> None:
    assert parse_command(text) == Command(text, direction="north")


@pytest.mark.parametrize("text", ["examine note", "read the note", "look at the note", "x note", "l at note"])
def test_an_examined_thing_has_no_article(text: str) -> None:
    assert parse_command(text) == Command(text, examined="note")


@pytest.mark.parametrize(
    ("text", "target", "tool", "opened", "taken"),
    [
        ("open the red box", "red box", "", "red box", ""),
        ("unlock box with the old key", "box", "old key", "", ""),
        ("lock box using key", "box", "key", "", ""),
        ("open oak door", "oak door", "", "", ""),  # a door has other names
        ("take egg", "egg", "", "", "egg"),
        ("take egg from fridge", "egg", "", "", ""),
        ("pick up egg", "egg", "", "", ""),
    ],
)
def test_a_handled_thing_is_the_target(text: str, target: str, tool: str, opened: str, taken: str) -> None:
    assert parse_command(text) == Command(text, target=target, tool=tool, opened=opened, taken=taken)


@pytest.mark.parametrize("text", ["", "wait", "inventory", "look", "go home"])
def test_a_command_of_another_kind_has_no_parts(text: str) -> None:
    assert parse_command(text) == Command(text)
