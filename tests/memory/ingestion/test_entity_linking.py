"""The names of facts that occur in a text, in any script."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ariadne.memory import AriGraph, Fact, Reading, Triplet
from ariadne.values import Situation

SCRIPTS = [  # a name, its place, a text and a query with the name
    ("Zoe\u0308", "Rom", "Zo\u00eb kommt.", "Wo ist Zo\u00eb?"),  # one letter in two spellings
    (
        "\u738b\u82b3",
        "\u5317\u4eac",
        "\u6211\u89c1\u5230\u4e86\u738b\u82b3\u3002",
        "\u738b\u82b3\u4f4f\u5728\u54ea\u91cc\uff1f",
    ),  # Chinese
    (
        "\u30de\u30ea\u30a2",
        "\u6771\u4eac",
        "\u30de\u30ea\u30a2\u304c\u6765\u305f\u3002",
        "\u30de\u30ea\u30a2\u306f\u3069\u3053\uff1f",
    ),  # Japanese
    ("\ubbfc\uc218", "\uc11c\uc6b8", "\ubbfc\uc218\uac00 \uc654\ub2e4.", "\ubbfc\uc218\ub294 \uc5b4\ub514?"),  # Korean
    (
        "\u0938\u0940\u0924\u093e",
        "\u0926\u093f\u0932\u094d\u0932\u0940",
        "\u0938\u0940\u0924\u093e \u0906\u0908\u0964",
        "\u0938\u0940\u0924\u093e \u0915\u0939\u093e\u0901 \u0939\u0948?",
    ),  # Hindi
    (
        "\u0627\u0644\u0642\u0627\u0647\u0631\u0629",
        "\u0645\u0635\u0631",
        "\u0632\u0631\u062a \u0627\u0644\u0642\u0627\u0647\u0631\u0629.",
        "\u0623\u064a\u0646 \u0627\u0644\u0642\u0627\u0647\u0631\u0629\u061f",
    ),  # Arabic
]


class ListeningExtractor:
    """An Extractor that keeps the known facts it is given."""

    def read(self, text: str, known: Sequence[Fact], situation: Situation | None) -> Reading:
        self.known = tuple(known)
        return Reading()


@pytest.mark.parametrize(("name", "place", "text", "query"), SCRIPTS)
def test_a_known_name_is_found_in_a_text_and_in_a_query(name: str, place: str, text: str, query: str) -> None:
    extractor = ListeningExtractor()
    with AriGraph(embedder=None, extractor=extractor) as memory:
        for number in range(20):
            memory.remember("noted", triplets=[Triplet(f"thing {number}", "is", "old")])
        fact = memory.remember("noted", triplets=[Triplet(name, "is in", place)]).added[0]
        memory.remember(text)
        assert fact.triplet in [known.triplet for known in extractor.known]
        assert memory.recall(query, facts=1).facts == (fact,)


@pytest.mark.parametrize(("name", "place", "text", "query"), SCRIPTS[1:])
def test_a_merged_name_is_found_in_a_query(name: str, place: str, text: str, query: str) -> None:
    with AriGraph(embedder=None) as memory:
        fact = memory.remember("noted", triplets=[Triplet("Ann", "is in", place)]).added[0]
        memory.remember("noted", triplets=[Triplet("Bob", "is in", "Rome")])
        memory.merge(name, into="Ann")
        assert memory.recall(query, facts=1).facts == (fact,)


def test_an_acronym_is_found_in_capitals_alone() -> None:
    extractor = ListeningExtractor()
    with AriGraph(embedder=None, extractor=extractor) as memory:
        memory.remember("noted", triplets=[Triplet("US", "is in", "NATO")])
        memory.remember("She called us.")
        assert extractor.known == ()
        memory.remember("She moved to the US.")
        assert len(extractor.known) == 1
