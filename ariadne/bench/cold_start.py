"""A memory opened in a process of its own, where nothing is warm but the embedder: run as `python -m` by bench recall.

    python -m ariadne.bench.cold_start FILE EMBEDDER < QUESTIONS

QUESTIONS is a list of recalls, each a list of texts, in JSON; what is printed is what Fresh holds.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

from ariadne.errors import AriadneError
from ariadne.memory import AriGraph, embedder_named

_STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Fresh:
    """Seconds to open the file and to recall for the first time after; and by how many MB the process had grown after
    all recalls, beyond what interpreter and embedder take (None where the system does not tell)."""

    opened: float
    recalled: float
    grown: float | None


def look(file: Path, embedder: str, questions: Sequence[Sequence[str]]) -> Fresh:
    """What a process of its own finds; raises AriadneError where it fails."""
    command = [sys.executable, "-m", "ariadne.bench.cold_start", str(file), embedder]
    done = subprocess.run(command, input=json.dumps(questions), capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[-1]
        raise AriadneError(f"{file} could not be looked at by another process: {last}")
    return Fresh(**json.loads(done.stdout))


def _looked(file: str, embedder: str, questions: Sequence[Sequence[str]]) -> Fresh:
    embeds = embedder_named(embedder)
    if embeds is not None:
        embeds.embed(["a text, so that the network is loaded"])
    before, began = _resident(), perf_counter()
    with AriGraph.open(file, embedder=embeds, create=False) as memory:
        opened = perf_counter()
        memory.recall(list(questions[0]))
        recalled = perf_counter()
        for asked in questions[1:]:
            memory.recall(list(asked))
        after = _resident()
    grown = None if before is None or after is None else after - before
    return Fresh(opened - began, recalled - opened, grown)


def _resident() -> float | None:
    """MB of this process that are in RAM; None where the system does not tell."""
    found = re.search(r"^VmRSS:\s+(\d+) kB$", _STATUS.read_text(), re.MULTILINE) if _STATUS.exists() else None
    return int(found[1]) / 1024 if found else None


if __name__ == "__main__":
    json.dump(asdict(_looked(sys.argv[1], sys.argv[2], json.load(sys.stdin))), sys.stdout)
