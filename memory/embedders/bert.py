"""The network of a BERT sentence encoder as an ONNX graph: token ids and mask in, unit vectors out.

A text's vector has the same bits in any batch and under any padding. Sums over tokens are matrix products, which add in
the order of the tokens, so zeros behind a text's end change nothing. ONNX Runtime's own Softmax and ReduceSum add in an
order that depends on the length.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ariadne.errors import InvalidInput
from ariadne.memory.embedders.onnx_file import FLOAT, GraphWriter, Weight

WEIGHTS_FILE = "model.safetensors"
TOKENIZER_FILE = "tokenizer.json"
_MASKED = -1e9
"""The score of a padding token; its exponential is exactly 0."""
_ACTIVATIONS = ("gelu", "gelu_new", "relu")


@dataclass(frozen=True)
class BertNetwork:
    """The settings of a BERT encoder that its weights do not show; the defaults are MiniLM's.

    `pooling` is "mean" or "cls"; `activation` is "gelu", "gelu_new" or "relu".
    """

    layers: int = 6
    heads: int = 12
    epsilon: float = 1e-12
    max_tokens: int = 256
    activation: str = "gelu"
    pooling: str = "mean"


def bert_graph(network: BertNetwork, weights_path: Path) -> bytes:
    """Return an ONNX file that refers to the weights by their places in the safetensors file beside it.

    Its inputs are `ids` and `mask`, (texts, tokens) int64; its output is `vectors`, (texts, d) float32, unit rows.
    Raises KeyError or ValueError if the file does not hold the float32 weights of this network.
    """
    return _BertGraph(network, _read_weights(weights_path)).model()


class _BertGraph:
    def __init__(self, network: BertNetwork, weights: dict[str, Weight]) -> None:
        self._network, self._graph = network, GraphWriter(WEIGHTS_FILE, weights)
        self._prefix = "" if "embeddings.word_embeddings.weight" in weights else "bert."
        self._size = weights[f"{self._prefix}embeddings.word_embeddings.weight"].shape[1]

    def model(self) -> bytes:
        add = self._graph.node
        self._shape = add("Shape", "ids")
        self._head_shape = add("Concat", self._shape, self._graph.ints(3, self._network.heads, self._head_size), axis=0)
        self._bias = self._mask_bias()
        states = self._embeddings()
        for layer in range(self._network.layers):
            states = self._layer(f"encoder.layer.{layer}", states)
        pooled = self._pooled(states)
        length = add("ReduceL2", pooled, self._graph.ints(1), keepdims=1)
        add("Div", pooled, length, name="vectors")
        shape = ("texts", "tokens")
        return self._graph.model({"ids": shape, "mask": shape}, {"vectors": ("texts", self._size)})

    @property
    def _head_size(self) -> int:
        return self._size // self._network.heads

    def _weight(self, name: str) -> str:
        return self._graph.weight(self._prefix + name)

    def _mask_bias(self) -> str:
        """Return 0 for a token and a large negative number for padding, (texts, 1, 1, tokens)."""
        add, constant = self._graph.node, self._graph.constant
        self._mask = add("Cast", "mask", to=FLOAT)
        padding = add("Sub", constant(np.array(1, np.float32)), self._mask)
        return add("Unsqueeze", add("Mul", padding, constant(np.array(_MASKED, np.float32))), self._graph.ints(1, 2))

    def _embeddings(self) -> str:
        """Return the embedded tokens, (texts * tokens, size)."""
        add, ints = self._graph.node, self._graph.ints
        words = add("Gather", self._weight("embeddings.word_embeddings.weight"), "ids")
        count = add("Slice", self._shape, ints(1), ints(2))
        positions = add("Slice", self._weight("embeddings.position_embeddings.weight"), ints(0), count, ints(0))
        kinds = self._weight("embeddings.token_type_embeddings.weight")
        kind = add("Slice", kinds, ints(0), ints(1), ints(0))
        total = add("Add", add("Add", words, kind), positions)
        return self._norm("embeddings.LayerNorm", add("Reshape", total, ints(-1, self._size)))

    def _layer(self, name: str, states: str) -> str:
        add = self._graph.node
        context = self._attention(f"{name}.attention.self", states)
        attended = add("Add", self._linear(f"{name}.attention.output.dense", context), states)
        attended = self._norm(f"{name}.attention.output.LayerNorm", attended)
        inner = self._activation(self._linear(f"{name}.intermediate.dense", attended))
        return self._norm(f"{name}.output.LayerNorm", add("Add", self._linear(f"{name}.output.dense", inner), attended))

    def _attention(self, name: str, states: str) -> str:
        """Add softmax attention; a column of ones beside the values sums the shares in the same product."""
        add, ints = self._graph.node, self._graph.ints
        queries, keys, values = self._heads(name, states)
        scale = self._graph.constant(np.array(self._head_size**-0.5, np.float32))
        scores = add("MatMul", add("Mul", queries, scale), add("Transpose", keys, perm=(0, 1, 3, 2)))
        scores = add("Add", scores, self._bias)
        shares = add("Exp", add("Sub", scores, add("ReduceMax", scores, ints(-1), keepdims=1)))
        one = self._graph.constant(np.array(1, np.float32))
        sums = add("MatMul", shares, add("Pad", values, ints(0, 0, 0, 0, 0, 0, 0, 1), one))
        total, share = self._graph.nodes(
            "Split", sums, ints(self._head_size, 1), names=(f"{name}.sums", f"{name}.shares"), axis=-1
        )
        context = add("Transpose", add("Div", total, share), perm=(0, 2, 1, 3))
        return add("Reshape", context, ints(-1, self._size))

    def _heads(self, name: str, states: str) -> tuple[str, str, str]:
        """Return queries, keys and values from one product, each (texts, heads, tokens, head size)."""
        add, parts = self._graph.node, ("query", "key", "value")
        weight = add("Concat", *(self._weight(f"{name}.{part}.weight") for part in parts), axis=0)
        bias = add("Concat", *(self._weight(f"{name}.{part}.bias") for part in parts), axis=0)
        joined = add("Reshape", add("Gemm", states, weight, bias, transB=1), self._head_shape)
        joined = add("Transpose", joined, perm=(2, 0, 3, 1, 4))
        index = (self._graph.constant(np.array(number, np.int64)) for number in range(3))
        queries, keys, values = (add("Gather", joined, number, axis=0) for number in index)
        return queries, keys, values

    def _linear(self, name: str, states: str) -> str:
        weight, bias = self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        return self._graph.node("Gemm", states, weight, bias, transB=1)

    def _norm(self, name: str, states: str) -> str:
        scale, bias = self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        return self._graph.node("LayerNormalization", states, scale, bias, epsilon=self._network.epsilon)

    def _activation(self, states: str) -> str:
        if self._network.activation == "relu":
            return self._graph.node("Relu", states)
        approximate = "none" if self._network.activation == "gelu" else "tanh"
        return self._graph.node("Gelu", states, approximate=approximate)

    def _pooled(self, states: str) -> str:
        """Return the sum of a text's tokens, or its first token: at unit length, a sum is a mean.

        The mask stands twice in the product, because ONNX Runtime adds a single row in another order.
        """
        add, ints, first = self._graph.node, self._graph.ints, self._graph.constant(np.array(0, np.int64))
        tokens = add("Reshape", states, add("Concat", self._shape, ints(self._size), axis=0))
        if self._network.pooling == "cls":
            return add("Gather", tokens, first, axis=1)
        row = add("Unsqueeze", self._mask, ints(1))
        return add("Gather", add("MatMul", add("Concat", row, row, axis=1), tokens), first, axis=1)


def _read_weights(path: Path) -> dict[str, Weight]:
    """Return the places of the float32 tensors; a safetensors file starts with the length of its JSON header."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    header.pop("__metadata__", None)
    return {name: _weight(entry, 8 + length) for name, entry in header.items() if entry["dtype"] == "F32"}


def _weight(entry: dict[str, Any], start: int) -> Weight:
    first, end = entry["data_offsets"]
    return Weight(tuple(entry["shape"]), start + first, end - first)


def read_network(folder: Path) -> BertNetwork:
    """Return the settings of the sentence-transformers model in a folder.

    Raises InvalidInput if the model is not a BERT encoder with mean or first-token pooling, or if its folder lacks
    model.safetensors or tokenizer.json.
    """
    for name in ("config.json", WEIGHTS_FILE, TOKENIZER_FILE):
        if not (folder / name).is_file():
            raise InvalidInput(f"{folder}: this folder has no {name}")
    config = _read_json(folder / "config.json")
    problems = (*_network_problems(config), *_module_problems(folder))
    if problems:
        raise InvalidInput(f"{folder}: {', '.join(problems)}; use SentenceTransformerEmbedder for this model")
    return BertNetwork(
        layers=config["num_hidden_layers"],
        heads=config["num_attention_heads"],
        epsilon=config.get("layer_norm_eps", 1e-12),
        max_tokens=_max_tokens(folder, config),
        activation=config.get("hidden_act", "gelu"),
        pooling=_pooling(folder) or "mean",
    )


def _network_problems(config: dict[str, Any]) -> list[str]:
    expected = {"model_type": ("bert",), "hidden_act": _ACTIVATIONS, "position_embedding_type": ("absolute",)}
    defaults = {"hidden_act": "gelu", "position_embedding_type": "absolute"}
    found = {key: config.get(key, defaults.get(key)) for key in expected}
    return [f"{key} is {found[key]!r}" for key, allowed in expected.items() if found[key] not in allowed]


def _module_problems(folder: Path) -> list[str]:
    problems = []
    modules = _read_json(folder / "modules.json") or [{"type": "Transformer"}]
    kinds = [str(module["type"]).rpartition(".")[2] for module in modules]
    if kinds not in (["Transformer"], ["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        problems.append(f"its modules are {', '.join(kinds)}")
    elif _pooling(folder) not in (None, "mean", "cls"):
        problems.append(f"its pooling is {_pooling(folder)!r}")
    if _read_json(folder / "config_sentence_transformers.json").get("default_prompt_name"):
        problems.append("it has a default prompt")
    if _read_json(folder / "sentence_bert_config.json").get("do_lower_case"):
        problems.append("it lowers the case of its texts")
    return problems


def _pooling(folder: Path) -> str | None:
    """Return the name of the pooling, for example "mean" or "cls" or "mean, max"; None if the folder gives none."""
    config = _read_json(folder / "1_Pooling" / "config.json")
    if "pooling_mode" in config:
        return str(config["pooling_mode"])
    prefix, names = "pooling_mode_", {"mean_tokens": "mean", "cls_token": "cls"}
    modes = [key.removeprefix(prefix) for key, value in config.items() if key.startswith(prefix) and value is True]
    return ", ".join(names.get(mode, mode) for mode in modes) or None


def _max_tokens(folder: Path, config: dict[str, Any]) -> int:
    limits = (
        _read_json(folder / "sentence_bert_config.json").get("max_seq_length"),
        _read_json(folder / "tokenizer_config.json").get("model_max_length"),
        config["max_position_embeddings"],
    )
    first, *_ = (limit for limit in limits if limit)
    return min(int(first), int(config["max_position_embeddings"]))


def _read_json(path: Path) -> Any:
    """Return what a JSON file holds; an empty object if there is no such file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise InvalidInput(f"{path}: not a JSON file: {error}") from error
