"""The words of texts in all scripts: what a query finds, in facts and in episodes alike."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ariadne.memory import AriGraph, Triplet
from ariadne.memory.storage.text.words import fold, query_words, similarity, terms


def found(query: str, text: str) -> tuple[bool, bool]:
    """Return whether a query finds a text as an episode, and the same text as the object of a fact."""
    with AriGraph(embedder=None) as memory:
        memory.remember(text, triplets=[])
        memory.remember("x", triplets=[Triplet("n1", "r1", text)])
        recall = memory.recall(query, depth=1)
        return 1 in [episode.id for episode in recall.episodes], bool(recall.facts)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        # scripts without blanks
        ("花生", "我对花生过敏"),
        ("猫", "我家的猫很胖"),
        ("京都にいますか", "私は京都に住んでいます"),
        ("働いた", "Appleで働く"),
        ("カメラ", "古いｶﾒﾗを買った"),
        ("서울", "그는 서울에서 산다"),
        ("โรงเรียน", "ลูกเรียนที่โรงเรียนวัด"),
        ("សាលា", "កូនខ្ញុំរៀននៅសាលាបឋម"),
        ("ຫ້ອງຮຽນ", "ລູກຢູ່ໃນຫ້ອງຮຽນ"),
        ("ကျောင်း", "သမီးကျောင်းတက်သည်"),
        # numbers
        ("1000", "it costs 1,000 euros"),
        ("1,000", "it costs 1000 euros"),
        ("1.000.000", "one million is 1,000,000"),
        ("12500", "the price is 12\u00a0500"),
        ("3.14", "pi is 3,14 in Germany"),
        ("5550121", "call 555-0121"),
        ("555-0121", "call 5550121"),
        ("0121", "call 555-0121"),
        ("10:30", "the train leaves at 10:30"),
        ("2026", "it began on 2026-05-03"),
        ("2026-05-03", "it began on 2026-05-03"),
        ("٢٠٢٦", "it began in 2026"),
        ("\uff11\uff12\uff13", "number 123"),
        # names of software, identifiers, addresses
        ("C++", "she learns C++."),
        ("c#", "she learns C#, and F#"),
        (".NET", "it runs on .NET"),
        ("node.js", "written in Node.js"),
        ("nodejs", "written in Node.js"),
        ("user id", "the column user_id is empty"),
        ("user_id", "the field userId is empty"),
        ("response", "getHTTPResponse failed"),
        ("http", "getHTTPResponse failed"),
        ("kebab-case", "kebabCase and kebab_case"),
        ("gpt-4", "we use GPT4"),
        ("@ann_b", "ask @ann_b about it"),
        ("ann_b", "ask @ann_b about it"),
        ("ann@example.com", "write to Ann@Example.com."),
        ("example.com", "write to ann@example.com"),
        ("AT&T", "she works for AT&T"),
        ("the US office", "an office in the U.S."),
        # emoji
        ("🚒", "he is a 👩🏽‍🚒"),
        ("👍", "fine 👍🏽"),
        ("👍🏽", "fine 👍"),
        ("❤️", "with ❤"),
        ("🇩🇪", "from 🇩🇪🇫🇷"),
        # accents, spellings, marks
        ("cafe", "the Café"),
        ("cafe\u0301", "the café"),
        ("Mueller", "Herr Müller"),
        ("Müller", "Herr Mueller"),
        ("strasse", "die Straße"),
        ("oedipus", "Œdipus"),
        ("lodz", "Łódź"),
        ("елка", "новогодняя ёлка"),
        ("المدينة", "زرت اَلْمَدِينَةَ"),
        ("مدينة", "زرت المدينـــة"),
        ("احمد", "جاء أحمد"),
        ("שלום", "שָׁלוֹם לכם"),
        ("हिन्दी", "वह हिन्दी बोलती है"),
        ("मूंगफली", "मूँगफली से एलर्जी"),
        ("फ़ोन", "मेरा फोन"),
        ("میروم", "من می\u200cروم"),
        ("o'brien", "Mr. O\u2019Brien"),
        # inflected words
        ("в Москве", "он едет в Москву"),
        ("книга", "много книг"),
        ("Häuser", "das Haus"),
        ("arbeiten", "sie arbeitet"),
        ("يسكن", "هي تسكن هنا"),
        ("لڑکی", "لڑکیاں"),
        ("kitaplar", "bir kitap"),
        ("walking", "we walked"),
        ("cities", "a city"),
    ],
)  # fmt: skip
def test_a_query_finds_another_writing_of_its_words(query: str, text: str) -> None:
    assert found(query, text) == (True, True)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("C", "she learns C++"),
        ("C++", "she learns C#"),
        ("3.14", "there are 314 of them"),
        ("1000", "it costs 10,000 euros"),
        ("が", "か"),
        ("🇩🇪", "from 🇫🇷"),
        ("contain", "contract"),
        ("मैं", "में"),
        ("cat", "concatenate"),
    ],
)  # fmt: skip
def test_a_query_does_not_find_a_different_word(query: str, text: str) -> None:
    assert found(query, text) == (False, False)


def test_the_exact_word_comes_before_a_similar_one() -> None:
    with AriGraph(embedder=None) as memory:
        for city in ("Москве", "Москва", "Московия"):
            memory.remember(city, triplets=[Triplet(f"n{city[-1]}", "r", city)])
        recall = memory.recall("Москва", depth=1, episodes=3)
        assert [fact.object for fact in recall.facts] == ["Москва", "Москве"]
        assert [episode.text for episode in recall.episodes] == ["Москва", "Москве"]


def test_a_word_in_capitals_is_no_function_word() -> None:
    assert [word.text for word in query_words("Is it in the US?")] == ["us"]
    assert [word.text for word in query_words("does IT run the servers")] == ["it", "run", "server"]
    assert query_words("WHERE IS IT") == []
    assert [word.text for word in query_words("Where is it?", all_words=True)] == ["where", "is", "it"]


@given(st.text())
@example("\0 \ud800 ' \" 1️⃣ ½ \uff3f ﷺ")
@example("a" * 500)
def test_the_terms_of_any_text_have_no_blanks(text: str) -> None:
    for term in terms(text):
        assert term
        assert not {*term} & {*' "\0\t\n'}


@given(st.text(), st.text())
def test_the_terms_of_two_texts_are_those_of_both_together(first: str, second: str) -> None:
    assert terms(f"{first} \n {second}") == [*terms(first), *terms(second)]


@given(st.text(st.characters(codec="utf-8")))
def test_a_text_and_its_canonical_forms_have_the_same_terms(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    assert terms(unicodedata.normalize("NFD", composed)) == terms(composed)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    once = fold(unicodedata.normalize("NFKC", text))
    assert fold(once) == once


@given(st.text(), st.text())
def test_similarity_is_symmetric_and_at_most_one(first: str, second: str) -> None:
    assert similarity(first, second) == similarity(second, first) <= 1


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=20), max_size=5))
@example(["c++ c# 10:30 @a_b a@b.c .net 3.14"])
def test_a_forgotten_text_of_any_characters_leaves_a_sound_index(texts: list[str]) -> None:
    with AriGraph(embedder=None) as memory:
        for text in texts:
            memory.remember(text or "-", triplets=[], source="a")
        memory.forget(source="a")
        assert memory.check() == ()
