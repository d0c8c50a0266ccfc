"""The memory: a knowledge graph of facts in time, linked to the episodes that state them. See README.md beside this."""

if __name__ == "memory":
    raise ImportError("import ariadne.memory, not memory: under its bare name every class would exist twice")

from ariadne.errors import EmbedderError, InvalidInput, MemoryBusy, MemoryFileError
from ariadne.memory.async_graph import AsyncAriGraph
from ariadne.memory.baselines.none import NoMemory
from ariadne.memory.embedders.hashing import HashEmbedder
from ariadne.memory.embedders.onnx import MiniLM, OnnxEmbedder
from ariadne.memory.embedders.openai_compatible import EndpointEmbedder
from ariadne.memory.embedders.registry import default_embedder, embedder_named
from ariadne.memory.embedders.sentence_transformers import SentenceTransformerEmbedder
from ariadne.memory.graph import AriGraph
from ariadne.memory.index.weights import Weights
from ariadne.memory.ingestion.changes.edits import ForgetResult
from ariadne.memory.ingestion.writer import ImportResult
from ariadne.memory.inputs import Entity, EpisodeInput
from ariadne.memory.ontology.ontology import Ontology
from ariadne.memory.ontology.reviser import OntologyReviser, Proposer, Reviser
from ariadne.memory.retrieval.request import STRATEGIES, Strategy
from ariadne.memory.storage.integrity import Stats
from ariadne.memory.storage.where import MixedTypesWarning, UnknownFieldWarning
from ariadne.values import About, Episode, Fact, Query, Reading, Recall, Replacement, Triplet, Update

__all__ = [
    "STRATEGIES",
    "About",
    "AriGraph",
    "AsyncAriGraph",
    "EmbedderError",
    "EndpointEmbedder",
    "Entity",
    "Episode",
    "EpisodeInput",
    "Fact",
    "ForgetResult",
    "HashEmbedder",
    "ImportResult",
    "InvalidInput",
    "MemoryBusy",
    "MemoryFileError",
    "MiniLM",
    "MixedTypesWarning",
    "NoMemory",
    "OnnxEmbedder",
    "Ontology",
    "OntologyReviser",
    "Proposer",
    "Query",
    "Reading",
    "Recall",
    "Replacement",
    "Reviser",
    "SentenceTransformerEmbedder",
    "Stats",
    "Strategy",
    "Triplet",
    "UnknownFieldWarning",
    "Update",
    "Weights",
    "default_embedder",
    "embedder_named",
]
