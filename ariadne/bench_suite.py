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
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from ariadne.endpoint import Endpoint
from ariadne.envs.suite import Game, Suite
from ariadne.errors import AriadneError, MissingExtra
from ariadne.runs import RECORD, Run, held_after, read_record
from ariadne.session import CONTEXT, NOBODY, Asking, Request, play_game, resume_game
from ariadne.thinking import Thinking

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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

    @property
    def name(self) -> str:
        """Of its folder."""
        return f"{self.game.name}-{self.seed}-{self.mind}-{self.memory}-{self.context}"

    @property
    def kind(self) -> tuple[str, str, str, int]:
        """What it is one seed of."""
        return self.game.name, self.mind, self.memory, self.context


def items(
    suite: Suite, *, seeds: Sequence[int], memories: Sequence[str], contexts: Sequence[int], mind: str = "rules",
    thinking: Thinking | None = None, games: Sequence[str] = (),
) -> list[Item]:  # fmt: skip
    """Every combination, game by game; of `games` only, where some are named."""
    if unknown := {*games} - {game.name for game in suite.games}:
        named = ", ".join(game.name for game in suite.games)
        raise AriadneError(f"no game {sorted(unknown)[0]!r} in this suite; there are {named}")
    return [
        Item(game=game, seed=seed, memory=memory, mind=mind, context=context, thinking=thinking)
        for game in suite.games if not games or game.name in games
        for memory in memories for context in contexts for seed in seeds
    ]  # fmt: skip


def play_item(item: Item, folder: Path) -> None:
    """Play a run in this process, or go on with it; nothing where it is finished. Raises as `play_game` does."""
    if _is_finished(folder):
        return
    game, asking = item.game.make(item.seed), _asking(item.thinking)
    if (folder / RECORD).exists():
        resume_game(folder, lambda *_: None, game=game, asking=asking)
        return
    how = item.game
    request = Request(
        game, mind=item.mind, memory=item.memory, steps=how.steps, context=item.context, seed=item.seed,
        valid_actions=how.valid_actions, moves=how.moves, objective=how.objective, restarts=how.restarts, run=folder,
        thinking=item.thinking, asking=asking,
    )  # fmt: skip
    play_game(request, lambda *_: None)


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
        if _is_finished(folder / item.name):
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
    `facts` those that hold at the end. `lost` are the seeds of games not won, `failed` those of runs without an end.
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


@dataclass(frozen=True)
class _Came:
    """What came of a run."""

    score: float
    won: bool
    decisions: int
    moves: int
    tokens: int
    cost: float | None
    seconds: float
    facts: int


def table(wanted: Iterable[Item], folder: Path) -> list[Row]:
    """A row for each kind of run. Raises MissingExtra without the extra [bench]."""
    kinds = defaultdict[tuple[str, str, str, int], list[Item]](list)
    for item in wanted:
        kinds[item.kind].append(item)
    return [_row(kind, some, folder) for kind, some in kinds.items()]


def _row(kind: tuple[str, str, str, int], some: Sequence[Item], folder: Path) -> Row:
    came = {item.seed: told for item in some if (told := _came(folder / item.name)) is not None}
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
    )  # fmt: skip


def _came(folder: Path) -> _Came | None:
    if not (folder / RECORD).exists():
        return None
    with Run.open(folder) as run:
        outcome = run.record.outcome
        if run.record.state != "finished" or outcome is None:
            return None
        facts, best = 0, 0
        for step, held in held_after(run.steps):
            facts, best = len(held), max(best, step.observation.score)
        tokens = outcome.prompt_tokens + outcome.completion_tokens
        return _Came(
            best / (outcome.max_score or 1), outcome.won, outcome.steps, outcome.commands, tokens,
            outcome.cost, (outcome.agent_ms_per_decision or 0) / 1000, facts,
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
        named = " ".join(f"--seed {seed}" for seed in seeds)
        yield f"ariadne bench {suite} --game {row.game} --memory {row.memory} --context {row.context} {named}"


def plot(rows: Sequence[Row], file: Path) -> None:
    """Where a suite says how large its games are, what grows with that; else the scores, game by game. The same rows
    give the same bytes. Raises MissingExtra without the extra [bench]."""
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise MissingExtra("plots", "bench") from error
    figure = _growth(rows) if all(row.rooms for row in rows) else _scores(rows)
    with mpl.rc_context({"svg.hashsalt": "ariadne"}):
        figure.savefig(file, metadata={"Date": None})


def _growth(rows: Sequence[Row]) -> Figure:
    """Score, seconds and tokens a decision against rooms, a line for each memory."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 9), layout="constrained")
    parts: list[tuple[str, Callable[[Row], float]]] = [
        ("mean score", lambda row: row.score), ("ms a decision", lambda row: 1000 * row.seconds),
        ("tokens a decision", lambda row: row.tokens / max(row.decisions, 1)),
    ]  # fmt: skip
    for axes, (name, value) in zip(figure.subplots(3, 1, sharex=True), parts, strict=True):
        for memory, context in dict.fromkeys((row.memory, row.context) for row in rows):
            some = sorted((row for row in rows if (row.memory, row.context) == (memory, context)), key=_rooms)
            label = f"{memory}, {context} tokens"
            axes.plot([_rooms(row) for row in some], [value(row) for row in some], marker="o", label=label)
        axes.set_ylabel(name)
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlabel("rooms")
    figure.legend(
        *axes.get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize="small", frameon=False
    )
    return figure


def _rooms(row: Row) -> int:
    return row.rooms or 0


def _scores(rows: Sequence[Row]) -> Figure:
    """Mean scores with their intervals, game by game, a bar for each memory and context."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    games = list(dict.fromkeys(row.game for row in rows))
    kinds = list(dict.fromkeys((row.memory, row.context) for row in rows))
    figure = Figure(figsize=(2 + 1.5 * len(games), 5), layout="constrained")
    axes, colours = figure.subplots(), mpl.colormaps["tab20"].resampled(max(len(kinds), 1))
    for number, (memory, context) in enumerate(kinds):
        some = [row for row in rows if (row.memory, row.context) == (memory, context)]
        places = [games.index(row.game) + (number + 0.5) * 0.8 / len(kinds) - 0.4 for row in some]
        spread = [
            [max(row.score - low, 0.0), max(high - row.score, 0.0)]
            for row in some
            for low, high in [row.score_interval]
        ]
        label = f"{memory}, {context} tokens" if len({context for _, context in kinds}) > 1 else memory
        axes.bar(
            places, [row.score for row in some], 0.8 / len(kinds), yerr=list(zip(*spread, strict=True)), capsize=2,
            label=label, color=colours(number),
        )  # fmt: skip
    axes.set_xticks(range(len(games)), games, rotation=20, ha="right")
    axes.set_ylim(0, 1.05)
    axes.set_ylabel("mean score, 95 % intervals")
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", ncols=4, fontsize="small", frameon=False)
    return figure


if __name__ == "__main__":
    play_item(Item.model_validate_json(sys.argv[1]), Path(sys.argv[2]))
