"""Suites of games: readable files in `suites/`, of makers, levels, seeds and limits; a game is made when played."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

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
COUNT = 20
SHOWN = 20
"""So many levels are listed where one is wrong; of more, the first and the last."""


@dataclass(frozen=True)
class Maker:
    """What makes the game of a level and a seed, and the levels that there are; "" where there are none."""

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
"""What gives a shortest win of a maker's game, or None where it cannot tell."""


class Game(BaseModel):
    """A kind of game of a suite, of which each seed makes another; at most `steps` decisions and `moves` moves."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    maker: str
    level: str = ""
    steps: int = Field(gt=0)
    moves: int | None = Field(default=None, gt=0)
    valid_actions: StrictBool = True
    objective: StrictBool = True
    restarts: StrictBool = False
    rooms: int | None = Field(default=None, gt=0)
    """How large it is, where a suite asks what grows with that."""

    @property
    def name(self) -> str:
        named = [self.maker, *([self.level] if self.level else []), *([] if self.objective else ["no-objective"])]
        return "-".join(named)

    def make(self, seed: int) -> Path:
        """The game of a seed, from the cache or made; raises what its maker raises."""
        return MAKERS[self.maker].make(self.level, seed)

    def winnable(self, seed: int) -> bool | None:
        """Whether one who knows all of the game of a seed can win it within its moves; None where that is not known, or
        moves are not bounded. Raises what its maker raises."""
        if self.moves is None or self.maker not in SOLVERS:
            return None
        shortest = _shortest(self.maker, self.make(seed))
        return None if shortest is None else shortest <= self.moves


@cache
def _shortest(maker: str, game: Path) -> int | None:
    """How many moves a win of a game takes; None where its solver cannot tell."""
    plan = SOLVERS[maker](game)
    return None if plan is None else len(plan)


class Suite(BaseModel):
    """Games, each of another name, with their seeds: a list, or all from a number on; `count` of them where nobody says
    how many, by itself all of a list, or 20."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    about: str
    seeds: NonNegativeInt | tuple[NonNegativeInt, ...]
    count: int | None = Field(default=None, gt=0)
    games: tuple[Game, ...] = Field(min_length=1)

    @field_validator("seeds")
    @classmethod
    def _are_some_each_once(cls, seeds: int | tuple[int, ...]) -> int | tuple[int, ...]:
        if isinstance(seeds, tuple) and not 0 < len(seeds) == len({*seeds}):
            raise ValueError("a list names at least one seed, and each once")
        return seeds

    @field_validator("games")
    @classmethod
    def _are_told_apart(cls, games: tuple[Game, ...]) -> tuple[Game, ...]:
        names = [game.name for game in games]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two games are called {twice[0]}: give each its own maker, level or objective")
        return games

    def some_seeds(self, count: int | None) -> list[int]:
        """The first seeds, as many as are asked for. Raises TaskError where there are fewer."""
        wanted = count or self.count or (COUNT if isinstance(self.seeds, int) else len(self.seeds))
        seeds = range(self.seeds, self.seeds + wanted) if isinstance(self.seeds, int) else self.seeds[:wanted]
        if len(seeds) < wanted:
            raise TaskError(f"there are {len(seeds)} seeds, not {wanted}")
        return list(seeds)


def _wrong(error: ValidationError) -> str:
    """What is wrong first of all: a word that nobody knows, else what is missing or not as it should be."""
    errors = sorted(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    match errors[0]["loc"]:
        case ("games", int(place), str(name), *_):
            told = f"{name} of game {place + 1}"
        case (name, *_):
            told = str(name)
    if errors[0]["type"] != "extra_forbidden":
        return f"{told}: {errors[0]['msg']}"
    if name in Suite.model_fields:
        return f"{told}: it stands above the games, for all of them"
    return f"{told}: there is no such key; there are {', '.join({**Suite.model_fields, **Game.model_fields})}"


def suites() -> list[str]:
    """The names of all suites."""
    return sorted(file.stem for file in FOLDER.glob(f"*{SUFFIX}"))


def suite(name: str, folder: Path = FOLDER) -> Suite:
    """A suite by its name, or of a file "FILE.toml"; what it says above its games holds for each that says nothing
    else. Raises TaskError for one that there is not, or that cannot be read."""
    file = Path(name) if name.endswith(SUFFIX) else folder / f"{name}{SUFFIX}"
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise TaskError(
            f"no suite {name!r}; there are {', '.join(suites())}, and files that end in {SUFFIX}"
        ) from error
    except OSError as error:
        raise TaskError(f"{file}: cannot be read ({error.strerror})") from error
    except ValueError as error:  # no TOML, or no UTF-8
        raise TaskError(f"{file}: {error}") from error
    own = {key: value for key, value in told.items() if key in Suite.model_fields and key != "games"}
    shared = {key: value for key, value in told.items() if key not in Suite.model_fields}
    games = told.get("games", [])
    if not (isinstance(games, list) and all(isinstance(game, dict) for game in games)):
        raise TaskError(f"{file}: each game stands below a line [[games]]")
    try:
        read = Suite.model_validate({**own, "games": [{**shared, **game} for game in games]})
    except ValidationError as error:
        raise TaskError(f"{file}: {_wrong(error)}") from error
    for game in read.games:
        if game.maker not in MAKERS:
            raise TaskError(f"{file}: no maker {game.maker!r}; there are {', '.join(MAKERS)}")
        if game.level not in (levels := MAKERS[game.maker].levels):
            raise TaskError(f"{file}: no level {game.level!r} of {game.maker}; {_there_are(levels)}")
    return read


def _there_are(levels: Sequence[str]) -> str:
    """In words, which levels of a maker there are."""
    if levels == ("",):
        return "it has none"
    return (
        f"there are {', '.join(levels) if len(levels) <= SHOWN else f'{len(levels)}, from {levels[0]} to {levels[-1]}'}"
    )
