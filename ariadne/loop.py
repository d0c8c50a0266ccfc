"""The agent's loop: observe, remember, recall, decide, record, act. It knows protocols only."""

from __future__ import annotations

from dataclasses import replace

from ariadne.protocols import Environment, Memory, Mind, Recorder
from ariadne.values import Decision, Observation, Plan, Recall, Situation, Step, Update, WorkingMemory

NO_MOVES_LEFT = "no moves left"
"""The reason of a closing step after the environment's own limit of moves."""


def play(
    environment: Environment, memory: Memory, mind: Mind, recorder: Recorder,
    *, goal: str, hint: str = "", steps: int, context: int | None = None, seed: int | None = None,
) -> None:  # fmt: skip
    """Play one episode of at most `steps` decisions; a recall has at most `context` tokens."""
    start = begin(memory, environment.reset(seed), goal=goal, hint=hint)
    play_from(start, environment, memory, mind, recorder, steps=steps, context=context)


def play_from(
    situation: Situation, environment: Environment, memory: Memory, mind: Mind, recorder: Recorder,
    *, steps: int, context: int | None, moves: int | None = None,
) -> None:  # fmt: skip
    """Play on from a situation until the episode ends or no decisions are left.

    `moves` is the environment's own limit of commands, if it has one. The closing step records the last observation;
    its decision has no commands.
    """
    while (ending := ending_of(situation, steps, moves)) is None:
        step = think(memory, mind, situation, context=context)
        recorder.append(step)  # on disk before the action is carried out
        situation = situation.after(step, carry_out(environment, step.decision))
    update, last = perceive(memory, situation), Decision("", ending, ())
    recorder.append(Step(situation.number, situation.observation, update, (), Recall(), situation.plan, last))


def begin(memory: Memory, observation: Observation, *, goal: str, hint: str) -> Situation:
    """Remember goal and hint as the first episodes, and return the situation at the first observation."""
    for source, text in (("goal", goal), ("hint", hint)):
        if text:
            memory.remember(text, key=source, at=0, source=source)
    return Situation(goal, hint, observation, (), Plan())


def think(memory: Memory, mind: Mind, situation: Situation, *, context: int | None) -> Step:
    """Remember the observation, recall, and decide: one step without its action."""
    update = perceive(memory, situation)
    queries = tuple(mind.queries(situation, update.reading))
    recall = memory.recall(queries, max_tokens=context, exclude=[update.episode.id])
    plan, decision = mind.decide(WorkingMemory(situation, update.reading, memory.places(), recall, queries))
    return Step(situation.number, situation.observation, update, queries, recall, plan, decision)


def perceive(memory: Memory, situation: Situation) -> Update:
    """Remember the observation of a situation as the episode of its step."""
    text, number = situation.observation.transcript, situation.number
    return memory.remember(text, key=f"step {number}", at=number, situation=situation)


def carry_out(environment: Environment, decision: Decision) -> Observation:
    """Carry out the commands of a decision, and return their responses as one observation.

    Stop after a response that ends the game or shows no room: the remaining commands expect another place.
    """
    first, *others = decision.commands
    response = observation = environment.step(first)
    for command in others:
        if response.terminated or response.truncated or response.room is None:
            break
        response = environment.step(command)
        text = f"{observation.text}\n\n> {command}\n{response.text}"
        observation = replace(response, text=text, commands=(*observation.commands, command))
    return observation


def ending_of(situation: Situation, steps: int, moves: int | None = None) -> str | None:
    """Return why the run ends in a situation, or None if it goes on.

    An environment with a limit of `moves` truncates an episode only at that limit.
    """
    observation = situation.observation
    if observation.terminated:
        return "the game is won" if observation.won else "the game is over"
    if observation.truncated:
        return "the environment cut the episode short" if moves is None else NO_MOVES_LEFT
    return "no decisions left" if situation.number > steps else None
