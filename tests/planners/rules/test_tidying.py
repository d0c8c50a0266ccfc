"""Tidying up: what seems out of place and where it belongs, and that a place without a point is not tried twice."""

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
    """Vectors by what kind of thing a text names."""
    rows = [[sum(name in text.split() for name in names) or 0.1 for names in KINDS.values()] for text in texts]
    vectors = np.array([[1.0, *row] for row in rows], np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def triplets(text: str) -> tuple[Triplet, ...]:
    return tuple(Triplet(*(part.strip() for part in line.split("|"))) for line in text.splitlines() if line.strip())


def tidy(known: str, placements: str = "", *, pays: bool = True) -> list[str]:
    """What is to be brought where, in words."""
    house = Beliefs(triplets(HOUSE + known), "Kitchen")
    return [step.text for step in Tidy(house, Placements.parse(placements), embed, pays=pays, ready=True).steps()]


def test_what_lies_on_the_floor_goes_where_it_is_most_like_what_lies_there() -> None:
    assert tidy("meat | is in | Bath\n meat | can be | taken", pays=False) == ["bring meat to fridge"]


def test_what_lies_where_it_belongs_stays_and_what_does_not_is_moved() -> None:
    assert tidy("brush | is in | fridge", pays=False) == ["bring brush to sink"]


def test_of_empty_places_the_one_in_a_room_with_things_of_its_kind_is_likelier() -> None:
    shelves = "rack | is in | Kitchen\n shelf | is in | Bath\n brush | is on | sink"
    assert tidy(shelves, "brush: fridge, sink")[0] == "bring brush to shelf"


def test_without_points_nothing_is_moved_twice() -> None:
    assert not tidy("brush | is on | sink", "brush: fridge, sink", pays=False)


def test_where_points_are_given_the_next_best_place_is_tried_and_none_twice() -> None:
    first = tidy("brush | is in | fridge")[0]
    assert first == "bring brush to sink"
    again = tidy("brush | is on | sink", "brush: fridge, sink")
    assert "bring brush to table" in again
    assert not {"bring brush to sink", "bring brush to fridge"} & {*again}


def test_what_brought_a_point_is_not_touched_again() -> None:
    assert not [step for step in tidy("brush | is on | sink", "brush: fridge, sink (right)") if "brush" in step]


def test_a_house_without_furniture_or_things_asks_for_nothing() -> None:
    empty = Beliefs(triplets("player | is at | Hall\n Hall | has exit | east"), "Hall")
    assert not list(Tidy(empty, Placements(), embed, pays=True, ready=True).steps())


def test_nothing_is_judged_before_all_places_are_known() -> None:
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
def test_the_words_of_a_plan_keep_where_things_have_been(placements: Placements) -> None:
    assert Placements.parse(placements.text) == placements


GOAL = "Clean the house: find what is out of place and put it where it belongs"


def played(command: str, score: int, known: str, before: Plan, *, most: int | None = 3) -> WorkingMemory:
    """After a command that came when there were no points yet: the whole house is recalled."""
    told = triplets(HOUSE + known)
    facts = tuple(Fact(t.subject, t.relation, t.object, 1, None, 1, None, (1,)) for t in told)
    seen = Observation("done", score=score, max_score=most, commands=(command,))
    update = Update(Episode(1, "", 1, None, {}), Reading())
    kitchen = Observation("-= Kitchen =-\nA kitchen.", max_score=most)
    last = Step(1, kitchen, update, (), Recall(), before, Decision(command, "", (command,)))
    return WorkingMemory(Situation(GOAL, "", seen, (last,), before), Reading(told), told, Recall(facts))


def test_the_plan_notes_where_a_thing_was_found_and_where_it_brought_a_point() -> None:
    mind = RulesMind(lambda _: (), embed)
    plan, decision = mind.decide(played("look", 0, "brush | is in | fridge", Plan()))
    assert decision.commands == ("take brush from fridge",)
    plan, _ = mind.decide(played("take brush from fridge", 0, "brush | is in | inventory", plan))
    assert progress_in(plan, TIDY) == "brush: fridge"
    in_vain, _ = mind.decide(played("put brush on sink", 0, "brush | is on | sink", plan))
    assert progress_in(in_vain, TIDY) == "brush: fridge, sink"
    paid, _ = mind.decide(played("put brush on sink", 1, "brush | is on | sink", plan))
    assert progress_in(paid, TIDY) == "brush: fridge, sink (right)"


def test_a_house_is_not_plundered_when_all_is_in_its_place() -> None:
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
def test_a_goal_tells_whether_to_tidy_up(goal: str, *, tidying: bool) -> None:
    assert is_about_tidying(goal) is tidying
    assert not (tidying and wanted_things(goal))


def test_bringing_reads_as_it_is_written() -> None:
    bring = ParsedSubGoal("bring", "toy car", "toy chest")
    assert bring.text == "bring toy car to toy chest"
    assert ParsedSubGoal.parse(bring.text) == bring
