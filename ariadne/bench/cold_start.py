"""Measures a memory in a new process, in which only the embedder is loaded.

`ariadne bench recall` starts it:

    python -m ariadne.bench.cold_start FILE EMBEDDER < QUERIES

QUERIES is JSON: a list of recalls, each a list of texts. The output is a ColdStart as JSON.
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
class ColdStart:
    """Times and memory of a new process."""

    opened: float
    """Seconds to open the file."""
    recalled: float
    """Seconds of the first recall."""
    grown: float | None
    """MB of growth after all recalls, without interpreter and embedder; None if the system does not report it."""


def measure_cold_start(file: Path, embedder: str, queries: Sequence[Sequence[str]]) -> ColdStart:
    """Measure a memory's file in a new process.

    Raises:
        AriadneError: The process fails.
    """
    command = [sys.executable, "-m", "ariadne.bench.cold_start", str(file), embedder]
    done = subprocess.run(command, input=json.dumps(queries), capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        raise AriadneError(f"{file} could not be measured in another process: {last}")
    return ColdStart(**json.loads(done.stdout))


def _measure(file: str, embedder_name: str, queries: Sequence[Sequence[str]]) -> ColdStart:
    embedder = embedder_named(embedder_name)
    if embedder is not None:
        embedder.embed(["a text, so that the network is loaded"])
    before, began = _resident(), perf_counter()
    with AriGraph.open(file, embedder=embedder, create=False) as memory:
        opened = perf_counter()
        memory.recall(list(queries[0]))
        recalled = perf_counter()
        for texts in queries[1:]:
            memory.recall(list(texts))
        after = _resident()
    grown = None if before is None or after is None else after - before
    return ColdStart(opened - began, recalled - opened, grown)


def _resident() -> float | None:
    """Return the MB of this process in RAM; None if the system does not report it."""
    found = re.search(r"^VmRSS:\s+(\d+) kB$", _STATUS.read_text(), re.MULTILINE) if _STATUS.exists() else None
    return int(found[1]) / 1024 if found else None


if __name__ == "__main__":
    json.dump(asdict(_measure(sys.argv[1], sys.argv[2], json.load(sys.stdin))), sys.stdout)
