"""What is so in a game at one moment, for those who measure."""

from __future__ import annotations

from pathlib import Path

import pytest

from ariadne.envs import make_cooking
from ariadne.envs.text_world.ground_truth import RevealedGame, Truth, plain_name
from ariadne.errors import GameError

TRUTH = Truth(
    here="hall",
    holder={
        "pip": "apple",
        "apple": "box",
        "box": "hall",
        "coin": "safe",
        "safe": "hall",
        "key": "inventory",
        "cup": "den",
    },
    portable=frozenset({"pip", "apple", "coin", "key", "cup"}),
    shut=frozenset({"safe"}),
    rooms=frozenset({"hall", "den", "living room", "attic"}),
    connections=frozenset(
        {
            ("den", "east", "hall"),
            ("hall", "west", "den"),
            ("living room", "north", "den"),
            ("attic", "south", "cellar"),
        }
    ),
)


def test_names_are_compared_without_case_article_and_quotation_marks() -> None:
    names = {"The Apple": "apple", " some salt. ": "salt", "'an egg'": "egg", "Theatre": "theatre"}
    assert {name: plain_name(name) for name in names} == names


def test_a_thing_has_all_holders_around_it() -> None:
    assert TRUTH.holders("pip") == ["apple", "box", "hall"]
    assert TRUTH.holders("ghost") == []


def test_things_in_hand_or_open_in_the_room_are_in_view() -> None:
    assert {thing for thing in TRUTH.holder if TRUTH.in_view(thing)} == {"pip", "apple", "box", "safe", "key"}


def test_the_path_to_a_room_is_shortest_and_ignores_spaces_in_names() -> None:
    assert TRUTH.path_to("livingroom") == ["go east", "go north"]
    assert TRUTH.path_to("hall") == TRUTH.path_to("attic") == TRUTH.path_to("nowhere") == []


def test_a_real_game_reveals_the_truth_after_every_command() -> None:
    with RevealedGame(make_cooking("1", 1)) as game:
        start = game.reset()
        assert start.truth.here == "kitchen"
        assert start.truth.holder["cookbook"] == "table"
        assert "examine cookbook" in start.valid_actions
        taken = game.step("take cookbook from table")
        assert taken.truth.holder["cookbook"] == "inventory"
        assert "cookbook" in taken.inventory
        assert taken.transcript.startswith("> take cookbook from table\nYou take the cookbook from the table.")
        assert not game.over
        assert game.reset().truth == start.truth


def test_a_file_that_is_not_a_game_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.z8").write_text("no game " * 100)
    for name in ("none.z8", "text.z8"):
        with pytest.raises(GameError, match=name):
            RevealedGame(tmp_path / name)
