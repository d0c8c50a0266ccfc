"""The action selector by rules: the first sub-goal that something can be done about, and what."""

from __future__ import annotations

from ariadne.planners.rules.actions import Action, Actions
from ariadne.planners.rules.beliefs import Beliefs
from ariadne.planners.rules.queries import Holds
from ariadne.planners.rules.subgoals import STUCK, Intent
from ariadne.values import Decision, Plan, Situation, WorkingMemory


class RulesSelector:
    """Chooses from WorkingMemory and the plan alone and keeps nothing."""

    def __init__(self, holds: Holds) -> None:
        self._holds = holds

    def act(self, working: WorkingMemory, plan: Plan) -> Decision:
        """The decision for now; where the plan leads nowhere, something that was not tried lately."""
        means = Actions.of(Beliefs.of(working, self._holds), working.situation, plan)
        for goal in plan.subgoals:
            intent = Intent.read(goal.text)
            action = means.toward(intent, goal.progress) if intent and goal.progress != STUCK else None
            if action and not means.goes_in_circles(action):
                return Decision(action.text, f"{goal.text}: {goal.reason}", action.commands)
        action = _something_else(means, working.situation)
        return Decision(action.text, "no sub-goal can be reached: try something new", action.commands)


def _something_else(means: Actions, situation: Situation) -> Action:
    """What is in sight and was not tried lately; else a way on that the map does not know, and where it knows them all
    any but the one back, by chance where nothing was learned lately."""
    tried = {command for step in situation.recent for command in step.decision.commands}
    valid = [action for action in situation.observation.valid_actions or () if action not in tried]
    taken = [action for action in means.takings() if action.commands[0] not in tried]
    others = {
        verb: [Action(one, (one,)) for one in valid if one.split()[0] == verb] for verb in ("open", "unlock", "examine")
    }
    new, known, back = means.walks()
    if chance := means.chance():
        chance.shuffle(new)
        chance.shuffle(known)
    choices = [*taken, *others["open"], *others["unlock"], *new, *known, *others["examine"], *back]
    return next(iter(choices), Action("look", ("look",)))
