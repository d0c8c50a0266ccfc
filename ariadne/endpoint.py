"""Any OpenAI-compatible endpoint as a Chat, through the `openai` package: what it can do is found out once, trouble
that passes is waited for, and the key stays in here.
"""

from __future__ import annotations

import json
import os
import re
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from http import HTTPStatus
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from ariadne.chat import Completion, Request
from ariadne.errors import InvalidInput, MissingExtra, ModelError
from ariadne.memory.endpoint import checked_url
from ariadne.memory.tokens import count

if TYPE_CHECKING:
    from openai import OpenAI
    from tenacity import RetryCallState

SECONDS = 120.0
"""How long one request may take."""
PATIENCE = 300.0
"""How long trouble that passes is waited for, in seconds, before one gives up."""
_LONGEST = 60.0  # seconds between two tries, where the server does not ask for more
_SHOWN = 300  # characters of a server's words
_NO_KEY = "none"
_FORMATS: tuple[Literal["schema", "json", "text"], ...] = ("schema", "json", "text")
_OF_FORMAT = re.compile(r"response.?format|json|schema|structured|grammar|guided|format", re.IGNORECASE)
_OF_TEMPERATURE = re.compile("temperature", re.IGNORECASE)
_SPENT = re.compile("insufficient_quota|billing", re.IGNORECASE)
_AS_JSON = "Answer with nothing but one JSON object that fits this JSON schema:\n{schema}"
_OF_LENGTH = re.compile("max_tokens|max_completion_tokens", re.IGNORECASE)
_OF_CONTEXT = re.compile("context.?(?:length|size|window)", re.IGNORECASE)
_ADDRESS = "is the address right? most servers' ends in /v1"
_CLOSED = (401, 403, 429)
_REFUSED = (400, 404, 405, 415, 422, 501)
_USELESS = 5  # answers of no use
_BEGINS = 60  # bytes of an answer that is shown


class Passing(Exception):  # noqa: N818 - never leaves this module
    """Trouble that may pass; `after` is how many seconds the server asks for; `answered`: there was an answer, of no
    use."""

    def __init__(self, what: str, after: float | None = None, *, answered: bool = False) -> None:
        super().__init__(what)
        self.after, self.answered = after, answered


class Endpoint:
    """The model of that name at `base_url` (OpenAI's where none is given); the network is first used at the first call.

    The key is `api_key`, or what OPENAI_API_KEY holds; a local server needs none. A reply has `max_reply` tokens at
    most. One request may take `seconds`; trouble that passes is waited for no longer than `patience`, and an answer of
    no use (empty, filtered, refused) asked for again a few times; `waiting` is told, in words, before each wait. Raises
    InvalidInput for what is no address, name or key, and where OpenAI's own is asked without a key; MissingExtra where
    the extra [llm] is not installed.
    """

    def __init__(
        self, model: str, base_url: str | None = None, api_key: str | None = None, *, temperature: float | None = 0,
        max_reply: int | None = None, seconds: float = SECONDS, patience: float = PATIENCE,
        waiting: Callable[[str], None] = lambda _: None,
    ) -> None:  # fmt: skip
        if not (find_spec("openai") and find_spec("tenacity")):
            raise MissingExtra("a language model", "llm")
        if not model.strip():
            raise InvalidInput("which model? give its name: --model, or ARIADNE_MODEL")
        self.model, self.url = model, checked_url(base_url) if base_url else None
        self._key = (api_key or os.environ.get("OPENAI_API_KEY") or "").strip() or None
        if self._key is None and self.url is None:
            raise InvalidInput(
                "no key: set OPENAI_API_KEY, or name another endpoint with --base-url or OPENAI_BASE_URL"
            )
        if self._key is not None and not (self._key.isascii() and self._key.isprintable()):
            raise InvalidInput("the key is none: it has characters that no header can hold")
        more = {"temperature": temperature, "max_tokens": max_reply}
        self._more: dict[str, Any] = {name: value for name, value in more.items() if value is not None}
        self._lost = (0, 0)
        self._seconds, self._patience, self._waiting = seconds, patience, waiting
        self._format = 0

    def __repr__(self) -> str:
        return f"Endpoint({self.model!r}, {self.url!r})"

    def complete(self, request: Request) -> Completion:
        """What the model says; its tokens are also those of answers before it that were of no use. Raises ModelError,
        with the server's words, at once where it refuses, and after `patience` where it is busy or out of reach."""
        from tenacity import RetryError, Retrying, retry_if_exception_type

        trying = Retrying(
            retry=retry_if_exception_type(Passing), wait=self._wait,
            stop=self._gives_up, before_sleep=self._tell,
        )  # fmt: skip
        try:
            completed: Completion = trying(self._completed, request)
        except RetryError as error:
            tries = error.last_attempt.attempt_number
            raise self._error(f"gave up after {tries} tries: {error.last_attempt.exception()}") from None
        return completed

    def _completed(self, request: Request) -> Completion:
        """One answer, by the best format that the server takes."""
        from openai import APIStatusError

        while True:
            try:
                return self._asked(request)
            except APIStatusError as error:
                words = self._without_key(_words(error))
                if error.status_code not in _CLOSED and self._learned(words):
                    continue
                raise self._error(f"{error.status_code}: {words}{self._advice(error.status_code, words)}") from None

    def _learned(self, words: str) -> bool:
        """Whether the server's words tell of something that can be done without: then it is, from now on."""
        if "temperature" in self._more and _OF_TEMPERATURE.search(words):
            del self._more["temperature"]
            return True
        if "max_tokens" in self._more and _OF_LENGTH.search(words):  # newer models call it otherwise
            self._more["max_completion_tokens"] = self._more.pop("max_tokens")
            return True
        if self._format + 1 < len(_FORMATS) and _OF_FORMAT.search(words):
            self._format += 1
            return True
        return False

    def _asked(self, request: Request) -> Completion:
        """One request. Raises Passing for trouble that may pass, openai's APIStatusError for what will not."""
        from httpx import HTTPError, TimeoutException
        from openai import APIConnectionError, APIStatusError, APITimeoutError, OpenAIError

        messages, more = self._said(request)
        start = time.perf_counter()
        try:
            with self._client.chat.completions.with_streaming_response.create(
                model=self.model, messages=messages, **self._more, **more
            ) as answer:
                body = b"".join(self._in_time(answer.iter_bytes(), start))
            told = json.loads(body)
        except (APITimeoutError, TimeoutException):
            raise Passing(f"no answer within {self._seconds:g} s") from None
        except (APIConnectionError, HTTPError) as error:
            words = self._without_key(f"no connection ({error.__cause__ or error})")
            raise (self._error(words) if _is_for_good(error) else Passing(words)) from None
        except APIStatusError as error:
            words = self._without_key(_words(error))
            learns = error.status_code == HTTPStatus.INTERNAL_SERVER_ERROR and _OF_FORMAT.search(words)
            if _passes(error.status_code, words) and not (learns and self._format + 1 < len(_FORMATS)):
                raise Passing(f"{error.status_code}: {words}", _after(error.response.headers)) from None
            raise
        except ValueError:
            words = self._without_key(f"an answer that is no JSON: {body[:_BEGINS].decode(errors='replace')!r}")
            if body.lstrip().startswith(b"<"):
                raise self._error(f"{words}; {_ADDRESS}") from None
            raise Passing(words) from None
        except OpenAIError as error:
            raise Passing(self._without_key(f"an answer that is none ({error})")) from None
        return self._read(told, messages, time.perf_counter() - start)

    def _in_time(self, parts: Iterator[bytes], start: float) -> Iterator[bytes]:
        """The parts of an answer, as long as it takes no longer than one may, however steadily it comes."""
        for part in parts:
            yield part
            if time.perf_counter() - start > self._seconds:
                raise Passing(f"no whole answer within {self._seconds:g} s")

    def _said(self, request: Request) -> tuple[list[Any], dict[str, Any]]:
        """The messages and what says of which form the reply is to be."""
        form, messages = _FORMATS[self._format], list(request.messages)
        if form == "schema":
            shape = {"name": request.shape, "schema": request.schema, "strict": True}
            return messages, {"response_format": {"type": "json_schema", "json_schema": shape}}
        asked = _AS_JSON.format(schema=json.dumps(request.schema, separators=(",", ":")))
        first, *others = messages
        messages = [{**first, "content": f"{first['content']}\n\n{asked}"}, *others]
        return messages, {"response_format": {"type": "json_object"}} if form == "json" else {}

    def _read(self, told: Any, messages: Sequence[Mapping[str, str]], seconds: float) -> Completion:
        choice, usage, model = _part(_part(told, "choices"), 0), _part(told, "usage"), _part(told, "model")
        prompt, completion = (_count(_part(usage, name)) for name in ("prompt_tokens", "completion_tokens"))
        if useless := _useless(told, choice):
            self._lost = self._lost[0] + prompt, self._lost[1] + completion
            raise Passing(self._without_key(useless), answered=True)
        said = "\n".join(message["content"] for message in messages)
        text = self._without_key(_part(_part(choice, "message"), "content"), said)
        if estimated := not (prompt and completion):
            prompt, completion = count(said), count(text)
        (lost_prompt, lost_completion), self._lost = self._lost, (0, 0)
        cached = _count(_part(_part(usage, "prompt_tokens_details"), "cached_tokens"))
        return Completion(
            text, self._without_key(model) if isinstance(model, str) else self.model, prompt + lost_prompt,
            completion + lost_completion, cached, estimated,
            _part(choice, "finish_reason") == "length", round(seconds, 3),
        )  # fmt: skip

    def _advice(self, status: int, words: str) -> str:
        """What may help against a refusal."""
        if status in (401, 403) and self._key is None:
            return "; OPENAI_API_KEY is not set"
        if _OF_CONTEXT.search(words):
            return "; a smaller --context shows less of memory"
        return f"; {_ADDRESS}" if status in (404, 405) else ""

    @cached_property
    def _client(self) -> OpenAI:
        from openai import OpenAI

        return OpenAI(base_url=self.url, api_key=self._key or _NO_KEY, max_retries=0, timeout=self._seconds)

    def _wait(self, tried: RetryCallState) -> float:
        """As long as the server asks for; else by chance, up to twice as long each time."""
        from tenacity import wait_random_exponential

        error = tried.outcome.exception() if tried.outcome else None
        after = error.after if isinstance(error, Passing) else None
        waited: float = wait_random_exponential(multiplier=0.5, max=_LONGEST)(tried)
        if after is None:
            return waited
        if after > self._patience - (tried.seconds_since_start or 0):
            raise self._error(f"{error}; it asks to come back in {after:.0f} s")
        return after

    def _gives_up(self, tried: RetryCallState) -> bool:
        """Whether the next try would come too late, or answers of no use have come often enough."""
        from tenacity import stop_before_delay

        error = tried.outcome.exception() if tried.outcome else None
        useless = isinstance(error, Passing) and error.answered and tried.attempt_number >= _USELESS
        return useless or stop_before_delay(self._patience)(tried)

    def _tell(self, tried: RetryCallState) -> None:
        seconds = tried.next_action.sleep if tried.next_action else 0
        error = tried.outcome.exception() if tried.outcome else None
        self._waiting(f"{self._where}: {error}; again in {seconds:.{0 if seconds >= 10 else 1}f} s")

    def _error(self, what: str) -> ModelError:
        return ModelError(f"{self._where}: {what}")

    @property
    def _where(self) -> str:
        return f"{self.model} at {self.url or 'OpenAI'}"

    def _without_key(self, text: str, asked: str = "") -> str:
        """A text without the key, as it is or as addresses, JSON and base64 write it; a key that stands in what was
        asked is a word of the world ("key" is one for some local servers), and stays."""
        for form in () if self._key is None or self._key in asked else _written(self._key):
            text = text.replace(form, "[key]")
        return text


def _written(key: str) -> list[str]:
    """The ways to write a key, the longest first."""
    coded = b64encode(key.encode()).decode()
    ways = {key, quote(key, safe=""), json.dumps(key)[1:-1], coded, coded.rstrip("=")}
    return sorted(ways, key=len, reverse=True)


def _is_for_good(error: BaseException) -> bool:
    """Whether no connection will ever be had so: there is no such name, or its certificate is none to be trusted."""
    causes = [error]
    while after := causes[-1].__cause__ or causes[-1].__context__:
        causes.append(after)
    return any(
        isinstance(cause, ssl.SSLCertVerificationError)
        or (isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_NONAME)
        for cause in causes
    )


def _useless(told: Any, choice: Any) -> str:
    """Why an answer is of no use; "" where it is of some."""
    message = _part(choice, "message")
    if refusal := _part(message, "refusal"):
        return f"the model refused: {str(refusal)[:_SHOWN]}"
    if _part(choice, "finish_reason") == "content_filter":
        return "the server's content filter held the answer back"
    if not isinstance(text := _part(message, "content"), str) or not text.strip():
        problem = _part(_part(told, "error"), "message")
        return f"an empty answer{f' ({str(problem)[:_SHOWN]})' if problem else ''}"
    return ""


def _count(told: Any) -> int:
    """A number of tokens, 0 where none is told."""
    return told if isinstance(told, int) and not isinstance(told, bool) and told > 0 else 0


def _part(told: Any, name: str | int) -> Any:
    """A part of what a server told, None where there is none: servers leave out what they like."""
    if isinstance(told, list) and isinstance(name, int):
        return told[name] if name < len(told) else None
    return told.get(name) if isinstance(told, dict) else None


def _words(error: Any) -> str:
    """What the server says of a refusal, on one line."""
    told = error.body if isinstance(error.body, dict) else {}
    told = told.get("error", told)
    parts = [told.get(name) for name in ("message", "code", "param")] if isinstance(told, dict) else [told]
    said = " ".join(str(part) for part in parts if part) or str(error.body or error.message)
    return " ".join(said.split())[:_SHOWN]


def _passes(status: int, words: str) -> bool:
    """Whether a refusal is of the kind that passes; an account that is spent does not fill itself."""
    return (status in (408, 409, 429) and not _SPENT.search(words)) or (status >= 500 and status not in _REFUSED)


def _after(headers: Mapping[str, str]) -> float | None:
    """How many seconds a server asks to wait: Retry-After has a number or a date."""
    told = headers.get("retry-after", "")
    try:
        return max(float(told), 0.0)
    except ValueError:
        pass
    try:
        return max((parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return None
