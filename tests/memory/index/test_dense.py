"""Vectors of bytes: they lose little, and simsimd and numpy give the same cosines."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ariadne.memory.index import dense
from ariadne.memory.index.dense import Int8Matrix
from ariadne.memory.storage.vectors import Bytes, Floats, packed, unpacked

EXACT = 1040
"""The most dimensions whose products sum to less than 2**24, which float32 holds exactly."""
DIMENSIONS = [1, 2, 3, 8, 31, 64, 100, 384, 768, 1024, 1536]
seeds, counts = st.integers(0, 2**32 - 1), st.integers(1, 9)


def directions(seed: int, count: int, dimensions: int) -> Floats:
    """Return random unit rows, as (count, dimensions) float32."""
    rows = np.random.default_rng(seed).standard_normal((count, dimensions))
    unit: Floats = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


def bytes_of(seed: int, count: int, dimensions: int) -> Bytes:
    """Return random int8 rows from -127 to 127; the first one is all 127, the last one all 0."""
    rows = np.random.default_rng(seed).integers(-127, 128, (count, dimensions)).astype(np.int8)
    rows[0], rows[-1] = 127, 0
    return rows


def matrix(*parts: Bytes) -> Int8Matrix:
    stored = Int8Matrix()
    for part in parts:
        stored.extend(part)
    return stored


def without_simsimd(stored: Int8Matrix, queries: Floats) -> Floats:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "simsimd", None)
        return stored.cosines(queries)


def integer_cosines(queries: Floats, rows: Bytes) -> NDArray[np.float64]:
    """Return the cosines of (m, d) queries with (n, d) rows by integer arithmetic, as (m, n)."""
    some, others = packed(queries).astype(np.int64), rows.astype(np.int64)
    lengths = np.sqrt(np.outer((some**2).sum(axis=1), (others**2).sum(axis=1)).astype(np.float64))
    dots = (some @ others.T).astype(np.float64)
    return np.divide(dots, lengths, out=np.zeros_like(dots), where=lengths > 0)


# -- vectors as bytes -------------------------------------------------------------------------------------------------


@given(seeds, st.integers(128, 1536))
def test_bytes_change_a_cosine_by_a_few_thousandths_at_most(seed: int, dimensions: int) -> None:
    """At the dimensions of models; at 8 dimensions the error is about 0.01."""
    one, other = directions(seed, 8, dimensions), directions(seed + 1, 8, dimensions)
    one[0] = other[0]
    was, whole = one.astype(float) @ other.T.astype(float), unpacked(packed(other))
    assert np.abs(unpacked(packed(one)) @ whole.T - was).max() <= 0.006
    assert np.abs(one @ whole.T - was).max() <= 0.006
    assert np.abs(matrix(packed(other)).cosines(one) - was).max() <= 0.006


@given(seeds, st.integers(1, 1536), st.floats(0, 0.999))
def test_bytes_turn_a_vector_by_at_most_half_a_step_in_each_dimension(
    seed: int, dimensions: int, outlier: float
) -> None:
    """This also holds for vectors with one dominant dimension, as some models make them."""
    vectors = directions(seed, 4, dimensions) * np.float32(np.sqrt(1 - outlier**2))
    vectors[:, 0] += np.copysign(np.float32(outlier), vectors[:, 0])
    true = vectors.astype(float)
    true /= np.linalg.norm(true, axis=1, keepdims=True)
    lost = np.sqrt(dimensions) * 0.5 / 127 * np.abs(true).max(axis=1)
    sines = np.linalg.norm(
        true - (true * unpacked(packed(vectors))).sum(axis=1, keepdims=True) * unpacked(packed(vectors)), axis=1
    )
    assert (sines <= np.minimum(lost, 1) + 1e-5).all()


@given(seeds, counts, st.sampled_from(DIMENSIONS), st.floats(1e-6, 1e6))
def test_the_length_of_a_vector_does_not_matter(seed: int, count: int, dimensions: int, times: float) -> None:
    vectors = directions(seed, count, dimensions)
    rows = packed(vectors)
    assert rows.dtype == np.int8
    assert (np.abs(rows.astype(int)).max(axis=1) == 127).all()
    assert np.abs(packed(vectors * np.float32(times)).astype(int) - rows).max() <= 1
    assert np.linalg.norm(unpacked(rows), axis=1) == pytest.approx(1, abs=1e-5)
    assert (packed(unpacked(rows)) == rows).all()


@pytest.mark.parametrize("dimensions", DIMENSIONS)
@pytest.mark.parametrize("least", [0.0, 1e-45, 1e-30])
def test_a_zero_vector_has_the_cosine_zero_with_every_vector_and_no_warning(dimensions: int, least: float) -> None:
    vectors = np.vstack([np.full((1, dimensions), least, np.float32), directions(1, 2, dimensions)])
    rows = packed(vectors)
    assert not rows[0].any()
    assert not unpacked(rows)[0].any()
    for cosines in (matrix(rows).cosines(vectors), without_simsimd(matrix(rows), vectors)):
        assert np.isfinite(cosines).all()
        assert not cosines[0].any()
        assert not cosines[:, 0].any()
        assert cosines[1, 1] == pytest.approx(1, abs=1e-6)


def test_a_matrix_without_rows_remains_empty() -> None:
    assert packed(np.zeros((0, 8), np.float32)).shape == unpacked(np.zeros((0, 8), np.int8)).shape == (0, 8)
    assert len(matrix(np.zeros((0, 0), np.int8))) == 0


# -- the matrix --------------------------------------------------------------------------------------------------------


@given(seeds, counts, counts, st.sampled_from(DIMENSIONS))
def test_the_cosines_equal_those_of_integer_arithmetic(seed: int, queries: int, count: int, dimensions: int) -> None:
    texts, rows = directions(seed, queries, dimensions), bytes_of(seed, count, dimensions)
    cosines = matrix(rows).cosines(texts)
    assert cosines.shape == (queries, count)
    assert cosines.dtype == np.float32
    assert np.abs(cosines - integer_cosines(texts, rows)).max() <= 3e-7


@given(seeds, counts, counts, st.integers(1, EXACT))
def test_without_simsimd_the_cosines_are_the_same_to_the_last_bit(
    seed: int, queries: int, count: int, dimensions: int
) -> None:
    pytest.importorskip("simsimd")
    texts = bytes_of(seed, queries, dimensions).astype(np.float32)
    rows = bytes_of(seed + 1, count, dimensions)
    stored = matrix(rows)
    cosines = stored.cosines(texts)
    assert cosines.tobytes() == without_simsimd(stored, texts).tobytes()
    exact = packed(texts).astype(np.int64) @ rows.astype(np.int64).T
    assert (dense._multiplier()(packed(texts), rows) == exact).all()


@given(seeds, st.integers(EXACT, 1536))
def test_without_simsimd_the_cosines_of_the_longest_vectors_are_the_same_too(seed: int, dimensions: int) -> None:
    texts, stored = directions(seed, 5, dimensions), matrix(packed(directions(seed + 1, 7, dimensions)))
    assert stored.cosines(texts).tobytes() == without_simsimd(stored, texts).tobytes()


def test_rows_that_are_multiplied_in_parts_are_all_multiplied() -> None:
    rows, texts = bytes_of(1, 2 * 4096 + 3, 16), directions(2, 3, 16)
    stored = matrix(rows)
    expected = integer_cosines(texts, rows)
    for cosines in (stored.cosines(texts), without_simsimd(stored, texts)):
        assert np.abs(cosines - expected).max() <= 3e-7


@given(seeds, st.lists(st.integers(0, 7), max_size=12), st.sampled_from(DIMENSIONS))
def test_rows_added_in_parts_give_the_same_cosines_as_rows_added_at_once(
    seed: int, sizes: list[int], dimensions: int
) -> None:
    rows, texts = bytes_of(seed, sum(sizes) + 1, dimensions), directions(seed, 2, dimensions)
    whole, grown = matrix(rows), matrix(*np.split(rows, np.cumsum(sizes)))
    assert len(grown) == len(whole) == len(rows)
    assert grown.cosines(texts).tobytes() == whole.cosines(texts).tobytes()
    some, others = np.random.default_rng(seed).integers(0, len(rows), (2, 5))
    exact = rows.astype(np.float64)
    exact /= np.maximum(np.linalg.norm(exact, axis=1, keepdims=True), 1e-12)
    assert np.abs(grown.between(some, others) - exact[some] @ exact[others].T).max() <= 3e-7


@given(seeds, counts, counts)
def test_a_cosine_does_not_depend_on_other_facts_or_queries(seed: int, queries: int, count: int) -> None:
    texts, rows = directions(seed, queries, 384), packed(directions(seed + 1, count, 384))
    together = matrix(rows).cosines(texts)
    for nth in range(queries):
        for place in range(count):
            alone = matrix(rows[place : place + 1]).cosines(texts[nth : nth + 1])
            assert alone.tobytes() == together[nth, place].tobytes()
