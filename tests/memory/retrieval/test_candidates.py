"""The search by chains, against oracles that go through all chains one by one."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ariadne.memory.index.arrays import Rows
from ariadne.memory.retrieval.candidates import (
    NONE,
    OVERSAMPLE,
    REPEATED_PAIR,
    ChainHits,
    FactGraph,
    Mask,
    diverse,
    nearest,
    search_chains,
)

Vector = tuple[float, ...]
Ends = Sequence[tuple[int, int]]
ROUNDED = 3e-4
"""The error of a score for random vectors, as a sum of rounded scores is rounded."""
seeds = st.integers(0, 2**32 - 1)

# The vertices of a 24-cell, one of each opposite pair: all cosines are multiples of a half, so that many chains are
# equally near to a query and no float is in doubt; no sum of any of them is zero.
CELL = [vector for vector in product((-1.0, 0.0, 1.0), repeat=4) if sum(map(abs, vector)) == 1 and sum(vector) > 0]
CELL += [(0.5, *rest) for rest in product((-0.5, 0.5), repeat=3)]


@dataclass(frozen=True)
class Table:
    """Facts as vectors, with their links, the hidden ones, their names, and a bonus for each.

    `links` (before, after) holds 0 for no link, 1 for a link, 2 for a link from elsewhere. Without `ends` no two facts
    have the same names.
    """

    query: Vector
    facts: Sequence[Vector]
    links: NDArray[np.int64]
    hidden: frozenset[int] = frozenset()
    ends: Ends = ()
    bonus: Sequence[float] = (0.0,)

    @property
    def named(self) -> Ends:
        return self.ends or [(row, row) for row in range(len(self.facts))]

    @property
    def rows(self) -> list[int]:
        return [row for row in range(len(self.facts)) if row not in self.hidden]

    def search(
        self, depth: int, width: int = 99, pool: int = 99, most: int = 0
    ) -> dict[int, tuple[float, int, int, float]]:
        """Return by row: score, length, the fact before, and the score of the best chain from elsewhere."""
        query, facts = np.array(self.query, np.float32), np.array(self.facts, np.float32).reshape(-1, len(self.query))
        scores = facts @ query
        scores[list(self.hidden)] = -np.inf

        def linked(heads: Rows, rows: Rows) -> tuple[Mask, Mask]:
            links = self.links[np.ix_(heads, rows)]
            return links > 0, links > 1

        graph = FactGraph(
            lambda rows, others: facts[rows] @ facts[others].T,
            lambda rows: np.array(self.named, np.int64).reshape(-1, 2)[rows],
            lambda rows: np.flatnonzero(self.links[rows].any(axis=0)),
            linked,
        )
        bonus = np.array(self.bonus, np.float32)
        return by_row(search_chains(graph, scores, depth=depth, width=width, pool=pool, most=most, bonus=bonus))


def by_row(hits: ChainHits) -> dict[int, tuple[float, int, int, float]]:
    columns = (hits.scores, hits.lengths, hits.previous, hits.linked)
    assert len(set(hits.rows.tolist())) == len(hits.rows)
    return dict(zip(hits.rows.tolist(), zip(*(column.tolist() for column in columns), strict=True), strict=True))


@st.composite
def tables(draw: st.DrawFn, most: int = 8) -> Table:
    count, rng = draw(st.integers(0, most)), np.random.default_rng(draw(seeds))
    query, *facts = (CELL[place] for place in rng.integers(0, len(CELL), 1 + count))
    links = rng.choice(3, (count, count), p=draw(st.sampled_from([(0.8, 0.1, 0.1), (0.4, 0.3, 0.3)])))
    hidden = frozenset(np.flatnonzero(rng.random(count) < 0.15).tolist())
    return Table(query, facts, links, hidden, pairs(rng, count, 3), rng.choice([0.0, 0.0, 0.7], count).tolist())


def pairs(rng: np.random.Generator, count: int, names: int) -> list[tuple[int, int]]:
    return [(one, other) for one, other in rng.integers(0, names, (count, 2)).tolist()]


def dot(one: Vector, other: Vector) -> float:
    return math.fsum(a * b for a, b in zip(one, other, strict=True))


def plus(one: Vector, other: Vector) -> Vector:
    return tuple(a + b for a, b in zip(one, other, strict=True))


def unit(vector: Vector) -> Vector:
    return tuple(number / math.hypot(*vector) for number in vector)


def nearness(table: Table, chain: Sequence[int]) -> float:
    """Return the cosine of query and sum, where the facts before the last enter as one unit vector."""
    total = table.facts[chain[0]]
    for row in chain[1:]:
        total = plus(unit(total), table.facts[row])
    return dot(table.query, unit(total))


def all_chains(table: Table, depth: int) -> Iterator[tuple[int, ...]]:
    for length in range(1, depth + 1):
        for chain in permutations(table.rows, length):
            if all(table.links[one, after] for one, after in pairwise(chain)):
                yield chain


def sorted_out(scores: Sequence[float], ends: Ends, most: int) -> list[int]:
    """Return the nearest after a penalty for nearer facts of the same names, one by one."""
    ranked = sorted((-round(score, 4), row) for row, score in enumerate(scores) if score > -math.inf)
    rows = [row for _, row in ranked[: OVERSAMPLE * most]]
    if len(rows) <= most:
        return rows
    before, left = Counter[frozenset[int]](), dict[int, float]()
    for row in rows:
        left[row] = scores[row] - REPEATED_PAIR * math.log1p(before[frozenset(ends[row])])
        before[frozenset(ends[row])] += 1
    return sorted(rows, key=lambda row: -round(left[row], 4))[:most]


def searched(table: Table, depth: int, width: int, pool: int) -> dict[int, tuple[float, int, int, float]]:
    """Return what a search one chain at a time finds: at each length the `width` best chains are extended."""
    near = {row: round(dot(table.query, table.facts[row]), 4) for row in table.rows}
    ranked = sorted(table.rows, key=lambda row: (-near[row], row))
    scores = [near.get(row, -math.inf) + gain for row, gain in enumerate(table.bonus)]
    seen = sorted_out(scores, table.named, pool) if depth else []
    found = {row: (near[row], 1, NONE, 0.0) for row in seen}
    first = sorted(seen, key=lambda row: -near[row])[:width]
    heads: list[tuple[tuple[int, ...], Vector]] = [((row,), table.facts[row]) for row in first]
    for length in range(2, depth + 1):
        around = [row for row in ranked if row not in found and any(table.links[rows[-1], row] for rows, _ in heads)]
        seen += around[:pool]
        found |= {row: (near[row], 1, NONE, 0.0) for row in around[:pool]}
        reached = []
        for place, row in enumerate(seen):
            steps = [
                (round(dot(table.query, unit(plus(head, table.facts[row]))), 4), -nth)
                for nth, (rows, head) in enumerate(heads)
                if table.links[rows[-1], row] and row not in rows
            ]
            if not steps:
                continue
            score, nth = max(steps)
            rows, head = heads[-nth]
            how = (score, length, rows[-1]) if score > found[row][0] else found[row][:3]
            from_elsewhere = [score for score, nth in steps if table.links[heads[-nth][0][-1], row] > 1]
            found[row] = (*how, max(found[row][3], *from_elsewhere, 0.0))
            reached.append((-score, place, ((*rows, row), unit(plus(head, table.facts[row])))))
        heads = [head for _, _, head in sorted(reached)[:width]]
    return found


# -- chains ------------------------------------------------------------------------------------------------------------


@given(tables(), st.integers(0, 2))
def test_a_fact_has_the_score_of_the_best_chain_that_ends_in_it(table: Table, depth: int) -> None:
    found = table.search(depth)
    every = list(all_chains(table, depth))
    assert set(found) == {chain[-1] for chain in every}
    for row, (score, length, before, linked) in found.items():
        ending = {chain: round(nearness(table, chain), 4) for chain in every if chain[-1] == row}
        assert score == max(ending.values())
        assert linked == max(
            [0.0, *(its for chain, its in ending.items() if len(chain) > 1 and table.links[chain] > 1)]
        )
        assert length == min(len(chain) for chain, its in ending.items() if its == score)
        assert before == NONE if length == 1 else ending[before, row] == score


@given(tables(), st.integers(0, 4), st.sampled_from([1, 2, 3, 99]), st.sampled_from([1, 2, 3, 99]))
def test_the_search_finds_what_a_search_chain_by_chain_finds(table: Table, depth: int, width: int, pool: int) -> None:
    assert table.search(depth, width, pool) == searched(table, depth, width, pool)


@given(tables(most=6), st.integers(1, 3), st.integers(1, 4), st.integers(1, 4))
def test_a_narrow_search_finds_no_chain_that_does_not_exist(table: Table, depth: int, width: int, pool: int) -> None:
    found = table.search(depth, width, pool)
    best, linked = dict[int, float](), dict[int, float]()
    for chain in all_chains(table, depth):
        score, row = round(nearness(table, chain), 4), chain[-1]
        best[row] = max(best.get(row, -1), score)
        linked[row] = max(linked.get(row, 0), score if len(chain) > 1 and table.links[chain[-2:]] > 1 else 0)
    assert set(found) <= set(best)
    assert len(found) <= depth * pool
    for row, (score, length, before, farther) in found.items():
        assert round(nearness(table, [row]), 4) <= score <= best[row]
        assert farther <= linked[row]
        assert (length == 1) == (before == NONE)
        assert 1 <= length <= depth
        assert before == NONE or table.links[before, row]


@given(tables(), st.integers(1, 3), st.integers(1, 3))
def test_a_wider_search_loses_no_chain_of_two_facts(table: Table, width: int, more: int) -> None:
    narrow, wide = table.search(2, width), table.search(2, width + more)
    assert set(narrow) == set(wide)
    assert all(narrow[row][0] <= wide[row][0] and narrow[row][3] <= wide[row][3] for row in narrow)


@given(tables(), st.integers(0, 3), st.integers(1, 4), st.integers(1, 4))
def test_a_deeper_search_keeps_what_a_shorter_one_found(table: Table, depth: int, width: int, pool: int) -> None:
    shorter, longer = table.search(depth, width, pool), table.search(depth + 1, width, pool)
    assert list(shorter) == list(longer)[: len(shorter)]
    assert all(shorter[row][0] <= longer[row][0] and shorter[row][3] <= longer[row][3] for row in shorter)


@given(tables(), st.integers(1, 3), st.integers(1, 4), st.integers(1, 4))
def test_a_hidden_fact_has_no_effect_on_the_search(table: Table, depth: int, width: int, pool: int) -> None:
    bare = table.links.copy()
    for row in table.hidden:
        bare[row, :] = bare[:, row] = 0
    assert table.search(depth, width, pool) == replace(table, links=bare).search(depth, width, pool)
    assert not table.hidden & set(table.search(depth, width, pool))


@given(tables(), st.integers(1, 3), st.integers(1, 4), st.integers(-1, 4))
def test_a_request_for_many_facts_adds_the_nearest_as_chains_of_one(
    table: Table, depth: int, pool: int, more: int
) -> None:
    most = pool + more
    chained, found = table.search(depth, 2, pool), table.search(depth, 2, pool, most)
    near = {row: round(dot(table.query, table.facts[row]), 4) for row in table.rows}
    best = sorted(near, key=lambda row: (-near[row], row))[: most if most > pool else 0]
    assert found == {row: (near[row], 1, NONE, 0.0) for row in best} | chained
    assert list(found)[: len(chained)] == list(chained)


@pytest.mark.parametrize("seed", range(10))
def test_the_scores_are_right_for_random_vectors_too(seed: int) -> None:
    rng = np.random.default_rng(seed)
    query, *facts = (unit(tuple(row)) for row in rng.normal(size=(8, 8)).tolist())
    table = Table(query, facts, rng.integers(0, 3, (7, 7)))
    best = dict[int, float]()
    for chain in all_chains(table, 2):
        best[chain[-1]] = max(best.get(chain[-1], -1), nearness(table, chain))
    assert {row: score for row, (score, *_) in table.search(2).items()} == pytest.approx(best, abs=ROUNDED)


def test_the_answer_is_found_although_it_shares_nothing_with_the_question() -> None:
    links = np.zeros((4, 4), np.int64)
    links[0, 2] = links[2, 3] = 2  # from the question to the answer, past a fact of no concern
    table = Table((1, 0, 0, 0), [(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1)], links)
    assert set(table.search(1, 1, 1)) == {0}
    assert table.search(2, 1, 1) == {0: (1, 1, NONE, 0), 2: (0.7071, 2, 0, 0.7071)}
    assert table.search(3, 1, 1)[3] == (0.5, 3, 2, 0.5)


def test_no_chain_has_a_fact_twice() -> None:
    table = Table((1, 0), [(1, 0), (0, 1)], np.full((2, 2), 2))
    for depth in range(2, 6):
        assert table.search(depth) == {0: (1, 1, NONE, 0.7071), 1: (0.7071, 2, 0, 0.7071)}


@pytest.mark.parametrize("facts", [[(1, 0), (-1, 0)], [(0, 0), (0, 0)]], ids=["opposite", "no direction"])
def test_vectors_that_cancel_out_do_not_spoil_the_other_scores(facts: list[Vector]) -> None:
    links = np.array([[0, 2, 0, 0], [0, 0, 2, 0], [0, 0, 0, 0], [0, 0, 2, 0]])
    table = Table((1, 0), [*facts, (0.6, 0.8), (1, 0)], links)
    for depth in (2, 3):
        found = table.search(depth)
        assert all(math.isfinite(number) for row in found.values() for number in row)
        assert found[2] == (0.8944, 2, 3, 0.8944)


@given(st.lists(st.sampled_from([-math.inf, -1.0, 0.0, 0.5, 0.50001, 0.9]), max_size=30), st.integers(0, 12))
def test_the_nearest_are_the_first_of_all_sorted(scores: list[float], most: int) -> None:
    expected = sorted((-round(score, 4), row) for row, score in enumerate(scores) if score > -math.inf)[:most]
    assert nearest(np.array(scores, np.float32), most).tolist() == [row for _, row in expected]


@given(
    st.lists(st.sampled_from([-math.inf, 0.0, 0.5, 0.50001, 0.52, 0.6, 0.9]), max_size=40), st.integers(0, 12), seeds
)
def test_diverse_facts_are_the_first_after_a_penalty_for_repeated_pairs(
    scores: list[float], most: int, seed: int
) -> None:
    ends = pairs(np.random.default_rng(seed), len(scores), 3)
    table = np.array(ends, np.int64).reshape(-1, 2)
    found = diverse(np.array(scores, np.float32), most, lambda rows: table[rows])
    assert found.tolist() == sorted_out(scores, ends, most)


@given(st.lists(st.sampled_from([-math.inf, 0.0, 0.5, 0.6, 0.9]), max_size=30), st.integers(1, 12))
def test_without_repeated_pairs_diverse_facts_are_the_nearest(scores: list[float], most: int) -> None:
    given = np.array(scores, np.float32)
    found = diverse(given, most, lambda rows: np.column_stack([rows, rows + 1]))
    assert found.tolist() == nearest(given, most).tolist()


@pytest.mark.parametrize("turned", [False, True])
def test_a_fact_in_a_hundred_wordings_leaves_room_for_another(turned: bool) -> None:
    """The order of the two names does not matter."""
    scores, ends = np.array([0.9] * 100 + [0.6]), np.array([(0, 1)] * 100 + [(0, 2)])
    if turned:
        ends[:100:2] = 1, 0
    first = math.ceil(math.exp((0.9 - 0.6) / REPEATED_PAIR)) - 1
    assert nearest(scores, 30).tolist() == list(range(30))
    assert diverse(scores, 30, lambda rows: ends[rows]).tolist() == [*range(first), 100, *range(first, 29)]


def test_a_bonus_admits_a_fact_to_the_pool_without_changing_its_score() -> None:
    table = Table((1, 0), [(0.8, 0.6), (0.6, 0.8)], np.zeros((2, 2), np.int64))
    assert table.search(1, pool=1) == {0: (0.8, 1, NONE, 0)}
    assert replace(table, bonus=(0, 0.3)).search(1, pool=1) == {1: (0.6, 1, NONE, 0)}
