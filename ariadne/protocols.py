"""The protocols between the parts. Each has several implementations; this module imports only the values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

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

R = TypeVar("R", bound=BaseModel)


class Environment(Protocol):
    """A text world: `reset` begins an episode, `step` plays one command.

    `ariadne.envs.check_environment` checks an implementation.
    """

    def reset(self, seed: int | None = None) -> Observation: ...
    def step(self, command: str) -> Observation: ...


class Extractor(Protocol):
    """Reads triplets from a text; `known` are the current facts about the names in the text."""

    def read(self, text: str, known: Sequence[Fact], situation: Situation | None) -> Reading: ...


@runtime_checkable
class CachingExtractor(Extractor, Protocol):
    """An Extractor that reads no text twice; `note_reading` gives it a reading from elsewhere."""

    def note_reading(self, text: str, reading: Reading) -> None: ...


class Embedder(Protocol):
    """Turns texts into vectors: `embed` returns (n, d) float32, unit rows."""

    @property
    def name(self) -> str: ...
    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]: ...


class Memory(Protocol):
    """A memory of texts as the loop uses it; `AriGraph` is one."""

    def remember(
        self,
        text: str,
        *,
        key: str | None = None,
        at: When | None = None,
        source: str | None = None,
        situation: Situation | None = None,
    ) -> Update: ...
    def recall(
        self, query: QueryLike | Sequence[QueryLike], *, max_tokens: int | None = None, exclude: Sequence[int] = ()
    ) -> Recall: ...
    def places(self) -> tuple[Triplet, ...]: ...
    def at(self, episode: int) -> Memory: ...
    def close(self) -> None: ...


class Planner(Protocol):
    """Derives the plan of a step."""

    def plan(self, working: WorkingMemory) -> Plan: ...


class Selector(Protocol):
    """Chooses the action of a step for a plan."""

    def act(self, working: WorkingMemory, plan: Plan) -> Decision: ...


class Mind(Protocol):
    """Chooses the queries to memory and the action. It keeps no state between steps."""

    def queries(self, situation: Situation, reading: Reading) -> Sequence[QueryLike]: ...
    def decide(self, working: WorkingMemory) -> tuple[Plan, Decision]: ...


class Recorder(Protocol):
    """Stores each step; `append` returns when the step is safe, so that its action may follow."""

    def append(self, step: Step) -> None: ...


class Model(Protocol):
    """A language model that returns a reply of a given pydantic type."""

    def ask(self, messages: Sequence[Mapping[str, str]], reply: type[R]) -> R: ...
