"""Whether how a thing looks is part of its name: by what may be done, by what is known, by how a text goes on."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ariadne.memory.extraction.rules import RulesExtractor
from ariadne.values import Fact, Observation, Plan, Situation

DEN = "> go north\n-= Den =-\n"
MEAT = f"{DEN}You see a sofa. On the sofa you see a raw meat."
PLAIN = {"sofa is in Den", "meat is on sofa", "meat is raw"}
WHOLE = {"sofa is in Den", "raw meat is on sofa"}


def told(text: str, *known: str, valid: Sequence[str] = (), goal: str = "") -> set[str]:
    """What is told but where the player is."""
    named = [line.split(" | ") for line in known]
    facts = [Fact(subject, relation, value, 1, None, 1, None, (1,)) for subject, relation, value in named]
    situation = Situation(goal, "", Observation("", valid_actions=tuple(valid)), (), Plan())
    triplets = RulesExtractor().read(text, facts, situation).triplets
    return {str(triplet) for triplet in triplets if triplet.relation != "is at"}


def test_a_look_is_part_of_a_name_where_nobody_is_to_cook() -> None:
    assert told(MEAT) == WHOLE
    assert told(MEAT, goal="You are hungry! Let's cook a delicious meal.") == PLAIN
    for known in ("recipe | requires | egg", "egg | needs | fry", "stove | is for | frying", "player | is | hungry"):
        assert told(MEAT, known) == PLAIN


def test_two_looks_are_never_part_of_a_name() -> None:
    assert told(f"{DEN}You see a sofa. On the sofa you see a diced raw meat.") == PLAIN | {"meat is diced"}


@pytest.mark.parametrize("goal", ["", "Cook the meal"])
def test_what_may_be_done_tells_what_a_thing_is_called(goal: str) -> None:
    assert told(MEAT, valid=["look", "take raw meat from sofa"], goal=goal) == WHOLE
    assert told(MEAT, valid=["look", "take meat from sofa"], goal=goal) == PLAIN


def test_a_name_stays_as_it_was_heard_first() -> None:
    carried = "> inventory\nYou are carrying: a raw meat."
    assert told(carried, "raw meat | is in | sofa", goal="Cook the meal") == {"raw meat is in inventory"}
    assert told(carried, "meat | is in | sofa") == {"meat is in inventory", "meat is raw"}
    taken = "> take raw meat from sofa\nYou take the raw meat from the sofa.\nYou are carrying: a raw meat."
    assert told(taken, goal="Cook the meal") == {"raw meat is in inventory"}


def test_what_a_recipe_calls_without_its_look_has_that_name_from_then_on() -> None:
    carried = "> inventory\nYou are carrying: a raw meat."
    known = ("raw meat | is in | inventory", "recipe | requires | meat")
    assert told(carried, *known) == {"meat is in inventory", "meat is raw"}
    whole = ("raw meat | is in | inventory", "recipe | requires | raw meat")
    assert told(carried, *whole) == {"raw meat is in inventory"}


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
def test_a_description_tells_by_how_it_goes_on(described: str, expected: set[str]) -> None:
    assert told(f"{DEN}{described}") == expected


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
def test_things_described_as_a_group_have_each_a_name_of_their_own(described: str, expected: set[str]) -> None:
    assert told(f"{DEN}{described}") == expected
