"""The selection of facts, against an oracle that prices every fact from the beginning."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ariadne.memory.retrieval import ranking
from ariadne.memory.retrieval.ranking import RedundancyPenalty, select

FREE = RedundancyPenalty(0, 0, 0)
seeds = st.integers(0, 2**32 - 1)


def pairs(rng: np.random.Generator, count: int, names: int) -> list[tuple[int, int]]:
    return [(one, other) for one, other in rng.integers(0, names, (count, 2)).tolist()]


@dataclass(frozen=True)
class Found:
    """What queries found: the scores of each; of the facts the names, which are given anyway, and the sources that
    state them."""

    scores: list[list[float]]
    ends: list[tuple[int, int]]
    given: list[int]
    sources: list[list[bool]]

    def select(self, penalty: RedundancyPenalty = FREE, most: int = 99) -> list[int]:
        """Return the order in which facts are selected; the arguments must not change."""
        scores = [np.array(each, np.float64) for each in self.scores]
        arrays: list[NDArray[Any]] = [*scores, np.array(self.ends, np.int64).reshape(-1, 2)]
        before = [array.copy() for array in arrays]
        sources = np.array(self.sources, np.bool_).reshape(len(self.ends), -1 if self.ends else 0)
        chosen = select(scores, arrays[-1], sources, most, penalty=penalty, given=self.given)
        assert all(np.array_equal(array, old) for array, old in zip(arrays, before, strict=True))
        return chosen

    def price(self, place: int, penalty: RedundancyPenalty, chosen: Sequence[int]) -> float:
        """Return what a fact loses for these selected before it, counted from the beginning."""
        counts, by_source = Counter[int](), Counter[tuple[int, int]]()
        for other in (*self.given, *chosen):
            for name in set(self.ends[other]):
                counts[name] += 1
                by_source.update((source, name) for source, states in enumerate(self.sources[other]) if states)
        one, two = self.ends[place]
        repeated = [
            math.log1p(by_source[source, one] + by_source[source, two])
            for source, states in enumerate(self.sources[place])
            if states
        ]
        names = math.log1p(counts[one]) + math.log1p(counts[two])
        both = counts[one] > 0 and counts[two] > 0
        return penalty.name * names + penalty.pair * both + penalty.source * min(repeated, default=0.0)

    def left(self, query: int, chosen: Sequence[int], penalty: RedundancyPenalty) -> dict[int, float]:
        """Return the utility of the facts that a query found and that are not yet selected."""
        return {
            place: score - self.price(place, penalty, chosen)
            for place, score in enumerate(self.scores[query])
            if score > -math.inf and place not in (*self.given, *chosen)
        }


@st.composite
def founds(draw: st.DrawFn, most: int = 3) -> Found:
    count, queries, rng = draw(st.integers(0, 9)), draw(st.integers(0, most)), np.random.default_rng(draw(seeds))
    scores = rng.choice([0.3, 0.5, 0.7, 1.0], (queries, count))
    scores[rng.random((queries, count)) < rng.choice([0.1, 0.4, 0.9], (queries, 1))] = -np.inf
    return Found(
        scores.tolist(),
        pairs(rng, count, 5),
        rng.permutation(count)[: rng.choice([0, 0, 1, 3])].tolist(),
        (rng.random((count, draw(st.integers(0, 2)))) < 0.5).tolist(),
    )


penalties = st.builds(RedundancyPenalty, *[st.sampled_from([0.0, 0.2, 0.7])] * 3)


@given(founds(), penalties, st.integers(0, 9))
def test_queries_in_turn_select_the_fact_of_the_highest_utility_left(
    found: Found, penalty: RedundancyPenalty, most: int
) -> None:
    chosen, turn = found.select(penalty, most), 0
    for nth, place in enumerate(chosen):
        while not (left := found.left(turn % len(found.scores), chosen[:nth], penalty)):
            turn += 1  # a query without facts is passed over
        assert left[place] >= max(left.values()) - 1e-9
        turn += 1
    assert len(chosen) == most or not any(found.left(query, chosen, penalty) for query in range(len(found.scores)))


@given(founds(), penalties, st.integers(0, 9))
def test_as_many_facts_as_requested_are_selected_each_once(found: Found, penalty: RedundancyPenalty, most: int) -> None:
    chosen = found.select(penalty, most)
    there = {place for each in found.scores for place, score in enumerate(each) if score > -math.inf} - {*found.given}
    assert len(set(chosen)) == len(chosen) == min(most, len(there))
    assert set(chosen) <= there
    assert chosen == found.select(penalty)[:most]


@given(founds(most=1))
def test_without_a_penalty_one_query_selects_the_best_first(found: Found) -> None:
    ranked = sorted((-score, place) for each in found.scores for place, score in enumerate(each) if score > -math.inf)
    assert found.select() == [place for _, place in ranked if place not in found.given]


@given(founds())
def test_a_query_without_facts_leaves_its_turns_to_the_others(found: Found) -> None:
    nothing = [-math.inf] * len(found.ends)
    alone = [replace(found, scores=[each]).select() for each in found.scores]
    for each, expected in zip(found.scores, alone, strict=True):
        assert replace(found, scores=[nothing, each, nothing]).select() == expected


def test_an_unused_turn_goes_to_the_next_query_and_the_other_queries_keep_their_turns() -> None:
    out = -math.inf
    found = Found(
        [
            [0.9, out, out, 0.8, 0.7, out, out],
            [out, 0.9, out, out, out, 0.8, 0.7],
            [out, out, 0.9, out, out, out, out],
        ],
        [(nth, nth) for nth in range(7)],
        [],
        [[]] * 7,
    )
    assert found.select() == [0, 1, 2, 3, 5, 4, 6]


@given(founds(), penalties)
def test_facts_without_a_source_have_no_source_penalty(found: Found, penalty: RedundancyPenalty) -> None:
    unnamed: list[list[bool]] = [[] for _ in found.ends]
    unstated = [[False, False] for _ in found.ends]
    expected = replace(found, sources=unnamed).select(replace(penalty, source=0.0))
    assert (
        replace(found, sources=unnamed).select(penalty) == replace(found, sources=unstated).select(penalty) == expected
    )


@given(founds(), penalties, st.integers(0, 4), st.integers(0, 9))
def test_facts_behind_the_careful_selection_come_by_their_scores(
    found: Found, penalty: RedundancyPenalty, careful: int, most: int
) -> None:
    """So that a recall of ten thousand facts takes no ten thousand turns."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranking, "CAREFUL", careful)
        chosen = found.select(penalty, most)
    assert chosen[:careful] == found.select(penalty, min(careful, most))
    best = [max(each) for each in zip(*found.scores, strict=True)]
    known = {*found.given, *chosen[:careful]}
    rest = [place for place, score in enumerate(best) if score > -math.inf and place not in known]
    assert chosen[careful:] == sorted(rest, key=lambda place: (-best[place], place))[: max(most - careful, 0)]


def test_a_fact_about_new_names_comes_before_an_equal_fact_about_known_names() -> None:
    found = Found([[0.9, 0.9, 0.8, 0.1]], [(0, 1), (0, 2), (3, 4), (0, 1)], [3], [[]] * 4)
    assert found.select() == [0, 1, 2]
    assert found.select(RedundancyPenalty(0.2, 0, 0)) == [2, 1, 0]
    assert found.select(RedundancyPenalty(0, 0.2, 0)) == [1, 2, 0]


@given(st.integers(1, 12), st.floats(0.01, 0.5), st.floats(0.05, 1.0))
def test_a_source_that_repeats_itself_does_not_crowd_out_another(times: int, gap: float, source: float) -> None:
    """One source states many facts about a name; another states one, less near by `gap`."""
    overtaken = [times_before for times_before in range(times) if source * math.log1p(times_before) > gap]
    assume(all(abs(source * math.log1p(times_before) - gap) > 1e-6 for times_before in range(times)))
    found = Found(
        [[1.0] * times + [1.0 - gap]],
        [(0, 1 + nth) for nth in range(times + 1)],
        [],
        [[True, False]] * times + [[False, True]],
    )
    assert found.select().index(times) == times
    assert found.select(RedundancyPenalty(0, 0, source)).index(times) == min(overtaken, default=times)


def test_a_fact_that_another_source_states_too_has_no_source_penalty() -> None:
    found = Found([[1.0, 0.9, 0.89]], [(0, 1), (0, 2), (0, 3)], [], [[True, False], [True, False], [True, True]])
    assert found.select() == [0, 1, 2]
    assert found.select(RedundancyPenalty(0, 0, 0.2)) == [0, 2, 1]


def test_given_facts_count_for_the_penalty_of_their_source() -> None:
    found = Found([[1.0, 0.9, 0.5]], [(0, 1), (0, 2), (0, 3)], [2], [[True, False], [False, True], [True, False]])
    assert found.select() == [0, 1]
    assert found.select(RedundancyPenalty(0, 0, 0.2)) == [1, 0]
