"""The replies of a language model that plans and acts: one type for each prompt, and how it changes the plan.

The names of these types and of their fields are part of the request that a model gets.
"""

from __future__ import annotations

from dataclasses import replace

from pydantic import BaseModel, Field, model_validator

from ariadne.llm.json_replies import Number
from ariadne.values import MAX_SUBGOALS, Plan, SubGoal

EXPLORING = "exploring"
"""The progress of a plan's first sub-goal if new places must be explored for it."""


class Goal(BaseModel):
    """A sub-goal and its reason."""

    goal: str = Field(min_length=1)
    why: str

    @property
    def subgoal(self) -> SubGoal:
        """Return the sub-goal on one line."""
        return SubGoal(" ".join(self.goal.split()), " ".join(self.why.split()), "")


class Added(Goal):
    """A new sub-goal with its position in the new plan, from 1."""

    at: Number


class Queries(BaseModel):
    """The reply to `ask.txt`: names to query by themselves, and names to query with their associations."""

    near: list[str]
    wide: list[str]


class Planned(BaseModel):
    """The reply to `plan.txt`."""

    plan: list[Goal]


class Explore(BaseModel):
    """The reply to `explore.txt`."""

    explore: bool


class Act(BaseModel):
    """The reply to `act.txt`: an action by number or text; once it is validated, by text."""

    reason: str
    action: Number | str


class Decide(BaseModel):
    """The reply to `decide.txt`: changes to the plan, and an action."""

    drop: list[Number]
    add: list[Added]
    explore: bool
    reason: str
    action: Number | str

    def changed(self, plan: Plan) -> Plan:
        """Return the plan with these changes."""
        goals = [goal for number, goal in enumerate(plan.subgoals, 1) if number not in self.drop]
        for added in self.add:
            goals.insert(added.at - 1, added.subgoal)
        return with_progress(Plan(tuple(goals[:MAX_SUBGOALS])), EXPLORING if self.explore else "")


def decide_on(plan: Plan) -> type[Decide]:
    """Return the type of a reply whose changes must fit this plan: a wrong number makes the reply invalid."""
    count = len(plan.subgoals)

    class Changes(Decide):
        @model_validator(mode="after")
        def _in_range(self) -> Changes:
            left = count - len(set(self.drop))
            if any(not 1 <= number <= count for number in self.drop):
                raise ValueError(f"drop: {self.drop}, of a plan of {count}")
            for more, added in enumerate(self.add, 1):
                if not 1 <= added.at <= left + more:
                    raise ValueError(f"add: no place {added.at} in a plan of {left + more}")
            return self

    Changes.__name__ = Decide.__name__
    return Changes


def with_progress(plan: Plan, first: str) -> Plan:
    """Return the plan with this progress for its first sub-goal, and with none for the others."""
    return Plan(tuple(replace(goal, progress="" if number else first) for number, goal in enumerate(plan.subgoals)))
