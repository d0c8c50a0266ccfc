"""A language model that is asked for a reply of a given shape: the seam to what completes texts, and what makes a Model
of it. Endpoints, recordings and scripts are all a Chat; none of them knows what it is asked about.
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
_OURS = frozenset(
    {"minimum", "maximum", "minItems", "maxItems", "minLength", "maxLength", "default", "title", "description"}
)


@dataclass(frozen=True)
class Request:
    """What is asked: messages of roles and contents, and the reply's shape by name and JSON schema."""

    messages: tuple[Mapping[str, str], ...]
    shape: str
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class Completion:
    """What was said, by which model, for how many tokens (estimated, where the server does not say), in how many
    seconds; `cut_off` where it was longer than the server allows."""

    text: str
    model: str
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    estimated: bool = False
    cut_off: bool = False
    seconds: float = 0


class Chat(Protocol):
    """Completes what it is asked; see `endpoint.Endpoint`, `calls.Calls`, `scripted.Script`."""

    def complete(self, request: Request) -> Completion: ...


class ChatModel:
    """A Model that asks a Chat, and once more, with what was wrong, where the reply cannot be read."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat

    def ask(self, messages: Sequence[Mapping[str, str]], reply: type[R]) -> R:
        """The reply; raises ReplyError, with what was said then, where the second one cannot be read either."""
        request = Request(tuple(messages), reply.__name__, schema_of(reply))
        said = self._chat.complete(request)
        try:
            return read(said.text, reply, cut_off=said.cut_off)
        except ReplyError as error:
            more = (
                {"role": "assistant", "content": said.text},
                {"role": "user", "content": _AGAIN.format(wrong=error.problem)},
            )
            said = self._chat.complete(replace(request, messages=(*messages, *more)))
            return read(said.text, reply, cut_off=said.cut_off)


def schema_of(reply: type[BaseModel]) -> dict[str, Any]:
    """Its JSON schema as strict servers want it: every property required, no others; without docstrings, and without
    bounds: these are checked when the reply is read, and would make the same shape another one at each step."""
    strict: dict[str, Any] = _strict(reply.model_json_schema())
    return strict


def _strict(told: Any) -> Any:
    if isinstance(told, list):
        return [_strict(one) for one in told]
    if not isinstance(told, dict):
        return told
    kept = {name: _strict(one) for name, one in told.items() if name not in _OURS or not isinstance(one, (int, str))}
    if isinstance(told.get("properties"), dict):
        kept["properties"] = {name: _strict(one) for name, one in told["properties"].items()}
        kept |= {"required": [*told["properties"]], "additionalProperties": False}
    return kept
