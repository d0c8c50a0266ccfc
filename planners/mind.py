"""A mind put together from its parts: what to ask of memory, a planner, an action selector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ariadne.planners import questions
from ariadne.planners.planner import RulesPlanner
from ariadne.planners.selector import RulesSelector
from ariadne.planners.world import Holds, told_first
from ariadne.protocols import Planner, Selector
from ariadne.values import About, Ask, Decision, Plan, Reading, Situation, WorkingMemory


@dataclass(frozen=True)
class PlanThenAct:
    """A Mind that plans first and then acts on the plan."""

    planner: Planner
    selector: Selector
    holds: Holds

    def queries(self, situation: Situation, reading: Reading) -> Sequence[Ask]:
        """All that holds about what matters now, then what keys without a lock bring to mind."""
        names = questions.names(situation, reading, told_first(situation, self.holds))
        return (*(About(name) for name in names), *questions.associations(situation))

    def decide(self, working: WorkingMemory) -> tuple[Plan, Decision]:
        plan = self.planner.plan(working)
        return plan, self.selector.act(working, plan)


def RulesMind(holds: Holds) -> PlanThenAct:  # noqa: N802 - reads as the class that it stands for
    """The mind that needs no model: planner and selector by rules. `holds` tells what holds at a transcript's end."""
    return PlanThenAct(RulesPlanner(holds), RulesSelector(holds), holds)
