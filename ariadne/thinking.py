"""How a language model thinks in a run, as it is asked for and written in run.json."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Part = Literal["llm", "rules"]


class Thinking(BaseModel):
    """Which model, and where; in at most two calls a step (merged) or in a call for each part, as in the paper; which
    parts it has; what is done about a reply that cannot be read. Nothing secret."""

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

    @property
    def skips(self) -> bool:
        return self.on_bad_reply == "skip"
