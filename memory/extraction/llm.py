"""Extraction by a language model: triplets, outdated facts, and queries for the recall.

Rules still read the map: rooms, exits, doors and the last move.
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
from ariadne.memory.extraction.rules import RulesExtractor
from ariadne.memory.ontology.names import base_of
from ariadne.protocols import Model
from ariadne.relations import CONNECTIONS, HAS_EXIT, INVENTORY, IS_AT, IS_BEHIND, PLAYER
from ariadne.values import Fact, Reading, Replacement, Situation, Triplet

MAX_KNOWN = 24
"""The most known facts in a prompt; facts with both names in the text come first."""
PROMPT_SUBGOALS = 3
"""The most sub-goals in a prompt: the next ones."""
_PROMPTS = Path(__file__).parent / "prompts"


def _triplet_line(line: str) -> str:
    parts = [" ".join(part.split()) for part in line.split("|")]
    if len(parts) != 3 or not all(parts):
        raise ValueError(f"{line[:60]!r} is not: subject | relation | object")
    return " | ".join(parts)


S = TypeVar("S", bound="Outdated | Read")
TripletLine = Annotated[str, AfterValidator(_triplet_line)]
"""A triplet in a reply: "subject | relation | object"."""


class Triplets(BaseModel):
    """The reply to `extract.txt`."""

    triplets: list[TripletLine]


class Outdated(BaseModel):
    """The reply to `revise.txt`: pairs of a known fact's number and its replacement's number, or 0 for none."""

    outdated: list[list[Number]]


class Read(BaseModel):
    """The reply to `read.txt`; `near` and `wide` are as in the planners' `Queries`."""

    triplets: list[TripletLine]
    outdated: list[list[Number]]
    near: list[str]
    wide: list[str]


class LLMExtractor:
    """An Extractor that asks a Model once for each text; a text that was read before gets the same Reading."""

    def __init__(self, model: Model, *, merged: bool = True, skip: bool = False) -> None:
        """Create an extractor.

        Args:
            model: The model that reads.
            merged: Whether one call returns triplets, outdated facts and queries. If not, a second call returns the
                outdated facts, as in the paper.
            skip: Whether a text remains unread if the model's reply cannot be read. If not, `ReplyError` is raised.
        """
        self._model, self._merged, self._skip, self._rules = model, merged, skip, RulesExtractor()
        self._readings = dict[str, Reading]()

    def read(self, text: str, known: Sequence[Fact] = (), situation: Situation | None = None) -> Reading:
        """Return what a text states.

        Raises:
            ReplyError: The model's reply cannot be read. Errors of the Model pass through.
        """
        try:
            reading = self._readings.get(text) or self._ask(text, known, situation)
        except ReplyError as error:
            if not self._skip:
                raise
            reading = Reading(unread=(f"{UNREAD} ({error.problem}), on: {text}",))
        by_rules = _of_the_map(self._rules.read(text, known, situation).triplets)
        triplets = dict.fromkeys([*by_rules, *reading.triplets])
        reading = replace(reading, triplets=tuple(triplets), names=_names(triplets))
        self.note_reading(text, reading)
        return reading

    def note_reading(self, text: str, reading: Reading) -> None:
        """Keep the reading of a text, from an earlier session too; a text that could not be read is read again."""
        if not any(sentence.startswith(UNREAD) for sentence in reading.unread):
            self._readings.setdefault(text, reading)

    def _ask(self, text: str, known: Sequence[Fact], situation: Situation | None) -> Reading:
        near = _nearest(text, known)
        values = {
            "goal": one_line(situation.goal if situation else ""),
            "known": data(numbered([str(fact) for fact in near])),
            "text": data(text),
        }
        if not self._merged:
            return self._ask_twice(values, known)
        subgoals = situation.plan.subgoals if situation else ()
        plan = data("; ".join(subgoal.text for subgoal in subgoals[:PROMPT_SUBGOALS]))
        reply = self._model.ask(load(_PROMPTS / "read.txt").messages(**values, plan=plan), _within(Read, len(near)))
        triplets = tuple(map(_as_triplet, reply.triplets))
        outdated = tuple(_replacements(reply.outdated, near, triplets))
        return Reading(triplets, outdated, queries=queries_from_names(reply.near, reply.wide), read_count=len(triplets))

    def _ask_twice(self, values: dict[str, str], known: Sequence[Fact]) -> Reading:
        """Ask for the triplets, then for the facts that they make outdated."""
        reply = self._model.ask(load(_PROMPTS / "extract.txt").messages(**values), Triplets)
        triplets = tuple(map(_as_triplet, reply.triplets))
        try:
            outdated = tuple(LLMReviser(self._model)(triplets, known))
        except ReplyError as error:
            if not self._skip:
                raise
            unread = f"{UNREAD} ({error.problem}), on what is outdated"
            return Reading(triplets, unread=(unread,), read_count=len(triplets))
        return Reading(triplets, outdated, read_count=len(triplets))


class GameExtractor:
    """An Extractor for games: rules read the goal, the hint and the end of a game, a model reads the rest."""

    def __init__(self, extractor: LLMExtractor) -> None:
        self._extractor, self._rules = extractor, RulesExtractor()
        self.note_reading = extractor.note_reading

    def read(self, text: str, known: Sequence[Fact] = (), situation: Situation | None = None) -> Reading:
        """Return what a text states; errors of the model's extractor pass through."""
        is_over = situation is not None and (situation.observation.terminated or situation.observation.truncated)
        by_rules = situation is None or is_over
        return (self._rules if by_rules else self._extractor).read(text, known, situation)


class LLMReviser:
    """A Proposer that asks a Model which known facts the stated triplets make outdated.

    The memory checks each proposal by its own Reviser.
    """

    def __init__(self, model: Model) -> None:
        self._model = model

    def __call__(self, stated: Sequence[Triplet], known: Sequence[Fact]) -> list[Replacement]:
        """Return the proposals; raises ReplyError if the model's reply cannot be read."""
        facts = [fact for fact in known if fact.relation not in CONNECTIONS][-MAX_KNOWN:]
        triplets = [triplet for triplet in stated if triplet.relation not in CONNECTIONS]
        if not (facts and triplets):
            return []
        messages = load(_PROMPTS / "revise.txt").messages(
            known=data(numbered([str(fact) for fact in facts])),
            stated=data(numbered([str(triplet) for triplet in triplets])),
        )
        reply = self._model.ask(messages, _within(Outdated, len(facts), len(triplets)))
        return list(_replacements(reply.outdated, facts, triplets))


def _as_triplet(line: str) -> Triplet:
    return Triplet(*line.split(" | "))


def _replacements(
    pairs: Sequence[Sequence[int]], known: Sequence[Fact], triplets: Sequence[Triplet]
) -> Iterable[Replacement]:
    """Return the replacements that a reply gives as pairs of numbers, from 1; 0 is no new triplet."""
    return (Replacement(known[old - 1].triplet, triplets[new - 1] if new else None) for old, new in pairs)


def _within(shape: type[S], known: int, stated: int | None = None) -> type[S]:
    """Return the reply's type, whose numbers must be those of the prompt: `known` facts and `stated` triplets."""

    class Within(shape):  # type: ignore[misc, valid-type]
        @model_validator(mode="after")
        def _in_range(self) -> Within:
            most = len(self.triplets) if stated is None else stated
            for pair in self.outdated:
                if len(pair) != 2 or not (1 <= pair[0] <= known and 0 <= pair[1] <= most):
                    raise ValueError(f"outdated: {pair} is no pair of a number up to {known} and one up to {most}")
            return self

    Within.__name__ = shape.__name__
    return Within


def _nearest(text: str, known: Sequence[Fact]) -> list[Fact]:
    """Return the known facts about names in the text or things in hand; facts with both names in it come first."""
    lower = f"{text}\n{INVENTORY}".casefold()
    facts = [fact for fact in known if fact.relation not in CONNECTIONS and fact.relation != HAS_EXIT]
    matches = {fact: sum(base_of(name.casefold()) in lower for name in fact.triplet.ends) for fact in facts}
    return sorted(filter(matches.get, facts), key=lambda fact: -matches[fact])[:MAX_KNOWN]


def _of_the_map(triplets: Sequence[Triplet]) -> list[Triplet]:
    """Return the triplets of the map: connections, exits, doors and their states, and the room of the player."""
    doors = {triplet.object for triplet in triplets if triplet.relation == IS_BEHIND}
    return [
        triplet for triplet in triplets
        if triplet.relation in (*CONNECTIONS, HAS_EXIT, IS_BEHIND)
        or triplet.subject in doors or (triplet.subject, triplet.relation) == (PLAYER, IS_AT)
    ]  # fmt: skip


def _names(triplets: Iterable[Triplet]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for triplet in triplets for name in triplet.ends))
