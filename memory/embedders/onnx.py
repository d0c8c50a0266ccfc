"""A sentence-transformers model in ONNX Runtime: exported once into the user's cache, then without torch."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ariadne.errors import EmbedderError, MissingExtra
from ariadne.memory.embedders import models
from ariadne.memory.embedders.cache import VectorCache, Vectors
from ariadne.memory.embedders.onnx_cache import folder_of, whole
from ariadne.memory.embedders.onnx_session import OnnxSession

EXPORT = "ariadne.memory.embedders.onnx_graph"


class OnnxEmbedder:
    """A model by its folder or its name, MiniLM from the packaged weights by default; loaded at the first text.

    The same vectors as sentence-transformers gives; a text's bits are the same in any batch. Threads may share it. The
    hub is asked only for a name that is no folder, and only to prepare it. Raises InvalidInput for what can be no
    model, MissingExtra where the extra [embeddings] is not installed.
    """

    def __init__(self, model: str | Path | None = None) -> None:
        if not self.available():
            raise MissingExtra("an ONNX embedder", "embeddings")
        self._model = models.model(model)
        self._cache = VectorCache(self._made)
        self._lock = threading.Lock()
        self._loaded: OnnxSession | None = None
        self._dimensions = 0

    def __repr__(self) -> str:
        return f"OnnxEmbedder({self._model.source!r})"

    @staticmethod
    def available() -> bool:
        """Whether the packages that run it are installed; imports none of them."""
        return all(find_spec(package) for package in ("onnxruntime", "platformdirs", "tokenizers"))

    @property
    def name(self) -> str:
        """The folder's name, or the name that was given."""
        return self._model.name

    @property
    def is_prepared(self) -> bool:
        """Whether its export is in the cache, whole; imports nothing heavy."""
        return whole(folder_of(self._model)) is not None

    def prepare(self) -> None:
        """Export the model into the cache, unless that is done: some 10 s, in a process of its own.

        Raises EmbedderError where the model cannot be had or exported, or the cache cannot be written, and MissingExtra
        where the packages that export it are not installed.
        """
        if self.is_prepared:
            return
        if not all(find_spec(package) for package in ("filelock", "onnx", "sentence_transformers", "torch")):
            raise MissingExtra("preparing an ONNX embedder", "embeddings")
        command = [sys.executable, "-m", EXPORT, self._model.name, str(self._model.folder or "")]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[-1]
            raise EmbedderError(f"the embedder {self.name} could not be prepared: {last}")

    def embed(self, texts: Sequence[str]) -> Vectors:
        """(n, d) float32, unit rows; prepares the model first where that was not done, and raises as `prepare` does."""
        if texts:
            return self._cache.vectors(texts)
        self._session()
        return np.empty((0, self._dimensions), np.float32)

    def _made(self, texts: list[str]) -> Vectors:
        return self._session().embed(texts)

    def _session(self) -> OnnxSession:
        with self._lock:
            if self._loaded is None:
                self.prepare()
                folder = folder_of(self._model)
                if (about := whole(folder)) is None:
                    raise EmbedderError(f"{folder}: the prepared embedder is gone or damaged again; try once more")
                self._dimensions = about.dimensions
                self._loaded = OnnxSession(folder, about.padding)
            return self._loaded
