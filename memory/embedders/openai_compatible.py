"""Embeddings from any OpenAI-compatible endpoint, through the `openai` package; the key is never shown or stored."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, FiniteFloat, ValidationError

from ariadne.errors import EmbedderError, InvalidInput, MissingExtra
from ariadne.llm.redaction import Secret, checked_url
from ariadne.memory.embedders.cache import CachingEmbedder, Vectors

if TYPE_CHECKING:
    from openai import OpenAI

BATCH = 128
"""The texts of one request."""
RETRIES = 3
"""Retries after 429, 5xx and lost connections: 0.5 to 8 s apart, or as the server requests."""
SECONDS = 60.0
"""The longest time that one request may take."""


class _Vector(BaseModel):
    index: int
    embedding: list[FiniteFloat]


class _Reply(BaseModel):
    data: list[_Vector]


class EndpointEmbedder(CachingEmbedder):
    """The model of that name at `base_url` ("http://localhost:11434/v1"); the first text opens the connection.

    The key is `api_key` or the value of OPENAI_API_KEY; a local server needs none. Threads may share it. Raises
    InvalidInput if the address or the name is invalid, MissingExtra if the extra [llm] is not installed.
    """

    def __init__(self, base_url: str, model: str, api_key: str | None = None) -> None:
        if not find_spec("openai"):
            raise MissingExtra("an embedding endpoint", "llm")
        self._url, self.name = checked_url(base_url), model
        if not model.strip():
            raise InvalidInput(f"{base_url}: the model's name is empty; give the name of an embedding model")
        self._client, self._redact = _client(base_url, api_key or os.environ.get("OPENAI_API_KEY"))
        super().__init__()
        self._length = 0  # of a vector; 0 before the first reply

    def __repr__(self) -> str:
        return f"EndpointEmbedder({self._url!r}, {self.name!r})"

    @property
    def _dimensions(self) -> int:
        return self._length

    def _compute(self, texts: list[str]) -> Vectors:
        return np.concatenate([self._request(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)])

    def _request(self, texts: list[str]) -> Vectors:
        from openai import OpenAIError

        try:
            reply = self._client().embeddings.with_raw_response.create(
                input=[text or " " for text in texts],  # endpoints refuse an empty text
                model=self.name,
                encoding_format="float",
            )
            return self._read(_Reply.model_validate_json(reply.http_response.content), len(texts))
        except OpenAIError as error:
            raise self._error(f"{type(error).__name__}: {self._redact(str(error))[:300]}") from None
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            where = ".".join(map(str, first["loc"])) or "the reply"
            raise self._error(f"{where}: {first['msg']}") from None

    def _read(self, reply: _Reply, count: int) -> Vectors:
        """Return unit rows in the order of the texts; a reply may have any order."""
        data = sorted(reply.data, key=lambda entry: entry.index)
        if (indexes := [entry.index for entry in data]) != list(range(count)):
            raise self._error(f"{len(data)} vectors for {count} texts, numbered {indexes[:8]}")
        lengths = {len(entry.embedding) for entry in data} | {self._length or len(data[0].embedding)}
        if len(lengths) > 1 or 0 in lengths:
            raise self._error(f"vectors of different lengths, or none: {sorted(lengths)}")
        rows = np.array([entry.embedding for entry in data])
        largest = np.abs(rows).max(axis=1, keepdims=True)
        if not (largest > 0).all():
            raise self._error("a vector that is zero")
        rows /= largest  # else squares could overflow
        self._length = rows.shape[1]
        unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        return unit

    def _error(self, problem: str) -> EmbedderError:
        return EmbedderError(f"{self._url}, model {self.name!r}: the endpoint gave no vectors: {problem}")


def _client(url: str, key: str | None) -> tuple[Callable[[], OpenAI], Callable[[str], str]]:
    """Return a function that makes the client once, and one that removes the key from a text: both hide the key."""

    @cache
    def client() -> OpenAI:
        from openai import OpenAI

        return OpenAI(base_url=url, api_key=key or "none", max_retries=RETRIES, timeout=SECONDS)

    return client, Secret(key).redact
