"""Rival accounts come together and marked, by the ontology; a fact of several sources is not retired by one."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariadne import tokens
from ariadne.memory import About, AriGraph, Fact, HashEmbedder, Query, Recall, Replacement, Triplet

WHERE = "where does Ann live?"
ROME, OSLO, BERGEN = (Triplet("Ann", "lives in", city) for city in ("Rome", "Oslo", "Bergen"))
HOMES = """
name = "homes"
states = [["open", "closed"]]
permanent = ["was born in"]
[[relation]]
phrases = ["lives in", "was born in"]
[[relation]]
phrases = ["owns"]
of = "object"
[[relation]]
phrases = ["is married to"]
of = "both"
[[relation]]
phrases = ["visits", "speaks"]
values = "many"
[[relation]]
phrases = ["is in"]
slot = "place"
nested = true
[[relation]]
phrases = ["left"]
ends = ["place"]
"""

Statement = tuple[str | None, Triplet]
"""A source and what it states."""
RIVALS: list[Statement] = [("Bob", ROME), ("Dan", ROME), ("Carla", OSLO)]
"""Two sources confirm one home, and so a third does not retire it."""


def memory_of(*statements: Statement, embedder: HashEmbedder | None = None, ontology: str = HOMES) -> AriGraph:
    """Return a memory of these statements, an episode each."""
    memory = AriGraph(embedder=embedder, ontology=ontology)
    for source, triplet in statements:
        memory.remember("x", triplets=[triplet], source=source)
    return memory


def by(sources: str, *triplet: str) -> list[Statement]:
    """Return the statements of one triplet by sources of one letter each."""
    return [(source, Triplet(*triplet)) for source in sources]


def shown(recall: Recall) -> list[str]:
    """Return the facts as the text shows them."""
    return [f"{fact} ({fact.conflict})" if fact.conflict else str(fact) for fact in recall.facts]


def marked(recall: Recall) -> set[Triplet]:
    return {fact.triplet for fact in recall.facts if fact.conflict is not None}


def about_all(memory: AriGraph, **limits: Any) -> Recall:
    """Recall all that holds, by all names."""
    names = sorted({name for fact in memory.facts() for name in fact.triplet.ends})
    return memory.recall([About(name) for name in names], **limits)


# -- how rival accounts are shown --------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", [WHERE, About("Ann"), Query("Ann lives", 1)], ids=["query", "name", "one hop"])
def test_rival_accounts_come_together_the_newest_first_with_their_sources(query: str | About | Query) -> None:
    likes, sings = Triplet("Ann", "likes", "Tess"), Triplet("Tess", "lives near", "Ann")
    memory = memory_of(*RIVALS[:2], ("Dan", likes), RIVALS[2], ("Dan", sings))
    recall = memory.recall(query, episodes=0)
    lines = ["Ann lives in Oslo (newest of 2 accounts: Carla, episode 4)"]
    lines += ["Ann lives in Rome (one of 2 accounts: Dan, Bob, episode 2)"]
    at = shown(recall).index(lines[0])
    assert shown(recall)[at : at + 2] == lines
    assert marked(recall) == {ROME, OSLO}
    assert recall.text == "\n".join(["Facts:", *(f"- {line}" for line in shown(recall))])


def test_a_mark_names_the_last_sources_and_the_last_episode() -> None:
    memory = memory_of(*[(source, ROME) for source in ("Ada", "Bob", "Carla", None, "Dan", "Bob")], ("Eve", OSLO))
    assert shown(memory.recall(About("Ann"))) == [
        "Ann lives in Oslo (newest of 2 accounts: Eve, episode 7)",
        "Ann lives in Rome (one of 2 accounts: Bob, Dan, Carla and 1 more, episode 6)",
    ]


def test_a_rival_that_no_query_found_is_recalled_too() -> None:
    memory = memory_of(*RIVALS)
    memory.remember("x", triplets=[Triplet(f"guest {n}", "is fond of", "Rome") for n in range(300)], source="list")
    recall = memory.recall(Query("Rome", 1), facts=2, episodes=0)
    assert [fact.triplet for fact in recall.facts] == [OSLO, ROME]
    assert recall.facts[0].why == 'query "Rome", hop 2 through "Ann" of "Ann lives in Rome"'
    assert [fact.triplet for fact in memory.recall(Query("Rome", 1), facts=1).facts] == [ROME]
    alone = memory.recall(Query("Rome", 1), facts=2, trust={"Carla": 0})
    assert alone.facts[0].triplet == ROME
    assert (OSLO in {fact.triplet for fact in alone.facts}, marked(alone)) == (False, set())


def test_a_query_about_a_name_brings_rivals_and_their_reason() -> None:
    recall = memory_of(*RIVALS).recall(About("Rome"))
    assert [fact.triplet for fact in recall.facts] == [OSLO, ROME]
    assert [fact.why for fact in recall.facts] == ['about "Rome", beside Ann lives in Rome', 'about "Rome"']
    assert [(reason.after, reason.through) for reason in recall.reasons] == [(ROME, "Ann"), (None, None)]
    assert len(memory_of(*RIVALS).recall(About("Rome"), facts=1).facts) == 1


def test_three_of_many_rivals_come_together_the_newest_and_those_of_the_most_sources() -> None:
    homes = {"Nice": "ABCD", "Lyon": "EFG", "Bern": "HI", "Riga": "JK", "Turin": "L"}
    memory = memory_of(*(each for city, who in homes.items() for each in by(who, "Ann", "lives in", city)))
    riga, nice = memory.recall(About("Riga")), memory.recall(About("Nice"))
    assert [fact.object for fact in riga.facts] == ["Turin", "Riga", "Nice"]
    assert [fact.object for fact in nice.facts] == ["Turin", "Lyon", "Nice"]
    assert shown(riga)[:2] == [
        "Ann lives in Turin (newest of 5 accounts: L, episode 12)",
        "Ann lives in Riga (one of 5 accounts: K, J, episode 11)",
    ]


def test_rivals_come_out_of_the_number_of_facts_and_every_query_has_its_turn() -> None:
    towns = [
        statement
        for subject in ("first cat", "second dog")
        for town, who in (("Rome", "AB"), ("Oslo", "C"))
        for n in range(3)
        for statement in by(who, f"{subject} {n}", "lives in", f"{town} {n}")
    ]
    recall = memory_of(*towns).recall(["cat", "dog"], facts=4, episodes=0)
    assert sorted(fact.subject.split()[0] for fact in recall.facts) == ["first", "first", "second", "second"]
    assert all(fact.conflict for fact in recall.facts)


def test_marks_keep_within_the_budget() -> None:
    memory = memory_of(*RIVALS, ("Dan", Triplet("Ann", "likes", "tea")))
    whole, seen = memory.recall([WHERE, About("Ann")]), set[str]()
    for budget in range(tokens.count(whole.text) + 1):
        recall = memory.recall([WHERE, About("Ann")], max_tokens=budget)
        assert tokens.count(recall.text) <= budget
        facts = ["Facts:", *(f"- {line}" for line in shown(recall))] if recall.facts else []
        assert recall.text.split("Episodes:")[0].rstrip("\n") == "\n".join(facts)
        seen |= {*shown(recall)}
    assert seen == {*shown(whole), "Ann lives in Oslo (newest of 2 accounts)", "Ann lives in Rome (one of 2 accounts)"}
    assert (recall, shown(recall)) == (whole, shown(whole))


def test_a_reopened_memory_recalls_the_same_rivals(tmp_path: Path) -> None:
    queries: list[str | About] = [WHERE, About("Oslo")]
    with AriGraph.open(tmp_path / "a.db", embedder=HashEmbedder(), ontology=HOMES) as memory:
        for source, triplet in RIVALS:
            memory.remember("x", triplets=[triplet], source=source)
        before = memory.recall(queries)
    with AriGraph.open(tmp_path / "a.db", embedder=HashEmbedder()) as memory:
        after = memory.recall(queries)
    assert marked(before) == {ROME, OSLO}
    assert (after, after.text, shown(after)) == (before, before.text, shown(before))


def test_a_less_trusted_account_comes_behind_the_others_although_it_is_newer() -> None:
    memory = memory_of(*RIVALS)
    assert shown(memory.recall(About("Ann"), trust={"Carla": 0.5})) == [
        "Ann lives in Rome (one of 2 accounts: Dan, Bob, episode 2)",
        "Ann lives in Oslo (newest of 2 accounts: Carla, episode 3)",
    ]


# -- what the ontology declares ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("ontology", ["open", HOMES])
@pytest.mark.parametrize("relation", ["knows", "likes", "imports", "has notes on"])
def test_facts_of_an_undeclared_relation_are_never_marked(ontology: str, relation: str) -> None:
    for several in ("AB", "CD", "E"), ("A", "B", "A"), tuple("ABCDEFGH"):
        stated = (each for n, who in enumerate(several) for each in by(who, "Ann", relation, f"thing {n}"))
        memory = memory_of(*stated, ontology=ontology)
        recall = memory.recall([About("Ann"), f"Ann {relation}"])
        assert len(recall.facts) == len(several)
        assert marked(recall) == set()


@pytest.mark.parametrize("ontology", ["open", HOMES])
def test_several_languages_are_no_rival_accounts(ontology: str) -> None:
    tamil, french = Triplet("Ravi", "speaks", "Tamil"), Triplet("Ravi", "speaks", "French")
    memory = memory_of(("Ravi", tamil), ("Bob", tamil), ("Carla", french), ontology=ontology)
    recall = memory.recall("which languages does Ravi speak?", episodes=0)
    assert shown(recall) == ["Ravi speaks Tamil", "Ravi speaks French"]


@pytest.mark.parametrize(
    ("confirmed", "other"),
    [
        (("Ann", "lives in", "Rome"), ("Ann", "lives in", "Oslo")),
        (("Ann", "owns", "Rex"), ("Tess", "owns", "Rex")),
        (("Ann", "is married to", "Lars"), ("Lars", "is married to", "Tess")),
        (("door", "is", "open"), ("door", "is", "closed")),
        (("Ann", "is in", "Rome"), ("Ann", "left", "Rome")),
        (("Ann", "lives in", "Rome"), ("Ann", "no longer lives in", "Rome")),
        (("Ann", "likes", "tea"), ("Ann", "does not like", "tea")),
        (("Ann", "does not like", "tea"), ("Ann", "likes", "tea")),
        (("Ann", "has", "car"), ("Ann", "has", "no car")),
        (("Ann", "is", "not lawyer"), ("Ann", "is", "lawyer")),
    ],
    ids=" ".join,
)
def test_a_statement_that_would_end_a_confirmed_fact_is_its_rival(
    confirmed: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    memory = memory_of(*by("AB", *confirmed), *by("C", *other))
    for name in {*Triplet(*confirmed).ends, *Triplet(*other).ends}:
        recall = memory.recall(About(name))
        assert shown(recall) == [
            f"{Triplet(*other)} (newest of 2 accounts: C, episode 3)",
            f"{Triplet(*confirmed)} (one of 2 accounts: B, A, episode 2)",
        ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Ann", "visits", "Rome"), ("Ann", "visits", "Oslo")),
        (("Ann", "lives in", "Rome"), ("Ann", "visits", "Oslo")),
        (("Ann", "lives in", "Rome"), ("Tess", "lives in", "Oslo")),
        (("Ann", "owns", "Rex"), ("Ann", "owns", "Tom")),
        (("Ann", "does not like", "tea"), ("Ann", "does not like", "jazz")),
        (("Ann", "does not like", "tea"), ("Ann", "likes", "jazz")),
        (("Ann", "does not like", "tea"), ("Tess", "likes", "tea")),
        (("door", "is", "open"), ("door", "is", "red")),
        (("Ann", "isn't in", "Rome"), ("Ann", "was never in", "Oslo")),
        (("Ann", "left", "Rome"), ("Ann", "is in", "Rome")),
    ],
    ids=" ".join,
)
def test_facts_that_may_hold_together_are_not_marked(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    """Who left a place may come back; and what is denied of one thing may be true of another."""
    memory = memory_of(*by("AB", *one), *by("CD", *other))
    recall = about_all(memory, episodes=0)
    assert {fact.triplet for fact in recall.facts} == {Triplet(*one), Triplet(*other)}
    assert marked(recall) == set()


@pytest.mark.parametrize(
    ("confirmed", "other", "are_rivals"),
    [
        (("Ann", "works for", "Acme"), ("Ann", "works for", "Bolt"), True),
        (("Ann", "lives in", "Rome"), ("Ann", "has moved to", "Oslo"), True),
        (("shop", "is", "open"), ("shop", "is", "closed"), True),
        (("party", "is on", "Friday"), ("party", "is at", "the harbour"), False),
        (("aspirin", "contains", "salicylate"), ("willow bark", "contains", "salicylate"), False),
        (("Ann", "likes", "tea"), ("Ann", "likes", "coffee"), False),
    ],
)
def test_rivals_among_everyday_facts_are_those_that_cannot_both_hold(
    confirmed: tuple[str, str, str], other: tuple[str, str, str], are_rivals: bool
) -> None:
    memory = memory_of(*by("AB", *confirmed), *by("C", *other), ontology="everyday")
    assert marked(about_all(memory)) == ({Triplet(*confirmed), Triplet(*other)} if are_rivals else set())


def test_a_place_around_a_place_is_no_rival() -> None:
    around, box = Triplet("box", "is in", "kitchen"), ("key", "is in", "box")
    kitchen, hall = ("key", "is in", "kitchen"), ("key", "is in", "hall")
    memory = memory_of((None, around), *by("AB", *box), *by("C", *kitchen))
    assert marked(about_all(memory)) == set()
    memory.remember("x", triplets=[Triplet(*hall)], source="D")
    assert Triplet(*box) in marked(about_all(memory))


def test_facts_that_never_end_may_be_rivals() -> None:
    births = [Triplet("Ann", "was born in", city) for city in ("Rome", "Oslo")]
    recall = memory_of(("Bob", births[0]), ("Carla", births[1])).recall(About("Ann"))
    assert shown(recall) == [
        "Ann was born in Oslo (newest of 2 accounts: Carla, episode 2)",
        "Ann was born in Rome (one of 2 accounts: Bob, episode 1)",
    ]


def test_facts_that_one_episode_states_are_no_rivals() -> None:
    for query in (WHERE, About("Ann")):
        with AriGraph(embedder=None, ontology=HOMES) as memory:
            memory.remember("x", triplets=[ROME, OSLO], source="Bob")
            assert marked(memory.recall(query)) == set()
        memory = memory_of(*RIVALS)
        assert marked(memory.recall(query)) == {ROME, OSLO}
        memory.remember("x", triplets=[ROME, OSLO], source="Eve")
        assert marked(memory.recall(query)) == set()
        assert marked(memory.recall(query, trust={"Eve": 0})) == marked(memory.recall(query, as_of=3)) == {ROME, OSLO}


def test_an_outdated_fact_is_retired_and_no_rival() -> None:
    assert shown(memory_of(("Bob", ROME), ("Carla", OSLO)).recall(About("Ann"))) == ["Ann lives in Oslo"]
    for old, left in ((ROME, OSLO), (OSLO, ROME)):
        memory = memory_of(*RIVALS)
        memory.remember("It is over.", triplets=[], outdated=[Replacement(old, None)])
        assert shown(memory.recall(About("Ann"))) == [str(left)]
    memory = memory_of(*RIVALS)
    memory.retract(ROME, "Bob was mistaken.")
    assert shown(memory.recall(About("Ann"))) == ["Ann lives in Oslo"]


@pytest.mark.parametrize("query", [WHERE, About("Ann")], ids=["query", "name"])
def test_filtered_facts_are_no_rivals(query: str | About) -> None:
    memory = memory_of(*RIVALS)
    for left, others in ((ROME, {"Carla": 3}), (OSLO, {"Bob": 1, "Dan": 2})):
        for limits in ({"trust": dict.fromkeys(others, 0)}, {"exclude": [*others.values()]}):
            assert shown(memory.recall(query, episodes=0, **limits)) == [str(left)]
    assert shown(memory.recall(query, episodes=0, where={"source": "Bob"})) == ["Ann lives in Rome"]
    assert marked(memory.recall(query, trust={"Bob": 0.2})) == {ROME, OSLO}


@pytest.mark.parametrize("query", [WHERE, About("Ann")], ids=["query", "name"])
def test_a_view_of_the_past_has_the_rivals_of_that_time(query: str | About) -> None:
    memory = memory_of(*RIVALS, (None, BERGEN))
    assert shown(memory.recall(query, episodes=0)) == ["Ann lives in Bergen"]
    assert shown(memory.recall(query, as_of=2, episodes=0)) == ["Ann lives in Rome"]
    for past in (memory.recall(query, episodes=0, as_of=3), memory.recall(query, episodes=0, valid_at=3)):
        assert shown(past) == [
            "Ann lives in Oslo (newest of 2 accounts: Carla, episode 3)",
            "Ann lives in Rome (one of 2 accounts: Dan, Bob, episode 2)",
        ]
    assert memory.at(3).recall(query).text == memory.recall(query, as_of=3).text
    assert shown(memory.recall(query, valid_at=1, episodes=0)) == ["Ann lives in Rome"]


def test_the_paper_strategy_marks_no_rivals() -> None:
    recall = memory_of(*RIVALS).recall([WHERE, About("Ann")], strategy="paper")
    assert {fact.triplet for fact in recall.facts} == {ROME, OSLO}
    assert marked(recall) == set()


def test_rivals_of_two_subjects_are_not_mixed_up() -> None:
    homes = [*by("AB", "Ann", "lives in", "Rome"), *by("A", "Tess", "lives in", "Rome")]
    memory = memory_of(*homes, *by("C", "Ann", "lives in", "Oslo"), *by("D", "Ann", "works in", "Oslo"))
    assert shown(memory.recall(About("Rome"))) == [
        "Ann lives in Oslo (newest of 2 accounts: C, episode 4)",
        "Ann lives in Rome (one of 2 accounts: B, A, episode 2)",
        "Tess lives in Rome",
    ]


# -- against an oracle -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """An episode that hypothesis makes."""

    source: str | None
    at: int | None
    triplets: tuple[Triplet, ...]


triplets = st.builds(
    Triplet,
    st.sampled_from(["Ann", "Tess"]),
    st.sampled_from(["lives in", "no longer lives in", "was born in", "loves", "does not love"]),
    st.sampled_from(["Oslo", "Rome", "Kiel"]),
)
lines = st.lists(
    st.builds(
        Line,
        st.sampled_from([None, "Bob", "Carla", "Dan", "Eve"]),
        st.none() | st.integers(0, 9),
        st.lists(triplets, min_size=1, max_size=2, unique=True).map(tuple),
    ),
    max_size=9,
)
DENIALS = {"no longer lives in": "lives in", "does not love": "loves"}


def are_rivals(one: Fact, other: Fact) -> bool:
    """Return whether two facts exclude each other, case by case."""
    if one.subject != other.subject or {*one.episodes} & {*other.episodes}:
        return False
    if one.object != other.object:
        return one.relation == other.relation in ("lives in", "was born in")
    return DENIALS.get(one.relation) == other.relation or DENIALS.get(other.relation) == one.relation


def rival_groups(facts: Sequence[Fact]) -> dict[Triplet, list[Fact]]:
    """Return, by each fact with rivals, all facts that a chain of rivals connects with it."""
    groups = {fact.triplet: [fact] for fact in facts}
    for one, other in combinations(facts, 2):
        if are_rivals(one, other) and (group := groups[one.triplet]) is not groups[other.triplet]:
            group += groups[other.triplet]
            groups |= {fact.triplet: group for fact in group}
    return {triplet: group for triplet, group in groups.items() if len(group) > 1}


@given(lines, st.booleans())
def test_the_marked_facts_are_those_that_exclude_each_other_pair_by_pair(lines: list[Line], by_meaning: bool) -> None:
    with AriGraph(embedder=HashEmbedder(16) if by_meaning else None, ontology=HOMES) as memory:
        for line in lines:
            memory.remember("x", triplets=line.triplets, source=line.source, at=line.at)
        newest = {episode.id: (episode.at, episode.id) for episode in memory.episodes()}
        expected = rival_groups(memory.facts())
        for recall in (about_all(memory), memory.recall(["Ann loves Tess", "who lives in Rome?"], threshold=-1)):
            assert recall.facts == tuple(dict.fromkeys(recall.facts))
            assert marked(recall) == {fact.triplet for fact in recall.facts} & expected.keys()
            for place, fact in enumerate(recall.facts):
                if fact.triplet not in expected:
                    continue
                group = sorted(
                    expected[fact.triplet], key=lambda each: max(newest[n] for n in each.episodes), reverse=True
                )
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
    with AriGraph(embedder=None, ontology="text-world") as memory:
        for row in map(json.loads, record[:25]):
            memory.remember(f"{row['observation']}\n{row['inventory']}")
        recall = about_all(memory, episodes=0)
        assert len(recall.facts) == len(memory.facts()) > 20
        assert marked(recall) == set()


def test_a_played_game_has_no_conflicts(shared: Path) -> None:
    pytest.importorskip("textworld")
    from ariadne.envs.text_world.ground_truth import RevealedGame

    chance = random.Random(1)
    with RevealedGame(shared / "games" / "cook.z8") as game, AriGraph(embedder=None, ontology="text-world") as memory:
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


def world_of(*statements: Statement) -> AriGraph:
    """Return a memory of these statements in a world of things."""
    return memory_of(*statements, ontology="text-world")


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
    assert where(world_of(*put(script))) == left


def test_a_fact_that_is_not_retired_conflicts_with_the_new_one() -> None:
    memory = world_of(*put("Ann box, Bob box"))
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
    memory = world_of(("Ann", Triplet(*old)), ("Carla", Triplet(*new)))
    assert [fact.triplet for fact in memory.facts()] == [Triplet(*new)]
    memory = world_of(("Ann", Triplet(*old)), ("Bob", Triplet(*old)), ("Carla", Triplet(*new)))
    assert [fact.triplet for fact in memory.facts()] == [Triplet(*old), Triplet(*new)]


def test_an_explicit_replacement_or_correction_overrides_any_number_of_sources() -> None:
    box, bag, shelf = (Triplet("key", "is in", place) for place in ("box", "bag", "shelf"))
    for new in (bag, None):
        memory = world_of(*put("Ann box, Bob box"))
        update = memory.remember("x", triplets=[bag], outdated=[Replacement(box, new)], source="Carla")
        assert (where(memory), len(update.retired), update.refused) == ("bag", 1, ())
    for wrong in (box, bag):
        memory = world_of(*put("Ann box, Bob box, Carla bag"))
        memory.correct(wrong, shelf, "I looked.")
        assert where(memory) == "shelf"
    memory = world_of(*put("Ann box, Bob box, Carla bag"))
    memory.retract(box, "They were mistaken.")
    assert where(memory) == "bag"


def test_a_correction_does_not_count_as_a_source() -> None:
    memory = world_of(*put("Ann bag"))
    memory.correct(Triplet("key", "is in", "bag"), Triplet("key", "is in", "box"), "I looked.")
    for source, triplet in put("Bob box, Carla shelf"):
        memory.remember("x", triplets=[triplet], source=source)
    assert where(memory) == "shelf"


# -- late episodes -----------------------------------------------------------------------------------------------------

Dated = tuple[int, str | None, str]
"""When, who, and where."""


def dated_memory_of(*statements: Dated) -> AriGraph:
    memory = AriGraph(embedder=None, ontology="text-world")
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
        world_of(*put("Ann box, Bob box, Carla bag, Dan bag, Eve shelf")),
        AriGraph(embedder=None, ontology="text-world"),
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
    memory = world_of(*put("Ann box, Bob box, Carla bag"), ("Dan", Triplet("Dan", "has", "keys")))
    memory.forget(source=source)
    assert where(memory) == left
    others = [(who, triplet) for who, triplet in put("Ann box, Bob box, Carla bag") if who != source]
    assert where(world_of(*others)) == left
    assert (len(marked(memory.recall(About("key")))) == 2) == (left == "box bag")


def test_confirmed_facts_do_not_conflict_with_what_the_table_finds_compatible() -> None:
    red, sweet = Triplet("apple", "is", "red"), Triplet("apple", "is", "sweet")
    apple, pear = Triplet("box", "contains", "apple"), Triplet("box", "contains", "pear")
    box, kitchen = Triplet("key", "is in", "box"), Triplet("key", "is in", "kitchen")
    around = [(None, Triplet("box", "is in", "kitchen"))]
    for before, one, other in (([], red, sweet), ([], apple, pear), (around, box, kitchen)):
        with AriGraph(embedder=None, ontology="text-world") as memory:
            for source, triplet in (*before, ("A", one), ("B", one), ("C", other)):
                memory.remember("They agree.", triplets=[triplet], source=source)
            facts = memory.recall(About(one.subject)).facts
        assert {one, other} <= {fact.triplet for fact in facts}
        assert [fact.conflict for fact in facts] == [None] * len(facts)


def held_after(*statements: tuple[str, list[Triplet]]) -> set[Triplet]:
    with AriGraph(embedder=None, ontology="text-world") as memory:
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
    with AriGraph(embedder=None, ontology="text-world") as memory:
        for at, city in ((1, rome), (3, oslo), (20, lima)):
            memory.remember("They agree.", triplets=[city], source="A", at=at)
        memory.correct(lima, bergen, at=20)
        memory.remember("They agree.", triplets=[rome], source="B", at=10)
        assert [fact.triplet for fact in memory.facts()] == [bergen]
