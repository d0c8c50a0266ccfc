"""The agent at play in real games: what it wins, in how many decisions, and that it thinks from memory alone."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from ariadne import assembly
from ariadne.envs import TextWorld, load_task, make_cooking, make_treasure_hunt
from ariadne.envs.makers.cooking import LEVELS
from ariadne.loop import play
from ariadne.protocols import Mind
from ariadne.runs.record import facts_after
from ariadne.values import Decision, Plan, Reading, Situation, Step, WorkingMemory


def played(
    game: Path,
    *,
    memory: str = "arigraph",
    goal: str | None = None,
    hint: str = "",
    listed: bool = True,
    mind: Mind | None = None,
) -> list[Step]:
    steps: list[Step] = []
    with TextWorld(game, valid_actions=listed) as world:
        world.reset()
        goal = world.objective if goal is None else goal
        store, player = assembly.memory(memory), mind or assembly.mind()
        play(world, store, player, steps, goal=goal, hint=hint, steps=150, context=1500, seed=0)
        store.close()
    return steps


SAMPLED = {("5", False), ("10", True)}
"""The levels of cooking that are in the sample, each with whether valid actions are listed."""


class FreshEachStep:
    """A mind whose parts are new at every call."""

    def queries(self, situation: Situation, reading: Reading) -> object:
        return assembly.mind().queries(situation, reading)

    def decide(self, working: WorkingMemory) -> tuple[Plan, Decision]:
        return assembly.mind().decide(working)


def test_the_published_hunt_is_won_in_fewer_decisions_than_the_papers_best_run(shared: Path) -> None:
    task = load_task(f"{shared / 'games' / 'tasks.json'}:hunt")
    for listed in (True, False):
        steps = played(task.game, goal=task.goal, hint=task.hint, listed=listed)
        assert (steps[-1].observation.won, steps[-1].observation.score) == (True, 7)
        assert len(steps) - 1 < 36


def test_a_mind_keeps_no_state_between_steps(hunt: Path) -> None:
    assert played(hunt, mind=FreshEachStep()) == played(hunt)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [1, 2, pytest.param(3, marks=pytest.mark.sample)])
def test_easy_hunts_are_won(seed: int) -> None:
    assert played(make_treasure_hunt("easy", seed))[-1].observation.won


def test_a_hunt_is_won_without_a_list_of_valid_actions(hunt: Path) -> None:
    assert played(hunt, listed=False)[-1].observation.won


def cooked(level: str, seed: int, *, listed: bool = True) -> bool:
    """Whether a cooking game is won within 100 commands."""
    steps = played(make_cooking(level, seed), listed=listed)
    return steps[-1].observation.won and sum(len(step.decision.commands) for step in steps) <= 100


@pytest.mark.parametrize(("level", "seed"), [("1", 1), pytest.param("9", 31, marks=pytest.mark.sample)])
def test_a_meal_is_cooked(level: str, seed: int) -> None:
    assert cooked(level, seed)


@pytest.mark.parametrize(
    "make",
    [
        partial(make_treasure_hunt, "easy", 1),
        partial(make_cooking, "1", 1),
        pytest.param(partial(make_treasure_hunt, "hard", 1001), marks=pytest.mark.sample),
        pytest.param(partial(make_cooking, "hard", 1001), marks=pytest.mark.sample),
        pytest.param(partial(make_cooking, "hardest", 1012), marks=pytest.mark.sample),
    ],
)
def test_a_transcript_as_a_whole_yields_the_facts_of_its_single_steps(make: Callable[[], Path]) -> None:
    """The memories of texts read the whole transcript; the graph reads step by step."""
    steps, game = played(make()), make()
    with TextWorld(game) as world:
        world.reset()
        goal = world.objective
    held = {str(triplet).casefold() for _, held in list(facts_after(steps))[-1:] for triplet in held}
    whole = assembly.facts_in_text("\n".join([goal, *(step.observation.transcript for step in steps)]))
    whole_facts = {str(triplet).casefold() for triplet in whole}
    assert held <= whole_facts
    assert whole_facts <= held | {str(triplet).casefold() for triplet in assembly.facts_in_text(goal)}


def test_every_sentence_of_a_hunt_is_read(hunt: Path) -> None:
    assert {sentence for step in played(hunt) for sentence in step.update.reading.unread} == set()


def test_a_place_in_memory_is_true_to_the_game_at_every_step(hunt: Path) -> None:
    for step in played(hunt):
        assert not step.update.refused
        assert len({fact.subject for fact in step.update.added if fact.relation == "is at"}) <= 1


@pytest.mark.soak
@pytest.mark.parametrize("level", ["easy", "hard", "hardest"])
def test_hunts_of_every_size_are_won(level: str) -> None:
    seeds = range(1, 6 if level == "hardest" else 21)
    lost = [seed for seed in seeds if not played(make_treasure_hunt(level, seed))[-1].observation.won]
    assert lost == []


@pytest.mark.parametrize(
    ("level", "listed"),
    [
        pytest.param(level, listed, marks=pytest.mark.sample if (level, listed) in SAMPLED else pytest.mark.soak)
        for level in LEVELS
        for listed in (True, False)
    ],
)
def test_meals_of_every_level_are_cooked_within_100_commands(level: str, listed: bool) -> None:
    assert [seed for seed in (31, 32) if not cooked(level, seed, listed=listed)] == []


@pytest.mark.soak
def test_memory_shortens_hunts(capsys: pytest.CaptureFixture[str]) -> None:
    """Who walks by chance finds what lies in twelve rooms too, in twice as many decisions; in 36 rooms he does not."""
    for level, seeds in (("easy", range(1, 21)), ("hardest", range(1, 4))):
        games = [make_treasure_hunt(level, seed) for seed in seeds]
        runs = {kind: [played(game, memory=kind) for game in games] for kind in ("arigraph", "none")}
        won = {kind: sum(run[-1].observation.won for run in played_runs) for kind, played_runs in runs.items()}
        took = {kind: sum(map(len, played_runs)) / len(played_runs) for kind, played_runs in runs.items()}
        with capsys.disabled():
            sys.stdout.write(f"\n{level}, {len(games)} hunts: won {won}, decisions {took}\n")
        assert won["arigraph"] == len(games)
        assert took["arigraph"] < 0.7 * took["none"]
    assert won["none"] < won["arigraph"]
