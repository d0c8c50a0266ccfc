"""How a language model thinks in a run, and what that may cost, as it is asked for and written in run.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, NonNegativeFloat

Part = Literal["llm", "rules"]


class Price(BaseModel):
    """Dollars for a million tokens; `cached`: for those of a prompt that the server had read before."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prompt: NonNegativeFloat
    completion: NonNegativeFloat
    cached: NonNegativeFloat | None = None

    def of(self, prompt: int, completion: int, cached: int = 0) -> float:
        """What so many tokens cost; the cached ones are some of the prompt's."""
        less = cached * (self.prompt - self.cached) if self.cached is not None else 0
        return round((prompt * self.prompt - less + completion * self.completion) / 1e6, 6)


Prices = Mapping[str, Price]


class Limits(BaseModel):
    """How much a run may spend, in all its sittings; None: as much as it takes."""

    model_config = ConfigDict(frozen=True)

    calls: int | None = None
    tokens: int | None = None
    cost: float | None = None


class ModelSettings(BaseModel):
    """Which model, and where; in at most two calls a step (merged) or in a call for each part, as in the paper; which
    parts it has; what is done about a reply that cannot be read; what it may cost, and by which prices. Nothing
    secret."""

    model_config = ConfigDict(frozen=True)

    model: str
    base_url: str | None = None
    protocol: Literal["merged", "paper"] = "merged"
    extract: Part = "llm"
    plan: Part = "llm"
    act: Part = "llm"
    free_actions: bool = False
    on_bad_reply: Literal["stop", "skip"] = "stop"
    temperature: float | None = 0
    max_reply: int | None = None
    limits: Limits = Limits()
    prices: dict[str, Price] = {}

    @property
    def is_merged(self) -> bool:
        """Whether one call plans and acts, which is shown its last steps in brief."""
        return self.protocol == "merged" and self.plan == self.act == "llm"

    @property
    def skips(self) -> bool:
        return self.on_bad_reply == "skip"
