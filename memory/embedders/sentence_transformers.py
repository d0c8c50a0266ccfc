"""Sentence-transformers models in torch, on the CPU; torch takes seconds to import, at the first text."""

from __future__ import annotations

import re
import threading
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ariadne.errors import EmbedderError, InvalidInput, MissingExtra
from ariadne.memory.embedders.cache import CachingEmbedder, Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH = 32


class SentenceTransformerEmbedder(CachingEmbedder):
    """A sentence-transformers model by its folder or its name on the hub; threads may share it.

    Its library downloads a named model that is not in its own cache. A text's vector is the same to 1e-6 in any batch.
    Raises InvalidInput if `model` can be neither a folder nor a name, MissingExtra if sentence-transformers is not
    installed.
    """

    def __init__(self, model: str | Path) -> None:
        if not self.available():
            raise MissingExtra("a sentence-transformers embedder", "sentence-transformers")
        self._source, self._folder = _checked(model)
        super().__init__()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"SentenceTransformerEmbedder({self._source!r})"

    @staticmethod
    def available() -> bool:
        """Return whether the packages it needs are installed; import none of them."""
        return all(find_spec(package) for package in ("sentence_transformers", "torch"))

    @property
    def name(self) -> str:
        """The folder's name, or the name on the hub."""
        return self._folder.name if self._folder else self._source

    def _compute(self, texts: list[str]) -> Vectors:
        with self._lock:
            rows = self._network.encode(texts, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(rows, np.float32)

    @property
    def _dimensions(self) -> int:
        with self._lock:
            return int(self._network.encode([""]).shape[1])

    @cached_property
    def _network(self) -> SentenceTransformer:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()
        try:
            network = SentenceTransformer(self._source, device="cpu", local_files_only=self._folder is not None)
        except (OSError, ValueError, ImportError, KeyError, RuntimeError) as error:
            reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
            raise EmbedderError(f"{self._source}: sentence-transformers could not load this model: {reason}") from error
        return network.float().eval()


def _checked(model: str | Path) -> tuple[str, Path | None]:
    """Return what sentence-transformers loads, and the folder if it is one."""
    folder = Path(model).expanduser()
    if folder.is_dir():
        folder = folder.resolve()
        if not (folder / "modules.json").is_file() and not (folder / "config.json").is_file():
            raise InvalidInput(f"{model}: this folder has no modules.json and no config.json of a model")
        return str(folder), folder
    if isinstance(model, Path) or not re.fullmatch(r"\w[\w.-]*(/\w[\w.-]*)?", model, re.ASCII):
        raise InvalidInput(f"no embedder {str(model)!r}: it is neither a folder nor a model's name")
    return model, None
