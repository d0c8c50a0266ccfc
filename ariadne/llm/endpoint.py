"""Any OpenAI-compatible endpoint as a Chat, through the `openai` package: what it can do is found out once, trouble
that passes is waited for, and the key stays in here.
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
"""How long one request may take."""
PATIENCE = 300.0
"""How long trouble that passes is waited for, in seconds, before one gives up."""
_LONGEST = 60.0  # seconds between two tries, where the server does not ask for more
_SHOWN = 300  # characters of a server's words
_BEGINS = 60  # of an answer that is none
_USELESS = 5  # answers of no use
_NO_KEY = "none"
_OPENAI = "https://api.openai.com/v1"
_CLOSED = (401, 403)
_FORMATS: tuple[Literal["schema", "json", "text"], ...] = ("schema", "json", "text")
_AS_JSON = "Answer with nothing but one JSON object that fits this JSON schema:\n{schema}"
T = TypeVar("T")


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
        self._secret = Secret(self._key)
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
        """One answer, by the best format that the server takes. Raises Passing for trouble that may pass."""
        from openai import APIStatusError

        while True:
            try:
                return self._asked(request)
            except APIStatusError as error:
                status, said = error.status_code, server_errors.words(error)
                told = f"{status}: {self._shown(said)}"
                if server_errors.came_to_nothing(said):
                    raise Passing(told, answered=True) from None
                if status in server_errors.CANNOT and self._learned(said):
                    continue
                if server_errors.passes(status, said):
                    raise Passing(told, server_errors.after(error.response.headers)) from None
                raise self._error(f"{told}{self._advice(status, said)}") from None

    def _learned(self, said: str) -> bool:
        """Whether the server's words tell of something that can be done without: then it is, from now on."""
        if "temperature" in self._more and server_errors.OF_TEMPERATURE.search(said):
            del self._more["temperature"]
            return True
        if "max_tokens" in self._more and server_errors.OF_LENGTH.search(said):  # newer models call it otherwise
            self._more["max_completion_tokens"] = self._more.pop("max_tokens")
            return True
        if self._format + 1 < len(_FORMATS) and server_errors.OF_FORMAT.search(said):
            self._format += 1
            return True
        return False

    def _asked(self, request: Request) -> Completion:
        """One request. Raises Passing for trouble that may pass, ModelError for what will not, openai's APIStatusError
        for a refusal."""
        from openai import APIConnectionError, APIStatusError, APITimeoutError, OpenAIError

        messages, more = self._said(request)
        start = time.perf_counter()
        ask = partial(self._client.chat.completions.with_raw_response.create, model=self.model, messages=messages)
        try:
            body = self._in_time(lambda: ask(**self._more, **more).http_response.content)
        except APITimeoutError:
            raise Passing(f"no answer within {self._seconds:g} s") from None
        except APIConnectionError as error:
            what = self._shown(f"no connection ({error.__cause__ or error})")
            raise (self._error(what) if server_errors.is_for_good(error) else Passing(what)) from None
        except APIStatusError:
            raise
        except OpenAIError as error:
            raise Passing(self._shown(f"an answer that is none ({error})")) from None
        try:
            told = json.loads(body)
        except (ValueError, RecursionError):
            begins = self._secret.out_of(body[:_SHOWN].decode(errors="replace"))[:_BEGINS]
            what = f"an answer that is no JSON: {begins!r}"
            raise (
                self._error(f"{what}; {server_errors.ADDRESS}") if body.lstrip()[:1] == b"<" else Passing(what)
            ) from None
        return self._read(told, messages, time.perf_counter() - start)

    def _in_time(self, ask: Callable[[], T]) -> T:
        """What it gives; in a thread of its own, for a server that answers drop by drop would hold this one. Raises
        Passing where it takes too long, and what it raises."""
        came = SimpleQueue[T | Exception]()

        def run() -> None:
            try:
                came.put(ask())
            except Exception as error:  # noqa: BLE001 - raised again by who waits for it
                came.put(error)

        Thread(target=run, daemon=True).start()
        try:
            told = came.get(timeout=self._seconds)
        except Empty:
            self._client.close()  # or that thread would wait for what still comes
            del self._client
            raise Passing(f"no answer within {self._seconds:g} s") from None
        if isinstance(told, Exception):
            raise told
        return told

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
        choice, usage = server_errors.part(server_errors.part(told, "choices"), 0), server_errors.part(told, "usage")
        prompt, completion = (
            server_errors.number(server_errors.part(usage, f"{name}_tokens")) for name in ("prompt", "completion")
        )
        if why := server_errors.useless(told, choice):
            self._lost = self._lost[0] + prompt, self._lost[1] + completion
            raise Passing(self._shown(why), answered=True)
        said = "\n".join(message["content"] for message in messages)
        text = self._secret.out_of(server_errors.text_of(choice), said)
        if estimated := not (prompt and completion):
            prompt, completion = count(said), count(text)
        (lost_prompt, lost_completion), self._lost = self._lost, (0, 0)
        model, why = server_errors.part(told, "model"), server_errors.part(choice, "finish_reason")
        return Completion(
            text, self._secret.out_of(model) if isinstance(model, str) else self.model, prompt + lost_prompt,
            completion + lost_completion,
            server_errors.number(
                server_errors.part(server_errors.part(usage, "prompt_tokens_details"), "cached_tokens")
            ),
            estimated,
            why == "length", round(seconds, 3),
        )  # fmt: skip

    def _advice(self, status: int, said: str) -> str:
        """What may help against a refusal."""
        if status in _CLOSED and not self._key:
            return "; OPENAI_API_KEY is not set"
        if server_errors.OF_CONTEXT.search(said):
            return "; a smaller --context shows less of memory"
        return f"; {server_errors.ADDRESS}" if status in (404, 405) else ""

    @cached_property
    def _client(self) -> OpenAI:
        from openai import OpenAI

        return OpenAI(base_url=self.url or _OPENAI, api_key=self._key or _NO_KEY, max_retries=0, timeout=self._seconds)

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
        return max(after, waited) if after < 1 else after

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

    def _shown(self, words: str) -> str:
        """Words of the server's, without the key, and not all where they are many."""
        return self._secret.out_of(words)[:_SHOWN]
