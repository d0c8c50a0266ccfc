"""A position in a saved run, and moves to other steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ariadne.memory.ontology.names import base_of, identity_of
from ariadne.runs.record import Run
from ariadne.values import Fact, Step


@dataclass
class Tour:
    """A position in a run, from 1 to its number of steps. A move that is impossible returns False and moves nowhere."""

    run: Run
    at: int = 1

    @property
    def step(self) -> Step:
        """The step at this position."""
        return self.run.steps[self.at - 1]

    def to(self, number: int) -> bool:
        """Move to a step, or to the nearest one; return whether the position changed."""
        before, self.at = self.at, min(max(number, 1), len(self.run.steps))
        return self.at != before

    def to_score(self, direction: int = 1) -> bool:
        """Move to the next step (or with -1 the last one before) at which the score rises."""
        return self._find(direction, lambda step, before: step.observation.score > before.observation.score)

    def to_fact(self, direction: int = 1, name: str = "") -> bool:
        """Move to the next step (or with -1 the last one before) that adds or retires a fact (about a name)."""
        wanted = base_of(identity_of(name))

        def matches(fact: Fact) -> bool:
            return not wanted or wanted in (base_of(identity_of(end)) for end in fact.triplet.ends)

        return self._find(direction, lambda step, _: any(map(matches, (*step.update.added, *step.update.retired))))

    def _find(self, direction: int, matches: Callable[[Step, Step], bool]) -> bool:
        """Move to the first step in a direction that matches; the function gets the step and the one before."""
        number = self.at + direction
        while 1 <= number <= len(self.run.steps):
            step = self.run.steps[number - 1]
            if matches(step, self.run.steps[number - 2] if number > 1 else step):
                return self.to(number)
            number += direction
        return False
