"""The options that ask for a language model, and what comes of them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ariadne.cli_input import AS_PATH
from ariadne.endpoint import PATIENCE, SECONDS, Endpoint
from ariadne.errors import InvalidInput
from ariadne.thinking import Thinking

if TYPE_CHECKING:
    from ariadne.calls import Spent
    from ariadne.session import Asking, Request

_PARTS = click.Choice(["llm", "rules"])
_OPTIONS = (
    click.option("--model", metavar="NAME", help="The language model. [default: ARIADNE_MODEL]"),
    click.option("--base-url", metavar="URL", help="Its server. [default: OPENAI_BASE_URL, or OpenAI's]"),
    click.option("--protocol", type=click.Choice(["merged", "paper"]), default="merged", show_default=True,
        help="At most two calls a step, or six, as in the paper."),
    click.option("--extract", type=_PARTS, default="llm", show_default=True, help="Who reads."),
    click.option("--plan", type=_PARTS, default="llm", show_default=True, help="Who plans."),
    click.option("--act", type=_PARTS, default="llm", show_default=True, help="Who chooses the action."),
    click.option("--free-actions", is_flag=True, help="Any command may be tried, not only those of the list."),
    click.option("--on-bad-reply", type=click.Choice(["stop", "skip"]), default="stop", show_default=True,
        help="When a reply, asked again, cannot be read: stop the run, or go on without it, and say so in the run."),
    click.option("--temperature", type=float, default=0, show_default=True, help="Below 0: whatever the server does."),
    click.option("--timeout", type=click.FloatRange(min=0, min_open=True), default=SECONDS, show_default=True,
        metavar="SECONDS", help="How long one call may take: more for a slow machine."),
    click.option("--patience", type=click.FloatRange(min=0), default=PATIENCE, show_default=True, metavar="SECONDS",
        help="How long trouble that passes (a busy server, no connection) is waited for."),
    click.option("--max-calls", type=click.IntRange(min=0), help="Stop before more calls than these."),
    click.option("--max-tokens", type=click.IntRange(min=0), help="Stop once so many tokens are spent."),
    click.option("--max-cost", type=click.FloatRange(min=0), metavar="DOLLARS", help="Stop once so much is spent."),
    click.option("--prices", type=AS_PATH, metavar="FILE.json",
        help='{"MODEL": {"prompt": 2.5, "completion": 10}}, dollars for a million tokens. [default: ARIADNE_PRICES]'),
    click.option("--dry-run", is_flag=True,
        help="Print what the model would be asked at the first step, with its tokens; call nobody and save nothing."),
    click.option("--replies", type=AS_PATH, metavar="calls.jsonl",
        help="Take all replies from the record of another run; nobody is called."),
)  # fmt: skip
HOW = ("model", "base_url", "protocol", "extract", "plan", "act", "free_actions", "on_bad_reply", "temperature")
"""What is written in the run; a run that is taken up again goes on with it."""
DRY_RUN = "dry_run"
SPENDING = ("timeout", "patience", "max_calls", "max_tokens", "max_cost", "prices", "replies")
"""What is not, and may be said anew when a run is taken up again."""


def model_options(command: Callable[..., None]) -> Callable[..., None]:
    """A command with the options for a language model, all of them in its `**more`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def thinking(told: Mapping[str, Any]) -> Thinking:
    """How the model is to think. Raises InvalidInput where none is named."""
    how = {name: told[name] for name in HOW}
    model = how["model"] or os.environ.get("ARIADNE_MODEL", "")
    if not model.strip():
        raise InvalidInput("which model? name it: --model, or ARIADNE_MODEL")
    temperature = how["temperature"] if how["temperature"] >= 0 else None
    url = how["base_url"] or os.environ.get("OPENAI_BASE_URL") or None
    return Thinking(**{**how, "model": model, "base_url": url, "temperature": temperature})


def asking(how: Thinking, told: Mapping[str, Any], watch: Callable[[str], None]) -> Asking:
    """How it is reached, and what it may cost; `watch` is told in words what is waited for. Raises InvalidInput and
    MissingExtra."""
    from ariadne.calls import Limits, price_of, read_calls, read_prices
    from ariadne.session import Asking

    table = told["prices"] or (Path(named) if (named := os.environ.get("ARIADNE_PRICES")) else None)
    prices = read_prices(table) if table else {}
    limits = Limits(told["max_calls"], told["max_tokens"], told["max_cost"])
    if limits.cost is not None and price_of(prices, how.model) is None:
        raise InvalidInput(f"--max-cost: no price of {how.model} is known; give --prices FILE.json")
    if told["replies"]:
        return Asking(None, read_calls(told["replies"]), prices, limits)

    def waiting(shape: str, spent: Spent) -> None:
        watch(f"{how.model} is asked: {shape}. So far {spent}")

    endpoint = Endpoint(
        how.model, how.base_url, temperature=how.temperature, seconds=told["timeout"], patience=told["patience"],
        waiting=_tell,
    )  # fmt: skip
    return Asking(endpoint, (), prices, limits, waiting)


def tell_first_prompts(request: Request, *, as_json: bool) -> None:
    """Print what the first step of a run would ask, with its tokens."""
    from ariadne.dry_run import first_requests
    from ariadne.memory.tokens import count, is_estimate

    asked = first_requests(request)
    tokens = [sum(count(message["content"]) for message in one.messages) for one in asked]
    if as_json:
        told = [
            {"shape": one.shape, "tokens": many, "messages": one.messages}
            for one, many in zip(asked, tokens, strict=True)
        ]
        click.echo(json.dumps({"requests": told, "estimated": is_estimate()}))
        return
    for one, many in zip(asked, tokens, strict=True):
        click.echo(f"==== {one.shape}: {many} tokens{' (an estimate that errs high)' if is_estimate() else ''}")
        for message in one.messages:
            click.echo(f"---- {message['role']}\n{message['content']}")


def _tell(what: str) -> None:
    click.echo(f"ariadne: {what}", err=True)
