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
    """A text world; `ariadne.envs.check_environment` checks an implementation."""

    def reset(self, seed: int | None = None) -> Observation:
        """Begin a new episode, and return its first observation."""
        ...

    def step(self, command: str) -> Observation:
        """Carry out one command, and return the response."""
        ...


class Extractor(Protocol):
    """Reads triplets from a text."""

    def read(self, text: str, known: Sequence[Fact], situation: Situation | None) -> Reading:
        """Return the reading of a text.

        Args:
            text: The text.
            known: The current facts about the names in the text.
            situation: The situation in a run, if the text is an observation.
        """
        ...


@runtime_checkable
class CachingExtractor(Extractor, Protocol):
    """An Extractor that reads no text twice."""

    def note_reading(self, text: str, reading: Reading) -> None:
        """Keep a reading from elsewhere, so that the text is not read."""
        ...


class Embedder(Protocol):
    """Turns texts into vectors."""

    @property
    def name(self) -> str:
        """Return the name by which a memory file keeps the vectors of this embedder."""
        ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of texts: (n, d) float32, unit rows."""
        ...


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
    ) -> Update:
        """Remember a text as an episode, and return what it changes; a text with a known key changes nothing."""
        ...

    def recall(
        self, query: QueryLike | Sequence[QueryLike], *, max_tokens: int | None = None, exclude: Sequence[int] = ()
    ) -> Recall:
        """Return facts and episodes for queries, within a token budget and without the excluded episodes."""
        ...

    def places(self) -> tuple[Triplet, ...]:
        """Return the current facts of the map: exits, connections, doors and their states."""
        ...

    def at(self, episode: int) -> Memory:
        """Return a read-only snapshot of the memory after an episode."""
        ...

    def close(self) -> None:
        """Release all resources."""
        ...


class Planner(Protocol):
    """Derives the plan of a step."""

    def plan(self, working: WorkingMemory) -> Plan:
        """Return the plan."""
        ...


class Selector(Protocol):
    """Chooses the action of a step for a plan."""

    def act(self, working: WorkingMemory, plan: Plan) -> Decision:
        """Return the decision."""
        ...


class Mind(Protocol):
    """Chooses the queries to memory and the action. It keeps no state between steps."""

    def queries(self, situation: Situation, reading: Reading) -> Sequence[QueryLike]:
        """Return the queries for the recall of a step."""
        ...

    def decide(self, working: WorkingMemory) -> tuple[Plan, Decision]:
        """Return the new plan and the decision of a step."""
        ...


class Recorder(Protocol):
    """Stores the steps of a run."""

    def append(self, step: Step) -> None:
        """Store a step; return when it is safe, so that its action may follow."""
        ...


class Model(Protocol):
    """A language model that returns replies of a pydantic type."""

    def ask(self, messages: Sequence[Mapping[str, str]], reply: type[R]) -> R:
        """Return the reply to messages with `role` and `content`."""
        ...
