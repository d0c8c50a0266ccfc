"""What a language model would be asked at the first step of a run: played with the least replies that fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from itertools import repeat
from typing import Any

from ariadne import assembly
from ariadne.errors import InvalidInput, ReplyError
from ariadne.llm.chat import ChatModel
from ariadne.llm.chat import Request as Asked
from ariadne.llm.scripted import Line, Script
from ariadne.loop import play
from ariadne.runs.session import Request, asked_of
from ariadne.values import Step

_FRESH = 2  # messages of a request that does not ask again, because a reply of ours was not to the point


class _EnoughError(Exception):
    """The first step was decided."""


class _FirstStep:
    """A Recorder that wants no second step."""

    def append(self, step: Step) -> None:
        raise _EnoughError(step.number)


def first_requests(request: Request) -> list[Asked]:
    """The requests of the first step, in their order; nothing is saved. Raises InvalidInput where no model thinks."""
    if request.thinking is None:
        raise InvalidInput("no language model thinks in this run")
    script = Script(_replies())
    model = ChatModel(script)
    mind, reader = assembly.llm_mind(request.thinking, model), assembly.extractor(request.thinking, model)
    with (
        assembly.environment_of(request.game, request) as game,
        closing(assembly.memory(request.memory, extractor=reader)) as memory,
        suppress(_EnoughError, ReplyError),
    ):
        game.reset(request.seed)
        asked = asked_of(request, game.objective)
        play(
            game, memory, mind, _FirstStep(), goal=asked.goal, hint=asked.hints, steps=1, context=asked.context,
            seed=asked.seed,
        )  # fmt: skip
    return [one for one in script.requests if len(one.messages) == _FRESH]


def _replies() -> Iterator[Line]:
    return repeat(lambda request: _least(request.schema, request.schema))


def _least(shape: Mapping[str, Any], whole: Mapping[str, Any]) -> Any:
    """The least value of a JSON schema: no items, the first number."""
    if "$ref" in shape:
        return _least(whole["$defs"][shape["$ref"].rpartition("/")[2]], whole)
    if "anyOf" in shape:
        return _least(shape["anyOf"][0], whole)
    match shape["type"]:
        case "object":
            return {name: _least(part, whole) for name, part in shape["properties"].items()}
        case "array":
            return []
        case "integer":
            return 1
        case "boolean":
            return False
        case _:
            return "-"
