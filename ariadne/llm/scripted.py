"""A language model with scripted replies, for tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from ariadne.errors import ModelError
from ariadne.llm.chat import ChatModel, Completion, Request
from ariadne.tokens import count

ScriptedReply = str | BaseModel | Mapping[str, Any] | Callable[[Request], "ScriptedReply"]
"""A text, a reply to send as JSON, or a function that makes one of these from the request."""


class ScriptedChat:
    """A Chat that returns replies in order and keeps the `requests`; it raises ModelError after the last reply."""

    def __init__(self, replies: Iterable[ScriptedReply]) -> None:
        self._replies = iter(replies)
        self.requests = list[Request]()

    def complete(self, request: Request) -> Completion:
        """Return the next reply."""
        self.requests.append(request)
        try:
            reply = next(self._replies)
        except StopIteration:
            raise ModelError(f"the script ends before request {len(self.requests)} ({request.shape})") from None
        while callable(reply):
            reply = reply(request)
        text = reply if isinstance(reply, str) else _as_json(reply)
        prompt_tokens = sum(count(message["content"]) for message in request.messages)
        return Completion(text, "script", prompt_tokens, count(text), estimated=True)


def ScriptedModel(*replies: ScriptedReply) -> ChatModel:  # noqa: N802 - it stands for a class
    """Return a Model with these replies, each read as the reply of an endpoint."""
    return ChatModel(ScriptedChat(replies))


def _as_json(reply: BaseModel | Mapping[str, Any]) -> str:
    return reply.model_dump_json() if isinstance(reply, BaseModel) else json.dumps(reply)
