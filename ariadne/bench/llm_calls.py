"""Counts model calls and tokens a decision: of runs, all counted in the same way, and as published."""

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
class PerDecision:
    """Calls, tokens, seconds and dollars a decision, of a run or of one kind of call; None for an unknown figure."""

    name: str
    protocol: str
    part: str
    steps: int
    calls: float
    prompt_tokens: float
    completion_tokens: float
    seconds: float | None
    cost: float | None


PUBLISHED = PerDecision("published: GPT-4", "paper", "", 0, 6, 6000, 500, None, None)
"""The paper's figures of its own agent."""


def per_decision(folder: Path) -> list[PerDecision]:
    """Return the figures of a run, then of each kind of call. Tokens are counted by `tokens.count`.

    Raises:
        RunError: The run has no language model, or no decision.
    """
    with Run.open(folder) as run:
        settings = run.record.settings.model_settings
        steps = sum(bool(step.decision.commands) for step in run.steps)
        calls = list(chain.from_iterable(run.calls.values()))
    if settings is None or not steps:
        raise RunError(f"{folder}: this run has no {'language model' if settings is None else 'decision'}")
    parts = defaultdict[str, list[Call]](list)
    for call in calls:
        parts[call.shape].append(call)
    return [_figures(folder, settings.protocol, part, group, steps) for part, group in [("", calls), *parts.items()]]


def _figures(folder: Path, protocol: str, part: str, calls: Sequence[Call], steps: int) -> PerDecision:
    prompt = sum(count(message["content"]) for call in calls for message in call.messages)
    completion = sum(count(call.completion.text) for call in calls)
    seconds, cost = sum(call.completion.seconds for call in calls), Usage.of(calls).cost
    return PerDecision(
        folder.resolve().name, protocol, part, steps,
        calls=round(len(calls) / steps, 2),
        prompt_tokens=round(prompt / steps, 2),
        completion_tokens=round(completion / steps, 2),
        seconds=round(seconds / steps, 3),
        cost=None if cost is None else round(cost / steps, 6),
    )  # fmt: skip
