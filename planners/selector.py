"""The action selector by rules: the first sub-goal that something can be done about, and what."""

from __future__ import annotations

from ariadne.planners.intents import STUCK, Intent
from ariadne.planners.means import Action, Means
from ariadne.planners.questions import Holds
from ariadne.planners.world import World
from ariadne.values import Decision, Plan, Situation, WorkingMemory

_RESTLESS = ("open", "unlock", "examine", "go", "look")


class RulesSelector:
    """Chooses from WorkingMemory and the plan alone and keeps nothing."""

    def __init__(self, holds: Holds) -> None:
        self._holds = holds

    def act(self, working: WorkingMemory, plan: Plan) -> Decision:
        """The decision for now; where the plan leads nowhere, something that was not tried lately."""
        means = Means.of(World.of(working, self._holds), working.situation, plan)
        for goal in plan.subgoals:
            intent = Intent.read(goal.text)
            action = means.toward(intent, goal.progress) if intent and goal.progress != STUCK else None
            if action:
                return Decision(action.text, f"{goal.text}: {goal.reason}", action.commands)
        action = _something_else(means, working.situation)
        return Decision(action.text, "no sub-goal can be reached: try something new", action.commands)


def _something_else(means: Means, situation: Situation) -> Action:
    """Something that was not tried lately."""
    tried = {command for step in situation.last for command in step.decision.commands}
    fresh = [action for action in means.whatever() if action.commands[0] not in tried]
    valid = situation.observation.valid_actions or ()
    others = [action for action in valid if action not in tried and action.split()[0] in _RESTLESS]
    others.sort(key=lambda action: (_RESTLESS.index(action.split()[0]), action))
    return next(iter([*fresh, *(Action(action, (action,)) for action in others)]), Action("look", ("look",)))
