"""Recorded steps replayed: in the real game and memory to resume a run, or with another memory to compare recalls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from ariadne.errors import RunError
from ariadne.loop import begin, carry_out, ending_of, perceive
from ariadne.protocols import Environment, Extractor, Memory
from ariadne.text import excerpt_at_difference
from ariadne.values import Fact, Observation, Reading, Recall, Situation, Step


def replay_past(
    past: Sequence[Step], environment: Environment, memory: Memory, start: Situation, *, steps: int,
    moves: int | None = None,
) -> Situation | None:  # fmt: skip
    """Repeat recorded steps in the game and the memory, from situation `start` on.

    Args:
        past: The recorded steps.
        environment: The real game.
        memory: The memory of the run; it takes the readings from the record.
        start: The situation at the first observation.
        steps: The limit of decisions in the run.
        moves: The limit of commands in the game.

    Returns:
        The situation after the recorded steps, or None if the last of them closes the run.

    Raises:
        RunError: The game or the memory responds differently from the record.
    """
    situation = start
    for recorded in past:
        _check(recorded, situation, memory, ending_of(situation, steps, moves))
        if not recorded.decision.commands:
            return None
        situation = situation.after(recorded, carry_out(environment, recorded.decision))
    return situation


def _check(recorded: Step, situation: Situation, memory: Memory, ending: str | None) -> None:
    """Remember the observation of a step again, and compare observation, update and `ending` of the run."""
    step = f"step {recorded.number}"
    if change := difference(recorded.observation, situation.observation):
        raise RunError(f"{step}: the game responds differently: {change}")
    if perceive(memory, situation) != recorded.update:
        raise RunError(f"{step}: the memory does not learn what the record contains")
    before = None if recorded.decision.commands else recorded.decision.reason
    if before != ending:
        raise RunError(f"{step}: {_end(before)} in the record, and {_end(ending)} now")


def _end(reason: str | None) -> str:
    return "the run continues" if reason is None else f"the run ends ({reason})"


def rerun_with_memory(
    steps: Sequence[Step], memory: Memory, recall: Mapping[str, object], *, goal: str, hint: str
) -> list[Step]:
    """Return recorded steps with the updates and recalls of another memory; `recall` has arguments for its recall."""
    rerun = list[Step]()
    situation = begin(memory, steps[0].observation, goal=goal, hint=hint)
    for place, recorded in enumerate(steps, 1):
        update, recalled = perceive(memory, situation), Recall()
        if recorded.decision.commands:
            arguments: dict[str, Any] = {"exclude": [update.episode.id], **recall}
            recalled = memory.recall(recorded.queries, **arguments)
        rerun.append(replace(recorded, update=update, recall=recalled))
        if place < len(steps):
            situation = situation.after(rerun[-1], steps[place].observation)
    return rerun


@dataclass(frozen=True)
class RecordedExtractor:
    """An Extractor that returns the recorded readings of recorded steps, and reads other texts with `other`."""

    steps: Sequence[Step]
    other: Extractor

    def read(self, text: str, known: Sequence[Fact], situation: Situation | None) -> Reading:
        """Return the reading of a text."""
        if situation is None or situation.number > len(self.steps):
            return self.other.read(text, known, situation)
        return self.steps[situation.number - 1].update.reading


def difference(recorded: Observation, now: Observation) -> str | None:
    """Return the first field in which two observations differ, with both values; None if they are equal."""
    for name in (field.name for field in fields(Observation)):
        before, after = getattr(recorded, name), getattr(now, name)
        if before != after:
            return f"{name} was {excerpt_at_difference(before, after)}, is {excerpt_at_difference(after, before)}"
    return None
