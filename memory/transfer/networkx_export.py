"""The graph for other programs: networkx and GraphML."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ariadne.errors import InvalidInput, MissingExtra
from ariadne.files import new_file
from ariadne.memory.ontology.names import identity_of, triplet_key
from ariadne.memory.storage.snapshot import Snapshot
from ariadne.memory.storage.store import Store
from ariadne.values import When

if TYPE_CHECKING:
    import networkx as nx

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_networkx(store: Store, snapshot: Snapshot) -> nx.MultiDiGraph[str]:
    """Return the current facts as a networkx graph: names as first written, an edge a fact, its relation as the key.

    A date is an ISO text, so that the graph can be written as JSON. Raises MissingExtra without networkx.
    """
    try:
        import networkx as nx
    except ModuleNotFoundError as error:
        raise MissingExtra("the graph for networkx and GraphML", "networkx") from error

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    with store.read() as view:
        facts = view.facts.at(snapshot).values()
        shown = view.facts.shown()
    for fact in facts:
        ends = shown[identity_of(fact.subject)], shown[identity_of(fact.object)]
        graph.add_edge(
            *ends, key=triplet_key(fact.triplet)[1], relation=fact.relation, valid_from=_plain(fact.valid_from),
            learned_in=fact.learned_in, episodes=fact.episodes,
        )  # fmt: skip
    return graph


def _plain(at: When) -> int | str:
    return at.isoformat() if isinstance(at, datetime) else at


def to_graphml(store: Store, snapshot: Snapshot, path: str | Path) -> None:
    """Write the current facts as GraphML: dates as texts, episodes as "1 2 3".

    Raises InvalidInput for a name with a character that XML cannot hold, and MemoryFileError if the file cannot be
    written.
    """
    graph = to_networkx(store, snapshot)
    import networkx as nx

    for subject, target, data in graph.edges(data=True):
        for text in (subject, target, data["relation"]):
            if found := _NOT_IN_XML.search(text):
                raise InvalidInput(f"GraphML cannot hold {found[0]!a}, in {text!a:.80}; JSON lines can (export_to)")
        data["episodes"] = " ".join(map(str, data["episodes"]))
    with new_file(path) as partial:
        nx.write_graphml_xml(graph, partial)
