"""The options that ask for a language model, and what comes of them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ariadne.cli.base import tell
from ariadne.cli.inputs import AS_PATH
from ariadne.errors import InvalidInput
from ariadne.llm.endpoint import PATIENCE, SECONDS, Endpoint
from ariadne.llm.settings import Limits, ModelSettings

if TYPE_CHECKING:
    from ariadne.llm.call_log import Call, Usage
    from ariadne.runs.session import ModelAccess
    from ariadne.runs.settings import RunSettings

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
    click.option("--temperature", type=click.FloatRange(-1, 2), default=0, show_default=True,
        help="Below 0: whatever the server does."),
    click.option("--max-reply", type=click.IntRange(min=1), metavar="TOKENS",
        help="No reply is to be longer: where a small model may not come to an end. [default: what the server allows]"),
    click.option("--timeout", type=click.FloatRange(min=0, min_open=True), default=SECONDS, show_default=True,
        metavar="SECONDS", help="How long one call may take: more for a slow machine."),
    click.option("--patience", type=click.FloatRange(min=0), default=PATIENCE, show_default=True, metavar="SECONDS",
        help="How long trouble that passes (a busy server, no connection) is waited for."),
    click.option("--max-calls", type=click.IntRange(min=0), help="Stop a run before more calls, in all its sittings."),
    click.option("--max-tokens", type=click.IntRange(min=0),
        help="Stop a run once so many are spent, in all its sittings."),
    click.option("--max-cost", type=click.FloatRange(min=0), metavar="DOLLARS",
        help="Stop a run once so much is spent, in all its sittings; needs the model's price."),
    click.option("--prices", type=AS_PATH, metavar="FILE.json",
        help='{"MODEL": {"prompt": 2.5, "completion": 10, "cached": 1.25}}, dollars for a million tokens; a name is'
        " also of all models that begin with it. [default: ARIADNE_PRICES]"),
)  # fmt: skip
_OF_ONE_RUN = (
    click.option("--dry-run", is_flag=True,
        help="Print what the model would be asked at the first step, with its tokens; call nobody and save nothing."),
    click.option("--replies", type=AS_PATH, metavar="RUN",
        help="Take all replies from the record of another run (or its calls.jsonl); nobody is called."),
)  # fmt: skip
ANEW = (
    "model", "base_url", "free_actions", "on_bad_reply", "temperature", "max_reply", "max_calls", "max_tokens",
    "max_cost", "prices", "timeout", "patience", "replies",
)  # fmt: skip
"""What may be said anew when a run is taken up again."""
HOW = ("model", "base_url", "protocol", "extract", "plan", "act", "free_actions", "on_bad_reply", "temperature",
    "max_reply")  # fmt: skip
"""What is written in the run as it is, beside limits and prices."""
DRY_RUN = "dry_run"


def model_options(command: Callable[..., None]) -> Callable[..., None]:
    """A command with the options for a language model, all of them in its `**more`."""
    for option in reversed((*_OPTIONS, *_OF_ONE_RUN)):
        command = option(command)
    return command


def model_options_of_many_runs(command: Callable[..., None]) -> Callable[..., None]:
    """The same, without those that are about a single run."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def model_settings(
    told: Mapping[str, Any], given: Collection[str], before: ModelSettings | None = None
) -> ModelSettings:
    """How the model is to think, and what it may cost; of a run that is taken up again as `before`, but for what is
    given anew. Raises InvalidInput where no model is named, or where no price is known for what it may cost."""
    from ariadne.llm.call_log import price_of, read_prices

    how = {name: told[name] for name in HOW if before is None or name in given}
    limits = {name: told[f"max_{name}"] for name in Limits.model_fields if f"max_{name}" in given}
    table = told["prices"]
    if before is None:
        how["model"] = how["model"] or os.environ.get("ARIADNE_MODEL", "") or _recorded(told.get("replies"))
        how["base_url"] = how["base_url"] or os.environ.get("OPENAI_BASE_URL") or None
        table = table or (Path(named) if (named := os.environ.get("ARIADNE_PRICES")) else None)
    if not how.get("model", "-").strip():
        raise InvalidInput("which model? name it: --model, or ARIADNE_MODEL")
    if "temperature" in how:
        how["temperature"] = how["temperature"] if how["temperature"] >= 0 else None
    if table:
        how["prices"] = read_prices(table)
    past = before or ModelSettings(model=how["model"])
    changed = ModelSettings(**{**dict(past), **how, "limits": past.limits.model_copy(update=limits)})
    if price_of(changed.prices, changed.model) is None:
        if changed.limits.cost is not None:
            raise InvalidInput(f"--max-cost: no price of {changed.model} is known; give --prices FILE.json")
        if changed.prices:
            tell(f"no price of {changed.model} is known: what it costs is told only where it answers by another name")
    return changed


def _recorded(replies: Path | None) -> str:
    """The model that answered in a record."""
    calls = _replies(replies)
    return calls[0].completion.model if calls else ""


def _replies(record: Path | None) -> list[Call]:
    """The calls of a record, or of the run in a folder."""
    from ariadne.llm.call_log import read_calls
    from ariadne.runs.record import CALLS

    return read_calls(record / CALLS if record.is_dir() else record) if record else []


def model_access(how: ModelSettings, told: Mapping[str, Any], watch: Callable[[str], None]) -> ModelAccess:
    """How it is reached; `watch` is told in words what is waited for. Raises InvalidInput and MissingExtra."""
    from ariadne.runs.session import ModelAccess

    if told["replies"]:
        return ModelAccess(None, _replies(told["replies"]))

    def waiting(shape: str, spent: Usage) -> None:
        watch(f"{how.model} is asked: {shape}. So far {spent}")

    endpoint = Endpoint(
        how.model, how.base_url, temperature=how.temperature, max_reply=how.max_reply, seconds=told["timeout"],
        patience=told["patience"], waiting=tell,
    )  # fmt: skip
    return ModelAccess(endpoint, (), waiting)


def tell_first_prompts(settings: RunSettings, *, as_json: bool) -> None:
    """Print what the first step of a run would ask, with its tokens."""
    from ariadne.runs.dry_run import first_requests
    from ariadne.tokens import count, is_estimate

    asked = first_requests(settings)
    tokens = [sum(count(message["content"]) for message in one.messages) for one in asked]
    if as_json:
        told = [
            {"shape": one.shape, "tokens": many, "messages": one.messages}
            for one, many in zip(asked, tokens, strict=True)
        ]
        click.echo(json.dumps({"requests": told, "estimated": is_estimate()}))
        return
    if not asked:
        click.echo("no model is asked anything at the first step")
    for one, many in zip(asked, tokens, strict=True):
        click.echo(f"==== {one.shape}: {many} tokens{' (an estimate that errs high)' if is_estimate() else ''}")
        for message in one.messages:
            click.echo(f"---- {message['role']}\n{message['content']}")
