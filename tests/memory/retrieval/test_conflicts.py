"""Accounts of one thing: what contradicts what, told together and marked; and what several say, one does not end."""

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
from ariadne.memory import About, AriGraph, Fact, HashEmbedder, Query, Recall, Replacement, StructuralReviser, Triplet
from ariadne.memory.ontology.slots import TABLE

WHERE = "where does Ann live?"
ROME, OSLO, BERGEN = (Triplet("Ann", "lives in", city) for city in ("Rome", "Oslo", "Bergen"))
TWO = [("Bob", ROME), ("Carla", OSLO)]

Said = tuple[str | None, Triplet]
"""A source and what it says."""


def told(*said: Said, embedder: HashEmbedder | None = None) -> AriGraph:
    """A memory that was told these, an episode each."""
    memory = AriGraph(embedder=embedder)
    for source, triplet in said:
        memory.remember("x", triplets=[triplet], source=source)
    return memory


def shown(recall: Recall) -> list[str]:
    """The facts as the text shows them."""
    return [f"{fact} ({fact.conflict})" if fact.conflict else str(fact) for fact in recall.facts]


def marked(recall: Recall) -> set[Triplet]:
    return {fact.triplet for fact in recall.facts if fact.conflict is not None}


def about_all(memory: AriGraph, **limits: Any) -> Recall:
    """All that holds, by the names of all."""
    names = sorted({name for fact in memory.facts() for name in fact.triplet.ends})
    return memory.recall([About(name) for name in names], **limits)


# -- how accounts are told ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ask", [WHERE, About("Ann"), Query("Ann lives", 1)], ids=["query", "name", "one hop"])
def test_what_two_say_of_one_thing_comes_together_the_newest_first_and_says_whose_word_it_is(
    ask: str | About | Query,
) -> None:
    likes, sings = Triplet("Ann", "likes", "Tess"), Triplet("Tess", "lives near", "Ann")
    memory = told(("Bob", ROME), ("Dan", likes), ("Carla", OSLO), ("Dan", sings))
    recall = memory.recall(ask, episodes=0)
    lines = ["Ann lives in Oslo (newest of 2 accounts: Carla, episode 3)"]
    lines += ["Ann lives in Rome (one of 2 accounts: Bob, episode 1)"]
    at = shown(recall).index(lines[0])
    assert shown(recall)[at : at + 2] == lines
    assert marked(recall) == {ROME, OSLO}
    assert recall.text == "\n".join(["Facts:", *(f"- {line}" for line in shown(recall))])


def test_whose_word_an_account_is_is_told_by_its_last_sources_and_its_last_episode() -> None:
    memory = told(*[(source, ROME) for source in ("Ada", "Bob", "Carla", None, "Dan", "Bob")], (None, OSLO))
    assert shown(memory.recall(About("Ann"))) == [
        "Ann lives in Oslo (newest of 2 accounts: episode 7)",
        "Ann lives in Rome (one of 2 accounts: Bob, Dan, Carla and 1 more, episode 6)",
    ]


def test_who_says_it_again_has_the_newest_word() -> None:
    memory = told(*TWO, ("Bob", ROME))
    assert shown(memory.recall(About("Ann"))) == [
        "Ann lives in Rome (newest of 2 accounts: Bob, episode 3)",
        "Ann lives in Oslo (one of 2 accounts: Carla, episode 2)",
    ]


def test_the_newest_is_what_is_newest_in_the_world_not_what_was_told_last() -> None:
    with AriGraph(embedder=None) as memory:
        memory.remember("x", triplets=[ROME], source="Bob", at=5)
        memory.remember("x", triplets=[OSLO], source="Carla", at=2)
        memory.remember("x", triplets=[BERGEN], source="Dan", at=3)
        assert shown(memory.recall(About("Ann"))) == [
            "Ann lives in Rome (newest of 3 accounts: Bob, episode 1)",
            "Ann lives in Bergen (one of 3 accounts: Dan, episode 3)",
            "Ann lives in Oslo (one of 3 accounts: Carla, episode 2)",
        ]


def test_an_account_that_no_query_found_is_told_along_with_the_one_that_was() -> None:
    memory = told(*TWO)
    memory.remember("x", triplets=[Triplet(f"guest {n}", "is fond of", "Rome") for n in range(300)], source="list")
    recall = memory.recall(Query("Rome", 1), facts=2, episodes=0)
    assert [fact.triplet for fact in recall.facts] == [OSLO, ROME]
    assert recall.facts[0].why == 'query "Rome", hop 2 through "Ann" of "Ann lives in Rome"'
    alone = memory.recall(Query("Rome", 1), facts=2, trust={"Bob": 0})
    assert OSLO not in {fact.triplet for fact in alone.facts}
    assert [fact.triplet for fact in memory.recall(Query("Rome", 1), facts=1).facts] == [ROME]


def test_who_asks_about_a_name_hears_what_others_say_instead_and_why_it_came() -> None:
    recall = told(*TWO).recall(About("Rome"))
    assert [fact.triplet for fact in recall.facts] == [OSLO, ROME]
    assert [fact.why for fact in recall.facts] == [
        'about "Rome", beside Ann lives in Rome',
        'about "Rome"',
    ]
    assert [reason.after for reason in recall.reasons] == [ROME, None]
    assert len(told(*TWO).recall(About("Rome"), facts=1).facts) == 1


def test_of_many_accounts_three_come_together_what_most_say_first_each_of_someone_else() -> None:
    by = {"Nice": "CD", "Lyon": "B", "Bern": "E", "Riga": "A", "Kiel": "A", "Turin": "C"}
    memory = told(*((who, Triplet("Ann", "lives in", city)) for city, all_who in by.items() for who in all_who))
    riga, lyon = memory.recall(About("Riga")), memory.recall(About("Lyon"))
    assert [fact.object for fact in riga.facts] == ["Turin", "Riga", "Nice"]
    assert [fact.object for fact in lyon.facts] == ["Turin", "Lyon", "Nice"]
    assert shown(riga)[:2] == [
        "Ann lives in Turin (newest of 6 accounts: C, episode 7)",
        "Ann lives in Riga (one of 6 accounts: A, episode 5)",
    ]


def test_an_account_of_nobody_is_told_along_too() -> None:
    for said in ([("Bob", ROME), (None, OSLO)], [(None, ROME), (None, OSLO)], [(None, ROME), ("Bob", OSLO)]):
        assert [fact.triplet for fact in told(*said).recall(About("Rome")).facts] == [OSLO, ROME]


@pytest.mark.parametrize(("others", "along"), [("ABC", True), ("AB", True), ("A", False), ("ABS", False)])
def test_with_what_one_says_comes_what_several_others_say_though_both_may_be_true(others: str, along: bool) -> None:
    """Whom Ann knows is no contradiction; but one who names many does not outshout those who agree."""
    guests = [Triplet("Ann", "knows", who) for who in ("Dan", "Eve", "Flo")]
    memory = told(*((who, Triplet("Ann", "knows", "Bob")) for who in others))
    memory.remember("x", triplets=guests, source="S")
    recall = memory.recall(Query("Dan, Eve, Flo", 1), facts=2)
    assert [fact.object for fact in recall.facts] == ["Dan", "Bob" if along else "Eve"]
    assert marked(recall) == set()


def test_accounts_and_their_marks_keep_within_the_budget() -> None:
    memory = told(*TWO, ("Dan", Triplet("Ann", "likes", "tea")))
    whole, seen = memory.recall([WHERE, About("Ann")]), set[str]()
    for budget in range(tokens.count(whole.text) + 1):
        recall = memory.recall([WHERE, About("Ann")], max_tokens=budget)
        assert tokens.count(recall.text) <= budget
        facts = ["Facts:", *(f"- {line}" for line in shown(recall))] if recall.facts else []
        assert recall.text.split("Episodes:")[0].rstrip("\n") == "\n".join(facts)
        seen |= {*shown(recall)}
    assert seen == {*shown(whole), "Ann lives in Oslo (newest of 2 accounts)", "Ann lives in Rome (one of 2 accounts)"}
    assert (recall, shown(recall)) == (whole, shown(whole))


def test_a_memory_that_was_closed_tells_the_same_accounts(tmp_path: Path) -> None:
    asks: list[str | About] = [WHERE, About("Oslo")]
    with AriGraph.open(tmp_path / "a.db", embedder=HashEmbedder()) as memory:
        for source, triplet in TWO:
            memory.remember("x", triplets=[triplet], source=source)
        before = memory.recall(asks)
    with AriGraph.open(tmp_path / "a.db", embedder=HashEmbedder()) as memory:
        after = memory.recall(asks)
    assert marked(before) == {ROME, OSLO}
    assert (after, after.text, shown(after)) == (before, before.text, shown(before))


# -- what is an account ------------------------------------------------------------------------------------------------


def test_what_one_episode_states_together_does_not_contradict_itself() -> None:
    for ask in (WHERE, About("Ann")):
        assert marked(told(*TWO).recall(ask)) == {ROME, OSLO}
        with AriGraph(embedder=None) as memory:
            memory.remember("x", triplets=[ROME, OSLO], source="Bob")
            assert marked(memory.recall(ask)) == set()
        memory = told(*TWO)
        memory.remember("x", triplets=[ROME, OSLO], source="Dan")
        assert marked(memory.recall(ask)) == set()


def test_a_relation_of_which_one_episode_told_two_objects_of_anyone_is_of_several() -> None:
    memory = told(*TWO)
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
def test_what_is_denied_of_one_may_be_denied_of_another(relation: str) -> None:
    assert marked(told(*((who, Triplet("Ann", relation, what)) for who, what in ("ax", "by")))
                  .recall(About("Ann"))) == set()  # fmt: skip


@pytest.mark.parametrize("relation", ["likes", "has notes on", "knows"])
def test_words_that_only_look_like_a_denial_deny_nothing(relation: str) -> None:
    memory = told(*((who, Triplet("Ann", relation, what)) for who, what in ("ax", "by")))
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
def test_what_a_table_settles_is_retired_and_no_account(old: Triplet, new: Triplet) -> None:
    memory = told(("Bob", old), ("Carla", new))
    assert shown(about_all(memory, episodes=0)) == [str(new)]


def test_what_a_table_takes_for_no_contradiction_is_no_account() -> None:
    box, room = Triplet("apple", "is in", "box"), Triplet("apple", "is in", "kitchen")
    memory = told((None, Triplet("box", "is in", "kitchen")), ("Bob", box), ("Carla", room))
    red, sweet = Triplet("apple", "is", "red"), Triplet("apple", "is", "sweet")
    for source, triplet in (("Bob", red), ("Carla", sweet)):
        memory.remember("x", triplets=[triplet], source=source)
    recall = about_all(memory)
    assert {box, room, red, sweet} <= {fact.triplet for fact in recall.facts}
    assert marked(recall) == set()


def test_what_the_own_table_of_a_space_settles_is_no_account() -> None:
    said = (("Bob", Triplet("Ann", "dwells in", "hut")), ("Carla", Triplet("Ann", "dwells in", "Oslo")))
    assert len(marked(told(*said).recall(About("Ann")))) == 2
    with AriGraph(embedder=None, reviser=StructuralReviser(TABLE + "place of subject: dwells in")) as memory:
        for source, triplet in ((None, Triplet("hut", "is in", "Oslo")), *said):
            memory.remember("x", triplets=[triplet], source=source)
        assert shown(memory.recall(About("Ann"))) == ["Ann dwells in hut", "Ann dwells in Oslo"]


@pytest.mark.parametrize(
    ("objects", "several"),
    [((2,), False), ((2, 2), False), ((2, 1, 1), False), ((2, 2, 1), True), ((2, 2, 1, 1), False), ((3, 2, 2), True)],
)
def test_where_most_of_three_subjects_have_several_objects_each_may_have(
    objects: tuple[int, ...], several: bool
) -> None:
    """Of which none is heard of in one episode with another."""
    said = [
        (f"source {n}", Triplet(f"thing {thing}", "goes with", f"object {thing} {n}"))
        for thing, count in enumerate(objects)
        for n in range(count)
    ]
    random.Random(0).shuffle(said)
    memory = told(*said)
    assert {triplet for _, triplet in said if triplet.subject == "thing 0"} == {
        fact.triplet for fact in memory.recall(About("thing 0")).facts
    }
    assert marked(memory.recall(About("thing 0"))) == (
        set() if several else {triplet for _, triplet in said if triplet.subject == "thing 0"}
    )


def test_what_no_longer_holds_is_no_account() -> None:
    for old, left in ((ROME, OSLO), (OSLO, ROME)):
        memory = told(*TWO)
        memory.remember("It is over.", triplets=[], outdated=[Replacement(old, None)])
        assert shown(memory.recall(About("Ann"))) == [str(left)]
    memory = told(*TWO)
    memory.retract(ROME, "Bob was mistaken.")
    assert shown(memory.recall(About("Ann"))) == ["Ann lives in Oslo"]


@pytest.mark.parametrize("ask", [WHERE, About("Ann")], ids=["query", "name"])
def test_what_is_left_out_contradicts_nothing(ask: str | About) -> None:
    memory = told(*TWO)
    for left, other in ((ROME, "Carla"), (OSLO, "Bob")):
        for limits in ({"trust": {other: 0}}, {"exclude": [2 if other == "Carla" else 1]}):
            assert shown(memory.recall(ask, episodes=0, **limits)) == [str(left)]
        assert shown(memory.recall(ask, episodes=0, where={"source": "BobCarla".replace(other, "")})) == [str(left)]
    assert marked(memory.recall(ask, trust={"Bob": 0.2})) == {ROME, OSLO}


@pytest.mark.parametrize("ask", [WHERE, About("Ann")], ids=["query", "name"])
def test_before_the_second_was_told_there_was_one_account(ask: str | About) -> None:
    memory = told(*TWO, ("Dan", BERGEN), ("Bob", ROME))
    assert shown(memory.recall(ask, as_of=1, episodes=0)) == ["Ann lives in Rome"]
    assert shown(memory.recall(ask, as_of=2, episodes=0)) == [
        "Ann lives in Oslo (newest of 2 accounts: Carla, episode 2)",
        "Ann lives in Rome (one of 2 accounts: Bob, episode 1)",
    ]
    assert memory.at(2).recall(ask).text == memory.recall(ask, as_of=2).text
    assert shown(memory.recall(ask, valid_at=1, episodes=0)) == ["Ann lives in Rome"]


def test_the_papers_search_marks_nothing() -> None:
    memory = told(*TWO)
    recall = memory.recall([WHERE, About("Ann")], strategy="paper")
    assert {fact.triplet for fact in recall.facts} == {ROME, OSLO}
    assert marked(recall) == set()


def test_accounts_of_two_things_are_not_mixed_up() -> None:
    homes = [Triplet(who, "lives in", city) for who, city in (("Ann", "Rome"), ("Tess", "Rome"), ("Ann", "Oslo"))]
    jobs = [Triplet("Ann", "works in", city) for city in ("Rome", "Oslo")]
    memory = told(*zip("ABCDE", [*homes, *jobs], strict=True))
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
    """One episode of those that hypothesis tells."""

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
    """By what is contradicted, all that is said of the same thing, by going through every pair."""
    by_relation = defaultdict[str, dict[str, list[Fact]]](lambda: defaultdict(list))
    for fact in facts:
        by_relation[fact.relation][fact.subject].append(fact)
    accounts = dict[Triplet, list[Fact]]()
    for relation, by_subject in by_relation.items():
        told_of = list(by_subject.values())
        taught_together = any(a.learned_in == b.learned_in for said in told_of for a, b in combinations(said, 2))
        most_have = len(told_of) >= 3 and sum(len(said) > 1 for said in told_of) * 2 > len(told_of)
        for said in told_of:
            at_once = any(set(a.episodes) & set(b.episodes) for a, b in combinations(said, 2))
            if len(said) > 1 and "not" not in relation and not (taught_together or most_have or at_once):
                accounts |= {fact.triplet: said for fact in said}
    return accounts


@settings(max_examples=100)
@given(lines, st.booleans())
def test_marked_are_those_that_contradict_each_other_one_by_one(lines: list[Line], by_meaning: bool) -> None:
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
                said = sorted(expected[fact.triplet], key=lambda one: max(newest[n] for n in one.episodes))[::-1]
                which = "newest" if said[0] == fact else "one"
                assert str(fact.conflict).startswith(f"{which} of {len(said)} accounts: ")
                together = [other for other in recall.facts if other in said]
                assert together == [other for other in said if other in together]
                first = place - together.index(fact)
                assert list(recall.facts[first : first + len(together)]) == together


# -- games -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["hunt", "cook", "clean"])
def test_what_a_game_says_contradicts_nothing(name: str, shared: Path) -> None:
    """Read by rules, episode by episode, as it was played."""
    record = (shared / "published-runs" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    with AriGraph(embedder=None) as memory:
        for row in map(json.loads, record[:25]):
            memory.remember(f"{row['observation']}\n{row['inventory']}")
        recall = about_all(memory, episodes=0)
        assert len(recall.facts) == len(memory.facts()) > 20
        assert marked(recall) == set()


def test_a_game_that_is_played_shows_no_accounts(shared: Path) -> None:
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


# -- what several say, one who never said so does not end --------------------------------------------------------------


def put(told: str) -> list[Said]:
    """Who says where the key is: "Ann box, - bag": a dash is nobody."""
    pairs = (line.split() for line in told.split(", "))
    return [(None if who == "-" else who, Triplet("key", "is in", where)) for who, where in pairs]


def where(memory: AriGraph) -> str:
    """Where the key is now, in the order learned."""
    return " ".join(fact.object for fact in memory.facts("key"))


@pytest.mark.parametrize(
    ("said", "left"),
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
def test_what_two_say_a_third_who_never_said_so_does_not_end(said: str, left: str) -> None:
    assert where(told(*put(said))) == left


def test_what_was_not_ended_are_accounts_and_an_update_says_that_nothing_was_retired() -> None:
    memory = told(*put("Ann box, Bob box"))
    update = memory.remember("x", triplets=[Triplet("key", "is in", "bag")], source="Carla")
    assert (update.retired, update.refused, [str(fact) for fact in update.added]) == ((), (), ["key is in bag"])
    for ask in ("where is the key?", About("key")):
        assert shown(memory.recall(ask, episodes=0)) == [
            "key is in bag (newest of 2 accounts: Carla, episode 3)",
            "key is in box (one of 2 accounts: Bob, Ann, episode 2)",
        ]
    assert [fact.object for fact in memory.facts("key", as_of=2)] == ["box"]


@pytest.mark.parametrize(
    ("old", "new"),
    [(("door", "is", "open"), ("door", "is", "closed")), (("box", "holds", "key"), ("bag", "holds", "key"))],
)
def test_it_is_so_of_whatever_has_one_value_at_a_time(old: tuple[str, str, str], new: tuple[str, str, str]) -> None:
    memory = told(("Ann", Triplet(*old)), ("Carla", Triplet(*new)))
    assert [fact.triplet for fact in memory.facts()] == [Triplet(*new)]
    memory = told(("Ann", Triplet(*old)), ("Bob", Triplet(*old)), ("Carla", Triplet(*new)))
    assert [fact.triplet for fact in memory.facts()] == [Triplet(*old), Triplet(*new)]


def test_who_knows_better_ends_what_any_number_say() -> None:
    box, bag, shelf = (Triplet("key", "is in", place) for place in ("box", "bag", "shelf"))
    for new in (bag, None):
        memory = told(*put("Ann box, Bob box"))
        update = memory.remember("x", triplets=[bag], outdated=[Replacement(box, new)], source="Carla")
        assert (where(memory), len(update.retired), update.refused) == ("bag", 1, ())
    memory = AriGraph(embedder=None, propose=lambda stated, known: [Replacement(f.triplet, None) for f in known])
    for source, triplet in put("Ann box, Bob box, Carla bag"):
        memory.remember("x", triplets=[triplet], source=source)
    assert where(memory) == "bag"
    for wrong in (box, bag):
        memory = told(*put("Ann box, Bob box, Carla bag"))
        memory.correct(wrong, shelf, "I looked.")
        assert where(memory) == "shelf"
    memory = told(*put("Ann box, Bob box, Carla bag"))
    memory.retract(box, "They were mistaken.")
    assert where(memory) == "bag"


def test_a_correction_is_no_witness() -> None:
    memory = told(*put("Ann bag"))
    memory.correct(Triplet("key", "is in", "bag"), Triplet("key", "is in", "box"), "I looked.")
    for source, triplet in put("Bob box, Carla shelf"):
        memory.remember("x", triplets=[triplet], source=source)
    assert where(memory) == "shelf"


# -- told late ---------------------------------------------------------------------------------------------------------

Dated = tuple[int, str | None, str]
"""When, who, and where."""


def told_at(*said: Dated) -> AriGraph:
    memory = AriGraph(embedder=None)
    for at, source, place in said:
        memory.remember("x", triplets=[Triplet("key", "is in", place)], source=source, at=at)
    return memory


@pytest.mark.parametrize(
    ("third", "left"),
    [((0, "Carla", "bag"), {"box"}), ((3, None, "bag"), {"bag"}), ((3, "Ann", "bag"), {"bag"})],
    ids=["one before two", "nobody's word", "a witness"],
)
def test_in_whatever_order_they_tell_what_one_may_end_is_ended(third: Dated, left: set[str]) -> None:
    for order in permutations([(1, "Ann", "box"), (2, "Bob", "box"), third]):
        assert {fact.object for fact in told_at(*order).facts("key")} == left


def test_two_witnesses_may_be_told_in_any_order_before_the_third() -> None:
    for order in permutations([(1, "Ann", "box"), (2, "Bob", "box")]):
        assert where(told_at(*order, (3, "Carla", "bag"))) == "box bag"


@pytest.mark.parametrize(
    ("last", "left"), [("Carla", {"box", "shelf"}), (None, {"shelf"}), ("Ann", {"shelf"}), ("Bob", {"shelf"})]
)
def test_what_the_second_witness_tells_late_is_not_ended_by_what_a_third_said_of_later(
    last: str | None, left: set[str]
) -> None:
    """The key was gone from the box in between; so what Bob tells is a new fact, of an earlier time than the shelf."""
    said: list[Dated] = [(1, "Ann", "box"), (2, None, "bag"), (5, "Bob", "box"), (10, last, "shelf")]
    for order in (said, [*said[:2], said[3], said[2]]):
        assert {fact.object for fact in told_at(*order).facts("key")} == left


# -- carried away, and forgotten ---------------------------------------------------------------------------------------


def test_another_memory_that_imports_it_holds_the_same_accounts() -> None:
    memory, other, lines = (
        told(*put("Ann box, Bob box, Carla bag, Dan bag, Eve shelf")),
        AriGraph(embedder=None),
        io.StringIO(),
    )
    memory.export_to(lines)
    other.import_from(lines.getvalue().splitlines())
    assert where(other) == where(memory) == "box bag shelf"
    assert other.facts() == memory.facts()
    assert other.recall(About("key")).text == memory.recall(About("key")).text


@pytest.mark.parametrize(
    ("source", "left"), [("Ann", "bag"), ("Bob", "bag"), ("Carla", "box"), ("Dan", "box bag"), ("nobody", "box bag")]
)
def test_without_a_witness_it_is_as_if_he_had_never_spoken(source: str, left: str) -> None:
    memory = told(*put("Ann box, Bob box, Carla bag"), ("Dan", Triplet("Dan", "has", "keys")))
    memory.forget(source=source)
    assert where(memory) == left
    said = [(who, triplet) for who, triplet in put("Ann box, Bob box, Carla bag") if who != source]
    assert where(told(*said)) == left
    assert (len(marked(memory.recall(About("key")))) == 2) == (left == "box bag")


def test_what_several_say_comes_along_though_an_episode_states_it_with_something_else() -> None:
    bob, carla, zoe = (Triplet("Ann", "knows", who) for who in ("Bob", "Carla", "Zoe"))
    with AriGraph(embedder=None) as memory:
        for source, triplets in (("A", [bob]), ("B", [bob]), ("C", [carla]), ("D", [bob, carla]), ("S", [zoe])):
            memory.remember("They spoke of it.", triplets=triplets, source=source)
        assert [fact.triplet for fact in memory.recall(About("Zoe")).facts] == [zoe, bob, carla]


def test_every_query_has_its_turn_though_each_fact_brings_another_along() -> None:
    with AriGraph(embedder=None) as memory:
        for n, relation in enumerate(("visits", "loves", "calls", "meets")):
            for who in "AB":
                for subject in (f"first {n} cat", f"second {n} dog"):
                    stated = [Triplet(subject, relation, f"{who} {n} {subject} town")]
                    memory.remember("They spoke of it.", triplets=stated, source=who)
        recall = memory.recall(["cat", "dog"], facts=4, episodes=0)
    assert sorted({fact.subject.split()[0] for fact in recall.facts}) == ["first", "second"]


def test_what_two_say_does_not_contradict_what_a_table_lets_stand_beside_it() -> None:
    red, sweet = Triplet("apple", "is", "red"), Triplet("apple", "is", "sweet")
    apple, pear = Triplet("box", "contains", "apple"), Triplet("box", "contains", "pear")
    box, kitchen = Triplet("key", "is in", "box"), Triplet("key", "is in", "kitchen")
    around = [(None, Triplet("box", "is in", "kitchen"))]
    for before, one, other in (([], red, sweet), ([], apple, pear), (around, box, kitchen)):
        with AriGraph(embedder=None) as memory:
            for source, triplet in (*before, ("A", one), ("B", one), ("C", other)):
                memory.remember("They spoke of it.", triplets=[triplet], source=source)
            told = memory.recall(About(one.subject)).facts
        assert {one, other} <= {fact.triplet for fact in told}
        assert [fact.conflict for fact in told] == [None] * len(told)


def held_after(*said: tuple[str, list[Triplet]]) -> set[Triplet]:
    with AriGraph(embedder=None) as memory:
        for source, triplets in said:
            memory.remember("They spoke of it.", triplets=triplets, source=source)
        return {fact.triplet for fact in memory.facts()}


def test_what_another_account_moves_takes_nothing_with_it() -> None:
    box, apple = Triplet("box", "is in", "kitchen"), Triplet("apple", "is in", "box")
    there = Triplet("apple", "is in", "kitchen")
    hall = Triplet("box", "is in", "hall")
    assert held_after(("A", [apple, there, box]), ("B", [box]), ("C", [hall])) == {apple, there, box, hall}


def test_who_took_it_back_is_no_witness_any_more() -> None:
    rome, oslo, bergen = (Triplet("Ann", "is in", city) for city in ("Rome", "Oslo", "Bergen"))
    assert held_after(("A", [rome]), ("A", [oslo]), ("B", [rome]), ("C", [bergen])) == {bergen}
    assert held_after(("A", [rome]), ("A", [oslo]), ("B", [rome]), ("A", [rome]), ("C", [bergen])) == {rome, bergen}


def test_a_correction_stands_whatever_several_say_late() -> None:
    rome, oslo, lima, bergen = (Triplet("Ann", "is in", city) for city in ("Rome", "Oslo", "Lima", "Bergen"))
    with AriGraph(embedder=None) as memory:
        for at, city in ((1, rome), (3, oslo), (20, lima)):
            memory.remember("They spoke of it.", triplets=[city], source="A", at=at)
        memory.correct(lima, bergen, at=20)
        memory.remember("They spoke of it.", triplets=[rome], source="B", at=10)
        assert [fact.triplet for fact in memory.facts()] == [bergen]


# -- by what it is seen ------------------------------------------------------------------------------------------------


def test_the_newest_account_is_told_though_its_source_said_otherwise_before() -> None:
    memory = told(("Bob", ROME), ("Bob", OSLO))
    recall = memory.recall(About("Rome"))
    assert [fact.triplet for fact in recall.facts] == [OSLO, ROME]


@pytest.mark.parametrize("limits", [{"trust": {"spam": 0}}, {"exclude": [3, 4, 5, 6]}, {"where": {"kind": "honest"}}])
def test_what_is_left_out_decides_no_account(limits: dict[str, Any]) -> None:
    with AriGraph(embedder=None) as memory:
        for source, triplet in TWO:
            memory.remember("x", triplets=[triplet], source=source, metadata={"kind": "honest"})
        for who in ("Cid", "Dan", "Eve", "Flo"):
            both = [Triplet(who, "lives in", place) for place in ("Mars", "Venus")]
            memory.remember("x", triplets=both, source="spam")
        assert marked(memory.recall(About("Ann"))) == set()
        assert marked(memory.recall(About("Ann"), **limits)) == {ROME, OSLO}
        assert marked(memory.recall(About("Ann"))) == set()


def test_what_held_then_decides_whether_subjects_have_several() -> None:
    likes = [Triplet(who, "likes", what) for who in ("Ann", "Bob", "Cid") for what in ("jazz", "tea")]
    with AriGraph(embedder=None) as memory:
        for triplet in likes:
            memory.remember("x", triplets=[triplet])
        for triplet in likes[::2]:
            memory.remember("x", triplets=[], outdated=[Replacement(triplet, None)])
        assert marked(memory.recall(About("Ann"), valid_at=6)) == marked(memory.recall(About("Ann"), as_of=6)) == set()


def test_what_an_episode_states_again_beside_another_is_told_at_once() -> None:
    bob, carl = Triplet("Ann", "knows", "Bob"), Triplet("Ann", "knows", "Carl")
    memory = told(("A", bob), ("B", Triplet("Tess", "knows", "Bob")), ("C", Triplet("Tess", "knows", "Carl")))
    assert len(marked(memory.recall(About("Tess")))) == 2
    memory.remember("x", triplets=[bob, carl], source="A")
    assert marked(memory.recall(About("Tess"))) == set()


def test_what_many_tell_in_many_ways_is_several_things() -> None:
    imports = [(f"url {n}", Triplet("USA", "imports", f"thing {n}")) for n in range(7)]
    assert len(marked(told(*imports[:6]).recall(About("USA")))) == 6
    assert marked(told(*imports).recall(About("USA"))) == set()


@pytest.mark.parametrize("relation", ["isn't born in", "isn\u2019t born in", "was never in"])
def test_what_is_denied_is_no_account(relation: str) -> None:
    denied = [(who, Triplet("Tess", relation, place)) for who, place in (("A", "Rome"), ("B", "Oslo"))]
    assert marked(told(*denied).recall(About("Tess"))) == set()
