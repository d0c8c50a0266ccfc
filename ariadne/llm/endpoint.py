"""OpenAI-compatible endpoints as a Chat, through the `openai` package.

The abilities of a server are learned once. A temporary error is retried. No text that leaves this module has the key.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from importlib.util import find_spec
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from ariadne.errors import InvalidInput, MissingExtra, ModelError
from ariadne.llm import server_errors
from ariadne.llm.chat import Completion, Request
from ariadne.llm.redaction import Secret, checked_url
from ariadne.tokens import count

if TYPE_CHECKING:
    from openai import OpenAI
    from tenacity import RetryCallState

SECONDS = 120.0
"""The default timeout of one request, in seconds."""
PATIENCE = 300.0
"""The default time for retries of a request, in seconds."""
_NO_CONNECTION = "no connection"
_LONGEST = 60.0  # seconds between two attempts, unless the server asks for more
_SHOWN = 300  # characters of a server's message
_BEGINS = 60  # characters of an invalid response
_DEFECTIVE = 5  # responses without a usable text
_NO_KEY = "none"
_OPENAI = "https://api.openai.com/v1"
_CLOSED = (401, 403)
_FORMATS: tuple[Literal["schema", "json", "text"], ...] = ("schema", "json", "text")
_AS_JSON = "Answer with nothing but one JSON object that fits this JSON schema:\n{schema}"
T = TypeVar("T")


class TemporaryError(Exception):
    """An error that a later attempt may avoid; it does not leave this module.

    `wait` is the time in seconds that the server asks for. `answered` marks a response without a usable text.
    """

    def __init__(self, problem: str, wait: float | None = None, *, answered: bool = False) -> None:
        super().__init__(problem)
        self.wait, self.answered = wait, answered


class Endpoint:
    """A model at an OpenAI-compatible server; the network is first used at the first request.

    Args:
        model: The name of the model.
        base_url: The address of the server, by default OpenAI's.
        api_key: The key, by default OPENAI_API_KEY; a local server needs none.
        temperature: The sampling temperature; None uses the server's default.
        max_reply: The limit of tokens in a reply.
        seconds: The timeout of one request.
        patience: The time in seconds for retries of a request. A response without a usable text is retried a few times.
        waiting: Is called with a message before each wait.

    Raises:
        InvalidInput: The name, address or key is invalid, or OpenAI's server is used without a key.
        MissingExtra: The extra [llm] is not installed.
    """

    def __init__(
        self, model: str, base_url: str | None = None, api_key: str | None = None, *, temperature: float | None = 0,
        max_reply: int | None = None, seconds: float = SECONDS, patience: float = PATIENCE,
        waiting: Callable[[str], None] = lambda _: None,
    ) -> None:  # fmt: skip
        if not (find_spec("openai") and find_spec("tenacity")):
            raise MissingExtra("a language model", "llm")
        if not model.strip():
            raise InvalidInput("no model is named; give --model, or set ARIADNE_MODEL")
        self.model, self.url = model, checked_url(base_url) if base_url else None
        self._key = (api_key or os.environ.get("OPENAI_API_KEY") or "").strip() or None
        if self._key is None and self.url is None:
            raise InvalidInput(
                "no key; set OPENAI_API_KEY, or name another endpoint with --base-url or OPENAI_BASE_URL"
            )
        if self._key is not None and not (self._key.isascii() and self._key.isprintable()):
            raise InvalidInput("the key has characters that are not allowed in a header; check OPENAI_API_KEY")
        self._secret = Secret(self._key)
        more = {"temperature": temperature, "max_tokens": max_reply}
        self._more: dict[str, Any] = {name: value for name, value in more.items() if value is not None}
        self._lost = (0, 0)
        self._seconds, self._patience, self._waiting = seconds, patience, waiting
        self._format = 0

    def __repr__(self) -> str:
        return f"Endpoint({self.model!r}, {self.url!r})"

    def complete(self, request: Request) -> Completion:
        """Return the completion of a request; its tokens include those of responses without a usable text.

        Raises:
            ModelError: The server refuses, or it is busy or unreachable for longer than `patience`.
        """
        from tenacity import RetryError, Retrying, retry_if_exception_type

        attempts = Retrying(
            retry=retry_if_exception_type(TemporaryError), wait=self._wait,
            stop=self._gives_up, before_sleep=self._announce,
        )  # fmt: skip
        began = time.monotonic()
        try:
            completed: Completion = attempts(self._completed, request)
        except RetryError as error:
            last = error.last_attempt
            raise self._error(_final_problem(last.attempt_number, time.monotonic() - began, last.exception())) from None
        return completed

    def _completed(self, request: Request) -> Completion:
        """Return one response in the best format that the server supports."""
        from openai import APIStatusError

        while True:
            try:
                return self._send(request)
            except APIStatusError as error:
                status, message = error.status_code, server_errors.message_of(error)
                problem = f"{status}: {self._shown(message)}"
                if server_errors.is_of_one_completion(message):
                    raise TemporaryError(problem, answered=True) from None
                if status in server_errors.CANNOT and self._adapt(message):
                    continue
                if server_errors.is_temporary(status, message):
                    wait = server_errors.seconds_to_wait(error.response.headers)
                    raise TemporaryError(problem, wait) from None
                raise self._error(f"{problem}{self._advice(status, message)}") from None

    def _adapt(self, message: str) -> bool:
        """Leave out or replace what a refusal names, from now on, and return whether it names such a part."""
        if "temperature" in self._more and server_errors.OF_TEMPERATURE.search(message):
            del self._more["temperature"]
            return True
        if "max_tokens" in self._more and server_errors.OF_LENGTH.search(message):  # the name in newer models
            self._more["max_completion_tokens"] = self._more.pop("max_tokens")
            return True
        if self._format + 1 < len(_FORMATS) and server_errors.OF_FORMAT.search(message):
            self._format += 1
            return True
        return False

    def _send(self, request: Request) -> Completion:
        """Send one request.

        Raises:
            TemporaryError: A later attempt may succeed.
            ModelError: No attempt can succeed.
            openai.APIStatusError: The server refuses.
        """
        from openai import APIConnectionError, APIStatusError, APITimeoutError, OpenAIError

        messages, response_format = self._formatted(request)
        start = time.perf_counter()
        create = partial(self._client.chat.completions.with_raw_response.create, model=self.model, messages=messages)
        try:
            body = self._in_time(lambda: create(**self._more, **response_format).http_response.content)
        except APITimeoutError:
            raise TemporaryError(f"no response within {self._seconds:g} s") from None
        except APIConnectionError as error:
            problem = self._shown(f"{_NO_CONNECTION} ({error.__cause__ or error})")
            raise (self._error(problem) if server_errors.is_permanent(error) else TemporaryError(problem)) from None
        except APIStatusError:
            raise
        except OpenAIError as error:
            raise TemporaryError(self._shown(f"an invalid response ({error})")) from None
        try:
            content = json.loads(body)
        except (ValueError, RecursionError):
            begins = self._secret.redact(body[:_SHOWN].decode(errors="replace"))[:_BEGINS]
            problem = f"a response that is not JSON: {begins!r}"
            if body.lstrip()[:1] == b"<":  # a web page
                raise self._error(f"{problem}; {server_errors.ADDRESS}") from None
            raise TemporaryError(problem) from None
        return self._read(content, messages, time.perf_counter() - start)

    def _in_time(self, request: Callable[[], T]) -> T:
        """Return the result of a request; raise TemporaryError if it exceeds the timeout, and its own errors.

        The request runs in another thread, because a server that sends byte by byte would block this one.
        """
        results = SimpleQueue[T | Exception]()

        def run() -> None:
            try:
                results.put(request())
            except Exception as error:  # noqa: BLE001 - raised below
                results.put(error)

        Thread(target=run, daemon=True).start()
        try:
            result = results.get(timeout=self._seconds)
        except Empty:
            self._client.close()  # ends the other thread
            del self._client
            raise TemporaryError(f"no response within {self._seconds:g} s") from None
        if isinstance(result, Exception):
            raise result
        return result

    def _formatted(self, request: Request) -> tuple[list[Any], dict[str, Any]]:
        """Return the messages and the response format, as far as the server supports formats."""
        kind, messages = _FORMATS[self._format], list(request.messages)
        if kind == "schema":
            shape = {"name": request.shape, "schema": request.schema, "strict": True}
            return messages, {"response_format": {"type": "json_schema", "json_schema": shape}}
        instruction = _AS_JSON.format(schema=json.dumps(request.schema, separators=(",", ":")))
        first, *others = messages
        messages = [{**first, "content": f"{first['content']}\n\n{instruction}"}, *others]
        return messages, {"response_format": {"type": "json_object"}} if kind == "json" else {}

    def _read(self, body: Any, messages: Sequence[Mapping[str, str]], seconds: float) -> Completion:
        """Return a response as a completion; raise TemporaryError if it has no usable text."""
        choice, usage = server_errors.part(body, "choices", 0), server_errors.part(body, "usage")
        prompt, completion = (
            server_errors.number(server_errors.part(usage, f"{name}_tokens")) for name in ("prompt", "completion")
        )
        if defect := server_errors.defect_of(body, choice):
            self._lost = self._lost[0] + prompt, self._lost[1] + completion
            raise TemporaryError(self._shown(defect), answered=True)
        request = "\n".join(message["content"] for message in messages)
        text = self._secret.redact(server_errors.text_of(choice), request)
        if estimated := not (prompt and completion):
            prompt, completion = count(request), count(text)
        (lost_prompt, lost_completion), self._lost = self._lost, (0, 0)
        model, cached = (
            server_errors.part(body, "model"),
            server_errors.part(usage, "prompt_tokens_details", "cached_tokens"),
        )
        return Completion(
            text, self._secret.redact(model) if isinstance(model, str) else self.model, prompt + lost_prompt,
            completion + lost_completion,
            server_errors.number(cached), estimated,
            server_errors.part(choice, "finish_reason") == "length", round(seconds, 3),
        )  # fmt: skip

    def _advice(self, status: int, message: str) -> str:
        """Return what may help against a refusal."""
        if status in _CLOSED and not self._key:
            return "; OPENAI_API_KEY is not set"
        if server_errors.OF_CONTEXT.search(message):
            return "; a smaller --context shortens the prompts"
        return f"; {server_errors.ADDRESS}" if status in (404, 405) else ""

    @cached_property
    def _client(self) -> OpenAI:
        from openai import OpenAI

        return OpenAI(base_url=self.url or _OPENAI, api_key=self._key or _NO_KEY, max_retries=0, timeout=self._seconds)

    def _wait(self, attempt: RetryCallState) -> float:
        """Return the seconds that the server asks for, or a random time whose limit doubles each time."""
        from tenacity import wait_random_exponential

        error = attempt.outcome.exception() if attempt.outcome else None
        requested = error.wait if isinstance(error, TemporaryError) else None
        random_wait: float = wait_random_exponential(multiplier=0.5, max=_LONGEST)(attempt)
        if requested is None:
            return random_wait
        if requested > self._patience - (attempt.seconds_since_start or 0):
            raise self._error(f"{error}; the server requests a wait of {requested:.0f} s")
        return max(requested, random_wait) if requested < 1 else requested

    def _gives_up(self, attempt: RetryCallState) -> bool:
        """Return whether the next attempt would be too late, or too many responses had no usable text."""
        from tenacity import stop_before_delay

        error = attempt.outcome.exception() if attempt.outcome else None
        defective = isinstance(error, TemporaryError) and error.answered
        enough = defective and attempt.attempt_number >= _DEFECTIVE
        return enough or stop_before_delay(self._patience)(attempt)

    def _announce(self, attempt: RetryCallState) -> None:
        seconds = attempt.next_action.sleep if attempt.next_action else 0
        error = attempt.outcome.exception() if attempt.outcome else None
        self._waiting(f"{self._where}: {error}; retry in {seconds:.{0 if seconds >= 10 else 1}f} s")

    def _error(self, problem: str) -> ModelError:
        return ModelError(f"{self._where}: {problem}")

    @property
    def _where(self) -> str:
        return f"{self.model} at {self.url or 'OpenAI'}"

    def _shown(self, message: str) -> str:
        """Return the beginning of a server's message, without the key."""
        return self._secret.redact(message)[:_SHOWN]


def _final_problem(attempts: int, seconds: float, last: BaseException | None) -> str:
    """Return why all attempts failed."""
    number = f"{attempts} attempt{'' if attempts == 1 else 's'} in {seconds:.0f} s"
    remedy = "; is the server running?" if str(last).startswith(_NO_CONNECTION) else ""
    return f"gave up after {number}: {last}{remedy}"
