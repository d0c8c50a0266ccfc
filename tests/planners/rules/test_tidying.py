"""Tidying up: what seems out of place, where it belongs, and that no place is tried twice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariadne.planners import RulesMind
from ariadne.planners.rules.beliefs import Beliefs
from ariadne.planners.rules.goal_parsing import is_about_tidying, wanted_things
from ariadne.planners.rules.subgoals import TIDY, ParsedSubGoal, progress_in
from ariadne.planners.rules.tidying import Placements, Tidy, Vectors
from ariadne.values import (
    Decision,
    Episode,
    Fact,
    Observation,
    Plan,
    Reading,
    Recall,
    Situation,
    Step,
    Triplet,
    Update,
    WorkingMemory,
)

HOUSE = """
    player | is at | Kitchen
    Kitchen | has exit | east
    Bath | is east of | Kitchen
    Kitchen | is west of | Bath
    fridge | is in | Kitchen
    table | is in | Kitchen
    sink | is in | Bath
    milk | is in | fridge
    cheese | is in | fridge
    soap | is on | sink
    """
KINDS = {"food": ("fridge", "milk", "cheese", "meat"), "washing": ("sink", "soap", "brush"), "meals": ("table", "fork")}


def embed(texts: Sequence[str]) -> Vectors:
    """Return vectors by the kind of thing that a text names."""
    rows = [[sum(name in text.split() for name in names) or 0.1 for names in KINDS.values()] for text in texts]
    vectors = np.array([[1.0, *row] for row in rows], np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def triplets(text: str) -> tuple[Triplet, ...]:
    return tuple(Triplet(*(part.strip() for part in line.split("|"))) for line in text.splitlines() if line.strip())


def tidy(known: str, placements: str = "", *, pays: bool = True) -> list[str]:
    """Return the texts of the moves."""
    house = Beliefs(triplets(HOUSE + known), "Kitchen")
    return [step.text for step in Tidy(house, Placements.parse(placements), embed, pays=pays, ready=True).steps()]


def test_a_thing_on_the_floor_goes_to_the_things_most_like_it() -> None:
    assert tidy("meat | is in | Bath\n meat | can be | taken", pays=False) == ["bring meat to fridge"]


def test_a_thing_in_its_place_is_left_and_a_misplaced_thing_is_moved() -> None:
    assert tidy("brush | is in | fridge", pays=False) == ["bring brush to sink"]


def test_an_empty_place_is_likelier_in_a_room_with_similar_things() -> None:
    shelves = "rack | is in | Kitchen\n shelf | is in | Bath\n brush | is on | sink"
    assert tidy(shelves, "brush: fridge, sink")[0] == "bring brush to shelf"


def test_no_thing_is_moved_twice_in_a_game_without_points() -> None:
    assert not tidy("brush | is on | sink", "brush: fridge, sink", pays=False)


def test_the_next_best_place_is_tried_and_no_place_twice_in_a_game_with_points() -> None:
    first = tidy("brush | is in | fridge")[0]
    assert first == "bring brush to sink"
    again = tidy("brush | is on | sink", "brush: fridge, sink")
    assert "bring brush to table" in again
    assert not {"bring brush to sink", "bring brush to fridge"} & {*again}


def test_a_thing_that_earned_a_point_is_left_there() -> None:
    assert not [step for step in tidy("brush | is on | sink", "brush: fridge, sink (right)") if "brush" in step]


def test_a_house_without_furniture_or_things_needs_nothing() -> None:
    empty = Beliefs(triplets("player | is at | Hall\n Hall | has exit | east"), "Hall")
    assert not list(Tidy(empty, Placements(), embed, pays=True, ready=True).steps())


def test_nothing_is_moved_before_all_places_are_known() -> None:
    house = Beliefs(triplets(HOUSE + "brush | is in | fridge"), "Kitchen")
    assert not list(Tidy(house, Placements(), embed, pays=True, ready=False).steps())


names = st.text(st.characters(categories=("Ll", "Lu", "Zs")), min_size=1).map(str.strip).filter(bool)


@given(
    st.dictionaries(names, st.lists(names, min_size=1).map(tuple), max_size=5).flatmap(
        lambda places: st.builds(
            Placements, st.just(places), st.frozensets(st.sampled_from([*places]) if places else st.nothing())
        )
    )
)
def test_the_note_of_a_plan_keeps_where_things_have_been(placements: Placements) -> None:
    assert Placements.parse(placements.text) == placements


GOAL = "Clean the house: find what is out of place and put it where it belongs"


def played(command: str, score: int, known: str, before: Plan, *, most: int | None = 3) -> WorkingMemory:
    """Return working memory after the first command, with the whole house recalled."""
    house = triplets(HOUSE + known)
    facts = tuple(Fact(t.subject, t.relation, t.object, 1, None, 1, None, (1,)) for t in house)
    seen = Observation("done", score=score, max_score=most, commands=(command,))
    update = Update(Episode(1, "", 1, None, {}), Reading())
    kitchen = Observation("-= Kitchen =-\nA kitchen.", max_score=most)
    last = Step(1, kitchen, update, (), Recall(), before, Decision(command, "", (command,)))
    return WorkingMemory(Situation(GOAL, "", seen, (last,), before), Reading(house), house, Recall(facts))


def test_the_plan_notes_where_a_thing_was_found_and_where_it_earned_a_point() -> None:
    mind = RulesMind(lambda _: (), embed)
    plan, decision = mind.decide(played("look", 0, "brush | is in | fridge", Plan()))
    assert decision.commands == ("take brush from fridge",)
    plan, _ = mind.decide(played("take brush from fridge", 0, "brush | is in | inventory", plan))
    assert progress_in(plan, TIDY) == "brush: fridge"
    in_vain, _ = mind.decide(played("put brush on sink", 0, "brush | is on | sink", plan))
    assert progress_in(in_vain, TIDY) == "brush: fridge, sink"
    paid, _ = mind.decide(played("put brush on sink", 1, "brush | is on | sink", plan))
    assert progress_in(paid, TIDY) == "brush: fridge, sink (right)"


def test_nothing_is_taken_if_all_is_in_its_place() -> None:
    _, decision = RulesMind(lambda _: (), embed).decide(played("look", 0, "", Plan(), most=None))
    assert not decision.commands[0].startswith("take")


@pytest.mark.parametrize(
    ("goal", "tidying"),
    [
        (GOAL, True),
        ("Tidy up the flat.", True),
        ("Some things are misplaced; bring them home.", True),
        ("Put everything where it belongs.", True),
        ("Find the treasure", False),
        ("You are hungry! Let's cook a delicious meal. Clean your hands first.", False),
        ("Take the coin from the clean table.", False),
    ],
)
def test_a_goal_is_about_tidying_if_it_mentions_a_tidy_house(goal: str, *, tidying: bool) -> None:
    assert is_about_tidying(goal) is tidying
    assert not (tidying and wanted_things(goal))


def test_the_sub_goal_to_bring_is_parsed_from_its_text() -> None:
    bring = ParsedSubGoal("bring", "toy car", "toy chest")
    assert bring.text == "bring toy car to toy chest"
    assert ParsedSubGoal.parse(bring.text) == bring
