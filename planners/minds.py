"""A mind as a whole: the rules mind, and a mind put together from parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ariadne.planners.rules.beliefs import Beliefs
from ariadne.planners.rules.planner import make_plan
from ariadne.planners.rules.queries import rules_queries
from ariadne.planners.rules.selector import choose_action
from ariadne.planners.rules.tidying import Embed
from ariadne.planners.working_memory import FactsInText
from ariadne.protocols import Planner, Selector
from ariadne.values import Decision, Plan, QueryLike, Reading, Situation, WorkingMemory

QueryMaker = Callable[[Situation, Reading], Sequence[QueryLike]]
"""Return the queries of one step."""


def reading_queries(situation: Situation, reading: Reading) -> Sequence[QueryLike]:  # noqa: ARG001 - a QueryMaker
    """Return the queries that the reading itself proposes."""
    return reading.queries


@dataclass(frozen=True)
class RulesMind:
    """The mind that needs no model. It builds its beliefs once a step and keeps nothing between steps.

    Args:
        facts_in_text: Reads facts out of texts, for a memory that recalls no facts.
        embed: Gives vectors of texts, which show where things belong; without it, no house is tidied up.
    """

    facts_in_text: FactsInText
    embed: Embed | None = None

    def queries(self, situation: Situation, reading: Reading) -> Sequence[QueryLike]:
        """Return the queries of one step."""
        return rules_queries(self.facts_in_text, situation, reading)

    def decide(self, working: WorkingMemory) -> tuple[Plan, Decision]:
        """Return the new plan and the next action."""
        beliefs = Beliefs.of(working, self.facts_in_text)
        plan = make_plan(working, beliefs, self.embed)
        return plan, choose_action(working.situation, beliefs, plan)


@dataclass(frozen=True)
class PlanThenAct:
    """A mind of parts: it makes its queries, then plans, then acts on the plan."""

    planner: Planner
    selector: Selector
    make_queries: QueryMaker = reading_queries

    def queries(self, situation: Situation, reading: Reading) -> Sequence[QueryLike]:
        """Return the queries of one step."""
        return self.make_queries(situation, reading)

    def decide(self, working: WorkingMemory) -> tuple[Plan, Decision]:
        """Return the new plan and the next action."""
        plan = self.planner.plan(working)
        return plan, self.selector.act(working, plan)
