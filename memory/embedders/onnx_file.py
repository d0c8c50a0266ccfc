"""A writer of ONNX graphs whose weights lie in another file.

ONNX is a protocol-buffers format. This module encodes the few messages that a graph needs, so that neither `onnx` nor
`torch` has to be installed. Field numbers are those of onnx.proto.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IR_VERSION = 9
OPSET = 20
FLOAT, INT64 = 1, 7
_FLOAT_ATTRIBUTE, _INT_ATTRIBUTE, _TEXT_ATTRIBUTE, _INTS_ATTRIBUTE = 1, 2, 3, 7
_EXTERNAL = 1

Attribute = int | float | str | Sequence[int]


@dataclass(frozen=True)
class Weight:
    """A float32 tensor's place in a weights file: its shape, and where its bytes start and how many there are."""

    shape: tuple[int, ...]
    offset: int
    length: int


class GraphWriter:
    """A graph under construction. Each method that adds a value returns the value's name."""

    def __init__(self, weights_file: str, weights: Mapping[str, Weight]) -> None:
        self._weights_file, self._weights = weights_file, weights
        self._nodes = list[bytes]()
        self._initializers = dict[str, bytes]()

    def node(self, operation: str, *inputs: str, name: str | None = None, **attributes: Attribute) -> str:
        """Add an operation with one output."""
        return self.nodes(operation, *inputs, names=[name or f"{operation}_{len(self._nodes)}"], **attributes)[0]

    def nodes(self, operation: str, *inputs: str, names: Sequence[str], **attributes: Attribute) -> Sequence[str]:
        """Add an operation with one output for each name."""
        self._nodes.append(
            b"".join(_text(1, value) for value in inputs)
            + b"".join(_text(2, name) for name in names)
            + _text(4, operation)
            + b"".join(_field(5, _attribute(name, value)) for name, value in attributes.items())
        )
        return names

    def weight(self, name: str) -> str:
        """Add the tensor of that name in the weights file. Raises KeyError if the file has none."""
        weight = self._weights[name]
        places = {"location": self._weights_file, "offset": str(weight.offset), "length": str(weight.length)}
        self._initializers[name] = (
            _tensor(name, FLOAT, weight.shape)
            + b"".join(_field(13, _text(1, key) + _text(2, value)) for key, value in places.items())
            + _number(14, _EXTERNAL)
        )
        return name

    def constant(self, values: NDArray[np.float32] | NDArray[np.int64]) -> str:
        """Add a small tensor that the graph itself holds."""
        kind = FLOAT if values.dtype == np.float32 else INT64
        name = f"constant_{len(self._initializers)}"
        self._initializers[name] = _tensor(name, kind, values.shape) + _field(9, values.tobytes())
        return name

    def ints(self, *values: int) -> str:
        """Add a one-dimensional constant of integers."""
        return self.constant(np.array(values, np.int64))

    def model(self, inputs: Mapping[str, Sequence[str | int]], outputs: Mapping[str, Sequence[str | int]]) -> bytes:
        """Return the finished file; the inputs are int64, the outputs float32, a name stands for an open dimension."""
        graph = (
            b"".join(_field(1, node) for node in self._nodes)
            + _text(2, "graph")
            + b"".join(_field(5, tensor) for tensor in self._initializers.values())
            + b"".join(_field(11, _value(name, INT64, shape)) for name, shape in inputs.items())
            + b"".join(_field(12, _value(name, FLOAT, shape)) for name, shape in outputs.items())
        )
        return _number(1, IR_VERSION) + _field(7, graph) + _field(8, _number(2, OPSET))


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, float):
        return _text(1, name) + _key(2, 5) + struct.pack("<f", value) + _number(20, _FLOAT_ATTRIBUTE)
    if isinstance(value, int):
        return _text(1, name) + _number(3, value) + _number(20, _INT_ATTRIBUTE)
    if isinstance(value, str):
        return _text(1, name) + _text(4, value) + _number(20, _TEXT_ATTRIBUTE)
    return _text(1, name) + b"".join(_number(8, item) for item in value) + _number(20, _INTS_ATTRIBUTE)


def _tensor(name: str, kind: int, shape: Sequence[int]) -> bytes:
    return b"".join(_number(1, size) for size in shape) + _number(2, kind) + _text(8, name)


def _value(name: str, kind: int, shape: Sequence[str | int]) -> bytes:
    sizes = (_text(2, size) if isinstance(size, str) else _number(1, size) for size in shape)
    dimensions = b"".join(_field(1, size) for size in sizes)
    return _text(1, name) + _field(2, _field(1, _number(1, kind) + _field(2, dimensions)))


def _text(field: int, text: str) -> bytes:
    return _field(field, text.encode())


def _field(field: int, content: bytes) -> bytes:
    return _key(field, 2) + _varint(len(content)) + content


def _number(field: int, value: int) -> bytes:
    return _key(field, 0) + _varint(value)


def _key(field: int, wire_type: int) -> bytes:
    return _varint(field << 3 | wire_type)


def _varint(value: int) -> bytes:
    """Return seven bits a byte, lowest first; a negative number counts as 64-bit two's complement."""
    value &= (1 << 64) - 1
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])
