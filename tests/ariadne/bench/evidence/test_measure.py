"""What a memory recalls of the evidence: by text and by session, within budgets, by category, beside the baselines."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ariadne.bench.evidence.cases import Case, Question, Text
from ariadne.bench.evidence.measure import BUDGETS, Settings, measure, steps_of
from ariadne.bench.evidence.readers.files import read_cases
from ariadne.errors import InvalidInput
from ariadne.memory import AriGraph, HashEmbedder

FILES = Path(__file__).parent / "files"
LOCOMO, LONGMEMEVAL = FILES / "locomo.json", FILES / "longmemeval.json"
MUSIQUE = [FILES / name for name in ("musique.json", "musique_corpus.json", "musique_openie.json")]


def test_questions_without_an_answer_or_without_evidence_stand_apart() -> None:
    report = measure(read_cases([LOCOMO]), Settings(None))
    assert (report.cases, report.texts, report.questions, report.unlabelled) == (1, 5, 4, 1)
    assert {name: category.questions for name, category in report.categories.items()} == {
        "adversarial": 1, "multi-hop": 1, "single-hop": 2, "temporal": 1,
    }  # fmt: skip
    assert list(report.recall) == ["memory"]
    assert report.recall["memory"]["@50"].mean == 1  # the memory has five texts
    assert list(report.within) == list(BUDGETS)
    assert min(report.milliseconds.values()) > 0


def test_the_baselines_are_measured_with_the_embedder_of_the_memory() -> None:
    assert list(measure(read_cases([LOCOMO]), Settings(None, baselines=True)).recall) == ["memory", "bm25"]
    report = measure(read_cases([LOCOMO]), Settings(HashEmbedder(), baselines=True))
    assert list(report.recall) == ["memory", "bm25", "nearest", "both"]
    assert report.embedder == HashEmbedder().name
    assert all(scores["@50"].mean == 1 for scores in report.recall.values())


def test_sessions_count_instead_of_turns() -> None:
    by_session = measure(read_cases([LONGMEMEVAL]), Settings(None, unit="session"))
    assert by_session.questions == 1
    assert by_session.recall["memory"]["@2"].mean >= 0.5
    assert by_session.recall["memory"]["@5"].mean == 1  # there are three sessions
    assert by_session.categories["abstention"].questions == 1


def test_recorded_triplets_are_remembered_only_if_they_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = Counter[bool]()
    close = AriGraph.close

    def count_facts(memory: AriGraph) -> None:
        facts[wanted] += memory.stats().facts
        close(memory)

    monkeypatch.setattr(AriGraph, "close", count_facts)
    for wanted in (False, True):
        measure(read_cases(MUSIQUE), Settings(None, triplets=wanted))
    assert facts == {False: 0, True: 3}


def test_a_limit_counts_the_questions_of_each_memory() -> None:
    cases = read_cases([LOCOMO, *MUSIQUE])
    advanced = Counter[str]()

    def advance(name: str) -> None:
        advanced[name] += 1

    report = measure(cases, Settings(None, limit=1), advance)
    assert report.questions == 2
    assert advanced == {"conv-1": 5 + 1, "musique": 5 + 1}
    assert steps_of(cases, 1) == advanced.total()
    assert steps_of(cases, None) == 5 + 6 + 5 + 2


def test_a_passage_of_a_long_text_counts_as_the_text() -> None:
    long = " ".join(f"Sentence {number} of the report describes plum trees." for number in range(80))
    texts = (Text("long", long, "report"), Text("short", "A goat stands on the roof.", "note"))
    questions = (Question("Where do plum trees stand?", "all", ("long",)),)
    report = measure([Case("two", texts, questions)], Settings(HashEmbedder()))
    assert report.recall["memory"]["@1"].mean == 1


def test_what_cannot_be_measured_is_refused_before_anything_is_remembered() -> None:
    with pytest.raises(InvalidInput, match="triplets= needs a file that gives triplets"):
        measure(read_cases([LOCOMO]), Settings(None, triplets=True))
    with pytest.raises(InvalidInput, match="passages have no sessions"):
        measure(read_cases(MUSIQUE), Settings(None, unit="session"))
    with pytest.raises(InvalidInput, match="no question that has an answer has evidence"):
        measure([Case("none", (Text("1", "a", "b"),), (Question("Who?", "all", ()),))], Settings(None))
