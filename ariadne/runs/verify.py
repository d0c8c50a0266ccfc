"""A saved run checked against its real game."""

from __future__ import annotations

from pathlib import Path

from ariadne.errors import GameError, RunError
from ariadne.loop import carry_out
from ariadne.runs.record import Run, checksum
from ariadne.runs.replay import difference
from ariadne.values import Step


def verify(run: Run, game: Path | None = None) -> str | None:
    """Repeat the commands of a run in its game, and return the first difference from the record; None if it is true.

    Args:
        run: The run.
        game: The file of the game, if it has moved.

    Raises:
        GameError: The game cannot be played.
    """
    try:
        steps = list(run.steps)
    except RunError as error:
        return str(error)
    if not steps:
        return str(no_steps(run))
    if run.lacks_its_end:
        return (
            f"{run.folder}: step {len(steps) + 1} is missing: the run is finished, but step {len(steps)} is not its end"
        )
    file = game or run.record.settings.game
    if not file.exists():
        raise GameError(
            f"{file}: the game does not exist; if it has moved, give its new file with --game (Python: game=...)"
        )
    if checksum(file) != run.record.game_sha256:
        return f"{file}: not the game of this run"
    if problem := _first_difference(run, file, steps):
        return problem
    outcome, score = run.record.outcome, steps[-1].observation.score
    if outcome is not None and run.record.state != "running" and outcome.score != score:
        return f"{run.folder}: run.json has {outcome.score} points, but the last step has {score}"
    return None


def no_steps(run: Run) -> RunError:
    """Return the error about a run without steps; it names how to continue an unfinished one."""
    remedy = "" if run.record.state == "finished" else f"; continue with: ariadne play --resume {run.folder}"
    return RunError(f"{run.folder} has no steps{' yet' if remedy else ''}{remedy}")


def _first_difference(run: Run, game: Path, steps: list[Step]) -> str | None:
    """Play the commands of all steps, and return the first observation that differs."""
    settings = run.record.settings
    with settings.open_game(game) as environment:
        observation = environment.reset(settings.seed)
        for step in steps:
            if change := difference(step.observation, observation):
                return f"step {step.number}: {change}"
            if step.decision.commands and step.number < len(steps):
                if observation.terminated or observation.truncated:
                    return f"step {step.number}: the game is over, but the record continues"
                observation = carry_out(environment, step.decision)
    return None
