"""Reads LoCoMo (snap-research/locomo, `data/locomo10.json`): a list of samples, each a conversation with questions.

A sample has "sample_id", "conversation" and "qa"; a question has "question", "answer", "evidence" and "category". An
adversarial question has "adversarial_answer" in place of the answer.
"""

from __future__ import annotations

from pathlib import Path

from ariadne.bench.evidence.cases import ADVERSARIAL, Case
from ariadne.bench.evidence.readers.dialogues import Dialogue, DialogueQuestion
from ariadne.bench.evidence.readers.foreign import Foreign, first_of, has_fields, validated

NAME = "LoCoMo"
FORM = 'a list of {"sample_id", "conversation": {"session_1": [...], "session_1_date_time"}, "qa"}'

CATEGORIES = {"1": "multi-hop", "2": "temporal", "3": "open-domain", "4": "single-hop", "5": ADVERSARIAL}


class Sample(Foreign):
    """A conversation with its questions."""

    sample_id: str
    conversation: Dialogue
    qa: tuple[DialogueQuestion, ...]


def recognizes(data: object) -> bool:
    """Return whether data has the form of LoCoMo."""
    return has_fields(first_of(data), "conversation", "qa")


def cases(data: object, path: Path) -> list[Case]:
    """Return one case for each sample."""
    return [_case(sample) for sample in validated(data, list[Sample], path, NAME)]


def _case(sample: Sample) -> Case:
    texts = tuple(sample.conversation.texts())
    return Case(sample.sample_id, texts, tuple(question.about(texts, CATEGORIES) for question in sample.qa))
