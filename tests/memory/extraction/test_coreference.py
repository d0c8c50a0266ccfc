"""Whether an adjective is part of a name: by the valid actions, the known facts and the rest of the text."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ariadne.memory.extraction.rules import RulesExtractor
from ariadne.values import Fact, Observation, Plan, Situation

DEN = "> go north\n-= Den =-\n"
MEAT = f"{DEN}You see a sofa. On the sofa you see a raw meat."
PLAIN = {"sofa is in Den", "meat is on sofa", "meat is raw"}
WHOLE = {"sofa is in Den", "raw meat is on sofa"}


def read_triplets(text: str, *known: str, valid: Sequence[str] = (), goal: str = "") -> set[str]:
    """Return the triplets of a text without the room of the player."""
    named = [line.split(" | ") for line in known]
    facts = [Fact(subject, relation, value, 1, None, 1, None, (1,)) for subject, relation, value in named]
    situation = Situation(goal, "", Observation("", valid_actions=tuple(valid)), (), Plan())
    triplets = RulesExtractor().read(text, facts, situation).triplets
    return {str(triplet) for triplet in triplets if triplet.relation != "is at"}


def test_one_food_state_is_part_of_a_name_unless_the_player_is_to_cook() -> None:
    assert read_triplets(MEAT) == WHOLE
    assert read_triplets(MEAT, goal="You are hungry! Let's cook a delicious meal.") == PLAIN
    for known in ("recipe | requires | egg", "egg | needs | fry", "stove | is for | frying", "player | is | hungry"):
        assert read_triplets(MEAT, known) == PLAIN


def test_two_food_states_are_never_part_of_a_name() -> None:
    assert read_triplets(f"{DEN}You see a sofa. On the sofa you see a diced raw meat.") == PLAIN | {"meat is diced"}


@pytest.mark.parametrize("goal", ["", "Cook the meal"])
def test_valid_actions_decide_what_a_thing_is_called(goal: str) -> None:
    assert read_triplets(MEAT, valid=["look", "take raw meat from sofa"], goal=goal) == WHOLE
    assert read_triplets(MEAT, valid=["look", "take meat from sofa"], goal=goal) == PLAIN


def test_a_known_name_is_kept() -> None:
    carried = "> inventory\nYou are carrying: a raw meat."
    assert read_triplets(carried, "raw meat | is in | sofa", goal="Cook the meal") == {"raw meat is in inventory"}
    assert read_triplets(carried, "meat | is in | sofa") == {"meat is in inventory", "meat is raw"}
    taken = "> take raw meat from sofa\nYou take the raw meat from the sofa.\nYou are carrying: a raw meat."
    assert read_triplets(taken, goal="Cook the meal") == {"raw meat is in inventory"}


def test_a_recipe_decides_what_an_ingredient_is_called() -> None:
    carried = "> inventory\nYou are carrying: a raw meat."
    known = ("raw meat | is in | inventory", "recipe | requires | meat")
    assert read_triplets(carried, *known) == {"meat is in inventory", "meat is raw"}
    whole = ("raw meat | is in | inventory", "recipe | requires | raw meat")
    assert read_triplets(carried, *whole) == {"raw meat is in inventory"}


@pytest.mark.parametrize(
    ("described", "expected"),
    [
        ("You see an opened fridge, which looks conventional, here. The fridge contains an egg and a key.",
         {"fridge is in Den", "fridge is open", "egg is in fridge", "key is in fridge"}),
        ("You make out a table. The table is rusty. On the rusty table you see a key.",
         {"rusty table is in Den", "key is on rusty table"}),
        ("You make out a table. The table is rusty. On the table you see a key.",
         {"table is in Den", "key is on table"}),
    ],
)  # fmt: skip
def test_the_rest_of_a_description_decides_what_a_thing_is_called(described: str, expected: set[str]) -> None:
    assert read_triplets(f"{DEN}{described}") == expected


@pytest.mark.parametrize(
    ("described", "expected"),
    [
        ("You can see two racks, one chipped and one shiny, here. On the chipped one, you see a key.",
         {"chipped rack is in Den", "shiny rack is in Den", "key is on chipped rack"}),
        ("Your attention is drawn to two roughthings, a workbench and a counter. On the workbench, you see a fondue.",
         {"rough workbench is in Den", "rough counter is in Den", "fondue is on rough workbench"}),
        ("You can see two things here, a rack and a bed. On the rack, you see a key.",
         {"rack is in Den", "bed is in Den", "key is on rack"}),
    ],
)  # fmt: skip
def test_each_thing_of_a_described_group_gets_its_own_name(described: str, expected: set[str]) -> None:
    assert read_triplets(f"{DEN}{described}") == expected
