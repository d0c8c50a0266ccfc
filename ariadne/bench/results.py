"""What came of a suite's runs: a row for all seeds of a game with a memory, with its intervals."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ariadne.bench.reflections import spent_on_reflection
from ariadne.bench.runner import Item, played
from ariadne.errors import AriadneError, MissingExtra
from ariadne.memory.baselines.ablations import EXITS
from ariadne.relations import CONNECTIONS
from ariadne.runs.record import Outcome, Run, facts_after
from ariadne.tokens import count
from ariadne.values import Triplet

CONFIDENCE = 0.95
_WAYS = frozenset(CONNECTIONS)
_SHUT = ("open", "closed", "locked")


@dataclass(frozen=True)
class Row:
    """What came of all seeds of a kind of run: means, and 95 % intervals of score (Student's t; None where all came to
    the same) and share won (Wilson).

    `score` is the highest that was had, of the most that a game gives. `recalled` are the tokens of what memory gave a
    decision, and `map` those of the ways and exits that a graph gives besides, which no budget bounds; `tokens` is all
    that a model was asked and said in a run. `seconds` are those of the agent a decision; `facts` those that hold at
    the end. `lost` are the seeds of games not won, `failed` those of runs without an end; `winnable` is the share of
    games that one who knows all of them can win within their moves, None where not known. Of a game that may be played
    in up to `trials` the best trial counts; what it took is of all that were `played`.
    """

    game: str
    mind: str
    memory: str
    context: int
    runs: int
    score: float
    score_interval: tuple[float, float] | None
    won: float
    won_interval: tuple[float, float]
    decisions: float
    moves: float
    recalled: float
    map: float
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

    @property
    def kind(self) -> tuple[str, str, str, int]:
        """What it is all seeds of."""
        return self.game, self.mind, self.memory, self.context


def read_rows(file: Path) -> list[Row]:
    """The rows of a table in JSON; none where there is no such file. Raises AriadneError where it holds no rows."""
    try:
        return TypeAdapter(list[Row]).validate_json(file.read_bytes()) if file.exists() else []
    except ValidationError as error:
        raise AriadneError(f"{file}: no table of a bench, or one of another version: delete it") from error


@dataclass(frozen=True)
class _Came:
    """What came of a run, or of all its trials."""

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


def table(wanted: Iterable[Item], folder: Path) -> list[Row]:
    """A row for each kind of run. Raises MissingExtra without the extra [bench]."""
    kinds = defaultdict[tuple[str, str, str, int], list[Item]](list)
    for item in wanted:
        kinds[item.kind].append(item)
    return [_row(kind, some, folder) for kind, some in kinds.items()]


def _row(kind: tuple[str, str, str, int], some: Sequence[Item], folder: Path) -> Row:
    came = {item.seed: told for item in some if (told := _came(item, folder / item.name)) is not None}
    runs = list(came.values())
    return Row(
        *kind, len(runs),
        score=_mean(run.score for run in runs),
        score_interval=_of_mean([run.score for run in runs]),
        won=_mean(float(run.won) for run in runs),
        won_interval=_of_share(sum(run.won for run in runs), len(runs)),
        decisions=_mean(run.decisions for run in runs),
        moves=_mean(run.moves for run in runs),
        recalled=_mean(run.recalled for run in runs),
        map=_mean(run.map for run in runs),
        tokens=_mean(run.tokens for run in runs),
        cost=None if (costs := _known(run.cost for run in runs)) is None else _mean(costs),
        seconds=_mean(run.seconds for run in runs),
        facts=_mean(run.facts for run in runs),
        rooms=some[0].game.rooms,
        lost=tuple(seed for seed, run in came.items() if not run.won),
        failed=tuple(item.seed for item in some if item.seed not in came),
        winnable=_winnable(item for item in some if item.seed in came),
        trials=some[0].trials,
        played=_mean(run.played for run in runs),
    )  # fmt: skip


def _winnable(some: Iterable[Item]) -> float | None:
    """The share of some runs' games; None where there are none, or it is not known of one."""
    can = _known(item.game.winnable(item.seed) for item in some)
    return _mean(can) if can else None


def _known(values: Iterable[float | None]) -> list[float] | None:
    """All of them; None where one is not known."""
    told = list(values)
    known = [one for one in told if one is not None]
    return known if len(known) == len(told) else None


def _came(item: Item, folder: Path) -> _Came | None:
    """Of all its trials, where there is nothing left to play."""
    trials = [_came_of(trial) for trial in played(item, folder) or ()]
    if not trials:
        return None
    best, decisions = max(trials, key=_worth), sum(one.decisions for one in trials)
    costs = _known(one.cost for one in trials)

    def a_decision(value: Callable[[_Came], float]) -> float:
        return sum(value(one) * one.decisions for one in trials) / max(decisions, 1)

    return _Came(
        best.score, best.won, decisions, sum(one.moves for one in trials), a_decision(lambda one: one.recalled),
        a_decision(lambda one: one.map),
        sum(one.tokens for one in trials), None if costs is None else sum(costs),
        a_decision(lambda one: one.seconds), best.facts, len(trials),
    )  # fmt: skip


def _worth(came: _Came) -> tuple[bool, float]:
    return came.won, came.score


def _came_of(folder: Path) -> _Came:
    """Of one trial, and of the reflection on it."""
    with Run.open(folder) as run:
        outcome = run.record.outcome or Outcome()
        facts, best, recalled, drawn = 0, 0, 0, 0
        drawn_by = _WAYS if run.record.settings.memory == "arigraph-no-exploration" else {*_WAYS, *EXITS}
        for step, held in facts_after(run.steps):
            facts, best, recalled = len(held), max(best, step.observation.score), recalled + count(step.recall.text)
            if step.decision.commands:
                drawn += sum(map(_tokens, _map(held, drawn_by)))
        thought = spent_on_reflection(run)
        cost = None if outcome.cost is None or thought.cost is None else outcome.cost + thought.cost
        return _Came(
            best / (outcome.max_score or 1), outcome.won, outcome.steps, outcome.commands,
            recalled / max(outcome.steps, 1), drawn / max(outcome.steps, 1),
            outcome.prompt_tokens + outcome.completion_tokens + thought.tokens, cost,
            (outcome.agent_ms_per_decision or 0) / 1000, facts,
        )  # fmt: skip


def _map(held: Collection[Triplet], drawn_by: Container[str]) -> Iterator[Triplet]:
    """What a graph's map is made of, of what holds; see AriGraph.places."""
    doors = {one.object.casefold() for one in held if one.relation == "is behind"}
    for one in held:
        if one.relation in drawn_by or (
            one.relation == "is" and one.subject.casefold() in doors and one.object in _SHUT
        ):
            yield one


@cache
def _tokens(triplet: Triplet) -> int:
    return count(f"{triplet}\n")


def _mean(values: Iterable[float]) -> float:
    told = list(values)
    return sum(told) / len(told) if told else 0.0


def _of_mean(values: Sequence[float]) -> tuple[float, float] | None:
    """Of a mean score: Student's t, within what a score can be; None where all values are the same, for of their spread
    nothing is known."""
    if len(set(values)) < 2:
        return None
    stats = _stats()
    low, high = stats.t.interval(CONFIDENCE, len(values) - 1, loc=_mean(values), scale=stats.sem(values))
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


def again(suite: str, row: Row, *also: str) -> Iterator[str]:
    """The command that plays its lost seeds again; nothing where there are none. `also` are options that it needs
    besides."""
    if seeds := sorted(row.lost):
        how = [*([f"--mind {row.mind}"] if row.mind != "rules" else []), *also]
        how += [*([f"--trials {row.trials}"] if row.trials > 1 else []), *(f"--again {seed}" for seed in seeds)]
        named = f"--game {shlex.quote(row.game)} --memory {row.memory} --context {row.context}"
        yield f"ariadne bench {shlex.quote(suite)} {named} {' '.join(how)}"
