"""The command line: reads what was asked for, calls the library, and says what came of it.

Exit status 0: done; 1: it could not be done, one line on standard error says why; 2: bad usage.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ariadne import __version__, assembly
from ariadne.cli.base import json_option, plainly
from ariadne.cli.bench import bench
from ariadne.cli.inputs import AS_PATH
from ariadne.cli.memory import verbs
from ariadne.cli.memory_file import default_embedder
from ariadne.cli.model_options import (
    ANEW,
    DRY_RUN,
    HOW,
    model_access,
    model_options,
    model_settings,
    tell_first_prompts,
)
from ariadne.cli.replay import replay
from ariadne.cli.runs import runs
from ariadne.envs import (
    load_task,
    make_cleaning,
    make_coin_collector,
    make_cooking,
    make_express,
    make_treasure_hunt,
    make_treasure_hunter,
)
from ariadne.envs.express import games
from ariadne.envs.makers import coin_collector, cooking, paper_hunt, textworld_hunter
from ariadne.errors import AriadneError, MissingExtra
from ariadne.runs.record import Run, read_record

if TYPE_CHECKING:
    from ariadne.envs.tasks import Task
    from ariadne.runs.recorder import Recording
    from ariadne.runs.session import StepListener

_RESUMING = ("game", "steps", "resume", "as_json", *ANEW)
"""What can be said of a run that is taken up again."""
_SEED = click.IntRange(0, 2**32 - 1)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="ariadne")
def main() -> None:
    """An agent whose memory is a knowledge graph: it needs no model, no server and no network."""


main.add_command(verbs)
main.add_command(bench)
main.add_command(replay)
main.add_command(runs)


@main.command()
@click.argument("game", required=False, type=AS_PATH)
@click.option("--mind", type=click.Choice(assembly.MINDS), default="rules", show_default=True, help="Who thinks.")
@click.option("--human", is_flag=True, help="Choose the actions yourself; memory, plan and record are as ever.")
@click.option(
    "--memory", type=click.Choice(assembly.MEMORIES), default="arigraph", show_default=True, help="What remembers."
)
@click.option("--goal", help="What to do; by default what the task says, or what the game prints as its objective.")
@click.option("--hint", help="What else to know from the start; by default what the task says.")
@click.option("--task", metavar="FILE.json:NAME", help="Take game, goal, hint and steps from a file of tasks.")
@click.option("--steps", type=click.IntRange(min=1), help="At most this many decisions. [default: the task's, or 150]")
@click.option(
    "--moves", type=click.IntRange(min=1), help="At most this many moves in the game; a decision may be several."
)
@click.option(
    "--context", type=click.IntRange(min=1), metavar="TOKENS",
    help="Recall at most this many tokens of facts and episodes for a decision; the map stands beside it."
    " [default: 1500]",
)  # fmt: skip
@click.option(
    "--seed", type=_SEED, default=1, show_default=True, help="For chance in the game, and which hunt to make."
)
@click.option("--no-valid-actions", is_flag=True, help="Hide from the agent the list of what can be done.")
@click.option("--no-objective", is_flag=True, help="Take out of the game's first words what it says is to be done.")
@click.option("--restarts", is_flag=True, help="Begin a game that is lost anew, within the same run.")
@click.option("--run", type=AS_PATH, metavar="DIR", help="Save the run in this new folder. [default: one in runs/]")
@click.option(
    "--resume", type=AS_PATH, metavar="DIR",
    help="Go on with this run, which was stopped, or with more --steps if those were spent.",
)  # fmt: skip
@model_options
@json_option
@click.pass_context
@plainly
def play(
    told_by: click.Context, /, game: Path | None, mind: str, human: bool, memory: str, goal: str | None,
    hint: str | None, task: str | None, steps: int | None, moves: int | None, context: int | None, seed: int,
    no_valid_actions: bool, no_objective: bool, restarts: bool, run: Path | None, resume: Path | None, as_json: bool,
    **more: Any,
) -> None:  # fmt: skip
    """Play GAME, a TextWorld .z8 with its .json beside it or a TextWorld-Express .express, and save the run.

    Without GAME a small treasure hunt is made and played. With --resume GAME is where the run's game lies now, if that
    has changed.
    """
    given = [name for name in told_by.params if told_by.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    if resume is not None and (over := [name for name in given if name not in _RESUMING]):
        raise click.UsageError(f"--resume goes on as the run was asked for: without --{over[0].replace('_', '-')}")
    before = read_record(resume).settings if resume else None
    human = human or (before is not None and before.mind == assembly.HUMAN)
    thinks = before.model_settings is not None if before else mind == assembly.LLM
    if not thinks and (over := [name for name in given if name in (*HOW, *ANEW, DRY_RUN)]):
        raise click.UsageError(f"--{over[0].replace('_', '-')} is for --mind llm")
    if human and (as_json or "mind" in given):
        raise click.UsageError(f"a person plays: without --{'json' if as_json else 'mind'}")
    try:
        from ariadne.runs.session import NO_MODEL, play_game, resume_game
        from ariadne.runs.settings import DEFAULT_CONTEXT, DEFAULT_STEPS, RunSettings
        from ariadne.ui.live import LastWords, summary, view
    except ModuleNotFoundError as error:
        raise MissingExtra("playing games", "textworld") from error
    from rich.console import Console

    default_embedder()  # a download, if one is needed, comes before the game
    begin: Callable[[StepListener], Recording]
    told: Task | None = None
    how = model_settings(more, given, before.model_settings if before else None) if thinks else None
    dry = bool(more[DRY_RUN])
    access = model_access(how, more, lambda what: shown.waits_for(what)) if how and not dry else NO_MODEL
    if resume is not None:
        begin = partial(resume_game, resume, game=game, steps=steps, model_settings=how, access=access)
    else:
        told = load_task(task) if task else None  # (a run that is gone on with is judged by its game alone)
        settings = RunSettings(
            game=game or (told.game if told else _made_hunt(seed, quiet=as_json)),
            task=task or "",
            goal=goal if goal is not None or not told else told.goal or None,
            hint=hint if hint is not None else told.hint if told else "",
            mind=assembly.HUMAN if human else mind,
            memory=memory,
            steps=steps or (told.max_steps if told else None) or DEFAULT_STEPS,
            context=context or DEFAULT_CONTEXT,
            seed=seed,
            valid_actions=not no_valid_actions,
            moves=moves,
            objective=not no_objective,
            restarts=restarts,
            model_settings=how,
        )
        if dry:
            tell_first_prompts(settings, as_json=as_json)
            return
        begin = partial(play_game, settings, folder=run, access=access)
    shown = LastWords() if human else view(Console(), quiet=as_json)
    try:
        done = begin(shown.show)
    finally:
        shown.close()
    outcome = done.record.outcome
    if outcome is None:
        raise AriadneError(f"{done.folder}: the run came to no end")
    right = _placed(done, told)
    if as_json:
        told_of = {"game": str(done.record.settings.game), **outcome.model_dump(), **right, "run": str(done.folder)}
        click.echo(json.dumps(told_of))
    else:
        click.echo(summary(outcome, str(done.folder)))
        if right:
            click.echo("{placed} of {placements} things are where they belong".format(**right))


def _placed(run: Recording, task: Task | None) -> dict[str, int]:
    """How many things are where a task wants them, of how many; nothing where it is scored by the game."""
    from ariadne.envs.tasks import count_placed

    if task is None or not task.placements:
        return {}
    with Run.open(run.folder) as told:
        commands = [command for step in told.steps for command in step.observation.commands]
    return {"placed": count_placed(task, run.record.settings.game, commands), "placements": len(task.placements)}


@main.group()
def make() -> None:
    """Make a game; the same seed makes the same game everywhere."""


@make.command("treasure-hunt")
@click.option(
    "--level", type=click.Choice(list(paper_hunt.LEVELS)), default="easy", show_default=True,
    help="12, 16, 36, 72 or 120 rooms.",
)  # fmt: skip
@click.option("--seed", type=_SEED, default=1, show_default=True)
@click.option("-o", "output", type=AS_PATH, metavar="FILE.z8", help="[default: treasure-hunt-LEVEL-SEED.z8]")
@plainly
def make_hunt(level: str, seed: int, output: Path | None) -> None:
    """A maze of coloured lockers, with keys and notes that lead to a treasure."""
    click.echo(make_treasure_hunt(level, seed, output or Path(f"treasure-hunt-{level}-{seed}.z8")))


@make.command("cooking")
@click.option(
    "--level", type=click.Choice(list(cooking.LEVELS)), default="easy", show_default=True, metavar="LEVEL",
    help="The paper's easy (3 ingredients, 9 rooms), hard (4, 12), hardest (5, 12, shut doors, few hands); or 1 to 10,"
    " GATA's folders rebuilt; or balrog (5, 12, shut doors).",
)  # fmt: skip
@click.option("--seed", type=_SEED, default=1, show_default=True)
@click.option("-o", "output", type=AS_PATH, metavar="FILE.z8", help="[default: cooking-LEVEL-SEED.z8]")
@plainly
def make_meal(level: str, seed: int, output: Path | None) -> None:
    """A recipe to follow: ingredients to find, to cut and to cook, a meal to prepare and to eat."""
    click.echo(make_cooking(level, seed, output or Path(f"cooking-{level}-{seed}.z8")))


@make.command("cleaning")
@click.option("--seed", type=_SEED, default=1, show_default=True)
@click.option("-o", "output", type=AS_PATH, metavar="FILE.z8", help="[default: cleaning-SEED.z8]")
@plainly
def make_house(seed: int, output: Path | None) -> None:
    """A house of nine rooms, where eleven of thirty-three things are out of place."""
    click.echo(make_cleaning(seed, output or Path(f"cleaning-{seed}.z8")))


@make.command("coin-collector")
@click.option(
    "--level",
    type=click.IntRange(1, coin_collector.HIGHEST),
    default=220,
    show_default=True,
    help="The way to the coin has as many rooms as its last two digits say; past 100 as many more, past 200 twice.",
)
@click.option("--seed", type=_SEED, default=1, show_default=True)
@click.option("-o", "output", type=AS_PATH, metavar="FILE.z8", help="[default: coin-collector-LEVEL-SEED.z8]")
@plainly
def make_coin(level: int, seed: int, output: Path | None) -> None:
    """A maze of rooms with one coin in it."""
    click.echo(make_coin_collector(level, seed, output or Path(f"coin-collector-{level}-{seed}.z8")))


@make.command("express")
@click.option(
    "--level", type=click.Choice(list(games.LEVELS)), default="coin", show_default=True, metavar="LEVEL",
    help=f"One of TALES's games: {', '.join(games.LEVELS)}.",
)  # fmt: skip
@click.option("--seed", type=_SEED, default=games.FIRST_SEED, show_default=True)
@click.option("-o", "output", type=AS_PATH, metavar="FILE.express", help="[default: LEVEL-SEED.express]")
@plainly
def make_small(level: str, seed: int, output: Path | None) -> None:
    """One of TextWorld-Express's games as TALES plays them; to play it needs the extra [express] and Java."""
    click.echo(make_express(level, seed, output or Path(f"{level}-{seed}{games.SUFFIX}")))


@make.command("treasure-hunter")
@click.option(
    "--level",
    type=click.IntRange(1, textworld_hunter.HIGHEST),
    default=textworld_hunter.HIGHEST,
    show_default=True,
    help="To 10: 5 rooms; to 20: 10, and things that are shut; to 30: 20, and things that are locked.",
)
@click.option("--seed", type=_SEED, default=1, show_default=True)
@click.option("-o", "output", type=AS_PATH, metavar="FILE.z8", help="[default: treasure-hunter-LEVEL-SEED.z8]")
@plainly
def make_treasure(level: int, seed: int, output: Path | None) -> None:
    """Rooms with an object to take, and one that loses the game."""
    click.echo(make_treasure_hunter(level, seed, output or Path(f"treasure-hunter-{level}-{seed}.z8")))


def _made_hunt(seed: int, *, quiet: bool) -> Path:
    if not quiet:
        click.echo(f"a treasure hunt, easy, seed {seed} (made at its first use, in some seconds)", err=True)
    return make_treasure_hunt("easy", seed)
