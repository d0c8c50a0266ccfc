"""Reads suites of games: TOML files of makers, levels, seeds and limits. A game is made when it is played."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, StrictBool, ValidationError, field_validator

from ariadne.envs.express import games
from ariadne.envs.express.games import make_express
from ariadne.envs.makers import coin_collector, cooking, paper_hunt, textworld_hunter
from ariadne.envs.makers.cleaning import make_cleaning
from ariadne.envs.makers.coin_collector import make_coin_collector
from ariadne.envs.makers.cooking import make_cooking
from ariadne.envs.makers.cooking_solver import shortest_plan
from ariadne.envs.makers.paper_hunt import make_treasure_hunt
from ariadne.envs.makers.textworld_hunter import make_treasure_hunter
from ariadne.errors import TaskError

FOLDER = Path(__file__).parent
SUFFIX = ".toml"
DEFAULT_SEEDS = 20
_MAX_LISTED = 20  # levels in an error message


@dataclass(frozen=True)
class Maker:
    """A function that makes the game of a level and a seed, and its levels; a maker without levels has ""."""

    make: Callable[[str, int], Path]
    levels: Sequence[str] = ("",)


MAKERS = {
    "treasure-hunt": Maker(make_treasure_hunt, [*paper_hunt.LEVELS]),
    "cooking": Maker(make_cooking, [*cooking.LEVELS]),
    "cleaning": Maker(lambda _, seed: make_cleaning(seed)),
    "coin-collector": Maker(
        lambda level, seed: make_coin_collector(int(level), seed), [*map(str, coin_collector.LEVELS)]
    ),
    "express": Maker(make_express, [*games.LEVELS]),
    "treasure-hunter": Maker(
        lambda level, seed: make_treasure_hunter(int(level), seed), [*map(str, textworld_hunter.LEVELS)]
    ),
}
SOLVERS: dict[str, Callable[[Path], list[str] | None]] = {"cooking": shortest_plan}
"""Functions that return a shortest win of a maker's game, or None if it is unknown."""


class Game(BaseModel):
    """A kind of game in a suite; each seed makes another game. `steps` limits decisions, `moves` limits commands."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    maker: str
    level: str = ""
    steps: int = Field(gt=0)
    moves: int | None = Field(default=None, gt=0)
    valid_actions: StrictBool = True
    objective: StrictBool = True
    restarts: StrictBool = False
    rooms: int | None = Field(default=None, gt=0)
    """The number of rooms, for a suite that measures growth."""

    @property
    def name(self) -> str:
        """The name in tables: maker, level, and "no-objective" if the objective is hidden."""
        parts = [self.maker, *([self.level] if self.level else []), *([] if self.objective else ["no-objective"])]
        return "-".join(parts)

    def make(self, seed: int) -> Path:
        """Return the game of a seed, from the cache or built now. Raises what its maker raises."""
        return MAKERS[self.maker].make(self.level, seed)

    def winnable(self, seed: int) -> bool | None:
        """Return whether the game of a seed can be won within its moves by a player who knows everything.

        None if that is unknown, or if moves have no limit. Raises what the maker raises.
        """
        if self.moves is None or self.maker not in SOLVERS:
            return None
        shortest = _shortest(self.maker, self.make(seed))
        return None if shortest is None else shortest <= self.moves


@cache
def _shortest(maker: str, game: Path) -> int | None:
    """Return the number of moves of a shortest win; None if the solver does not know."""
    plan = SOLVERS[maker](game)
    return None if plan is None else len(plan)


class Suite(BaseModel):
    """Games with different names, and their seeds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    about: str
    seeds: NonNegativeInt | tuple[NonNegativeInt, ...]
    """A list of seeds, or the first of consecutive seeds."""
    count: int | None = Field(default=None, gt=0)
    """The default number of seeds. None: all of a list, or else 20."""
    games: tuple[Game, ...] = Field(min_length=1)

    @field_validator("seeds")
    @classmethod
    def _check_seeds(cls, seeds: int | tuple[int, ...]) -> int | tuple[int, ...]:
        if isinstance(seeds, tuple) and not 0 < len(seeds) == len({*seeds}):
            raise ValueError("a list must name at least one seed, and each seed once")
        return seeds

    @field_validator("games")
    @classmethod
    def _check_names(cls, games: tuple[Game, ...]) -> tuple[Game, ...]:
        names = [game.name for game in games]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two games have the name {twice[0]}: give each another maker, level or objective")
        return games

    def first_seeds(self, count: int | None) -> list[int]:
        """Return the first seeds: `count` of them, or the suite's default number.

        Raises:
            TaskError: The suite has fewer seeds.
        """
        wanted = count or self.count or (DEFAULT_SEEDS if isinstance(self.seeds, int) else len(self.seeds))
        seeds = range(self.seeds, self.seeds + wanted) if isinstance(self.seeds, int) else self.seeds[:wanted]
        if len(seeds) < wanted:
            raise TaskError(f"this suite has {len(seeds)} seeds, not {wanted}")
        return list(seeds)


def _first_problem(error: ValidationError) -> str:
    """Return the first problem in words: an unknown key first, else a missing or wrong value."""
    errors = sorted(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
    match errors[0]["loc"]:
        case ("games", int(place), str(name), *_):
            where = f"{name} of game {place + 1}"
        case (name, *_):
            where = str(name)
    if errors[0]["type"] != "extra_forbidden":
        return f"{where}: {errors[0]['msg']}"
    if name in Suite.model_fields:
        return f"{where}: this key belongs above the games and applies to all of them"
    return f"{where}: unknown key; the keys are {', '.join({**Suite.model_fields, **Game.model_fields})}"


def suite_names() -> list[str]:
    """Return the names of all suites."""
    return sorted(file.stem for file in FOLDER.glob(f"*{SUFFIX}"))


def load_suite(name: str, folder: Path = FOLDER) -> Suite:
    """Return the suite of a name, or of a file "FILE.toml".

    A key above the games applies to each game that does not set it.

    Raises:
        TaskError: The suite is missing, cannot be read, or names an unknown maker or level.
    """
    file = Path(name) if name.endswith(SUFFIX) else folder / f"{name}{SUFFIX}"
    content = _read_toml(file, name)
    own = {key: value for key, value in content.items() if key in Suite.model_fields and key != "games"}
    shared = {key: value for key, value in content.items() if key not in Suite.model_fields}
    games = content.get("games", [])
    if not (isinstance(games, list) and all(isinstance(game, dict) for game in games)):
        raise TaskError(f"{file}: write each game below a line [[games]]")
    try:
        loaded = Suite.model_validate({**own, "games": [{**shared, **game} for game in games]})
    except ValidationError as error:
        raise TaskError(f"{file}: {_first_problem(error)}") from error
    for game in loaded.games:
        _check_level(file, game)
    return loaded


def _read_toml(file: Path, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise TaskError(
            f"no suite {name!r}; there are {', '.join(suite_names())}, and files that end in {SUFFIX}"
        ) from error
    except OSError as error:
        raise TaskError(f"{file}: cannot be read ({error.strerror})") from error
    except ValueError as error:  # not TOML, or not UTF-8
        raise TaskError(f"{file}: {error}") from error


def _check_level(file: Path, game: Game) -> None:
    if game.maker not in MAKERS:
        raise TaskError(f"{file}: no maker {game.maker!r}; there are {', '.join(MAKERS)}")
    if game.level not in (levels := MAKERS[game.maker].levels):
        raise TaskError(f"{file}: no level {game.level!r} of {game.maker}; {_list_levels(levels)}")


def _list_levels(levels: Sequence[str]) -> str:
    """Return a list of a maker's levels in words; of many levels, the first and the last."""
    if levels == ("",):
        return "it has no levels"
    if len(levels) <= _MAX_LISTED:
        return f"there are {', '.join(levels)}"
    return f"there are {len(levels)}, from {levels[0]} to {levels[-1]}"
