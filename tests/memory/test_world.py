"""The graph against the world: after every step of published games, what memory believes is what is true."""

from __future__ import annotations

import json
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ariadne.memory import AriGraph

Told = list[tuple[str, str, str]]


def judge(shared: Path) -> ModuleType:
    pytest.importorskip("textworld")
    spec = spec_from_file_location("world_truth", shared / "judges" / "world_truth.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Believed:
    """What memory holds after each observation of each attempt; it reads the live text by rules."""

    def __init__(self) -> None:
        self._attempt, self._memory = None, AriGraph(embedder=None)

    def __call__(self, attempt: Any, row: dict[str, Any], texts: list[tuple[str, str, str]]) -> Told:
        if attempt != self._attempt:
            self._attempt, self._memory = attempt, AriGraph(embedder=None)
        for text, inventory, command in texts:
            self._memory.remember(f"> {command}\n{text}\n{inventory}")
        return [(fact.subject, fact.relation, fact.object) for fact in self._memory.facts()]


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")
def test_what_memory_believes_of_the_published_hunt_is_true_at_every_step(shared: Path) -> None:
    lines = (shared / "published-runs" / "hunt.jsonl").read_text(encoding="utf-8").splitlines()
    found = judge(shared).run(str(shared / "games" / "hunt.z8"), [json.loads(line) for line in lines], Believed())
    assert found["steps"] == len(lines)
    assert found["precision"] >= 0.97
    assert found["recall"] >= 0.97
    assert found["exits true"] == found["exits walked and known"] == 1.0
    assert found["retired wrongly"].startswith("0 of ")
