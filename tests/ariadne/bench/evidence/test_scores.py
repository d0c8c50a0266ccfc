"""Scores of rankings: shares of the evidence, and intervals that contain the mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariadne.bench.evidence.scores import PLACES, mean_of, scores_of

KEYS = st.lists(st.integers(0, 60).map(str), unique=True, max_size=50)
RANKED = st.lists(st.tuples(KEYS, KEYS.filter(bool)), min_size=1, max_size=5)


def test_the_recall_of_evidence_is_its_share_among_the_first_places() -> None:
    scores = scores_of([(["a", "x", "b"], ["a", "b"]), (["x", "y"], ["c"])])
    assert [scores[f"@{k}"].mean for k in PLACES] == [0.25, 0.25, 0.5, 0.5, 0.5, 0.5]
    assert (scores["all@5"].mean, scores["any@5"].mean) == (0.5, 0.5)


def test_evidence_that_is_named_twice_counts_once() -> None:
    assert scores_of([(["a"], ["a", "a", "b"])])["@1"].mean == 0.5


@given(RANKED)
def test_more_places_never_hold_less_evidence(ranked: list[tuple[list[str], list[str]]]) -> None:
    scores = scores_of(ranked)
    means = [scores[f"@{k}"].mean for k in PLACES]
    assert means == sorted(means)
    for k in (5, 10):
        assert scores[f"all@{k}"].mean <= scores[f"@{k}"].mean <= scores[f"any@{k}"].mean


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_an_interval_is_the_same_each_time_and_lies_within_the_values(values: list[float]) -> None:
    mean = mean_of(values)
    assert mean == mean_of(values)
    assert min(values) - 1e-4 <= mean.low <= mean.high <= max(values) + 1e-4
    assert mean.mean == pytest.approx(sum(values) / len(values), abs=1e-4)


def test_equal_values_have_an_interval_without_width() -> None:
    assert mean_of([1.0, 1.0, 1.0]) == (1, 1, 1)
