"""The memory: a knowledge graph of facts in time, tied to the episodes that taught them. See README.md beside this."""

if __name__ == "memory":
    raise ImportError("import ariadne.memory, not memory: under its bare name every class would exist twice")

from ariadne.memory.embedding import HashEmbedder, MiniLM
from ariadne.memory.graph import AriGraph
from ariadne.memory.invalid import InvalidInput
from ariadne.memory.plain import NoMemory
from ariadne.memory.revision import Proposer, StructuralReviser
from ariadne.memory.slots import TABLE
from ariadne.values import About, Episode, Fact, Query, Reading, Recall, Replacement, Triplet, Update

__all__ = [
    "TABLE",
    "About",
    "AriGraph",
    "Episode",
    "Fact",
    "HashEmbedder",
    "InvalidInput",
    "MiniLM",
    "NoMemory",
    "Proposer",
    "Query",
    "Reading",
    "Recall",
    "Replacement",
    "StructuralReviser",
    "Triplet",
    "Update",
]
