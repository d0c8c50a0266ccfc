"""The rules mind plays in a small world of this test: its goals, its reasons, and that it keeps nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from ariadne.loop import play
from ariadne.memory import AriGraph, NoMemory
from ariadne.memory.extraction.rules import RulesExtractor
from ariadne.planners import RulesMind
from ariadne.protocols import Memory
from ariadne.values import About, Observation, Plan, Reading, Recall, Situation, Step, Triplet, WorkingMemory

ROOMS = {"Hall": {"north": "Attic", "east": "Study"}, "Attic": {"south": "Hall"}, "Study": {"west": "Hall"}}


@dataclass
class Cottage:
    """A brass key in the attic opens a chest in the hall, as a note in the study states; the chest holds a pearl."""

    room: str = "Hall"
    chest: str = "locked"
    hand: list[str] = field(default_factory=list)
    listed: bool = True

    def reset(self, seed: int | None = None) -> Observation:
        self.room, self.chest, self.hand = "Hall", "locked", []
        return self.observe(self.describe(), ())

    def step(self, command: str) -> Observation:
        if command not in self.valid():
            return self.observe("That's not a verb I recognise.", (command,))
        verb, _, thing = command.partition(" ")
        if verb == "go":
            self.room = ROOMS[self.room][thing]
            return self.observe(self.describe(), (command,))
        if verb == "take":
            self.hand.append(thing.removesuffix(" from chest"))
            answers = {"brass key": "You pick up the brass key from the ground."}
            return self.observe(answers.get(thing, "You take the pearl from the chest."), (command,))
        if verb == "examine":
            return self.observe("The chest opens with the brass key.", (command,))
        self.chest = "closed" if verb == "unlock" else "open"
        answers = {"unlock": "You unlock the chest.", "open": "You open the chest, revealing a pearl."}
        return self.observe(answers[verb], (command,))

    def valid(self) -> list[str]:
        here = [f"go {direction}" for direction in ROOMS[self.room]]
        if self.room == "Attic" and not self.hand:
            here.append("take brass key")
        if self.room == "Study":
            here.append("examine note")
        if self.room == "Hall":
            acts = {"locked": "unlock chest with brass key", "closed": "open chest", "open": "take pearl from chest"}
            here += [acts[self.chest]] if self.hand else []
        return here

    def describe(self) -> str:
        things = {"Hall": f"You see a {self.chest} chest.", "Attic": "", "Study": "There is a note on the floor."}
        if self.room == "Attic" and not self.hand:
            things["Attic"] = "There is a brass key on the floor."
        exits = " ".join(f"There is an exit to the {direction}." for direction in ROOMS[self.room])
        return f"-= {self.room} =-\n{things[self.room]}\n{exits}"

    def observe(self, text: str, commands: tuple[str, ...]) -> Observation:
        won = "pearl" in self.hand
        carried = f"You are carrying: a {' and a '.join(self.hand)}." if self.hand else "You are carrying nothing."
        valid = tuple(sorted(self.valid())) if self.listed else None
        return Observation(text, carried, valid, int(won), 1, terminated=won, won=won, commands=commands)


def facts_in_text(text: str) -> list[Triplet]:
    with AriGraph(extractor=RulesExtractor(), embedder=None, ontology="text-world") as memory:
        memory.remember(text)
        return [fact.triplet for fact in memory.facts()]


class FreshEachStep:
    """A mind that is made again for every call."""

    def queries(self, situation: Situation, reading: Reading) -> object:
        return RulesMind(facts_in_text).queries(situation, reading)

    def decide(self, working: WorkingMemory) -> object:
        return RulesMind(facts_in_text).decide(working)


def played(mind: object, memory: Memory | None = None, *, listed: bool = True) -> list[Step]:
    steps: list[Step] = []
    memory = memory or AriGraph(extractor=RulesExtractor(), embedder=None, ontology="text-world")
    environment = Cottage(listed=listed)
    play(environment, memory, mind, steps, goal="Find the pearl", steps=30, context=400, seed=0)  # type: ignore[arg-type]
    return steps


@pytest.mark.parametrize("listed", [True, False])
def test_the_rules_mind_finds_the_pearl_with_and_without_a_list_of_valid_actions(listed: bool) -> None:
    steps = played(RulesMind(facts_in_text), listed=listed)
    assert steps[-1].observation.won
    assert len(steps) <= 10


def test_the_rules_mind_plays_the_same_if_it_is_replaced_before_every_step() -> None:
    assert played(FreshEachStep()) == played(RulesMind(facts_in_text))


def test_the_rules_mind_reads_the_texts_at_hand_once_a_decision() -> None:
    read = list[str]()

    def counted(text: str) -> list[Triplet]:
        read.append(text)
        return facts_in_text(text)

    seen = Observation("-= Hall =-\nYou see a chest. There is an exit to the north.")
    working = WorkingMemory(Situation("Find the pearl", "", seen, (), Plan()), Reading(), (), Recall())
    _, decision = RulesMind(counted).decide(working)
    assert decision.action == "go north"
    assert len(read) == 1


def test_the_rules_mind_decides_with_a_memory_that_keeps_nothing() -> None:
    steps = played(RulesMind(facts_in_text), NoMemory(RulesExtractor()))
    assert steps[-1].observation.won


def test_every_sub_goal_and_decision_has_a_reason_and_a_plan_holds_at_most_ten() -> None:
    for step in played(RulesMind(facts_in_text))[:-1]:
        assert step.decision.reason
        assert 1 <= len(step.plan.subgoals) <= 10
        assert all(goal.reason and goal.progress for goal in step.plan.subgoals)


def test_a_note_is_the_reason_to_find_the_key_it_names() -> None:
    goals = [goal for step in played(RulesMind(facts_in_text), listed=False) for goal in step.plan.subgoals]
    reasons = {goal.text: goal.reason for goal in reversed(goals)}
    assert reasons["find brass key"] == 'note says "The chest opens with the brass key."'
    assert reasons["take brass key"] == "it opens chest"


def test_going_to_a_known_room_is_one_decision_of_several_commands() -> None:
    walks = [step.decision for step in played(RulesMind(facts_in_text)) if step.decision.action.startswith("go to ")]
    assert walks
    assert all(walk.commands and set(walk.commands) <= {"go north", "go south", "go east", "go west"} for walk in walks)


def test_the_rules_mind_queries_its_room_the_names_it_read_and_those_of_its_goal() -> None:
    mind = RulesMind(facts_in_text)
    seen = Observation("-= Hall =-\nYou see a chest.")
    queries = mind.queries(Situation("Find the pearl", "", seen, (), Plan()), Reading(names=("chest",)))
    assert {About("Hall"), About("chest"), About("pearl"), About("inventory")} <= set(queries)
