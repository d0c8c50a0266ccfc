"""One step, and nothing else: observe, remember, recall, decide, record, act. Knows protocols only."""

from __future__ import annotations

from dataclasses import replace

from ariadne.protocols import Environment, Memory, Mind, Recorder
from ariadne.values import RECENT_STEPS, Decision, Observation, Plan, Recall, Situation, Step, WorkingMemory


def play(
    environment: Environment, memory: Memory, mind: Mind, run: Recorder,
    *, goal: str, hint: str, steps: int, context: int | None, seed: int | None,
) -> None:  # fmt: skip
    """Play one episode of at most `steps` decisions; recalled text stays within `context` tokens.

    Goal and hint are the first episodes. The last step recorded is the observation that ended the game, or at which
    the decisions were spent; its decision has no commands.
    """
    observation = environment.reset(seed)
    for source, told in (("goal", goal), ("hint", hint)):
        if told:
            memory.remember(told, key=source, at=0, source=source)
    plan, last = Plan(), tuple[Step, ...]()
    for number in range(1, steps + 2):
        situation = Situation(goal, hint, observation, last, plan)
        update = memory.remember(observation.transcript, key=f"step {number}", at=number, situation=situation)
        if ending := _ending(observation, spent=number > steps):
            run.append(Step(number, observation, update, (), Recall(), plan, Decision("", ending, ())))
            return
        queries = tuple(mind.queries(situation, update.reading))
        recall = memory.recall(queries, max_tokens=context, exclude=[update.episode.id])
        working = WorkingMemory(situation, update.reading, memory.places(), recall, queries)
        plan, decision = mind.decide(working)
        step = Step(number, observation, update, queries, recall, plan, decision)
        run.append(step)  # on disk before the action is made
        last = (*last, step)[-RECENT_STEPS:]
        observation = walk(environment, decision)


def walk(environment: Environment, decision: Decision) -> Observation:
    """Carry out the decision's commands, stopping at the first surprise; one observation tells all the answers.

    A surprise, on a way of several commands, is an answer that opens no room, or one that ends the game.
    """
    first, *rest = decision.commands
    answer = told = environment.step(first)
    for command in rest:
        if answer.terminated or answer.truncated or answer.room is None:
            break
        answer = environment.step(command)
        text = f"{told.text}\n\n> {command}\n{answer.text}"
        told = replace(answer, text=text, commands=(*told.commands, command))
    return told


def _ending(observation: Observation, *, spent: bool) -> str | None:
    if observation.terminated:
        return "the game is won" if observation.won else "the game is over"
    return "the environment cut the episode short" if observation.truncated else "no decisions left" if spent else None
