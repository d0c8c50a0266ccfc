"""Files of TextWorld-Express's games as TALES plays them.

A file is JSON: the game's name, seed, fold and parameters. TextWorld-Express builds the same world from it each time.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ariadne.envs.makers.build import cache_folder
from ariadne.errors import GameError
from ariadne.files import replacement
from ariadne.text import first_problem

SUFFIX = ".express"
"""The suffix of such a file."""
FIRST_SEED = 20000
"""The first of the 1000 seeds of the fold `test`."""


class ExpressGame(BaseModel):
    """The settings of one game; the parameters are those of TextWorld-Express's documentation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    game: str
    seed: int = Field(ge=0, lt=2**31)
    fold: str = Field(default="test", pattern="^(train|dev|test)$")
    parameters: dict[str, int] = {}

    @property
    def settings(self) -> str:
        """The parameters in TextWorld-Express's form: "numLocations=1,includeDoors=0"."""
        return ",".join(f"{name}={value}" for name, value in self.parameters.items())


def _simon(length: int, **more: int) -> tuple[str, dict[str, int]]:
    return "simonsays", {"gameLength": length, "numDistractors": 4, **more}


LEVELS: dict[str, tuple[str, dict[str, int]]] = {
    "cookingworld": (
        "cookingworld",
        {"numLocations": 1, "numIngredients": 2, "numDistractorItems": 5, "includeDoors": 0, "limitInventorySize": 0},
    ),
    "twc": ("twc", {"numLocations": 1, "numItemsToPutAway": 1, "includeDoors": 0, "limitInventorySize": 0}),
    "coin": ("coin", {"numLocations": 1, "numDistractorItems": 5, "includeDoors": 1, "limitInventorySize": 0}),
    "mapreader": (
        "mapreader",
        {
            "numLocations": 2, "maxDistanceApart": 1, "maxDistractorItemsPerLocation": 2, "includeDoors": 0,
            "limitInventorySize": 0,
        },
    ),
    "arithmetic": ("arithmetic", {}),
    "sorting": ("sorting", {}),
    "peckingorder": ("peckingorder", {}),
    **{f"simonsays-{length}": _simon(length, memorization=0) for length in (10, 50, 100)},
    **{f"simonsays-memory-{length}": _simon(length, memorization=1, verbose=0) for length in (10, 50, 100)},
    **{f"simonsays-memory-verbose-{length}": _simon(length, memorization=1, verbose=1) for length in (10, 50, 100)},
}  # fmt: skip
"""TALES's games: for each one, TextWorld-Express's name of the game and its parameters."""


def make_express(level: str, seed: int = FIRST_SEED, output: str | Path | None = None) -> Path:
    """Write the file of one of TALES's games, of the fold `test`, to the cache or to `output`.

    This needs neither Java nor an extra.

    Raises:
        GameError: The level is unknown, or the file cannot be written.
    """
    if level not in LEVELS:
        raise GameError(f"no level {level!r} of TextWorld-Express; there are {', '.join(LEVELS)}")
    game, parameters = LEVELS[level]
    content = ExpressGame(game=game, seed=seed, parameters=parameters).model_dump_json(indent=2) + "\n"
    if output is not None:
        return _write(_check_new(Path(output)), content)
    cached = cache_folder() / "express" / f"express-{level}-{seed}{SUFFIX}"
    return cached if cached.exists() and cached.read_text(encoding="utf-8") == content else _write(cached, content)


def read_express(file: Path) -> ExpressGame:
    """Return the game that a file describes.

    Raises:
        GameError: The file cannot be read or describes no game.
    """
    try:
        return ExpressGame.model_validate_json(file.read_bytes())
    except FileNotFoundError as error:
        raise GameError(f"{file}: this game does not exist; make one with `ariadne make`") from error
    except OSError as error:
        raise GameError(f"{file}: this game cannot be read ({error.strerror})") from error
    except ValidationError as error:
        raise GameError(f"{file}: not a game of TextWorld-Express: {first_problem(error)}") from error


def _check_new(output: Path) -> Path:
    if output.suffix != SUFFIX:
        raise GameError(f"{output}: the name of a TextWorld-Express game must end in {SUFFIX}")
    if output.exists():
        raise GameError(f"{output}: exists; name another file with -o, or delete this one")
    if not output.absolute().parent.is_dir():
        raise GameError(f"{output}: the folder {output.absolute().parent} does not exist")
    return output


def _write(file: Path, content: str) -> Path:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacement(file) as partial:
            partial.write_text(content, encoding="utf-8")
    except OSError as error:
        raise GameError(f"{file}: cannot be written ({error.strerror})") from error
    return file
