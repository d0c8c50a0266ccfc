"""Files of public benchmarks: each is recognized by its content, and read with the quirks of the real ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariadne.bench.evidence.cases import Case, Text, evenly_spaced
from ariadne.bench.evidence.readers.dialogues import evidence_in
from ariadne.bench.evidence.readers.files import read_cases
from ariadne.errors import InvalidInput
from ariadne.values import Triplet

FILES = Path(__file__).parent / "files"
MUSIQUE = (FILES / "musique.json", FILES / "musique_corpus.json")
HOTPOTQA = (FILES / "hotpotqa_corpus.json", FILES / "hotpotqa.json")


def only_case(*names: str) -> Case:
    (case,) = read_cases([FILES / name for name in names])
    return case


def test_locomo_gives_turns_with_their_times_and_questions_with_their_evidence() -> None:
    case = only_case("locomo.json")
    assert case.name == "conv-1"
    assert [(text.key, text.source, text.session) for text in case.texts] == [
        ("D1:1", "Ruta", "1"), ("D1:2", "Olek", "1"), ("D1:3", "Ruta", "1"),
        ("D2:1", "Olek", "2"), ("D2:2", "Ruta", "2"),
    ]  # fmt: skip
    assert case.texts[0].at == datetime(2023, 5, 8, 13, 56, tzinfo=UTC)
    assert case.texts[3].at == datetime(2023, 9, 13, 0, 9, tzinfo=UTC)
    assert case.texts[2].text == "Look at my goat. [shares a photo: a photo of a white goat on a roof]"
    assert [(each.category, each.evidence, each.sessions, each.answers) for each in case.questions] == [
        ("multi-hop", ("D1:1", "D2:2"), ("1", "2"), ("2",)),
        ("temporal", ("D1:1",), ("1",), ("7 May 2023",)),
        ("single-hop", ("D1:3",), ("1",), ("a goat",)),
        ("single-hop", ("D2:1",), ("2",), ("in Torun",)),
        ("open-domain", (), (), ("Yes",)),
        ("adversarial", ("D2:1",), ("2",), ()),
    ]
    assert [each.answerable for each in case.questions] == [True] * 5 + [False]


def test_realtalk_gives_the_time_of_each_turn_and_leaves_out_photos_without_text() -> None:
    case = only_case("chat.json")
    assert case.name == "chat"
    assert [text.key for text in case.texts] == ["D1:1", "D1:2", "D2:1", "D2:2"]
    assert case.texts[1].at == datetime(2023, 12, 29, 9, 20, tzinfo=UTC)
    assert [(each.category, each.evidence) for each in case.questions] == [
        ("temporal", ("D1:1",)), ("multi-hop", ("D2:1", "D2:2")), ("commonsense", ()),
    ]  # fmt: skip


def test_longmemeval_gives_a_memory_for_each_question_in_the_order_of_time() -> None:
    first, second = read_cases([FILES / "longmemeval.json"])
    assert [(text.key, text.source, text.session) for text in first.texts[:3]] == [
        ("1:1", "user", "answer_a"), ("1:2", "assistant", "answer_a"), ("2:1", "user", "chat_7"),
    ]  # fmt: skip
    (question,) = first.questions
    assert (question.category, question.answers) == ("knowledge-update", ("4",))
    assert (question.evidence, question.sessions) == (("1:1", "3:1"), ("answer_a", "answer_b"))
    assert question.at == datetime(2023, 6, 2, 8, tzinfo=UTC)
    (question,) = second.questions
    assert (question.category, question.answerable, question.answers) == ("abstention", False, ())


def test_musique_gives_the_corpus_with_the_triplets_of_its_passages() -> None:
    case = only_case("musique_openie.json", "musique_corpus.json", "musique.json")
    assert (case.name, len(case.texts)) == ("musique", 5)
    assert case.texts[1].text == "Lerr\nThe Lerr flows into Lake Ome."
    assert case.texts[0].triplets == (
        Triplet("Wren Mill", "built by", "Ada Quill"), Triplet("Wren Mill", "is on", "Lerr"),
    )  # fmt: skip
    assert case.texts[2].triplets == ()
    assert [(each.category, each.evidence) for each in case.questions] == [
        ("2 hops", ("0", "1")), ("3 hops", ("2", "0", "3")),
    ]  # fmt: skip
    assert case.questions[0].answers == ("Lake Ome", "Ome")


def test_other_names_of_answers_and_paragraphs_are_known(tmp_path: Path) -> None:
    def rename(data: Any) -> None:
        for question in data:
            question["reference"], question["contexts"] = [question.pop("answer")], question.pop("paragraphs")

    renamed = changed("musique.json", rename, tmp_path)
    assert read_cases([renamed, FILES / "musique_corpus.json"]) == read_cases(MUSIQUE)


def test_hotpotqa_gives_the_passages_of_its_supporting_facts() -> None:
    case = only_case("hotpotqa.json", "hotpotqa_corpus.json")
    assert [text.source for text in case.texts] == ["Tin", "The Tin Moon", "Una Vella"]
    (question,) = case.questions
    assert (question.category, question.evidence, question.answers) == ("bridge", ("1", "2"), ("Malta",))
    assert case.texts[0].triplets is None


def test_each_corpus_of_several_finds_its_questions() -> None:
    cases = read_cases([*HOTPOTQA, *MUSIQUE, FILES / "musique_openie.json"])
    assert [(case.name, len(case.texts)) for case in cases] == [("hotpotqa", 3), ("musique", 5)]
    assert [{text.triplets is None for text in case.texts} for case in cases] == [{True}, {False}]


def test_json_lines_hold_conversations_and_corpora() -> None:
    talk, rivers = read_cases([FILES / "lines.jsonl"])
    assert [(each.category, each.evidence, each.answers) for each in talk.questions] == [
        ("single-hop", ("1",), ("Oslo",)), ("adversarial", ("2",), ()),
    ]  # fmt: skip
    assert (talk.texts[0].session, talk.questions[0].sessions) == ("1", ("1",))
    assert rivers.texts[0].triplets == (Triplet("Lerr", "flows into", "Lake Ome"),)
    assert rivers.texts[1].triplets == ()
    assert rivers.questions[0].answers == ("Tarn", "the Tarn")


@pytest.mark.parametrize("line", [0, 1])
def test_a_file_with_one_line_is_read_as_json_lines(line: int, tmp_path: Path) -> None:
    file = tmp_path / "one"
    file.write_text((FILES / "lines.jsonl").read_text(encoding="utf-8").splitlines()[line], encoding="utf-8")
    assert read_cases([file]) == read_cases([FILES / "lines.jsonl"])[line : line + 1]


@pytest.mark.parametrize("name", ["locomo.json", "longmemeval.json", "lines.jsonl"])
def test_the_name_of_a_file_does_not_matter(name: str, tmp_path: Path) -> None:
    file = tmp_path / "musique_corpus.json"
    file.write_bytes((FILES / name).read_bytes())
    assert read_cases([file]) == read_cases([FILES / name])


# -- evidence ----------------------------------------------------------------------------------------------------------

TURNS = tuple(Text(f"D{session}:{turn}", "words", "Ann") for session in range(1, 12) for turn in range(1, 6))


@pytest.mark.parametrize(
    ("named", "keys"),
    [
        (["D1:2", "D3:4"], ("D1:2", "D3:4")),
        (["D1:2 D3:4 D1:2"], ("D1:2", "D3:4")),
        (["D8:5; D9:01"], ("D8:5", "D9:1")),
        (["D:11:2"], ("D11:2",)),
        (["D2:3-5"], ("D2:3", "D2:4", "D2:5")),
        (["D2:3 - D2:4."], ("D2:3", "D2:4")),
        (["D2:3-99999999999"], ("D2:3", "D2:4", "D2:5")),
        (["D"], ()),
        (["D99:1", "D1:1"], ("D1:1",)),
        ("['D1:3', 'D1:4']", ("D1:3", "D1:4")),
    ],
)
def test_evidence_is_found_in_all_its_spellings(named: list[str] | str, keys: tuple[str, ...]) -> None:
    assert evidence_in(named, TURNS) == keys


@given(st.lists(st.sampled_from(TURNS)), st.sampled_from(["; ", " ", ", "]))
def test_each_named_turn_is_evidence_once_and_in_order(turns: list[Text], separator: str) -> None:
    keys = [turn.key for turn in turns]
    assert evidence_in(keys, TURNS) == evidence_in(separator.join(keys), TURNS) == tuple(dict.fromkeys(keys))


# -- some of the cases -------------------------------------------------------------------------------------------------


@given(st.integers(1, 30), st.integers(1, 40))
def test_some_cases_come_from_the_whole_of_a_file(number: int, size: int) -> None:
    cases = [Case(str(place), (), ()) for place in range(size)]
    chosen = [int(case.name) for case in evenly_spaced(cases, number)]
    assert len(chosen) == len({*chosen}) == min(number, size)
    assert chosen == sorted(chosen)
    assert chosen[0] == 0
    assert size - chosen[-1] <= size // len(chosen) + 1


# -- errors ------------------------------------------------------------------------------------------------------------


def changed(name: str, change: Callable[[Any], object], folder: Path) -> Path:
    """Write a copy of a file with a change; return its path."""
    data = json.loads((FILES / name).read_text(encoding="utf-8"))
    change(data)
    file = folder / name
    file.write_text(json.dumps(data), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        (
            "locomo.json",
            lambda data: data[0].pop("sample_id"),
            "looks like LoCoMo, but has another form at 0.sample_id",
        ),
        (
            "locomo.json",
            lambda data: data[0]["conversation"].update(session_2_date_time="in spring"),
            "0.conversation.sessions.2.at: Value error, 'in spring' is not a time such as '1:56 pm on 8 May, 2023'",
        ),
        (
            "locomo.json",
            lambda data: data[0]["conversation"]["session_1"][2].pop("speaker"),
            "0.conversation.sessions.1.turns.2.speaker: Field required",
        ),
        ("locomo.json", lambda data: data[0].update(conversation={}), "0.conversation.sessions"),
        (
            "chat.json",
            lambda data: (data.pop("session_1_date_time"), data["session_1"][0].pop("date_time")),
            "neither the session nor each of its turns has a date_time",
        ),
        (
            "longmemeval.json",
            lambda data: data[1]["haystack_dates"].append("2023/05/20 (Sat) 02:21"),
            "looks like LongMemEval, but has another form at 1: Value error, haystack_session_ids, haystack_dates and",
        ),
        (
            "longmemeval.json",
            lambda data: data[0].update(haystack_dates=[None] * 3),
            "0.haystack_dates.0: Input should be a valid datetime",
        ),
        ("musique.json", lambda data: data[1].pop("answer"), "looks like HippoRAG, but has another form at 1.answer"),
        (
            "musique.json",
            lambda data: data[1].pop("paragraphs"),
            "1: Value error, neither paragraphs nor supporting_fac",
        ),
        ("musique.json", lambda data: None, "give the corpus, too, such as musique_corpus.json"),
        ("musique_corpus.json", lambda data: None, "a corpus without questions; give the file of its questions, too"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place_of_the_problem(
    name: str, change: Callable[[Any], object], words: str, tmp_path: Path
) -> None:
    file = changed(name, change, tmp_path)
    with pytest.raises(InvalidInput) as error:
        read_cases([file])
    assert words in str(error.value)
    assert str(file) in str(error.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[{"speaker": 1, "text": "hello"}]', "it is a list that begins with an object with the fields speaker, text."),
        ("[]", "it is an empty list."),
        ("{}", "it is an empty object."),
        ("3", "it is 3."),
        ('{"name": "x", "questions": []}', "with the fields name, questions."),
        ("question,answer\n1,2", "not JSON: Expecting value: line 1 column 1"),
        ('{"name": "x"}\n{"name": ', "not JSON: line 2: Expecting value"),
    ],
)
def test_an_unknown_file_is_refused_with_the_forms_that_are_known(text: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "data.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput) as error:
        read_cases([file])
    assert words in str(error.value)
    for known in ("JSON lines", "LoCoMo", "LongMemEval", "REALTALK", "HippoRAG"):
        assert known in str(error.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"none\.json: cannot be read: No such file"):
        read_cases([tmp_path / "none.json"])
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidInput, match="it is not a text in UTF-8"):
        read_cases([tmp_path / "bytes"])
