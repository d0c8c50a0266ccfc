"""The memory: a knowledge graph of facts in time, tied to the episodes that taught them. See README.md beside this."""

if __name__ == "memory":
    raise ImportError("import ariadne.memory, not memory: under its bare name every class would exist twice")

from ariadne.errors import EmbedderError, InvalidInput, MemoryBusy, MemoryFileError
from ariadne.memory.asynchronous import AsyncAriGraph
from ariadne.memory.embedding import HashEmbedder, MiniLM, default_embedder, embedder_named
from ariadne.memory.endpoint import EndpointEmbedder
from ariadne.memory.forgetting import Forgotten
from ariadne.memory.graph import AriGraph
from ariadne.memory.inspection import Stats
from ariadne.memory.onnx_embedder import OnnxEmbedder
from ariadne.memory.plain import NoMemory
from ariadne.memory.revision import Proposer, StructuralReviser
from ariadne.memory.searching import STRATEGIES, Strategy
from ariadne.memory.sentence_transformer import SentenceTransformerEmbedder
from ariadne.memory.slots import TABLE
from ariadne.memory.told import Told
from ariadne.values import About, Episode, Fact, Query, Reading, Recall, Replacement, Triplet, Update

__all__ = [
    "STRATEGIES",
    "TABLE",
    "About",
    "AriGraph",
    "AsyncAriGraph",
    "EmbedderError",
    "EndpointEmbedder",
    "Episode",
    "Fact",
    "Forgotten",
    "HashEmbedder",
    "InvalidInput",
    "MemoryBusy",
    "MemoryFileError",
    "MiniLM",
    "NoMemory",
    "OnnxEmbedder",
    "Proposer",
    "Query",
    "Reading",
    "Recall",
    "Replacement",
    "SentenceTransformerEmbedder",
    "Stats",
    "Strategy",
    "StructuralReviser",
    "Told",
    "Triplet",
    "Update",
    "default_embedder",
    "embedder_named",
]
