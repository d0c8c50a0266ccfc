"""A saved run made again in its real game: is it as it was recorded, and if not, what is wrong, and where?"""

from __future__ import annotations

from pathlib import Path

from ariadne import assembly
from ariadne.errors import GameError, RunError
from ariadne.loop import walk
from ariadne.runs.record import Run, checksum
from ariadne.runs.replay import difference


def verify(run: Run, game: Path | None = None) -> str | None:
    """What is wrong with a run, first of all, and where; None where its moves, made again in the real game, draw the
    very answers that are recorded.

    `game` is where the game lies now. Raises GameError where it cannot be played.
    """
    asked, outcome = run.record.asked, run.record.outcome
    try:
        steps = list(run.steps)
    except RunError as error:
        return str(error)
    if not steps:
        return f"{run.folder}: no step was recorded"
    if run.lacks_its_end:
        return f"{run.folder}: step {len(steps) + 1} is missing: the run is finished, but not by step {len(steps)}"
    file = game or Path(asked.game)
    if not file.exists():
        raise GameError(f"{file}: not there; say where the game lies now: --game FILE")
    if checksum(file) != asked.game_sha256:
        return f"{file}: another game than the one that was played"
    with assembly.environment_of(file, asked) as environment:
        observation = environment.reset(asked.seed)
        for step in steps:
            if told := difference(step.observation, observation):
                return f"step {step.number}: {told}"
            if step.decision.commands and step.number < len(steps):
                if observation.terminated or observation.truncated:
                    return f"step {step.number}: the game is over, and the record goes on"
                observation = walk(environment, step.decision)
    if outcome is not None and run.record.state != "running" and outcome.score != steps[-1].observation.score:
        return f"{run.folder}: run.json tells of {outcome.score} points, the last step of {steps[-1].observation.score}"
    return None
