"""The parts and errors in responses of OpenAI-compatible servers, which differ in fields and wording."""

from __future__ import annotations

import math
import re
import socket
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

OF_FORMAT = re.compile(
    r"response.?format|json|schema|structured|grammar|guided|\bformat\b|requested parameters", re.IGNORECASE
)
"""Matches refusals of a response format."""
OF_TEMPERATURE = re.compile("temperature", re.IGNORECASE)
OF_LENGTH = re.compile("max_tokens|max_completion_tokens", re.IGNORECASE)
OF_CONTEXT = re.compile("context.?(?:length|size|window)", re.IGNORECASE)
CANNOT = (400, 404, 405, 415, 422, 500, 501)
"""The statuses of refusals that another form of the same request may avoid."""
ADDRESS = "check the address; most end in /v1"
_OF_ACCOUNT = re.compile("insufficient_quota|credit balance", re.IGNORECASE)
_OF_GENERATION = re.compile(
    "json_validate_failed|failed to generate json|content.?filter|content management", re.IGNORECASE
)
"""Matches errors of one completion, which a repeated request may avoid."""


def part(value: Any, *names: str | int) -> Any:
    """Return a nested part of a response, or None if a part on the path is missing."""
    for name in names:
        if isinstance(value, list) and isinstance(name, int):
            value = value[name] if name < len(value) else None
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value


def number(value: Any) -> int:
    """Return a number of tokens, or 0 for another value."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def text_of(choice: Any) -> str:
    """Return the text of a choice; of several content parts, only the texts."""
    content = part(choice, "message", "content")
    if isinstance(content, list):
        content = "".join(str(part(item, "text") or "") for item in content if part(item, "type") == "text")
    return content if isinstance(content, str) else ""


def defect_of(body: Any, choice: Any) -> str:
    """Return why a response has no usable text, or "" if it has one."""
    if refusal := part(choice, "message", "refusal"):
        return f"the model refused: {refusal}"
    if part(choice, "finish_reason") == "content_filter":
        return "the server's content filter removed the response"
    if not text_of(choice).strip():
        problem = part(body, "error", "message")
        length = ", the reply exceeded the token limit" if part(choice, "finish_reason") == "length" else ""
        return f"an empty response{length}{f' ({problem})' if problem else ''}"
    return ""


def message_of(error: Any) -> str:
    """Return the message, code, type and parameter of a refusal on one line."""
    body = error.body if isinstance(error.body, dict) else {}
    body = body.get("error", body)
    parts = [body.get(name) for name in ("message", "code", "type", "param")] if isinstance(body, dict) else [body]
    message = " ".join(str(item) for item in parts if item) or str(error.body or error.message)
    return " ".join(message.split())


def is_of_one_completion(message: str) -> bool:
    """Return whether an error concerns one filtered or ill-formed completion, and not the request."""
    return _OF_GENERATION.search(message) is not None


def is_temporary(status: int, message: str) -> bool:
    """Return whether a later request may succeed; an account without credit is refused again."""
    return (status in (408, 409, 429) and not _OF_ACCOUNT.search(message)) or (status >= 500 and status != 501)


def seconds_to_wait(headers: Mapping[str, str]) -> float | None:
    """Return the seconds in a Retry-After header, which has a number or a date; None without one."""
    value = headers.get("retry-after", "")
    try:
        seconds = float(value)
        return max(seconds, 0.0) if math.isfinite(seconds) else None
    except ValueError:
        pass
    try:
        return max((parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return None


def is_permanent(error: BaseException) -> bool:
    """Return whether no connection is possible: the host name is unknown, or its certificate is invalid."""
    causes = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None and cause not in causes:
        causes.append(cause)
    return any(
        isinstance(cause, ssl.SSLCertVerificationError)
        or (isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_NONAME)
        for cause in causes
    )
