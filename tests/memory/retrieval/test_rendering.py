"""What a token budget holds of a recall, and that the text shows exactly that."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariadne import tokens
from ariadne.memory.retrieval.budget import EACH, fit_to_budget
from ariadne.memory.retrieval.rendering import Item, render_text
from ariadne.values import Episode, Fact

Parts = tuple[list[Fact], list[Fact], list[Episode]]
HUGE = "the lamp burns "


def fact(words: str) -> Fact:
    return Fact("key", "is in", words, 0, None, 1, None, (1,))


def episode(words: str, number: int = 1, source: str | None = None, at: int | datetime = 0) -> Episode:
    return Episode(number, words, at, source, {})


words = st.one_of(
    st.sampled_from(
        ["", "box", "ключ в ящике", "鍵は箱の中", "🗝️🗝️", "def f(x): {'a': [x]}", "A\n\nB\n", "   ", "1" * 20]
    ),
    st.text(max_size=12),
    st.integers(1, 60).map(lambda times: HUGE * times),
)
huge = st.integers(500, 4000).map(lambda times: HUGE * times)
dates = st.one_of(st.integers(0, 9), st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-5))])))
sources = st.none() | st.sampled_from(["", "Ann", "Карла"])
facts = st.lists(words.map(fact), max_size=25)
episodes = st.lists(st.builds(episode, words | words | huge, st.integers(1, 2000), sources, dates), max_size=6)
parts = st.tuples(st.lists(words.map(fact), max_size=4), facts, episodes)
budgets = st.integers(0, 60) | st.integers(0, 600)


@pytest.fixture(autouse=True, scope="module", params=["as on this machine", "estimated"])
def counted(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "estimated":
            patch.setattr(tokens, "count", tokens.estimate)
        yield


def ordered(named: Sequence[Fact], found: Sequence[Fact], episodes: Sequence[Episode]) -> list[Item]:
    """What matters most, first: after every ten facts found, an episode."""
    order: list[Item] = list(named)
    for start in range(0, len(found), EACH):
        ten = found[start : start + EACH]
        order += [*ten, *episodes[start // EACH : start // EACH + 1]] if len(ten) == EACH else ten
    return order + list(episodes[len(found) // EACH :])


def same(kept: Sequence[Item], others: Sequence[Item]) -> bool:
    """Return whether these are the very same items: two may be equal."""
    return [id(item) for item in kept] == [id(item) for item in others]


def whole(items: Sequence[Item]) -> list[Item]:
    """Return the items without a shortened one, which is shown only where nothing else fits."""
    return [item for item in items if isinstance(item, Fact) or not (item.passages or item.omitted)]


def left_out(items: Sequence[Item], kept: Sequence[Item]) -> list[Item]:
    there = {id(item) for item in kept}
    return [item for item in items if id(item) not in there]


@given(parts, budgets)
def test_the_text_never_exceeds_its_budget(parts: Parts, most: int) -> None:
    assert tokens.count(render_text(fit_to_budget(*parts, most))) <= most


@given(parts, budgets)
def test_no_dropped_item_would_still_fit(parts: Parts, most: int) -> None:
    kept = fit_to_budget(*parts, most)
    for item in left_out(ordered(*parts), whole(kept)):
        assert tokens.count(render_text([*kept, item])) > most


@given(parts, budgets)
def test_the_most_important_parts_are_taken_first_as_long_as_they_fit(parts: Parts, most: int) -> None:
    expected = list[Item]()
    for item in ordered(*parts):
        if tokens.count(render_text([*expected, item])) <= most:
            expected.append(item)
    kept = fit_to_budget(*parts, most)
    assert same(kept, expected) if expected else not whole(kept)


@given(parts, budgets)
def test_facts_about_names_lose_no_tokens_to_the_facts_found(parts: Parts, most: int) -> None:
    named, found, recalled = parts
    items = fit_to_budget(named, found, recalled, most)
    by_name = fit_to_budget(named, [], [], most)
    assert same(items[: len(by_name)], by_name)
    assert not left_out(whole(items[len(by_name) :]), [*found, *recalled])


@given(parts)
def test_without_a_budget_all_is_kept_with_an_episode_after_every_ten_facts(parts: Parts) -> None:
    everything = fit_to_budget(*parts, None)
    assert same(everything, ordered(*parts))
    assert same(everything, fit_to_budget(*parts, tokens.count(render_text(everything))))


@given(parts, budgets)
def test_the_same_recall_is_cut_the_same_way_each_time(parts: Parts, most: int) -> None:
    named, found, recalled = parts
    kept, again = fit_to_budget(*parts, most), fit_to_budget(tuple(named), tuple(found), tuple(recalled), most)
    assert (kept, render_text(kept)) == (again, render_text(again))


@given(parts, st.none() | budgets)
def test_the_text_holds_exactly_the_facts_and_then_the_episodes(parts: Parts, most: int | None) -> None:
    kept = fit_to_budget(*parts, most)
    rest = render_text(kept)
    for kind, header in ((Fact, "Facts:"), (Episode, "Episodes:")):
        items = [item for item in kept if isinstance(item, kind)]
        shown = (
            "\n".join([header, *(render_text([item]).removeprefix(f"{header}\n") for item in items)]) if items else ""
        )
        assert rest.startswith(shown)
        rest = rest.removeprefix(shown).removeprefix("\n" if shown else "")
    assert rest == ""


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([], ""),
        ([fact("box")], "Facts:\n- key is in box"),
        ([episode("Hi."), fact("box")], "Facts:\n- key is in box\nEpisodes:\n[1] Hi."),
        ([episode("Hi.", 7, "Ann", 3)], "Episodes:\n[7, Ann] Hi."),
        (
            [episode("Hi.", 7, at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))],
            "Episodes:\n[7, 2026-01-02 03:04Z] Hi.",
        ),
    ],
)
def test_a_text_has_the_documented_form(items: list[Item], expected: str) -> None:
    assert render_text(items) == expected


@pytest.mark.parametrize("long", [fact, episode])
def test_an_item_that_is_too_long_makes_room_for_a_shorter_one(long: Callable[[str], Item]) -> None:
    first, second, short = long(HUGE * 4000), fact("box"), episode("Hi.")
    kept = (
        fit_to_budget([first], [second], [short], 40)
        if isinstance(first, Fact)
        else fit_to_budget([], [second], [first, short], 40)
    )
    assert same(kept, [second, short])


def test_a_budget_too_small_for_any_fact_gives_no_bare_heading() -> None:
    least = tokens.count(render_text([fact("box")]))
    for most in range(-1, least):
        assert fit_to_budget([fact("box")], [fact("box")], [], most) == []
    assert fit_to_budget([fact("box")], [], [], least) == [fact("box")]
