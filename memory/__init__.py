"""The memory: a knowledge graph of facts in time, tied to the episodes that taught them. See README.md beside this."""

if __name__ == "memory":
    raise ImportError("import ariadne.memory, not memory: under its bare name every class would exist twice")

from ariadne.memory.graph import AriGraph
from ariadne.memory.plain import NoMemory
from ariadne.memory.revision import StructuralReviser
from ariadne.memory.store import InvalidInput
from ariadne.values import About, Episode, Fact, Query, Reading, Recall, Replacement, Triplet, Update

__all__ = [
    "About",
    "AriGraph",
    "Episode",
    "Fact",
    "InvalidInput",
    "NoMemory",
    "Query",
    "Reading",
    "Recall",
    "Replacement",
    "StructuralReviser",
    "Triplet",
    "Update",
]
