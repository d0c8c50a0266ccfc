"""The results of a suite: one row for all seeds of a game with a memory, with confidence intervals."""

from __future__ import annotations

import csv
import io
import json
import shlex
from collections import defaultdict
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ariadne import assembly
from ariadne.bench.reflections import spent_on_reflection
from ariadne.bench.runner import Item, finished_trials
from ariadne.errors import AriadneError, MissingExtra
from ariadne.files import replacement
from ariadne.memory.baselines.ablations import EXITS
from ariadne.relations import CLOSED, CONNECTIONS, IS, IS_BEHIND, LOCKED, OPEN
from ariadne.runs.record import Outcome, Run, facts_after
from ariadne.tokens import count
from ariadne.values import Triplet

CONFIDENCE = 0.95
TABLE = "table.json"
"""The file of a suite's results that `read_rows` reads."""
_HEAD = ("game", "memory", "context", "runs", "score", "95 %", "won", "95 %", "winnable", "decisions", "moves",
    "recalled tokens", "map tokens", "model tokens", "cost", "ms a decision", "facts")  # fmt: skip
_DOOR_STATES = (OPEN, CLOSED, LOCKED)


@dataclass(frozen=True)
class ResultRow:
    """The results of all seeds of one kind of run: means, and 95 % intervals.

    The interval of `score` is Student's t; None if all scores are equal. The interval of `won` is Wilson's. If a game
    may be played in several trials, the best trial counts, and the costs are those of all trials.
    """

    game: str
    mind: str
    memory: str
    context: int
    runs: int
    score: float
    """The highest score reached, as a share of the game's maximum."""
    score_interval: tuple[float, float] | None
    won: float
    """The share of games won."""
    won_interval: tuple[float, float]
    decisions: float
    moves: float
    recalled: float
    """Tokens of recalled text a decision."""
    map: float
    """Tokens of connections and exits a decision, which a graph gives beside the recall; no limit applies to them."""
    tokens: float
    """Tokens of a model's prompts and replies in a run."""
    cost: float | None
    """Dollars of a run; None if a price is unknown."""
    seconds: float
    """Seconds of the agent a decision."""
    facts: float
    """Current facts at the end."""
    rooms: int | None
    lost: tuple[int, ...]
    """The seeds of games not won."""
    failed: tuple[int, ...]
    """The seeds of unfinished runs."""
    winnable: float | None = None
    """The share of games that can be won within their moves by a player who knows everything; None if unknown."""
    trials: int = 1
    """The most trials of a game."""
    played: float = 1
    """The mean number of trials played."""

    @property
    def kind(self) -> tuple[str, str, str, int]:
        """Everything except the seed: game, mind, memory and context."""
        return self.game, self.mind, self.memory, self.context


def read_rows(file: Path) -> list[ResultRow]:
    """Return the rows of a JSON table; [] if there is no such file.

    Raises:
        AriadneError: The file holds no rows.
    """
    try:
        return TypeAdapter(list[ResultRow]).validate_json(file.read_bytes()) if file.exists() else []
    except ValidationError as error:
        raise AriadneError(f"{file}: not a table of this version of bench: delete it") from error


@dataclass(frozen=True)
class _Result:
    """The result of a run, or of all its trials."""

    score: float
    won: bool
    decisions: int
    moves: int
    recalled: float
    map: float
    tokens: int
    cost: float | None
    seconds: float
    facts: int
    played: int = 1


def make_rows(wanted: Iterable[Item], folder: Path) -> list[ResultRow]:
    """Return a row for each kind of run.

    Raises:
        MissingExtra: The extra [bench] is missing.
    """
    kinds = defaultdict[tuple[str, str, str, int], list[Item]](list)
    for item in wanted:
        kinds[item.kind].append(item)
    return [_row(kind, items, folder) for kind, items in kinds.items()]


def _row(kind: tuple[str, str, str, int], items: Sequence[Item], folder: Path) -> ResultRow:
    results = {item.seed: result for item in items if (result := _result(item, folder / item.name)) is not None}
    runs = list(results.values())
    return ResultRow(
        *kind, len(runs),
        score=_mean(run.score for run in runs),
        score_interval=_mean_interval([run.score for run in runs]),
        won=_mean(float(run.won) for run in runs),
        won_interval=_share_interval(sum(run.won for run in runs), len(runs)),
        decisions=_mean(run.decisions for run in runs),
        moves=_mean(run.moves for run in runs),
        recalled=_mean(run.recalled for run in runs),
        map=_mean(run.map for run in runs),
        tokens=_mean(run.tokens for run in runs),
        cost=None if (costs := _known(run.cost for run in runs)) is None else _mean(costs),
        seconds=_mean(run.seconds for run in runs),
        facts=_mean(run.facts for run in runs),
        rooms=items[0].game.rooms,
        lost=tuple(seed for seed, run in results.items() if not run.won),
        failed=tuple(item.seed for item in items if item.seed not in results),
        winnable=_winnable(item for item in items if item.seed in results),
        trials=items[0].trials,
        played=_mean(run.played for run in runs),
    )  # fmt: skip


def _winnable(items: Iterable[Item]) -> float | None:
    """Return the share of winnable games; None without games, or if it is unknown for one."""
    winnable = _known(item.game.winnable(item.seed) for item in items)
    return _mean(winnable) if winnable else None


def _known(values: Iterable[float | None]) -> list[float] | None:
    """Return all values; None if one is None."""
    every = list(values)
    known = [value for value in every if value is not None]
    return known if len(known) == len(every) else None


def _result(item: Item, folder: Path) -> _Result | None:
    """Return the result of all trials; None if a trial is unfinished."""
    trials = [_trial_result(trial) for trial in finished_trials(item, folder) or ()]
    if not trials:
        return None
    best, decisions = max(trials, key=_rank), sum(trial.decisions for trial in trials)
    costs = _known(trial.cost for trial in trials)

    def per_decision(value: Callable[[_Result], float]) -> float:
        return sum(value(trial) * trial.decisions for trial in trials) / max(decisions, 1)

    return _Result(
        best.score, best.won, decisions, sum(trial.moves for trial in trials),
        per_decision(lambda trial: trial.recalled), per_decision(lambda trial: trial.map),
        sum(trial.tokens for trial in trials), None if costs is None else sum(costs),
        per_decision(lambda trial: trial.seconds), best.facts, len(trials),
    )  # fmt: skip


def _rank(result: _Result) -> tuple[bool, float]:
    return result.won, result.score


def _trial_result(folder: Path) -> _Result:
    """Return the result of one trial, with the reflection on it."""
    with Run.open(folder) as run:
        outcome = run.record.outcome or Outcome()
        facts, best, recalled, map_tokens = 0, 0, 0, 0
        without_exits = run.record.settings.memory == assembly.NO_EXPLORATION
        relations = CONNECTIONS if without_exits else {*CONNECTIONS, *EXITS}
        for step, current in facts_after(run.steps):
            facts, best, recalled = len(current), max(best, step.observation.score), recalled + count(step.recall.text)
            if step.decision.commands:
                map_tokens += sum(map(_tokens, _map(current, relations)))
        reflection = spent_on_reflection(run)
        cost = None if outcome.cost is None or reflection.cost is None else outcome.cost + reflection.cost
        return _Result(
            best / (outcome.max_score or 1), outcome.won, outcome.steps, outcome.commands,
            recalled / max(outcome.steps, 1), map_tokens / max(outcome.steps, 1),
            outcome.prompt_tokens + outcome.completion_tokens + reflection.tokens, cost,
            (outcome.agent_ms_per_decision or 0) / 1000, facts,
        )  # fmt: skip


def _map(current: Collection[Triplet], relations: Container[str]) -> Iterator[Triplet]:
    """Yield the facts that make up a graph's map; see AriGraph.places."""
    doors = {fact.object.casefold() for fact in current if fact.relation == IS_BEHIND}
    for fact in current:
        is_door_state = fact.relation == IS and fact.subject.casefold() in doors and fact.object in _DOOR_STATES
        if fact.relation in relations or is_door_state:
            yield fact


@cache
def _tokens(triplet: Triplet) -> int:
    return count(f"{triplet}\n")


def _mean(values: Iterable[float]) -> float:
    every = list(values)
    return sum(every) / len(every) if every else 0.0


def _mean_interval(values: Sequence[float]) -> tuple[float, float] | None:
    """Return Student's t interval of a mean score, within 0 and 1; None if all values are equal."""
    if len(set(values)) < 2:
        return None
    stats = _stats()
    low, high = stats.t.interval(CONFIDENCE, len(values) - 1, loc=_mean(values), scale=stats.sem(values))
    return max(0.0, float(low)), min(1.0, float(high))


def _share_interval(won: int, runs: int) -> tuple[float, float]:
    """Return Wilson's interval of a share."""
    if not runs:
        return 0.0, 1.0
    interval = _stats().binomtest(won, runs).proportion_ci(CONFIDENCE, method="wilson")
    return float(interval.low), float(interval.high)


def _stats() -> Any:
    try:
        from scipy import stats
    except ImportError as error:
        raise MissingExtra("intervals of a bench", "bench") from error
    return stats


def rerun_commands(suite: str, row: ResultRow, *options: str) -> Iterator[str]:
    """Yield the command that plays a row's lost seeds again, with further options; nothing without lost seeds."""
    if seeds := sorted(row.lost):
        words = [*([f"--mind {row.mind}"] if row.mind != "rules" else []), *options]
        words += [*([f"--trials {row.trials}"] if row.trials > 1 else []), *(f"--rerun {seed}" for seed in seeds)]
        kind = f"--game {shlex.quote(row.game)} --memory {row.memory} --context {row.context}"
        yield f"ariadne bench {shlex.quote(suite)} {kind} {' '.join(words)}"


def write_tables(rows: Sequence[ResultRow], folder: Path) -> None:
    """Write the rows as table.md, table.csv and table.json, each complete or not at all."""
    head, *cells = table(rows)
    lines = [head, ("---",) * len(head), *cells]
    _replace(folder / "table.md", "".join(f"| {' | '.join(line)} |\n" for line in lines))
    flat, text = [_flat(row) for row in rows], io.StringIO()
    writer = csv.DictWriter(text, flat[0])
    writer.writeheader()
    writer.writerows(flat)
    _replace(folder / "table.csv", text.getvalue())
    _replace(folder / TABLE, json.dumps([asdict(row) for row in rows], indent=1))


def _replace(file: Path, text: str) -> None:
    """Replace a file that several processes may write."""
    with replacement(file) as partial:
        partial.write_text(text, encoding="utf-8", newline="")


def table(rows: Sequence[ResultRow]) -> list[tuple[str, ...]]:
    """Return the cells of a table below its head; the columns mind, trials and failed appear if one has a value."""
    lines = [_HEAD, *map(_cells, rows)]
    if len({row.mind for row in rows}) > 1:
        lines = _with_column(lines, "mind", (row.mind for row in rows))
    if any(row.trials > 1 for row in rows):
        lines = _with_column(lines, "trials", (f"{row.played:.1f}" for row in rows))
    if any(row.failed for row in rows):
        lines = _with_column(lines, "failed", (str(len(row.failed)) for row in rows))
    return lines


def _with_column(lines: Sequence[tuple[str, ...]], name: str, values: Iterable[str]) -> list[tuple[str, ...]]:
    return [(*cells, value) for cells, value in zip(lines, [name, *values], strict=True)]


def _cells(row: ResultRow) -> tuple[str, ...]:
    if not row.runs:
        return (row.game, row.memory, str(row.context), "0", *["-"] * (len(_HEAD) - 4))
    score, won = (
        "-" if interval is None else f"{interval[0]:.2f}-{interval[1]:.2f}"
        for interval in (row.score_interval, row.won_interval)
    )
    winnable = "" if row.winnable is None else f"{row.winnable:.2f}"
    cost = "-" if row.cost is None else f"{row.cost:.2f}"
    return (
        row.game, row.memory, str(row.context), str(row.runs), f"{row.score:.3f}", score, f"{row.won:.2f}", won,
        winnable, f"{row.decisions:.1f}", f"{row.moves:.1f}", f"{row.recalled:.0f}", f"{row.map:.0f}",
        f"{row.tokens:.0f}", cost, f"{1000 * row.seconds:.0f}", f"{row.facts:.0f}",
    )  # fmt: skip


def _flat(row: ResultRow) -> dict[str, object]:
    """Return a row by column: two columns for each interval, and seeds separated by spaces."""
    flat = dict[str, object]()
    for name, value in asdict(row).items():
        if name.endswith("_interval"):
            flat |= dict(zip((f"{name}_low", f"{name}_high"), value or ("", ""), strict=True))
        else:
            flat[name] = " ".join(map(str, value)) if isinstance(value, tuple) else value
    return flat
