"""A recorded run gone through again by the very loop that played it: its game, its mind, its reader and its recorder,
each as the record has it. With the real game and the run's own memory that is how a run is taken up again; with another
memory, how one asks what that would have recalled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Protocol, runtime_checkable

from ariadne.errors import RunError
from ariadne.protocols import Extractor, Memory, Mind, Recorder
from ariadne.text import where_it_differs
from ariadne.values import (
    Decision,
    Fact,
    Observation,
    Plan,
    QueryLike,
    Reading,
    Recall,
    Situation,
    Step,
    Triplet,
    Update,
    When,
    WorkingMemory,
)


@dataclass
class RecordedGame:
    """An Environment that answers as it is recorded, whatever it is told; a way of several commands is one answer."""

    steps: Sequence[Step]
    _next: int = 0

    def reset(self, seed: int | None = None) -> Observation:  # noqa: ARG002 - nothing is left to chance
        """The first observation."""
        self._next = 0
        return self.step("")

    def step(self, command: str) -> Observation:  # noqa: ARG002
        """The next one."""
        self._next += 1
        return self.steps[self._next - 1].observation


@dataclass
class RecordedMind:
    """A Mind that asks and decides as it is recorded, and as `after` does from there on."""

    steps: Sequence[Step]
    after: Mind | None = None
    ways: bool = True
    """Whether a way is all its commands: to a recorded game it is the first one."""
    _asked: int = 0
    _decided: int = 0

    def queries(self, situation: Situation, reading: Reading) -> Sequence[QueryLike]:
        self._asked += 1
        if self._asked > len(self.steps):
            return self._after.queries(situation, reading)
        return self.steps[self._asked - 1].queries

    def decide(self, working: WorkingMemory) -> tuple[Plan, Decision]:
        self._decided += 1
        if self._decided > len(self.steps):
            return self._after.decide(working)
        step = self.steps[self._decided - 1]
        commands = step.decision.commands
        return step.plan, replace(step.decision, commands=commands if self.ways else commands[:1])

    @property
    def _after(self) -> Mind:
        if self.after is None:
            raise RunError(f"the record ends with step {len(self.steps)}, and the game goes on")
        return self.after


@runtime_checkable
class Heeds(Protocol):
    """An Extractor that reads no text again that it heard of."""

    def heard(self, text: str, reading: Reading) -> None: ...


@dataclass
class RecordedExtractor:
    """An Extractor that reads of each step what is recorded, and all else (goal, hint, later steps) as `after` does."""

    steps: Sequence[Step]
    after: Extractor

    def read(self, text: str, known: Sequence[Fact], situation: Situation | None) -> Reading:
        if situation is None or (read_before := step_number(situation) - 1) >= len(self.steps):
            return self.after.read(text, known, situation)
        return self.steps[read_before].update.reading

    def heard(self, text: str, reading: Reading) -> None:
        """Tell `after`, where it heeds that, what a text was read as, by whomever."""
        if isinstance(self.after, Heeds):
            self.after.heard(text, reading)


@dataclass
class RecordedMemory:
    """A Memory that is told all, and recalls as it is recorded: it may know more by now. Then as it does itself.
    `heard` is told what each text was read as, in another sitting too."""

    steps: Sequence[Step]
    memory: Memory
    heard: Callable[[str, Reading], None] = lambda *_: None
    _recalled: int = 0

    def remember(
        self, text: str, *, key: str | None = None, at: When | None = None, source: str | None = None,
        situation: Situation | None = None,
    ) -> Update:  # fmt: skip
        update = self.memory.remember(text, key=key, at=at, source=source, situation=situation)
        if situation is not None:
            self.heard(text, update.reading)
        return update

    def recall(
        self, query: QueryLike | Sequence[QueryLike], *, max_tokens: int | None = None, exclude: Sequence[int] = ()
    ) -> Recall:
        self._recalled += 1
        if self._recalled > len(self.steps):
            return self.memory.recall(query, max_tokens=max_tokens, exclude=exclude)
        return self.steps[self._recalled - 1].recall

    def places(self) -> tuple[Triplet, ...]:
        return self.memory.places()

    def at(self, episode: int) -> Memory:
        return self.memory.at(episode)

    def close(self) -> None:
        self.memory.close()


@dataclass
class Recalling:
    """A Memory that recalls by other settings than its own: those of its `recall`, by name."""

    memory: Any
    settings: Mapping[str, object]

    def recall(
        self, query: QueryLike | Sequence[QueryLike], *, max_tokens: int | None = None, exclude: Sequence[int] = ()
    ) -> Recall:
        recalled: Recall = self.memory.recall(query, **{"max_tokens": max_tokens, "exclude": exclude, **self.settings})
        return recalled

    def __getattr__(self, name: str) -> Any:
        return getattr(self.memory, name)


@dataclass
class VerifyingRecorder:
    """A Recorder of what comes after the recorded steps; raises RunError where game or memory answer otherwise than in
    these. `passed` is called once the last of them was gone through."""

    steps: Sequence[Step]
    after: Recorder
    passed: Callable[[], None] = lambda: None

    def append(self, step: Step) -> None:
        if step.number > len(self.steps):
            self.after.append(step)
            return
        recorded = self.steps[step.number - 1]
        if told := difference(recorded.observation, step.observation):
            raise RunError(f"step {step.number}: the game does not answer as it did: {told}")
        if step.update != recorded.update:
            raise RunError(f"step {step.number}: the memory does not hold what was recorded")
        if step.decision != recorded.decision:
            raise RunError(f"step {step.number}: {_ended(recorded)} in the record, and {_ended(step)} now")
        if step.number == len(self.steps):
            self.passed()


@dataclass
class Collected:
    """A Recorder that keeps the steps."""

    steps: list[Step] = field(default_factory=list)

    def append(self, step: Step) -> None:
        self.steps.append(step)


def step_number(situation: Situation) -> int:
    """Of which step a situation is."""
    return situation.recent[-1].number + 1 if situation.recent else 1


def difference(recorded: Observation, now: Observation) -> str | None:
    """In what an observation is another than the recorded one, from where they part; None where it is the same."""
    for name in (one.name for one in fields(Observation)):
        was, comes = getattr(recorded, name), getattr(now, name)
        if was != comes:
            return f"{name} was {where_it_differs(was, comes)}, is {where_it_differs(comes, was)}"
    return None


def _ended(step: Step) -> str:
    return "the game goes on" if step.decision.commands else f"the run ends ({step.decision.reason})"
