"""Runs: play a game and record it, resume a run, read it, verify it."""

from ariadne.runs.record import Outcome, Run, RunRecord
from ariadne.runs.session import ModelAccess, StepListener, play_game, resume_game
from ariadne.runs.settings import RunSettings
from ariadne.runs.verify import verify

__all__ = [
    "ModelAccess",
    "Outcome",
    "Run",
    "RunRecord",
    "RunSettings",
    "StepListener",
    "play_game",
    "resume_game",
    "verify",
]
