"""`ariadne play`: plays a game and saves the run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ariadne import assembly
from ariadne.cli.base import CommandWithHeadings, flag, given_options, options_under, report_errors
from ariadne.cli.inputs import AS_PATH, SEED, prepared_minilm
from ariadne.cli.model_options import (
    DRY_RUN,
    RESUMABLE_OPTIONS,
    limit_option,
    model_access,
    model_options,
    model_settings,
    print_first_prompts,
    refuse_without_model,
)
from ariadne.envs import load_task, make_treasure_hunt
from ariadne.envs.makers.paper_hunt import is_made
from ariadne.errors import AriadneError, BudgetExceeded, Interrupted, MissingExtra, ModelError, ReplyError
from ariadne.runs.record import Outcome, Run, read_record

if TYPE_CHECKING:
    from ariadne.envs.tasks import Task
    from ariadne.llm.call_log import Usage
    from ariadne.llm.settings import ModelSettings
    from ariadne.runs.recorder import Recording
    from ariadne.runs.settings import RunSettings

_RESUME_OPTIONS = ("game", "steps", "resume", "as_json", *RESUMABLE_OPTIONS)
"""The options that --resume accepts."""
_game = options_under("Game")
_agent = options_under("Agent and memory")
_output = options_under("Output")


@click.command("play", cls=CommandWithHeadings)
@click.argument("game", required=False, type=AS_PATH)
@_game("--task", metavar="FILE.json:NAME", help="Take game, goal, hint and steps from a file of tasks.")
@_game("--goal", metavar="TEXT", help="The goal. [default: the task's, or the objective that the game prints]")
@_game("--hint", metavar="TEXT", help="A hint for the agent. [default: the task's]")
@_game(
    "--seed",
    type=SEED,
    metavar="N",
    default=1,
    show_default=True,
    help="Seed of the game's random choices and of a new hunt.",
)
@_game("--no-valid-actions", is_flag=True, help="Hide the list of valid actions from the agent.")
@_game("--no-objective", is_flag=True, help="Remove the objective from the game's first text.")
@_game("--restarts", is_flag=True, help="Restart a lost game within the same run.")
@_agent("--mind", type=click.Choice(assembly.MINDS), default="rules", show_default=True, help="Who decides.")
@_agent("--human", is_flag=True, help="Choose the actions yourself; memory, plan and record work as usual.")
@_agent(
    "--memory",
    type=click.Choice(assembly.MEMORIES),
    default="arigraph",
    show_default=True,
    help="The kind of memory; docs/guides/benchmarks.md describes each.",
)
@_agent(
    "--context", type=click.IntRange(min=1), metavar="TOKENS",
    help="Maximum number of recalled tokens for a decision: facts and episodes, without the map. [default: 1500]",
)  # fmt: skip
@_output("--run", type=AS_PATH, metavar="DIR", help="Save the run in this new folder. [default: a new one in runs/]")
@_output(
    "--resume", type=AS_PATH, metavar="DIR",
    help="Continue this run. Use it with a higher --steps if the run spent its steps.",
)  # fmt: skip
@_output("--json", "as_json", is_flag=True, help="Print only one JSON object, at the end.")
@model_options
@limit_option(
    "--steps",
    type=click.IntRange(min=1),
    metavar="N",
    help="Maximum number of decisions. [default: the task's, or 150]",
)
@limit_option(
    "--moves",
    type=click.IntRange(min=1),
    metavar="N",
    help="Maximum number of moves in the game; a decision may take several moves.",
)
@click.pass_context
@report_errors
def play(
    context: click.Context, /, game: Path | None, run: Path | None, resume: Path | None, as_json: bool, **options: Any
) -> None:
    """Play a game and save the run.

    GAME is a TextWorld game (a .z8 file with its .json beside it) or a TextWorld-Express game (.express). Without GAME,
    a small treasure hunt is made and played. With --resume, GAME is the new place of a game file that has moved.
    """
    given = given_options(context)
    before = read_record(resume).settings if resume else None
    human = options["human"] or (before is not None and before.mind == assembly.HUMAN)
    with_model = before.model_settings is not None if before else options["mind"] == assembly.LLM
    _check_usage(given, resumes=resume is not None, with_model=with_model, human=human)
    try:
        from ariadne.runs.session import NO_MODEL, play_game, resume_game
        from ariadne.ui.live import FinalTextView, choose_view
    except ModuleNotFoundError as error:
        raise MissingExtra("playing games", "textworld") from error
    from rich.console import Console

    prepared_minilm()  # a download, if one is needed, comes before the game
    model = model_settings(options, given, before.model_settings if before else None) if with_model else None
    task = load_task(options["task"]) if options["task"] else None
    if resume is not None:
        start = partial(resume_game, resume, game=game, steps=options["steps"], model_settings=model)
    else:
        settings = _settings(game or _game_of(task, options["seed"], as_json), task, model, options)
        if options[DRY_RUN]:
            print_first_prompts(settings, as_json=as_json)
            return
        start = partial(play_game, settings, folder=run)
    view = FinalTextView() if human else choose_view(Console(), quiet=as_json)
    with closing(view), _hint_to_resume():
        done = start(view.show, access=model_access(model, options, view.wait) if model else NO_MODEL)
    _print_outcome(done, task, as_json=as_json)


@contextmanager
def _hint_to_resume() -> Iterator[None]:
    """Add to an error that ends a run what the run used, and how to continue it."""
    try:
        yield
    except (Interrupted, BudgetExceeded, ModelError, ReplyError) as error:
        if error.run_folder is None:
            raise
        raise AriadneError("; ".join(_with_hints(error, error.run_folder))) from error


def _with_hints(error: AriadneError, folder: Path) -> Iterator[str]:
    """Yield an error and the hints that follow it."""
    yield "interrupted" if isinstance(error, Interrupted) else str(error)
    with Run.open(folder) as run:
        calls = [call for number in sorted(run.calls) for call in run.calls[number]]
        if calls and isinstance(error, ReplyError):
            yield f"show the whole reply with: ariadne replay {folder} --at {calls[-1].step} --calls"
        if isinstance(error, ModelError | ReplyError):
            yield "the run is kept"
        if calls and run.record.outcome:
            yield f"used so far: {_usage(run.record.outcome)}"
    more = " and a higher limit" if isinstance(error, BudgetExceeded) else ""
    yield f"continue with: ariadne play --resume {folder}{more}"


def _usage(outcome: Outcome) -> Usage:
    from ariadne.llm.call_log import Usage

    return Usage(
        outcome.model_calls, outcome.prompt_tokens, outcome.completion_tokens, outcome.cost, outcome.tokens_estimated
    )  # fmt: skip


def _check_usage(given: Sequence[str], *, resumes: bool, with_model: bool, human: bool) -> None:
    """Refuse options that do not fit together."""
    if resumes and (extra := [name for name in given if name not in _RESUME_OPTIONS]):
        raise click.UsageError(f"--resume keeps the run's settings: remove {flag(extra[0])}")
    if not with_model:
        refuse_without_model(given)
    if human and "as_json" in given:
        raise click.UsageError("a person plays this run: remove --json")
    if human and "mind" in given:
        raise click.UsageError("a person plays this run: remove --mind")


def _game_of(task: Task | None, seed: int, quiet: bool) -> Path:
    """Return the task's game, or make a small treasure hunt."""
    if task is not None:
        return task.game
    if not quiet:
        making = "" if is_made("easy", seed) else " (making the game, some seconds)"
        click.echo(f"treasure hunt, easy, seed {seed}{making}", err=True)
    return make_treasure_hunt("easy", seed)


def _settings(game: Path, task: Task | None, model: ModelSettings | None, options: dict[str, Any]) -> RunSettings:
    """Return the settings of a new run; an option overrides the task."""
    from ariadne.runs.settings import DEFAULT_CONTEXT, DEFAULT_STEPS, RunSettings

    goal, hint = options["goal"], options["hint"]
    return RunSettings(
        game=game,
        task=options["task"] or "",
        goal=goal if goal is not None or not task else task.goal or None,
        hint=hint if hint is not None else task.hint if task else "",
        mind=assembly.HUMAN if options["human"] else options["mind"],
        memory=options["memory"],
        steps=options["steps"] or (task.max_steps if task else None) or DEFAULT_STEPS,
        context=options["context"] or DEFAULT_CONTEXT,
        seed=options["seed"],
        valid_actions=not options["no_valid_actions"],
        moves=options["moves"],
        objective=not options["no_objective"],
        restarts=options["restarts"],
        model_settings=model,
    )


def _print_outcome(done: Recording, task: Task | None, *, as_json: bool) -> None:
    from ariadne.ui.live import summary

    outcome = done.outcome
    placed = _placed(done, task)
    if as_json:
        game = str(done.record.settings.game)
        click.echo(json.dumps({"game": game, **outcome.model_dump(), **placed, "run": str(done.folder)}))
        return
    click.echo(summary(outcome, str(done.folder)))
    if placed:
        click.echo("{placed} of {placements} things are where they belong".format(**placed))


def _placed(run: Recording, task: Task | None) -> dict[str, int]:
    """Return how many of the task's things are in their places; {} for a task that the game scores."""
    from ariadne.envs.tasks import count_placed

    if task is None or not task.placements:
        return {}
    with Run.open(run.folder) as saved:
        commands = [command for step in saved.steps for command in step.observation.commands]
    return {"placed": count_placed(task, run.record.settings.game, commands), "placements": len(task.placements)}
