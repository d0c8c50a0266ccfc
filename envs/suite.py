"""Suites of games: readable files in `suites/`, of makers, levels, seeds and limits; a game is made when played."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, StrictBool, ValidationError, field_validator

from ariadne.envs.cleaning import make_cleaning
from ariadne.envs.coin_collector import make_coin_collector
from ariadne.envs.cooking import make_cooking
from ariadne.envs.express_games import make_express
from ariadne.envs.solver import shortest_plan
from ariadne.envs.treasure_hunt import make_treasure_hunt
from ariadne.envs.treasure_hunter import make_treasure_hunter
from ariadne.errors import TaskError

FOLDER = Path(__file__).parent / "suites"
SUFFIX = ".toml"
COUNT = 20
MAKERS: dict[str, Callable[[str, int], Path]] = {
    "treasure-hunt": make_treasure_hunt,
    "cooking": make_cooking,
    "cleaning": lambda _, seed: make_cleaning(seed),
    "coin-collector": lambda level, seed: make_coin_collector(int(level), seed),
    "express": make_express,
    "treasure-hunter": lambda level, seed: make_treasure_hunter(int(level), seed),
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
        return MAKERS[self.maker](self.level, seed)

    def winnable(self, seed: int) -> bool | None:
        """Whether one who knows all of the game of a seed can win it within its moves; None where that is not known, or
        moves are not bounded. Raises what its maker raises."""
        if self.moves is None or self.maker not in SOLVERS:
            return None
        plan = SOLVERS[self.maker](self.make(seed))
        return None if plan is None else len(plan) <= self.moves


class Suite(BaseModel):
    """Games, each of another name, with their seeds: a list, or all from a number on; `count` of them where nobody says
    how many, by itself all of a list, or 20."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    about: str
    seeds: NonNegativeInt | tuple[NonNegativeInt, ...]
    count: int | None = Field(default=None, gt=0)
    games: tuple[Game, ...] = Field(min_length=1)

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
    *_, name = places = [str(part) for part in errors[0]["loc"]]
    game = f" of game {int(places[1]) + 1}" if places[0] == "games" and len(places) > 1 else ""
    if errors[0]["type"] == "extra_forbidden":
        return f"{name}{game}: there is no such key; there are {', '.join({**Suite.model_fields, **Game.model_fields})}"
    return f"{name}{game}: {errors[0]['msg']}"


def suites() -> list[str]:
    """The names of all suites."""
    return sorted(file.stem for file in FOLDER.glob(f"*{SUFFIX}"))


def suite(name: str, folder: Path = FOLDER) -> Suite:
    """A suite by its name, or of a file "FILE.toml"; what it says above its games holds for each that says nothing
    else. Raises TaskError for one that there is not, or that cannot be read."""
    file = Path(name) if name.endswith(SUFFIX) else folder / f"{name}{SUFFIX}"
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise TaskError(
            f"no suite {name!r}; there are {', '.join(suites())}, and files that end in {SUFFIX}"
        ) from error
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
    if unknown := {game.maker for game in read.games} - MAKERS.keys():
        raise TaskError(f"{file}: no maker {sorted(unknown)[0]!r}; there are {', '.join(MAKERS)}")
    return read
