"""The settings of a language model in a run: which parts it plays, its limits and its prices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, NonNegativeFloat

Part = Literal["llm", "rules"]


class Price(BaseModel):
    """Dollars per million tokens; `cached` is the price of prompt tokens in the server's cache."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prompt: NonNegativeFloat
    completion: NonNegativeFloat
    cached: NonNegativeFloat | None = None

    def of(self, prompt: int, completion: int, cached: int = 0) -> float:
        """Return the cost in dollars; the cached tokens are a part of the prompt's."""
        discount = cached * (self.prompt - self.cached) if self.cached is not None else 0
        return round((prompt * self.prompt - discount + completion * self.completion) / 1e6, 6)


Prices = Mapping[str, Price]


class Limits(BaseModel):
    """The limits of a run over all its sessions; None sets no limit. `cost` is in dollars."""

    model_config = ConfigDict(frozen=True)

    calls: int | None = None
    tokens: int | None = None
    cost: float | None = None


class ModelSettings(BaseModel):
    """The model and its parts in a run; no secret is in it.

    The protocol "merged" makes at most two calls a step; "paper" makes a call for each part, as the paper does. A reply
    that cannot be read stops the run or, with "skip", leaves its part undone. A temperature or a limit of None uses the
    server's default.
    """

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
        """Return whether one call plans and acts; it sees its latest steps in brief."""
        return self.protocol == "merged" and self.plan == self.act == "llm"

    @property
    def skips(self) -> bool:
        """Return whether an unreadable reply is skipped."""
        return self.on_bad_reply == "skip"
