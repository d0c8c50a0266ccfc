"""The seams between the parts, each with real implementations on both sides; values only, no code of ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

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
    """A text world: `reset` begins an episode, `step` plays one command; see `envs.check_environment`."""

    def reset(self, seed: int | None = None) -> Observation: ...
    def step(self, command: str) -> Observation: ...


class Extractor(Protocol):
    """Reads a text into triplets; `known` are current facts around the names in the text."""

    def read(self, text: str, known: Sequence[Fact], situation: Situation | None) -> Reading: ...


class Embedder(Protocol):
    """Turns texts into vectors: `embed` gives (n, d) float32, unit rows."""

    @property
    def name(self) -> str: ...
    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]: ...


class Memory(Protocol):
    """What the loop asks of a memory; `AriGraph` is one."""

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
    def plan(self, working: WorkingMemory) -> Plan: ...


class Selector(Protocol):
    def act(self, working: WorkingMemory, plan: Plan) -> Decision: ...


class Mind(Protocol):
    """Who thinks: what to ask of memory, and what to do. Nothing is kept between steps."""

    def queries(self, situation: Situation, reading: Reading) -> Sequence[QueryLike]: ...
    def decide(self, working: WorkingMemory) -> tuple[Plan, Decision]: ...


class Recorder(Protocol):
    """Takes each step as it is decided; returns once it is safe to act on it."""

    def append(self, step: Step) -> None: ...


class Model(Protocol):
    """A language model that answers in a given shape."""

    def ask(self, messages: Sequence[Mapping[str, str]], reply: type[R]) -> R: ...
