"""Minds: planners and action selectors, by rules, by a language model or by a person; the map and exploration."""

from ariadne.planners.map import Exit, Map
from ariadne.planners.minds import PlanThenAct, RulesMind
from ariadne.planners.rules.beliefs import Beliefs
from ariadne.planners.rules.planner import RulesPlanner
from ariadne.planners.rules.selector import RulesSelector
from ariadne.planners.working_memory import FactsInText

__all__ = ["Beliefs", "Exit", "FactsInText", "Map", "PlanThenAct", "RulesMind", "RulesPlanner", "RulesSelector"]

if __name__ == "planners":
    raise ImportError("import ariadne.planners, not planners: under its bare name every class would exist twice")
