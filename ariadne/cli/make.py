"""`ariadne make`: makes games."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from ariadne.cli.base import report_errors
from ariadne.cli.inputs import AS_PATH, SEED
from ariadne.envs import (
    make_cleaning,
    make_coin_collector,
    make_cooking,
    make_express,
    make_treasure_hunt,
    make_treasure_hunter,
)
from ariadne.envs.express import games
from ariadne.envs.makers import coin_collector, cooking, paper_hunt, textworld_hunter

_Command = Callable[..., None]


def _seed_option(default: int = 1) -> Callable[[_Command], _Command]:
    return click.option("--seed", type=SEED, metavar="N", default=default, show_default=True, help="Seed of the game.")


def _output_option(default: str, suffix: str = ".z8") -> Callable[[_Command], _Command]:
    return click.option(
        "-o", "output", type=AS_PATH, metavar=f"FILE{suffix}", help=f"Write to this new file. [default: {default}]"
    )


@click.group()
def make() -> None:
    """Make a game to play.

    The same seed makes the same game everywhere. The paper is AriGraph (arXiv 2407.04363).
    """


@make.command("treasure-hunt")
@click.option(
    "--level", type=click.Choice(list(paper_hunt.LEVELS)), default="easy", show_default=True,
    help="Size: 12, 16, 36, 72 or 120 rooms.",
)  # fmt: skip
@_seed_option()
@_output_option("treasure-hunt-LEVEL-SEED.z8")
@report_errors
def make_treasure_hunt_command(level: str, seed: int, output: Path | None) -> None:
    """Make a maze with lockers, keys, notes and a treasure."""
    click.echo(make_treasure_hunt(level, seed, output or Path(f"treasure-hunt-{level}-{seed}.z8")))


@make.command("cooking")
@click.option(
    "--level", type=click.Choice(list(cooking.LEVELS)), default="easy", show_default=True, metavar="LEVEL",
    help="The paper's easy (3 ingredients, 9 rooms), hard (4, 12) or hardest (5, 12, closed doors, few things can be"
    " carried); GATA's folders 1 to 10; or balrog (5, 12, closed doors).",
)  # fmt: skip
@_seed_option()
@_output_option("cooking-LEVEL-SEED.z8")
@report_errors
def make_cooking_command(level: str, seed: int, output: Path | None) -> None:
    """Make a recipe game: find, cut and cook ingredients."""
    click.echo(make_cooking(level, seed, output or Path(f"cooking-{level}-{seed}.z8")))


@make.command("cleaning")
@_seed_option()
@_output_option("cleaning-SEED.z8")
@report_errors
def make_cleaning_command(seed: int, output: Path | None) -> None:
    """Make a house with 11 of 33 things out of place."""
    click.echo(make_cleaning(seed, output or Path(f"cleaning-{seed}.z8")))


@make.command("coin-collector")
@click.option(
    "--level", type=click.IntRange(1, coin_collector.HIGHEST), metavar="N", default=220, show_default=True,
    help="1 to 100: the number of rooms on the path to the coin. 101 to 150: 1 to 50 rooms on the path, and as many"
    " off it. 201 to 233: 1 to 33 rooms on the path, and twice as many off it.",
)  # fmt: skip
@_seed_option()
@_output_option("coin-collector-LEVEL-SEED.z8")
@report_errors
def make_coin_collector_command(level: int, seed: int, output: Path | None) -> None:
    """Make a maze with one coin."""
    click.echo(make_coin_collector(level, seed, output or Path(f"coin-collector-{level}-{seed}.z8")))


@make.command("treasure-hunter")
@click.option(
    "--level", type=click.IntRange(1, textworld_hunter.HIGHEST), metavar="N",
    default=textworld_hunter.HIGHEST, show_default=True,
    help="1 to 10: 5 rooms. 11 to 20: 10 rooms, closed doors and containers. 21 to 30: 20 rooms, locked ones.",
)  # fmt: skip
@_seed_option()
@_output_option("treasure-hunter-LEVEL-SEED.z8")
@report_errors
def make_treasure_hunter_command(level: int, seed: int, output: Path | None) -> None:
    """Make a maze with a right and a wrong object to take."""
    click.echo(make_treasure_hunter(level, seed, output or Path(f"treasure-hunter-{level}-{seed}.z8")))


@make.command("express")
@click.option(
    "--level", type=click.Choice(list(games.LEVELS)), default="coin", show_default=True, metavar="LEVEL",
    help=f"One of TALES's games: {', '.join(games.LEVELS)}.",
)  # fmt: skip
@_seed_option(games.FIRST_SEED)
@_output_option("LEVEL-SEED.express", games.SUFFIX)
@report_errors
def make_express_command(level: str, seed: int, output: Path | None) -> None:
    """Make a TextWorld-Express game, as TALES plays it.

    To play it you need the extra [express] and Java.
    """
    click.echo(make_express(level, seed, output or Path(f"{level}-{seed}{games.SUFFIX}")))
