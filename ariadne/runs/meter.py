"""The outcome of a run, measured in a session: time, last step and model calls, added to those of earlier sessions."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ariadne import assembly
from ariadne.envs.wrappers import Timed
from ariadne.llm.call_log import CallLog
from ariadne.protocols import Environment
from ariadne.runs.record import Outcome
from ariadne.runs.recorder import Recording
from ariadne.values import Step


class SessionMeter:
    """Measures a session that starts now; play the game through its `environment`."""

    def __init__(self, run: Recording, game: Environment, calls: CallLog | None = None) -> None:
        self._run, self._calls, self._before = run, calls, run.record.outcome or Outcome()
        self.environment = Timed(game)
        self._last = run.past[-1] if run.past else None
        self._started = self._playing_since = time.perf_counter()
        self._game_seconds_before = 0.0
        self._is_replaying = bool(run.past)

    def end_replay(self) -> None:
        """Start to measure the agent's time, without the replay of the recorded steps."""
        if self._is_replaying:
            self._playing_since, self._game_seconds_before = time.perf_counter(), self.environment.seconds
        self._is_replaying = False

    def after_step(self, step: Step) -> None:
        """Note a new step."""
        self._last = step

    def outcome(self) -> Outcome:
        """Return the outcome of the run until now, over all its sessions."""
        if self._is_replaying:
            return _outcome_of_past(self._run.past, self._before)
        changes: dict[str, object] = {"seconds": round(time.perf_counter() - self._started + self._before.seconds, 3)}
        if (last := self._last) is not None:
            seen, steps = last.observation, last.number if last.decision.commands else last.number - 1
            changes |= {
                "score": seen.score, "max_score": seen.max_score, "won": seen.won, "steps": steps,
                "commands": self.environment.commands, "agent_ms_per_decision": self._agent_ms_per_decision(steps),
            }  # fmt: skip
        return Outcome().model_copy(update=changes | self._usage())

    def _agent_ms_per_decision(self, steps: int) -> float | None:
        """Return the agent's time per decision over all sessions whose time is known; None without a mind of ours."""
        if self._run.record.settings.mind not in assembly.MINDS:
            return None
        in_game = self.environment.seconds - self._game_seconds_before
        ms, made = 1000 * (time.perf_counter() - self._playing_since - in_game), max(steps - len(self._run.past), 0)
        if self._before.agent_ms_per_decision is not None:
            made, ms = made + self._before.steps, ms + self._before.agent_ms_per_decision * self._before.steps
        return round(ms / made, 1) if made else None

    def _usage(self) -> dict[str, object]:
        """Return the fields of the outcome for the model calls."""
        if self._calls is None:
            return {}
        usage = self._calls.usage
        return {
            "model_calls": usage.calls, "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens, "tokens_estimated": usage.estimated, "cost": usage.cost,
        }  # fmt: skip


def _outcome_of_past(past: Sequence[Step], before: Outcome) -> Outcome:
    """Return the outcome of the recorded steps, if the session that made them could not record it itself."""
    if before.steps >= (steps := sum(bool(step.decision.commands) for step in past)):
        return before
    seen, commands = past[-1].observation, sum(len(step.observation.commands) for step in past)
    changes = {"score": seen.score, "max_score": seen.max_score, "won": seen.won, "steps": steps, "commands": commands}
    return before.model_copy(update=changes)
