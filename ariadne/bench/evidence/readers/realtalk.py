"""Reads REALTALK (danny911kr/REALTALK, `data/Chat_*.json`): one chat a file, with the sessions beside the questions.

A turn has "speaker", "dia_id", "clean_text" and "date_time". A turn without text and caption is left out.
"""

from __future__ import annotations

from pathlib import Path

from ariadne.bench.evidence.cases import Case
from ariadne.bench.evidence.readers.dialogues import Dialogue, DialogueQuestion
from ariadne.bench.evidence.readers.foreign import has_fields, validated

NAME = "REALTALK"
FORM = '{"session_1": [{"speaker", "dia_id", "clean_text", "date_time"}, ...], ..., "qa"}'

CATEGORIES = {"1": "multi-hop", "2": "temporal", "3": "commonsense"}


class Chat(Dialogue):
    """A chat with its questions."""

    qa: tuple[DialogueQuestion, ...]


def recognizes(data: object) -> bool:
    """Return whether data has the form of a chat of REALTALK."""
    return has_fields(data, "session_1", "qa")


def cases(data: object, path: Path) -> list[Case]:
    """Return the one case of a chat, with the name of the file."""
    chat = validated(data, Chat, path, NAME)
    texts = tuple(chat.texts())
    return [Case(path.stem, texts, tuple(question.about(texts, CATEGORIES) for question in chat.qa))]
