"""What a goal's text asks for."""

from __future__ import annotations

import pytest

from ariadne.planners.rules.goal_parsing import wanted_places, wanted_things


@pytest.mark.parametrize(
    ("goal", "things"),
    [
        ("Find the treasure", ["treasure"]),
        ("Your task is to get a treasure. Treasure is hidden in the golden locker.", ["treasure"]),
        ("First thing I need you to do is to recover the old teacup from the bureau inside the attic.", ["old teacup"]),
        ("Your objective is to take the coin that's in the shower.", ["coin"]),
        ("Please pick up the Quote of the Day Calendar from the floor of the office.", ["Quote of the Day Calendar"]),
        ("Read the notes that you find.", []),
        ("You need the golden key to open it. Get it, and find out what the note says.", []),
        ("", []),
        ("Your task is to get hold of the Golden Fleece.", ["Golden Fleece"]),
        ("Retrieve the ancient map for the museum.", ["ancient map"]),
        ("Then, take a trip north and recover the key from the floor of the washroom.", ["key"]),
    ],
)
def test_a_goal_names_the_things_it_wants(goal: str, things: list[str]) -> None:
    assert wanted_things(goal) == things


@pytest.mark.parametrize(
    ("goal", "places"),
    [
        ("Your task is to take the coin that is located in the shower, and put it into the box found in the bar.",
         [("coin", "box")]),
        ("Put the old teacup on the oak shelf of the kitchen.", [("old teacup", "oak shelf")]),
        ("Your task is to pick up objects, then place them in their usual locations.", []),
        ("Find the treasure.", []),
    ],
)  # fmt: skip
def test_a_goal_names_where_it_wants_things(goal: str, places: list[tuple[str, str]]) -> None:
    assert wanted_places(goal) == places
