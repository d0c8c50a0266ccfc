"""`ariadne replay`: a saved run gone through in a terminal, or played again to see whether it is true."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from types import ModuleType

import click

from ariadne import assembly
from ariadne.cli.base import as_data, in_columns, json_option, plainly, say
from ariadne.cli.inputs import AS_PATH
from ariadne.errors import AriadneError, InvalidInput, MissingExtra, RunError
from ariadne.memory import STRATEGIES
from ariadne.runs.record import Run
from ariadne.runs.verify import verify

_COUNT = click.IntRange(min=0)


@click.command("replay")
@click.argument("folder", metavar="RUN", type=AS_PATH)
@click.option("--at", type=click.IntRange(min=1), metavar="STEP", help="Show this step, and leave.")
@click.option("--calls", "asked", is_flag=True, help="With --at: what a language model was asked there, and said.")
@click.option("--verify", "verifying", is_flag=True, help="Make the moves again in the real game: is all as recorded?")
@click.option("--game", type=AS_PATH, metavar="FILE.z8", help="Where the game lies now, for --verify.")
@click.option(
    "--memory",
    type=click.Choice(assembly.MEMORIES),
    help="What this memory would have recalled, beside what was recalled.",
)
@click.option("--strategy", type=click.Choice(STRATEGIES), help="The same by another search.")
@click.option("--context", type=_COUNT, metavar="TOKENS", help="The same within so many tokens.")
@click.option("--facts", type=_COUNT, metavar="N", help="The same with at most so many facts.")
@click.option("--episodes", type=_COUNT, metavar="N", help="The same with at most so many episodes.")
@json_option
@plainly
def replay(
    folder: Path, at: int | None, asked: bool, verifying: bool, game: Path | None, memory: str | None,
    strategy: str | None, context: int | None, facts: int | None, episodes: int | None, as_json: bool,
) -> None:  # fmt: skip
    """Go through a saved RUN, step by step; the game is not needed.

    In a terminal: arrows or n and p for forward and back, a number and enter for a step, s where the score rises, f
    where a fact is learned or retired, ? for all keys. Elsewhere, a line a step.
    """
    settings = {"strategy": strategy, "max_tokens": context, "facts": facts, "episodes": episodes}
    settings = {name: value for name, value in settings.items() if value is not None}
    if asked and (at is None or memory or settings):
        raise click.UsageError("--calls is of one step, as it was: give it with --at STEP")
    if verifying and (at or memory or settings):
        raise click.UsageError("--verify goes through the whole run as it is: give it alone, or with --game")
    if game and not verifying:
        raise click.UsageError("--game is for --verify: nothing else needs the game")
    with Run.open(folder) as run:
        if verifying:
            _verify(run, game, as_json=as_json)
            return
        unfinished = asked and at in run.calls
        if not len(run.steps) and not unfinished:
            raise RunError(f"{folder}: no step was recorded")
        if at is not None and at > len(run.steps) and not unfinished:
            raise RunError(f"{folder}: there is no step {at}; there are 1 to {len(run.steps)}")
        if memory is not None or settings:
            _beside(run, memory or run.record.settings.memory, settings, at, as_json=as_json)
            return
        if as_json:
            told = _as_json(run, at, asked=asked)
            click.echo(json.dumps(told, default=as_data))
        else:
            _browse().browse(run, at, "c" if asked else "")
        if run.lacks_its_end:
            click.echo(
                f"ariadne: {folder}: step {len(run.steps) + 1} is missing: the run says it is finished", err=True
            )


def _as_json(run: Run, at: int | None, *, asked: bool) -> object:
    """The steps; or one; or what was asked of a model there."""
    if at is None:
        return {"run": str(run.folder), "steps": list(run.steps)}
    if not asked:
        return run.steps[at - 1]
    return [call.model_dump(mode="json") for call in run.calls.get(at, ())]


def _browse() -> ModuleType:
    """What draws on a terminal; raises MissingExtra where that is not installed."""
    try:
        from ariadne.ui import browser
    except ModuleNotFoundError as error:
        raise MissingExtra("looking at runs", "textworld") from error
    return browser


def _verify(run: Run, game: Path | None, *, as_json: bool) -> None:
    problem = verify(run, game)
    if as_json:
        told = {
            "run": str(run.folder), "state": run.record.state, "steps": len(run.steps), "true": problem is None,
            "problem": problem,
        }  # fmt: skip
        click.echo(json.dumps(told))
    if problem is not None:
        raise AriadneError(problem)
    if not as_json:
        score = run.steps[-1].observation.score
        unfinished = "" if run.record.state == "finished" else f"; the run is not finished ({run.record.state})"
        click.echo(f"{len(run.steps)} steps are as recorded, to {score} points{unfinished}")


def _beside(run: Run, kind: str, settings: Mapping[str, object], at: int | None, *, as_json: bool) -> None:
    """What another memory, or other settings, would have recalled at each step, or at one."""
    if kind == "none" and settings:
        options = ", ".join("--context" if name == "max_tokens" else f"--{name}" for name in settings)
        raise InvalidInput(f"a memory that recalls nothing has no {options}; say --memory arigraph")
    with closing(assembly.memory(kind, extractor=run.extractor)) as memory:
        others = run.rerun_with_memory(memory, settings)
    rows = list[tuple[str, ...]]([("step", "facts then", "now", "the same", "episodes then", "now")])
    data = list[dict[str, object]]()
    for step, other in zip(run.steps, others, strict=True):
        if at is not None and step.number != at:
            continue
        was, now = ({fact.triplet for fact in one.recall.facts} for one in (step, other))
        told = [" ".join(str(one.id) for one in each.recall.episodes) for each in (step, other)]
        rows.append((str(step.number), str(len(was)), str(len(now)), str(len(was & now)), *told))
        data.append({"step": step.number, "recalled": step.recall, "would_be_recalled": other.recall})
        if at is not None and not as_json:
            _browse().show_beside(step.recall, other.recall, kind)
            return
    say(in_columns(rows), {"run": str(run.folder), "memory": kind, **settings, "steps": data}, as_json=as_json)
