"""Arrays that grow by rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


class GrowingArray:
    """An (n, width) array that rows are added to; its room grows by half when it is full."""

    def __init__(self, dtype: type[np.generic], width: int = 0) -> None:
        self._data: NDArray[Any] = np.empty((0, width), dtype)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def rows(self) -> NDArray[Any]:
        """The rows, as a view: writes to it persist."""
        return self._data[: self._size]

    def extend(self, rows: NDArray[Any]) -> None:
        """Add (n, width) rows; the first ones set the width."""
        if not len(rows):
            return
        if self._size + len(rows) > len(self._data):
            grown = np.empty((self._size + len(rows) + self._size // 2, rows.shape[1]), self._data.dtype)
            if self._size:
                grown[: self._size] = self.rows
            self._data = grown
        self._data[self._size : self._size + len(rows)] = rows
        self._size += len(rows)

    def remove(self, mask: NDArray[np.bool_]) -> None:
        """Remove the rows of a mask."""
        left = self.rows[~mask]
        self._data[: len(left)] = left
        self._size = len(left)
