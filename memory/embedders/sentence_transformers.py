"""Any sentence-transformers model in torch, on the CPU. Imports torch, which takes seconds, at the first text."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ariadne.errors import EmbedderError, MissingExtra
from ariadne.memory.embedders import models
from ariadne.memory.embedders.cache import VectorCache, Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH = 32


class SentenceTransformerEmbedder:
    """A model by its folder or its name, MiniLM from the packaged weights by default; threads may share it.

    The hub is asked only for a name that is no folder. A text's vector is the same to 1e-6 in any batch. Raises
    InvalidInput for what can be no model, MissingExtra where sentence-transformers is not installed.
    """

    def __init__(self, model: str | Path | None = None) -> None:
        if not self.available():
            raise MissingExtra("a sentence-transformers embedder", "embeddings")
        self._model = models.model(model)
        self._cache = VectorCache(self._made)
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"SentenceTransformerEmbedder({self._model.source!r})"

    @staticmethod
    def available() -> bool:
        """Whether the packages it needs are installed; imports none of them."""
        return all(find_spec(package) for package in ("sentence_transformers", "torch"))

    @property
    def name(self) -> str:
        """The folder's name, or the name that was given."""
        return self._model.name

    def embed(self, texts: Sequence[str]) -> Vectors:
        """(n, d) float32, unit rows; raises EmbedderError where the model cannot be loaded."""
        return self._cache.vectors(texts) if texts else np.empty((0, self._dimensions), np.float32)

    def _made(self, texts: list[str]) -> Vectors:
        with self._lock:
            rows = self._network.encode(texts, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(rows, np.float32)

    @property
    def _dimensions(self) -> int:
        with self._lock:
            return int(self._network.encode([""]).shape[1])

    @cached_property
    def _network(self) -> Any:
        return loaded(self._model)


def loaded(model: models.Model, **how: Any) -> SentenceTransformer:
    """The model in float32 on the CPU, ready to embed; raises EmbedderError where there is none that can be loaded."""
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        network = SentenceTransformer(
            model.source, device="cpu", local_files_only=model.folder is not None, model_kwargs=how
        )
    except (OSError, ValueError, ImportError, KeyError, RuntimeError) as error:
        said = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise EmbedderError(f"{model.source}: sentence-transformers could not load this model: {said}") from error
    return network.float().eval()
