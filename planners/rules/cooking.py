"""Cooking by a recipe: what it requires, what of it is done, and what comes next.

It knows only what the kitchens of text games share: a knife cuts, a stove fries, an oven roasts and a BBQ grills. The
world may name another tool.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ariadne.planners.rules.beliefs import Beliefs
from ariadne.planners.rules.goal_parsing import APPLIANCES, COOKBOOK, KITCHEN, KNIFE
from ariadne.planners.rules.subgoals import ParsedSubGoal, takes
from ariadne.relations import INVENTORY, IS_MADE_IN, MEAL, NEEDS, RECIPE, REQUIRES

CUTS = {"chop": "chopped", "slice": "sliced", "dice": "diced"}
"""Each way of cutting, and the state it leads to."""
HEATS = {"fry": "fried", "roast": "roasted", "grill": "grilled"}
"""Each way of cooking, and the state it leads to."""
_SECOND_CHOICES = {"grill": "toaster"}
"""The appliance that is used if only it is known."""
_USES = {"fry": "frying", "roast": "roasting", "grill": "grilling"}
INGREDIENT, PREPARATION = "the recipe asks for it", "the recipe calls for it"
BOOK, COMPLETE, FULL = "it holds the recipe", "everything is as the recipe requires", "hands are full"
REASONS = frozenset({INGREDIENT, PREPARATION, BOOK, COMPLETE, FULL})
"""The reasons of the sub-goals of this module; they are derived again at every step."""


@dataclass(frozen=True)
class Cook:
    """The recipe compared with the beliefs; `valid` is the list of valid actions, if there is one."""

    beliefs: Beliefs
    valid: Sequence[str] | None = None

    def steps(self) -> Iterator[tuple[ParsedSubGoal, str]]:
        """Yield the sub-goals that the recipe calls for now, in order, each with its reason."""
        if self.beliefs.has(MEAL):
            yield ParsedSubGoal("eat", MEAL), COMPLETE
        elif not self.ingredients:
            yield ParsedSubGoal("read", self._book()), BOOK
            if not self.beliefs.is_found(self._book()):
                yield ParsedSubGoal("find", self._book()), BOOK
        elif not self.missing and not any(map(self.preparations, self.ingredients)):
            yield ParsedSubGoal("prepare", MEAL, self.kitchen), COMPLETE
        else:
            yield from ((ParsedSubGoal("drop", thing), FULL) for thing in self._to_put_down())
            yield from ((preparation, PREPARATION) for preparation in self._possible_preparations())
            yield from ((self._fetch(thing), INGREDIENT) for thing in self._to_take())

    @cached_property
    def ingredients(self) -> list[str]:
        """The ingredients of the recipe, as far as they are known."""
        return self.beliefs.objects(RECIPE, REQUIRES)

    @cached_property
    def missing(self) -> list[str]:
        """The ingredients that are not in hand."""
        return [ingredient for ingredient in self.ingredients if not self.beliefs.has(ingredient)]

    @property
    def kitchen(self) -> str:
        """The room where the meal can be prepared."""
        rooms = self.beliefs.objects(MEAL, IS_MADE_IN)
        return rooms[-1] if rooms else self.beliefs.map.find(KITCHEN) or self.beliefs.room(COOKBOOK) or KITCHEN

    def preparations(self, ingredient: str) -> list[ParsedSubGoal]:
        """Return the cutting and cooking that an ingredient still needs; nothing is cut or cooked twice."""
        states = self.beliefs.states(ingredient)
        cooked = any(state in states for state in HEATS.values())
        cut = any(state in states for state in CUTS.values())
        needs = self.beliefs.objects(ingredient, NEEDS)
        return [
            *(ParsedSubGoal(verb, ingredient, KNIFE) for verb in needs if verb in CUTS and not cut),
            *(ParsedSubGoal(verb, ingredient, self.appliance(verb)) for verb in needs if verb in HEATS and not cooked),
        ]

    def appliance(self, verb: str) -> str:
        """Return what fries, roasts or grills."""
        usual, second = APPLIANCES[verb], _SECOND_CHOICES.get(verb, "")
        only_second = second and not self.beliefs.is_found(usual) and self.beliefs.is_found(second)
        return self.beliefs.tool_for(_USES[verb]) or (second if only_second else usual)

    def is_appliance(self, thing: str) -> bool:
        """Return whether a thing is for cooking; no food is in it."""
        return thing.casefold() in {self.appliance(verb).casefold() for verb in HEATS}

    def is_searching(self) -> bool:
        """Return whether the recipe, or the room of something it requires, is still unknown."""
        return not self.ingredients or any(self.beliefs.room(thing) is None for thing in self._to_take())

    def _book(self) -> str:
        books = [thing for thing in self.beliefs.things if COOKBOOK in thing.casefold() or RECIPE in thing.casefold()]
        return (books or [COOKBOOK])[0]

    def _possible_preparations(self) -> Iterator[ParsedSubGoal]:
        """Yield what can be done with the ingredients in hand; cutting needs the knife in hand."""
        for ingredient in filter(self.beliefs.has, self.ingredients):
            yield from (work for work in self.preparations(ingredient) if work.verb in HEATS or self.beliefs.has(KNIFE))

    @cached_property
    def _uncut(self) -> list[str]:
        """The ingredients that still need cutting."""
        return [name for name in self.ingredients if any(work.verb in CUTS for work in self.preparations(name))]

    def _to_take(self) -> list[str]:
        """Return what to take: the knife if something needs cutting, then what needs cutting, then the rest."""
        knife = [KNIFE] if self._uncut and not self.beliefs.has(KNIFE) else []
        return [*knife, *sorted(self.missing, key=lambda name: name not in self._uncut)]

    def _fetch(self, thing: str) -> ParsedSubGoal:
        return self.beliefs.taking(thing) if self.beliefs.room(thing) else ParsedSubGoal("find", thing)

    def _to_put_down(self) -> list[str]:
        """Return what to put down if hands are full and something required is in sight."""
        in_sight = [thing for thing in self._to_take() if thing in self.beliefs.in_sight()]
        return self._spare(in_sight[0])[:1] if in_sight and self._hands_are_full(in_sight) else []

    def _hands_are_full(self, wanted: Sequence[str]) -> bool:
        """Return whether a fact states it, or the list of valid actions offers to take nothing that is wanted."""
        takable = [thing for thing in wanted if any(takes(action, thing) for action in self.valid or ())]
        return "full" in self.beliefs.states(INVENTORY) or (self.valid is not None and not takable)

    def _spare(self, wanted: str) -> list[str]:
        """Return the things in hand that can be put down for a wanted thing, the least needed first.

        These are: what the recipe does not need, the knife if all is cut, then ingredients. An uncut ingredient is put
        down only for the knife.
        """
        needed = {name.casefold() for name in (*self.ingredients, KNIFE)}
        useless = [thing for thing in self.beliefs.inventory if thing.casefold() not in needed]
        knife = [KNIFE] if self.beliefs.has(KNIFE) and not self._uncut else []
        held = sorted(filter(self.beliefs.has, self.ingredients), key=lambda name: len(self.preparations(name)))
        return [*useless, *knife, *(name for name in held if wanted == KNIFE or name not in self._uncut)]
