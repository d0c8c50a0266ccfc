"""Which embedder: by default, by a name from the command line; and the one that hashes words, without a model."""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from ariadne.errors import InvalidInput, MissingExtra
from ariadne.memory.embedders.models import MINILM, WEIGHTS
from ariadne.memory.embedders.onnx import OnnxEmbedder
from ariadne.memory.embedders.openai_compatible import EndpointEmbedder
from ariadne.memory.embedders.sentence_transformers import SentenceTransformerEmbedder
from ariadne.protocols import Embedder


def default_embedder() -> MiniLM | None:
    """MiniLM where it is installed; else None, with a warning that recall goes by words."""
    if MiniLM.available():
        return MiniLM()
    warnings.warn(
        "recall goes by words alone: the embedder is not installed (pip install 'ariadne-agent[embeddings]';"
        " embedder=None says that you know)",
        stacklevel=3,
    )
    return None


def embedder_named(spec: str) -> Embedder | None:
    """The embedder that a command line names; None for "words".

    "minilm", "hash", "words", "https://host/v1#model" (an endpoint, its key in OPENAI_API_KEY), or the folder or the
    name of a sentence-transformers model. Raises InvalidInput for what is none of these, MissingExtra where it needs
    what is not installed.
    """
    if spec == "words":
        return None
    if spec in ("minilm", "hash"):
        return MiniLM() if spec == "minilm" else HashEmbedder()
    if spec.startswith(("http://", "https://")):
        url, _, model = spec.partition("#")
        if not model:
            raise InvalidInput(f"{url}: which model? write {url}#MODEL")
        return EndpointEmbedder(url, model)
    try:
        return OnnxEmbedder(spec) if OnnxEmbedder.available() else SentenceTransformerEmbedder(spec)
    except InvalidInput as error:
        raise InvalidInput(f"{error}; there are also minilm, words, hash and http://HOST/v1#MODEL") from error


class MiniLM:
    """all-MiniLM-L6-v2 from the packaged weights: 384 dimensions, in ONNX Runtime where it is installed, else in torch.

    Loaded when first asked, in 0.2 s; see OnnxEmbedder. Threads may share it. Raises MissingExtra where the extra
    [embeddings] is not installed.
    """

    name = MINILM

    def __init__(self) -> None:
        if not self.available():
            raise MissingExtra("the MiniLM embedder", "embeddings")
        self._runs = _minilm()

    @staticmethod
    def available() -> bool:
        """Whether the packages it needs are installed; imports none of them."""
        runs = OnnxEmbedder.available() or SentenceTransformerEmbedder.available()
        return runs and find_spec(WEIGHTS) is not None

    @property
    def is_prepared(self) -> bool:
        """Whether the first text needs no wait of some 10 s; imports nothing heavy."""
        return not isinstance(self._runs, OnnxEmbedder) or self._runs.is_prepared

    def prepare(self) -> None:
        """Have that wait now; raises as OnnxEmbedder.prepare does."""
        if isinstance(self._runs, OnnxEmbedder):
            self._runs.prepare()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, 384) float32, unit rows."""
        return self._runs.embed(texts)


@cache
def _minilm() -> OnnxEmbedder | SentenceTransformerEmbedder:
    """One for all memories of a process: the network alone takes 90 MB."""
    return OnnxEmbedder() if OnnxEmbedder.available() else SentenceTransformerEmbedder()


class HashEmbedder:
    """Vectors from the words of a text alone, each hashed to a direction: the same everywhere, for tests.

    Texts that share words are near; that is all it knows of meaning.
    """

    def __init__(self, dimensions: int = 64) -> None:
        self.name = f"hash-{dimensions}"
        self._dimensions = dimensions

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, dimensions) float32, unit rows."""
        if not texts:
            return np.empty((0, self._dimensions), np.float32)
        return np.stack([self._one(text) for text in texts])

    def _one(self, text: str) -> NDArray[np.float32]:
        words = re.findall(r"\w+", text.casefold()) or [text]
        total = np.sum([self._direction(word) for word in words], axis=0, dtype=np.float64)
        return np.asarray(total / np.linalg.norm(total), np.float32)

    def _direction(self, word: str) -> NDArray[np.float64]:
        seed = hashlib.sha256(word.encode("utf-8", "surrogatepass")).digest()
        return np.random.default_rng(list(seed)).standard_normal(self._dimensions)
