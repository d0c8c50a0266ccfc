"""What a recipe calls for next: the order of preparations, full hands, and nothing done twice."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ariadne.planners import RulesPlanner, RulesSelector
from ariadne.planners.rules.beliefs import Beliefs
from ariadne.planners.rules.cooking import Cook
from ariadne.relations import is_about_cooking
from ariadne.values import Decision, Fact, Observation, Plan, Reading, Recall, Situation, Triplet, WorkingMemory

KITCHEN = """
    player | is at | Kitchen
    Kitchen | has exit | north
    Pantry | is north of | Kitchen
    stove | is in | Kitchen
    oven | is in | Kitchen
    table | is in | Kitchen
    """
RECIPE = """
    cookbook | is on | table
    recipe | requires | egg
    recipe | requires | ham
    egg | needs | chop
    egg | needs | fry
    ham | needs | roast
    """
HUNGRY = "You are hungry! Let's cook a delicious meal. Check the cookbook in the kitchen for the recipe."


def triplets(text: str) -> tuple[Triplet, ...]:
    return tuple(Triplet(*(part.strip() for part in line.split("|"))) for line in text.splitlines() if line.strip())


def steps(known: str, *, valid: Sequence[str] | None = None, here: str = "Kitchen") -> list[str]:
    """Return the texts of the sub-goals that the recipe calls for."""
    return [subgoal.text for subgoal, _ in Cook(Beliefs(triplets(known), here), valid).steps()]


def held(*things: str) -> str:
    return "".join(f"{thing} | is in | inventory\n" for thing in things)


def states(*texts: str) -> str:
    return "".join(f"{state}\n".replace(" is ", " | is | ") for state in texts)


def decided(known: str, goal: str = HUNGRY) -> Decision:
    """Return the decision of the rules mind if all that is known was just read."""
    facts = tuple(Fact(t.subject, t.relation, t.object, 1, None, 1, None, (1,)) for t in triplets(known))
    names = tuple(dict.fromkeys(name for fact in facts for name in (fact.subject, fact.object)))
    situation = Situation(goal, "", Observation("-= Kitchen =-\nA kitchen."), (), Plan())
    working = WorkingMemory(situation, Reading(triplets(known), names=names), (), Recall(facts))
    return RulesSelector(lambda _: []).act(working, RulesPlanner(lambda _: []).plan(working))


@pytest.mark.parametrize(
    ("goal", "cooks"),
    [
        (HUNGRY, True),
        ("Follow the RECIPE.", True),
        ("Prepare the meal", True),
        ("Find the treasure", False),
        ("Take the cooker to the garage.", False),
        ("", False),
    ],
)
def test_a_goal_is_about_cooking_if_it_mentions_a_recipe_or_a_meal(goal: str, cooks: bool) -> None:
    assert is_about_cooking(goal) is cooks


# -- in order ----------------------------------------------------------------------------------------------------------


def test_the_cookbook_is_read_first_and_searched_if_its_place_is_unknown() -> None:
    assert steps(f"{KITCHEN}cookbook | is on | table") == ["read cookbook"]
    assert steps(f"{KITCHEN}old recipe book | is on | table") == ["read old recipe book"]
    assert steps(KITCHEN) == ["read cookbook", "find cookbook"]


def test_a_thing_is_taken_from_its_place_or_searched_if_that_is_unknown() -> None:
    assert steps(f"{KITCHEN}{RECIPE}egg | is on | table") == ["find knife", "take egg from table", "find ham"]
    known = f"{KITCHEN}{RECIPE}knife | is on | table\nfridge | is in | Kitchen\nham | is in | fridge"
    assert steps(known) == ["take knife from table", "find egg", "take ham from fridge"]


def test_the_knife_is_not_searched_if_nothing_needs_cutting() -> None:
    assert steps(f"{KITCHEN}recipe | requires | ham\nham | needs | roast") == ["find ham"]
    assert steps(f"{KITCHEN}{RECIPE}{states('egg is chopped')}") == ["find egg", "find ham"]


def test_an_ingredient_in_hand_is_cut_and_cooked_with_the_right_tool() -> None:
    known = f"{KITCHEN}{RECIPE}{held('knife', 'egg', 'ham')}"
    assert steps(known) == ["chop egg with knife", "fry egg with stove", "roast ham with oven"]
    without_knife = f"{KITCHEN}{RECIPE}{held('egg', 'ham')}"
    assert steps(without_knife) == ["fry egg with stove", "roast ham with oven", "find knife"]


@pytest.mark.parametrize("state", ["fried", "roasted", "grilled"])
def test_an_ingredient_is_never_cooked_twice(state: str) -> None:
    known = f"{KITCHEN}{RECIPE}{held('knife', 'egg', 'ham')}{states(f'egg is {state}', f'ham is {state}')}"
    assert steps(known) == ["chop egg with knife"]


@pytest.mark.parametrize("state", ["chopped", "sliced", "diced"])
def test_an_ingredient_is_never_cut_twice(state: str) -> None:
    known = f"{KITCHEN}{RECIPE}{held('knife', 'egg', 'ham')}{states(f'egg is {state}')}"
    assert steps(known) == ["fry egg with stove", "roast ham with oven"]


READY = f"{KITCHEN}{RECIPE}{held('egg', 'ham')}{states('egg is fried', 'egg is chopped', 'ham is roasted')}"


def test_the_meal_is_prepared_in_the_kitchen_and_eaten_when_all_steps_are_done() -> None:
    assert steps(READY) == ["prepare meal in Kitchen"]
    assert steps(READY, here="Pantry") == ["prepare meal in Kitchen"]
    assert steps(f"{READY}meal | is made in | Galley") == ["prepare meal in Galley"]
    assert steps(f"{KITCHEN}{RECIPE}{held('meal')}") == ["eat meal"]


def test_a_recipe_without_preparations_is_prepared_once_all_is_in_hand() -> None:
    known = f"{KITCHEN}recipe | requires | egg"
    assert steps(f"{known}\n{held('egg')}") == ["prepare meal in Kitchen"]


def test_the_tool_that_the_world_names_for_frying_is_used() -> None:
    known = f"{KITCHEN}{RECIPE}{held('egg', 'ham', 'knife')}toaster | is for | frying\ncampfire | is for | roasting"
    assert steps(known) == ["chop egg with knife", "fry egg with toaster", "roast ham with campfire"]
    assert Cook(Beliefs(triplets(known), "Kitchen")).is_appliance("Toaster")


# -- full hands --------------------------------------------------------------------------------------------------------

FULL = f"{KITCHEN}{RECIPE}ham | is on | table\ninventory | is | full\n"


def first(known: str, valid: Sequence[str] | None = None) -> str:
    return steps(known, valid=valid)[0]


def test_full_hands_put_down_useless_things_then_the_knife_then_cut_ingredients() -> None:
    chopped = states("egg is chopped", "egg is fried")
    assert first(f"{FULL}{held('knife', 'egg', 'spoon')}") == "drop spoon"
    assert first(f"{FULL}{held('knife', 'egg', 'spoon')}{chopped}") == "drop spoon"
    assert first(f"{FULL}{held('knife', 'egg')}{chopped}") == "drop knife"
    assert first(f"{FULL}{held('egg')}{chopped}") == "drop egg"


def test_the_knife_is_kept_while_something_needs_cutting() -> None:
    assert not [step for step in steps(f"{FULL}{held('knife', 'egg')}") if step.startswith("drop")]


def test_any_ingredient_is_put_down_for_the_knife() -> None:
    known = f"{KITCHEN}{RECIPE}knife | is on | table\ninventory | is | full\n{held('egg', 'ham')}"
    assert first(f"{known}{states('ham is roasted')}") == "drop ham"


def test_full_hands_put_nothing_down_for_a_thing_in_another_room() -> None:
    known = f"{FULL}{held('knife', 'egg', 'spoon')}".replace("ham | is on | table", "ham | is in | Pantry")
    assert "drop spoon" not in steps(known)
    assert "drop spoon" not in steps(FULL.replace("inventory | is | full", "") + held("knife", "egg", "spoon"))


def test_the_list_of_valid_actions_shows_that_hands_are_full() -> None:
    known = f"{FULL.replace('inventory | is | full', '')}{held('knife', 'egg', 'spoon')}"
    assert first(known, ["look", "drop spoon"]) == "drop spoon"
    assert "drop spoon" not in steps(known, valid=["look", "take ham from table"])


# -- decided -----------------------------------------------------------------------------------------------------------


def test_decisions_follow_the_recipe() -> None:
    book = f"{KITCHEN}cookbook | is on | table"
    assert decided(book).commands == ("examine cookbook",)
    assert decided(f"{KITCHEN}{RECIPE}{held('egg', 'ham', 'knife')}").commands == ("chop egg with knife",)
    cut = f"{KITCHEN}{RECIPE}{held('egg', 'ham')}{states('egg is chopped')}"
    assert decided(cut).commands == ("cook egg with stove",)
    assert decided(READY).commands == ("prepare meal",)
    assert decided(f"{KITCHEN}{held('meal')}").commands == ("eat meal",)


def test_the_mind_goes_to_the_kitchen_to_cook() -> None:
    away = f"{READY.replace('player | is at | Kitchen', 'player | is at | Pantry')}Pantry | has exit | south\n"
    assert decided(away).commands == ("go south",)


def test_food_is_not_searched_in_an_appliance() -> None:
    known = f"{KITCHEN}oven | is | closed\nchest | is in | Kitchen\nchest | is | closed\n"
    assert decided(known, "Find the pearl").commands == ("open oven",)
    assert decided(known.replace("chest", "cupboard"), HUNGRY).commands == ("open cupboard",)


def test_the_meal_is_eaten_only_if_the_goal_is_to_cook() -> None:
    assert decided(f"{KITCHEN}{held('meal')}", HUNGRY).commands == ("eat meal",)
    assert decided(f"{KITCHEN}{held('meal')}", "Find the pearl").commands != ("eat meal",)


def test_a_toaster_grills_if_no_barbecue_is_known() -> None:
    recipe = f"{KITCHEN}\nrecipe | requires | ham\nham | needs | grill\ntoaster | is in | Kitchen\n{held('ham')}"
    assert steps(recipe) == ["grill ham with toaster"]
    assert steps(f"{recipe}BBQ | is in | Kitchen") == ["grill ham with BBQ"]
    assert steps(recipe.replace("toaster", "kettle")) == ["grill ham with BBQ"]
