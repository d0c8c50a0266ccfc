"""Minds: planners and action selectors, by rules; the map and exploration."""

from ariadne.planners.map import Exit, Map
from ariadne.planners.mind import PlanThenAct, RulesMind
from ariadne.planners.planner import RulesPlanner
from ariadne.planners.questions import Holds
from ariadne.planners.selector import RulesSelector
from ariadne.planners.world import World

__all__ = ["Exit", "Holds", "Map", "PlanThenAct", "RulesMind", "RulesPlanner", "RulesSelector", "World"]

if __name__ == "planners":
    raise ImportError("import ariadne.planners, not planners: under its bare name every class would exist twice")
