"""The log of a run's model calls: each call is on disk before its reply is used, counted, priced and limited.

Recorded calls answer again, but only exactly the same request.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import SequenceMatcher
from io import FileIO
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from ariadne.errors import BudgetExceeded, InvalidInput, ModelError, RunError
from ariadne.files import append_line
from ariadne.llm.chat import Chat, Completion, Request
from ariadne.llm.settings import Limits, Price, Prices
from ariadne.text import excerpt_at_difference, first_problem


class Call(BaseModel):
    """One line of calls.jsonl: a request with the schema of its reply, and the completion.

    `step` is the step that the call is for. `cost` is in dollars: None if no price is known, 0 if the completion comes
    from a record. `retry` marks a call that replaces the earlier calls of its step and shape, whose replies could not
    be read. No call contains a header or a key.
    """

    model_config = ConfigDict(frozen=True, serialize_by_alias=True)

    number: int
    step: int
    shape: str
    schema_: dict[str, Any] = Field(alias="schema")
    messages: tuple[dict[str, str], ...]
    completion: Completion
    cost: float | None
    at: datetime
    retry: bool = False

    def matches(self, request: Request) -> bool:
        """Return whether this is a call with exactly this request."""
        recorded = (self.shape, self.messages, self.schema_)
        return recorded == (request.shape, request.messages, request.schema)


_PRICES = TypeAdapter(dict[str, Price])


@dataclass(frozen=True)
class Usage:
    """Number, tokens and cost of calls; `cost` is in dollars, and None if the price of a call is unknown."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = 0
    estimated: bool = False

    @classmethod
    def of(cls, calls: Iterable[Call]) -> Usage:
        """Return the usage of these calls."""
        calls = list(calls)
        costs = [call.cost for call in calls]
        return cls(
            len(calls),
            sum(call.completion.prompt_tokens for call in calls),
            sum(call.completion.completion_tokens for call in calls),
            None if None in costs else round(sum(cost for cost in costs if cost is not None), 6),
            any(call.completion.estimated for call in calls),
        )

    @property
    def tokens(self) -> int:
        """Return the tokens of prompts and completions."""
        return self.prompt_tokens + self.completion_tokens

    def __str__(self) -> str:
        """Return the usage in words, as "54 calls, 45,123 + 6,120 tokens (estimated), $0.1200"."""
        estimated = " (estimated)" if self.estimated else ""
        cost = f", ${self.cost:.{2 if self.cost >= 1 else 4}f}" if self.cost else ""
        calls = f"{self.calls} call{'s' * (self.calls != 1)}"
        return f"{calls}, {self.prompt_tokens:,} + {self.completion_tokens:,} tokens{estimated}{cost}"


CallListener = Callable[[str, Usage], None]
"""Is called before a request, with the name of the reply's shape and the usage so far."""


class CallLog:
    """A Chat that passes requests on to another one, and keeps all calls in a file.

    Set `step` to the step that the following calls are for.

    Args:
        path: The file; its calls for `first_step` and later answer the same requests again.
        chat: What completes other requests; None raises ModelError for them.
        first_step: The first step that was not finished.
        retry_last: Whether the last reply could not be read, so that its request is made again.
        recorded_calls: Calls of another run; each answers its request, in their order, before `chat` is used.
        model: The requested model, whose price counts if the answering model has none.
        prices: The prices by model name.
        limits: The limits of calls, tokens and cost.
        before_call: Is called before each request to `chat`.
    """

    def __init__(
        self, path: Path, chat: Chat | None, *, first_step: int = 1, retry_last: bool = False,
        recorded_calls: Sequence[Call] = (), model: str = "", prices: Prices | None = None,
        limits: Limits | None = None, before_call: CallListener = lambda *_: None,
    ) -> None:  # fmt: skip
        self._chat, self._limits, self._before_call = chat, limits or Limits(), before_call
        self._model, self._prices = model, prices or {}
        self.step = first_step
        self.calls, size = _read(path)
        self._retry = self.calls[-1].shape if retry_last and self.calls else None
        unfinished = [call for call in valid_calls(self.calls) if call.step >= first_step]
        self._unfinished = [call for call in unfinished if call.shape != self._retry]
        known = [(call.step, call.shape, call.messages) for call in self._unfinished]
        others = (call for call in valid_calls(recorded_calls) if call.step >= first_step)
        self._recorded = deque(call for call in others if (call.step, call.shape, call.messages) not in known)
        try:
            self._file = FileIO(path, "ab")
            self._file.truncate(size)
        except OSError as error:
            raise RunError(f"{path}: cannot be written ({error.strerror})") from error

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @property
    def usage(self) -> Usage:
        """Return the usage of all calls; a call without a known price is priced by the current prices."""
        return Usage.of(
            call if call.cost is not None else call.model_copy(update={"cost": self._cost(call.completion)})
            for call in self.calls
        )

    def complete(self, request: Request) -> Completion:
        """Return the completion of a request, new or recorded.

        Raises:
            ModelError: The record has another request at this place, or it ends and there is no `chat`.
            BudgetExceeded: A limit is reached. Other errors are those of `chat`.
        """
        for call in self._unfinished:
            if call.step == self.step and call.matches(request):
                self._unfinished.remove(call)
                return call.completion
        cost: float | None = 0.0
        if self._recorded:
            completion = self._next_recorded(request)
        elif self._chat is None:
            raise ModelError(f"the recorded calls end before call {len(self.calls) + 1} ({request.shape})")
        else:
            self._check_limits()
            self._before_call(request.shape, self.usage)
            completion = self._chat.complete(request)
            cost = self._cost(completion)
        self._write(request, completion, cost)
        return completion

    def _next_recorded(self, request: Request) -> Completion:
        call = self._recorded[0]
        if not call.matches(request):
            raise ModelError(_difference(request, call, self._recorded))
        return self._recorded.popleft().completion

    def _cost(self, completion: Completion) -> float | None:
        price = price_of(self._prices, completion.model) or price_of(self._prices, self._model)
        tokens = completion.prompt_tokens, completion.completion_tokens, completion.cached_tokens
        return None if price is None else price.of(*tokens)

    def _check_limits(self) -> None:
        usage, limits = self.usage, self._limits
        checks = (
            (limits.calls, usage.calls, "calls"),
            (limits.tokens, usage.tokens, "tokens"),
            (limits.cost, usage.cost, "dollars"),
        )
        for limit, used, unit in checks:
            if limit is not None and used is None:
                raise BudgetExceeded(
                    f"the limit of {limit:g} {unit} cannot be checked: the price of an answering model is unknown"
                )
            if limit is not None and used is not None and used >= limit:
                raise BudgetExceeded(f"{used:,g} of {limit:,g} {unit} are used")

    def _write(self, request: Request, completion: Completion, cost: float | None) -> None:
        call = Call(
            number=len(self.calls) + 1, step=self.step, shape=request.shape, schema=dict(request.schema),
            messages=tuple(dict(message) for message in request.messages), completion=completion, cost=cost,
            at=datetime.now(UTC).replace(microsecond=0), retry=request.shape == self._retry,
        )  # fmt: skip
        self._retry = None if call.retry else self._retry
        try:
            append_line(self._file, call.model_dump_json().encode())
        except OSError as error:
            raise RunError(f"call {call.number} cannot be written ({error.strerror})") from error
        self.calls.append(call)


def valid_calls(calls: Iterable[Call]) -> list[Call]:
    """Return the calls without those that a later retry replaces."""
    valid = list[Call]()
    for call in calls:
        if call.retry:
            valid = [earlier for earlier in valid if (earlier.step, earlier.shape) != (call.step, call.shape)]
        valid.append(call)
    return valid


def read_calls(path: Path) -> list[Call]:
    """Return the calls in a file without an incomplete last line; raise RunError if they cannot be read."""
    if not path.is_file():
        raise RunError(f"{path}: no recorded calls")
    return _read(path)[0]


def read_prices(path: Path) -> Prices:
    """Return prices by model name from a JSON file; a name also stands for all models that begin with it.

    The file has the form {"model": {"prompt": dollars per million tokens, "completion": ..., "cached": ...}}.
    Raises InvalidInput for another file.
    """
    try:
        return _PRICES.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        problem = error.strerror if isinstance(error, OSError) else first_problem(error)
        raise InvalidInput(
            f'{path}: no prices ({problem}); they have the form {{"model": {{"prompt": 2.5, "completion": 10}}}}'
        ) from error


def price_of(prices: Prices, model: str) -> Price | None:
    """Return the price whose name is the longest prefix of the model's name, or None."""
    names = [name for name in prices if model.startswith(name)]
    return prices[max(names, key=len)] if names else None


def _read(path: Path) -> tuple[list[Call], int]:
    """Return the calls of the complete lines in a file, and the number of bytes in these lines."""
    if not path.exists():
        return [], 0
    *lines, _incomplete = path.read_bytes().split(b"\n")
    calls = list[Call]()
    for number, line in enumerate(lines, 1):
        try:
            calls.append(Call.model_validate_json(line))
        except ValidationError as error:
            raise RunError(f"{path}: line {number} is not a call: {first_problem(error)}") from error
    return calls, sum(len(line) + 1 for line in lines)


def _difference(request: Request, expected: Call, calls: Iterable[Call]) -> str:
    """Return what differs between a request and the most similar recorded one."""
    text = _text(request.messages)
    nearest = max(
        calls,
        key=lambda call: (
            call.shape == request.shape,
            SequenceMatcher(None, text, _text(call.messages)).quick_ratio(),
        ),
    )
    differences = _differences(request, nearest)
    return (
        f"the request ({request.shape}) is not the recorded one (call {expected.number}, {expected.shape}); the most"
        f" similar is call {nearest.number}: {next(differences, 'the same request, at another place')}"
    )


def _differences(request: Request, call: Call) -> Iterator[str]:
    if request.shape != call.shape:
        yield f"its reply is a {call.shape}"
    if request.schema != call.schema_:
        yield "its reply has another schema"
    if len(request.messages) != len(call.messages):
        yield f"it has {len(call.messages)} messages, not {len(request.messages)}"
    for number, (now, then) in enumerate(zip(request.messages, call.messages, strict=False), 1):
        for part in ("role", "content"):
            if now[part] != then[part]:
                before, after = (
                    excerpt_at_difference(then[part], now[part]),
                    excerpt_at_difference(now[part], then[part]),
                )
                yield f"message {number} was {before}, is {after}"


def _text(messages: Iterable[Mapping[str, str]]) -> str:
    return "\n".join(message["content"] for message in messages)
