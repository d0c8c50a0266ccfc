"""Turns a sentence-transformers model into an ONNX file, once: run as a process of its own, for it imports torch.

    python -m ariadne.memory.embedders.onnx_graph NAME FOLDER

The model's own modules are traced: tokens to pooled unit vectors. A text's vector is, to the last bit, the same in any
batch and under any padding: sums go over tokens in order, so that zeros behind a text's end change nothing.
"""

from __future__ import annotations

import contextlib
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from filelock import FileLock

from ariadne.errors import AriadneError, EmbedderError
from ariadne.memory.embedders import models
from ariadne.memory.embedders.onnx_cache import NETWORK, TOKENIZER, fill, folder_of, whole
from ariadne.memory.embedders.onnx_session import OnnxSession
from ariadne.memory.embedders.sentence_transformers import loaded

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from torch import Tensor

OPSET = 17
LEAST_COSINE = 0.9999
ATTENTION = "ariadne"
LONGEST = 512
"""Tokens, for a model that does not say how many it reads."""
CHECKED = (
    "apple is in fridge", "a", "", "   ", "I", "Where is the golden key?", "DON'T PANIC: 42!", "word " * 700,
    "The golden locker in Room B can be opened with Key 2.", "Ann likes tea\nand\tBob hates it", "naïve café, Straße",
    "Ключ лежит в ящике.", "鍵は箱の中にある", "المفتاح في الصندوق", "🗝️ in 📦", "https://example.org/a?b=c&d=%20",
    "east exit of Hall is behind oak door, which is locked; a note says: don't!", "x" * 300, "A. B. C. D. E. F. G. H.",
    *(" ".join(f"door {number} leads to room {number * 7}" for number in range(doors)) for doors in (2, 5, 9, 14, 40)),
)  # fmt: skip


def export(model: models.Model) -> None:
    """Put the model into its folder in the cache, unless it is there; the second of two processes waits for the first.

    Raises EmbedderError where the model cannot be exported or the cache cannot be written.
    """
    folder = folder_of(model)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if not whole(folder):
                fill(folder, lambda draft: _exported(model, draft))
    except OSError as error:
        raise EmbedderError(
            f"{folder.parent}: the prepared embedder cannot be kept here ({error.strerror or error});"
            " set ARIADNE_CACHE to a folder that can be written"
        ) from error


def _exported(model: models.Model, draft: Path) -> tuple[int, int]:
    """Write network and tokenizer, checked against the original; gives the vectors' dimensions and the padding."""
    network = _traceable(model)
    padding = int(network.tokenizer.pad_token_id or 0)
    _write_tokenizer(network, draft / TOKENIZER)
    _trace(network, draft / NETWORK)
    del network
    made = OnnxSession(draft, padding).embed(CHECKED)
    _check(model, made)
    return made.shape[1], padding


def _check(model: models.Model, made: np.ndarray[Any, Any]) -> None:
    told = loaded(model).encode(list(CHECKED), normalize_embeddings=True, batch_size=1, show_progress_bar=False)
    least = float(np.min(np.sum(made * told, axis=1))) if made.shape == told.shape else -1.0
    if not least >= LEAST_COSINE:
        raise EmbedderError(
            f"{model.name}: its ONNX export gives other vectors than the original (a cosine of {least:.4f});"
            " use SentenceTransformerEmbedder"
        )


def _write_tokenizer(network: SentenceTransformer, path: Path) -> None:
    tokenizer = getattr(network.tokenizer, "backend_tokenizer", None)
    if tokenizer is None:
        raise EmbedderError("this model's tokenizer has no fast version to keep; use SentenceTransformerEmbedder")
    tokenizer.enable_truncation(network.max_seq_length or LONGEST)
    tokenizer.no_padding()
    tokenizer.save(str(path))


def _traceable(model: models.Model) -> SentenceTransformer:
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import eager_mask

    AttentionInterface.register(ATTENTION, _attend)
    AttentionMaskInterface.register(ATTENTION, eager_mask)
    return loaded(model, attn_implementation=ATTENTION)


def _attend(
    _: Any, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, scaling: float | None = None, **__: Any
) -> tuple[Tensor, None]:
    """Softmax attention whose shares are summed by the same product as the values: a column of ones beside them.

    A matrix product adds in the order of tokens; ONNX Runtime's Softmax adds in an order that depends on how many.
    """
    import torch

    scores = (query * (query.shape[-1] ** -0.5 if scaling is None else scaling)) @ key.transpose(-1, -2)
    if mask is not None:
        scores = scores + mask
    shares = (scores - scores.amax(-1, keepdim=True)).exp()
    sums = shares @ torch.cat([value, torch.ones_like(value[..., :1])], -1)
    return (sums[..., :-1] / sums[..., -1:]).transpose(1, 2).contiguous(), None


def _trace(network: SentenceTransformer, path: Path) -> None:
    import torch

    class Whole(torch.nn.Module):  # type: ignore[misc]
        """All of the model's modules, and unit length at the end."""

        def __init__(self) -> None:
            super().__init__()
            self.modules_in_order = torch.nn.ModuleList(network)

        def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
            """ONNX Runtime sums tokens by fours, and a lone text's in another order: both get zeros beside them."""
            features = self.modules_in_order[0]({"input_ids": ids, "attention_mask": mask})
            pad = torch.nn.functional.pad
            features["token_embeddings"] = pad(features["token_embeddings"], (0, 0, 0, 15, 0, 1))
            features["attention_mask"] = pad(mask, (0, 15, 0, 1))
            for module in self.modules_in_order[1:]:
                features = module(features)
            return torch.nn.functional.normalize(features["sentence_embedding"], dim=1)[:-1]

    ids = torch.tensor([[5, 6, 7, 8, 9, 10, 11], [5, 6, 7, 8, 0, 0, 0]])
    axes = {0: "texts", 1: "tokens"}
    with torch.no_grad(), warnings.catch_warnings(), contextlib.redirect_stdout(sys.stderr):
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Whole().eval(), (ids, (ids > 0).long()), str(path), dynamo=False, opset_version=OPSET,
            input_names=["ids", "mask"], output_names=["vectors"],
            dynamic_axes={"ids": axes, "mask": axes, "vectors": {0: "texts"}},
        )  # fmt: skip


def _main(name: str, folder: str) -> str | None:
    """None, or what went wrong, for the process that started this one; no folder: the hub's model of that name."""
    try:
        export(models.Model(name, Path(folder) if folder else None))
    except AriadneError as error:
        return str(error)
    return None


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
