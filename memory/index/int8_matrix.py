"""Unit vectors kept small: one byte a dimension, in RAM and in the file alike.

A cosine of 384 dimensions is off by 0.001 mostly, seldom by 0.003: less than the difference between two facts. The
vectors take a quarter of the room, and sums of whole numbers are the same on every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ariadne.memory.storage.vectors import Bytes, Floats, packed

_TOGETHER = 4096  # rows turned to floats at a time, where nothing multiplies bytes


def unpacked(rows: Bytes) -> Floats:
    """(n, d) int8 rows, as a file has them, as (n, d) float32, unit rows."""
    floats = rows.astype(np.float32)
    unit: Floats = floats / np.maximum(np.sqrt((floats * floats).sum(axis=1, keepdims=True)), np.float32(1e-12))
    return unit


class GrowingArray:
    """A matrix that rows are added to: (n, width); doubles as it fills."""

    def __init__(self, dtype: type[np.generic], width: int = 0) -> None:
        self._data: NDArray[Any] = np.empty((0, width), dtype)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def rows(self) -> NDArray[Any]:
        return self._data[: self._size]

    def extend(self, rows: NDArray[Any]) -> None:
        if not len(rows):
            return
        if self._size + len(rows) > len(self._data):
            grown = np.empty((self._size + len(rows) + self._size // 2, rows.shape[1]), self._data.dtype)
            if self._size:
                grown[: self._size] = self.rows
            self._data = grown
        self._data[self._size : self._size + len(rows)] = rows
        self._size += len(rows)


class Matrix:
    """Unit vectors as bytes, and how near each is to a text."""

    def __init__(self) -> None:
        self._bytes, self._lengths = GrowingArray(np.int8), GrowingArray(np.float32)

    def __len__(self) -> int:
        return len(self._bytes)

    def extend(self, rows: Bytes) -> None:
        """Add (n, d) int8 rows."""
        lengths = lengths_of(rows)[:, None]
        self._bytes.extend(rows)  # refuses rows of another width
        self._lengths.extend(lengths)

    def cosines(self, vectors: Floats) -> Floats:
        """(m, d) float32 against all n rows: (m, n) float32, by the bytes of both."""
        rows = packed(vectors)
        return cosines(rows, lengths_of(rows), self._bytes.rows, self._lengths.rows[:, 0])

    def between(self, rows: NDArray[np.int64], others: NDArray[np.int64]) -> Floats:
        """Of some rows (m) and others (n): (m, n) float32."""
        lengths = self._lengths.rows[:, 0]
        return cosines(self._bytes.rows[rows], lengths[rows], self._bytes.rows[others], lengths[others])


def lengths_of(rows: Bytes) -> Floats:
    """(n, d) int8 rows: (n,) float32, of nothing a little more than nothing."""
    lengths = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), _TOGETHER):
        some = rows[start : start + _TOGETHER].astype(np.float32)
        lengths[start : start + _TOGETHER] = np.sqrt(np.einsum("rd,rd->r", some, some))
    return np.maximum(lengths, np.float32(1e-12))


def cosines(some: Bytes, lengths: Floats, others: Bytes, lengths_of_others: Floats) -> Floats:
    """(m, d) and (n, d) int8 to (m, n) float32. Their products are whole numbers below 2**24 (up to 1,000 dimensions),
    so the same on every machine."""
    dots = np.empty((len(some), len(others)), np.float32)
    times = _multiplier()
    for start in range(0, len(others), _TOGETHER):  # which the cache holds
        here = slice(start, start + _TOGETHER)
        np.divide(
            times(some, others[here]),
            np.outer(lengths, lengths_of_others[here]),
            out=dots[:, here],
            casting="same_kind",
        )
    return dots


@cache
def _multiplier() -> Callable[[Bytes, Bytes], Any]:
    """What multiplies bytes; without simsimd, which comes with [embeddings], the same numbers come ten times slower."""
    try:
        from simsimd import cdist
    except ImportError:
        return lambda some, others: some.astype(np.float32) @ others.astype(np.float32).T
    return lambda some, others: np.asarray(cdist(some, others, metric="dot", out_dtype="float32"))
