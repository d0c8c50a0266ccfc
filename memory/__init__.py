"""The memory: a knowledge graph of facts in time, tied to the episodes that taught them. See README.md beside this."""

if __name__ == "memory":
    raise ImportError("import ariadne.memory, not memory: under its bare name every class would exist twice")

from ariadne.errors import InvalidInput, MemoryBusy, MemoryFileError
from ariadne.memory.asynchronous import AsyncAriGraph
from ariadne.memory.embedding import HashEmbedder, MiniLM
from ariadne.memory.forgetting import Forgotten
from ariadne.memory.graph import AriGraph
from ariadne.memory.inspection import Stats
from ariadne.memory.plain import NoMemory
from ariadne.memory.revision import Proposer, StructuralReviser
from ariadne.memory.slots import TABLE
from ariadne.memory.told import Told
from ariadne.values import About, Episode, Fact, Query, Reading, Recall, Replacement, Triplet, Update

__all__ = [
    "TABLE",
    "About",
    "AriGraph",
    "AsyncAriGraph",
    "Episode",
    "Fact",
    "Forgotten",
    "HashEmbedder",
    "InvalidInput",
    "MemoryBusy",
    "MemoryFileError",
    "MiniLM",
    "NoMemory",
    "Proposer",
    "Query",
    "Reading",
    "Recall",
    "Replacement",
    "Stats",
    "StructuralReviser",
    "Told",
    "Triplet",
    "Update",
]
