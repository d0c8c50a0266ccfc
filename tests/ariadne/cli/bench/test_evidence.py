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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([FILES / "locomo.json", "--triplets"], "--triplets needs a file that gives triplets"),
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
