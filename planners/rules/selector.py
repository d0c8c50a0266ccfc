"""The action selector by rules: it follows the first sub-goal for which something can be done now."""

from __future__ import annotations

from dataclasses import dataclass

from ariadne.planners.rules.actions import Action, Actions
from ariadne.planners.rules.beliefs import Beliefs
from ariadne.planners.rules.subgoals import STUCK, ParsedSubGoal
from ariadne.planners.working_memory import FactsInText
from ariadne.values import Decision, Plan, Situation, WorkingMemory


@dataclass(frozen=True)
class RulesSelector:
    """A Selector that keeps nothing between steps.

    It builds beliefs of its own. The rules mind shares one set of beliefs between planner and selector instead.

    Args:
        facts_in_text: Reads facts out of texts, for a memory that recalls no facts.
    """

    facts_in_text: FactsInText

    def act(self, working: WorkingMemory, plan: Plan) -> Decision:
        """Choose the next action from working memory and the plan."""
        return choose_action(working.situation, Beliefs.of(working, self.facts_in_text), plan)


def choose_action(situation: Situation, beliefs: Beliefs, plan: Plan) -> Decision:
    """Choose the next action; if no sub-goal gives one, choose something that was not tried lately."""
    actions = Actions.of(beliefs, situation, plan)
    for goal in plan.subgoals:
        parsed = ParsedSubGoal.parse(goal.text)
        action = actions.toward(parsed, goal.progress) if parsed and goal.progress != STUCK else None
        if action and not actions.goes_in_circles(action):
            return Decision(action.text, f"{goal.text}: {goal.reason}", action.commands)
    action = _something_new(actions, situation)
    return Decision(action.text, "no sub-goal can be reached: try something new", action.commands)


def _something_new(actions: Actions, situation: Situation) -> Action:
    """Choose an action that was not tried lately: take, open or unlock something, leave the room, or examine.

    Unexplored exits come before known ones, and the exit back comes last. The order is random if the last steps
    brought no new fact.
    """
    tried = {command for step in situation.recent for command in step.decision.commands}
    untried = [action for action in situation.observation.valid_actions or () if action not in tried]
    takings = [action for action in actions.takings() if action.commands[0] not in tried]
    by_verb = {
        verb: [Action(action, (action,)) for action in untried if action.split()[0] == verb]
        for verb in ("open", "unlock", "examine")
    }
    unexplored, known, back = actions.exits()
    if random := actions.random():
        random.shuffle(unexplored)
        random.shuffle(known)
    choices = [*takings, *by_verb["open"], *by_verb["unlock"], *unexplored, *known, *by_verb["examine"], *back]
    return next(iter(choices), Action("look", ("look",)))
