"""The memory needs no network and tries none; and importing it brings in nothing that it does not use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ariadne.memory import MiniLM

HEAVY = (
    "torch openai textworld networkx sentence_transformers tiktoken rich transformers asyncio ssl http.client".split()
)

NO_NETWORK = """
import socket, sys, warnings
warnings.simplefilter("error")
attempts = []

def refuse(*args, **kwargs):
    attempts.append(f"{args} {kwargs}")
    raise OSError("there is no network")

def audit(event, args):  # what goes past the module, in C
    if event.startswith("socket."):
        refuse(event, args)

class Socket(socket.socket):
    def __init__(self, *args, **kwargs):
        refuse(*args, **kwargs)

socket.socket = Socket
for name in ("create_connection", "getaddrinfo", "gethostbyname", "socketpair", "create_server"):
    setattr(socket, name, refuse)
sys.addaudithook(audit)
"""

USE = """
import io
from pathlib import Path
from ariadne.memory import About, AriGraph, Triplet

folder, embedder = Path(sys.argv[1]), {"none": None}.get(sys.argv[2], sys.argv[2])
with AriGraph.open(folder / "a.db", embedder=embedder) as memory:
    assert (memory.embedder is None) == (embedder is None)
    memory.remember("-= Kitchen =-\\nYou are in a kitchen. You see a closed fridge. There is an apple on the floor.")
    memory.remember("x", triplets=[Triplet("apple", "is in", "fridge")])
    memory.remember_many(["Ann likes tea.", {"text": "y", "triplets": [Triplet("Ann", "is in", "hall")]}])
    memory.remember_document("Ann works for Acme. " * 30, source="report.txt", size=200)
    memory.correct(Triplet("Ann", "is in", "hall"), Triplet("Ann", "is in", "attic"))
    recall = memory.recall([About("Ann"), "where is the apple?"], threshold=0.0, max_tokens=200)
    assert "apple is in fridge" in map(str, recall.facts)
    assert recall.text
    assert memory.places() is not None and memory.path("apple", "fridge") and memory.history("Ann")
    memory.merge("Ann", "Anna")
    memory.forget(source="report.txt")
    memory.export_to(folder / "a.jsonl")
    memory.backup(folder / "b.db")
    assert memory.check() == ()
    assert memory.stats().episodes
    facts = memory.facts()
with AriGraph(embedder=embedder) as copy:
    copy.import_from(folder / "a.jsonl")
    assert copy.facts() == facts
    copy.import_from(['{"text": "Bob is in the cellar."}'])
    assert copy.recall("where is Bob?").episodes
with AriGraph.open(folder / "b.db", embedder=embedder, create=False) as backup:
    assert backup.facts() == facts
"""

LOADED = f"""
loaded = [name for name in {HEAVY!r} if name in sys.modules]
print(loaded, flush=True)
"""


def printed_by(code: str, *arguments: object) -> str:
    """What a Python of its own prints; it has to end well."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


minilm = pytest.mark.skipif(not MiniLM.available(), reason="the extra [embeddings] is not installed")


@pytest.mark.parametrize("embedder", ["none", pytest.param("default", marks=minilm)])
def test_nothing_that_the_memory_does_tries_the_network(tmp_path: Path, embedder: str) -> None:
    report = "\nprint(attempts, flush=True)\n"
    assert printed_by(NO_NETWORK + USE + report + LOADED, tmp_path, embedder) == "[]\n[]\n"


def test_the_guard_of_these_tests_notices_an_attempt_to_use_the_network() -> None:
    code = """
import _socket
from contextlib import suppress
for attempt in (
    lambda: socket.socket(), lambda: socket.create_connection(("127.0.0.1", 9)), lambda: _socket.socket(),
    lambda: socket.getaddrinfo("localhost", 9), lambda: _socket.getaddrinfo("localhost", 9),
):
    with suppress(OSError):
        attempt()
print(len(attempts))
"""
    assert printed_by(NO_NETWORK + code) == "5\n"


def test_importing_the_memory_loads_nothing_that_it_does_not_use() -> None:
    assert printed_by("import sys\nimport ariadne.memory\n" + LOADED) == "[]\n"


def test_using_the_memory_loads_only_what_it_needs(tmp_path: Path) -> None:
    assert printed_by("import sys\n" + USE + LOADED, tmp_path, "none") == "[]\n"
    code = "import sys\nfrom ariadne.memory import AriGraph\nAriGraph(embedder=None).to_networkx()\n"
    assert "networkx" in printed_by(code + LOADED)
