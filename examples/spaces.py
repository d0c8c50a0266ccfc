"""One file with one space for each user; export of one space and import into another file."""

import tempfile
from pathlib import Path

from ariadne.memory import AriGraph, Triplet

with tempfile.TemporaryDirectory() as folder:
    file = Path(folder, "users.db")
    for user, city in (("ann", "Rome"), ("bob", "Oslo")):
        with AriGraph.open(file, space=user, embedder=None) as memory:
            memory.remember(f"I live in {city}.", triplets=[Triplet("user", "lives in", city)], key="home")

    with AriGraph.open(file, space="ann", embedder=None) as memory:
        print("ann:", *memory.facts(), "| spaces:", *memory.spaces())
        episodes = memory.export_to(Path(folder, "ann.jsonl"))
        print("exported episodes:", episodes)

    with AriGraph.open(Path(folder, "copy.db"), embedder=None) as copy:
        print(copy.import_from(Path(folder, "ann.jsonl")))
        print("copy:", *copy.facts())
