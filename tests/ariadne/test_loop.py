"""The loop: in which order things happen, what a way of several commands does, and how a run closes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ariadne.loop import carry_out, play
from ariadne.memory import AriGraph
from ariadne.values import Decision, Observation, Plan, QueryLike, Reading, Situation, Step, WorkingMemory


@dataclass
class Ladder:
    """Five rooms above each other; at the top is the end. Every call is noted in `log`."""

    log: list[str] = field(default_factory=list)
    height: int = 0
    cut_at: int | None = None

    def reset(self, seed: int | None = None) -> Observation:
        self.log.append(f"reset {seed}")
        self.height = 0
        return Observation("-= Rung 0 =-\nA ladder.")

    def step(self, command: str) -> Observation:
        self.log.append(command)
        if command != "go up":
            return Observation("You can't.", commands=(command,))
        self.height += 1
        won, cut = self.height == 4, self.height == self.cut_at
        text = f"-= Rung {self.height} =-\nA ladder."
        return Observation(text, commands=(command,), terminated=won, won=won, truncated=cut and not won)


@dataclass
class Climber:
    """Gives the same commands at every step, and keeps what it was shown."""

    commands: tuple[str, ...]
    log: list[str]
    seen: list[WorkingMemory] = field(default_factory=list)

    def queries(self, situation: Situation, reading: Reading) -> Sequence[QueryLike]:
        return ("ladder",)

    def decide(self, working: WorkingMemory) -> tuple[Plan, Decision]:
        self.seen.append(working)
        return Plan(), Decision("climb", "to get up", self.commands)


@dataclass
class Log:
    log: list[str]
    steps: list[Step] = field(default_factory=list)

    def append(self, step: Step) -> None:
        self.log.append(f"step {step.number}")
        self.steps.append(step)


def climb(commands: tuple[str, ...], steps: int = 10, **ladder: int) -> tuple[Ladder, Climber, Log, AriGraph]:
    environment = Ladder(**ladder)  # type: ignore[arg-type]
    mind, run, memory = (
        Climber(commands, environment.log),
        Log(environment.log),
        AriGraph(embedder=None, ontology="text-world"),
    )
    play(environment, memory, mind, run, goal="Get up", hint="Up is up", steps=steps, context=200, seed=7)
    return environment, mind, run, memory


def test_a_step_is_recorded_before_its_action_is_made() -> None:
    environment, *_ = climb(("go up",))
    assert environment.log[:5] == ["reset 7", "step 1", "go up", "step 2", "go up"]


def test_goal_and_hint_are_the_first_episodes() -> None:
    *_, memory = climb(("go up",))
    assert [(e.text, e.source) for e in memory.episodes()][:2] == [("Get up", "goal"), ("Up is up", "hint")]


def test_the_observation_that_ends_the_game_is_remembered_and_recorded_with_no_commands() -> None:
    _, _, run, memory = climb(("go up",))
    last = run.steps[-1]
    assert last.observation.won
    assert last.decision == Decision("", "the game is won", ())
    assert memory.episodes()[-1].text == last.observation.transcript


def test_a_closing_step_names_the_limit_or_the_truncation() -> None:
    assert climb(("wait",), steps=3)[2].steps[-1].decision.reason == "no decisions left"
    assert len(climb(("wait",), steps=3)[2].steps) == 4
    assert climb(("go up",), cut_at=2)[2].steps[-1].decision.reason == "the environment cut the episode short"


def test_several_commands_of_a_decision_are_one_observation_and_one_episode() -> None:
    _, _, run, _ = climb(("go up", "go up"))
    second = run.steps[1].observation
    assert second.commands == ("go up", "go up")
    assert second.transcript == "> go up\n-= Rung 1 =-\nA ladder.\n\n> go up\n-= Rung 2 =-\nA ladder."
    assert second.room == "Rung 2"


def test_commands_stop_at_the_first_unexpected_response() -> None:
    environment = Ladder()
    environment.reset()
    observation = carry_out(environment, Decision("", "", ("go up", "dance", "go up")))
    assert observation.commands == ("go up", "dance")
    assert environment.height == 1
    environment.height = 3
    assert carry_out(environment, Decision("", "", ("go up", "go up"))).commands == ("go up",)


def test_a_mind_sees_the_last_five_steps_and_does_not_recall_the_current_episode() -> None:
    _, mind, _, _ = climb(("wait",), steps=9)
    assert [step.number for step in mind.seen[-1].situation.recent] == [4, 5, 6, 7, 8]
    for working in mind.seen:
        assert working.situation.observation.transcript not in [e.text for e in working.recall.episodes[:0]]
    numbers = [[episode.id for episode in working.recall.episodes] for working in mind.seen]
    assert all(2 + step not in found for step, found in enumerate(numbers, start=1))
