"""A suite played with every memory that is asked for: each run kept, and played once; here each in a process of its
own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from ariadne.endpoint import Endpoint
from ariadne.envs.suite import Game, Suite
from ariadne.errors import AriadneError, MissingExtra
from ariadne.reflecting import reflection_on, spent_on_reflection
from ariadne.runs import RECORD, Outcome, Run, held_after, read_record
from ariadne.session import CONTEXT, NOBODY, Asking, Request, play_game, resume_game
from ariadne.thinking import Thinking

CONFIDENCE = 0.95
_LAST = 300  # characters of what a process said last


class Item(BaseModel):
    """One run of a bench."""

    model_config = ConfigDict(frozen=True)

    game: Game
    seed: int
    memory: str = "arigraph"
    mind: str = "rules"
    context: int = CONTEXT
    thinking: Thinking | None = None
    trials: int = 1
    """So often its game is played at most, until it is won."""

    @property
    def name(self) -> str:
        """Of its folder, or of its first trial's."""
        return f"{self.game.name}-{self.seed}-{self.mind}-{self.memory}-{self.context}"

    @property
    def kind(self) -> tuple[str, str, str, int]:
        """What it is one seed of."""
        return self.game.name, self.mind, self.memory, self.context


def items(
    suite: Suite, *, seeds: Sequence[int], memories: Sequence[str], contexts: Sequence[int], mind: str = "rules",
    thinking: Thinking | None = None, games: Sequence[str] = (), trials: int = 1,
) -> list[Item]:  # fmt: skip
    """Every combination, game by game; of `games` only, where some are named."""
    if unknown := {*games} - {game.name for game in suite.games}:
        named = ", ".join(game.name for game in suite.games)
        raise AriadneError(f"no game {sorted(unknown)[0]!r} in this suite; there are {named}")
    return [
        Item(game=game, seed=seed, memory=memory, mind=mind, context=context, thinking=thinking, trials=trials)
        for game in suite.games if not games or game.name in games
        for memory in memories for context in contexts for seed in seeds
    ]  # fmt: skip


def play_item(item: Item, folder: Path) -> None:
    """Play a run in this process, or go on with it; nothing where it is finished. What is not won is played anew, up
    to its trials, with a reflection on those before. Raises as `play_game` and `reflection_on` do."""
    trials = _trials(item, folder)
    for number, trial in enumerate(trials):
        if not _is_finished(trial):
            _play(item, trial, trials[:number])
        if _is_won(trial):
            return


def _play(item: Item, folder: Path, before: Sequence[Path]) -> None:
    """Play a trial, or go on with it, after those before it."""
    game, asking = item.game.make(item.seed), _asking(item.thinking)
    if (folder / RECORD).exists():
        resume_game(folder, lambda *_: None, game=game, asking=asking)
        return
    how = item.game
    request = Request(
        game, mind=item.mind, memory=item.memory, steps=how.steps, context=item.context, seed=item.seed,
        valid_actions=how.valid_actions, moves=how.moves, objective=how.objective, restarts=how.restarts, run=folder,
        thinking=item.thinking, asking=asking, reflection=reflection_on(before, asking) if before else "",
    )  # fmt: skip
    play_game(request, lambda *_: None)


def _trials(item: Item, folder: Path) -> list[Path]:
    """The folders of all trials that there may be."""
    return [folder, *(folder.with_name(f"{folder.name}-trial-{nth}") for nth in range(2, item.trials + 1))]


def _played(item: Item, folder: Path) -> list[Path] | None:
    """The trials, where all that are wanted were played to their end: to the first that was won, or to the last."""
    trials = _trials(item, folder)
    for number, trial in enumerate(trials, 1):
        if not _is_finished(trial):
            return None
        if _is_won(trial):
            return trials[:number]
    return trials


@dataclass(frozen=True)
class Executor:
    """Where runs are played, so many at a time. What `submit` returns says what went wrong with a run, or raises it."""

    submit: Callable[[Item, Path], Future[str | None]]
    workers: int


@contextmanager
def in_processes(workers: int) -> Iterator[Executor]:
    """Each run in a process of its own, on this machine."""
    with ThreadPoolExecutor(workers) as pool:
        yield Executor(lambda item, folder: pool.submit(_in_a_process, item, folder), workers)


def play_all(
    wanted: Iterable[Item], folder: Path, *, executor: Executor, done: Callable[[Item, str | None], None]
) -> dict[Item, str]:
    """Play runs, each under `folder`, but those that are finished; what went wrong with which.

    `done` is told of each, with what went wrong with it, if anything did.
    """
    wrong, waiting = dict[Item, str](), deque[Item]()
    for item in wanted:
        if _played(item, folder / item.name):
            done(item, None)
        else:
            waiting.append(item)
    playing = dict[Future[str | None], Item]()
    while waiting or playing:
        while waiting and len(playing) < executor.workers:
            item = waiting.popleft()
            playing[executor.submit(item, folder / item.name)] = item
        for future in wait(playing, return_when=FIRST_COMPLETED).done:
            item, problem = playing.pop(future), _problem(future)
            if problem:
                wrong[item] = problem
            done(item, problem)
    return wrong


def _is_finished(folder: Path) -> bool:
    return (folder / RECORD).exists() and read_record(folder).state == "finished"


def _is_won(folder: Path) -> bool:
    outcome = read_record(folder).outcome
    return outcome is not None and outcome.won


def _problem(future: Future[str | None]) -> str | None:
    """What went wrong with a run, in one line, where something did."""
    error = future.exception()
    told = future.result() if error is None else str(error).strip() or type(error).__name__
    return told.splitlines()[-1][-_LAST:] if told else None


def _in_a_process(item: Item, folder: Path) -> str | None:
    """What a process that plays the run said of what went wrong, where something did."""
    command = [sys.executable, "-m", "ariadne.bench_suite", item.model_dump_json(), str(folder)]
    threads = {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**threads, **os.environ})
    if not done.returncode:
        return None
    return done.stderr.strip() or f"the process ended with {done.returncode}"


def _asking(how: Thinking | None) -> Asking:
    if how is None:
        return NOBODY
    return Asking(Endpoint(how.model, how.base_url, temperature=how.temperature, max_reply=how.max_reply))


@dataclass(frozen=True)
class Row:
    """What came of all seeds of a kind of run: means, and 95 % intervals of score (Student's t) and share won (Wilson).

    `score` is the highest that was had, of the most that a game gives; `seconds` are those of the agent a decision;
    `facts` those that hold at the end. `lost` are the seeds of games not won, `failed` those of runs without an end;
    `winnable` is the share of games that one who knows all of them can win within their moves, None where not known.
    Of a game that may be played in up to `trials` the best trial counts; what it took is of all that were `played`.
    """

    game: str
    mind: str
    memory: str
    context: int
    runs: int
    score: float
    score_interval: tuple[float, float]
    won: float
    won_interval: tuple[float, float]
    decisions: float
    moves: float
    tokens: float
    cost: float | None
    seconds: float
    facts: float
    rooms: int | None
    lost: tuple[int, ...]
    failed: tuple[int, ...]
    winnable: float | None = None
    trials: int = 1
    played: float = 1


@dataclass(frozen=True)
class _Came:
    """What came of a run, or of all its trials."""

    score: float
    won: bool
    decisions: int
    moves: int
    tokens: int
    cost: float | None
    seconds: float
    facts: int
    played: int = 1


def table(wanted: Iterable[Item], folder: Path) -> list[Row]:
    """A row for each kind of run. Raises MissingExtra without the extra [bench]."""
    kinds = defaultdict[tuple[str, str, str, int], list[Item]](list)
    for item in wanted:
        kinds[item.kind].append(item)
    return [_row(kind, some, folder) for kind, some in kinds.items()]


def _row(kind: tuple[str, str, str, int], some: Sequence[Item], folder: Path) -> Row:
    came = {item.seed: told for item in some if (told := _came(item, folder / item.name)) is not None}
    runs = list(came.values())
    costs = [run.cost for run in runs]
    return Row(
        *kind, len(runs),
        score=_mean(run.score for run in runs),
        score_interval=_of_mean([run.score for run in runs]),
        won=_mean(float(run.won) for run in runs),
        won_interval=_of_share(sum(run.won for run in runs), len(runs)),
        decisions=_mean(run.decisions for run in runs),
        moves=_mean(run.moves for run in runs),
        tokens=_mean(run.tokens for run in runs),
        cost=None if None in costs else _mean(cost for cost in costs if cost is not None),
        seconds=_mean(run.seconds for run in runs),
        facts=_mean(run.facts for run in runs),
        rooms=some[0].game.rooms,
        lost=tuple(seed for seed, run in came.items() if not run.won),
        failed=tuple(item.seed for item in some if item.seed not in came),
        winnable=_winnable(some[0].game, came),
        trials=some[0].trials,
        played=_mean(run.played for run in runs),
    )  # fmt: skip


def _winnable(game: Game, seeds: Iterable[int]) -> float | None:
    """The share of some seeds' games; None where there are none, or it is not known of one."""
    told = [game.winnable(seed) for seed in seeds]
    known = [can for can in told if can is not None]
    return _mean(map(float, known)) if known and len(known) == len(told) else None


def _came(item: Item, folder: Path) -> _Came | None:
    """Of all its trials, where there is nothing left to play."""
    trials = [_came_of(trial) for trial in _played(item, folder) or ()]
    if not trials:
        return None
    best, costs, decisions = max(trials, key=_worth), [one.cost for one in trials], sum(one.decisions for one in trials)
    return _Came(
        best.score, best.won, decisions, sum(one.moves for one in trials), sum(one.tokens for one in trials),
        None if None in costs else sum(cost for cost in costs if cost is not None),
        sum(one.seconds * one.decisions for one in trials) / max(decisions, 1), best.facts, len(trials),
    )  # fmt: skip


def _worth(came: _Came) -> tuple[bool, float]:
    return came.won, came.score


def _came_of(folder: Path) -> _Came:
    """Of one trial, and of the reflection on it."""
    with Run.open(folder) as run:
        outcome = run.record.outcome or Outcome()
        facts, best = 0, 0
        for step, held in held_after(run.steps):
            facts, best = len(held), max(best, step.observation.score)
        thought = spent_on_reflection(run)
        cost = None if outcome.cost is None or thought.cost is None else outcome.cost + thought.cost
        return _Came(
            best / (outcome.max_score or 1), outcome.won, outcome.steps, outcome.commands,
            outcome.prompt_tokens + outcome.completion_tokens + thought.tokens, cost,
            (outcome.agent_ms_per_decision or 0) / 1000, facts,
        )  # fmt: skip


def _mean(values: Iterable[float]) -> float:
    told = list(values)
    return sum(told) / len(told) if told else 0.0


def _of_mean(values: Sequence[float]) -> tuple[float, float]:
    """Of a mean score: Student's t, within what a score can be; the mean alone where there is one value, or all are
    the same."""
    from_ = _mean(values)
    if len(set(values)) < 2:
        return from_, from_
    stats = _stats()
    low, high = stats.t.interval(CONFIDENCE, len(values) - 1, loc=from_, scale=stats.sem(values))
    return max(0.0, float(low)), min(1.0, float(high))


def _of_share(won: int, runs: int) -> tuple[float, float]:
    """Of a share: Wilson's."""
    if not runs:
        return 0.0, 1.0
    found = _stats().binomtest(won, runs).proportion_ci(CONFIDENCE, method="wilson")
    return float(found.low), float(found.high)


def _stats() -> Any:
    try:
        from scipy import stats
    except ImportError as error:
        raise MissingExtra("intervals of a bench", "bench") from error
    return stats


def again(suite: str, row: Row) -> Iterator[str]:
    """The command that plays its lost and failed seeds again; nothing where there are none."""
    if seeds := sorted({*row.lost, *row.failed}):
        named = [*(f"--seed {seed}" for seed in seeds), *([f"--trials {row.trials}"] if row.trials > 1 else [])]
        yield f"ariadne bench {suite} --game {row.game} --memory {row.memory} --context {row.context} {' '.join(named)}"


if __name__ == "__main__":
    play_item(Item.model_validate_json(sys.argv[1]), Path(sys.argv[2]))
