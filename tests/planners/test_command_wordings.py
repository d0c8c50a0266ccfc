"""Alternative wordings of commands, for worlds that do not understand the usual ones."""

from __future__ import annotations

import pytest

from ariadne.planners.command_wordings import alternative_wording, reword
from ariadne.values import Observation

PUZZLED = "Unknown action: I'm not sure what you mean."


def seen(command: str, text: str) -> Observation:
    return Observation(text, commands=(command,))


@pytest.mark.parametrize(
    ("command", "other"),
    [
        ("go west", "move west"), ("take red apple from old fridge", "take red apple"),
        ("chop apple with knife", "chop apple"), ("cook apple with stove", "cook apple in stove"),
        ("put apple on table", "put apple in table"), ("insert apple into box", "put apple in box"),
        ("take apple", None), ("open box", None), ("look", None),
    ],
)  # fmt: skip
def test_some_commands_have_an_alternative_wording(command: str, other: str | None) -> None:
    assert alternative_wording(command) == other
    assert reword(command, []) == command


def test_the_usual_wording_is_kept_until_the_world_does_not_understand_it() -> None:
    assert reword("go west", [seen("go west", "You can't go that way.")]) == "go west"
    assert reword("go west", [seen("go west", PUZZLED)]) == "move west"
    assert reword("go east", [seen("go west", PUZZLED), seen("look around", "A hall.")]) == "move east"
    assert reword("take apple", [seen("go west", PUZZLED)]) == "take apple"


def test_the_list_of_valid_actions_decides_the_wording() -> None:
    def listed(*actions: str) -> list[Observation]:
        return [seen("go west", PUZZLED), Observation("A hall.", valid_actions=actions)]

    assert reword("go east", listed("move east", "look")) == "move east"
    assert reword("go east", listed("go east", "move stone")) == "go east"
    assert reword("go north", listed("move east")) == "move north"  # on the way, not here
    assert reword("go north", listed("go east")) == "go north"
    assert reword("take egg from bowl", listed("take egg", "take bowl")) == "take egg"
    assert reword("take egg from bowl", listed("take bowl")) == "take egg from bowl"


def test_the_wording_that_the_world_understood_last_is_used_again() -> None:
    assert reword("go east", [seen("move west", "You are in the hall.")]) == "move east"
    assert reword("go east", [seen("go west", PUZZLED), seen("move west", PUZZLED)]) == "go east"
    assert reword("take egg from bowl", [seen("take apple", "You take the apple.")]) == "take egg from bowl"
    assert reword("go east", [seen("move west", "A hall."), seen("go west", "-= Attic =-")]) == "go east"
