"""The graph as others draw and compute it: networkx, and GraphML for the programs that read it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from ariadne.errors import InvalidInput, MissingExtra
from ariadne.files import new_file
from ariadne.memory.ontology.names import identity_of, triplet_key
from ariadne.memory.storage.snapshot import Snapshot
from ariadne.memory.storage.store import Store

if TYPE_CHECKING:
    import networkx as nx

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_networkx(store: Store, moment: Snapshot) -> nx.MultiDiGraph[str]:
    """What holds as a networkx graph: names as first written, an edge a fact, its relation as the key.

    Raises MissingExtra where networkx is not installed.
    """
    try:
        import networkx as nx
    except ModuleNotFoundError as error:
        raise MissingExtra("the graph for networkx and GraphML", "networkx") from error

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    with store.read() as view:
        facts = view.facts.at(moment).values()
        shown = view.facts.shown()
    for fact in facts:
        ends = shown[identity_of(fact.subject)], shown[identity_of(fact.object)]
        graph.add_edge(
            *ends, key=triplet_key(fact.triplet)[1], relation=fact.relation, valid_from=fact.valid_from,
            learned_in=fact.learned_in, episodes=fact.episodes,
        )  # fmt: skip
    return graph


def to_graphml(store: Store, moment: Snapshot, path: str | Path) -> None:
    """Write the same as GraphML: times as text where they are dates, episodes as "1 2 3".

    Raises InvalidInput for a name with a character that XML cannot hold, and MemoryFileError where nothing can be
    written.
    """
    graph = to_networkx(store, moment)
    import networkx as nx

    for one, other, told in graph.edges(data=True):
        for text in (one, other, told["relation"]):
            if found := _NO_XML.search(text):
                raise InvalidInput(f"GraphML cannot hold {found[0]!a}, in {text!a:.80}; JSON lines can (export_to)")
        told["episodes"] = " ".join(map(str, told["episodes"]))
        if not isinstance(told["valid_from"], int):
            told["valid_from"] = told["valid_from"].isoformat()
    with new_file(path) as partial:
        nx.write_graphml_xml(graph, partial)
