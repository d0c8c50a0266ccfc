"""A run's calls to a language model: each on disk before its reply is used, counted, priced, bounded; and given again
from the record, to the very same request only.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import SequenceMatcher
from io import FileIO
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from ariadne.errors import BudgetSpent, InvalidInput, ModelError, RunError
from ariadne.llm.chat import Chat, Completion, Request
from ariadne.llm.settings import Limits, Price, Prices
from ariadne.text import where_it_differs


class Call(BaseModel):
    """A line of calls.jsonl: what was asked (messages, and the shape of the reply with its JSON schema), and what came.

    `step` is the one that it was made for; times in seconds, `cost` in dollars, None where no price is known, 0 of what
    was taken from a record. `anew`: those before it, of its step and shape, could not be read, and it was asked again
    in another sitting. No header, no key.
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
    anew: bool = False


_NOTHING: float | None = 0.0  # what a call costs that is taken from a record
_PRICES = TypeAdapter(dict[str, Price])


@dataclass(frozen=True)
class Spent:
    """What calls have cost so far; `cost` is None where the price of one is not known."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = 0
    estimated: bool = False

    @classmethod
    def on(cls, calls: Iterable[Call]) -> Spent:
        """On these calls."""
        done = list(calls)
        costs = [call.cost for call in done]
        return cls(
            len(done),
            sum(call.completion.prompt_tokens for call in done),
            sum(call.completion.completion_tokens for call in done),
            None if None in costs else round(sum(cost for cost in costs if cost is not None), 6),
            any(call.completion.estimated for call in done),
        )

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    def __str__(self) -> str:
        """In words, as "54 calls, 45,123 + 6,120 tokens (estimated), $0.1200"; without a price that is not known."""
        estimated = " (estimated)" if self.estimated else ""
        cost = f", ${self.cost:.{2 if self.cost >= 1 else 4}f}" if self.cost else ""
        calls = f"{self.calls} call{'s' * (self.calls != 1)}"
        return f"{calls}, {self.prompt_tokens:,} + {self.completion_tokens:,} tokens{estimated}{cost}"


Watch = Callable[[str, Spent], None]
"""Is told of a call before it is made: the name of the reply's shape, and what was spent so far."""


class Calls:
    """A Chat that keeps all that is asked of another one, and what came, in a file.

    What the file has of calls for step `begun` or later, which was not finished, is given again to the same request;
    not the last of them where it was `unreadable`: that is asked anew. `answers` are calls of another record, each to
    be given in its turn, and to the request that it was made by only; past the last of them `chat` is asked, where
    there is one. Costs are by `prices`, of the name that answers, or of `model`, which was asked for. `watch` is told
    before a call what it is for, and what was spent until then. `step` is to be set to the step that calls are for.
    """

    def __init__(
        self, path: Path, chat: Chat | None, *, begun: int = 1, unreadable: bool = False, answers: Sequence[Call] = (),
        model: str = "", prices: Prices | None = None, limits: Limits | None = None, watch: Watch = lambda *_: None,
    ) -> None:  # fmt: skip
        self._chat, self._limits, self._watch = chat, limits or Limits(), watch
        self._model, self._prices = model, prices or {}
        self.step = begun
        self.made, whole = _read(path)
        self._anew = self.made[-1].shape if unreadable and self.made else None
        self._begun = [call for call in in_force(self.made) if call.step >= begun and call.shape != self._anew]
        made = [(call.step, call.shape, call.messages) for call in self._begun]
        left = (call for call in in_force(answers) if call.step >= begun)
        self._answers = deque(call for call in left if (call.step, call.shape, call.messages) not in made)
        try:
            self._file = FileIO(path, "ab")
            self._file.truncate(whole)
        except OSError as error:
            raise RunError(f"{path}: cannot be written ({error.strerror})") from error

    def close(self) -> None:
        self._file.close()

    @property
    def spent(self) -> Spent:
        """What all of them cost; of those whose price was not known then, by the prices of now."""
        return Spent.on(
            call if call.cost is not None else call.model_copy(update={"cost": self._cost(call.completion)})
            for call in self.made
        )

    def complete(self, request: Request) -> Completion:
        """What came, now or then. Raises ModelError where the record has another request in its place or is at its
        end, BudgetSpent where no more may be spent, and what the Chat raises."""
        for call in self._begun:
            if call.step == self.step and _is_of(call, request):
                self._begun.remove(call)
                return call.completion
        if self._answers:
            completion, cost = self._recorded(request), _NOTHING
        elif self._chat is None:
            raise ModelError(f"the recorded replies end before call {len(self.made) + 1}, for {request.shape}")
        else:
            self._check_budget()
            self._watch(request.shape, self.spent)
            completion = self._chat.complete(request)
            cost = self._cost(completion)
        self._keep(request, completion, cost)
        return completion

    def _recorded(self, request: Request) -> Completion:
        call = self._answers[0]
        if not _is_of(call, request):
            raise ModelError(_difference(request, call, self._answers))
        return self._answers.popleft().completion

    def _cost(self, completion: Completion) -> float | None:
        price = price_of(self._prices, completion.model) or price_of(self._prices, self._model)
        used = completion.prompt_tokens, completion.completion_tokens, completion.cached_tokens
        return None if price is None else price.of(*used)

    def _check_budget(self) -> None:
        spent, limits = self.spent, self._limits
        bounds = (
            (limits.calls, spent.calls, "calls"),
            (limits.tokens, spent.tokens, "tokens"),
            (limits.cost, spent.cost, "dollars"),
        )
        for most, so_far, what in bounds:
            if most is not None and so_far is None:
                raise BudgetSpent(f"what was spent of {most:g} {what} is not known: no price of a model that answered")
            if most is not None and so_far is not None and so_far >= most:
                raise BudgetSpent(f"{so_far:,g} {what} are spent, of {most:,g}")

    def _keep(self, request: Request, completion: Completion, cost: float | None) -> None:
        call = Call(
            number=len(self.made) + 1, step=self.step, shape=request.shape, schema=dict(request.schema),
            messages=tuple(dict(message) for message in request.messages), completion=completion, cost=cost,
            at=datetime.now(UTC).replace(microsecond=0), anew=request.shape == self._anew,
        )  # fmt: skip
        self._anew = None if call.anew else self._anew
        line, written = call.model_dump_json().encode() + b"\n", 0
        try:
            while written < len(line):
                written += self._file.write(line[written:])
            os.fsync(self._file.fileno())
        except OSError as error:
            raise RunError(f"call {call.number} cannot be written ({error.strerror})") from error
        self.made.append(call)


def in_force(calls: Iterable[Call]) -> list[Call]:
    """Calls without those of which the replies could not be read and that were asked anew in another sitting."""
    kept = list[Call]()
    for call in calls:
        if call.anew:
            kept = [one for one in kept if (one.step, one.shape) != (call.step, call.shape)]
        kept.append(call)
    return kept


def read_calls(path: Path) -> list[Call]:
    """The calls that are recorded; a last line that was cut off is none. Raises RunError for what is no record."""
    if not path.is_file():
        raise RunError(f"{path}: no recorded calls")
    return _read(path)[0]


def read_prices(path: Path) -> Prices:
    """A table {model: {"prompt": dollars for a million tokens, "completion": ..., "cached": ...}} from a file of JSON;
    a model's price is that of the longest name which its own begins with. Raises InvalidInput for what is none."""
    try:
        return _PRICES.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        why = error.strerror if isinstance(error, OSError) else first_of(error)
        raise InvalidInput(
            f'{path}: no prices ({why}); they are {{"model": {{"prompt": 2.5, "completion": 10}}}}'
        ) from error


def price_of(prices: Prices, model: str) -> Price | None:
    """What a model costs, where that is known."""
    named = [name for name in prices if model.startswith(name)]
    return prices[max(named, key=len)] if named else None


def first_of(error: ValidationError) -> str:
    """The first thing that is wrong, and where."""
    first = error.errors()[0]
    return ": ".join([*([".".join(map(str, first["loc"]))] if first["loc"] else []), first["msg"]])


def _is_of(call: Call, request: Request) -> bool:
    asked, recorded = (request.shape, request.messages, request.schema), (call.shape, call.messages, call.schema_)
    return asked == recorded


def _read(path: Path) -> tuple[list[Call], int]:
    """The whole lines of a record, and how many bytes these take."""
    if not path.exists():
        return [], 0
    *lines, _torn = path.read_bytes().split(b"\n")
    calls = list[Call]()
    for number, line in enumerate(lines, 1):
        try:
            calls.append(Call.model_validate_json(line))
        except ValidationError as error:
            raise RunError(f"{path}: line {number} is no call: {first_of(error)}") from error
    return calls, sum(len(line) + 1 for line in lines)


def _difference(request: Request, due: Call, others: Iterable[Call]) -> str:
    """What differs between a request and the nearest recorded one."""
    asked = _text(request.messages)
    nearest = max(
        others,
        key=lambda call: (
            call.shape == request.shape,
            SequenceMatcher(None, asked, _text(call.messages)).quick_ratio(),
        ),
    )
    places = _places(request, nearest)
    return (
        f"a request ({request.shape}) is not the recorded one (call {due.number}, {due.shape}); the nearest is call"
        f" {nearest.number}: {next(places, 'the same, but not in its turn')}"
    )


def _places(request: Request, call: Call) -> Iterator[str]:
    if request.shape != call.shape:
        yield f"it asked for {call.shape}"
    if request.schema != call.schema_:
        yield "its reply's schema was another one"
    if len(request.messages) != len(call.messages):
        yield f"it has {len(call.messages)} messages, not {len(request.messages)}"
    for number, (now, then) in enumerate(zip(request.messages, call.messages, strict=False), 1):
        for part in ("role", "content"):
            if now[part] != then[part]:
                was, comes = where_it_differs(then[part], now[part]), where_it_differs(now[part], then[part])
                yield f"message {number} was {was}, is {comes}"


def _text(messages: Iterable[Mapping[str, str]]) -> str:
    return "\n".join(message["content"] for message in messages)
