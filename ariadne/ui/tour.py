"""A way through a saved run: forward, back, to a step, to where something happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ariadne.memory.ontology.names import identity_of
from ariadne.runs.record import Run
from ariadne.values import Fact, Step


@dataclass
class Tour:
    """A place in a run, from 1 to its number of steps, and the ways to others; what cannot be gone to stays where it
    is, and says so."""

    run: Run
    at: int = 1

    @property
    def step(self) -> Step:
        return self.run.steps[self.at - 1]

    def to(self, number: int) -> bool:
        """To a step, as near as there is one; False where that is where it stood."""
        before, self.at = self.at, min(max(number, 1), len(self.run.steps))
        return self.at != before

    def to_score(self, way: int = 1) -> bool:
        """To the next step (-1: the last one before) where the score rose."""
        return self._to(way, lambda step, before: step.observation.score > before.observation.score)

    def to_fact(self, way: int = 1, name: str = "") -> bool:
        """To the next step where a fact (about a name) was learned or retired."""
        wanted = identity_of(name)

        def tells(fact: Fact) -> bool:
            return not wanted or wanted in (identity_of(fact.subject), identity_of(fact.object))

        return self._to(way, lambda step, _: any(map(tells, (*step.update.added, *step.update.retired))))

    def _to(self, way: int, wanted: Callable[[Step, Step], bool]) -> bool:
        number = self.at + way
        while 1 <= number <= len(self.run.steps):
            step = self.run.steps[number - 1]
            if wanted(step, self.run.steps[number - 2] if number > 1 else step):
                return self.to(number)
            number += way
        return False
