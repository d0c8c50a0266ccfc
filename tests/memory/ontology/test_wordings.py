"""Wordings of a relation: its plain form and its denials."""

from __future__ import annotations

import pytest

from ariadne.memory.ontology.wordings import plain_relation, polarity_of, third_person, verb_stem
from ariadne.values import Triplet


@pytest.mark.parametrize(
    ("plain", "relations"),
    [
        ("ceo of", ["IS_CEO_OF", "is the CEO of", "isCeoOf", "is currently the CEO of", "has been CEO of"]),
        ("home address", ["HOME_ADDRESS", "has home address", "home address is", "has_home_address"]),
        ("member of", ["is a member of", "MEMBER_OF", "is still a member of"]),
        ("is", ["is", "is now", "is still"]),
        ("has", ["has", "has now"]),
        ("has in", ["has in"]),
        ("was founded by", ["was founded by"]),
    ],
)
def test_wordings_of_one_relation_have_one_plain_form(plain: str, relations: list[str]) -> None:
    assert {plain_relation(relation.replace("isCeoOf", "is_ceo_of")) for relation in relations} == {plain}


@pytest.mark.parametrize(
    ("affirmed", "denial"),
    [
        ("shop | is | open", "shop | is not | open"), ("shop | is | open", "shop | isn't | open"),
        ("shop | is | open", "shop | is | not open"), ("shop | is | open", "shop | is no longer | open"),
        ("Ann | likes | tea", "Ann | does not like | tea"), ("Ann | likes | tea", "Ann | doesn't like | tea"),
        ("Ann | likes | tea", "Ann | no longer likes | tea"), ("Ann | studies | law", "Ann | stopped studying | law"),
        ("Ann | has | a car", "Ann | has | no car"), ("Ann | has | a car", "Ann | does not have | a car"),
        ("Ann | can | swim", "Ann | cannot | swim"), ("Ann | is a member of | choir", "Ann | NOT_MEMBER_OF | choir"),
        ("Ann | lives in | Rome", "Ann | used to live in | Rome"), ("Ann | eats | meat", "Ann | stopped | eating meat"),
        ("Ann | eats | meat", "Ann | doesn't eat anymore | meat"),
        ("Ann | plays | chess", "Ann | quit playing | chess"),
        ("Ann | works for | Acme", "Ann | NO_LONGER_WORKS_FOR | Acme"), ("Ann | will | come", "Ann | won't | come"),
    ],
)  # fmt: skip
def test_a_denial_names_what_it_denies(affirmed: str, denial: str) -> None:
    first, second = (Triplet(*(part.strip() for part in line.split("|"))) for line in (affirmed, denial))
    assert (polarity_of(first).is_denial, polarity_of(second).is_denial) == (False, True)
    assert polarity_of(first)[:2] == polarity_of(second)[:2]


@pytest.mark.parametrize(
    "line", ["Ann | knows | Bob", "Ann | stopped | the car", "key | is for | door", "note | says | no entry"]
)
def test_a_statement_without_a_denial_affirms(line: str) -> None:
    assert not polarity_of(Triplet(*(part.strip() for part in line.split("|")))).is_denial


def test_forms_of_a_verb_have_one_stem() -> None:
    forms = (("like", "likes", "liking"), ("study", "studies", "studying"), ("run", "runs", "running"),
             ("have", "has", "having"), ("watch", "watches", "watching"), ("miss", "misses", "missing"))  # fmt: skip
    assert [len({verb_stem(form) for form in verbs}) for verbs in forms] == [1] * len(forms)
    assert len({verb_stem(verbs[0]) for verbs in forms}) == len(forms)


def test_a_base_form_becomes_the_third_person() -> None:
    forms = {"live in": "lives in", "have": "has", "study at": "studies at", "go to": "goes to", "is": "is",
             "married to": "married to", "play": "plays"}  # fmt: skip
    assert {form: third_person(form) for form in forms} == forms


def test_a_denial_in_the_object_keeps_the_capitals_of_a_name() -> None:
    assert polarity_of(Triplet("Ann", "is", "not Polish"))[:3] == (
        polarity_of(Triplet("Ann", "is", "Polish")).stem,
        "Polish",
        True,
    )
