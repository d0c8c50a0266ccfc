"""The ONNX embedder: the numbers of sentence-transformers, and the same bits in any batch, thread and process."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from ariadne.errors import EmbedderError, InvalidInput
from ariadne.memory import MiniLM, OnnxEmbedder, SentenceTransformerEmbedder
from ariadne.memory.embedders import minilm_files
from ariadne.memory.embedders.bert import read_network
from ariadne.memory.embedders.onnx import CHECK_FILE
from ariadne.memory.embedders.registry import embedder_named

TEXTS = [
    "apple is in fridge",
    "The golden locker in Room B can be opened with Key 2.",
    "",
    "   ",
    "east exit of Hall is behind oak door, which is locked; a note says: don't!",
    "Ключ лежит в ящике. 鍵は箱の中 🗝️ naïve café \0",
    "word " * 400,
    "a",
    *(" ".join(["door leads on"] * count) for count in range(1, 30)),
]


@pytest.fixture(scope="module")
def embedder() -> OnnxEmbedder:
    if not OnnxEmbedder.available() or minilm_files.minilm_folder() is None:
        pytest.skip("MiniLM is not installed")
    return OnnxEmbedder()


def test_vectors_are_those_recorded_from_sentence_transformers(embedder: OnnxEmbedder) -> None:
    recorded = json.loads(CHECK_FILE.read_text(encoding="utf-8"))
    assert len(recorded) == 8
    assert np.abs(embedder.embed(list(recorded)) - np.array(list(recorded.values())) / 1e4).max() < 1e-4


def test_a_text_has_the_same_bits_in_any_batch(embedder: OnnxEmbedder) -> None:
    alone = np.concatenate([embedder.embed([text]) for text in TEXTS])
    rng = random.Random(1)
    for count in (2, 7, len(TEXTS)):
        chosen = rng.sample(range(len(TEXTS)), count)
        assert np.array_equal(OnnxEmbedder().embed([TEXTS[at] for at in chosen]), alone[chosen])


def test_threads_share_one_embedder(embedder: OnnxEmbedder) -> None:
    fresh = OnnxEmbedder()
    with ThreadPoolExecutor(4) as threads:
        for vectors in threads.map(fresh.embed, [TEXTS[:9]] * 4):
            assert np.array_equal(vectors, embedder.embed(TEXTS[:9]))


def test_no_text_gives_no_row_of_the_right_width(embedder: OnnxEmbedder) -> None:
    assert OnnxEmbedder().embed([]).shape == (0, 384)


def test_an_error_in_one_batch_stops_the_call(embedder: OnnxEmbedder, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = OnnxEmbedder()
    fresh.embed(["x"])
    encoder = fresh._loaded
    assert encoder is not None

    def fail(batch: list[list[int]]) -> None:
        raise MemoryError(f"{len(batch)} texts")

    monkeypatch.setattr(encoder, "_run", fail)
    with pytest.raises(MemoryError):
        fresh.embed(TEXTS)


def python(code: str, **variables: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **variables}, capture_output=True, text=True, check=True,
        timeout=60,
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="counts threads in /proc")
def test_onnx_runtime_starts_no_thread_and_reports_nothing_home(embedder: OnnxEmbedder, tmp_path: Path) -> None:
    code = "import os, numpy; t = lambda: len(os.listdir('/proc/self/task')); before = t()\n"
    code += "from ariadne.memory import OnnxEmbedder; OnnxEmbedder().embed(['x']); print(t() - before)"
    home = str(tmp_path)
    assert python(code, HOME=home, XDG_CACHE_HOME=f"{home}/cache", ARIADNE_CACHE=f"{home}/ariadne") == "0\n"
    assert not list(tmp_path.iterdir())


FORK = """
import os, sys
from ariadne.memory import OnnxEmbedder
embedder = OnnxEmbedder()
embedder.embed(["a", "b", "c"])
if child := os.fork():
    print(os.waitpid(child, 0)[1])
else:
    embedder.embed(["d", "e", "f"])
    sys.exit(0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_process_embeds_and_ends(embedder: OnnxEmbedder) -> None:
    assert python(FORK) == "0\n"


def linked(source: Path, folder: Path, *, without: tuple[str, ...] = ()) -> Path:
    """Return a folder with the same model: hard links of its two large files, copies of nothing else."""
    folder.mkdir()
    for name in ("model.safetensors", "tokenizer.json"):
        if name not in without:
            try:
                os.link(source / name, folder / name)
            except OSError:  # another file system
                (folder / name).write_bytes((source / name).read_bytes())
    return folder


@pytest.fixture
def minilm(embedder: OnnxEmbedder) -> Path:
    folder = minilm_files.minilm_folder()
    assert folder is not None
    return folder


CONFIG = {
    "model_type": "bert", "num_hidden_layers": 6, "num_attention_heads": 12, "max_position_embeddings": 512,
    "hidden_act": "gelu", "layer_norm_eps": 1e-12,
}  # fmt: skip


def written(folder: Path, name: str, content: object) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(content))


def test_a_folder_gives_the_same_bits_as_the_packaged_model(
    embedder: OnnxEmbedder, minilm: Path, tmp_path: Path
) -> None:
    mine = linked(minilm, tmp_path / "mine")
    written(mine, "config.json", CONFIG)
    written(mine, "sentence_bert_config.json", {"max_seq_length": 256})
    made = embedder_named(str(mine))
    assert isinstance(made, OnnxEmbedder)
    assert (made.name, made.is_prepared) == ("mine", True)
    assert np.array_equal(made.embed(TEXTS), embedder.embed(TEXTS))


def test_the_settings_of_a_folder_are_read_from_its_files(minilm: Path, tmp_path: Path) -> None:
    mine = linked(minilm, tmp_path / "mine")
    written(mine, "config.json", CONFIG | {"hidden_act": "gelu_new", "num_hidden_layers": 3})
    assert read_network(mine).max_tokens == 512
    written(mine, "tokenizer_config.json", {"model_max_length": 10**30})
    assert read_network(mine).max_tokens == 512
    written(mine, "tokenizer_config.json", {"model_max_length": 128})
    assert (network := read_network(mine)).max_tokens == 128
    assert (network.layers, network.activation, network.pooling) == (3, "gelu_new", "mean")
    written(mine, "1_Pooling/config.json", {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False})
    assert read_network(mine).pooling == "cls"
    written(mine, "1_Pooling/config.json", {"pooling_mode": "cls"})
    assert read_network(mine).pooling == "cls"


DENSE = [{"type": "a.b.Transformer"}, {"type": "a.b.Pooling"}, {"type": "a.b.Dense"}]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("config.json", CONFIG | {"model_type": "mpnet"}, "model_type is 'mpnet'"),
        ("config.json", CONFIG | {"hidden_act": "silu"}, "hidden_act is 'silu'"),
        ("config.json", CONFIG | {"position_embedding_type": "relative_key"}, "position_embedding_type is"),
        ("modules.json", DENSE, "its modules are Transformer, Pooling, Dense"),
        ("1_Pooling/config.json", {"pooling_mode_max_tokens": True}, "its pooling is 'max_tokens'"),
        ("config_sentence_transformers.json", {"default_prompt_name": "query"}, "it has a default prompt"),
        ("sentence_bert_config.json", {"do_lower_case": True}, "it lowers the case"),
    ],
)
def test_a_model_of_another_family_is_refused_with_the_reason(
    minilm: Path, tmp_path: Path, name: str, content: object, problem: str
) -> None:
    mine = linked(minilm, tmp_path / "mine")
    written(mine, "config.json", CONFIG)
    written(mine, name, content)
    with pytest.raises(InvalidInput, match=f"{problem}.*; use SentenceTransformerEmbedder for this model"):
        OnnxEmbedder(mine)
    if SentenceTransformerEmbedder.available():
        assert isinstance(embedder_named(str(mine)), SentenceTransformerEmbedder)


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_folder_without_a_file_is_refused(minilm: Path, tmp_path: Path, missing: str) -> None:
    mine = linked(minilm, tmp_path / "mine", without=(missing,))
    if missing != "config.json":
        written(mine, "config.json", CONFIG)
    with pytest.raises(InvalidInput, match=f"this folder has no {missing}"):
        OnnxEmbedder(mine)


@pytest.mark.parametrize("damage", ["empty", "cut", "no header", "layers"])
def test_a_damaged_model_is_an_error(minilm: Path, tmp_path: Path, damage: str) -> None:
    mine = linked(minilm, tmp_path / "mine", without=("model.safetensors",))
    written(mine, "config.json", CONFIG | ({"num_hidden_layers": 7} if damage == "layers" else {}))
    with (minilm / "model.safetensors").open("rb") as file:
        start = file.read(200_000)
    content = {"empty": b"", "cut": start, "no header": b"\0" * 1000, "layers": start}[damage]
    (mine / "model.safetensors").write_bytes(content)
    with pytest.raises(EmbedderError, match="the model could not be loaded"):
        OnnxEmbedder(mine).embed(["x"])


def test_weights_of_another_model_are_noticed(minilm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cached = tmp_path / "embedders" / minilm_files.cached_folder().name
    cached.parent.mkdir()
    linked(minilm, cached, without=("model.safetensors",))
    content = bytearray((minilm / "model.safetensors").read_bytes())
    content[60_000_000:60_100_000] = bytes(100_000)
    (cached / "model.safetensors").write_bytes(content)
    monkeypatch.setenv("ARIADNE_CACHE", str(tmp_path))
    monkeypatch.setattr(minilm_files, "_packaged_folder", lambda: None)
    with pytest.raises(EmbedderError, match=r"other vectors than the recorded ones .* delete .*all-MiniLM"):
        OnnxEmbedder().embed(["x"])


def test_minilms_of_one_process_share_their_network(embedder: OnnxEmbedder) -> None:
    assert MiniLM()._encoder() is MiniLM()._encoder()


REFERENCE = """
import json, sys
from ariadne.memory import SentenceTransformerEmbedder
embedder = SentenceTransformerEmbedder(sys.argv[1])
print(json.dumps([embedder.name, embedder.embed(json.load(sys.stdin)).tolist(), embedder.embed([]).shape]))
"""


def by_torch(model: Path) -> tuple[str, np.ndarray, list[int]]:
    done = subprocess.run(
        [sys.executable, "-c", REFERENCE, str(model)], input=json.dumps(TEXTS), capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    name, vectors, empty = json.loads(done.stdout)
    assert done.stderr == ""
    return name, np.array(vectors), empty


torch = pytest.mark.skipif(
    not SentenceTransformerEmbedder.available(), reason="the extra [sentence-transformers] is not installed"
)


@torch
@pytest.mark.sample
def test_vectors_are_those_of_sentence_transformers(embedder: OnnxEmbedder, minilm: Path) -> None:
    _, vectors, empty = by_torch(minilm)
    assert empty == [0, 384]
    assert np.abs(embedder.embed(TEXTS) - vectors).max() < 1e-6


OTHER = """
import sys
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Normalize, Pooling, Transformer
from transformers import AutoModel, AutoTokenizer, BertConfig
raw, made, tokenizer, pooling, activation = sys.argv[1:]
torch.manual_seed(0)
tokenizer = AutoTokenizer.from_pretrained(tokenizer)
config = BertConfig(
    hidden_size=64, num_hidden_layers=2, num_attention_heads=4, intermediate_size=128, hidden_act=activation,
    initializer_range=0.5, vocab_size=tokenizer.vocab_size,
)
AutoModel.from_config(config).save_pretrained(raw)
tokenizer.save_pretrained(raw)
modules = [Transformer(raw, max_seq_length=100), Pooling(64, pooling_mode=pooling), Normalize()]
SentenceTransformer(modules=modules, device="cpu").save(made)
"""


@torch
@pytest.mark.parametrize(
    ("pooling", "activation"),
    [
        pytest.param("cls", "gelu", marks=pytest.mark.sample),
        pytest.param("mean", "relu", marks=pytest.mark.soak),
        pytest.param("mean", "gelu_new", marks=pytest.mark.sample),
    ],
)
def test_other_bert_models_have_the_vectors_of_sentence_transformers(
    minilm: Path, tmp_path: Path, pooling: str, activation: str
) -> None:
    mine = tmp_path / "mine"
    arguments = [str(tmp_path / "raw"), str(mine), str(minilm_files._packaged_folder()), pooling, activation]
    subprocess.run([sys.executable, "-c", OTHER, *arguments], check=True, capture_output=True)
    made = OnnxEmbedder(mine)
    name, vectors, _ = by_torch(mine)
    assert (made.name, name) == ("mine", "mine")
    assert np.abs(made.embed(TEXTS) - vectors).max() < 1e-5
    alone = np.concatenate([OnnxEmbedder(mine).embed([text]) for text in TEXTS[:8]])
    assert np.array_equal(made.embed(TEXTS[:8]), alone)


@torch
@pytest.mark.sample
def test_a_folder_without_a_real_model_is_an_error_in_torch_too(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(EmbedderError, match="sentence-transformers could not load this model"):
        SentenceTransformerEmbedder(tmp_path).embed(["x"])
