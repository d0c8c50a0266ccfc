"""Kinds of names: times, dates, amounts, names and declared kinds."""

from __future__ import annotations

import pytest

from ariadne.memory.ontology.kinds import Kind, Kinds, Phrases

KINDS = Kinds({"group": ["[*] (team|choir)", "nato"]})


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("10:30", "time"), ("3 pm", "time"), ("half past", "common"), ("noon", "time"), ("12 June", "date"),
        ("June 12th, 2026", "date"), ("2026-06-12", "date"), ("12.6.2026", "date"), ("the 5th", "date"),
        ("Friday", "weekday"), ("next Tuesday", "weekday"), ("May 2026", "period"), ("next week", "period"),
        ("2 kg", "amount"), ("$5", "amount"), ("20 employees", "amount"), ("the sales team", "group"),
        ("NATO", "group"), ("Berlin", "proper"), ("the Swan", "proper"), ("the blue tin", "common"),
        ("Victoria (person)", "person"), ("555-0121", "common"), ("3.11 alpha-2", "common"),
    ],
)  # fmt: skip
def test_a_name_has_a_kind(name: str, kind: str) -> None:
    assert KINDS.of(name).kind == kind


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2 kg", "2000 g"), ("1,000 m", "1 km"), ("2,5 l", "2.5 litres"), ("1.200,50 euros", "\u20ac1200.50"),
        ("3 pm", "15:00"), ("12 June", "June 12"), ("noon", "12:00"), ("90 minutes", "1.5 hours"),
    ],
)  # fmt: skip
def test_two_wordings_of_one_value_are_equal(first: str, second: str) -> None:
    assert KINDS.of(first)[:3] == KINDS.of(second)[:3]


def test_units_of_one_dimension_are_compared_and_others_are_not() -> None:
    assert KINDS.of("2 kg").dimension == KINDS.of("2 g").dimension == "mass"
    assert len({KINDS.of(name).dimension for name in ("5 euros", "5 dollars", "5 kg", "5 euros a month")}) == 4
    assert KINDS.of("12 Elm Lane") == Kind("amount", "12 elm lane", "elm lane")


@pytest.mark.parametrize(
    ("wording", "texts"),
    [
        ("[new] (ceo|head) of", ["ceo of", "new head of"]),
        ("moved [(in|on)] [to]", ["moved", "moved in", "moved in to", "moved to"]),
        ("number of *", ["number of employees", "number of old cars"]),
        ("# years", ["34 years"]),
        ("hold[s]", ["hold", "holds"]),
        ("what? (x.y)", ["what? x.y"]),
    ],
)
def test_a_phrase_has_optional_parts_choices_words_and_numbers(wording: str, texts: list[str]) -> None:
    phrases = Phrases([wording])
    assert all(map(phrases.matches, texts))
    assert not any(phrases.matches(f"{text} more x") for text in texts if not wording.endswith("*"))
    assert not any(map(phrases.matches, ["", "of", "newceo of", "number of", "years"]))


def test_a_phrase_that_cannot_be_read_is_named() -> None:
    with pytest.raises(ValueError, match=r"the phrases '\(a; b' cannot be read"):
        Phrases(["(a", "b"])
