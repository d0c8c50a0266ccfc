"""TextWorld-Express's games as TALES plays them: each a small JSON file that says which game it is.

A file holds the game's name, its seed, its fold and its parameters; TextWorld-Express makes the world of them when it
is played, the same every time.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ariadne.envs.makers.build import cache
from ariadne.errors import GameError

SUFFIX = ".express"
"""How the name of such a file ends."""
FIRST_SEED = 20000
"""Of the fold `test`; there are a thousand."""


class ExpressGame(BaseModel):
    """What makes one of TextWorld-Express's games; parameters are those of its own documentation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    game: str
    seed: int = Field(ge=0, lt=2**31)
    fold: str = Field(default="test", pattern="^(train|dev|test)$")
    parameters: dict[str, int] = {}

    @property
    def settings(self) -> str:
        """The parameters as TextWorld-Express reads them: "numLocations=1,includeDoors=0"."""
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
"""TALES's games by name: TextWorld-Express's own name of each, and its parameters."""


def make_express(level: str, seed: int = FIRST_SEED, output: str | Path | None = None) -> Path:
    """The file of one of TALES's games, of the fold `test`, in the cache or at `output`; neither Java nor an extra is
    needed to write it. Raises GameError for a level that there is not and for what cannot be written."""
    if level not in LEVELS:
        raise GameError(f"no level {level!r} of TextWorld-Express; there are {', '.join(LEVELS)}")
    game, parameters = LEVELS[level]
    told = ExpressGame(game=game, seed=seed, parameters=parameters).model_dump_json(indent=2) + "\n"
    if output is not None:
        return _written(_new(Path(output)), told)
    kept = cache() / "express" / f"express-{level}-{seed}{SUFFIX}"
    return kept if kept.exists() and kept.read_text(encoding="utf-8") == told else _written(kept, told)


def read_express(file: Path) -> ExpressGame:
    """The game that a file names; raises GameError where it cannot be read as one."""
    try:
        return ExpressGame.model_validate_json(file.read_bytes())
    except OSError as error:
        raise GameError(f"{file}: no such game can be read ({error.strerror}); 'ariadne make' makes games") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = "".join(f" {part}:" for part in first["loc"])
        raise GameError(f"{file}: not a game of TextWorld-Express:{where} {first['msg']}") from error


def _new(output: Path) -> Path:
    if output.suffix != SUFFIX:
        raise GameError(f"{output}: the name of a game of TextWorld-Express ends in {SUFFIX}")
    if output.exists():
        raise GameError(f"{output}: exists; name another, or delete it first")
    if not output.absolute().parent.is_dir():
        raise GameError(f"{output}: there is no folder {output.absolute().parent}")
    return output


def _written(file: Path, told: str) -> Path:
    """Whole or not at all: others may be reading it."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=file.parent, prefix="making-") as folder:
            draft = Path(folder, file.name)
            draft.write_text(told, encoding="utf-8")
            os.replace(draft, file)
    except OSError as error:
        raise GameError(f"{file}: cannot be written ({error.strerror})") from error
    return file
