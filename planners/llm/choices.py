"""The actions that a language model can choose from, and the validation of its choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

from pydantic import BaseModel, field_validator

from ariadne.errors import ReplyError
from ariadne.llm.json_replies import UNREAD
from ariadne.planners.command_wordings import reword
from ariadne.planners.map import Map
from ariadne.planners.working_memory import FactsInText, announced_room, texts_at_hand
from ariadne.relations import IS_AT, PLAYER
from ariadne.values import Decision, Triplet, WorkingMemory

_GO_TO = "go to "
_LOOK = "look"
_MOST_EXITS = 12
_QUOTED = 60  # characters of an invalid action that an error quotes
R = TypeVar("R", bound=BaseModel)


@dataclass(frozen=True)
class Choices:
    """The actions that are possible now, each with its commands.

    Args:
        listed: The actions that the prompt lists with numbers: valid actions, and walks to rooms further away.
        walks: The walks to all known rooms, also to neighbours, whose directions are valid actions already.
        exits: The nearest unexplored exits.
        free: Whether any other command of one line is allowed.
    """

    listed: Mapping[str, tuple[str, ...]]
    walks: Mapping[str, tuple[str, ...]]
    exits: tuple[str, ...]
    free: bool

    @classmethod
    def of(cls, working: WorkingMemory, facts_in_text: FactsInText | None = None, *, free: bool = False) -> Choices:
        """Return the choices of one step.

        Args:
            working: The working memory of the step.
            facts_in_text: Reads the map out of texts, for a memory that recalls no facts.
            free: Allow commands that are not listed. Without a list of valid actions they are always allowed.
        """
        valid = working.situation.observation.valid_actions
        triplets = _map_triplets(working, facts_in_text)
        room = _room(working, triplets)
        drawn = Map.of(triplets, room)
        walks = {
            f"{_GO_TO}{name}": tuple(reword(f"go {direction}", working.situation.observations) for direction in path)
            for name, path in sorted(drawn.paths(room).items(), key=lambda item: len(item[1]))
            if path
        }
        far = {text: path for text, path in walks.items() if len(path) > 1 or valid is None}
        exits = tuple(f"{end.direction} of {end.room}" for _, end in drawn.unexplored(room))[:_MOST_EXITS]
        return cls({action: (action,) for action in valid or ()} | far, walks, exits, free or valid is None)

    def named(self, reply: int | str) -> str:
        """Return the text of the action that a reply names by number or text. Raises ValueError if there is none."""
        texts = list(self.listed)
        if isinstance(reply, int) or reply.strip().isdigit():
            return _numbered(texts, int(reply))
        plain = " ".join(reply.split()).casefold()
        with_number = (text for number, text in enumerate(texts, 1) if plain == f"{number} {text}".casefold())
        by_text = (text for text in (*texts, *self.walks) if text.casefold() == plain)
        if found := next(chain(with_number, by_text), None):
            return found
        if self.free and plain and len(reply.strip().splitlines()) == 1:
            return " ".join(reply.split())
        raise ValueError(f"{reply[:_QUOTED]!r} is no action of the list")

    def validated(self, shape: type[R]) -> type[R]:
        """Return a reply type whose action must be one of these; without listed actions, it must be a text."""
        choices = self

        class Chosen(shape):  # type: ignore[misc, valid-type]
            if not choices.listed:
                action: str

            @field_validator("action")
            @classmethod
            def _named(cls, reply: int | str) -> str:
                return choices.named(reply)

        Chosen.__name__ = shape.__name__
        return Chosen

    def without_reply(self, error: ReplyError, *, skip: bool) -> Decision:
        """Return the decision to look if a reply cannot be read and may be skipped; else raise the error."""
        if not skip:
            raise error
        return self.decision(_LOOK, f"{UNREAD} ({error.problem})")

    def decision(self, action: int | str, reason: str) -> Decision:
        """Return the decision for a validated action."""
        text = str(action)
        return Decision(text, " ".join(reason.split()), {**self.walks, **self.listed}.get(text, (text,)))


def _numbered(texts: Sequence[str], number: int) -> str:
    if not texts:
        raise ValueError(f"there is no action {number}: none is listed, say a command")
    if not 1 <= number <= len(texts):
        raise ValueError(f"there is no action {number}; there are 1 to {len(texts)}")
    return texts[number - 1]


def _map_triplets(working: WorkingMemory, facts_in_text: FactsInText | None) -> Sequence[Triplet]:
    """Return the triplets that draw the map: from working memory, or out of texts if memory recalls no facts."""
    if facts_in_text is None or working.places or working.recall.facts:
        return working.places
    return facts_in_text("\n".join(texts_at_hand(working)))


def _room(working: WorkingMemory, triplets: Sequence[Triplet]) -> str:
    """Return the player's room: the room last announced, or the one that a fact names."""
    known = [*(fact.triplet for fact in working.recall.facts), *triplets]
    rooms = (triplet.object for triplet in known if (triplet.subject, triplet.relation) == (PLAYER, IS_AT))
    return announced_room(working.situation) or next(rooms, "")
