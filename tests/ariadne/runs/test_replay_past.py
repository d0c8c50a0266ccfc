"""Recorded steps are replayed in the real game and memory, and every difference is reported with its step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from ariadne.errors import RunError
from ariadne.loop import begin, play, play_from
from ariadne.memory import AriGraph
from ariadne.runs.replay import replay_past, rerun_with_memory
from ariadne.values import Decision, Observation, Plan, QueryLike, Reading, Situation, Step, WorkingMemory


@dataclass
class Corridor:
    """Five rooms in a row; the game is won in the last one."""

    room: int = 0

    def reset(self, seed: int | None = None) -> Observation:
        self.room = 0
        return Observation("-= Room 0 =-\nYou see a box.")

    def step(self, command: str) -> Observation:
        self.room += command == "go east"
        won = self.room == 4
        return Observation(f"-= Room {self.room} =-\nYou see a lamp.", commands=(command,), terminated=won, won=won)


class Walker:
    """Goes east."""

    def queries(self, situation: Situation, reading: Reading) -> Sequence[QueryLike]:
        return ("lamp",)

    def decide(self, working: WorkingMemory) -> tuple[Plan, Decision]:
        return Plan(), Decision("walk", "the end is east", ("go east",))


def played(steps: int = 10) -> list[Step]:
    run: list[Step] = []
    play(
        Corridor(),
        AriGraph(embedder=None, ontology="text-world"),
        Walker(),
        run,
        goal="Go east",
        steps=steps,
        context=200,
    )
    return run


def resumed(past: Sequence[Step], steps: int = 10) -> list[Step]:
    """Return past and new steps of a run that continues after `past`."""
    environment, memory, run = Corridor(), AriGraph(embedder=None, ontology="text-world"), [*past]
    start = begin(memory, environment.reset(), goal="Go east", hint="")
    situation = replay_past(past, environment, memory, start, steps=steps)
    if situation is not None:
        play_from(situation, environment, memory, Walker(), run, steps=steps, context=200)
    return run


def test_a_run_resumed_after_any_step_equals_the_whole_run() -> None:
    whole = played()
    assert len(whole) == 5
    assert all(resumed(whole[:count]) == whole for count in range(len(whole) + 1))


def test_a_different_response_of_the_game_is_reported() -> None:
    first, second, *_ = played()
    changed = replace(second, observation=replace(second.observation, text="-= Room 9 =-"))
    with pytest.raises(RunError, match="step 2: the game responds differently: text was "):
        resumed([first, changed])


def test_a_different_update_of_the_memory_is_reported() -> None:
    first, second, *_ = played()
    changed = replace(second, update=replace(second.update, added=()))
    with pytest.raises(RunError, match="step 2: the memory does not learn what the record contains"):
        resumed([first, changed])


def test_a_different_end_of_the_run_is_reported() -> None:
    cut = played(steps=2)
    with pytest.raises(RunError, match=r"step 3: the run ends \(no decisions left\) in the record, and the run"):
        resumed(cut, steps=5)
    with pytest.raises(RunError, match=r"step 3: the run continues in the record, and the run ends"):
        resumed(played()[:3], steps=2)


def test_a_rerun_takes_queries_and_decisions_from_the_record_and_recalls_from_the_memory() -> None:
    whole = played()
    rerun = rerun_with_memory(
        whole,
        AriGraph(embedder=None, ontology="text-world"),
        {"max_tokens": 200, "episodes": 0},
        goal="Go east",
        hint="",
    )
    assert [(step.queries, step.decision) for step in rerun] == [(step.queries, step.decision) for step in whole]
    assert [step.update for step in rerun] == [step.update for step in whole]
    assert not any(step.recall.episodes for step in rerun)
