"""Weights that are fitted to labelled questions recall more, and the held-out questions show whether that is true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ariadne.bench.evidence.cases import Case, Question, Text
from ariadne.bench.evidence.fitting import ALL, FitReport, Gain, fit, most_steps
from ariadne.bench.evidence.measure import Settings, measure
from ariadne.bench.evidence.readers.files import read_cases
from ariadne.errors import InvalidInput
from ariadne.memory import HashEmbedder, Weights

LINES = Path(__file__).parent / "files" / "lines.jsonl"
COLOURS = {"kite": "Blue", "lamp": "Green", "boat": "Red", "drum": "Black"}
PRESENT = Weights(neighbors=(0.12, 0.25, 0.15, 0.1))


def talk() -> Case:
    """Return a conversation in which only the turn before a reply shows which thing the reply is about."""
    texts, questions = list[Text](), list[Question]()

    def add(text: str, session: str) -> str:
        at = datetime(2024, 3, 1, tzinfo=UTC) + timedelta(minutes=len(texts))
        texts.append(Text(str(len(texts)), text, "Ann", at, session))
        return texts[-1].key

    for thing, colour in COLOURS.items():
        for shelf in range(11):
            add(f"My new {thing} has shelf {shelf}.", f"{thing} {shelf}")
        add(f"Which colour has your new {thing}?", thing)
        reply = add(f"{colour}, I think.", thing)
        questions.append(Question(f"Which colour has the new {thing}?", "colour", (reply,), (thing,)))
    return Case("talk", tuple(texts), tuple(questions), "talk.jsonl")


def notes() -> Case:
    """Return passages with questions in their words, one of them without an answer and one without evidence."""
    texts = tuple(Text(word, f"The {word} stands here.", word) for word in COLOURS)
    questions = tuple(Question(f"Where stands the {word}?", "place", (word,)) for word in ("kite", "lamp"))
    refused = Question("Who stands here?", "adversarial", ("kite",), answerable=False)
    return Case("notes", texts, (refused, *questions, Question("Why?", "place", ())), "notes.jsonl")


@pytest.fixture(scope="module")
def report() -> FitReport:
    """Return what is fitted to both files."""
    return fit([talk(), notes()], Settings(None), present=PRESENT)


def test_replies_are_recalled_once_their_neighbours_weigh_more(report: FitReport) -> None:
    assert report.present == PRESENT
    assert report.fitted.neighbors[1] > PRESENT.neighbors[1]
    halves = report.recall["talk.jsonl"]
    assert (halves.fitting.questions, halves.held_out.questions) == (2, 2)
    assert halves.fitting.fitted > halves.fitting.present
    assert halves.held_out.fitted > halves.held_out.present


def test_each_file_counts_the_same_and_stands_for_itself_too(report: FitReport) -> None:
    assert list(report.recall) == [ALL, "talk.jsonl", "notes.jsonl"]
    every, first, second = (report.recall[name].fitting for name in report.recall)
    assert second == Gain(1, 1, 1)
    assert every.questions == first.questions + second.questions
    assert every.present == pytest.approx((first.present + second.present) / 2, abs=1e-3)
    assert every.fitted == pytest.approx((first.fitted + second.fitted) / 2, abs=1e-3)


def test_the_present_figures_are_those_of_the_plain_measurement() -> None:
    report, plain = fit([notes()], Settings(None)), measure([notes()], Settings(None))
    assert list(report.recall) == [ALL]
    halves = report.recall[ALL]
    assert halves.fitting.questions + halves.held_out.questions == plain.questions == 2
    shares = [plain.recall["memory"][place].mean for place in ("@5", "@10")]
    assert (halves.fitting.present + halves.held_out.present) / 2 == pytest.approx(sum(shares) / 2, abs=1e-3)


def test_the_vectors_of_a_question_are_computed_once() -> None:
    class CountingEmbedder(HashEmbedder):
        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            computed.update(texts)
            return super().embed(texts)

    computed = Counter[str]()
    fit([notes()], Settings(CountingEmbedder()))
    assert {computed[question.text] for question in notes().questions if question.evidence} == {0, 1}
    assert computed["Who stands here?"] == 0  # the adversarial question is not recalled


def test_the_progress_bar_has_room_for_every_step() -> None:
    advanced = Counter[str]()

    def advance(name: str) -> None:
        advanced[name] += 1

    fit([notes()], Settings(None), advance)
    assert set(advanced) == {"notes"}
    assert len(notes().texts) < advanced.total() <= most_steps([notes()], Settings(None))


def test_a_file_with_a_single_question_is_refused_before_anything_is_remembered() -> None:
    with pytest.raises(InvalidInput, match=r"notes\.jsonl: fitting needs at least two questions"):
        fit([talk(), notes()], Settings(None, limit=2))
    with pytest.raises(InvalidInput, match="passages have no sessions"):
        most_steps([notes()], Settings(None, unit="session"))


def test_cases_know_the_file_of_their_questions() -> None:
    musique = [LINES.with_name(f"musique{rest}.json") for rest in ("", "_corpus")]
    assert [case.file for case in read_cases([LINES, *musique])] == [str(LINES), str(LINES), str(musique[0])]
