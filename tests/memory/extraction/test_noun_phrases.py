"""The names and noun phrases of a text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariadne.memory.extraction.noun_phrases import MAX_NAMES, find_names
from ariadne.memory.ontology.names import identity_of

WORDS = "Carla New York the a my two is was said painted of and , . : 's don't 12 #tag @me a@b.io 我 Ω ß".split()
TEXTS = st.text() | st.lists(st.sampled_from([*WORDS, '"', "\n", "\ud800"]), max_size=60).map(" ".join)


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        (
            "Carla: I finally sold my rusty bicycle to the neighbour on Friday.",
            "Carla; rusty bicycle; neighbour; Friday",
        ),
        ("Ann's sister lives in New York with two cats.", "Ann; sister; New York; cats"),
        ('We watched "The Hobbit" at my brother\'s place last night.', "The Hobbit; brother; place; night"),
        ("I love hiking and gardening, but I hate running.", "hiking; gardening; running"),
        ("Please send the report to anna.smith@example.com before Monday.", "report; anna.smith@example.com; Monday"),
        ("GPT-4 was released by OpenAI in March 2023.", "GPT-4; OpenAI; March"),
        (
            "Police arrested a man after a robbery at a petrol station in Leeds.",
            "Police; man; robbery; petrol station; Leeds",
        ),
        ("Attendees: Mark Jones, Li Wei, and Sofia Rossi.", "Attendees; Mark Jones; Li Wei; Sofia Rossi"),
        ("The parcel from Amazon should arrive at the office tomorrow.", "parcel; Amazon; office"),
        ("What's the name of the restaurant near the old harbour?", "name; restaurant; old harbour"),
        ("You should try the chocolate cake at Café Müller!", "chocolate cake; Café Müller"),
        ("#ClimateAction is trending after @GretaThunberg spoke in Geneva.", "#ClimateAction; @GretaThunberg; Geneva"),
        ("Mix the flour with two eggs and a pinch of salt.", "flour; eggs; pinch; salt"),
        (
            "The Treaty of Versailles was signed on 28 June 1919 in the Palace of Versailles.",
            "Treaty of Versailles; June; Palace of Versailles",
        ),
        ("My mom passed away two years ago, and this necklace reminds me of her.", "mom; years; necklace"),
        ("Oliver, my golden retriever, had surgery on his left knee.", "Oliver; golden retriever; surgery; left knee"),
        (
            "The supreme court of Brazil overturned the ruling after months of protests.",
            "supreme court; Brazil; ruling; months; protests",
        ),
        ("My nephew collects stamps and vintage postcards.", "nephew; stamps; vintage postcards"),
        ("Iceland exports fish and aluminium.", "Iceland; fish; aluminium"),
        ("Clause 7 governs the termination of this agreement.", "Clause 7; termination; agreement"),
        ("Your order 88213 has been shipped and will reach you on Monday.", "order 88213; Monday"),
        (
            "Present: Ingrid Dahl, Tomasz, and Dr. Mehta in Room 305.",
            "Present; Ingrid Dahl; Tomasz; Dr. Mehta; Room 305",
        ),
        ("Flight LH 432 to Chicago now departs from gate 22.", "Flight LH 432; Chicago; gate 22"),
        ("Press the red button to reset the router.", "red button; router"),
        (
            "Ada Lovelace wrote the first algorithm for the Analytical Engine.",
            "Ada Lovelace; first algorithm; Analytical Engine",
        ),
        ("Dear Mr. Novak, please find enclosed the signed lease.", "Mr. Novak; signed lease"),
        (
            "The opposition leader accused the government of ignoring the crisis.",
            "opposition leader; government; crisis",
        ),
        ("The form is at https://harbour.org/careers until Thursday.", "form; https://harbour.org/careers; Thursday"),
        ("Have you seen the photos from Aisha's graduation in Cairo?", "photos; Aisha; graduation; Cairo"),
        ("She called the London office.", "London office"),
    ],
)
def test_a_text_gives_its_names_and_noun_phrases(text: str, phrases: str) -> None:
    assert list(find_names(text)) == phrases.split("; ")


def test_a_chat_gives_its_speakers() -> None:
    assert find_names("Tom: hi\nAnn: hello Tom\nTom: got the tickets?") == ("Tom", "Ann", "tickets")


def test_a_name_in_another_case_is_the_same_name() -> None:
    assert find_names("My rusty bicycle! The Rusty Bicycle!") == ("rusty bicycle",)


def test_an_owner_and_a_possession_are_two_names() -> None:
    assert find_names("Ann's sister met Ann\u2019s brother.") == ("Ann", "sister", "brother")


def test_a_capital_at_the_start_of_a_sentence_makes_no_name() -> None:
    assert find_names("Yesterday we met. Then she left. Unfortunately it rained.") == ()
    assert find_names("Quickly! In 2023, at 3pm, 12 or 13.") == ()


def test_names_in_greek_cyrillic_and_accented_letters_are_found() -> None:
    assert find_names("Анна живёт в Москве.") == ("Анна", "Москве")
    assert find_names("Élodie met Zoë in Łódź and Ὁ Σωκράτης.") == ("Élodie", "Zoë", "Łódź", "Ὁ Σωκράτης")


def test_a_script_without_capitals_gives_nothing() -> None:
    assert find_names("我喜欢苹果") == ()


def test_a_title_is_one_name_and_direct_speech_is_no_name() -> None:
    assert find_names("“Pride and Prejudice” by Jane Austen") == ("Pride and Prejudice", "Jane Austen")
    assert find_names('"Yes", she said, "I know."') == ()


def test_months_and_names_that_are_also_verbs_are_names() -> None:
    assert find_names("We met Will in May.") == ("Will", "May")


@given(TEXTS)
def test_every_name_is_in_the_text_and_comes_once(text: str) -> None:
    names = find_names(text)
    assert all(name.strip() for name in names)
    assert len({identity_of(name) for name in names}) == len(names)
    assert all(word in text for name in names for word in name.split())


@given(TEXTS)
def test_the_same_text_gives_the_same_names(text: str) -> None:
    assert find_names(text) == find_names(text)


def test_a_very_long_text_gives_its_first_names() -> None:
    names = find_names(" ".join(f"The B{number} is here." for number in range(3 * MAX_NAMES)))
    assert names == tuple(f"B{number}" for number in range(MAX_NAMES))


def test_a_megabyte_of_anything_is_read_in_seconds() -> None:
    units = [
        "A ",
        '"',
        '"a',
        '"A ',
        "B of the ",
        "A.",
        "a@",
        "a@b.",
        "@a",
        "http://",
        "1 B ",
        "\n",
        "a's ",
        "\ud800",
        "我",
    ]
    text = "".join(unit * (10**6 // len(units) // len(unit)) for unit in units)
    begun = time.process_time()
    find_names(text)
    assert time.process_time() - begun < 5
