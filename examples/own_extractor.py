"""An extractor of your own: it reads lines such as "Ann: works for = mill" into triplets."""

import re
from collections.abc import Sequence

from ariadne.memory import AriGraph, Fact, Reading, Triplet
from ariadne.values import Situation

LINE = re.compile(r"(?P<subject>[^:]+): (?P<relation>[^=]+) = (?P<object>.+)")


class CardExtractor:
    """Reads index cards, one statement a line; it lists the lines that it cannot read."""

    def read(self, text: str, known: Sequence[Fact], situation: Situation | None) -> Reading:  # noqa: ARG002
        """Return the triplets of a text; `known` are the current facts about names in it."""
        matches = [(line, LINE.fullmatch(line.strip())) for line in text.splitlines() if line.strip()]
        triplets = tuple(
            Triplet(match["subject"].strip(), match["relation"].strip(), match["object"].strip())
            for _, match in matches if match
        )  # fmt: skip
        return Reading(triplets, unread=tuple(line for line, match in matches if not match))


with AriGraph(extractor=CardExtractor(), embedder=None) as memory:
    update = memory.remember("Ann: works for = mill\nmill: is in = Riga\nNothing else is known.")
    print("facts:", *memory.facts(), sep="\n  ")
    print("unread:", *update.reading.unread)
    print(memory.recall("where does Ann work?", max_tokens=60).text)
