"""What a language model is asked a step, and how much it says: of runs, all counted alike, and as published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from ariadne.errors import RunError
from ariadne.llm.call_log import Call, Usage
from ariadne.runs.record import Run
from ariadne.tokens import count


@dataclass(frozen=True)
class PerStep:
    """Of a run, or of one part of its thinking: calls, tokens of prompts and of replies, seconds and dollars, each for
    one decision; None where they are not known."""

    name: str
    protocol: str
    part: str
    steps: int
    calls: float
    prompt_tokens: float
    completion_tokens: float
    seconds: float | None
    cost: float | None


PUBLISHED = PerStep("published: GPT-4", "paper", "", 0, 6, 6000, 500, None, None)
"""What the paper says of its own agent."""


def per_step(folder: Path) -> list[PerStep]:
    """Of a run, then of each part of its thinking, all counted by `tokens.count`, whatever its server counted. Raises
    RunError where it asked no model."""
    with Run.open(folder) as run:
        thinking, steps = run.record.settings.model_settings, sum(bool(step.decision.commands) for step in run.steps)
        calls = list(chain.from_iterable(run.calls.values()))
    if thinking is None or not steps:
        what = "no language model was asked" if thinking is None else "nothing was decided"
        raise RunError(f"{folder}: {what} in this run")
    parts = defaultdict[str, list[Call]](list)
    for call in calls:
        parts[call.shape].append(call)
    return [_of(folder, thinking.protocol, part, some, steps) for part, some in [("", calls), *parts.items()]]


def _of(folder: Path, protocol: str, part: str, calls: Sequence[Call], steps: int) -> PerStep:
    asked = sum(count(message["content"]) for call in calls for message in call.messages)
    said = sum(count(call.completion.text) for call in calls)
    seconds, cost = sum(call.completion.seconds for call in calls), Usage.of(calls).cost
    return PerStep(
        folder.resolve().name, protocol, part, steps,
        calls=round(len(calls) / steps, 2),
        prompt_tokens=round(asked / steps, 2),
        completion_tokens=round(said / steps, 2),
        seconds=round(seconds / steps, 3),
        cost=None if cost is None else round(cost / steps, 6),
    )  # fmt: skip
