"""The search for weights: it changes what gains, leaves alone what does not, and never lowers the score."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ariadne.bench.evidence.ascent import MARGIN, ascend, most_scores, values_of
from ariadne.memory import Weights

NUMBERS = st.floats(0, 1, allow_subnormal=False).map(lambda number: round(number, 4))
WEIGHTS = st.builds(Weights, words=NUMBERS, link=NUMBERS, neighbors=st.tuples(*[NUMBERS] * 4))


def distance(one: Weights, other: Weights) -> float:
    """Return how far two weights with the same names are from each other."""
    wanted = values_of(other)
    return sum(abs(value - wanted[name]) for name, value in values_of(one).items())


def test_weights_come_near_the_best_ones_also_from_zero_and_down_to_zero() -> None:
    start = Weights(words=0.3, source=0, neighbors=(0.1, 0.5, 0.15, 0.1), link=0.2)
    best = Weights(words=0.42, source=0.17, neighbors=(0.3, 0.2, 0.15, 0.1), link=0)
    found = ascend(start, lambda weights: -distance(weights, best))
    assert found.link == 0
    assert distance(found, best) < 0.1 < distance(start, best)


def test_a_weight_that_gains_next_to_nothing_keeps_its_value() -> None:
    start = Weights()
    assert ascend(start, lambda weights: MARGIN * weights.words) == start
    assert ascend(start, lambda _: 1.0) == start


@given(start=WEIGHTS, best=WEIGHTS)
def test_the_score_never_falls_and_no_weight_is_negative(start: Weights, best: Weights) -> None:
    scored = set[Weights]()

    def score(weights: Weights) -> float:
        scored.add(weights)
        return -distance(weights, best)

    found = ascend(start, score)
    assert found == start or score(found) > score(start) + MARGIN
    assert min(values_of(found).values()) >= 0
    assert len(scored) <= most_scores(start)


def test_each_number_has_a_name() -> None:
    values = values_of(Weights(words=0.5, neighbors=(0.25, 0.75, 0.1, 0.2)))
    assert (values["words"], values["neighbors[0]"], values["neighbors[1]"]) == (0.5, 0.25, 0.75)
    assert "neighbors" not in values
