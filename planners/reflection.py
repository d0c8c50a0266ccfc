"""What trials of a game that were not won teach, for when it is played again.

A language model writes advice, as in Reflexion. Without a model, it is what the trials found out, in sentences that the
reading by rules understands.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, Field

from ariadne.llm.prompts import data, load, one_line
from ariadne.protocols import Model
from ariadne.relations import CONNECTIONS, INVENTORY, IS_IN, IS_ON, REQUIRES, UNLOCKS
from ariadne.text import has_words
from ariadne.values import Step, Triplet

LONGEST = 3000
"""Characters of a reflection."""
_TRIAL_LENGTH = 12_000  # characters of a trial that the prompt shows: its last steps
_STEP_LENGTH = 160  # characters of each of these steps
_PROMPT = Path(__file__).parent / "llm" / "prompts" / "reflect.txt"
_PLACE_PHRASES = {IS_IN: "lies in", IS_ON: "lies on"}
"""How a sentence names a place."""
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


class Reflection(BaseModel):
    """The reply to `reflect.txt`."""

    reflection: str = Field(min_length=1)


# -- by a language model -----------------------------------------------------------------------------------------------


def reflection_by_model(trial: Sequence[Step], model: Model, *, goal: str, hint: str, notes: str) -> str:
    """Return what a model advises after a trial.

    Args:
        trial: All steps of the trial, with its closing step.
        model: The language model.
        goal: The goal of the game.
        hint: The hint of the game; "" for none.
        notes: The reflections on the trials before.

    Raises:
        ReplyError: The reply cannot be read.
    """
    last = trial[-1]
    most = "" if last.observation.max_score is None else f" of {last.observation.max_score}"
    messages = load(_PROMPT).messages(
        goal=one_line(goal), hint=one_line(hint), notes=data(notes), trial=data("\n".join(_trial_lines(trial))),
        plan=data("\n".join(subgoal.text for subgoal in last.plan.subgoals)),
        ending=f"{last.decision.reason}, with {last.observation.score}{most} points",
    )  # fmt: skip
    reply = " ".join(model.ask(messages, Reflection).reflection.split())
    return _shortened(_SENTENCE_END.split(reply))


def _trial_lines(trial: Sequence[Step]) -> list[str]:
    """Return a line for each of the last steps: the commands and the first words of the answer."""
    lines, left = list[str](), _TRIAL_LENGTH
    for observation in (step.observation for step in reversed(trial)):
        commands = [f"> {', '.join(observation.commands)}:"] if observation.commands else []
        line = " ".join([*commands, *observation.text.split()])[:_STEP_LENGTH]
        left -= len(line)
        if left < 0:
            break
        lines.append(line)
    return lines[::-1]


# -- by rules ----------------------------------------------------------------------------------------------------------


def reflection_by_rules(trials: Iterable[Sequence[Step]], *, goal: str) -> str:
    """Return what trials found out, in sentences.

    These are: which key opens what, where keys, ingredients and things that goal and plan name lay first, and the
    connections of rooms. A thing lies there again in the next trial. Other things are left out, because the rules mind
    takes what a hint names.
    """
    return _shortened(dict.fromkeys(sentence for trial in trials for sentence in _sentences(trial, goal)))


def _sentences(trial: Sequence[Step], goal: str) -> Iterator[str]:
    triplets = list(dict.fromkeys(fact.triplet for step in trial for fact in step.update.added))
    locks = [triplet for triplet in triplets if triplet.relation == UNLOCKS]
    names = {name for triplet in locks for name in triplet.ends}
    names |= {triplet.object for triplet in triplets if triplet.relation == REQUIRES}
    task = "\n".join([goal, *(subgoal.text for subgoal in trial[-1].plan.subgoals)])
    connections = [triplet for triplet in triplets if triplet.relation in CONNECTIONS]
    for triplet in (*locks, *_relevant_places(_first_places(triplets), names, task), *connections):
        relation = _PLACE_PHRASES.get(triplet.relation, triplet.relation)
        yield f"The {triplet.subject} {relation} the {triplet.object}."


def _first_places(triplets: Iterable[Triplet]) -> dict[str, Triplet]:
    """Return the first place of each thing, without things that were in hand then."""
    first = dict[str, Triplet]()
    for triplet in triplets:
        if triplet.relation in _PLACE_PHRASES:
            first.setdefault(triplet.subject, triplet)
    return {thing: triplet for thing, triplet in first.items() if triplet.object != INVENTORY}


def _relevant_places(first: Mapping[str, Triplet], names: Collection[str], task: str) -> list[Triplet]:
    """Return the places of things that are among the names or in the task, and of their holders."""
    places = [triplet for thing, triplet in first.items() if thing in names or has_words(task, thing)]
    for triplet in places:  # the list grows during this loop
        holder = first.get(triplet.object)
        if holder is not None and holder not in places:
            places.append(holder)
    return places


def _shortened(sentences: Iterable[str]) -> str:
    """Join as many sentences as LONGEST allows; cut the first one if it is longer than that."""
    kept = ""
    for sentence in sentences:
        if len(longer := f"{kept} {sentence}".strip()) > LONGEST:
            return kept or longer[:LONGEST]
        kept = longer
    return kept
