"""Cooking by a recipe: what it asks for, what of it is done, and what comes next.

It keeps nothing, and knows of kitchens only what text games share: a knife cuts; a stove fries, an oven roasts and a
BBQ grills, where the world does not say otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ariadne.planners.rules.beliefs import Beliefs
from ariadne.planners.rules.goal_parsing import APPLIANCES, COOKBOOK, KITCHEN, KNIFE, MEAL, RECIPE
from ariadne.planners.rules.subgoals import Intent, takes

CUTS = {"chop": "chopped", "slice": "sliced", "dice": "diced"}
HEATS = {"fry": "fried", "roast": "roasted", "grill": "grilled"}
_ELSE = {"grill": "toaster"}
"""What else does it, where there is one and none of the usual kind is known."""
_USES = {"fry": "frying", "roast": "roasting", "grill": "grilling"}
ASKED, WORK = "the recipe asks for it", "the recipe says so"
BOOK, DONE, FULL = "it holds the recipe", "all is as the recipe says", "hands are full"
REASONS = frozenset({ASKED, WORK, BOOK, DONE, FULL})
"""Why something is called for here; such sub-goals are worked out anew at every step."""


@dataclass(frozen=True)
class Cook:
    """The recipe against the world as believed; `valid` is the list of valid actions, where there is one."""

    world: Beliefs
    valid: Sequence[str] | None = None

    def steps(self) -> Iterator[tuple[Intent, str]]:
        """What the recipe calls for now and why, what comes first first."""
        if self.world.has(MEAL):
            yield Intent("eat", MEAL), DONE
        elif not self.ingredients:
            yield Intent("read", self._book()), BOOK
            if not self.world.is_found(self._book()):
                yield Intent("find", self._book()), BOOK
        elif not self.missing and not any(map(self.works, self.ingredients)):
            yield Intent("prepare", MEAL, self.kitchen), DONE
        else:
            yield from ((Intent("drop", thing), FULL) for thing in self._to_put_down())
            yield from ((work, WORK) for work in self._works())
            yield from ((self._fetch(thing), ASKED) for thing in self._wanted())

    @cached_property
    def ingredients(self) -> list[str]:
        """What the recipe requires, as far as it is known."""
        return self.world.objects(RECIPE, "requires")

    @cached_property
    def missing(self) -> list[str]:
        """The ingredients that are not in hand."""
        return [ingredient for ingredient in self.ingredients if not self.world.has(ingredient)]

    @property
    def kitchen(self) -> str:
        """Where the meal can be prepared."""
        told = self.world.objects(MEAL, "is made in")
        return told[-1] if told else self.world.map.find(KITCHEN) or self.world.room(COOKBOOK) or KITCHEN

    def works(self, ingredient: str) -> list[Intent]:
        """What is still to be done with an ingredient; what was cooked is never cooked again."""
        states = self.world.states(ingredient)
        cooked = any(state in states for state in HEATS.values())
        cut = any(state in states for state in CUTS.values())
        wanted = self.world.objects(ingredient, "needs")
        return [
            *(Intent(work, ingredient, KNIFE) for work in wanted if work in CUTS and not cut),
            *(Intent(work, ingredient, self.appliance(work)) for work in wanted if work in HEATS and not cooked),
        ]

    def appliance(self, work: str) -> str:
        """What fries, roasts or grills."""
        usual, other = APPLIANCES[work], _ELSE.get(work, "")
        there = other if other and not self.world.is_found(usual) and self.world.is_found(other) else usual
        return self.world.used_for(_USES[work]) or there

    def is_appliance(self, thing: str) -> bool:
        """Whether it is there to cook with: nobody looks for food in it."""
        return thing.casefold() in {self.appliance(work).casefold() for work in HEATS}

    def is_searching(self) -> bool:
        """Whether it is not known where all is that is needed, or not yet what is needed."""
        return not self.ingredients or any(self.world.room(thing) is None for thing in self._wanted())

    def _book(self) -> str:
        books = [thing for thing in self.world.things if COOKBOOK in thing.casefold() or RECIPE in thing.casefold()]
        return (books or [COOKBOOK])[0]

    def _works(self) -> Iterator[Intent]:
        for ingredient in filter(self.world.has, self.ingredients):
            yield from (work for work in self.works(ingredient) if work.verb in HEATS or self.world.has(KNIFE))

    @cached_property
    def _uncut(self) -> list[str]:
        """The ingredients that are still to be cut."""
        return [one for one in self.ingredients if any(work.verb in CUTS for work in self.works(one))]

    def _wanted(self) -> list[str]:
        """What is to be taken: the knife while something is to be cut, then what is to be cut, then all else."""
        knife = [KNIFE] if self._uncut and not self.world.has(KNIFE) else []
        return [*knife, *sorted(self.missing, key=lambda one: one not in self._uncut)]

    def _fetch(self, thing: str) -> Intent:
        return self.world.taking(thing) if self.world.room(thing) else Intent("find", thing)

    def _to_put_down(self) -> list[str]:
        """What makes room where hands are full and something is wanted that lies here."""
        here = [thing for thing in self._wanted() if thing in self.world.in_sight()]
        return self._spare(here[0])[:1] if here and self._hands_are_full(here) else []

    def _hands_are_full(self, here: Sequence[str]) -> bool:
        """As was told, or as the list of valid actions shows: nothing that is wanted can be taken."""
        takable = [thing for thing in here if any(takes(action, thing) for action in self.valid or ())]
        return "full" in self.world.states("inventory") or (self.valid is not None and not takable)

    def _spare(self, wanted: str) -> list[str]:
        """What in hand can best be put down for a thing: what no recipe wants; the knife when all is cut; an ingredient
        that is cut, or any for the knife's sake."""
        needed = {name.casefold() for name in (*self.ingredients, KNIFE)}
        useless = [thing for thing in self.world.inventory if thing.casefold() not in needed]
        knife = [KNIFE] if self.world.has(KNIFE) and not self._uncut else []
        held = sorted(filter(self.world.has, self.ingredients), key=lambda one: len(self.works(one)))
        return [*useless, *knife, *(one for one in held if wanted == KNIFE or one not in self._uncut)]
