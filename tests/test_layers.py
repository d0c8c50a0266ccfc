"""What an import gives and what it costs. Who may import whom is in pyproject.toml, [tool.importlinter]."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("memory", "envs", "planners")
HEAVY = {"torch", "textworld", "openai", "networkx", "sentence_transformers", "rich"}


def imports(path: Path) -> Iterator[str]:
    """Yield the full names that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_no_module_imports_a_part_under_its_bare_name() -> None:
    paths = [path for folder in ("ariadne", *PARTS) for path in (ROOT / folder).rglob("*.py")]
    assert {path.parent.name for path in paths} > {"rules", "storage", "makers", "runs"}  # subpackages are seen
    assert [path for path in paths if any(name.split(".")[0] in PARTS for name in imports(path))] == []


@pytest.mark.parametrize("name", PARTS)
def test_a_part_refuses_its_bare_name_and_names_the_right_one(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import {name}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode
    assert f"import ariadne.{name}" in done.stderr


def test_importing_the_memory_and_reading_a_run_load_no_heavy_package() -> None:
    code = "import sys, ariadne.memory, ariadne.runs.record; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert HEAVY & set(done.stdout.split()) == set()
