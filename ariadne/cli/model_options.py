"""The options of a language model: which one, how it takes part, and what it may cost."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ariadne.cli.base import flag, options_under, print_note
from ariadne.cli.inputs import AS_PATH
from ariadne.errors import InvalidInput
from ariadne.llm.endpoint import PATIENCE, SECONDS, Endpoint
from ariadne.llm.settings import Limits, ModelSettings

if TYPE_CHECKING:
    from ariadne.llm.call_log import Call, Usage
    from ariadne.runs.session import ModelAccess
    from ariadne.runs.settings import RunSettings

_Command = Callable[..., None]
_Option = Callable[[_Command], _Command]


def server_options(heading: str) -> tuple[_Option, ...]:
    """Return the options for a model's server and its replies, which --help lists below a heading."""
    option = options_under(heading)
    return (
        option("--base-url", metavar="URL", help="The model's server. [default: OPENAI_BASE_URL, or OpenAI's]"),
        option("--temperature", type=click.FloatRange(-1, 2), metavar="NUMBER", default=0, show_default=True,
            help="Sampling temperature; -1 uses the server's default."),
        option("--max-reply", type=click.IntRange(min=1), metavar="TOKENS",
            help="Maximum number of tokens in a reply; useful for small models that do not stop."
            " [default: the server's]"),
        option("--timeout", type=click.FloatRange(min=0, min_open=True), default=SECONDS, show_default=True,
            metavar="SECONDS", help="Time limit of one call."),
        option("--patience", type=click.FloatRange(min=0), default=PATIENCE, show_default=True, metavar="SECONDS",
            help="Time to retry while the server is busy or unreachable."),
    )  # fmt: skip


_PARTS = click.Choice(["llm", "rules"])
_HEADING = "Language model (with --mind llm)"
_model_option = options_under(_HEADING)
limit_option = options_under("Limits")
_SHARED = (
    _model_option("--model", metavar="NAME", help="The model's name. [default: ARIADNE_MODEL]"),
    *server_options(_HEADING),
    _model_option("--protocol", type=click.Choice(["merged", "paper"]), default="merged", show_default=True,
        help="merged: at most two calls a step. paper: six calls a step, as in the paper."),
    _model_option("--extract", type=_PARTS, default="llm", show_default=True, help="What reads facts from texts."),
    _model_option("--plan", type=_PARTS, default="llm", show_default=True, help="What plans."),
    _model_option("--act", type=_PARTS, default="llm", show_default=True, help="What chooses the action."),
    _model_option("--free-actions", is_flag=True, help="Allow any command, not only the valid actions."),
    _model_option("--on-bad-reply", type=click.Choice(["stop", "skip"]), default="stop", show_default=True,
        help="After a second unreadable reply: stop the run, or skip the reply and record that."),
    _model_option("--prices", type=AS_PATH, metavar="FILE.json",
        help='Prices in dollars per million tokens: {"MODEL": {"prompt": 2.5, "completion": 10, "cached": 1.25}}. A'
        " name also covers the models whose names begin with it. [default: ARIADNE_PRICES]"),
    limit_option("--max-calls", type=click.IntRange(min=0), metavar="N",
        help="Maximum number of model calls in a run."),
    limit_option("--max-tokens", type=click.IntRange(min=0), metavar="N",
        help="Maximum number of model tokens in a run."),
    limit_option("--max-cost", type=click.FloatRange(min=0), metavar="DOLLARS",
        help="Maximum cost of the model in a run; needs the model's price."),
)  # fmt: skip
_FOR_ONE_RUN = (
    _model_option("--dry-run", is_flag=True,
        help="Print the prompts of the first step with their tokens; call no model and save nothing."),
    _model_option("--replies", type=AS_PATH, metavar="RUN",
        help="Take all replies from another run (or its calls.jsonl); call no model."),
)  # fmt: skip
RESUMABLE_OPTIONS = (
    "model", "base_url", "free_actions", "on_bad_reply", "temperature", "max_reply", "max_calls", "max_tokens",
    "max_cost", "prices", "timeout", "patience", "replies",
)  # fmt: skip
"""The options that can change when a run is resumed."""
MODEL_OPTIONS = (
    "model", "base_url", "protocol", "extract", "plan", "act", "free_actions", "on_bad_reply", "temperature",
    "max_reply",
)  # fmt: skip
"""The options that become fields of ModelSettings under the same name."""
DRY_RUN = "dry_run"
_ALL = {*MODEL_OPTIONS, *RESUMABLE_OPTIONS, DRY_RUN}


def model_options(command: _Command) -> _Command:
    """Add all options of a language model to a command; it gets them as keyword arguments."""
    for option in reversed((*_SHARED, *_FOR_ONE_RUN)):
        command = option(command)
    return command


def model_options_of_many_runs(command: _Command) -> _Command:
    """Add the options of a language model, without those for a single run."""
    for option in reversed(_SHARED):
        command = option(command)
    return command


def refuse_without_model(given: Collection[str]) -> None:
    """Raise click.UsageError if an option of the language model is given to a run without one."""
    if extra := [name for name in given if name in _ALL]:
        raise click.UsageError(f"{flag(extra[0])} needs --mind llm")


def model_settings(
    options: Mapping[str, Any], given: Collection[str], before: ModelSettings | None = None
) -> ModelSettings:
    """Return the settings of the model from a command's options.

    Args:
        options: All options.
        given: The names of the options that the user gave.
        before: The settings of the run to resume; only given options change them.

    Raises:
        InvalidInput: No model is named, or --max-cost is given without a price.
    """
    from ariadne.llm.call_log import read_prices

    chosen = {name: options[name] for name in MODEL_OPTIONS if before is None or name in given}
    limits = {name: options[f"max_{name}"] for name in Limits.model_fields if f"max_{name}" in given}
    prices = options["prices"]
    if before is None:
        chosen["model"] = chosen["model"] or os.environ.get("ARIADNE_MODEL", "") or _recorded_model(options)
        chosen["base_url"] = chosen["base_url"] or os.environ.get("OPENAI_BASE_URL") or None
        prices = prices or (Path(file) if (file := os.environ.get("ARIADNE_PRICES")) else None)
    if not chosen.get("model", "-").strip():
        raise InvalidInput("no model is named: give --model, or set ARIADNE_MODEL")
    if "temperature" in chosen:
        chosen["temperature"] = chosen["temperature"] if chosen["temperature"] >= 0 else None
    if prices:
        chosen["prices"] = read_prices(prices)
    past = before or ModelSettings(model=chosen["model"])
    settings = ModelSettings(**{**dict(past), **chosen, "limits": past.limits.model_copy(update=limits)})
    _check_price(settings)
    return settings


def _check_price(settings: ModelSettings) -> None:
    from ariadne.llm.call_log import price_of

    if price_of(settings.prices, settings.model) is not None:
        return
    if settings.limits.cost is not None:
        raise InvalidInput(f"--max-cost: the price of {settings.model} is unknown; give --prices FILE.json")
    if settings.prices:
        print_note(
            f"the price of {settings.model} is unknown: its cost is counted only if it answers under a priced name"
        )


def _recorded_model(options: Mapping[str, Any]) -> str:
    """Return the model that answered in the record of --replies."""
    calls = _recorded_calls(options.get("replies"))
    return calls[0].completion.model if calls else ""


def _recorded_calls(record: Path | None) -> list[Call]:
    """Return the calls of a run's folder or of a file of calls."""
    from ariadne.llm.call_log import read_calls
    from ariadne.runs.record import CALLS

    return read_calls(record / CALLS if record.is_dir() else record) if record else []


def model_access(settings: ModelSettings, options: Mapping[str, Any], on_wait: Callable[[str], None]) -> ModelAccess:
    """Return the access to a model; `on_wait` gets a message before each call.

    Raises:
        InvalidInput: The server's URL or key is wrong.
        MissingExtra: The extra [llm] is missing.
    """
    from ariadne.runs.session import ModelAccess

    if options["replies"]:
        return ModelAccess(None, _recorded_calls(options["replies"]))

    def before_call(shape: str, usage: Usage) -> None:
        on_wait(f"waiting for {settings.model}: {shape}. So far {usage}")

    endpoint = Endpoint(
        settings.model, settings.base_url, temperature=settings.temperature, max_reply=settings.max_reply,
        seconds=options["timeout"], patience=options["patience"], waiting=print_note,
    )  # fmt: skip
    return ModelAccess(endpoint, (), before_call)


def print_first_prompts(settings: RunSettings, *, as_json: bool) -> None:
    """Print the prompts of a run's first step, with their tokens."""
    from ariadne.runs.dry_run import first_requests
    from ariadne.tokens import count, is_estimate

    requests = [
        (request, sum(count(message["content"]) for message in request.messages))
        for request in first_requests(settings)
    ]
    if as_json:
        data = [
            {"shape": request.shape, "tokens": tokens, "messages": request.messages} for request, tokens in requests
        ]
        click.echo(json.dumps({"requests": data, "estimated": is_estimate()}))
        return
    if not requests:
        click.echo("the first step sends no prompt")
    for request, tokens in requests:
        click.echo(f"==== {request.shape}: {tokens} tokens{' (an estimate that errs high)' if is_estimate() else ''}")
        for message in request.messages:
            click.echo(f"---- {message['role']}\n{message['content']}")
