"""What a recipe calls for next, in small worlds: the order of the work, full hands, and what must never be done."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ariadne.planners import RulesPlanner, RulesSelector
from ariadne.planners.rules.beliefs import Beliefs
from ariadne.planners.rules.cooking import Cook
from ariadne.planners.rules.goal_parsing import is_about_cooking
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
    """What the recipe calls for, in words."""
    return [intent.text for intent, _ in Cook(Beliefs(triplets(known), here), valid).steps()]


def held(*things: str) -> str:
    return "".join(f"{thing} | is in | inventory\n" for thing in things)


def told(*states: str) -> str:
    return "".join(f"{state}\n".replace(" is ", " | is | ") for state in states)


def decided(known: str, goal: str = HUNGRY) -> Decision:
    """What rules decide where all that is known was just read."""
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
def test_a_goal_is_about_cooking_where_it_speaks_of_it(goal: str, cooks: bool) -> None:
    assert is_about_cooking(goal) is cooks


# -- in order ----------------------------------------------------------------------------------------------------------


def test_the_cookbook_is_read_first_and_looked_for_where_nobody_knows_it() -> None:
    assert steps(f"{KITCHEN}cookbook | is on | table") == ["read cookbook"]
    assert steps(f"{KITCHEN}old recipe book | is on | table") == ["read old recipe book"]
    assert steps(KITCHEN) == ["read cookbook", "find cookbook"]


def test_what_lies_somewhere_is_taken_from_there_and_all_else_is_looked_for() -> None:
    assert steps(f"{KITCHEN}{RECIPE}egg | is on | table") == ["find knife", "take egg from table", "find ham"]
    known = f"{KITCHEN}{RECIPE}knife | is on | table\nfridge | is in | Kitchen\nham | is in | fridge"
    assert steps(known) == ["take knife from table", "find egg", "take ham from fridge"]


def test_the_knife_is_not_looked_for_where_nothing_is_to_be_cut() -> None:
    assert steps(f"{KITCHEN}recipe | requires | ham\nham | needs | roast") == ["find ham"]
    assert steps(f"{KITCHEN}{RECIPE}{told('egg is chopped')}") == ["find egg", "find ham"]


def test_in_hand_it_is_cut_and_cooked_with_what_each_takes() -> None:
    known = f"{KITCHEN}{RECIPE}{held('knife', 'egg', 'ham')}"
    assert steps(known) == ["chop egg with knife", "fry egg with stove", "roast ham with oven"]
    without_knife = f"{KITCHEN}{RECIPE}{held('egg', 'ham')}"
    assert steps(without_knife) == ["fry egg with stove", "roast ham with oven", "find knife"]


@pytest.mark.parametrize("state", ["fried", "roasted", "grilled"])
def test_what_was_cooked_in_any_way_is_never_cooked_again(state: str) -> None:
    known = f"{KITCHEN}{RECIPE}{held('knife', 'egg', 'ham')}{told(f'egg is {state}', f'ham is {state}')}"
    assert steps(known) == ["chop egg with knife"]


@pytest.mark.parametrize("state", ["chopped", "sliced", "diced"])
def test_what_was_cut_in_any_way_is_never_cut_again(state: str) -> None:
    known = f"{KITCHEN}{RECIPE}{held('knife', 'egg', 'ham')}{told(f'egg is {state}')}"
    assert steps(known) == ["fry egg with stove", "roast ham with oven"]


READY = f"{KITCHEN}{RECIPE}{held('egg', 'ham')}{told('egg is fried', 'egg is chopped', 'ham is roasted')}"


def test_when_all_is_done_the_meal_is_prepared_in_the_kitchen_and_eaten() -> None:
    assert steps(READY) == ["prepare meal in Kitchen"]
    assert steps(READY, here="Pantry") == ["prepare meal in Kitchen"]
    assert steps(f"{READY}meal | is made in | Galley") == ["prepare meal in Galley"]
    assert steps(f"{KITCHEN}{RECIPE}{held('meal')}") == ["eat meal"]


def test_a_recipe_that_asks_for_nothing_but_food_is_prepared_as_soon_as_all_is_in_hand() -> None:
    known = f"{KITCHEN}recipe | requires | egg"
    assert steps(f"{known}\n{held('egg')}") == ["prepare meal in Kitchen"]


def test_what_the_world_says_is_for_frying_is_fried_with() -> None:
    known = f"{KITCHEN}{RECIPE}{held('egg', 'ham', 'knife')}toaster | is for | frying\ncampfire | is for | roasting"
    assert steps(known) == ["chop egg with knife", "fry egg with toaster", "roast ham with campfire"]
    assert Cook(Beliefs(triplets(known), "Kitchen")).is_appliance("Toaster")


# -- full hands --------------------------------------------------------------------------------------------------------

FULL = f"{KITCHEN}{RECIPE}ham | is on | table\ninventory | is | full\n"


def first(known: str, valid: Sequence[str] | None = None) -> str:
    return steps(known, valid=valid)[0]


def test_full_hands_put_down_what_no_recipe_wants_then_the_knife_then_what_is_cut() -> None:
    chopped = told("egg is chopped", "egg is fried")
    assert first(f"{FULL}{held('knife', 'egg', 'spoon')}") == "drop spoon"
    assert first(f"{FULL}{held('knife', 'egg', 'spoon')}{chopped}") == "drop spoon"
    assert first(f"{FULL}{held('knife', 'egg')}{chopped}") == "drop knife"
    assert first(f"{FULL}{held('egg')}{chopped}") == "drop egg"


def test_the_knife_is_kept_while_something_is_to_be_cut() -> None:
    assert not [step for step in steps(f"{FULL}{held('knife', 'egg')}") if step.startswith("drop")]


def test_for_the_knife_any_ingredient_is_put_down() -> None:
    known = f"{KITCHEN}{RECIPE}knife | is on | table\ninventory | is | full\n{held('egg', 'ham')}"
    assert first(f"{known}{told('ham is roasted')}") == "drop ham"


def test_full_hands_put_nothing_down_for_what_lies_elsewhere() -> None:
    known = f"{FULL}{held('knife', 'egg', 'spoon')}".replace("ham | is on | table", "ham | is in | Pantry")
    assert "drop spoon" not in steps(known)
    assert "drop spoon" not in steps(FULL.replace("inventory | is | full", "") + held("knife", "egg", "spoon"))


def test_the_list_of_valid_actions_shows_that_hands_are_full() -> None:
    known = f"{FULL.replace('inventory | is | full', '')}{held('knife', 'egg', 'spoon')}"
    assert first(known, ["look", "drop spoon"]) == "drop spoon"
    assert "drop spoon" not in steps(known, valid=["look", "take ham from table"])


# -- decided -----------------------------------------------------------------------------------------------------------


def test_what_is_decided_follows_the_recipe() -> None:
    book = f"{KITCHEN}cookbook | is on | table"
    assert decided(book).commands == ("examine cookbook",)
    assert decided(f"{KITCHEN}{RECIPE}{held('egg', 'ham', 'knife')}").commands == ("chop egg with knife",)
    cut = f"{KITCHEN}{RECIPE}{held('egg', 'ham')}{told('egg is chopped')}"
    assert decided(cut).commands == ("cook egg with stove",)
    assert decided(READY).commands == ("prepare meal",)
    assert decided(f"{KITCHEN}{held('meal')}").commands == ("eat meal",)


def test_away_from_the_kitchen_it_goes_there_to_cook() -> None:
    away = f"{READY.replace('player | is at | Kitchen', 'player | is at | Pantry')}Pantry | has exit | south\n"
    assert decided(away).commands == ("go south",)


def test_food_is_not_looked_for_in_an_appliance() -> None:
    known = f"{KITCHEN}oven | is | closed\nchest | is in | Kitchen\nchest | is | closed\n"
    assert decided(known, "Find the pearl").commands == ("open oven",)
    assert decided(known.replace("chest", "cupboard"), HUNGRY).commands == ("open cupboard",)


def test_nobody_eats_the_meal_whose_goal_it_is_not() -> None:
    assert decided(f"{KITCHEN}{held('meal')}", HUNGRY).commands == ("eat meal",)
    assert decided(f"{KITCHEN}{held('meal')}", "Find the pearl").commands != ("eat meal",)


def test_a_toaster_grills_where_no_barbecue_is_known() -> None:
    recipe = f"{KITCHEN}\nrecipe | requires | ham\nham | needs | grill\ntoaster | is in | Kitchen\n{held('ham')}"
    assert steps(recipe) == ["grill ham with toaster"]
    assert steps(f"{recipe}BBQ | is in | Kitchen") == ["grill ham with BBQ"]
    assert steps(recipe.replace("toaster", "kettle")) == ["grill ham with BBQ"]
