"""A game's next trial is told what came of those before: runs opened, reflected on, the model's call kept with them."""

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
    """On finished trials of one game, in their order: what its next one is to be told.

    Where a language model thinks, it reflects on the last one, with its notes on those before, within the limits and by
    the prices of `model_settings`, or else of that trial; where not, it is what all of them found out, whatever memory
    they had. Raises RunError for what is no run, and what a call to the model
    raises.
    """
    with Run.open(trials[-1]) as last:
        how, goal = last.record.settings.model_settings, last.record.goal
        if how is None:
            return reflection_by_rules([_as_read_into_a_graph(trial) for trial in trials], goal=goal)
        return _thought_of(last.folder, last.record, last.steps[:], model_settings or how, access)


def _as_read_into_a_graph(trial: Path) -> list[Step]:
    """Its steps with what a graph learns of them: a memory that keeps no facts learns none, and draws no map."""
    with Run.open(trial) as run, assembly.graph() as memory:
        return run.rerun_with_memory(memory)


def spent_on_reflection(run: Run) -> Usage:
    """What the model's call cost, where it reflected on a run; it is no part of the run's outcome."""
    return Usage.of(call for call in run.calls.get(len(run.steps), ()) if call.shape == Reflection.__name__)


def _is_unread(folder: Path) -> bool:
    """Whether the last reply that a trial has on record is a reflection that cannot be read."""
    calls = read_calls(folder / CALLS)
    if not calls or calls[-1].shape != Reflection.__name__:
        return False
    last = calls[-1].completion
    try:
        read(last.text, Reflection, cut_off=last.cut_off)
    except ReplyError:
        return True
    return False


def _thought_of(folder: Path, record: RunRecord, steps: Sequence[Step], how: ModelSettings, access: ModelAccess) -> str:
    """By a call that is kept with the trial's own, as one of the step that closed it; once made it is not made again,
    unless it could not be read. A reply that cannot be read and is to be skipped leaves the notes as they were."""
    settings = record.settings
    calls = CallLog(
        folder / CALLS, access.chat, first_step=len(steps), retry_last=_is_unread(folder),
        recorded_calls=access.recorded_calls, model=how.model, prices=how.prices, limits=how.limits,
        before_call=access.before_call,
    )  # fmt: skip
    with closing(calls):
        try:
            return reflection_by_model(
                steps, ChatModel(calls), goal=record.goal, hint=settings.hint, notes=settings.reflection
            )
        except ReplyError:
            if not how.skips:
                raise
            return settings.reflection
