"""What is to be known from trials of a game that were not won, when it is played again: Reflexion's words of advice,
written by a language model; without one, what the trials found out, in words that are read by rules."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, Field

from ariadne.llm.prompts import data, load, one_line
from ariadne.planners.map import CONNECTION
from ariadne.planners.rules.queries import INVENTORY, mentions
from ariadne.protocols import Model
from ariadne.values import Step, Triplet

LONGEST = 3000
"""Characters of a reflection."""
_SHOWN = 12_000  # characters of a trial that a model is shown: its last steps
_BRIEF = 160  # characters of an answer
_PROMPT = Path(__file__).parent / "llm" / "prompts" / "reflect.txt"
_READ = {"is in": "lies in", "is on": "lies on"}
"""How a place is told."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


class Reflection(BaseModel):
    """The reply to `reflect.txt`."""

    reflection: str = Field(min_length=1)


# -- by a language model -----------------------------------------------------------------------------------------------


def thought_of(trial: Sequence[Step], model: Model, *, goal: str, hint: str, notes: str) -> str:
    """What a model thinks of a trial, to its closing step; `notes` is what it thought of those before. Raises
    ReplyError where its reply cannot be read, and what the Model raises."""
    last = trial[-1]
    seen = last.observation
    of = "" if seen.max_score is None else f" of {seen.max_score}"
    messages = load(_PROMPT).messages(
        goal=one_line(goal), hint=one_line(hint), notes=data(notes), trial=data("\n".join(_told(trial))),
        plan=data("\n".join(one.text for one in last.plan.subgoals)),
        ending=f"{last.decision.reason}, with {seen.score}{of} points",
    )  # fmt: skip
    return _within(_SENTENCE.split(" ".join(model.ask(messages, Reflection).reflection.split())))


def _told(trial: Sequence[Step]) -> list[str]:
    """The last steps: what was done, and the first words of the answer."""
    lines, left = list[str](), _SHOWN
    for seen in (step.observation for step in reversed(trial)):
        line = " ".join([*(["> " + ", ".join(seen.commands) + ":"] if seen.commands else []), *seen.text.split()])
        left -= len(line[:_BRIEF])
        if left < 0:
            break
        lines.append(line[:_BRIEF])
    return lines[::-1]


# -- without one -------------------------------------------------------------------------------------------------------


def found_out(trials: Iterable[Sequence[Step]], *, goal: str) -> str:
    """What trials found out of keys, of what a recipe requires, and of what goal and plan name: what opens what, and
    where a thing lay at first, for there it will lie again; then the ways between rooms.

    Of no other things: what a hint names is to the mind by rules a thing to have.
    """
    return _within(dict.fromkeys(sentence for trial in trials for sentence in _sentences(trial, goal)))


def _sentences(trial: Sequence[Step], goal: str) -> Iterator[str]:
    stated = list(dict.fromkeys(fact.triplet for step in trial for fact in step.update.added))
    opened = [one for one in stated if one.relation == "unlocks"]
    names = {name for one in opened for name in one.ends} | {one.object for one in stated if one.relation == "requires"}
    wanted = "\n".join([goal, *(one.text for one in trial[-1].plan.subgoals)])
    for one in (*opened, *_placed(_first_places(stated), names, wanted), *filter(_is_way, stated)):
        yield f"The {one.subject} {_READ.get(one.relation, one.relation)} the {one.object}."


def _is_way(triplet: Triplet) -> bool:
    return CONNECTION.fullmatch(triplet.relation) is not None


def _first_places(stated: Iterable[Triplet]) -> dict[str, Triplet]:
    """Where each thing was seen first, but for what was in hand then."""
    first = dict[str, Triplet]()
    for one in stated:
        if one.relation in _READ:
            first.setdefault(one.subject, one)
    return {thing: one for thing, one in first.items() if one.object != INVENTORY}


def _placed(first: Mapping[str, Triplet], names: Collection[str], wanted: str) -> list[Triplet]:
    """The places of what has one of the names or is wanted, and of what these things are in or on."""
    placed = [one for thing, one in first.items() if thing in names or mentions(wanted, thing)]
    for one in placed:  # it grows meanwhile
        holder = first.get(one.object)
        if holder is not None and holder not in placed:
            placed.append(holder)
    return placed


def _within(sentences: Iterable[str]) -> str:
    """The first sentences, as many as LONGEST characters hold; of one that is longer its beginning."""
    kept = ""
    for sentence in sentences:
        if len(longer := f"{kept} {sentence}".strip()) > LONGEST:
            return kept or longer[:LONGEST]
        kept = longer
    return kept
