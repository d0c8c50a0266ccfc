"""`ariadne bench evidence`: one command for the files of all benchmarks, for people and as JSON."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import ariadne

FILES = Path(__file__).parents[2] / "bench" / "evidence" / "files"
EVIDENCE = ("bench", "evidence", "--embedder", "none")


@pytest.mark.parametrize(
    ("names", "memories", "questions"),
    [
        (["lines.jsonl"], 2, 2),
        (["locomo.json"], 1, 4),
        (["longmemeval.json"], 2, 1),
        (["chat.json"], 1, 2),
        (["musique.json", "musique_corpus.json", "musique_openie.json"], 1, 2),
        (["hotpotqa_corpus.json", "hotpotqa.json"], 1, 1),
        (["chat.json", "locomo.json", "longmemeval.json"], 4, 7),
    ],
)
def test_files_of_each_benchmark_are_measured(names: list[str], memories: int, questions: int) -> None:
    done = ariadne(*EVIDENCE, *(FILES / name for name in names), "--json")
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (0, "", 1)
    report = json.loads(done.stdout)
    assert (report["cases"], report["questions"]) == (memories, questions)
    mean, low, high = report["recall"]["memory"]["@50"]
    assert 0 <= low <= mean <= high <= 1
    assert set(report["within"]) == {"500", "1000", "2000"}
    assert set(report["milliseconds"]) == {"remember", "recall"}


def test_the_tables_name_methods_budgets_and_categories() -> None:
    done = ariadne(*EVIDENCE, FILES / "locomo.json", "--baselines")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "1 memory, 5 texts, 4 answerable questions, 1 without evidence left out"
    assert lines[1].startswith("embedder none; ")
    assert lines[3].split() == ["evidence", "by", "text", "memory", "bm25"]
    assert any(line.startswith("share within 2,000 tokens") for line in lines)
    assert any(line.startswith("adversarial ") for line in lines)


def test_default_settings_use_minilm() -> None:
    done = ariadne("bench", "evidence", FILES / "lines.jsonl", "--baselines", "--json")
    report = json.loads(done.stdout)
    assert "MiniLM" in report["embedder"]
    assert list(report["recall"]) == ["memory", "bm25", "nearest", "both"]


def test_a_terminal_shows_the_progress_and_the_memory_at_work() -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "ariadne", *EVIDENCE, str(FILES / "locomo.json")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs) as running:
        os.close(theirs)
        shown = b""
        try:
            while more := os.read(ours, 4096):
                shown += more
        except OSError:  # the end, on Linux
            pass
    os.close(ours)
    assert running.returncode == 0
    assert b"texts and questions" in shown
    assert b"100%" in shown
    assert b"conv-1" in shown
    assert b"None" not in shown


def test_a_part_of_a_large_file_is_measured() -> None:
    done = ariadne(*EVIDENCE, FILES / "longmemeval.json", "--cases", 1, "--by", "session", "--json")
    report = json.loads(done.stdout)
    assert (report["cases"], report["unit"], report["questions"]) == (1, "session", 1)
    assert json.loads(ariadne(*EVIDENCE, FILES / "locomo.json", "--limit", 2, "--json").stdout)["questions"] == 2


def test_fitted_weights_stand_beside_the_present_ones_with_the_recall_of_both_halves(tmp_path: Path) -> None:
    passages = [
        {"key": word, "title": word, "text": f"The {word} stands here."} for word in ("kite", "lamp", "boat", "drum")
    ]
    questions = [
        {"text": f"Where stands the {each['key']}?", "category": "place", "evidence": [each["key"]]}
        for each in passages[:3]
    ]
    notes = tmp_path / "notes.jsonl"
    notes.write_text(json.dumps({"name": "notes", "passages": passages, "questions": questions}), encoding="utf-8")
    files = (notes, FILES / "locomo.json")
    done = ariadne(*EVIDENCE, *files, "--fit")
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line.split() for line in done.stdout.splitlines()]
    assert rows[0] == ["weight", "present", "fitted"]
    assert any(row[:1] == ["neighbors[0]"] for row in rows)
    assert any(row[:4] == ["all", "files,", "held", "out"] for row in rows)
    report = json.loads(ariadne(*EVIDENCE, *files, "--fit", "--json").stdout)
    assert set(report["present"]) == set(report["fitted"]) >= {"words", "neighbors"}
    assert list(report["recall"]) == ["all files", *map(str, files)]
    assert report["recall"][str(notes)] == {
        "fitting": {"questions": 2, "present": 1, "fitted": 1}, "held_out": {"questions": 1, "present": 1, "fitted": 1},
    }  # fmt: skip


@pytest.mark.parametrize("extra", [("--baselines",), ("--model", "m")])
def test_fitting_refuses_options_that_it_does_not_use(extra: tuple[str, ...]) -> None:
    done = ariadne(*EVIDENCE, FILES / "locomo.json", "--fit", *extra)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"--fit compares weights only: remove {extra[0]}" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([FILES / "locomo.json", "--triplets"], "--triplets needs a file that gives triplets"),
        ([FILES / "locomo.json", "--fit", "--limit", 1], "fitting needs at least two questions"),
        ([FILES / "musique.json"], "give the corpus, too, such as musique_corpus.json"),
        ([FILES / "musique.json", FILES / "musique_corpus.json", "--by", "session"], "--by 'session' needs turns"),
        ([Path(__file__)], "not JSON"),
        ([FILES / "none.json"], "cannot be read"),
    ],
)
def test_an_error_is_one_line_with_the_remedy(arguments: list[object], message: str) -> None:
    done = ariadne(*EVIDENCE, *arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert message in done.stderr
