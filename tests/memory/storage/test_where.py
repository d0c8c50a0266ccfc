"""Filters by metadata and world time find exactly the wanted episodes and facts, and never answer a typing error."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ariadne.errors import InvalidInput
from ariadne.memory import AriGraph, MixedTypesWarning, Triplet, UnknownFieldWarning
from ariadne.memory.storage.where import where_from_json
from ariadne.values import Metadata

MAY = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
JUNE = MAY + timedelta(days=31)
GOODS: list[dict[str, Any]] = [
    {"name": "lamp", "price": 8, "tag": ["home", "light"], "sold": False},
    {"name": "desk", "price": 120.5, "tag": ["home"], "sold": True, "due": MAY},
    {"name": "pen", "price": 2, "tag": "office", "sold": False, "due": JUNE},
    {"name": "note"},
]


@pytest.fixture
def shop() -> Iterator[AriGraph]:
    with AriGraph(embedder=None) as memory:
        for number, metadata in enumerate(GOODS):
            stated = [Triplet(metadata["name"], "is in", "shop")]
            text, source = f"There is a {metadata['name']}.", "ann" if number % 2 else "bob"
            memory.remember(text, triplets=stated, source=source, metadata=metadata, at=10 * number)
        yield memory


def names(memory: AriGraph, where: Mapping[str, Any]) -> list[object]:
    """Return the names of the goods that pass, and check that recall, facts and a dry run of forget agree."""
    found = memory.episodes(where=where)
    goods = [episode.metadata["name"] for episode in found]
    assert [fact.subject for fact in memory.facts(where=where)] == goods
    recall = memory.recall("what is in the shop?", where=where, episodes=9)
    assert {fact.subject for fact in recall.facts} == {*goods}
    assert {episode.id for episode in recall.episodes} == {episode.id for episode in found}
    assert memory.forget(where=where, dry_run=True).episodes == found
    return goods


EXPRESSIONS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "equal to a number": ({"price": 8}, ["lamp"]),
    "equal to the same number as a float": ({"price": 2.0}, ["pen"]),
    "equal to a boolean": ({"sold": True}, ["desk"]),
    "equal to a time in another zone": ({"due": MAY.astimezone(timezone(timedelta(hours=5)))}, ["desk"]),
    "at least": ({"price": {"gte": 8}}, ["lamp", "desk"]),
    "in a range": ({"price": {"gt": 2, "lte": 8}}, ["lamp"]),
    "before a time": ({"due": {"lt": JUNE}}, ["desk"]),
    "texts by their letters": ({"name": {"gte": "m", "lt": "o"}}, ["note"]),
    "one of several": ({"name": {"in": ["pen", "desk", "cup"]}}, ["desk", "pen"]),
    "one of several types": ({"price": {"in": ["free", 2]}}, ["pen"]),
    "one element of a list": ({"tag": "home"}, ["lamp", "desk"]),
    "not": ({"tag": {"not": "home"}}, ["pen", "note"]),
    "none of several": ({"name": {"not": ["pen", "desk"]}}, ["lamp", "note"]),
    "not in a range": ({"price": {"not": {"gte": 8}}}, ["pen", "note"]),
    "in, but not": ({"tag": {"in": ["home", "office"], "not": "light"}}, ["desk", "pen"]),
    "all fields": ({"tag": "home", "price": {"lt": 50}}, ["lamp"]),
    "any group": ({"any": [{"price": {"gt": 100}}, {"tag": "office", "sold": False}]}, ["desk", "pen"]),
    "groups in groups": ({"any": [{"any": [{"price": 8}, {"price": 2}], "tag": "home"}]}, ["lamp"]),
    "the source": ({"source": "ann"}, ["desk", "note"]),
    "several sources": ({"source": {"in": ["ann", "bob"], "not": "ann"}}, ["lamp", "pen"]),
    "in nothing": ({"name": {"in": []}}, []),
    "a date as JSON": ({"due": {"gte": {"datetime": "2026-05-02T00:00+00:00"}}}, ["pen"]),
}


@pytest.mark.parametrize("what", EXPRESSIONS)
def test_an_expression_finds_the_episodes_that_pass_it_and_their_facts(shop: AriGraph, what: str) -> None:
    where, expected = EXPRESSIONS[what]
    assert names(shop, where) == expected


@pytest.mark.parametrize("what", EXPRESSIONS)
def test_an_expression_reads_the_same_from_json(shop: AriGraph, what: str) -> None:
    where, expected = EXPRESSIONS[what]
    text = json.dumps(where, default=lambda value: {"datetime": value.isoformat()})
    assert names(shop, where_from_json(text)) == expected


def test_two_bounds_hold_for_one_element_of_a_list() -> None:
    with AriGraph(embedder=None) as memory:
        memory.remember("x", triplets=[], metadata={"marks": [5, 25]})
        memory.remember("y", triplets=[], metadata={"marks": [5, 12]})
        found = memory.episodes(where={"marks": {"gte": 10, "lt": 20}})
        assert [episode.text for episode in found] == ["y"]


def test_metadata_keep_their_types_on_disk_and_through_an_export(tmp_path: Path) -> None:
    metadata: dict[str, Any] = {
        "text": "10",
        "int": 10,
        "float": 0.1,
        "bool": True,
        "time": MAY,
        "list": ["a", 3, False, JUNE],
        "": [],
    }
    with AriGraph.open(tmp_path / "a.db", embedder=None) as memory:
        assert memory.remember("x", triplets=[], metadata=metadata).episode.metadata == metadata
        memory.export_to(tmp_path / "lines")
    with AriGraph.open(tmp_path / "a.db", embedder=None) as memory, AriGraph(embedder=None) as copy:
        copy.import_from(tmp_path / "lines")
        for each in (memory, copy):
            (episode,) = each.episodes(where={"int": {"gte": 10}, "list": JUNE})
            assert episode.metadata == metadata
            assert list(map(type, episode.metadata.values())) == list(map(type, metadata.values()))
            assert each.check() == ()


@pytest.mark.parametrize(
    ("where", "problem"),
    [
        ({"price": {"$gte": 3}}, r"where\['price'\] has the unknown operator '\$gte': did you mean 'gte'"),
        ({"price": {"ne": 3}}, "give not"),
        ({"not": {"sold": True}}, r"where\['not'\]: 'not' stands inside a field: give {'sold': {'not': True}}"),
        ({"gte": {"price": 3}}, r"give {'price': {'gte': 3}}"),
        ({"$not": {"sold": True}}, r"'not' stands inside a field"),
        ({"price": {"eq": 3}}, "give the value itself"),
        ({"price": {"gt": 3, "lt": "z"}}, "values of different types"),
        ({"price": {"gte": "10"}}, "compares 'price' with '10', but its values are numbers"),
        ({"price": "8"}, "compares 'price' with '8', but its values are numbers"),
        ({"sold": {"gt": False}}, "have no order"),
        ({"sold": 0}, "its values are True and False"),
        ({"due": "2026-05-01"}, "its values are datetimes"),
        ({"due": datetime(2026, 5, 1)}, "has no time zone"),
        ({"tag": ["home"]}, "give {'in': "),
        ({"OR": [{"price": 3}]}, "only 'any' takes one"),
        ({"any": [{}]}, "empty group"),
        ({"any": [3]}, "is not a mapping"),
        ({"price": {}}, "has no operator"),
        ({"price": None}, "NoneType"),
        ({"price": {"in": "abc"}}, "is not a list"),
        ({"price": {"in": list(range(10_001))}}, "more than 10,000 values"),
        ({3: 4}, "a field in where"),
        ("price", "is not a mapping"),
    ],
)
def test_a_wrong_expression_is_an_error_that_names_its_place(shop: AriGraph, where: Any, problem: str) -> None:
    calls: list[Callable[[], object]] = [
        lambda: shop.recall("lamp", where=where),
        lambda: shop.episodes(where=where),
        lambda: shop.facts(where=where),
        lambda: shop.forget(where=where),
    ]
    for call in calls:
        with pytest.raises(InvalidInput, match=problem):
            call()
    assert len(shop.episodes()) == len(GOODS)


def test_endless_groups_are_an_error(shop: AriGraph) -> None:
    endless: dict[str, Any] = {}
    endless["any"] = [endless]
    with pytest.raises(InvalidInput, match="where"):
        shop.episodes(where=endless)
    deep: dict[str, Any] = {"price": 8}
    for _ in range(30):
        deep = {"any": [deep]}
    with pytest.raises(InvalidInput, match="inside each other"):
        shop.episodes(where=deep)


def test_a_field_that_no_episode_has_warns_and_names_the_nearest_one(shop: AriGraph) -> None:
    with pytest.warns(
        UnknownFieldWarning, match="the field 'prize', which no episode of this space has: did you mean 'pri"
    ):
        assert shop.recall("lamp", where={"prize": 8}).facts == ()
    with pytest.warns(UnknownFieldWarning, match="known are 'source', 'due', 'name', 'price', 'sold', 'tag'"):
        assert shop.episodes(where={"zzz": 8}) == ()
    with pytest.warns(UnknownFieldWarning):
        assert len(shop.facts(where={"zzz": {"not": 8}})) == len(GOODS)


def test_a_field_with_values_of_several_types_warns_which_ones_are_not_compared() -> None:
    with AriGraph(embedder=None) as memory:
        for price in (12, 2.5, [7, 8], "2"):
            memory.remember("x", triplets=[], metadata={"price": price, "size": 1})
        has = "'price' has texts in 1 episode and numbers in 3 episodes, but where compares only "
        for where, found, compared in (
            ({"price": "12"}, [], "texts"), ({"price": {"gte": 2}}, [1, 2, 3], "numbers"),
            ({"any": [{"price": {"not": 12}}]}, [2, 3, 4], "numbers"),
        ):  # fmt: skip
            with pytest.warns(MixedTypesWarning, match=has + compared):
                assert [episode.id for episode in memory.episodes(where=where)] == found
            with pytest.warns(MixedTypesWarning, match=has + compared):
                assert [episode.id for episode in memory.forget(where=where, dry_run=True).episodes] == found
        assert len(memory.episodes(where={"price": {"in": [12, "2"]}, "size": 1})) == 2


def test_a_list_with_values_of_several_types_is_no_mistake() -> None:
    with AriGraph(embedder=None) as memory:
        memory.remember("x", triplets=[], metadata={"tag": ["a", 3]})
        assert len(memory.episodes(where={"tag": "a"})) == len(memory.episodes(where={"tag": 3})) == 1


def test_forget_never_deletes_by_a_field_that_no_episode_has(shop: AriGraph) -> None:
    with pytest.raises(InvalidInput, match="did you mean 'price'"):
        shop.forget(where={"prise": {"not": 8}})
    assert len(shop.episodes()) == len(GOODS)


def test_an_empty_memory_has_no_field_and_does_not_warn() -> None:
    with AriGraph(embedder=None) as memory:
        assert memory.recall("x", where={"user": "ann"}).text == ""
        assert memory.forget(where={"user": "ann"}).episodes == ()


@pytest.mark.parametrize(
    "value",
    [
        None,
        {"a": 1},
        [["a"]],
        [None],
        b"x",
        float("nan"),
        float("inf"),
        2**63,
        datetime(2026, 5, 1),
        MAY.date(),
        "\ud800",
    ],
)
def test_metadata_that_no_filter_could_compare_are_refused(value: Any) -> None:
    with AriGraph(embedder=None) as memory:
        with pytest.raises(InvalidInput, match=r"metadata\['x'\]|surrogate"):
            memory.remember("x", triplets=[], metadata={"x": value})
        assert memory.episodes() == ()


def test_world_time_bounds_episodes_and_the_facts_that_they_state(shop: AriGraph) -> None:
    shop.remember("The lamp is still there.", triplets=[Triplet("lamp", "is in", "shop")], at=90)
    for since, before, expected in (
        (10, 30, ["desk", "pen"]), (None, 10, ["lamp"]), (30, None, ["lamp", "note"]), (31, 90, []),
    ):  # fmt: skip
        bounds: dict[str, Any] = {"since": since, "before": before}
        assert sorted(fact.subject for fact in shop.facts(**bounds)) == expected
        recall = shop.recall("what is in the shop?", episodes=9, **bounds)
        assert sorted(fact.subject for fact in recall.facts) == expected
        episodes = shop.episodes(**bounds)
        assert len(episodes) == len(expected)
        assert {each.id for each in recall.episodes} == {each.id for each in episodes}
    assert [each.at for each in shop.forget(since=20, before=31).episodes] == [20, 30]


def test_a_bound_of_the_wrong_kind_names_its_argument(shop: AriGraph) -> None:
    with pytest.raises(InvalidInput, match=r"since=2026.*whole numbers"):
        shop.recall("lamp", since=MAY)
    with pytest.raises(InvalidInput, match="before='3' is not a world time"):
        shop.episodes(before="3")


def test_a_fact_that_no_episode_in_range_states_is_explained(shop: AriGraph) -> None:
    recall = shop.recall("lamp", since=10, where={"price": {"gt": 3}})
    missing = shop.why_not(Triplet("lamp", "is in", "shop"), recall)
    assert missing == "No episode that states it (1) passes where={'price': {'gt': 3}}, since=10."


def test_a_text_without_metadata_costs_no_statement_more(tmp_path: Path) -> None:
    with AriGraph.open(tmp_path / "a.db", embedder=None) as memory:

        def statements(metadata: Metadata | None) -> int:
            seen = list[str]()
            memory._store._writer.set_trace_callback(seen.append)
            memory.remember("x", triplets=[], metadata=metadata)
            memory._store._writer.set_trace_callback(None)
            return len(seen)

        memory.remember("x", triplets=[])
        assert statements({"price": 3, "tag": ["a", "b"]}) == statements(None) + 1


# -- the law: SQL finds what Python's own comparisons find -------------------------------------------------------------

SCALARS: st.SearchStrategy[Any] = st.one_of(
    st.integers(-3, 3), st.sampled_from([-0.5, 0.0, 1.0, 2.5]), st.sampled_from(["", "a", "b\0c", "é"]), st.booleans(),
    st.sampled_from([MAY, JUNE]),
)  # fmt: skip
VALUES = SCALARS | st.lists(SCALARS, max_size=3)
FIELDS = st.sampled_from(["x", "y"])
NEGATED = SCALARS | st.lists(SCALARS, max_size=2)
ORDERED = SCALARS.filter(lambda value: not isinstance(value, bool))
OPERATORS = st.one_of(
    st.fixed_dictionaries({"in": st.lists(SCALARS, max_size=3)}, optional={"not": NEGATED}),
    st.fixed_dictionaries({"not": NEGATED}),
    st.fixed_dictionaries({"gte": ORDERED}, optional={"not": NEGATED}),
    ORDERED.flatmap(
        lambda low: st.fixed_dictionaries(
            {"gt": st.just(low), "lte": ORDERED.filter(lambda high: same_kind(low, high))}
        )
    ),
)
GROUPS = st.recursive(
    st.dictionaries(FIELDS, SCALARS | OPERATORS, min_size=1, max_size=2),
    lambda inner: st.fixed_dictionaries({"any": st.lists(inner, max_size=2)}),
    max_leaves=4,
)


def kind(value: object) -> type:
    return float if isinstance(value, int) and not isinstance(value, bool) else type(value)


def same_kind(one: object, other: object) -> bool:
    return kind(one) == kind(other)


def passes(metadata: Mapping[str, Any], where: Mapping[str, Any]) -> bool:
    """Return whether metadata pass an expression, by the comparisons of Python."""
    return all(
        any(passes(metadata, group) for group in wanted)
        if name == "any"
        else holds(elements(metadata.get(name, [])), wanted)
        for name, wanted in where.items()
    )


def elements(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]


def holds(values: Sequence[Any], wanted: Any) -> bool:
    if not isinstance(wanted, dict):
        return any(same_kind(value, wanted) and value == wanted for value in values)
    positive = {name: bound for name, bound in wanted.items() if name != "not"}
    if "not" in wanted and any(holds(values, each) for each in elements(wanted["not"])):
        return False
    return not positive or any(all(compares(value, *each) for each in positive.items()) for value in values)


def compares(value: Any, operator: str, bound: Any) -> bool:
    if operator == "in":
        return any(same_kind(value, each) and value == each for each in bound)
    if not same_kind(value, bound):
        return False
    return bool({"gt": value > bound, "gte": value >= bound, "lt": value < bound, "lte": value <= bound}[operator])


EVERY_KIND = [0, "a", True, MAY]


@pytest.mark.filterwarnings("ignore::ariadne.memory.MixedTypesWarning")
@settings(max_examples=40, deadline=None)
@given(st.lists(st.dictionaries(FIELDS, VALUES), max_size=6), st.lists(GROUPS, min_size=1, max_size=6))
def test_an_expression_finds_what_comparisons_in_python_find(
    metadata: list[dict[str, Any]], expressions: list[dict[str, Any]]
) -> None:
    every = [*metadata, {"x": EVERY_KIND, "y": EVERY_KIND}]  # so each comparison is of a type that the field has
    with AriGraph(embedder=None) as memory:
        memory.remember_many({"text": "x", "triplets": [], "metadata": each} for each in every)
        for where in expressions:
            expected = [number for number, each in enumerate(every, 1) if passes(each, where)]
            assert [episode.id for episode in memory.episodes(where=where)] == expected, where
