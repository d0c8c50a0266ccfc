"""Forget, merge and split: what they change, and what they keep."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from ariadne.memory import About, AriGraph, Fact, ForgetResult, HashEmbedder, InvalidInput, Replacement, Triplet, Update


@pytest.fixture
def memory() -> Iterator[AriGraph]:
    with AriGraph(embedder=None, ontology="text-world") as made:
        yield made


def triplet(line: str) -> Triplet:
    return Triplet(*(part.strip() for part in line.split("|")))


def remember(memory: AriGraph, *lines: str, **more: Any) -> Update:
    return memory.remember("; ".join(lines), triplets=[triplet(line) for line in lines], **more)


def texts_of(facts: Sequence[Fact]) -> list[str]:
    return [str(fact) for fact in facts]


def tables(path: Path) -> str:
    """Return the content of all tables of a file, as one text."""
    with sqlite3.connect(path) as db:
        rows = [
            f"{row}"
            for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for row in db.execute(f'SELECT * FROM "{table}"')
        ]
    db.close()
    return "\n".join(rows).casefold()


# -- what forget keeps -------------------------------------------------------------------------------------------------


def test_a_fact_holds_again_when_the_episode_that_retired_it_is_forgotten(memory: AriGraph) -> None:
    remember(memory, "apple | is in | box")
    remember(memory, "apple | is on | table")
    forgotten = memory.forget(episodes=[2])
    assert [one.id for one in forgotten.episodes] == [2]
    assert texts_of(forgotten.facts) == ["apple is on table"]
    assert texts_of(forgotten.restored) == ["apple is in box"]
    (fact,) = memory.facts()
    assert (str(fact), fact.valid_from, fact.valid_to, fact.retired_in) == ("apple is in box", 1, None, None)
    assert memory.history("apple") == (fact,)
    assert memory.facts(valid_at=2) == (fact,)
    with pytest.raises(InvalidInput, match="no episode 2"):
        memory.episode(2)


def test_a_fact_that_another_episode_states_is_kept_and_reported(memory: AriGraph) -> None:
    remember(memory, "ann | likes | pears")
    remember(memory, "ann | likes | pears", "ann | owns | boat")
    forgotten = memory.forget(episodes=[1])
    assert forgotten.facts == ()
    (pears, boat) = memory.facts()
    assert (str(pears), pears.learned_in, pears.episodes, pears.valid_from) == ("ann likes pears", 2, (2,), 2)
    assert str(boat) == "ann owns boat"


def test_an_episode_is_forgotten_if_all_given_conditions_match(memory: AriGraph) -> None:
    for number, source in enumerate(["ann", "bob", "ann", "ann"], 1):
        mood = {"mood": "calm"} if number > 2 else {}
        memory.remember(f"{number}", triplets=[], source=source, metadata=mood, at=number)

    def gone(**wanted: Any) -> list[int]:
        return [one.id for one in memory.forget(**wanted, dry_run=True).episodes]

    assert gone(source="ann") == [1, 3, 4]
    assert gone(source="ann", before=4) == [1, 3]
    assert gone(source="ann", where={"mood": "calm"}) == [3, 4]
    assert gone(source="ann", where={"mood": "calm"}, episodes=[1, 2, 4, 99]) == [4]
    assert gone(source="cid") == gone(episodes=[]) == gone(episodes=[0, -1, 99]) == []
    assert len(memory.episodes()) == 4


def test_a_dry_run_lists_what_would_be_forgotten_and_changes_nothing(memory: AriGraph) -> None:
    remember(memory, "apple | is in | box")
    remember(memory, "apple | is on | table")
    before = memory.episodes(), memory.facts(), memory.history("apple"), memory.recall("apple")
    planned = memory.forget(episodes=[2], dry_run=True)
    assert (memory.episodes(), memory.facts(), memory.history("apple"), memory.recall("apple")) == before
    assert planned == memory.forget(episodes=[2])
    assert planned != ForgetResult()


def test_forget_without_a_condition_is_refused(memory: AriGraph) -> None:
    remember(memory, "apple | is in | box")
    with pytest.raises(InvalidInput, match="forget which episodes"):
        memory.forget()
    with pytest.raises(InvalidInput, match="forget which episodes"):
        memory.forget(dry_run=True)
    assert len(memory.episodes()) == 1


def test_a_view_of_the_past_forgets_and_merges_nothing(memory: AriGraph) -> None:
    remember(memory, "apple | is in | box")
    past = memory.at(1)
    for refused in (
        lambda: past.forget(episodes=[1]),
        lambda: past.forget(episodes=[1], dry_run=True),
        lambda: past.merge("apple", "box"),
        lambda: past.split("apple"),
        lambda: past.correct(triplet("apple | is in | box"), triplet("apple | is on | table")),
        lambda: past.import_from(['{"text": "x"}']),
    ):
        with pytest.raises(InvalidInput, match="read-only"):
            refused()
    assert texts_of(memory.facts()) == ["apple is in box"]


def test_the_number_of_a_forgotten_episode_is_not_used_again(tmp_path: Path) -> None:
    for expected in (1, 2, 3):
        with AriGraph.open(tmp_path / "a.db", embedder=None) as memory:
            assert memory.remember("x", triplets=[]).episode.id == expected
            memory.forget(episodes=[expected])
            assert memory.episodes() == ()
    with AriGraph.open(tmp_path / "a.db", embedder=None) as memory:
        assert memory.remember("y", triplets=[]).episode.at == 4


def test_the_key_of_a_forgotten_episode_can_be_used_again(memory: AriGraph) -> None:
    remember(memory, "door | is | open", key="step 1")
    memory.forget(episodes=[1])
    again = remember(memory, "door | is | closed", key="step 1")
    assert (again.episode.id, texts_of(memory.facts())) == (2, ["door is closed"])
    assert remember(memory, "door | is | locked", key="step 1") == again


def test_forget_before_a_date_compares_dates_of_all_time_zones(memory: AriGraph) -> None:
    noon = datetime(2024, 5, 1, 12, tzinfo=UTC)
    for hours in (-1, 0, 1):
        memory.remember(f"{hours}", triplets=[], at=noon + timedelta(hours=hours))
    same = noon.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert [one.text for one in memory.forget(before=same).episodes] == ["-1"]
    with pytest.raises(InvalidInput, match="this space uses"):
        memory.forget(before=3)
    with pytest.raises(InvalidInput, match="time zone"):
        memory.forget(before=datetime(2024, 5, 1))
    assert [one.text for one in memory.episodes()] == ["0", "1"]


def test_a_forgotten_correction_leaves_the_fact_as_it_was(memory: AriGraph) -> None:
    remember(memory, "ann | lives in | york")
    memory.correct(triplet("ann | lives in | york"), triplet("ann | lives in | hull"))
    assert texts_of(memory.facts()) == ["ann lives in hull"]
    forgotten = memory.forget(source="correction")
    assert texts_of(forgotten.restored) == texts_of(memory.facts()) == ["ann lives in york"]


def test_a_correction_goes_with_the_text_that_it_corrects(memory: AriGraph) -> None:
    remember(memory, "ann | lives in | york", source="Ann")
    memory.correct(triplet("ann | lives in | york"), triplet("ann | lives in | hull"), "Not York, but Hull.")
    memory.retract(triplet("ann | lives in | hull"), "Not Hull.")
    remember(memory, "bob | lives in | rome", source="Bob")
    planned = memory.forget(source="Ann", dry_run=True)
    assert [one.id for one in planned.episodes] == [1, 2, 3]
    assert memory.forget(source="Ann") == planned
    assert [one.id for one in memory.episodes()] == [4]
    assert texts_of(memory.facts()) == ["bob lives in rome"]
    assert memory.history("hull") == memory.history("york") == ()


def test_a_correction_is_kept_while_another_text_states_what_it_corrects(memory: AriGraph) -> None:
    remember(memory, "ann | lives in | york", source="Ann")
    remember(memory, "ann | lives in | york", source="Bob")
    memory.correct(triplet("ann | lives in | york"), triplet("ann | lives in | hull"))
    assert [one.id for one in memory.forget(source="Ann").episodes] == [1]
    assert texts_of(memory.facts()) == ["ann lives in hull"]


def test_the_other_spaces_of_the_file_do_not_change(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with (
        AriGraph.open(path, embedder=HashEmbedder(), space="ann") as ann,
        AriGraph.open(path, embedder=HashEmbedder(), space="bob") as bob,
    ):
        for memory in (ann, bob):
            remember(memory, "apple | is in | box")
        before = bob.recall("apple in the box"), bob.facts(), bob.episodes()
        ann.forget(episodes=[1])
        assert ann.recall("apple in the box", threshold=-1.0).facts == ()
        assert (bob.recall("apple in the box"), bob.facts(), bob.episodes()) == before
        assert bob.check() == ()
    with AriGraph.open(path, embedder=HashEmbedder(), space="bob") as bob:
        assert bob.recall("apple in the box") == before[0]


def test_another_open_memory_sees_the_change_at_its_next_query(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with (
        AriGraph.open(path, embedder=None, ontology="text-world") as one,
        AriGraph.open(path, embedder=None, ontology="text-world") as other,
    ):
        remember(one, "apple | is in | box")
        remember(one, "apple | is on | table")
        assert texts_of(other.recall("where is the apple?").facts) == ["apple is on table"]
        one.forget(episodes=[2])
        assert texts_of(other.recall("where is the apple?").facts) == texts_of(other.facts()) == ["apple is in box"]
        one.merge("apple", "pear")
        assert (
            texts_of(other.recall("where is the pear?").facts) == texts_of(other.facts("apple")) == ["pear is in box"]
        )
        assert other.aliases("pear") == ("apple",)
        one.split("apple")
        assert texts_of(other.recall("where is the apple?").facts) == texts_of(other.facts()) == ["apple is in box"]
        assert remember(other, "pear | is in | box").episode.id == 3
        assert texts_of(one.recall("pear").facts)[:1] == ["pear is in box"]


def test_later_readings_do_not_use_the_forgotten_names(memory: AriGraph) -> None:
    memory.remember("-= Kitchen =-\nYou see a closed fridge.")
    memory.remember("> open fridge\nYou open the fridge, revealing an apple.")
    memory.forget(episodes=[1, 2])
    assert memory.stats().names == memory.stats().facts_ever == 0
    fresh = AriGraph(embedder=None, ontology="text-world")
    text = "> take apple\nYou take the apple from the fridge."
    assert texts_of(memory.remember(text).added) == texts_of(fresh.remember(text).added)


# -- forgotten secrets -------------------------------------------------------------------------------------------------

SECRETS = {
    "text": "xylowort hunterzwei",
    "subject": "vaultkey",
    "relation": "opensqq",
    "object": "crownjewelbox",
    "source": "whistleblower",
    "metadata": "mednotekey",
    "value": "diagnosisvalue",
    "key": "chatkeyseven",
    "outdated": "formerlover",
}


def remember_secret(memory: AriGraph, times: int = 1) -> int:
    """Remember a secret that will be forgotten, and return the number of its episode."""
    return memory.remember(
        f"My {SECRETS['text']} is it. " * times,
        triplets=[Triplet(SECRETS["subject"], SECRETS["relation"], SECRETS["object"])],
        outdated=[Replacement(Triplet(SECRETS["outdated"], "is in", "box"), None)],
        source=SECRETS["source"],
        metadata={SECRETS["metadata"]: SECRETS["value"]},
        key=SECRETS["key"],
    ).episode.id


def words() -> list[str]:
    return [word for secret in SECRETS.values() for word in secret.split()]


def traces(path: Path) -> list[str]:
    """Return the words of the secret that the file or its log contains."""
    beside = Path(f"{path}-wal")
    content = (path.read_bytes() + (beside.read_bytes() if beside.exists() else b"")).lower()
    return [word for word in words() if word.encode() in content]


def chat(memory: AriGraph, rng: random.Random, most: int) -> None:
    for number in range(rng.randrange(most)):
        remember(memory, f"thing {number} | is in | bag {rng.random()}", source="chat")
        memory.remember(f"chatter {number} " * rng.choice([1, 60, 700]), triplets=[])


def test_the_vectors_names_and_words_of_a_forgotten_text_are_deleted(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with AriGraph.open(path, embedder=HashEmbedder(), ontology="text-world") as memory:
        remember(memory, "apple | is in | box")
        number = remember_secret(memory)
        memory.recall("xylowort")
        standing = tables(path)
        assert all(word in standing for word in words())  # otherwise the next line tests nothing
        memory.forget(episodes=[number])
        left = tables(path)
        assert [word for word in words() if word in left] == []
        assert "apple is in box" in left
        assert memory.recall("xylowort", threshold=-1.0).episodes == memory.recall("apple").episodes
        assert (memory.history(SECRETS["subject"]), memory.episodes(about=SECRETS["source"])) == ((), ())
    with sqlite3.connect(path) as db:
        found = "SELECT count(*) FROM episode_words WHERE episode_words MATCH (SELECT id FROM word WHERE text = ?)"
        assert db.execute("SELECT count(*) FROM word WHERE text = 'xylowort'").fetchone() == (0,)
        assert db.execute(found, ["apple"]).fetchone() == (1,)
        assert db.execute("SELECT text FROM vector ORDER BY text").fetchall() == [
            ("apple",), ("apple is in box",), ("box",)
        ]  # fmt: skip
    db.close()


@pytest.mark.parametrize("seed", range(4))
def test_no_byte_of_a_forgotten_secret_remains_in_the_file_or_its_log(tmp_path: Path, seed: int) -> None:
    rng, path = random.Random(seed), tmp_path / "a.db"
    with AriGraph.open(path, embedder=HashEmbedder(), ontology="text-world") as memory:
        chat(memory, rng, 40)
        number = remember_secret(memory, rng.choice([1, 30, 300]))
        chat(memory, rng, 20)
        assert set(traces(path)) == set(words())
        memory.forget(episodes=[number])
        assert traces(path) == []
        assert memory.check() == ()
    assert traces(path) == []


def test_no_byte_of_a_forgotten_secret_remains_while_another_memory_has_the_file_open(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with (
        AriGraph.open(path, embedder=None, ontology="text-world") as memory,
        AriGraph.open(path, embedder=None, ontology="text-world") as other,
    ):
        number = remember_secret(memory)
        assert other.recall("xylowort").episodes
        memory.forget(episodes=[number])
        assert traces(path) == []


def test_no_byte_of_a_forgotten_secret_remains_after_corrections_and_merges(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with AriGraph.open(path, embedder=HashEmbedder(), ontology="text-world") as memory:
        remember_secret(memory)
        (fact,) = memory.facts()
        memory.merge("vault", "safe")
        memory.correct(fact, triplet("safe | opensqq | drawer"), "It was hunterzwei.", key="chatkeyseven 2")
        memory.forget(episodes=[1, 2])
        assert traces(path) == []


# -- merged names ------------------------------------------------------------------------------------------------------


def test_a_merge_joins_facts_and_retires_the_older_place(memory: AriGraph) -> None:
    remember(memory, "red key | is in | box")
    remember(memory, "old key | is on | table", "old key | unlocks | door")
    remember(memory, "red key | unlocks | door")
    memory.merge("old key", "red key")
    assert texts_of(memory.facts()) == ["red key is on table", "red key unlocks door"]
    older, newer, unlocks = memory.history("red key")
    assert (str(older), older.valid_to, older.retired_in) == ("red key is in box", 2, 2)
    assert (unlocks.episodes, newer.episodes) == ((2, 3), (2,))
    assert texts_of(memory.facts(as_of=1)) == ["red key is in box"]
    assert memory.history("old key") == memory.history("red key")


def test_a_fact_about_a_merged_name_is_about_its_target(memory: AriGraph) -> None:
    remember(memory, "ann | lives in | york")
    memory.merge("Ann Smith", "ann")
    update = remember(memory, "the Ann Smith | likes | pears")
    assert texts_of(update.added) == ["ann likes pears"]
    assert update.reading.triplets == (triplet("the Ann Smith | likes | pears"),)  # as it was stated
    assert [one.id for one in memory.episodes(about="ANN SMITH")] == [1, 2]
    assert texts_of(memory.path("Ann Smith", "pears")) == ["ann likes pears"]
    memory.retract(triplet("Ann Smith | likes | pears"), "No.")
    assert texts_of(memory.facts("Ann Smith")) == ["ann lives in york"]


def test_a_text_with_a_merged_name_is_read_with_the_facts_about_its_target(memory: AriGraph) -> None:
    remember(memory, "ann | lives in | york")
    memory.merge("Ann Smith", "ann")
    memory.remember("Ann Smith went home.", triplets=[])
    assert [one.text for one in memory.episodes(about="ann")][-1] == "Ann Smith went home."


@pytest.mark.parametrize("embedder", [None, HashEmbedder()])
def test_recall_by_a_merged_name_finds_the_facts_about_its_target(embedder: HashEmbedder | None) -> None:
    with AriGraph(embedder=embedder) as memory:
        remember(memory, "Elisabeth Brown | lives in | york")
        remember(memory, "pear | is in | box")
        memory.merge("Lizzy", "Elisabeth Brown")
        assert texts_of(memory.recall(About("Lizzy")).facts) == ["Elisabeth Brown lives in york"]
        assert texts_of(memory.recall("Lizzy").facts) == ["Elisabeth Brown lives in york"]
        assert texts_of(memory.recall("Lizzy lives where?").facts) == ["Elisabeth Brown lives in york"]


@pytest.mark.parametrize("embedder", [None, HashEmbedder()])
@pytest.mark.parametrize("alias", ["Ann", "Smith", "", " ", "..."])
def test_a_merge_does_not_change_a_query_without_the_merged_name(alias: str, embedder: HashEmbedder | None) -> None:
    with AriGraph(embedder=embedder) as plain, AriGraph(embedder=embedder) as merged:
        for memory in (plain, merged):
            remember(memory, "Ann Smith | lives in | york", "apple | is in | box")
        merged.merge(alias, "Ann Smith")
        for query in ("Ann Smith lives where?", "the apple... is in what box?"):
            one, other = plain.recall(query, threshold=-1.0), merged.recall(query, threshold=-1.0)
            assert [(str(fact), fact.score) for fact in other.facts] == [(str(fact), fact.score) for fact in one.facts]


def test_the_aliases_of_a_name_are_returned_as_they_were_written(memory: AriGraph) -> None:
    assert memory.aliases("ann") == ()
    memory.merge("Ann Smith", "ann")
    memory.merge("A. Smith", "Ann Smith")
    assert memory.aliases("ann") == memory.aliases("the ann smith") == ("A. Smith", "Ann Smith")
    assert memory.aliases("bob") == ()


def test_a_chain_of_merges_ends_at_its_last_name_and_a_split_undoes_one_merge(memory: AriGraph) -> None:
    for number, one in enumerate(("ann", "annie", "anna"), 1):
        remember(memory, f"{one} | owns | boat {number}")
    before = memory.facts()
    memory.merge("annie", "ann")
    memory.merge("ann", "anna")
    assert texts_of(memory.facts("annie")) == ["anna owns boat 1", "anna owns boat 2", "anna owns boat 3"]
    memory.split("ann")
    assert texts_of(memory.facts("annie")) == ["ann owns boat 1", "ann owns boat 2"]
    assert texts_of(memory.facts("anna")) == ["anna owns boat 3"]
    memory.merge("ann", "anna")
    memory.split("annie")
    assert texts_of(memory.facts("annie")) == ["annie owns boat 2"]
    assert texts_of(memory.facts("ann")) == ["anna owns boat 1", "anna owns boat 3"]
    memory.split("ann")
    assert memory.facts() == before
    assert memory.aliases("anna") == ()


def test_a_merge_of_one_name_and_a_split_of_an_unmerged_name_are_refused(memory: AriGraph) -> None:
    remember(memory, "ann | knows | bob")
    memory.merge("annie", "ann")
    before = memory.facts(), memory.aliases("ann")
    for one, into, why in (
        ("Ann", "the ann", "one name already"),
        ("ann", "annie", "one name already"),
        ("annie", "ann", "one name already|split it first"),
        ("annie", "bob", "split it first"),
    ):
        with pytest.raises(InvalidInput, match=why):
            memory.merge(one, into)
    with pytest.raises(InvalidInput, match="was not merged"):
        memory.split("ann")
    assert (memory.facts(), memory.aliases("ann")) == before


def test_a_merge_of_unknown_names_applies_to_later_facts(memory: AriGraph) -> None:
    memory.merge("the Boss", "ann")
    assert texts_of(remember(memory, "boss | owns | boat").added) == ["ann owns boat"]
    assert memory.aliases("ann") == ("the Boss",)
    memory.forget(episodes=[1])  # the only text with the name; so its alias goes too
    assert memory.aliases("ann") == ()
    assert texts_of(remember(memory, "boss | owns | boat").added) == ["boss owns boat"]


def test_merges_are_stored_in_the_file_for_their_space_only(tmp_path: Path) -> None:
    with AriGraph.open(tmp_path / "a.db", embedder=None) as memory:
        remember(memory, "ann | owns | boat")
        memory.merge("ann", "bob")
    with (
        AriGraph.open(tmp_path / "a.db", embedder=None) as memory,
        AriGraph.open(tmp_path / "a.db", embedder=None, space="other") as other,
    ):
        assert memory.aliases("bob") == ("ann",)
        assert texts_of(memory.facts("ann")) == ["bob owns boat"]
        assert other.aliases("bob") == ()
        assert texts_of(remember(other, "ann | owns | boat").added) == ["ann owns boat"]
