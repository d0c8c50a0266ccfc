"""`ariadne play`: plays a game and saves the run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ariadne import assembly
from ariadne.cli.base import CommandWithHeadings, flag, given_options, options_under, report_errors
from ariadne.cli.inputs import AS_PATH, SEED
from ariadne.cli.memory_file import default_embedder
from ariadne.cli.model_options import (
    DRY_RUN,
    MODEL_OPTIONS,
    RESUMABLE_OPTIONS,
    limit_option,
    model_access,
    model_options,
    model_settings,
    print_first_prompts,
)
from ariadne.envs import load_task, make_treasure_hunt
from ariadne.errors import AriadneError, MissingExtra
from ariadne.runs.record import Run, read_record

if TYPE_CHECKING:
    from ariadne.envs.tasks import Task
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
    "--memory", type=click.Choice(assembly.MEMORIES), default="arigraph", show_default=True, help="The kind of memory."
)
@_agent(
    "--context", type=click.IntRange(min=1), metavar="TOKENS",
    help="Tokens of facts and episodes to recall for a decision, at most; the map is not counted. [default: 1500]",
)  # fmt: skip
@_output("--run", type=AS_PATH, metavar="DIR", help="Save the run in this new folder. [default: a new one in runs/]")
@_output(
    "--resume", type=AS_PATH, metavar="DIR",
    help="Continue this run. Use it with a higher --steps if the run spent its steps.",
)  # fmt: skip
@_output("--json", "as_json", is_flag=True, help="Print only one JSON object, at the end.")
@model_options
@limit_option(
    "--steps", type=click.IntRange(min=1), metavar="N", help="Decisions, at most. [default: the task's, or 150]"
)
@limit_option(
    "--moves",
    type=click.IntRange(min=1),
    metavar="N",
    help="Moves in the game, at most; a decision may take several moves.",
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

    default_embedder()  # a download, if one is needed, comes before the game
    model = model_settings(options, given, before.model_settings if before else None) if with_model else None
    task = load_task(options["task"]) if options["task"] else None
    settings = None if resume else _settings(game or _game_of(task, options["seed"], as_json), task, model, options)
    if settings is not None and options[DRY_RUN]:
        print_first_prompts(settings, as_json=as_json)
        return
    access = model_access(model, options, lambda message: view.wait(message)) if model else NO_MODEL
    view = FinalTextView() if human else choose_view(Console(), quiet=as_json)
    try:
        if settings is not None:
            done = play_game(settings, view.show, folder=run, access=access)
        else:
            done = resume_game(
                resume or Path(), view.show, game=game, steps=options["steps"], model_settings=model, access=access
            )
    finally:
        view.close()
    _print_outcome(done, task, as_json=as_json)


def _check_usage(given: Sequence[str], *, resumes: bool, with_model: bool, human: bool) -> None:
    """Refuse options that do not fit together."""
    if resumes and (extra := [name for name in given if name not in _RESUME_OPTIONS]):
        raise click.UsageError(f"--resume keeps the run's settings: remove {flag(extra[0])}")
    if not with_model and (extra := [name for name in given if name in (*MODEL_OPTIONS, *RESUMABLE_OPTIONS, DRY_RUN)]):
        raise click.UsageError(f"{flag(extra[0])} needs --mind llm")
    if human and "as_json" in given:
        raise click.UsageError("a person plays this run: remove --json")
    if human and "mind" in given:
        raise click.UsageError("a person plays this run: remove --mind")


def _game_of(task: Task | None, seed: int, quiet: bool) -> Path:
    """Return the task's game, or make a small treasure hunt."""
    if task is not None:
        return task.game
    if not quiet:
        click.echo(f"treasure hunt, easy, seed {seed} (the first time, it takes some seconds to make)", err=True)
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

    outcome = done.record.outcome
    if outcome is None:
        raise AriadneError(f"{done.folder}: the run has no outcome")
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
