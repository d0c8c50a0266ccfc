"""A game played and recorded: what was asked for is checked, then the parts are put together, then the loop runs."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ariadne import parts
from ariadne.errors import Interrupted
from ariadne.loop import play
from ariadne.runs import Asked, Outcome, Run, fresh_folder
from ariadne.values import Step

CONTEXT = 1500
"""Tokens of recalled text that a decision may draw on, where the caller does not say how many."""
STEPS = 150
"""Decisions, where neither the task nor the caller says how many."""


@dataclass(frozen=True)
class Request:
    """What to play and how; None stands for what the task or the game itself says."""

    game: Path
    task: str = ""
    goal: str | None = None
    hint: str = ""
    mind: str = "rules"
    memory: str = "arigraph"
    steps: int = STEPS
    context: int = CONTEXT
    seed: int = 1
    valid_actions: bool = True
    run: Path | None = None


class Watched:
    """A Recorder that writes each step to the run, then shows it."""

    def __init__(self, run: Run, show: Callable[[Step], None]) -> None:
        self._run, self._show = run, show
        self.last: Step | None = None

    def append(self, step: Step) -> None:
        self._run.append(step)
        self.last = step
        self._show(step)


def play_game(request: Request, show: Callable[[Asked, Step], None]) -> Run:
    """Play a game to its end and record it; `show` is told of every step.

    Nothing is written before the game was opened. Raises GameError, RunError or MemoryFileError, and Interrupted for
    Ctrl-C; whatever goes wrong once the run has begun, the run is marked by it first.
    """
    from ariadne.envs.wrappers import Timed

    with parts.environment(request.game, valid_actions=request.valid_actions) as game:
        game.reset(request.seed)
        asked = _asked(request, game.objective)
        mind = parts.mind(request.mind)
        run = Run.create(request.run or fresh_folder(request.game.stem), asked)
        watched = Watched(run, lambda step: show(asked, step))
        environment, start = Timed(game), time.perf_counter()

        def outcome() -> Outcome:
            return _outcome(watched.last, environment.commands, time.perf_counter() - start, environment.seconds)

        try:
            with closing(parts.memory(request.memory, run.memory_path)) as memory:
                play(
                    environment, memory, mind, watched, goal=asked.goal, hint=asked.hint, steps=asked.steps,
                    context=asked.context, seed=asked.seed,
                )  # fmt: skip
        except KeyboardInterrupt as error:
            run.close("interrupted", outcome())
            raise Interrupted(f"interrupted; the run so far is in {run.folder}") from error
        except SystemExit:  # whoever read our output has gone
            run.close("interrupted", outcome())
            raise
        except Exception as error:  # a bug too: the run says how it ended
            run.close("failed", outcome(), f"{type(error).__name__}: {error}")
            raise
        run.close("finished", outcome())
        return run


def _asked(request: Request, objective: str) -> Asked:
    return Asked(
        game=str(request.game),
        game_sha256=hashlib.sha256(request.game.read_bytes()).hexdigest(),
        task=request.task,
        goal=objective if request.goal is None else request.goal,
        hint=request.hint,
        mind=request.mind,
        memory=request.memory,
        steps=request.steps,
        context=request.context,
        seed=request.seed,
        valid_actions=request.valid_actions,
    )


def _outcome(last: Step | None, commands: int, seconds: float, in_game: float) -> Outcome:
    """What the last step shows; the step that closes a run is no decision."""
    if last is None:
        return Outcome(seconds=round(seconds, 3))
    steps = last.number if last.decision.commands else last.number - 1
    seen = last.observation
    return Outcome(
        score=seen.score,
        max_score=seen.max_score,
        won=seen.won,
        steps=steps,
        commands=commands,
        seconds=round(seconds, 3),
        agent_ms_per_decision=round(1000 * (seconds - in_game) / max(steps, 1), 1),
    )
