"""A language model that says what it is told to say: for the tests of those who build on this."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from ariadne.errors import ModelError
from ariadne.llm.chat import ChatModel, Completion, Request
from ariadne.tokens import count

ScriptedReply = str | BaseModel | Mapping[str, Any] | Callable[[Request], "ScriptedReply"]
"""What to say: a text as it is, a reply to be told as JSON, or what makes one of these out of the request."""


class ScriptedChat:
    """A Chat that says its lines in their order; what it was asked is in `requests`. Raises ModelError at its end."""

    def __init__(self, lines: Iterable[ScriptedReply]) -> None:
        self._lines = iter(lines)
        self.requests = list[Request]()

    def complete(self, request: Request) -> Completion:
        self.requests.append(request)
        try:
            line = next(self._lines)
        except StopIteration:
            raise ModelError(f"the script ends before request {len(self.requests)}, for {request.shape}") from None
        while callable(line):
            line = line(request)
        text = line if isinstance(line, str) else _as_json(line)
        asked = sum(count(message["content"]) for message in request.messages)
        return Completion(text, "script", asked, count(text), estimated=True)


def ScriptedModel(*lines: ScriptedReply) -> ChatModel:  # noqa: N802 - reads as the class that it stands for
    """A Model that answers by these lines, each read as an endpoint's reply would be."""
    return ChatModel(ScriptedChat(lines))


def _as_json(line: BaseModel | Mapping[str, Any]) -> str:
    return line.model_dump_json() if isinstance(line, BaseModel) else json.dumps(line)
