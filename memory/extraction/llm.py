"""Reading by a language model: triplets, what they make outdated, and what to look up. Rooms, exits and the move just
made are read by rules all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, model_validator

from ariadne.errors import ReplyError
from ariadne.llm.json_replies import UNREAD, Number, queries_from_names
from ariadne.llm.prompts import data, load, numbered, one_line
from ariadne.memory.extraction.context import INVENTORY
from ariadne.memory.extraction.rules import RulesExtractor
from ariadne.protocols import Model
from ariadne.relations import CONNECTIONS
from ariadne.values import Fact, Reading, Replacement, Situation, Triplet

KNOWN = 24
"""Known facts in a prompt, at most: those first of which the text names both ends."""
NEXT = 3
"""Sub-goals in a prompt, for what to look up: the next ones."""
_PROMPTS = Path(__file__).parent / "prompts"


def _triplet(told: str) -> str:
    parts = [" ".join(part.split()) for part in told.split("|")]
    if len(parts) != 3 or not all(parts):
        raise ValueError(f"{told[:60]!r} is not: subject | relation | object")
    return " | ".join(parts)


S = TypeVar("S", bound="Outdated | Read")
TripletText = Annotated[str, AfterValidator(_triplet)]
"""A triplet in a reply: "subject | relation | object"."""


class Triplets(BaseModel):
    """The reply to `extract.txt`."""

    triplets: list[TripletText]


class Outdated(BaseModel):
    """The reply to `revise.txt`: [number of what is held, number of what takes its place]."""

    outdated: list[list[Number]]


class Read(BaseModel):
    """The reply to `read.txt`; `near` and `wide` are as in the planners' `Asks`."""

    triplets: list[TripletText]
    outdated: list[list[Number]]
    near: list[str]
    wide: list[str]


class LLMExtractor:
    """An Extractor that asks a Model once for each text, and not again for one that was read word for word before.

    With `merged` the same call says what is outdated and what to look up; without, a second call says what is outdated,
    as in the paper. With `skip` a text of which the reply cannot be read is left unread.
    """

    name = "llm"

    def __init__(self, model: Model, *, merged: bool = True, skip: bool = False) -> None:
        self._model, self._merged, self._skip, self._rules = model, merged, skip, RulesExtractor()
        self._before = dict[str, Reading]()

    def read(self, text: str, known: Sequence[Fact] = (), situation: Situation | None = None) -> Reading:
        """What the text tells. Raises ReplyError where the model's reply cannot be read, and what the Model raises."""
        try:
            told = self._before.get(text) or self._asked(text, known, situation)
        except ReplyError as error:
            if not self._skip:
                raise
            told = Reading(unread=(f"{UNREAD} ({error.problem}), on: {text}",))
        triplets = dict.fromkeys([*_of_the_map(self._rules.read(text, known, situation).triplets), *told.triplets])
        reading = replace(told, triplets=tuple(triplets), names=_names(triplets))
        self.note_reading(text, reading)
        return reading

    def note_reading(self, text: str, reading: Reading) -> None:
        """Keep the reading of a text, which may come from an earlier session; a complete one is not repeated."""
        if not any(told.startswith(UNREAD) for told in reading.unread):
            self._before.setdefault(text, reading)

    def _asked(self, text: str, known: Sequence[Fact], situation: Situation | None) -> Reading:
        near = _nearest(text, known)
        goal, goals = (situation.goal, situation.plan.subgoals) if situation else ("", ())
        values = {
            "goal": one_line(goal),
            "known": data(numbered([str(fact) for fact in near])),
            "text": data(text),
        }
        if not self._merged:
            stated = self._model.ask(load(_PROMPTS / "extract.txt").messages(**values), Triplets).triplets
            found = tuple(map(_as_triplet, stated))
            try:
                return Reading(found, tuple(LLMReviser(self._model)(found, known)), read_count=len(found))
            except ReplyError as error:
                if not self._skip:
                    raise
                return Reading(
                    found, unread=(f"{UNREAD} ({error.problem}), on what is outdated",), read_count=len(found)
                )
        plan = data("; ".join(goal.text for goal in goals[:NEXT]))
        reply = self._model.ask(load(_PROMPTS / "read.txt").messages(**values, plan=plan), _within(Read, len(near)))
        triplets = list(map(_as_triplet, reply.triplets))
        outdated = [
            Replacement(near[old - 1].triplet, triplets[new - 1] if new else None) for old, new in reply.outdated
        ]
        return Reading(
            tuple(triplets),
            tuple(outdated),
            queries=queries_from_names(reply.near, reply.wide),
            read_count=len(triplets),
        )


class InPlay:
    """An Extractor for runs: what needs no model, a goal, a hint and what ends a game, is read by rules, all else by a
    model."""

    name = "in play"

    def __init__(self, reader: LLMExtractor) -> None:
        self._reader, self._rules = reader, RulesExtractor()
        self.note_reading = reader.note_reading

    def read(self, text: str, known: Sequence[Fact] = (), situation: Situation | None = None) -> Reading:
        """What the text tells; raises what the model's reader raises."""
        needless = situation is None or situation.observation.terminated or situation.observation.truncated
        return (self._rules if needless else self._reader).read(text, known, situation)


class LLMReviser:
    """A Proposer that asks a Model which of the known facts are outdated by what is stated; the memory's own guard
    judges what it proposes."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def __call__(self, stated: Sequence[Triplet], known: Sequence[Fact]) -> list[Replacement]:
        held = [fact for fact in known if fact.relation not in CONNECTIONS][-KNOWN:]
        told = [triplet for triplet in stated if triplet.relation not in CONNECTIONS]
        if not (held and told):
            return []
        messages = load(_PROMPTS / "revise.txt").messages(
            known=data(numbered([str(fact) for fact in held])),
            stated=data(numbered([str(triplet) for triplet in told])),
        )
        reply = self._model.ask(messages, _within(Outdated, len(held), len(told)))
        return [Replacement(held[old - 1].triplet, told[new - 1] if new else None) for old, new in reply.outdated]


def _as_triplet(told: str) -> Triplet:
    return Triplet(*told.split(" | "))


def _within(shape: type[S], held: int, stated: int | None = None) -> type[S]:
    """The reply, of which the numbers must be of what was shown."""

    class Within(shape):  # type: ignore[misc, valid-type]
        @model_validator(mode="after")
        def _in_range(self) -> Within:
            most = len(self.triplets) if stated is None else stated
            for pair in self.outdated:
                if len(pair) != 2 or not (1 <= pair[0] <= held and 0 <= pair[1] <= most):
                    raise ValueError(f"outdated: {pair} is no pair of a number up to {held} and one up to {most}")
            return self

    Within.__name__ = shape.__name__
    return Within


def _nearest(text: str, known: Sequence[Fact]) -> list[Fact]:
    """The known facts that the text may bear on: of things that it names, or of what the player holds; those first of
    which it names both ends."""
    said = f"{text}\n{INVENTORY}".casefold()
    things = [fact for fact in known if fact.relation not in CONNECTIONS and fact.relation != "has exit"]
    named = {fact: sum(name.casefold() in said for name in fact.triplet.ends) for fact in things}
    return sorted(filter(named.get, things), key=lambda fact: -named[fact])[:KNOWN]


def _of_the_map(triplets: Sequence[Triplet]) -> list[Triplet]:
    """What rules read of rooms: ways and exits, the doors in them, and where the player is."""
    doors = {triplet.object for triplet in triplets if triplet.relation == "is behind"}
    return [
        triplet for triplet in triplets
        if triplet.relation in (*CONNECTIONS, "has exit", "is behind")
        or triplet.subject in doors or (triplet.subject, triplet.relation) == ("player", "is at")
    ]  # fmt: skip


def _names(triplets: Iterable[Triplet]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for triplet in triplets for name in triplet.ends))
