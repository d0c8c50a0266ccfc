"""The interface to language models: a Chat completes requests, and ChatModel makes a Model of it.

Endpoints, call logs and scripts are Chats. None of them knows the subject of a request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel

from ariadne.errors import ReplyError
from ariadne.llm.json_replies import read

R = TypeVar("R", bound=BaseModel)
_AGAIN = "That cannot be read: {wrong}. Answer again, with nothing but the JSON object."
_OMITTED = frozenset(
    {"minimum", "maximum", "minItems", "maxItems", "minLength", "maxLength", "default", "title", "description"}
)


@dataclass(frozen=True)
class Request:
    """A request: messages with role and content, and the shape of the reply by name and JSON schema."""

    messages: tuple[Mapping[str, str], ...]
    shape: str
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class Completion:
    """The response of a model.

    The tokens are estimated if the server does not report them. `cut_off` marks a text that the server's limit ends.
    """

    text: str
    model: str
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    estimated: bool = False
    cut_off: bool = False
    seconds: float = 0


class Chat(Protocol):
    """Completes requests, as `Endpoint`, `CallLog` and `ScriptedChat` do."""

    def complete(self, request: Request) -> Completion:
        """Return the completion of a request; raise ModelError if there is none."""
        ...


class ChatModel:
    """A Model that sends requests to a Chat; it repeats a request with an unreadable reply once, with the problem."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat

    def ask(self, messages: Sequence[Mapping[str, str]], reply: type[R]) -> R:
        """Return the reply to messages; raise ReplyError if the second response cannot be read either."""
        request = Request(tuple(messages), reply.__name__, schema_of(reply))
        response = self._chat.complete(request)
        try:
            return read(response.text, reply, cut_off=response.cut_off)
        except ReplyError as error:
            more = (
                {"role": "assistant", "content": response.text},
                {"role": "user", "content": _AGAIN.format(wrong=error.problem)},
            )
            response = self._chat.complete(replace(request, messages=(*messages, *more)))
            return read(response.text, reply, cut_off=response.cut_off)


def schema_of(reply: type[BaseModel]) -> dict[str, Any]:
    """Return a JSON schema in the form that strict servers require: every property is required, and no other allowed.

    Docstrings and bounds are left out. Bounds are checked when the reply is read; they would change the schema at each
    step.
    """
    strict: dict[str, Any] = _strict(reply.model_json_schema())
    return strict


def _strict(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        name: _strict(part) for name, part in schema.items() if name not in _OMITTED or not isinstance(part, (int, str))
    }
    if isinstance(schema.get("properties"), dict):
        kept["properties"] = {name: _strict(part) for name, part in schema["properties"].items()}
        kept |= {"required": [*schema["properties"]], "additionalProperties": False}
    return kept
