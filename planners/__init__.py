"""Minds: planners and action selectors, by rules; the map and exploration."""

from ariadne.planners.map import Exit, Map
from ariadne.planners.minds import PlanThenAct, RulesMind
from ariadne.planners.rules.beliefs import Beliefs
from ariadne.planners.rules.planner import RulesPlanner
from ariadne.planners.rules.queries import Holds
from ariadne.planners.rules.selector import RulesSelector

__all__ = ["Beliefs", "Exit", "Holds", "Map", "PlanThenAct", "RulesMind", "RulesPlanner", "RulesSelector"]

if __name__ == "planners":
    raise ImportError("import ariadne.planners, not planners: under its bare name every class would exist twice")
