"""A game played and recorded: what was asked for is checked, then the parts are put together, then the loop runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ariadne import assembly
from ariadne.envs.wrappers import Timed
from ariadne.errors import BudgetSpent, GameError, Interrupted, ModelError, ReplyError, RunError
from ariadne.llm.call_log import Call, Calls, Watch
from ariadne.llm.chat import Chat, ChatModel
from ariadne.llm.settings import ModelSettings
from ariadne.loop import play
from ariadne.protocols import Environment, Memory, Mind, Model
from ariadne.runs.record import CALLS, Asked, Outcome, checksum, read_record
from ariadne.runs.recorder import Recording, fresh_folder
from ariadne.runs.replay import RecordedExtractor, RecordedMemory, RecordedMind, VerifyingRecorder
from ariadne.values import Step

CONTEXT = 1500
"""Tokens of recalled text that a decision may draw on, where the caller does not say how many."""
Show = Callable[[Asked, Step], None]
"""Is told of each step, with what was asked of the run."""
STEPS = 150
"""Decisions, where neither the task nor the caller says how many."""


@dataclass(frozen=True)
class Asking:
    """How a run's language model is asked; nothing of it is written in the run.

    `answers` are recorded calls that are given first, each to the request that it was made by; `watch` is told of each
    call that is made.
    """

    chat: Chat | None = None
    answers: Sequence[Call] = ()
    watch: Watch = lambda *_: None


NOBODY = Asking()
"""No language model."""


@dataclass(frozen=True)
class Request:
    """What to play and how; None stands for what the task or the game itself says. At most `steps` decisions and, where
    that is said, `moves` in the game. Where not `objective` the game does not say what is to be done; with `restarts`
    one that is lost begins anew. `reflection` is what former trials teach, told as `hint` is."""

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
    moves: int | None = None
    objective: bool = True
    restarts: bool = False
    reflection: str = ""
    run: Path | None = None
    thinking: ModelSettings | None = None
    asking: Asking = NOBODY


class LiveRecorder:
    """A Recorder that writes each step to the run, then shows it; calls that follow are for the next one."""

    def __init__(self, run: Recording, show: Callable[[Step], None], calls: Calls | None = None) -> None:
        self._run, self._show, self._calls = run, show, calls
        self.last: Step | None = run.past[-1] if run.past else None

    def append(self, step: Step) -> None:
        self._run.append(step)
        self.last = step
        if self._calls is not None:
            self._calls.step = step.number + 1
        self._show(step)


def play_game(request: Request, show: Show) -> Recording:
    """Play a game to its end and record it; `show` is told of every step.

    Nothing is written before the game was opened. Raises GameError, RunError or MemoryFileError, for a language model
    ModelError, ReplyError or BudgetSpent, and Interrupted for Ctrl-C; whatever goes wrong once the run has begun, the
    run is marked by it first.
    """
    with assembly.environment_of(request.game, request) as game:
        game.reset(request.seed)
        asked = asked_of(request, game.objective)
        return _sitting(
            Recording.create(request.run or fresh_folder(request.game.stem), asked), game, show, request.asking
        )


def resume_game(
    folder: Path, show: Show, *, game: Path | None = None, steps: int | None = None,
    thinking: ModelSettings | None = None, asking: Asking = NOBODY,
) -> Recording:  # fmt: skip
    """Take a run up where it was left, and play on to its end; `steps` are the most decisions, and `thinking` is how a
    model thinks, where that changes.

    The recorded moves are made again first: every answer of the game, and all that the memory learns, must be as it is
    recorded.
    What a language model said for a step that was not finished is taken from the record, where it could be read.
    `game` is where the game lies now. Raises as `play_game` does; RunError too where the run is at its end, where
    another process plays it, or where an answer is another.
    """
    before = read_record(folder)
    asked = before.asked
    file = game or Path(asked.game)
    if not file.exists() and game is None:
        raise GameError(f"{file}: not there; say where the game lies now: ariadne play GAME --resume {folder}")
    if asked.mind not in (*assembly.MINDS, assembly.HUMAN):
        raise RunError(f"{folder}: its mind ({asked.mind}) cannot go on; there are {', '.join(assembly.MINDS)}")
    with assembly.environment_of(file, asked) as environment:
        if checksum(file) != asked.game_sha256:
            raise RunError(f"{folder}: a run of another game than {file} is now")
        run = Recording.resume(folder, steps, thinking)
        return _sitting(run, environment, show, asking, why=before.error or "")


def _sitting(run: Recording, game: Environment, show: Show, asking: Asking, *, why: str = "") -> Recording:
    """The run, played to its end by the mind that was asked for; `why` it failed before, where it did."""
    asked, outcome = run.record.asked, run.record.outcome or Outcome()
    how = asked.thinking
    if how is None:
        return played(run, game, assembly.mind(asked.mind), show)
    try:
        calls = Calls(
            run.folder / CALLS, asking.chat, begun=len(run.past) + 1, unreadable=why.startswith(ReplyError.__name__),
            answers=asking.answers, model=how.model, prices=how.prices, limits=how.limits, watch=asking.watch,
        )  # fmt: skip
    except RunError as error:
        run.close("failed", outcome, why or f"{type(error).__name__}: {error}")
        raise
    with closing(calls):
        model = ChatModel(calls)
        return played(run, game, assembly.llm_mind(how, model), show, partial(remembering, model=model), calls)


def remembering(run: Recording, model: Model | None = None) -> Memory:
    """The memory of a run that is written, which reads and recalls of its past steps what is recorded. A file that
    knows more than these, or other things, is set aside, and a new one is told of them."""
    asked = run.record.asked
    how = asked.thinking
    reader = RecordedExtractor(run.past, assembly.extractor(how, model))
    own = assembly.memory(asked.memory, run.memory_path, reader, how, model)
    if isinstance(own, assembly.Graph) and not _is_of_the_past(own, asked, len(run.past)):
        own.close()
        run.set_memory_aside()
        own = assembly.memory(asked.memory, run.memory_path, reader)
    return RecordedMemory(run.past, own, reader.heard)


def _is_of_the_past(memory: assembly.Graph, asked: Asked, past: int) -> bool:
    """Whether a memory was told of goal, hint and the past steps at most, and of what came of the last of these."""
    before_steps = sum(map(bool, (asked.goal, asked.hints)))
    episodes = memory.episodes()
    times = [episode.at for episode in episodes[before_steps:]]
    return times == list(range(1, len(times) + 1)) and len(times) <= past + 1


def played(
    run: Recording, game: Environment, mind: Mind, show: Show,
    memory_of: Callable[[Recording], Memory] = remembering, calls: Calls | None = None,
) -> Recording:  # fmt: skip
    """The run, played to its end; whatever goes wrong on the way, it is marked by it first."""
    asked, before = run.record.asked, run.record.outcome
    watched = LiveRecorder(run, lambda step: show(asked, step), calls)
    environment, clock = Timed(game), _Clock(passed=not run.past)

    def outcome() -> Outcome:
        if not clock.passed:  # stopped while the past was gone through
            return _as_recorded(run.past, before or Outcome())
        ms = clock.agent_ms(environment) if asked.mind in assembly.MINDS else None
        done = _outcome(watched.last, len(run.past), environment.commands, clock.seconds, ms, before)
        return done if calls is None else done.model_copy(update=_cost(calls))

    try:
        with closing(memory_of(run)) as memory:
            play(
                environment, memory, RecordedMind(run.past, mind),
                VerifyingRecorder(run.past, watched, lambda: clock.restart(environment)), goal=asked.goal,
                hint=asked.hints, steps=asked.steps, context=asked.context, seed=asked.seed,
            )  # fmt: skip
    except KeyboardInterrupt as error:
        run.close("interrupted", outcome())
        raise Interrupted(f"interrupted; {_go_on(run, calls)}") from error
    except BudgetSpent as error:
        run.close("interrupted", outcome())
        error.args = (f"{error}; {_go_on(run, calls)} and a higher limit",)
        raise
    except (ModelError, ReplyError) as error:
        run.close("failed", outcome(), f"{type(error).__name__}: {error}")
        asked_at = f"all that was said: ariadne replay {run.folder} --at {calls.step} --calls; " if calls else ""
        said = asked_at if isinstance(error, ReplyError) else ""
        error.args = (f"{error}; {said}the run is kept, {_go_on(run, calls)}",)
        raise
    except SystemExit:  # whoever read our output has gone
        run.close("interrupted", outcome())
        raise
    except Exception as error:  # a bug too: the run says how it ended
        run.close("failed", outcome(), f"{type(error).__name__}: {error}")
        raise
    run.close("finished", outcome())
    return run


def asked_of(request: Request, objective: str) -> Asked:
    """What a request asks of a run of a game with this objective."""
    return Asked(
        game=str(request.game),
        game_sha256=checksum(request.game),
        task=request.task,
        goal=objective if request.goal is None else request.goal,
        hint=request.hint,
        mind=request.mind,
        memory=request.memory,
        steps=request.steps,
        context=request.context,
        seed=request.seed,
        valid_actions=request.valid_actions,
        moves=request.moves,
        objective=request.objective,
        restarts=request.restarts,
        reflection=request.reflection,
        thinking=request.thinking,
    )


def _go_on(run: Recording, calls: Calls | None) -> str:
    """What was spent, if a model was asked, and how to go on."""
    spent = f"so far {calls.spent}; " if calls and calls.made else ""
    return f"{spent}go on with: ariadne play --resume {run.folder}"


def _cost(calls: Calls) -> dict[str, object]:
    """What a run's outcome says of its calls to a model."""
    spent = calls.spent
    return {
        "model_calls": spent.calls, "prompt_tokens": spent.prompt_tokens, "completion_tokens": spent.completion_tokens,
        "tokens_estimated": spent.estimated, "cost": spent.cost,
    }  # fmt: skip


class _Clock:
    """How long a sitting takes, and how long the agent thinks in it, beside the game and what is gone through again."""

    def __init__(self, *, passed: bool) -> None:
        self._start = self._fresh = time.perf_counter()
        self._in_game = 0.0
        self.passed = passed

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._start

    def restart(self, game: Timed) -> None:
        """The past was gone through: from here on it thinks."""
        self._fresh, self._in_game, self.passed = time.perf_counter(), game.seconds, True

    def agent_ms(self, game: Timed) -> float:
        return 1000 * (time.perf_counter() - self._fresh - (game.seconds - self._in_game))


def _as_recorded(past: Sequence[Step], before: Outcome) -> Outcome:
    """What these steps show, where a sitting after the one that `before` is of did not come to say so."""
    if before.steps >= (steps := sum(bool(step.decision.commands) for step in past)):
        return before
    seen, commands = past[-1].observation, sum(len(step.observation.commands) for step in past)
    shown = {"score": seen.score, "max_score": seen.max_score, "won": seen.won, "steps": steps, "commands": commands}
    return before.model_copy(update=shown)


def _outcome(
    last: Step | None, past: int, commands: int, seconds: float, agent_ms: float | None, before: Outcome | None
) -> Outcome:
    """What the last step shows; the step that closes a run is no decision. Times are those of this sitting and, where
    they are known, of those before."""
    spent = round(seconds + (before.seconds if before else 0), 3)
    if last is None:
        return Outcome(seconds=spent)
    steps = last.number if last.decision.commands else last.number - 1
    seen, made = last.observation, max(steps - past, 0)
    if agent_ms is not None and before is not None and before.agent_ms_per_decision is not None:
        made, agent_ms = made + before.steps, agent_ms + before.agent_ms_per_decision * before.steps
    return Outcome(
        score=seen.score,
        max_score=seen.max_score,
        won=seen.won,
        steps=steps,
        commands=commands,
        seconds=spent,
        agent_ms_per_decision=None if agent_ms is None or not made else round(agent_ms / made, 1),
    )
