"""`ariadne replay`: shows a saved run, verifies it, draws it as SVG, or repeats its recalls with another memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from ariadne import assembly
from ariadne.cli.base import (
    CommandWithHeadings,
    in_columns,
    json_option,
    options_under,
    plural,
    print_note,
    print_result,
    report_errors,
    to_json,
)
from ariadne.cli.inputs import AS_PATH
from ariadne.errors import AriadneError, InvalidInput, MissingExtra, RunError
from ariadne.files import new_file
from ariadne.memory import STRATEGIES
from ariadne.runs.record import Run
from ariadne.runs.verify import no_steps, verify
from ariadne.values import Step

_COUNT = click.IntRange(min=0)
_show = options_under("Show")
_verify = options_under("Verify")
_compare = options_under("Compare recalls")


@click.command("replay", cls=CommandWithHeadings)
@click.argument("folder", metavar="RUN", type=AS_PATH)
@_show("--at", type=click.IntRange(min=1), metavar="STEP", help="Show only this step.")
@_show("--calls", "with_calls", is_flag=True, help="With --at: show the step's model calls, prompts and replies.")
@_show("--svg", type=AS_PATH, metavar="FILE.svg",
    help="Draw the live picture of a step to this new file instead. [default: the last step with a plan]",
)  # fmt: skip
@_verify("--verify", "verifying", is_flag=True, help="Repeat the moves in the real game and compare everything.")
@_verify("--game", type=AS_PATH, metavar="FILE.z8", help="The new place of a game file that has moved.")
@_compare("--memory", type=click.Choice(assembly.MEMORIES), help="Recall with this memory, beside the recorded recall.")
@_compare("--strategy", type=click.Choice(STRATEGIES), help="Recall with this search strategy.")
@_compare("--context", "max_tokens", type=_COUNT, metavar="TOKENS", help="Recall at most this many tokens.")
@_compare("--facts", type=_COUNT, metavar="N", help="Recall at most this many facts.")
@_compare("--episodes", type=_COUNT, metavar="N", help="Recall at most this many episodes.")
@json_option
@report_errors
def replay(
    folder: Path, at: int | None, with_calls: bool, svg: Path | None, verifying: bool, game: Path | None,
    memory: str | None, as_json: bool, **recall: Any,
) -> None:  # fmt: skip
    """Show a saved RUN step by step; the game is not needed.

    In a terminal, keys choose the step. Right and left go to the next and the previous step; a number and enter go to
    that step. The key s goes to the next rise of the score, and f to the next change of facts; ? lists all keys.
    Without a terminal, it prints one line a step.
    """
    changes = {name: value for name, value in recall.items() if value is not None}
    modes = {"--verify": verifying, "--svg": svg is not None, "--memory and other recall settings": memory or changes}
    _check_usage([mode for mode, given in modes.items() if given], at, with_calls, game, as_json and svg is not None)
    with Run.open(folder) as run:
        if verifying:
            _verify_run(run, game, as_json=as_json)
            return
        _check_step(run, at, with_calls)
        if svg is not None:
            _draw(run, at, svg)
        elif memory or changes:
            _compare_recalls(run, memory or run.record.settings.memory, changes, at, as_json=as_json)
        elif as_json:
            click.echo(json.dumps(_data(run, at, with_calls), default=to_json))
        else:
            _browser().browse(run, at, "c" if with_calls else "")
        if run.lacks_its_end and not (svg or memory or changes):
            print_note(f"{folder}: the run is finished, but step {len(run.steps) + 1} is missing")


def _check_usage(modes: list[str], at: int | None, with_calls: bool, game: Path | None, json_of_svg: bool) -> None:
    """Refuse options that do not fit together."""
    if with_calls and (at is None or modes):
        raise click.UsageError("--calls shows one recorded step: give --at STEP and no other mode")
    if len(modes) > 1:
        raise click.UsageError(f"{modes[0]} and {modes[1]} do not go together: give one")
    if "--verify" in modes and at:
        raise click.UsageError("--verify checks the whole run: remove --at")
    if game and "--verify" not in modes:
        raise click.UsageError("--game is used only with --verify")
    if json_of_svg:
        raise click.UsageError("--svg draws a picture: remove --json")


def _check_step(run: Run, at: int | None, with_calls: bool) -> None:
    """Check that a run has steps, and step `at`; a step with calls may be unfinished."""
    if with_calls and at in run.calls:
        return
    if not len(run.steps):
        raise no_steps(run)
    if at is not None and at > len(run.steps):
        raise RunError(f"{run.folder}: there is no step {at}; there are 1 to {len(run.steps)}")


def _data(run: Run, at: int | None, with_calls: bool) -> object:
    """Return all steps, one step, or the model calls of one step."""
    if at is None:
        return {"run": str(run.folder), "steps": list(run.steps)}
    if not with_calls:
        return run.steps[at - 1]
    return [call.model_dump(mode="json") for call in run.calls.get(at, ())]


def _browser() -> Any:
    """Return the module that draws on a terminal; raise MissingExtra if rich is missing."""
    try:
        from ariadne.ui import browser
    except ModuleNotFoundError as error:
        raise MissingExtra("looking at runs", "textworld") from error
    return browser


def _draw(run: Run, at: int | None, file: Path) -> None:
    """Write the picture of a step to a new SVG file."""
    _browser()
    from ariadne.ui.picture import svg_of_step

    number = at or max((step.number for step in run.steps if step.decision.commands), default=len(run.steps))
    with new_file(file) as partial:
        partial.write_text(svg_of_step(run, number), encoding="utf-8")
    click.echo(file)


def _verify_run(run: Run, game: Path | None, *, as_json: bool) -> None:
    problem = verify(run, game)
    if as_json:
        data = {
            "run": str(run.folder), "state": run.record.state, "steps": len(run.steps), "true": problem is None,
            "problem": problem,
        }  # fmt: skip
        click.echo(json.dumps(data))
    if problem is not None:
        raise AriadneError(problem)
    if not as_json:
        score = run.steps[-1].observation.score
        unfinished = "" if run.record.state == "finished" else f"; the run is not finished ({run.record.state})"
        steps, points = plural(len(run.steps), "step"), plural(score, "point")
        click.echo(f"verified: all {steps} repeat exactly; {points}{unfinished}")


def _compare_recalls(run: Run, kind: str, changes: Mapping[str, object], at: int | None, *, as_json: bool) -> None:
    """Print what another memory, or other settings, recall at each step or at one."""
    if kind == "none" and changes:
        options = ", ".join("--context" if name == "max_tokens" else f"--{name}" for name in changes)
        raise InvalidInput(f"the memory none recalls nothing, so {options} has no effect; give --memory arigraph")
    with closing(assembly.memory(kind, extractor=run.extractor)) as memory:
        others = run.rerun_with_memory(memory, changes)
    pairs = [(step, other) for step, other in zip(run.steps, others, strict=True) if at in (None, step.number)]
    if at is not None and not as_json:
        _browser().show_beside(pairs[0][0].recall, pairs[0][1].recall, kind)
        return
    head = ("step", "facts recorded", f"with {kind}", "in both", "episodes recorded", f"with {kind}")
    rows = [head, *(_row(step, other) for step, other in pairs)]
    steps = [{"step": step.number, "recalled": step.recall, "would_be_recalled": other.recall} for step, other in pairs]
    print_result(in_columns(rows), {"run": str(run.folder), "memory": kind, **changes, "steps": steps}, as_json=as_json)


def _row(step: Step, other: Step) -> tuple[str, ...]:
    recorded, now = ({fact.triplet for fact in each.recall.facts} for each in (step, other))
    episodes = [" ".join(str(episode.id) for episode in each.recall.episodes) for each in (step, other)]
    return str(step.number), str(len(recorded)), str(len(now)), str(len(recorded & now)), *episodes
