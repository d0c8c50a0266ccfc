"""The choice of an embedder by default and by name, and what importing embedders costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariadne.errors import InvalidInput
from ariadne.memory import (
    EndpointEmbedder,
    HashEmbedder,
    MiniLM,
    SentenceTransformerEmbedder,
    embedder_named,
)

TEXTS = [
    "apple is in fridge",
    "The golden locker in Room B can be opened with Key 2.",
    "",
    "   ",
    "east exit of Hall is behind oak door, which is locked; a note says: don't!",
    "Ключ лежит в ящике. 鍵は箱の中 🗝️ naïve café",
    "word " * 400,
    "a",
]


@pytest.fixture(scope="module")
def embedder() -> MiniLM:
    if not MiniLM.available():
        pytest.skip("the extra [embeddings] is not installed")
    return MiniLM()


def test_minilm_finds_an_answer_without_a_shared_word(embedder: MiniLM) -> None:
    question, answer, other = embedder.embed(["where is the fruit?", "apple is in fridge", "door is locked"])
    assert question @ answer > question @ other


@pytest.mark.parametrize("kind", [MiniLM, HashEmbedder])
def test_vectors_are_unit_rows_of_float32(kind: type[MiniLM] | type[HashEmbedder]) -> None:
    if kind is MiniLM and not MiniLM.available():
        pytest.skip("the extra [embeddings] is not installed")
    vectors = kind().embed(TEXTS)
    assert vectors.dtype == np.dtype("f4")
    assert len(vectors) == len(TEXTS)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert kind().embed([]).shape == (0, vectors.shape[1])


@given(st.lists(st.text(), min_size=1, max_size=4), st.integers(1, 99))
def test_hashed_vectors_are_the_same_in_any_batch_and_any_process(texts: list[str], dimensions: int) -> None:
    vectors = HashEmbedder(dimensions).embed(texts)
    assert vectors.shape == (len(texts), dimensions)
    for text, vector in zip(texts, vectors, strict=True):
        assert np.array_equal(HashEmbedder(dimensions).embed([text])[0], vector)


def test_hashed_vectors_are_near_where_words_are_shared() -> None:
    apple, same, doors = HashEmbedder().embed(["the red apple", "a RED apple!", "seven doors"])
    assert apple @ same > 0.5 > apple @ doors
    assert HashEmbedder(32).name != HashEmbedder().name


def python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_importing_the_memory_pulls_in_nothing_heavy() -> None:
    heavy = (
        "{'torch', 'textworld', 'openai', 'networkx', 'onnxruntime', 'sentence_transformers', 'tokenizers', 'tiktoken'}"
    )
    assert python(f"import sys, ariadne.memory; print(sorted({heavy} & set(sys.modules)))") == "[]"


def test_remembering_and_recalling_with_minilm_never_imports_torch(embedder: MiniLM) -> None:
    code = "m = AriGraph(); m.remember('You open the box, revealing an apple.'); print(len(m.recall('apple').text) > 0)"
    modules = "print({'torch', 'onnx', 'sentence_transformers', 'networkx'} & set(sys.modules))"
    printed = python(f"import sys\nfrom ariadne.memory import AriGraph\n{code}\n{modules}")
    assert printed.splitlines() == ["True", "set()"]


WITHOUT = """
import sys, warnings
sys.modules["tokenizers"] = sys.modules["torch"] = None
from ariadne.errors import MissingExtra
from ariadne.memory import AriGraph, MiniLM, Triplet
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    memory, quiet = AriGraph(), AriGraph(embedder=None)
print(memory.embedder, len(caught), "ariadne-agent[embeddings]" in str(caught[0].message))
memory.remember("x", triplets=[Triplet("apple", "is in", "box")])
print(memory.recall("apple").text)
try:
    MiniLM()
except MissingExtra as error:
    print(error)
"""


def test_without_its_extra_recall_matches_words_and_warns_once() -> None:
    *printed, missing = python(WITHOUT).splitlines()
    assert printed == ["None 1 True", "Facts:", "- apple is in box", "Episodes:", "[1] x"]
    assert "pip install 'ariadne-agent[embeddings]'" in missing


def test_a_command_line_names_its_embedder(embedder: MiniLM) -> None:
    assert embedder_named("words") is None
    assert isinstance(embedder_named("hash"), HashEmbedder)
    for name in ("minilm", "all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2"):
        assert isinstance(embedder_named(name), MiniLM)


def test_a_command_line_names_a_model_of_sentence_transformers(tmp_path: Path) -> None:
    if not SentenceTransformerEmbedder.available():
        pytest.skip("the extra [sentence-transformers] is not installed")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "modules.json").write_text("[]")
    for name, stored_as in {"BAAI/bge": "BAAI/bge", f"{tmp_path}/mine": "mine"}.items():
        assert repr(made := embedder_named(name)) == f"SentenceTransformerEmbedder({name!r})"
        assert made is not None
        assert made.name == stored_as


def test_a_command_line_names_an_endpoint() -> None:
    pytest.importorskip("openai")
    made = embedder_named("http://localhost:11434/v1#nomic-embed-text")
    assert isinstance(made, EndpointEmbedder)
    assert (made.name, repr(made)) == (
        "nomic-embed-text",
        "EndpointEmbedder('http://localhost:11434/v1', 'nomic-embed-text')",
    )


@pytest.mark.parametrize("spec", ["", "two words", "/no/such/folder", "./none", "a/b/c", "http://host/v1", "ftp://h#m"])
def test_a_name_of_no_embedder_is_refused_with_the_choices(embedder: MiniLM, spec: str) -> None:
    with pytest.raises(InvalidInput, match=r"names no model; write|other choices are minilm, words, hash"):
        embedder_named(spec)


def test_a_folder_without_a_model_is_refused(embedder: MiniLM, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"this folder has no .*config\.json"):
        embedder_named(str(tmp_path))


MISSING = """
import sys
sys.modules["torch"] = None
from ariadne.errors import MissingExtra
from ariadne.memory import embedder_named
try:
    embedder_named("BAAI/bge")
except MissingExtra as error:
    print(error)
"""


def test_a_model_that_needs_torch_names_its_extra() -> None:
    assert "pip install 'ariadne-agent[sentence-transformers]'" in python(MISSING)
