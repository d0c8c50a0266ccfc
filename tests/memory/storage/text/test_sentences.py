"""Where sentences end: not after abbreviations, initials and ordinals, in many languages."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariadne.memory.storage.text.sentences import sentence_ends, sentences_of, words_of

TEXTS = st.text(max_size=200) | st.text(alphabet='aB .!?"\n\t5。鍵', max_size=200)


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences_of(text, (0, len(text)))]


@pytest.mark.parametrize(
    "text",
    [
        "My allergist Dr. Novak warned me never to take penicillin.",
        "Der Zug Nr. 12 fährt am 3. Mai nach Köln.",
        "It costs approx. 1.200,50 Euro in total.",
        "Mrs. J. R. Smith lives at 5 St. James Rd. in London.",
        "He moved to the U.S. Army base, e.g. in Bonn, at 5 p.m. on Monday.",
        "See Fig. 3 and Vol. 12, no. 5, of Jan. 2020.",
        "Prof. Meier und Hr. Braun kommen bzw. Frau Klein kommt.",
        "Она живёт на ул. Ленина, д. 5, в г. Москве.",  # noqa: RUF001
        "Le rendez-vous avec Mme. Curie est fixé au 12. Juin.",
        "I was… well, ill.",
        "1. Buy milk",
    ],
)
def test_an_abbreviation_an_initial_or_an_ordinal_ends_no_sentence(text: str) -> None:
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("I am ill. He left. Bob met Ann. She ran.", ["I am ill.", "He left.", "Bob met Ann.", "She ran."]),
        ("He watches TV. She moved in 2020. Now it rains.", ["He watches TV.", "She moved in 2020.", "Now it rains."]),
        ('She left. "Why?" He ran!', ["She left.", '"Why?"', "He ran!"]),
        ("i went home. it rained. dr. novak came.", ["i went home.", "it rained.", "dr. novak came."]),
        ("Well... He left.", ["Well...", "He left."]),
        ("他走了。她来了！鍵は箱。", ["他走了。", "她来了！", "鍵は箱。"]),  # noqa: RUF001
        ("वह घर गया। वह आई।", ["वह घर गया।", "वह आई।"]),
        ("ذهب إلى البيت. ثم عاد؟ نعم.", ["ذهب إلى البيت.", "ثم عاد؟", "نعم."]),
        ("Ключ в ящике. Она ушла.", ["Ключ в ящике.", "Она ушла."]),
        ("One\nTwo", ["One", "Two"]),
    ],
)
def test_a_mark_before_a_new_sentence_ends_one_in_every_script(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


def test_words_keep_their_marks_and_a_script_without_blanks_has_a_word_for_each_character() -> None:
    text = "Take it, now. 鍵は箱"
    words = [text[start:end] for start, end in words_of(text, (0, len(text)))]
    assert words == ["Take", "it,", "now.", "鍵", "は", "箱"]
    assert len(words_of("x" * 100, (0, 100))) > 1


@given(TEXTS)
def test_sentences_and_words_hold_all_of_a_text_but_its_blanks(text: str) -> None:
    whole = re.sub(r"\s", "", text)
    for spans in (sentences_of(text, (0, len(text))), words_of(text, (0, len(text)))):
        assert re.sub(r"\s", "", "".join(text[start:end] for start, end in spans)) == whole
        assert all(text[start:end].strip() == text[start:end] != "" for start, end in spans)
    assert sentence_ends(text) == sorted({*sentence_ends(text)})
