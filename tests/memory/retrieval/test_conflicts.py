"""Conflicting facts come together and marked; a fact of several sources is not retired by one."""

from __future__ import annotations

import io
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ariadne import tokens
from ariadne.memory import About, AriGraph, Fact, HashEmbedder, Query, Recall, Replacement, Triplet

WHERE = "where does Ann live?"
ROME, OSLO, BERGEN = (Triplet("Ann", "lives in", city) for city in ("Rome", "Oslo", "Bergen"))
TWO = [("Bob", ROME), ("Carla", OSLO)]

Statement = tuple[str | None, Triplet]
"""A source and what it states."""

HUTS = """
name = "huts"
extends = ["text-world"]
[[relation]]
slot = "place"
nested = true
phrases = ["dwells in"]
"""


def memory_of(*statements: Statement, embedder: HashEmbedder | None = None) -> AriGraph:
    """Return a memory of these statements, an episode each."""
    memory = AriGraph(embedder=embedder)
    for source, triplet in statements:
        memory.remember("x", triplets=[triplet], source=source)
    return memory


def shown(recall: Recall) -> list[str]:
    """Return the facts as the text shows them."""
    return [f"{fact} ({fact.conflict})" if fact.conflict else str(fact) for fact in recall.facts]


def marked(recall: Recall) -> set[Triplet]:
    return {fact.triplet for fact in recall.facts if fact.conflict is not None}


def about_all(memory: AriGraph, **limits: Any) -> Recall:
    """Recall all that holds, by all names."""
    names = sorted({name for fact in memory.facts() for name in fact.triplet.ends})
    return memory.recall([About(name) for name in names], **limits)


# -- how conflicts are shown -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", [WHERE, About("Ann"), Query("Ann lives", 1)], ids=["query", "name", "one hop"])
def test_conflicting_facts_come_together_the_newest_first_with_their_sources(
    query: str | About | Query,
) -> None:
    likes, sings = Triplet("Ann", "likes", "Tess"), Triplet("Tess", "lives near", "Ann")
    memory = memory_of(("Bob", ROME), ("Dan", likes), ("Carla", OSLO), ("Dan", sings))
    recall = memory.recall(query, episodes=0)
    lines = ["Ann lives in Oslo (newest of 2 accounts: Carla, episode 3)"]
    lines += ["Ann lives in Rome (one of 2 accounts: Bob, episode 1)"]
    at = shown(recall).index(lines[0])
    assert shown(recall)[at : at + 2] == lines
    assert marked(recall) == {ROME, OSLO}
    assert recall.text == "\n".join(["Facts:", *(f"- {line}" for line in shown(recall))])


def test_a_conflict_mark_names_the_last_sources_and_the_last_episode() -> None:
    memory = memory_of(*[(source, ROME) for source in ("Ada", "Bob", "Carla", None, "Dan", "Bob")], (None, OSLO))
    assert shown(memory.recall(About("Ann"))) == [
        "Ann lives in Oslo (newest of 2 accounts: episode 7)",
        "Ann lives in Rome (one of 2 accounts: Bob, Dan, Carla and 1 more, episode 6)",
    ]


def test_a_restated_fact_is_the_newest() -> None:
    memory = memory_of(*TWO, ("Bob", ROME))
    assert shown(memory.recall(About("Ann"))) == [
        "Ann lives in Rome (newest of 2 accounts: Bob, episode 3)",
        "Ann lives in Oslo (one of 2 accounts: Carla, episode 2)",
    ]


def test_the_newest_is_the_newest_in_world_time_not_in_order_of_arrival() -> None:
    with AriGraph(embedder=None) as memory:
        memory.remember("x", triplets=[ROME], source="Bob", at=5)
        memory.remember("x", triplets=[OSLO], source="Carla", at=2)
        memory.remember("x", triplets=[BERGEN], source="Dan", at=3)
        assert shown(memory.recall(About("Ann"))) == [
            "Ann lives in Rome (newest of 3 accounts: Bob, episode 1)",
            "Ann lives in Bergen (one of 3 accounts: Dan, episode 3)",
            "Ann lives in Oslo (one of 3 accounts: Carla, episode 2)",
        ]


def test_a_conflicting_fact_that_no_query_found_is_recalled_too() -> None:
    memory = memory_of(*TWO)
    memory.remember("x", triplets=[Triplet(f"guest {n}", "is fond of", "Rome") for n in range(300)], source="list")
    recall = memory.recall(Query("Rome", 1), facts=2, episodes=0)
    assert [fact.triplet for fact in recall.facts] == [OSLO, ROME]
    assert recall.facts[0].why == 'query "Rome", hop 2 through "Ann" of "Ann lives in Rome"'
    alone = memory.recall(Query("Rome", 1), facts=2, trust={"Bob": 0})
    assert OSLO not in {fact.triplet for fact in alone.facts}
    assert [fact.triplet for fact in memory.recall(Query("Rome", 1), facts=1).facts] == [ROME]


def test_a_query_about_a_name_brings_conflicting_facts_and_their_reason() -> None:
    recall = memory_of(*TWO).recall(About("Rome"))
    assert [fact.triplet for fact in recall.facts] == [OSLO, ROME]
    assert [fact.why for fact in recall.facts] == [
        'about "Rome", beside Ann lives in Rome',
        'about "Rome"',
    ]
    assert [reason.after for reason in recall.reasons] == [ROME, None]
    assert len(memory_of(*TWO).recall(About("Rome"), facts=1).facts) == 1


def test_three_of_many_conflicting_facts_come_together_each_of_another_source() -> None:
    by = {"Nice": "CD", "Lyon": "B", "Bern": "E", "Riga": "A", "Kiel": "A", "Turin": "C"}
    memory = memory_of(*((who, Triplet("Ann", "lives in", city)) for city, all_who in by.items() for who in all_who))
    riga, lyon = memory.recall(About("Riga")), memory.recall(About("Lyon"))
    assert [fact.object for fact in riga.facts] == ["Turin", "Riga", "Nice"]
    assert [fact.object for fact in lyon.facts] == ["Turin", "Lyon", "Nice"]
    assert shown(riga)[:2] == [
        "Ann lives in Turin (newest of 6 accounts: C, episode 7)",
        "Ann lives in Riga (one of 6 accounts: A, episode 5)",
    ]


def test_a_conflicting_fact_without_a_source_is_recalled_too() -> None:
    for statements in ([("Bob", ROME), (None, OSLO)], [(None, ROME), (None, OSLO)], [(None, ROME), ("Bob", OSLO)]):
        assert [fact.triplet for fact in memory_of(*statements).recall(About("Rome")).facts] == [OSLO, ROME]


@pytest.mark.parametrize(("others", "along"), [("ABC", True), ("AB", True), ("A", False), ("ABS", False)])
def test_a_fact_of_one_source_brings_what_several_others_state(others: str, along: bool) -> None:
    """Whom Ann knows is no conflict; but one source that names many does not crowd out those that agree."""
    guests = [Triplet("Ann", "knows", who) for who in ("Dan", "Eve", "Flo")]
    memory = memory_of(*((who, Triplet("Ann", "knows", "Bob")) for who in others))
    memory.remember("x", triplets=guests, source="S")
    recall = memory.recall(Query("Dan, Eve, Flo", 1), facts=2)
    assert [fact.object for fact in recall.facts] == ["Dan", "Bob" if along else "Eve"]
    assert marked(recall) == set()


def test_conflict_marks_keep_within_the_budget() -> None:
    memory = memory_of(*TWO, ("Dan", Triplet("Ann", "likes", "tea")))
    whole, seen = memory.recall([WHERE, About("Ann")]), set[str]()
    for budget in range(tokens.count(whole.text) + 1):
        recall = memory.recall([WHERE, About("Ann")], max_tokens=budget)
        assert tokens.count(recall.text) <= budget
        facts = ["Facts:", *(f"- {line}" for line in shown(recall))] if recall.facts else []
        assert recall.text.split("Episodes:")[0].rstrip("\n") == "\n".join(facts)
        seen |= {*shown(recall)}
    assert seen == {*shown(whole), "Ann lives in Oslo (newest of 2 accounts)", "Ann lives in Rome (one of 2 accounts)"}
    assert (recall, shown(recall)) == (whole, shown(whole))


def test_a_reopened_memory_recalls_the_same_conflicts(tmp_path: Path) -> None:
    queries: list[str | About] = [WHERE, About("Oslo")]
    with AriGraph.open(tmp_path / "a.db", embedder=HashEmbedder()) as memory:
        for source, triplet in TWO:
            memory.remember("x", triplets=[triplet], source=source)
        before = memory.recall(queries)
    with AriGraph.open(tmp_path / "a.db", embedder=HashEmbedder()) as memory:
        after = memory.recall(queries)
    assert marked(before) == {ROME, OSLO}
    assert (after, after.text, shown(after)) == (before, before.text, shown(before))


# -- what is a conflict ------------------------------------------------------------------------------------------------


def test_facts_of_one_episode_do_not_conflict() -> None:
    for query in (WHERE, About("Ann")):
        assert marked(memory_of(*TWO).recall(query)) == {ROME, OSLO}
        with AriGraph(embedder=None) as memory:
            memory.remember("x", triplets=[ROME, OSLO], source="Bob")
            assert marked(memory.recall(query)) == set()
        memory = memory_of(*TWO)
        memory.remember("x", triplets=[ROME, OSLO], source="Dan")
        assert marked(memory.recall(query)) == set()


def test_a_relation_with_two_objects_in_one_episode_has_several() -> None:
    memory = memory_of(*TWO)
    assert marked(memory.recall(About("Ann"))) == {ROME, OSLO}
    memory.remember("x", triplets=[Triplet("Tess", "lives in", city) for city in ("Paris", "Kiel")])
    memory.remember("x", triplets=[Triplet("Ann", "works in", city) for city in ("Paris", "Kiel")])
    assert marked(memory.recall(About("Ann"))) == set()
    assert marked(memory.recall(About("Ann"), as_of=2)) == marked(memory.at(2).recall(About("Ann"))) == {ROME, OSLO}
    memory.retract(Triplet("Tess", "lives in", "Kiel"), "Never.")
    assert marked(memory.recall(About("Ann"))) == {ROME, OSLO}


@pytest.mark.parametrize(
    "relation", ["does not like", "doesn't like", "never visits", "cannot eat", "has no", "is not in"]
)
def test_negative_facts_do_not_conflict(relation: str) -> None:
    assert marked(memory_of(*((who, Triplet("Ann", relation, what)) for who, what in ("ax", "by")))
                  .recall(About("Ann"))) == set()  # fmt: skip


@pytest.mark.parametrize("relation", ["likes", "has notes on", "knows"])
def test_relations_that_only_resemble_negative_ones_may_conflict(relation: str) -> None:
    memory = memory_of(*((who, Triplet("Ann", relation, what)) for who, what in ("ax", "by")))
    assert len(marked(memory.recall(About("Ann")))) == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (Triplet("apple", "is in", "box"), Triplet("apple", "is in", "bag")),
        (Triplet("door", "is", "open"), Triplet("door", "is", "closed")),
        (Triplet("rug", "is behind", "door"), Triplet("rug", "is behind", "gate")),
    ],
    ids=str,
)
def test_a_slot_of_the_table_retires_the_old_fact_without_conflict(old: Triplet, new: Triplet) -> None:
    memory = memory_of(("Bob", old), ("Carla", new))
    assert shown(about_all(memory, episodes=0)) == [str(new)]


def test_facts_that_the_table_finds_compatible_do_not_conflict() -> None:
    box, room = Triplet("apple", "is in", "box"), Triplet("apple", "is in", "kitchen")
    memory = memory_of((None, Triplet("box", "is in", "kitchen")), ("Bob", box), ("Carla", room))
    red, sweet = Triplet("apple", "is", "red"), Triplet("apple", "is", "sweet")
    for source, triplet in (("Bob", red), ("Carla", sweet)):
        memory.remember("x", triplets=[triplet], source=source)
    recall = about_all(memory)
    assert {box, room, red, sweet} <= {fact.triplet for fact in recall.facts}
    assert marked(recall) == set()


def test_a_table_of_the_space_itself_settles_conflicts() -> None:
    statements = (("Bob", Triplet("Ann", "dwells in", "hut")), ("Carla", Triplet("Ann", "dwells in", "Oslo")))
    assert len(marked(memory_of(*statements).recall(About("Ann")))) == 2
    with AriGraph(
        embedder=None,
        ontology=HUTS,
    ) as memory:
        for source, triplet in ((None, Triplet("hut", "is in", "Oslo")), *statements):
            memory.remember("x", triplets=[triplet], source=source)
        assert shown(memory.recall(About("Ann"))) == ["Ann dwells in hut", "Ann dwells in Oslo"]


@pytest.mark.parametrize(
    ("objects", "several"),
    [((2,), False), ((2, 2), False), ((2, 1, 1), False), ((2, 2, 1), True), ((2, 2, 1, 1), False), ((3, 2, 2), True)],
)
def test_facts_do_not_conflict_if_most_of_three_subjects_have_several_objects(
    objects: tuple[int, ...], several: bool
) -> None:
    """No episode states two of them."""
    statements = [
        (f"source {n}", Triplet(f"thing {thing}", "goes with", f"object {thing} {n}"))
        for thing, count in enumerate(objects)
        for n in range(count)
    ]
    random.Random(0).shuffle(statements)
    memory = memory_of(*statements)
    assert {triplet for _, triplet in statements if triplet.subject == "thing 0"} == {
        fact.triplet for fact in memory.recall(About("thing 0")).facts
    }
    assert marked(memory.recall(About("thing 0"))) == (
        set() if several else {triplet for _, triplet in statements if triplet.subject == "thing 0"}
    )


def test_retired_facts_do_not_conflict() -> None:
    for old, left in ((ROME, OSLO), (OSLO, ROME)):
        memory = memory_of(*TWO)
        memory.remember("It is over.", triplets=[], outdated=[Replacement(old, None)])
        assert shown(memory.recall(About("Ann"))) == [str(left)]
    memory = memory_of(*TWO)
    memory.retract(ROME, "Bob was mistaken.")
    assert shown(memory.recall(About("Ann"))) == ["Ann lives in Oslo"]


@pytest.mark.parametrize("query", [WHERE, About("Ann")], ids=["query", "name"])
def test_filtered_facts_do_not_conflict(query: str | About) -> None:
    memory = memory_of(*TWO)
    for left, other in ((ROME, "Carla"), (OSLO, "Bob")):
        for limits in ({"trust": {other: 0}}, {"exclude": [2 if other == "Carla" else 1]}):
            assert shown(memory.recall(query, episodes=0, **limits)) == [str(left)]
        assert shown(memory.recall(query, episodes=0, where={"source": "BobCarla".replace(other, "")})) == [str(left)]
    assert marked(memory.recall(query, trust={"Bob": 0.2})) == {ROME, OSLO}


@pytest.mark.parametrize("query", [WHERE, About("Ann")], ids=["query", "name"])
def test_a_snapshot_before_the_second_fact_has_no_conflict(query: str | About) -> None:
    memory = memory_of(*TWO, ("Dan", BERGEN), ("Bob", ROME))
    assert shown(memory.recall(query, as_of=1, episodes=0)) == ["Ann lives in Rome"]
    assert shown(memory.recall(query, as_of=2, episodes=0)) == [
        "Ann lives in Oslo (newest of 2 accounts: Carla, episode 2)",
        "Ann lives in Rome (one of 2 accounts: Bob, episode 1)",
    ]
    assert memory.at(2).recall(query).text == memory.recall(query, as_of=2).text
    assert shown(memory.recall(query, valid_at=1, episodes=0)) == ["Ann lives in Rome"]


def test_the_paper_strategy_marks_no_conflicts() -> None:
    memory = memory_of(*TWO)
    recall = memory.recall([WHERE, About("Ann")], strategy="paper")
    assert {fact.triplet for fact in recall.facts} == {ROME, OSLO}
    assert marked(recall) == set()


def test_conflicts_of_two_subjects_are_not_mixed_up() -> None:
    homes = [Triplet(who, "lives in", city) for who, city in (("Ann", "Rome"), ("Tess", "Rome"), ("Ann", "Oslo"))]
    jobs = [Triplet("Ann", "works in", city) for city in ("Rome", "Oslo")]
    memory = memory_of(*zip("ABCDE", [*homes, *jobs], strict=True))
    assert shown(memory.recall(About("Rome"))) == [
        "Ann lives in Oslo (newest of 2 accounts: C, episode 3)",
        "Ann lives in Rome (one of 2 accounts: A, episode 1)",
        "Tess lives in Rome",
        "Ann works in Oslo (newest of 2 accounts: E, episode 5)",
        "Ann works in Rome (one of 2 accounts: D, episode 4)",
    ]


# -- against an oracle -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """An episode that hypothesis makes."""

    source: str | None
    at: int | None
    triplets: tuple[Triplet, ...]


def triplets_of(objects: Sequence[str]) -> st.SearchStrategy[Triplet]:
    return st.builds(
        Triplet, *map(st.sampled_from, (["Ann", "Tess", "Lars"], ["loves", "not near", "visits"], objects))
    )


lines = st.lists(
    st.builds(
        Line,
        st.sampled_from([None, "Bob", "Carla", "Dan"]),
        st.none() | st.integers(0, 9),
        st.lists(triplets_of(["Oslo", "Rome", "Kiel"]), min_size=1, max_size=2, unique=True).map(tuple)
        | st.tuples(triplets_of(["Oslo", "Rome", "Kiel"])),
    ),
    max_size=9,
)


def contradicting(facts: Iterable[Fact]) -> dict[Triplet, list[Fact]]:
    """Return, by each conflicting triplet, all facts of its subject and relation, found pair by pair."""
    by_relation = defaultdict[str, dict[str, list[Fact]]](lambda: defaultdict(list))
    for fact in facts:
        by_relation[fact.relation][fact.subject].append(fact)
    conflicts = dict[Triplet, list[Fact]]()
    for relation, by_subject in by_relation.items():
        groups = list(by_subject.values())
        stated_together = any(set(a.episodes) & set(b.episodes) for group in groups for a, b in combinations(group, 2))
        most_have = len(groups) >= 3 and sum(len(group) > 1 for group in groups) * 2 > len(groups)
        for group in groups:
            if len(group) > 1 and "not" not in relation and not (stated_together or most_have):
                conflicts |= {fact.triplet: group for fact in group}
    return conflicts


@settings(max_examples=100)
@given(lines, st.booleans())
def test_the_marked_facts_are_those_that_conflict_pair_by_pair(lines: list[Line], by_meaning: bool) -> None:
    with AriGraph(embedder=HashEmbedder(16) if by_meaning else None) as memory:
        for line in lines:
            memory.remember("x", triplets=line.triplets, source=line.source, at=line.at)
        newest = {episode.id: (episode.at, episode.id) for episode in memory.episodes()}
        expected = contradicting(memory.facts())
        for recall in (about_all(memory), memory.recall(["Ann loves Tess", "who visits Rome?"], threshold=-1)):
            assert recall.facts == tuple(dict.fromkeys(recall.facts))
            assert marked(recall) == {fact.triplet for fact in recall.facts} & expected.keys()
            for place, fact in enumerate(recall.facts):
                if fact.triplet not in expected:
                    continue
                group = sorted(expected[fact.triplet], key=lambda each: max(newest[n] for n in each.episodes))[::-1]
                which = "newest" if group[0] == fact else "one"
                assert str(fact.conflict).startswith(f"{which} of {len(group)} accounts: ")
                together = [other for other in recall.facts if other in group]
                assert together == [other for other in group if other in together]
                first = place - together.index(fact)
                assert list(recall.facts[first : first + len(together)]) == together


# -- games -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["hunt", "cook", "clean"])
def test_a_published_game_has_no_conflicts(name: str, shared: Path) -> None:
    """Read by rules, episode by episode, as it was played."""
    record = (shared / "published-runs" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    with AriGraph(embedder=None) as memory:
        for row in map(json.loads, record[:25]):
            memory.remember(f"{row['observation']}\n{row['inventory']}")
        recall = about_all(memory, episodes=0)
        assert len(recall.facts) == len(memory.facts()) > 20
        assert marked(recall) == set()


def test_a_played_game_has_no_conflicts(shared: Path) -> None:
    pytest.importorskip("textworld")
    from ariadne.envs.text_world.ground_truth import RevealedGame

    chance = random.Random(1)
    with RevealedGame(shared / "games" / "cook.z8") as game, AriGraph(embedder=None) as memory:
        shown = game.reset()
        for _ in range(25):
            memory.remember(shown.transcript)
            shown = game.step(chance.choice(sorted(shown.valid_actions)))
        recall = about_all(memory, episodes=0)
        assert len(recall.facts) == len(memory.facts()) > 10
        assert marked(recall) == set()


# -- a fact of several sources is not retired by another source --------------------------------------------------------


def put(script: str) -> list[Statement]:
    """Return who states where the key is, from a script such as "Ann box, - bag"; a dash is no source."""
    pairs = (line.split() for line in script.split(", "))
    return [(None if who == "-" else who, Triplet("key", "is in", where)) for who, where in pairs]


def where(memory: AriGraph) -> str:
    """Return where the key is now, in the order learned."""
    return " ".join(fact.object for fact in memory.facts("key"))


@pytest.mark.parametrize(
    ("script", "left"),
    [
        ("Ann box, Bob box, Carla bag", "box bag"),
        ("Ann box, Carla bag", "bag"),
        ("Ann box, Ann box, Carla bag", "bag"),
        ("Ann box, - box, - box, Carla bag", "bag"),
        ("Ann box, Bob box, - bag", "bag"),
        ("Ann box, Bob box, Ann bag", "bag"),
        ("Ann box, Bob box, Carla bag, Bob bag", "bag"),
        ("Ann box, Bob box, Carla bag, Carla shelf", "box shelf"),
        ("Ann box, Bob box, Carla bag, Dan shelf", "box shelf"),
        ("Ann box, Bob box, Carla bag, Dan bag, Eve shelf", "box bag shelf"),
        ("Ann box, Bob box, Carla bag, Carla box", "box"),
        ("Ann box, Bob box, Carla bag, Dan box", "box"),
        ("Ann box, Bob box, Carla bag, - shelf", "shelf"),
        ("Ann box, Carla bag, Bob box", "box"),
    ],
)
def test_a_fact_of_two_sources_is_not_retired_by_a_third(script: str, left: str) -> None:
    assert where(memory_of(*put(script))) == left


def test_a_fact_that_is_not_retired_conflicts_with_the_new_one() -> None:
    memory = memory_of(*put("Ann box, Bob box"))
    update = memory.remember("x", triplets=[Triplet("key", "is in", "bag")], source="Carla")
    assert (update.retired, update.refused, [str(fact) for fact in update.added]) == ((), (), ["key is in bag"])
    for query in ("where is the key?", About("key")):
        assert shown(memory.recall(query, episodes=0)) == [
            "key is in bag (newest of 2 accounts: Carla, episode 3)",
            "key is in box (one of 2 accounts: Bob, Ann, episode 2)",
        ]
    assert [fact.object for fact in memory.facts("key", as_of=2)] == ["box"]


@pytest.mark.parametrize(
    ("old", "new"),
    [(("door", "is", "open"), ("door", "is", "closed")), (("box", "holds", "key"), ("bag", "holds", "key"))],
)
def test_two_sources_protect_states_and_holders_too(old: tuple[str, str, str], new: tuple[str, str, str]) -> None:
    memory = memory_of(("Ann", Triplet(*old)), ("Carla", Triplet(*new)))
    assert [fact.triplet for fact in memory.facts()] == [Triplet(*new)]
    memory = memory_of(("Ann", Triplet(*old)), ("Bob", Triplet(*old)), ("Carla", Triplet(*new)))
    assert [fact.triplet for fact in memory.facts()] == [Triplet(*old), Triplet(*new)]


def test_an_explicit_replacement_or_correction_overrides_any_number_of_sources() -> None:
    box, bag, shelf = (Triplet("key", "is in", place) for place in ("box", "bag", "shelf"))
    for new in (bag, None):
        memory = memory_of(*put("Ann box, Bob box"))
        update = memory.remember("x", triplets=[bag], outdated=[Replacement(box, new)], source="Carla")
        assert (where(memory), len(update.retired), update.refused) == ("bag", 1, ())
    memory = AriGraph(embedder=None, propose=lambda stated, known: [Replacement(f.triplet, None) for f in known])
    for source, triplet in put("Ann box, Bob box, Carla bag"):
        memory.remember("x", triplets=[triplet], source=source)
    assert where(memory) == "bag"
    for wrong in (box, bag):
        memory = memory_of(*put("Ann box, Bob box, Carla bag"))
        memory.correct(wrong, shelf, "I looked.")
        assert where(memory) == "shelf"
    memory = memory_of(*put("Ann box, Bob box, Carla bag"))
    memory.retract(box, "They were mistaken.")
    assert where(memory) == "bag"


def test_a_correction_does_not_count_as_a_source() -> None:
    memory = memory_of(*put("Ann bag"))
    memory.correct(Triplet("key", "is in", "bag"), Triplet("key", "is in", "box"), "I looked.")
    for source, triplet in put("Bob box, Carla shelf"):
        memory.remember("x", triplets=[triplet], source=source)
    assert where(memory) == "shelf"


# -- late episodes -----------------------------------------------------------------------------------------------------

Dated = tuple[int, str | None, str]
"""When, who, and where."""


def dated_memory_of(*statements: Dated) -> AriGraph:
    memory = AriGraph(embedder=None)
    for at, source, place in statements:
        memory.remember("x", triplets=[Triplet("key", "is in", place)], source=source, at=at)
    return memory


@pytest.mark.parametrize(
    ("third", "left"),
    [((0, "Carla", "bag"), {"box"}), ((3, None, "bag"), {"bag"}), ((3, "Ann", "bag"), {"bag"})],
    ids=["one before two", "no source", "a source of the first"],
)
def test_retirement_does_not_depend_on_the_order_of_arrival(third: Dated, left: set[str]) -> None:
    for order in permutations([(1, "Ann", "box"), (2, "Bob", "box"), third]):
        assert {fact.object for fact in dated_memory_of(*order).facts("key")} == left


def test_two_sources_may_arrive_in_any_order_before_the_third() -> None:
    for order in permutations([(1, "Ann", "box"), (2, "Bob", "box")]):
        assert where(dated_memory_of(*order, (3, "Carla", "bag"))) == "box bag"


@pytest.mark.parametrize(
    ("last", "left"), [("Carla", {"box", "shelf"}), (None, {"shelf"}), ("Ann", {"shelf"}), ("Bob", {"shelf"})]
)
def test_a_late_second_source_protects_the_fact_from_a_third(last: str | None, left: set[str]) -> None:
    """The key had left the box in between, so Bob states a new fact, of an earlier time than the shelf."""
    statements: list[Dated] = [(1, "Ann", "box"), (2, None, "bag"), (5, "Bob", "box"), (10, last, "shelf")]
    for order in (statements, [*statements[:2], statements[3], statements[2]]):
        assert {fact.object for fact in dated_memory_of(*order).facts("key")} == left


# -- imported, and forgotten -------------------------------------------------------------------------------------------


def test_an_import_has_the_same_conflicts() -> None:
    memory, other, lines = (
        memory_of(*put("Ann box, Bob box, Carla bag, Dan bag, Eve shelf")),
        AriGraph(embedder=None),
        io.StringIO(),
    )
    memory.export_to(lines)
    other.import_from(lines.getvalue().splitlines())
    assert where(other) == where(memory) == "box bag shelf"
    assert other.facts() == memory.facts()
    assert other.recall(About("key")).text == memory.recall(About("key")).text


@pytest.mark.parametrize(
    ("source", "left"), [("Ann", "bag"), ("Bob", "bag"), ("Carla", "box"), ("Dan", "box bag"), ("Eve", "box bag")]
)
def test_forgetting_a_source_leaves_what_the_others_state(source: str, left: str) -> None:
    memory = memory_of(*put("Ann box, Bob box, Carla bag"), ("Dan", Triplet("Dan", "has", "keys")))
    memory.forget(source=source)
    assert where(memory) == left
    others = [(who, triplet) for who, triplet in put("Ann box, Bob box, Carla bag") if who != source]
    assert where(memory_of(*others)) == left
    assert (len(marked(memory.recall(About("key")))) == 2) == (left == "box bag")


def test_a_confirmed_fact_is_recalled_too_although_an_episode_states_it_with_another() -> None:
    bob, carla, zoe = (Triplet("Ann", "knows", who) for who in ("Bob", "Carla", "Zoe"))
    with AriGraph(embedder=None) as memory:
        for source, triplets in (("A", [bob]), ("B", [bob]), ("C", [carla]), ("D", [bob, carla]), ("S", [zoe])):
            memory.remember("They agree.", triplets=triplets, source=source)
        assert [fact.triplet for fact in memory.recall(About("Zoe")).facts] == [zoe, bob, carla]


def test_every_query_has_its_turn_although_each_fact_brings_another() -> None:
    with AriGraph(embedder=None) as memory:
        for n, relation in enumerate(("visits", "loves", "calls", "meets")):
            for who in "AB":
                for subject in (f"first {n} cat", f"second {n} dog"):
                    stated = [Triplet(subject, relation, f"{who} {n} {subject} town")]
                    memory.remember("They agree.", triplets=stated, source=who)
        recall = memory.recall(["cat", "dog"], facts=4, episodes=0)
    assert sorted({fact.subject.split()[0] for fact in recall.facts}) == ["first", "second"]


def test_confirmed_facts_do_not_conflict_with_what_the_table_finds_compatible() -> None:
    red, sweet = Triplet("apple", "is", "red"), Triplet("apple", "is", "sweet")
    apple, pear = Triplet("box", "contains", "apple"), Triplet("box", "contains", "pear")
    box, kitchen = Triplet("key", "is in", "box"), Triplet("key", "is in", "kitchen")
    around = [(None, Triplet("box", "is in", "kitchen"))]
    for before, one, other in (([], red, sweet), ([], apple, pear), (around, box, kitchen)):
        with AriGraph(embedder=None) as memory:
            for source, triplet in (*before, ("A", one), ("B", one), ("C", other)):
                memory.remember("They agree.", triplets=[triplet], source=source)
            facts = memory.recall(About(one.subject)).facts
        assert {one, other} <= {fact.triplet for fact in facts}
        assert [fact.conflict for fact in facts] == [None] * len(facts)


def held_after(*statements: tuple[str, list[Triplet]]) -> set[Triplet]:
    with AriGraph(embedder=None) as memory:
        for source, triplets in statements:
            memory.remember("They agree.", triplets=triplets, source=source)
        return {fact.triplet for fact in memory.facts()}


def test_a_conflicting_move_does_not_move_the_contents() -> None:
    box, apple = Triplet("box", "is in", "kitchen"), Triplet("apple", "is in", "box")
    there = Triplet("apple", "is in", "kitchen")
    hall = Triplet("box", "is in", "hall")
    assert held_after(("A", [apple, there, box]), ("B", [box]), ("C", [hall])) == {apple, there, box, hall}


def test_a_source_that_withdrew_its_statement_no_longer_counts() -> None:
    rome, oslo, bergen = (Triplet("Ann", "is in", city) for city in ("Rome", "Oslo", "Bergen"))
    assert held_after(("A", [rome]), ("A", [oslo]), ("B", [rome]), ("C", [bergen])) == {bergen}
    assert held_after(("A", [rome]), ("A", [oslo]), ("B", [rome]), ("A", [rome]), ("C", [bergen])) == {rome, bergen}


def test_a_correction_stands_against_late_statements_of_several_sources() -> None:
    rome, oslo, lima, bergen = (Triplet("Ann", "is in", city) for city in ("Rome", "Oslo", "Lima", "Bergen"))
    with AriGraph(embedder=None) as memory:
        for at, city in ((1, rome), (3, oslo), (20, lima)):
            memory.remember("They agree.", triplets=[city], source="A", at=at)
        memory.correct(lima, bergen, at=20)
        memory.remember("They agree.", triplets=[rome], source="B", at=10)
        assert [fact.triplet for fact in memory.facts()] == [bergen]


# -- the evidence ------------------------------------------------------------------------------------------------------


def test_the_newest_fact_is_recalled_too_although_its_source_stated_another_before() -> None:
    memory = memory_of(("Bob", ROME), ("Bob", OSLO))
    recall = memory.recall(About("Rome"))
    assert [fact.triplet for fact in recall.facts] == [OSLO, ROME]


@pytest.mark.parametrize("limits", [{"trust": {"spam": 0}}, {"exclude": [3, 4, 5, 6]}, {"where": {"kind": "honest"}}])
def test_filtered_episodes_are_no_evidence(limits: dict[str, Any]) -> None:
    with AriGraph(embedder=None) as memory:
        for source, triplet in TWO:
            memory.remember("x", triplets=[triplet], source=source, metadata={"kind": "honest"})
        for who in ("Cid", "Dan", "Eve", "Flo"):
            both = [Triplet(who, "lives in", place) for place in ("Mars", "Venus")]
            memory.remember("x", triplets=both, source="spam")
        assert marked(memory.recall(About("Ann"))) == set()
        assert marked(memory.recall(About("Ann"), **limits)) == {ROME, OSLO}
        assert marked(memory.recall(About("Ann"))) == set()


def test_the_facts_of_the_snapshot_decide_whether_subjects_have_several() -> None:
    likes = [Triplet(who, "likes", what) for who in ("Ann", "Bob", "Cid") for what in ("jazz", "tea")]
    with AriGraph(embedder=None) as memory:
        for triplet in likes:
            memory.remember("x", triplets=[triplet])
        for triplet in likes[::2]:
            memory.remember("x", triplets=[], outdated=[Replacement(triplet, None)])
        assert marked(memory.recall(About("Ann"), valid_at=6)) == marked(memory.recall(About("Ann"), as_of=6)) == set()


def test_an_episode_that_restates_a_fact_beside_another_is_evidence() -> None:
    bob, carl = Triplet("Ann", "knows", "Bob"), Triplet("Ann", "knows", "Carl")
    memory = memory_of(("A", bob), ("B", Triplet("Tess", "knows", "Bob")), ("C", Triplet("Tess", "knows", "Carl")))
    assert len(marked(memory.recall(About("Tess")))) == 2
    memory.remember("x", triplets=[bob, carl], source="A")
    assert marked(memory.recall(About("Tess"))) == set()


def test_many_objects_from_many_sources_do_not_conflict() -> None:
    imports = [(f"url {n}", Triplet("USA", "imports", f"thing {n}")) for n in range(7)]
    assert len(marked(memory_of(*imports[:6]).recall(About("USA")))) == 6
    assert marked(memory_of(*imports).recall(About("USA"))) == set()


@pytest.mark.parametrize("relation", ["isn't born in", "isn\u2019t born in", "was never in"])
def test_negative_contractions_do_not_conflict(relation: str) -> None:
    denied = [(who, Triplet("Tess", relation, place)) for who, place in (("A", "Rome"), ("B", "Oslo"))]
    assert marked(memory_of(*denied).recall(About("Tess"))) == set()
