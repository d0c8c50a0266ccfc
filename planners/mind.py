"""A mind put together from its parts: what to ask of memory, a planner, an action selector."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ariadne.planners.goals import wanted
from ariadne.planners.intents import Intent
from ariadne.planners.planner import RulesPlanner
from ariadne.planners.selector import RulesSelector
from ariadne.planners.world import INVENTORY, Holds, here
from ariadne.protocols import Planner, Selector
from ariadne.values import About, Ask, Decision, Plan, Reading, Situation, Step, WorkingMemory


@dataclass(frozen=True)
class PlanThenAct:
    """A Mind that plans first and then acts on the plan."""

    planner: Planner
    selector: Selector
    holds: Holds

    def queries(self, situation: Situation, reading: Reading) -> Sequence[Ask]:
        """Asks about where we are, what was just read of, what the plan and the goal name, and what is in hand."""
        told = self.holds(f"{situation.goal}\n{situation.hint}")
        intents = [intent for goal in situation.plan.subgoals if (intent := Intent.read(goal.text))]
        names = [
            "player",
            INVENTORY,
            here(situation),
            *reading.names,
            *(name for intent in intents for name in (intent.thing, intent.other)),
            *(name for triplet in told for name in (triplet.subject, triplet.object)),
            *_locks(situation.last[-1:]),
            *wanted(situation.goal),
        ]
        distinct = {name.casefold(): name for name in names if name}
        return tuple(About(name) for name in distinct.values())

    def decide(self, working: WorkingMemory) -> tuple[Plan, Decision]:
        plan = self.planner.plan(working)
        return plan, self.selector.act(working, plan)


def _locks(last: Sequence[Step]) -> Iterator[str]:
    """What the keys that memory spoke of open, so that a lock is not forgotten when its key is in hand."""
    for step in last:
        told = (*step.update.reading.triplets, *(fact.triplet for fact in step.recall.facts))
        yield from (triplet.object for triplet in told if triplet.relation == "unlocks")


def RulesMind(holds: Holds) -> PlanThenAct:  # noqa: N802 - reads as the class that it stands for
    """The mind that needs no model: planner and selector by rules. `holds` tells what holds at a transcript's end."""
    return PlanThenAct(RulesPlanner(holds), RulesSelector(holds), holds)
