"""What a language model is asked a step, and how much it says: of runs, all counted alike, and as published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from ariadne.calls import Call
from ariadne.errors import RunError
from ariadne.memory.tokens import count
from ariadne.runs import Run


@dataclass(frozen=True)
class PerStep:
    """Of a run, or of one part of its thinking: calls, and tokens of prompts and of replies, each for one decision."""

    name: str
    protocol: str
    part: str
    steps: int
    calls: float
    prompt_tokens: float
    completion_tokens: float


PUBLISHED = PerStep("published: GPT-4", "paper", "", 0, 6, 6000, 500)
"""What the paper says of its own agent."""


def per_step(folder: Path) -> list[PerStep]:
    """Of a run, then of each part of its thinking, all counted by `tokens.count`, whatever its server counted. Raises
    RunError where it asked no model."""
    with Run.open(folder) as run:
        thinking, steps = run.record.asked.thinking, sum(bool(step.decision.commands) for step in run.steps)
        calls = list(chain.from_iterable(run.calls.values()))
    if thinking is None or not steps:
        raise RunError(f"{folder}: no language model decided in this run")
    parts = defaultdict[str, list[Call]](list)
    for call in calls:
        parts[call.shape].append(call)
    return [_of(folder, thinking.protocol, part, some, steps) for part, some in [("", calls), *parts.items()]]


def _of(folder: Path, protocol: str, part: str, calls: Sequence[Call], steps: int) -> PerStep:
    asked = sum(count(message["content"]) for call in calls for message in call.messages)
    said = sum(count(call.completion.text) for call in calls)
    each = [round(number / steps, 2) for number in (len(calls), asked, said)]
    return PerStep(folder.resolve().name, protocol, part, steps, *each)
