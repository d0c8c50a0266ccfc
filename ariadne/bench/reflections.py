"""Reflects on finished trials of a game, for the next trial; a model's call is saved with the last trial."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from ariadne import assembly
from ariadne.errors import ReplyError
from ariadne.llm.call_log import CallLog, Usage, read_calls
from ariadne.llm.chat import ChatModel
from ariadne.llm.json_replies import read
from ariadne.llm.settings import ModelSettings
from ariadne.planners.reflection import Reflection, reflection_by_model, reflection_by_rules
from ariadne.runs.record import CALLS, Run, RunRecord
from ariadne.runs.session import ModelAccess
from ariadne.values import Step


def reflection_on(trials: Sequence[Path], access: ModelAccess, model_settings: ModelSettings | None = None) -> str:
    """Return a reflection on finished trials of one game, as a hint for the next trial.

    A language model reflects on the last trial, with its notes on the earlier ones. Rules collect what all trials
    found, whichever memory they had.

    Args:
        trials: The folders of the trials, in order.
        access: The access to the model.
        model_settings: The limits and prices of the model's call; None uses those of the last trial.

    Raises:
        RunError: A folder is not a run.
        ModelError: The model is unavailable. A call raises the other errors of `play_game` too.
    """
    with Run.open(trials[-1]) as last:
        own_settings, goal = last.record.settings.model_settings, last.record.goal
        if own_settings is None:
            return reflection_by_rules([_steps_with_graph(trial) for trial in trials], goal=goal)
        return _reflect_by_model(last.folder, last.record, last.steps[:], model_settings or own_settings, access)


def _steps_with_graph(trial: Path) -> list[Step]:
    """Return a trial's steps with the facts that a graph learns: other memories keep no facts and no map."""
    with Run.open(trial) as run, assembly.graph() as memory:
        return run.rerun_with_memory(memory)


def spent_on_reflection(run: Run) -> Usage:
    """Return the usage of a model's reflection on a run; the run's outcome does not include it."""
    return Usage.of(call for call in run.calls.get(len(run.steps), ()) if call.shape == Reflection.__name__)


def _is_unread(folder: Path) -> bool:
    """Return whether a trial's last recorded reply is a reflection that cannot be read."""
    calls = read_calls(folder / CALLS)
    if not calls or calls[-1].shape != Reflection.__name__:
        return False
    last = calls[-1].completion
    try:
        read(last.text, Reflection, cut_off=last.cut_off)
    except ReplyError:
        return True
    return False


def _reflect_by_model(
    folder: Path, record: RunRecord, steps: Sequence[Step], model: ModelSettings, access: ModelAccess
) -> str:
    """Return the model's reflection on a trial.

    The call is saved as one of the trial's last step. A saved call is used again, unless its reply cannot be read. A
    skipped reply leaves the notes unchanged.
    """
    settings = record.settings
    calls = CallLog(
        folder / CALLS, access.chat, first_step=len(steps), retry_last=_is_unread(folder),
        recorded_calls=access.recorded_calls, model=model.model, prices=model.prices, limits=model.limits,
        before_call=access.before_call,
    )  # fmt: skip
    with closing(calls):
        try:
            return reflection_by_model(
                steps, ChatModel(calls), goal=record.goal, hint=settings.hint, notes=settings.reflection
            )
        except ReplyError:
            if not model.skips:
                raise
            return settings.reflection
