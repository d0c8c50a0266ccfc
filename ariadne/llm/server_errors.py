"""What an OpenAI-compatible server answers, taken apart: servers leave out what they like, and word troubles as they
like."""

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
"""Said of a form of reply that a server cannot give."""
OF_TEMPERATURE = re.compile("temperature", re.IGNORECASE)
OF_LENGTH = re.compile("max_tokens|max_completion_tokens", re.IGNORECASE)
OF_CONTEXT = re.compile("context.?(?:length|size|window)", re.IGNORECASE)
CANNOT = (400, 404, 405, 415, 422, 500, 501)
"""The statuses with which servers say that they cannot give what is asked in this form."""
ADDRESS = "is the address right? most servers' ends in /v1"
_OF_ACCOUNT = re.compile("insufficient_quota|credit balance", re.IGNORECASE)
_OF_GENERATION = re.compile(
    "json_validate_failed|failed to generate json|content.?filter|content management", re.IGNORECASE
)
"""Said of an answer that came to nothing, of which another may be better."""


def part(told: Any, name: str | int) -> Any:
    """A part of what a server told, None where there is none."""
    if isinstance(told, list) and isinstance(name, int):
        return told[name] if name < len(told) else None
    return told.get(name) if isinstance(told, dict) else None


def number(told: Any) -> int:
    """A number of tokens, 0 where none is told."""
    return told if isinstance(told, int) and not isinstance(told, bool) and told > 0 else 0


def text_of(choice: Any) -> str:
    """What the model said; of several parts, the texts, without its thoughts."""
    content = part(part(choice, "message"), "content")
    if isinstance(content, list):
        content = "".join(str(part(one, "text") or "") for one in content if part(one, "type") == "text")
    return content if isinstance(content, str) else ""


def useless(told: Any, choice: Any) -> str:
    """Why an answer is of no use; "" where it is of some."""
    if refusal := part(part(choice, "message"), "refusal"):
        return f"the model refused: {refusal}"
    if part(choice, "finish_reason") == "content_filter":
        return "the server's content filter held the answer back"
    if not text_of(choice).strip():
        problem = part(part(told, "error"), "message")
        length = ", the reply was longer than allowed" if part(choice, "finish_reason") == "length" else ""
        return f"an empty answer{length}{f' ({problem})' if problem else ''}"
    return ""


def words(error: Any) -> str:
    """What the server says of a refusal, on one line, all of it."""
    told = error.body if isinstance(error.body, dict) else {}
    told = told.get("error", told)
    parts = [told.get(name) for name in ("message", "code", "type", "param")] if isinstance(told, dict) else [told]
    said = " ".join(str(one) for one in parts if one) or str(error.body or error.message)
    return " ".join(said.split())


def came_to_nothing(said: str) -> bool:
    """Whether a refusal is of one answer, which was filtered or ill-formed, and not of what is asked."""
    return _OF_GENERATION.search(said) is not None


def passes(status: int, said: str) -> bool:
    """Whether a refusal is of the kind that passes; an account that is spent does not fill itself."""
    return (status in (408, 409, 429) and not _OF_ACCOUNT.search(said)) or (status >= 500 and status != 501)


def after(headers: Mapping[str, str]) -> float | None:
    """How many seconds a server asks to wait: Retry-After has a number or a date."""
    told = headers.get("retry-after", "")
    try:
        seconds = float(told)
        return max(seconds, 0.0) if math.isfinite(seconds) else None
    except ValueError:
        pass
    try:
        return max((parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return None


def is_for_good(error: BaseException) -> bool:
    """Whether no connection will ever be had so: there is no such name, or its certificate is none to be trusted."""
    causes = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None and cause not in causes:
        causes.append(cause)
    return any(
        isinstance(cause, ssl.SSLCertVerificationError)
        or (isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_NONAME)
        for cause in causes
    )
