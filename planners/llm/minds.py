"""A mind by a language model, which keeps nothing between steps.

`MergedMind` makes one call a step. `LLMQueries`, `LLMPlanner` and `LLMSelector` make separate calls, as in the paper:
for the queries, the plan, whether to explore, and the action.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ariadne.errors import ReplyError
from ariadne.llm.json_replies import UNREAD, queries_from_names
from ariadne.llm.prompts import data, load, numbered, one_line
from ariadne.planners.llm.choices import Choices
from ariadne.planners.llm.replies import (
    EXPLORING,
    Act,
    Explore,
    Planned,
    Queries,
    decide_on,
    with_progress,
)
from ariadne.planners.minds import QueryMaker
from ariadne.planners.working_memory import FactsInText
from ariadne.protocols import Model
from ariadne.relations import PLAYER
from ariadne.values import (
    MAX_SUBGOALS,
    About,
    Decision,
    Observation,
    Plan,
    QueryLike,
    Reading,
    Situation,
    SubGoal,
    WorkingMemory,
)

ABOUT_PLAYER = About(PLAYER)
"""A query of every step: the last observations may not name the player's room."""
_PROMPTS = Path(__file__).parent / "prompts"
_ANSWER_LENGTH = 160  # characters of an answer that a brief prompt shows
_NO_PLAN = Plan((SubGoal("find out what is to be done", "there is no plan", ""),))


def player_and_reading_queries(situation: Situation, reading: Reading) -> Sequence[QueryLike]:  # noqa: ARG001
    """Return a query about the player, and the queries that the reading itself proposes."""
    return (ABOUT_PLAYER, *reading.queries)


@dataclass(frozen=True)
class MergedMind:
    """A mind that makes one call a step, for the changes to the plan, whether to explore, and the action.

    Args:
        model: The language model.
        make_queries: Makes the queries of a step.
        free_actions: Allow commands that are not listed.
        skip: Look around if a reply cannot be read, instead of raising ReplyError.
        facts_in_text: Reads the map out of texts, for a memory that recalls no facts.
    """

    model: Model
    make_queries: QueryMaker = player_and_reading_queries
    free_actions: bool = False
    skip: bool = False
    facts_in_text: FactsInText | None = None

    def queries(self, situation: Situation, reading: Reading) -> Sequence[QueryLike]:
        """Return the queries of one step."""
        return self.make_queries(situation, reading)

    def decide(self, working: WorkingMemory) -> tuple[Plan, Decision]:
        """Return the new plan and the next action. Raises ReplyError if the reply cannot be read."""
        plan, choices = working.situation.plan, Choices.of(working, self.facts_in_text, free=self.free_actions)
        messages = load(_PROMPTS / "decide.txt").messages(**_prompt_values(working, plan, choices, brief=True))
        try:
            reply = self.model.ask(messages, choices.validated(decide_on(plan)))
        except ReplyError as error:
            return plan, choices.without_reply(error, skip=self.skip)
        return reply.changed(plan), choices.decision(reply.action, reply.reason)


@dataclass(frozen=True)
class LLMQueries:
    """The queries of a step, by a call of its own. With `skip`, an unreadable reply leaves only the player's query."""

    model: Model
    skip: bool = False

    def __call__(self, situation: Situation, reading: Reading) -> Sequence[QueryLike]:  # noqa: ARG002
        """Return the queries of one step. Raises ReplyError if the reply cannot be read."""
        messages = load(_PROMPTS / "ask.txt").messages(
            goal=one_line(situation.goal), plan=_plan_text(situation.plan), now=data(situation.observation.transcript)
        )
        try:
            reply = self.model.ask(messages, Queries)
        except ReplyError:
            if not self.skip:
                raise
            return [ABOUT_PLAYER]
        return [ABOUT_PLAYER, *queries_from_names(reply.near, reply.wide)]


@dataclass(frozen=True)
class LLMPlanner:
    """A Planner that makes one call for the whole plan, and one for whether to explore.

    With `skip`, an unreadable reply leaves the plan as it is, and the progress of its first sub-goal states it.
    """

    model: Model
    skip: bool = False
    facts_in_text: FactsInText | None = None

    def plan(self, working: WorkingMemory) -> Plan:
        """Return the new plan. Raises ReplyError if a reply cannot be read."""
        plan = working.situation.plan
        values = _prompt_values(working, plan, Choices.of(working, self.facts_in_text))
        try:
            reply = self.model.ask(load(_PROMPTS / "plan.txt").messages(**values), Planned)
            plan = Plan(tuple(goal.subgoal for goal in reply.plan[:MAX_SUBGOALS]))
            messages = load(_PROMPTS / "explore.txt").messages(
                goal=one_line(working.situation.goal), plan=_plan_text(plan)
            )
            return with_progress(plan, EXPLORING if self.model.ask(messages, Explore).explore else "")
        except ReplyError as error:
            if not self.skip:
                raise
            return with_progress(plan if plan.subgoals else _NO_PLAN, f"{UNREAD} ({error.problem})")


@dataclass(frozen=True)
class LLMSelector:
    """A Selector that makes one call for the action. The prompt shows unexplored exits only if the plan explores.

    With `skip`, an unreadable reply leads to the decision to look.
    """

    model: Model
    free_actions: bool = False
    skip: bool = False
    facts_in_text: FactsInText | None = None

    def act(self, working: WorkingMemory, plan: Plan) -> Decision:
        """Return the next action. Raises ReplyError if the reply cannot be read."""
        choices = Choices.of(working, self.facts_in_text, free=self.free_actions)
        explores = any(goal.progress == EXPLORING for goal in plan.subgoals[:1])
        shown = choices if explores else replace(choices, exits=())
        messages = load(_PROMPTS / "act.txt").messages(**_prompt_values(working, plan, shown))
        try:
            reply = self.model.ask(messages, choices.validated(Act))
        except ReplyError as error:
            return choices.without_reply(error, skip=self.skip)
        return choices.decision(reply.action, reply.reason)


# -- the texts of a prompt ---------------------------------------------------------------------------------------------


def _prompt_values(working: WorkingMemory, plan: Plan, choices: Choices, *, brief: bool = False) -> dict[str, str]:
    """Return the values that a prompt shows.

    A brief prompt shows the first words of past answers, because memory has the rest, and sub-goals without reasons.
    """
    situation = working.situation
    lately = [_brief(step.observation) if brief else step.observation.transcript for step in situation.recent]
    return {
        "goal": one_line(situation.goal),
        "hint": one_line(situation.hint),
        "recall": data(_recall_text(working, brief=brief)),
        "lately": data("\n".join(lately)),
        "exits": data(", ".join(choices.exits)),
        "plan": _plan_text(plan, reasons=not brief),
        "now": data(situation.observation.transcript),
        "actions": data(numbered(list(choices.listed)), "any command of the game, in its words"),
    }


def _plan_text(plan: Plan, *, reasons: bool = True) -> str:
    return data(numbered([f"{goal.text} ({goal.reason})" if reasons else goal.text for goal in plan.subgoals]))


def _recall_text(working: WorkingMemory, *, brief: bool) -> str:
    """Return the recalled facts, a line for each subject, and the recalled episodes that are not in the prompt already.

    Goal and hint are in it already. The last steps are too, except if a brief prompt has no facts of them.
    """
    by_subject, last = defaultdict[str, list[str]](list), {step.update.episode.id for step in working.situation.recent}
    shown = last if working.recall.facts or not brief else set[int]()
    for fact in working.recall.facts:
        conflict = f" ({fact.conflict})" if fact.conflict else ""
        by_subject[fact.subject].append(f"{fact.relation} {fact.object}{conflict}")
    lines = [one_line(f"{name} {'; '.join(statements)}") for name, statements in by_subject.items()]
    left = [episode for episode in working.recall.episodes if episode.id not in shown]
    others = [episode for episode in left if episode.source not in ("goal", "hint")]
    return "\n".join(
        [*lines, *(["Episodes:"] if others else []), *(f"[{episode.id}] {episode.excerpt}" for episode in others)]
    )


def _brief(observation: Observation) -> str:
    """Return the commands, and the room they led to or the first line of the answer."""
    answer = (observation.room or next(iter(observation.text.strip().splitlines()), ""))[:_ANSWER_LENGTH]
    return f"> {', '.join(observation.commands)}: {answer}" if observation.commands else answer
