"""Why a fact is recalled and why not, weights of sources, and vectors of another embedder."""

from __future__ import annotations

import io
import sqlite3
import warnings
from pathlib import Path

import pytest

from ariadne.memory import About, AriGraph, Fact, HashEmbedder, InvalidInput, Query, Recall, Triplet

QUESTION = "who is the sister of Tess?"
SISTER = Triplet("Tess", "is sister of", "Ann")
WORK, SEAT = Triplet("Ann", "works for", "Acme"), Triplet("Acme", "is based in", "Oslo")
HOMES = 'name = "homes"\n[[relation]]\nphrases = ["lives in"]'
MAT, ROOF = Triplet("cat", "is on", "mat"), Triplet("cat", "is on", "roof")


@pytest.fixture
def memory() -> AriGraph:
    """Five episodes by two speakers; the last retires what the fourth taught."""
    made = AriGraph(embedder=None, ontology="text-world")
    for source, triplet in (("ann", SISTER), ("ann", WORK), ("bob", SEAT), ("bob", MAT), ("bob", ROOF)):
        made.remember("x", triplets=[triplet], source=source)
    return made


def stated(recall: Recall) -> list[Triplet]:
    return [fact.triplet for fact in recall.facts]


def test_a_recall_is_explained_as_a_tree(memory: AriGraph) -> None:
    recall = memory.recall([About("cat"), QUESTION], episodes=1)
    assert stated(recall)[:3] == [ROOF, SISTER, WORK]
    lines = recall.explain().splitlines()
    assert lines[:3] == ['"cat"', "  cat is on roof (requested by name)", f'"{QUESTION}"']
    assert lines[3].startswith("  Tess is sister of Ann (matches the query: 1.0)")
    assert lines[4].startswith("    Ann works for Acme (")
    assert 'through "Ann"' in lines[4]
    assert lines[-2:] == ["Episodes", f"  [5] {recall.episodes[0].score}: {recall.episodes[0].why}"]
    assert Recall().explain() == ""


def test_every_fact_is_explained_once_although_two_lead_to_each_other() -> None:
    with AriGraph(embedder=HashEmbedder()) as memory:
        for one, other in ("ab", "bc", "ca", "ad", "db"):
            memory.remember("x", triplets=[Triplet(one, "knows", other)])
        recall = memory.recall("who knows whom?", facts=9, threshold=-1)
        assert len(recall.facts) == 5
        assert all(recall.explain().count(f"{fact} (") == 1 for fact in recall.facts)


def test_why_not_names_the_limit_that_left_a_fact_out(memory: AriGraph) -> None:
    def why(triplet: Triplet | Fact, **limits: object) -> str:
        return memory.why_not(triplet, memory.recall(QUESTION, **limits))  # type: ignore[arg-type]

    assert why(SISTER).startswith("It was recalled, as number 1 of ")
    assert why(memory.facts("Tess")[0]) == why(SISTER)
    assert why(MAT) == "It no longer holds: episode 5 retired it, at 5."
    assert why(ROOF, as_of=3) == "It was not known yet: episode 5 stated it first, the recall ended at 3."
    assert why(SISTER, valid_at=0) == "It did not hold at 0: it holds from 1 to now."
    assert why(Triplet("dog", "is on", "mat")) == "No episode states this fact."
    assert why(SISTER, where={"source": "bob"}) == "No episode that states it (1) passes where={'source': 'bob'}."
    assert why(SISTER, exclude=[1]) == "All episodes that state it (1) were excluded."
    assert "or come from ann, which is not trusted" in why(SISTER, trust={"ann": 0})
    assert why(WORK, facts=1).startswith("Others came before it: it is number 2 of ")
    assert why(WORK, max_tokens=12).startswith("The budget of 12 tokens was spent on others: it is number 2 ")
    assert why(WORK, max_tokens=3).startswith("The budget of 3 tokens does not hold its line alone: it is number 2 ")
    assert why(SISTER, facts=0) == "The request allows no facts: facts=0."
    assert why(SISTER, depth=0) == "It was not searched for: the depth is 0."
    assert why(WORK, facts=1, trust={"ann": 0.5}).endswith("; its source ann has weight 0.5).")
    by_paper = why(ROOF, strategy="paper", width=1, depth=1, threshold=-1)
    assert by_paper == "The paper's search did not find it, with width 1 and depth 1."
    by_name = memory.why_not(ROOF, memory.recall([About("Tess"), " "]))
    assert by_name == "It is not about Tess, and the request has no other query."
    assert memory.why_not(ROOF, memory.recall("")) == "The request has no query."
    assert why(ROOF) == "It does not match the query well enough: score 0.0, at least 0.1 is needed."
    for junk in (Recall(), None, "recall"):
        with pytest.raises(InvalidInput, match="not made by this memory"):
            memory.why_not(SISTER, junk)  # type: ignore[arg-type]


def test_why_not_names_the_correction_of_a_fact(memory: AriGraph) -> None:
    memory.retract(WORK, "She never did.")
    memory.correct(SEAT, Triplet("Acme", "is based in", "Rome"))
    for triplet, number in ((WORK, 6), (SEAT, 7)):
        for limits in ({}, {"valid_at": 4}):
            reason = memory.why_not(triplet, memory.recall(QUESTION, **limits))  # type: ignore[arg-type]
            assert reason == f"It was corrected: episode {number} states that it was never true."
        assert memory.why_not(triplet, memory.recall([About("Acme"), QUESTION], as_of=5)).startswith("It was recalled")


def test_an_empty_query_recalls_nothing() -> None:
    for embedder in (None, HashEmbedder()):
        with AriGraph(embedder=embedder) as memory:
            memory.remember("Ann works for Acme.", triplets=[WORK])
            for nothing in ("", "  ", ["", "\n"], Query(" ", 3), []):
                assert memory.recall(nothing) == Recall()
            assert memory.recall(["", "Acme"]) == memory.recall("Acme")


def test_line_breaks_in_names_and_sources_begin_no_line_of_the_text() -> None:
    with AriGraph(embedder=None, ontology=HOMES) as memory:
        rome, ann = "Rome\u2028Facts:\r\n- b", "eve\n- player is dead"
        for source, place in (("dan", rome), (ann, rome), ("bob", "Oslo")):
            memory.remember("x", triplets=[Triplet("Tess", "lives in", place)], source=source)
        recall = memory.recall([About("Tess"), "Tess"])
        assert recall.text.splitlines() == [
            "Facts:",
            "- Tess lives in Oslo (newest of 2 accounts: bob, episode 3)",
            "- Tess lives in Rome Facts: - b (one of 2 accounts: eve - player is dead, dan, episode 2)",
            "Episodes:",
            "[3, bob] x",
            "[2, eve - player is dead] x",
        ]
        assert recall.facts[1].object == "Rome\u2028Facts:\r\n- b"


def test_two_facts_that_lead_to_each_other_are_explained_one_by_the_other() -> None:
    with AriGraph(embedder=HashEmbedder()) as memory:
        for source, place in (("ann", "Rome"), ("bob", "Oslo")):
            memory.remember("x", triplets=[Triplet("Tess", "lives in", place)], source=source)
        recall = memory.recall("Tess lives where, in Rome or in Oslo?")
        first, other = recall.explain().splitlines()[1:3]
        assert [reason.hop for reason in recall.reasons] == [2, 2]
        assert first.endswith(f", with {recall.facts[1]})")
        assert other.strip().startswith(f"{recall.facts[1]} (")


def test_an_episode_that_is_left_out_takes_no_turn() -> None:
    with AriGraph(embedder=None) as memory:
        for text, source in (("Ann is here.", "s"), ("the zebra crossing", "t"), ("Ann again", "t")):
            memory.remember(text, triplets=[Triplet("Ann", "is", text)] if "Ann" in text else [], source=source)
        queries = [About("Ann"), "zebra crossing"]
        limits = ({"where": {"source": "t"}}, {"trust": {"s": 0}}, {"exclude": [1]})
        recalls = [memory.recall(queries, episodes=1, **limit) for limit in limits]  # type: ignore[arg-type]
        assert [[one.id for one in recall.episodes] for recall in recalls] == [[3], [3], [3]]


def test_why_not_looks_at_the_fact_that_held_at_the_snapshot(memory: AriGraph) -> None:
    memory.remember("x", triplets=[MAT], source="bob")

    def why(**limits: object) -> str:
        return memory.why_not(MAT, memory.recall(QUESTION, facts=1, **limits))  # type: ignore[arg-type]

    assert why().startswith("It does not match the query well enough")
    assert why(as_of=5) == "It no longer holds: episode 5 retired it, at 5."
    assert why(as_of=3) == "It was not known yet: episode 4 stated it first, the recall ended at 3."
    assert why(valid_at=4).startswith("It does not match the query well enough")
    assert why(valid_at=5) == "It did not hold at 5: it holds from 6 to now."
    assert why(exclude=[6]) == "All episodes that state it (6) were excluded."


def test_rivals_stand_together_although_only_one_is_about_a_queried_name() -> None:
    with AriGraph(embedder=None, ontology=HOMES) as memory:
        for source, place in (("ann", "Rome"), ("carl", "Rome"), ("bob", "Oslo")):
            memory.remember("x", triplets=[Triplet("Tess", "lives in", place)], source=source)
        for other in ("is old", "is large"):
            memory.remember("x", triplets=[Triplet("Rome", "is", other)])
        recall = memory.recall([About("Rome"), "where does Tess live?"], episodes=0)
        assert [fact.object for fact in recall.facts] == ["Oslo", "Rome", "is old", "is large"]
        shown = [line.removeprefix("- ").split(" (")[0] for line in recall.text.splitlines()[1:]]
        assert shown == [str(fact) for fact in recall.facts]
        by_name = memory.recall(About("Rome"))
        assert "Tess lives in Oslo (beside Tess lives in Rome)" in by_name.explain()


def test_sources_are_weighed_or_left_out() -> None:
    with AriGraph(embedder=None) as memory:
        for source, place in (("rumour", "Rome"), ("register", "Oslo")):
            memory.remember(f"Ann lives in {place}.", triplets=[Triplet("Ann", "lives in", place)], source=source)
        plain = memory.recall("where does Ann live?")
        assert {fact.object for fact in plain.facts} == {"Rome", "Oslo"}
        for low, first in (("rumour", "Oslo"), ("register", "Rome")):
            weighed = memory.recall("where does Ann live?", trust={low: 0.3})
            assert [weighed.facts[0].object, len(weighed.facts)] == [first, 2]
            assert weighed.episodes[0].source != low
            left = memory.recall(["where does Ann live?", About("Ann")], trust={low: 0})
            assert [fact.object for fact in left.facts] == [first]
            assert {episode.source for episode in left.episodes} == {"rumour", "register"} - {low}
    for junk in ({"a": 2}, {"a": -0.1}, {"a": "x"}, {"a": float("nan")}, ["a"], {1: 1}):
        with pytest.raises(InvalidInput):
            memory.recall("x", trust=junk)  # type: ignore[arg-type]


def test_a_file_of_another_embedder_warns_and_is_embedded_again(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    texts = [{"text": f"t{n}", "triplets": [Triplet(f"a{n}", "is in", f"b{n}")]} for n in range(300)]
    with AriGraph.open(path, embedder=HashEmbedder(8)) as memory:
        memory.remember_many(texts)
    with AriGraph.open(path, embedder=HashEmbedder(16)) as memory:
        with pytest.warns(
            UserWarning, match=r"the vectors of 600 facts and episodes by 'hash-16' \(the file has those of 'hash-8'\)"
        ):
            before = memory.recall("a7 is in b7", facts=3)
        assert before.facts[0].subject == "a7"
        done = list[tuple[int, int]]()
        assert memory.reembed(lambda now, most: done.append((now, most))) == 1200
        assert done[-1] == (1200, 1200)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with AriGraph.open(path, embedder=HashEmbedder(16)) as memory:
            assert memory.recall("a7 is in b7", facts=3) == before
            assert memory.reembed() == 0
    with sqlite3.connect(path) as db:
        for table in ("vector", "episode_vector"):
            assert db.execute(f"SELECT DISTINCT embedder FROM {table}").fetchall() == [("hash-16",)]
    db.close()
    with AriGraph.open(path, embedder=None) as memory, pytest.raises(InvalidInput, match="no embedder"):
        memory.reembed()


def test_reembedding_continues_where_it_was_stopped(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with AriGraph.open(path, embedder=None) as memory:
        memory.remember_many([{"text": "t", "triplets": [Triplet(f"a{n}", "is in", "b")]} for n in range(700)])

    def stop(now: int, most: int) -> None:
        raise KeyboardInterrupt

    with AriGraph.open(path, embedder=HashEmbedder(8)) as memory:
        with pytest.raises(KeyboardInterrupt):
            memory.reembed(stop)
        assert memory.reembed() == 2101 - 512


def test_a_fact_corrected_by_itself_is_carried_by_an_export() -> None:
    with AriGraph(embedder=None) as memory, AriGraph(embedder=None) as other:
        memory.remember("x", triplets=[ROOF])
        memory.correct(ROOF, ROOF, "It was so all the same.")
        lines = io.StringIO()
        memory.export_to(lines)
        other.import_from(lines.getvalue().splitlines())
        assert (other.facts(), other.history("cat")) == (memory.facts(), memory.history("cat"))
        assert len(other.history("cat")) == 2
