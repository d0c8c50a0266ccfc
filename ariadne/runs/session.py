"""One session of a run: put the parts together, replay the recorded steps, play on, and record how it ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ariadne import assembly
from ariadne.envs.wrappers import Timed
from ariadne.errors import BudgetExceeded, GameError, Interrupted, ModelError, ReplyError, RunError
from ariadne.llm.call_log import Call, CallListener, CallLog
from ariadne.llm.chat import Chat, ChatModel
from ariadne.llm.settings import ModelSettings
from ariadne.loop import begin, play_from
from ariadne.protocols import CachingExtractor, Environment, Extractor, Memory, Mind, Model
from ariadne.runs.record import CALLS, Outcome, RunRecord, checksum, read_record
from ariadne.runs.recorder import Recording, fresh_folder
from ariadne.runs.replay import RecordedExtractor, replay_past
from ariadne.runs.settings import RunSettings
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
        GameError: The game cannot be opened.
        RunError: The folder exists or cannot be written.
        MemoryFileError: The memory file cannot be written.
        ModelError: The language model is unavailable or refuses.
        ReplyError: A reply of the language model cannot be read.
        BudgetExceeded: The run reached a limit of its model settings.
        Interrupted: The user pressed Ctrl-C.
    """
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
        raise GameError(f"{file}: the game does not exist; if it has moved: ariadne play GAME --resume {folder}")
    if settings.mind not in (*assembly.MINDS, assembly.HUMAN):
        minds = ", ".join(assembly.MINDS)
        raise RunError(f"{folder}: a run of the mind {settings.mind!r} cannot be continued; only one of {minds} can")
    with settings.open_game(file) as environment:
        if checksum(file) != before.game_sha256:
            raise RunError(f"{folder}: {file} is not the game of this run")
        run = Recording.resume(folder, steps, model_settings)
        return _play(run, environment, listener, access, error_before=before.error or "")


def _play(
    run: Recording, game: Environment, listener: StepListener, access: ModelAccess, error_before: str = ""
) -> Recording:
    """Play a run to its end with the mind of its settings; `error_before` ended its last session, if any did."""
    settings = run.record.settings
    if settings.model_settings is None:
        parts = Parts(assembly.mind(settings.mind), lambda: open_memory(run, assembly.EXTRACTOR))
        return record_play(run, game, parts, listener)
    with closing(_call_log(run, settings.model_settings, access, error_before)) as calls:
        model = ChatModel(calls)
        extractor = assembly.extractor(settings.model_settings, model)
        mind = assembly.llm_mind(settings.model_settings, model)
        parts = Parts(mind, lambda: open_memory(run, extractor, model), extractor, calls)
        return record_play(run, game, parts, listener)


def _call_log(run: Recording, settings: ModelSettings, access: ModelAccess, error_before: str) -> CallLog:
    """Open the log of model calls; a damaged log ends the run as failed."""
    try:
        return CallLog(
            run.folder / CALLS, access.chat, first_step=len(run.past) + 1,
            retry_last=error_before.startswith(ReplyError.__name__), recorded_calls=access.recorded_calls,
            model=settings.model, prices=settings.prices, limits=settings.limits, before_call=access.before_call,
        )  # fmt: skip
    except RunError as error:
        run.close("failed", run.record.outcome or Outcome(), error_before or f"{type(error).__name__}: {error}")
        raise


def open_memory(run: Recording, extractor: Extractor, model: Model | None = None) -> Memory:
    """Open the memory of a run; it takes the readings of past steps from the record.

    A memory file that knows more than the past steps is set aside, and an empty one takes its place.
    """
    settings, path = run.record.settings, run.memory_path
    reader = RecordedExtractor(run.past, extractor) if run.past else extractor
    memory = assembly.memory(settings.memory, path, reader, settings.model_settings, model)
    if isinstance(memory, assembly.Graph) and not _matches_past(memory, run):
        memory.close()
        run.set_memory_aside()
        memory = assembly.memory(settings.memory, path, reader)
    return memory


def _matches_past(memory: assembly.Graph, run: Recording) -> bool:
    """Return whether a memory has goal, hint and past steps at most, and the observation after the last of these."""
    before_steps = sum(map(bool, (run.record.goal, run.record.settings.full_hint)))
    times = [episode.at for episode in memory.episodes()[before_steps:]]
    return times == list(range(1, len(times) + 1)) and len(times) <= len(run.past) + 1


@dataclass(frozen=True)
class Parts:
    """The parts that play a run; `open_memory` is called once the session can record an error of it."""

    mind: Mind
    open_memory: Callable[[], Memory]
    extractor: Extractor = assembly.EXTRACTOR
    calls: CallLog | None = None


def record_play(run: Recording, game: Environment, parts: Parts, listener: StepListener) -> Recording:
    """Replay the recorded steps of a run, play it to its end, and record how the session ends."""
    settings, session = run.record.settings, _Session(run, game, parts)
    with session.recorded(), closing(parts.open_memory()) as memory:
        observation = session.environment.reset(settings.seed)
        situation = begin(memory, observation, goal=run.record.goal, hint=settings.full_hint)
        start = replay_past(run.past, session.environment, memory, situation, steps=settings.steps)
        session.past_is_replayed()
        if start is not None:
            recorder = LiveRecorder(run, session.after_step, lambda step: listener(run.record, step))
            play_from(
                start, session.environment, memory, parts.mind, recorder, steps=settings.steps, context=settings.context
            )
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


class _Session:
    """Time, last step and model calls of a session, from which the outcome follows."""

    def __init__(self, run: Recording, game: Environment, parts: Parts) -> None:
        self._run, self._parts, self._before = run, parts, run.record.outcome
        self.environment = Timed(game)
        self._last = run.past[-1] if run.past else None
        self._started = self._playing_since = time.perf_counter()
        self._game_seconds_before = 0.0
        self._is_replaying = bool(run.past)

    def past_is_replayed(self) -> None:
        """Start to measure the agent's time; the extractor learns the readings of the past steps."""
        for step in self._run.past:
            self._note_reading(step)
        if self._is_replaying:
            self._playing_since, self._game_seconds_before = time.perf_counter(), self.environment.seconds
        self._is_replaying = False

    def after_step(self, step: Step) -> None:
        """Assign the following model calls to the next step."""
        self._last = step
        self._note_reading(step)
        if self._parts.calls is not None:
            self._parts.calls.step = step.number + 1

    def _note_reading(self, step: Step) -> None:
        """Give an extractor that reads no text twice a reading that it may not have made itself."""
        if isinstance(self._parts.extractor, CachingExtractor):
            self._parts.extractor.note_reading(step.observation.transcript, step.update.reading)

    @contextmanager
    def recorded(self) -> Iterator[None]:
        """Record in run.json how the block ends, and add to an error how to continue the run."""
        run = self._run
        try:
            yield
        except KeyboardInterrupt as error:
            run.close("interrupted", self._outcome())
            raise Interrupted(f"interrupted; {self._how_to_continue()}") from error
        except BudgetExceeded as error:
            run.close("interrupted", self._outcome())
            error.args = (f"{error}; {self._how_to_continue()} and a higher limit",)
            raise
        except (ModelError, ReplyError) as error:
            run.close("failed", self._outcome(), f"{type(error).__name__}: {error}")
            error.args = (f"{error}; {self._where_reply_is(error)}the run is kept, {self._how_to_continue()}",)
            raise
        except SystemExit:  # the reader of the output has closed it
            run.close("interrupted", self._outcome())
            raise
        except Exception as error:  # a bug too: the run records how it ended
            run.close("failed", self._outcome(), f"{type(error).__name__}: {error}")
            raise
        run.close("finished", self._outcome())

    def _where_reply_is(self, error: Exception) -> str:
        calls = self._parts.calls
        if calls is None or not isinstance(error, ReplyError):
            return ""
        return f"show the whole reply with: ariadne replay {self._run.folder} --at {calls.step} --calls; "

    def _how_to_continue(self) -> str:
        calls = self._parts.calls
        usage = f"used so far: {calls.usage}; " if calls and calls.calls else ""
        return f"{usage}continue with: ariadne play --resume {self._run.folder}"

    def _outcome(self) -> Outcome:
        """Return the outcome of the run until now, over all its sessions."""
        if self._is_replaying:
            return _outcome_of_past(self._run.past, self._before or Outcome())
        before = self._before or Outcome()
        outcome = Outcome(seconds=round(time.perf_counter() - self._started + before.seconds, 3))
        if (last := self._last) is not None:
            seen, steps = last.observation, last.number if last.decision.commands else last.number - 1
            outcome = outcome.model_copy(
                update={
                    "score": seen.score, "max_score": seen.max_score, "won": seen.won, "steps": steps,
                    "commands": self.environment.commands, "agent_ms_per_decision": self._agent_ms_per_decision(steps),
                }
            )  # fmt: skip
        return outcome.model_copy(update=self._usage())

    def _agent_ms_per_decision(self, steps: int) -> float | None:
        """Return the agent's time per decision over all sessions whose time is known; None without a mind of ours."""
        if self._run.record.settings.mind not in assembly.MINDS:
            return None
        in_game = self.environment.seconds - self._game_seconds_before
        ms, made = 1000 * (time.perf_counter() - self._playing_since - in_game), max(steps - len(self._run.past), 0)
        if (before := self._before) is not None and before.agent_ms_per_decision is not None:
            made, ms = made + before.steps, ms + before.agent_ms_per_decision * before.steps
        return round(ms / made, 1) if made else None

    def _usage(self) -> dict[str, object]:
        """Return the fields of the outcome for the model calls."""
        if self._parts.calls is None:
            return {}
        usage = self._parts.calls.usage
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
