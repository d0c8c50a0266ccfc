"""The plan in single situations: which sub-goals it has, which wait, and what it notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from ariadne.planners import RulesPlanner, RulesSelector
from ariadne.planners.rules.beliefs import Beliefs
from ariadne.planners.rules.subgoals import (
    ParsedSubGoal,
    barred_exits,
    explore_progress,
    search_progress,
    searched_rooms,
)
from ariadne.values import (
    About,
    Decision,
    Episode,
    Fact,
    Observation,
    Plan,
    Query,
    Reading,
    Recall,
    Situation,
    Step,
    SubGoal,
    Triplet,
    Update,
    WorkingMemory,
)

NO_PLAN = Plan()


def triplets(text: str) -> list[Triplet]:
    return [Triplet(*(part.strip() for part in line.split("|"))) for line in text.strip().splitlines()]


def working(
    known: str,
    *,
    goal: str = "",
    valid: Sequence[str] | None = None,
    plan: Plan = NO_PLAN,
    text: str = "",
    last: Sequence[Step] = (),
) -> WorkingMemory:
    """Return a working memory in which all that is known was just read."""
    read = triplets(known)
    facts = tuple(Fact(t.subject, t.relation, t.object, 1, None, 1, None, (1,)) for t in read)
    names = tuple(dict.fromkeys(name for t in read for name in (t.subject, t.object)))
    seen = Observation(text or "-= Hall =-\nA hall.", valid_actions=None if valid is None else tuple(valid))
    places = tuple(t for t in read if t.relation in ("has exit", "is behind") or " of" in t.relation)
    situation = Situation(goal, "", seen, tuple(last), plan)
    return WorkingMemory(situation, Reading(tuple(read), names=names), places, Recall(facts))


def past(number: int, room: str, *commands: str, learned: Sequence[Fact] = ()) -> Step:
    """Return a step in a room, with the facts that it added."""
    reading = Reading(tuple(fact.triplet for fact in learned))
    update = Update(Episode(number, "", number, None, {}), reading, tuple(learned))
    return Step(number, Observation(f"-= {room} =-"), update, (), Recall(), NO_PLAN, Decision("", "", commands))


def nothing(_: str) -> list[Triplet]:
    return []


def planned(situation: WorkingMemory) -> tuple[Plan, Decision]:
    plan = RulesPlanner(nothing).plan(situation)
    return plan, RulesSelector(nothing).act(situation, plan)


def reasons(plan: Plan) -> dict[str, str]:
    return {goal.text: goal.reason for goal in plan.subgoals}


HALL = "player | is at | Hall\nHall | has exit | east\n"
DOOR = HALL + "east exit of Hall | is behind | oak door\noak door | is | closed\n"


def test_a_door_that_does_not_open_is_noted_as_barred_and_not_tried_again() -> None:
    plan, _ = planned(working(DOOR, valid=["look"]))
    explore = next(goal for goal in plan.subgoals if goal.text == "explore")
    assert explore.progress == "1 exit not taken yet; barred: east exit of Hall"
    den = DOOR + "player | is at | Den\nDen | is west of | Hall"
    away, decision = planned(working(den.replace("player | is at | Hall\n", ""), valid=["look", "go east"], plan=plan))
    assert "barred: east exit of Hall" in next(goal.progress for goal in away.subgoals if goal.text == "explore")
    assert decision.reason == "no sub-goal can be reached: try something new"


def test_no_exit_is_barred_while_another_key_is_in_hand() -> None:
    progress = explore_progress(2, ["east exit of Hall"], ["old key"])
    assert progress == "2 exits not taken yet; barred with old key: east exit of Hall"
    assert barred_exits(progress, ["old key"]) == ["east exit of Hall"]
    assert barred_exits(progress, ["old key", "new key"]) == []


def test_a_locked_door_is_unlocked_with_the_key_that_a_fact_names() -> None:
    known = DOOR.replace("closed", "locked") + "iron key | is in | inventory\niron key | unlocks | oak door"
    assert planned(working(known))[1].commands == ("unlock oak door with iron key",)


@pytest.mark.parametrize(
    ("note", "lock"),
    [
        ("The blue box is what the iron key was forged for.", "blue box"),
        ("What you need next is in the blue box, says the key beside this note.", "blue box"),
    ],
)
def test_a_key_is_tried_on_a_lock_that_a_text_mentions_together_with_it(note: str, lock: str) -> None:
    known = f"{HALL}iron key | is in | inventory\nblue box | is in | Hall\nred box | is in | Hall\nnote | says | {note}"
    plan, decision = planned(working(known))
    assert decision.commands == (f"unlock {lock} with iron key",)
    assert reasons(plan)[f"unlock {lock} with iron key"] == "a text mentions it together with iron key"


def test_a_key_that_did_not_fit_is_not_tried_again() -> None:
    known = f"{HALL}rusty key | is in | inventory\nrusty box | is in | Hall\nrusty box | is | locked"
    assert "unlock rusty box with rusty key" in reasons(planned(working(known))[0])
    tried = known + "\nrusty key | does not unlock | rusty box"
    assert "unlock rusty box with rusty key" not in reasons(planned(working(tried))[0])


def test_a_key_is_not_tried_on_a_lock_with_a_key_of_its_own() -> None:
    known = (
        f"{HALL}old key | is in | inventory\nold box | is in | Hall\nold box | is | locked\nnew key | unlocks | old box"
    )
    assert "unlock old box with old key" not in reasons(planned(working(known))[0])


def test_a_thing_that_was_locked_away_is_taken_and_a_trinket_is_not() -> None:
    known = (
        f"{HALL}box | is in | Hall\nbox | is | open\niron key | unlocks | box\npearl | is in | box\n"
        "tray | is in | Hall\nbutton | is on | tray"
    )
    planned_reasons = reasons(planned(working(known, goal="Follow the notes."))[0])
    assert planned_reasons["take pearl from box"] == "it was locked away"
    assert "take button from tray" not in planned_reasons


def test_a_thing_that_the_goal_names_is_taken_if_the_game_allows_it() -> None:
    known = f"{HALL}crown | is in | Hall\nthrone | is in | Hall"
    valid = ["take crown", "look"]
    planned_reasons = reasons(planned(working(known, goal="A thief left the crown by the throne.", valid=valid))[0])
    assert planned_reasons["take crown"] == "the goal names it"
    assert "take throne" not in planned_reasons


def test_a_key_without_a_known_lock_waits_while_the_goal_asks_for_other_things() -> None:
    known = f"{HALL}passkey | is in | Hall"
    assert planned(working(known, goal="Find the coin"))[1].commands == ("go east",)
    assert planned(working(known, goal=""))[1].commands == ("take passkey",)


def test_a_full_plan_keeps_its_notes() -> None:
    goals = tuple(SubGoal(f"open box {n}", "something may be inside", "") for n in range(20))
    plan, _ = planned(working(HALL + "\n".join(f"box {n} | is in | Hall" for n in range(20)), plan=Plan(goals)))
    assert len(plan.subgoals) == 10
    assert {"explore", "search every room again"} <= set(reasons(plan))


@pytest.mark.parametrize(
    "subgoal",
    [
        ParsedSubGoal("take", "key", "box"), ParsedSubGoal("unlock", "box", "key"), ParsedSubGoal("find", "key"),
        ParsedSubGoal("explore"),
        ParsedSubGoal.search(["a key", "b key"]), ParsedSubGoal.search([]), ParsedSubGoal("read", "letter from Ann"),
    ],
)  # fmt: skip
def test_the_text_of_a_sub_goal_is_parsed_again(subgoal: ParsedSubGoal) -> None:
    assert ParsedSubGoal.parse(subgoal.text) in (subgoal, ParsedSubGoal("read", "letter", "Ann"))


def test_the_rooms_of_a_search_are_parsed_again() -> None:
    assert searched_rooms(search_progress(["Hall", "Old Den"])) == ["Hall", "Old Den"]
    assert searched_rooms(search_progress([])) == []


def test_a_thing_is_brought_where_the_goal_wants_it_and_left_there() -> None:
    goal = "Take the coin and put it into the box."
    room = "player | is at | Hall\nbox | is in | Hall\nbox | is | closed\n"
    _, shut = planned(working(f"{room}coin | is in | inventory", goal=goal))
    assert (shut.action, shut.reason) == ("open box", "bring coin to box: the goal asks for it")
    held = f"{room.replace('closed', 'open')}coin | is in | inventory"
    _, tried = planned(working(held, goal=goal, valid=["insert coin into box", "look"]))
    assert tried.action == "insert coin into box"
    done, _ = planned(working(f"{room.replace('closed', 'open')}coin | is in | box", goal=goal))
    assert not [text for text in reasons(done) if text.startswith(("take coin", "bring"))]


CROSSING = "player | is at | Hall\nHall | has exit | east\nHall | has exit | north\nHall | has exit | west"


def test_without_new_facts_chance_chooses_an_exit_and_the_same_past_chooses_the_same() -> None:
    def chosen(number: int, *learned: Fact) -> str:
        last = [past(number, "Den", "look", learned=learned)]
        return planned(working(CROSSING, last=last))[1].action

    assert {chosen(number) for number in range(1, 20)} == {"go east", "go north", "go west"}
    assert all(chosen(number) == chosen(number) for number in range(1, 20))
    new = Fact("Den", "has exit", "west", 1, None, 1, None, (1,))
    assert {chosen(number, new) for number in range(1, 20)} == {"go east"}


def test_without_new_facts_an_action_is_not_repeated_in_the_same_room() -> None:
    known = HALL + "Attic | is north of | Hall"
    circle = [past(1, "Hall", "go east"), past(2, "Den", "go west")]
    assert planned(working(known))[1].action == "go east"
    assert planned(working(known, last=circle))[1].commands == ("go north",)
    new = Fact("Den", "has exit", "west", 1, None, 1, None, (1,))
    informed = [circle[0], past(2, "Den", "go west", learned=[new])]
    assert planned(working(known, last=informed))[1].action == "go east"


def test_without_a_plan_unexplored_exits_come_first_and_the_exit_back_last() -> None:
    known = "player | is at | Hall\nAttic | is north of | Hall\nDen | is west of | Hall"
    came = [past(1, "Den", "go east")]
    plan = Plan((SubGoal(ParsedSubGoal.search([]).text, "", search_progress(["Hall", "Attic", "Den"])),))

    def goes(*directions: str) -> str:
        valid = [*(f"go {direction}" for direction in directions), "examine stone"]
        return planned(working(known, valid=valid, last=came, plan=plan))[1].action

    assert goes("north", "south", "west") == "go south"
    assert goes("north", "west") == "go north"
    assert goes("west") == "examine stone"


def test_without_a_goal_things_that_can_be_taken_come_first_and_uncertain_ones_last() -> None:
    known = HALL + "coin | is in | Hall\ncoin | can be | taken\nham | is on | table\ntable | is in | Hall"
    plan, decision = planned(working(known))
    assert (decision.action, decision.reason) == (
        "take coin", "take coin: there is no goal, and it can be taken"
    )  # fmt: skip
    assert [goal.text for goal in plan.subgoals][:3] == ["take coin", "explore", "take ham from table"]
    assert "take table" not in reasons(plan)
    with_goal, _ = planned(working(known, goal="Find the crown."))
    assert not {"take coin", "take ham from table"} & set(reasons(with_goal))


def test_facts_of_the_last_steps_are_known_until_they_change_even_without_recall() -> None:
    def fact(subject: str, relation: str, target: str) -> Fact:
        return Fact(subject, relation, target, 1, None, 1, None, (1,))

    def known(reading: str, *learned: Fact, retired: Sequence[Fact] = ()) -> list[str]:
        steps = [past(1, "Hall", "look", learned=learned)]
        if retired:
            update = replace(steps[0].update, added=(), retired=tuple(retired))
            steps.append(replace(steps[0], number=2, update=update))
        seen = working(reading, last=steps)
        return [str(t) for t in Beliefs.of(replace(seen, recall=Recall()), nothing).triplets]

    ham = fact("ham", "is on", "table")
    assert "ham is on table" in known(HALL, ham)
    assert "ham is on table" not in known(HALL, ham, retired=[ham])
    assert "ham is on table" not in known(HALL + "ham | is in | inventory", ham)
    assert "recipe requires ham" in known(HALL + "recipe | requires | egg", fact("recipe", "requires", "ham"))
    assert "Den has exit west" not in known(HALL, fact("Den", "has exit", "west"))  # the map is drawn of all it knows


def test_the_names_that_were_queried_come_with_working_memory() -> None:
    known = working(f"{HALL}box | is in | Hall\nchest | is in | Hall")
    beliefs = Beliefs.of(replace(known, queries=(About("BOX"), Query("chest"), "chest")), nothing)
    assert beliefs.was_queried("box")
    assert not beliefs.was_queried("chest")
    assert Beliefs.of(known, nothing).was_queried("chest")  # without such queries, nothing limits what is known
