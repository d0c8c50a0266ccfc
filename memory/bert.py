"""A BERT encoder in NumPy: weights from a safetensors file, mean-pooled unit vectors out.

The same numbers as sentence-transformers gives (to 2e-7) without importing torch, which takes seconds. All tokens of a
batch go through each layer as one matrix; attention alone is by text. No text is padded: what others stand in the
batch leaves a text's vector as it is. One thread does the sums: two processes on two cores that each use both are tens
of times slower, and the last bits would depend on how many there are.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

Floats = NDArray[np.float32]
Layer = dict[str, tuple[Floats, Floats]]
"""Weight and bias of each part."""


class Bert:
    """The encoder of one model folder (`config.json`, `model.safetensors`), for inference only."""

    def __init__(self, folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        self.width: int = config["hidden_size"]
        self._heads: int = config["num_attention_heads"]
        self._epsilon = np.float32(config["layer_norm_eps"])
        self._blas = ThreadpoolController().select(user_api="blas")
        self._weights = _safetensors(folder / "model.safetensors")
        self._layers = [self._layer(f"encoder.layer.{number}.") for number in range(config["num_hidden_layers"])]

    def encode(self, texts: Sequence[Sequence[int]]) -> Floats:
        """Token ids of each text, special ones included, to (n, d) float32, unit rows."""
        with self._blas.limit(limits=1):
            return self._encode(texts)

    def _encode(self, texts: Sequence[Sequence[int]]) -> Floats:
        positions = np.concatenate([np.arange(len(ids)) for ids in texts])
        states = self._embed(np.concatenate([np.asarray(ids) for ids in texts]), positions)
        ends = np.cumsum([len(ids) for ids in texts])
        groups = _by_length(texts, ends)
        for layer in self._layers:
            states = self._norm(states + self._attend(states, layer, groups), *layer["after attention"])
            hidden = _gelu(_linear(states, layer["intermediate"]))
            states = self._norm(states + _linear(hidden, layer["output"]), *layer["after output"])
        pooled = np.stack([states[end - len(ids) : end].mean(axis=0) for ids, end in zip(texts, ends, strict=True)])
        unit: Floats = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return unit

    def _embed(self, tokens: NDArray[np.int64], positions: NDArray[np.int64]) -> Floats:
        words, places, kinds = (
            self._weights[f"embeddings.{part}_embeddings.weight"] for part in ("word", "position", "token_type")
        )
        return self._norm(words[tokens] + places[positions] + kinds[0], *self._pair("embeddings.LayerNorm"))

    def _attend(
        self, states: Floats, layer: dict[str, tuple[Floats, Floats]], groups: list[NDArray[np.int64]]
    ) -> Floats:
        """Scaled dot-product attention over each text; `groups` holds the rows of texts of one length, (n, tokens)."""
        threes = _linear(states, layer["qkv"]).reshape(len(states), 3, self._heads, -1)
        scale = np.float32(threes.shape[-1] ** -0.5)
        context = np.empty((len(states), self.width), np.float32)
        for rows in groups:
            query, each, value = threes[rows].transpose(2, 0, 3, 1, 4)  # each: (n, heads, tokens, d of a head)
            scores = (query @ each.swapaxes(-1, -2)) * scale
            scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
            scores /= scores.sum(axis=-1, keepdims=True)
            context[rows] = (scores @ value).swapaxes(1, 2).reshape(*rows.shape, self.width)
        return _linear(context, layer["attended"])

    def _norm(self, states: Floats, weight: Floats, bias: Floats) -> Floats:
        states = states - states.mean(axis=-1, keepdims=True)
        variance = np.square(states).mean(axis=-1, keepdims=True)
        normed: Floats = states / np.sqrt(variance + self._epsilon) * weight + bias
        return normed

    def _layer(self, name: str) -> Layer:
        threes = [self._pair(f"{name}attention.self.{part}") for part in ("query", "key", "value")]
        qkv = np.concatenate([weight for weight, _ in threes]), np.concatenate([bias for _, bias in threes])
        return {
            "qkv": _turned(qkv),
            "attended": _turned(self._pair(f"{name}attention.output.dense")),
            "after attention": self._pair(f"{name}attention.output.LayerNorm"),
            "intermediate": _turned(self._pair(f"{name}intermediate.dense")),
            "output": _turned(self._pair(f"{name}output.dense")),
            "after output": self._pair(f"{name}output.LayerNorm"),
        }

    def _pair(self, name: str) -> tuple[Floats, Floats]:
        return self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]


def _turned(layer: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Weights as (inputs, outputs), in that order in memory: few tokens at a time go through them twice as fast."""
    return np.ascontiguousarray(layer[0].T), layer[1]


def _linear(states: Floats, layer: tuple[Floats, Floats]) -> Floats:
    weight, bias = layer
    product: Floats = states @ weight
    product += bias
    return product


def _gelu(x: Floats) -> Floats:
    """x/2 (1 + erf(x/sqrt 2)), with Abramowitz and Stegun's formula 7.1.26 for erf (off by 1.5e-7 at most)."""
    a = np.abs(x) * np.float32(0.5**0.5)
    t = 1 / (1 + np.float32(0.3275911) * a)
    series = t * np.float32(1.061405429)
    for coefficient in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series += np.float32(coefficient)
        series *= t
    a *= -a
    series *= np.exp(a, out=a)  # erfc(|x|/sqrt 2)
    gated: Floats = np.where(x > 0, 2 - series, series)
    gated *= x
    gated *= np.float32(0.5)
    return gated


def _by_length(texts: Sequence[Sequence[int]], ends: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    groups = defaultdict[int, list[NDArray[np.int64]]](list)
    for ids, end in zip(texts, ends, strict=True):
        groups[len(ids)].append(np.arange(end - len(ids), end))
    return [np.stack(rows) for rows in groups.values()]


def _safetensors(path: Path) -> dict[str, Floats]:
    """The float32 tensors of a safetensors file, mapped, not copied: eight bytes of length, a JSON header, the data."""
    raw = np.memmap(path, dtype=np.uint8, mode="r")
    start = 8 + int(raw[:8].view("<u8")[0])
    header = json.loads(raw[8:start].tobytes())
    found = dict[str, Floats]()
    for name, entry in header.items():
        if entry.get("dtype") == "F32":
            first, last = (start + offset for offset in entry["data_offsets"])
            found[name] = np.asarray(raw[first:last]).view("<f4").reshape(entry["shape"])
    return found
