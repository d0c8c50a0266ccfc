"""An exported model in ONNX Runtime: texts to unit vectors. Knows no cache and no torch."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from ariadne.memory.embedders.cache import Vectors
from ariadne.memory.embedders.onnx_cache import NETWORK, TOKENIZER

THREADS = 2
"""Threads that share a call, on a session that has none of its own: those outlive a fork badly, and where they spin two
processes at once take twice as long."""
BATCH = 16
"""Texts that go through the network together, of about one length; more at once are no faster."""

PADDED = 1.25
"""How much more than its texts a part may be, padded to its longest."""


class OnnxSession:
    """The network and the tokenizer of one folder; loading takes 0.2 s. Threads may share it."""

    def __init__(self, folder: Path, padding: int) -> None:
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before the import, or it reports home and leaves an id on the disk
        import onnxruntime as ort
        from tokenizers import Tokenizer

        ort.disable_telemetry_events()
        options = ort.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = 1
        self._network = ort.InferenceSession(str(folder / NETWORK), options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._padding = padding

    def embed(self, texts: Sequence[str]) -> Vectors:
        """(n, d) float32, unit rows, of one text or more; a text's bits are the same in any company."""
        tokens = [self._tokenizer.encode(text).ids for text in texts]
        order = sorted(range(len(tokens)), key=lambda row: len(tokens[row]))
        parts = _parts([tokens[row] for row in order])
        made = np.concatenate(self._side_by_side(parts))
        vectors = np.empty_like(made)
        vectors[order] = made
        return vectors

    def _side_by_side(self, parts: list[list[list[int]]]) -> list[Vectors]:
        """Each part through the network: this thread and one more take the next as they are free, the longest first."""
        left, made = iter(range(len(parts))[::-1]), dict[int, Vectors]()

        def work() -> None:
            try:
                while (place := next(left, None)) is not None:
                    made[place] = self._run(parts[place])
            finally:
                deque(left, 0)  # where one fails, the other need not go on

        if len(parts) == 1:
            return [self._run(parts[0])]
        with ThreadPoolExecutor(1) as beside:
            other = beside.submit(work)
            work()
            other.result()
        return [made[place] for place in range(len(parts))]

    def _run(self, batch: list[list[int]]) -> Vectors:
        ids = np.full((len(batch), max(map(len, batch))), self._padding, np.int64)
        mask = np.zeros_like(ids)
        for row, text in enumerate(batch):
            ids[row, : len(text)] = text
            mask[row, : len(text)] = 1
        vectors: Vectors = self._network.run(None, {"ids": ids, "mask": mask})[0]
        return vectors


def _parts(texts: list[list[int]]) -> list[list[list[int]]]:
    """Texts, shortest first, in parts of about one length: a long one would pad all that stand beside it."""
    most = min(BATCH, -(-len(texts) // THREADS))
    parts = [texts[:1]]
    for text in texts[1:]:
        part = parts[-1]
        if len(part) == most or len(text) * (len(part) + 1) > PADDED * (sum(map(len, part)) + len(text)):
            parts.append([])
        parts[-1].append(text)
    return parts
