"""One session of a run: put the parts together, replay the recorded steps, play on, and record how it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ariadne import assembly
from ariadne.errors import AriadneError, BudgetExceeded, GameError, Interrupted, ReplyError, RunError
from ariadne.llm.call_log import Call, CallListener, CallLog
from ariadne.llm.chat import Chat, ChatModel
from ariadne.llm.settings import ModelSettings
from ariadne.loop import begin, play_from
from ariadne.memory import AriGraph
from ariadne.protocols import CachingExtractor, Environment, Extractor, Memory, Mind, Model
from ariadne.runs.meter import SessionMeter
from ariadne.runs.record import CALLS, Outcome, RunRecord, checksum, read_record
from ariadne.runs.recorder import Recording, fresh_folder
from ariadne.runs.replay import RecordedExtractor, replay_past
from ariadne.runs.settings import RunSettings, check_settings
from ariadne.values import Step

StepListener = Callable[[RunRecord, Step], None]
"""Is called after each new step, with the record of the run."""


@dataclass(frozen=True)
class ModelAccess:
    """The access to a run's language model; the run does not store it.

    `recorded_calls` are calls of another run that answer the same requests first. `before_call` is called before each
    request to `chat`.
    """

    chat: Chat | None = None
    recorded_calls: Sequence[Call] = ()
    before_call: CallListener = lambda *_: None


NO_MODEL = ModelAccess()


def ignore_steps(record: RunRecord, step: Step) -> None:
    """Do nothing: the StepListener of callers that need none."""


def play_game(
    settings: RunSettings, listener: StepListener = ignore_steps, *, folder: Path | None = None,
    access: ModelAccess = NO_MODEL,
) -> Recording:  # fmt: skip
    """Play a game to its end and record the run in a new folder, by default one in runs/.

    Nothing is written before the game is opened. Any error after that is recorded in the run before it is raised.

    Raises:
        InvalidInput: A setting is invalid.
        GameError: The game cannot be opened.
        RunError: The folder exists or cannot be written.
        MemoryFileError: The memory file cannot be written.
        ModelError: The language model is unavailable or refuses.
        ReplyError: A reply of the language model cannot be read.
        BudgetExceeded: The run reached a limit of its model settings.
        Interrupted: The user pressed Ctrl-C.
    """
    check_settings(settings)
    with settings.open_game() as game:
        game.reset(settings.seed)
        goal = game.objective if settings.goal is None else settings.goal
        folder = folder or fresh_folder(settings.game.stem)
        run = Recording.create(folder, settings, goal=goal, game_sha256=checksum(settings.game))
        return _play(run, game, listener, access)


def resume_game(
    folder: Path, listener: StepListener = ignore_steps, *, game: Path | None = None, steps: int | None = None,
    model_settings: ModelSettings | None = None, access: ModelAccess = NO_MODEL,
) -> Recording:  # fmt: skip
    """Continue an unfinished run and play it to its end.

    The recorded commands are repeated first: each response of the game and each update of the memory must equal the
    record. Recorded replies of a language model for an unfinished step are used again if they can be read.

    Args:
        folder: The folder of the run.
        listener: Is called after each new step.
        game: The file of the game, if it has moved.
        steps: A new limit of decisions.
        model_settings: New settings for the language model.
        access: The access to the language model.

    Raises:
        RunError: The run is complete, another process plays it, or game or memory differ from the record. Other
            errors are those of `play_game`.
    """
    before = read_record(folder)
    settings = before.settings
    file = game or settings.game
    if not file.exists() and game is None:
        raise GameError(
            f"{file}: the game does not exist; if it has moved, give its new file as GAME (Python: game=...)"
        )
    if settings.mind not in (*assembly.MINDS, assembly.HUMAN):
        minds = ", ".join(assembly.MINDS)
        raise RunError(f"{folder}: a run of the mind {settings.mind!r} cannot be continued; only one of {minds} can")
    with settings.open_game(file) as environment:
        if checksum(file) != before.game_sha256:
            raise RunError(f"{folder}: {file} is not the game of this run")
        run = Recording.resume(folder, steps, model_settings)
        return _play(run, environment, listener, access, before)


def _play(
    run: Recording, game: Environment, listener: StepListener, access: ModelAccess, before: RunRecord | None = None
) -> Recording:
    """Play a run to its end with the mind of its settings; `before` is the record of a run that continues."""
    settings = run.record.settings
    if settings.model_settings is None:
        parts = Parts(assembly.mind(settings.mind), lambda: open_memory(run, assembly.EXTRACTOR))
        return record_play(run, game, parts, listener)
    with closing(_call_log(run, settings.model_settings, access, before)) as calls:
        model = ChatModel(calls)
        extractor = assembly.extractor(settings.model_settings, model)
        mind = assembly.llm_mind(settings.model_settings, model)
        parts = Parts(mind, lambda: open_memory(run, extractor, model), extractor, calls)
        return record_play(run, game, parts, listener)


def _call_log(run: Recording, settings: ModelSettings, access: ModelAccess, before: RunRecord | None) -> CallLog:
    """Open the log of model calls; a damaged log ends the run as failed, with its earlier error if it has one."""
    try:
        return CallLog(
            run.folder / CALLS, access.chat, first_step=len(run.past) + 1,
            retry_last=before is not None and before.error_type == ReplyError.__name__,
            recorded_calls=access.recorded_calls, model=settings.model, prices=settings.prices, limits=settings.limits,
            before_call=access.before_call,
        )  # fmt: skip
    except RunError as error:
        outcome = run.record.outcome or Outcome()
        if before is not None and before.error_type:
            run.close("failed", outcome, before.error, before.error_type)
        else:
            _close_failed(run, outcome, error)
        raise


def open_memory(run: Recording, extractor: Extractor, model: Model | None = None) -> Memory:
    """Open the memory of a run; it takes the readings of past steps from the record.

    A memory file that knows more than the past steps is set aside, and an empty one takes its place.
    """
    settings, path = run.record.settings, run.memory_path
    reader = RecordedExtractor(run.past, extractor) if run.past else extractor

    def opened() -> Memory:
        return assembly.memory(settings.memory, path, reader, settings.model_settings, model)

    memory = opened()
    if isinstance(memory, AriGraph) and not _matches_past(memory, run):
        memory.close()
        run.set_memory_aside()
        return opened()
    return memory


def _matches_past(memory: AriGraph, run: Recording) -> bool:
    """Return whether a memory has goal, hint and past steps at most, and the observation after the last of these."""
    times = [episode.at for episode in memory.episodes()[run.record.episodes_before_steps :]]
    return times == list(range(1, len(times) + 1)) and len(times) <= len(run.past) + 1


@dataclass(frozen=True)
class Parts:
    """The parts that play a run; `open_memory` is called once the session can record an error of it."""

    mind: Mind
    open_memory: Callable[[], Memory]
    extractor: Extractor = assembly.EXTRACTOR
    calls: CallLog | None = None

    def note_reading(self, step: Step) -> None:
        """Give an extractor that reads no text twice a reading that it may not have made itself."""
        if isinstance(self.extractor, CachingExtractor):
            self.extractor.note_reading(step.observation.transcript, step.update.reading)

    def assign_calls(self, step: Step) -> None:
        """Assign the following model calls to the step after `step`."""
        if self.calls is not None:
            self.calls.step = step.number + 1


def record_play(run: Recording, game: Environment, parts: Parts, listener: StepListener) -> Recording:
    """Replay the recorded steps of a run, play it to its end, and record how the session ends."""
    settings, meter = run.record.settings, SessionMeter(run, game, parts.calls)
    with _recorded_end(run, meter), closing(parts.open_memory()) as memory:
        situation = begin(memory, meter.environment.reset(settings.seed), goal=run.record.goal, hint=settings.full_hint)
        start = replay_past(run.past, meter.environment, memory, situation, steps=settings.steps, moves=settings.moves)
        for step in run.past:
            parts.note_reading(step)
        meter.end_replay()
        if start is not None:
            recorder = LiveRecorder(
                run, meter.after_step, parts.note_reading, parts.assign_calls, lambda step: listener(run.record, step)
            )
            play_from(
                start, meter.environment, memory, parts.mind, recorder, steps=settings.steps, context=settings.context,
                moves=settings.moves,
            )  # fmt: skip
    return run


class LiveRecorder:
    """A Recorder that writes each step to the run and then calls its listeners in their order."""

    def __init__(self, run: Recording, *listeners: Callable[[Step], None]) -> None:
        self._run, self._listeners = run, listeners

    def append(self, step: Step) -> None:
        """Write a step, then call the listeners."""
        self._run.append(step)
        for listener in self._listeners:
            listener(step)


@contextmanager
def _recorded_end(run: Recording, meter: SessionMeter) -> Iterator[None]:
    """Record in run.json how the block ends, and the run's folder in an error of this package."""
    try:
        yield
    except KeyboardInterrupt as error:
        run.close("interrupted", meter.outcome())
        interrupted = Interrupted(f"interrupted; the run is kept in {run.folder}")
        interrupted.run_folder = run.folder
        raise interrupted from error
    except SystemExit:  # the reader of the output has closed it
        run.close("interrupted", meter.outcome())
        raise
    except Exception as error:  # a bug too: the run records how it ended
        if isinstance(error, AriadneError):
            error.run_folder = run.folder
        if isinstance(error, BudgetExceeded):
            run.close("interrupted", meter.outcome())
        else:
            _close_failed(run, meter.outcome(), error)
        raise
    run.close("finished", meter.outcome())


def _close_failed(run: Recording, outcome: Outcome, error: Exception) -> None:
    run.close("failed", outcome, str(error), type(error).__name__)
