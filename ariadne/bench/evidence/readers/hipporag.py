"""Reads the files of HippoRAG (OSU-NLP-Group/HippoRAG): questions, their corpus, and triplets of OpenIE.

Questions are a list as of MuSiQue, with "paragraphs", or as of HotpotQA, with "context" and "supporting_facts". A
corpus is a list of {"title", "text"}, or maps a title to its sentences. OpenIE gives "docs" with a "passage" and its
"extracted_triples". The content decides which corpus belongs to which questions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import AliasChoices, Field, model_validator

from ariadne.bench.evidence.cases import ADVERSARIAL, Case, Question, Text
from ariadne.bench.evidence.readers.foreign import Foreign, first_of, has_fields, validated
from ariadne.errors import InvalidInput
from ariadne.values import Triplet

NAME = "HippoRAG"
FORM = (
    'questions, a list of {"question", "answer", and "paragraphs" or "supporting_facts" and "context"}; a corpus, a'
    ' list of {"title", "text"}; OpenIE, {"docs": [{"passage", "extracted_triples"}]}'
)
_HOPS = re.compile(r"([2-9])hop")


class Paragraph(Foreign):
    """A paragraph that a question comes with."""

    title: str
    text: str = Field(validation_alias=AliasChoices("text", "paragraph_text"))
    is_supporting: bool = True


class HippoQuestion(Foreign):
    """A question in either form; some data sets of HippoRAG have other names for the answer and the paragraphs."""

    question: str
    answer: tuple[str, ...] | str = Field(validation_alias=AliasChoices("answer", "gold_ans", "reference", "obj"))
    answer_aliases: tuple[str, ...] = ()
    answerable: bool = True
    id: str = Field("", validation_alias=AliasChoices("id", "_id"))
    type: str = ""
    paragraphs: tuple[Paragraph, ...] = Field((), validation_alias=AliasChoices("paragraphs", "contexts"))
    supporting_facts: tuple[tuple[str, int], ...] = ()
    context: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @model_validator(mode="after")
    def _check_support(self) -> Self:
        if not self.paragraphs and not self.supporting_facts:
            raise ValueError("neither paragraphs nor supporting_facts")
        return self

    def supporting(self) -> Iterator[str]:
        """Yield the comparable form of each supporting passage."""
        titles = {title for title, _ in self.supporting_facts}
        for paragraph in self.paragraphs:
            if paragraph.is_supporting:
                yield _compared(paragraph.title, paragraph.text)
        for title, sentences in self.context:
            if title in titles:
                yield _compared(title, *sentences)

    @property
    def category(self) -> str:
        """Return the number of hops or the kind of question, as far as the file states it."""
        hops = _HOPS.match(self.id)
        return ADVERSARIAL if not self.answerable else self.type or (f"{hops[1]} hops" if hops else "question")

    def about(self, keys: Mapping[str, str]) -> Question:
        """Return the question; `keys` has the keys of the passages by their comparable forms."""
        evidence = dict.fromkeys(keys[passage] for passage in self.supporting() if passage in keys)
        answers = [self.answer] if isinstance(self.answer, str) else self.answer
        return Question(
            self.question, self.category, tuple(evidence), answerable=self.answerable,
            answers=tuple(dict.fromkeys([*answers, *self.answer_aliases])) if self.answerable else (),
        )  # fmt: skip


class Passage(Foreign):
    """A passage of a corpus."""

    title: str
    text: str


class Document(Foreign):
    """A passage with its triplets."""

    passage: str
    extracted_triples: tuple[tuple[str, ...], ...]

    def triplets(self) -> tuple[Triplet, ...]:
        """Return the triplets of three texts."""
        whole = (parts for parts in self.extracted_triples if len(parts) == 3 and all(part.strip() for part in parts))
        return tuple(Triplet(*parts) for parts in whole)


class Extraction(Foreign):
    """The output of OpenIE."""

    docs: tuple[Document, ...]


@dataclass(frozen=True)
class Corpus:
    """The passages of a corpus, with their keys by comparable form."""

    passages: Sequence[Passage]
    keys: Mapping[str, str]


def is_questions(data: object) -> bool:
    """Return whether data has the form of questions."""
    first = first_of(data)
    return has_fields(first, "question") and any(
        has_fields(first, name) for name in ("paragraphs", "contexts", "supporting_facts")
    )


def is_corpus(data: object) -> bool:
    """Return whether data has the form of a corpus."""
    if isinstance(data, dict):
        return bool(data) and all(
            isinstance(sentences, list) and all(isinstance(each, str) for each in sentences)
            for sentences in data.values()
        )
    return has_fields(first_of(data), "title", "text")


def is_extraction(data: object) -> bool:
    """Return whether data has the form of OpenIE."""
    return isinstance(data, dict) and has_fields(first_of(data.get("docs")), "passage", "extracted_triples")


def cases(files: Mapping[Path, object]) -> list[Case]:
    """Return one case for each file of questions; the corpus and the triplets are those that fit best.

    Raises:
        InvalidInput: A file has another form, or no corpus holds the supporting passages.
    """
    corpora = {path: _corpus(data, path) for path, data in files.items() if is_corpus(data)}
    questions = {
        path: validated(data, list[HippoQuestion], path, NAME) for path, data in files.items() if is_questions(data)
    }
    if files and not questions:
        raise InvalidInput(f"{next(iter(files))}: a corpus without questions; give the file of its questions, too")
    extractions = [
        validated(data, Extraction, path, f"OpenIE of {NAME}") for path, data in files.items() if is_extraction(data)
    ]
    triplets = {_compared(each.passage): each.triplets() for extraction in extractions for each in extraction.docs}
    return [_case(path, group, corpora, triplets) for path, group in questions.items()]


def _corpus(data: object, path: Path) -> Corpus:
    if isinstance(data, dict):
        data = [{"title": title, "text": "".join(sentences)} for title, sentences in data.items()]
    passages = validated(data, list[Passage], path, f"a corpus of {NAME}")
    forms = [_compared(passage.title, passage.text) for passage in passages]
    return Corpus(passages, {form: str(place) for place, form in reversed([*enumerate(forms)])})


def _case(
    path: Path,
    questions: Sequence[HippoQuestion],
    corpora: Mapping[Path, Corpus],
    triplets: Mapping[str, tuple[Triplet, ...]],
) -> Case:
    supporting = {form for question in questions for form in question.supporting()}
    best = max(corpora.values(), key=lambda corpus: len(supporting & corpus.keys.keys()), default=None)
    if best is None or not supporting & best.keys.keys():
        raise InvalidInput(
            f"{path}: no corpus holds the supporting passages of these questions; give the corpus, too, such as"
            f" {path.stem}_corpus.json"
        )
    known = {form: triplets[form] for form in best.keys if form in triplets}
    texts = tuple(_text(str(place), passage, known) for place, passage in enumerate(best.passages))
    return Case(path.stem, texts, tuple(question.about(best.keys) for question in questions), str(path))


def _text(key: str, passage: Passage, triplets: Mapping[str, tuple[Triplet, ...]]) -> Text:
    given = triplets.get(_compared(passage.title, passage.text), ()) if triplets else None
    return Text(key, f"{passage.title}\n{passage.text}", passage.title, triplets=given)


def _compared(*parts: str) -> str:
    """Return texts in a form without blanks: the files join the same sentences with and without them."""
    return "".join("".join(parts).split())
