"""A mind put together from its parts: what to ask of memory, a planner, an action selector."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from ariadne.planners.rules import queries
from ariadne.planners.rules.planner import RulesPlanner
from ariadne.planners.rules.selector import RulesSelector
from ariadne.planners.rules.tidying import Embed
from ariadne.protocols import Planner, Selector
from ariadne.values import Decision, Plan, QueryLike, Reading, Situation, WorkingMemory

Questions = Callable[[Situation, Reading], Sequence[QueryLike]]


def as_read(situation: Situation, reading: Reading) -> Sequence[QueryLike]:  # noqa: ARG001 - the reading has them
    """The questions that the reading itself raises."""
    return reading.queries


@dataclass(frozen=True)
class PlanThenAct:
    """A Mind that plans first and then acts on the plan; `questions` is what it asks of memory before."""

    planner: Planner
    selector: Selector
    questions: Questions = as_read

    def queries(self, situation: Situation, reading: Reading) -> Sequence[QueryLike]:
        return self.questions(situation, reading)

    def decide(self, working: WorkingMemory) -> tuple[Plan, Decision]:
        plan = self.planner.plan(working)
        return plan, self.selector.act(working, plan)


def RulesMind(  # noqa: N802 - reads as the class that it stands for
    holds: queries.Holds, embed: Embed | None = None
) -> PlanThenAct:
    """The mind that needs no model: planner and selector by rules. `holds` tells what holds at a transcript's end,
    `embed` gives vectors of texts, by which it judges where things belong (None: it leaves them where they are)."""
    return PlanThenAct(RulesPlanner(holds, embed), RulesSelector(holds), partial(queries.asks, holds))
