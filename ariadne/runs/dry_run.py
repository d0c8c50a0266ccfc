"""The requests to a language model at the first step of a run, made with the smallest valid replies."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing, suppress
from itertools import repeat
from typing import Any

from ariadne import assembly
from ariadne.errors import InvalidInput, ReplyError
from ariadne.llm.chat import ChatModel, Request
from ariadne.llm.scripted import ScriptedChat
from ariadne.loop import begin, think
from ariadne.runs.settings import RunSettings

_MESSAGES = 2  # of a first request; a request that repeats an unreadable reply has more


def first_requests(settings: RunSettings) -> list[Request]:
    """Return the requests of the first step in their order, without saving a run.

    Raises:
        InvalidInput: The run has no language model.
    """
    if settings.model_settings is None:
        raise InvalidInput("this run has no language model")
    chat = ScriptedChat(repeat(lambda request: _least(request.schema, request.schema)))
    model = ChatModel(chat)
    mind = assembly.llm_mind(settings.model_settings, model)
    extractor = assembly.extractor(settings.model_settings, model)
    with (
        settings.open_game() as game,
        closing(assembly.memory(settings.memory, extractor=extractor)) as memory,
        suppress(ReplyError),
    ):
        observation = game.reset(settings.seed)
        goal = game.objective if settings.goal is None else settings.goal
        situation = begin(memory, observation, goal=goal, hint=settings.full_hint)
        think(memory, mind, situation, context=settings.context)
    return [request for request in chat.requests if len(request.messages) == _MESSAGES]


def _least(shape: Mapping[str, Any], whole: Mapping[str, Any]) -> Any:
    """Return the smallest value that fits a JSON schema: empty lists, the number 1, short texts."""
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
