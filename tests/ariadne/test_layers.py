"""The house as DESIGN tells it: who may import whom, how large a module may be, and what an import costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = {"memory": "ariadne.memory", "envs": "ariadne.envs", "planners": "ariadne.planners", "ariadne": "ariadne"}
VALUES = ("ariadne.values", "ariadne.errors")
SEAMS = (*VALUES, "ariadne.protocols")
ASKING = ("ariadne.prompts", "ariadne.replies")
ASSEMBLY = ("ariadne.parts", "ariadne.session", "ariadne.cli", "ariadne.view")

MAY_IMPORT = {
    "ariadne.values": (),
    "ariadne.errors": (),
    "ariadne.protocols": VALUES,
    "ariadne.loop": SEAMS,
    "ariadne.runs": (*SEAMS, "ariadne.calls", "ariadne.loop", "ariadne.parts", "ariadne.rehearsal", "ariadne.thinking"),
    "ariadne.rehearsal": SEAMS,
    "ariadne.recording": (*VALUES, "ariadne.runs", "ariadne.thinking"),
    "ariadne.memory": (*SEAMS, *ASKING, "ariadne.memory", "ariadne.redaction"),
    "ariadne.envs": (*SEAMS, "ariadne.envs"),
    "ariadne.planners": (*SEAMS, *ASKING, "ariadne.planners"),
    "ariadne.printable": (),
    "ariadne.view": (*SEAMS, "ariadne.calls", "ariadne.printable", "ariadne.replies", "ariadne.runs"),
    "ariadne.chat": (*VALUES, "ariadne.replies"),
    "ariadne.replies": VALUES,
    "ariadne.prompts": (),
    "ariadne.scripted": (*VALUES, "ariadne.chat", "ariadne.memory"),
    "ariadne.answers": (),
    "ariadne.redaction": (),
    "ariadne.endpoint": (*VALUES, "ariadne.answers", "ariadne.chat", "ariadne.memory", "ariadne.redaction"),
    "ariadne.calls": (*VALUES, "ariadne.chat", "ariadne.rehearsal", "ariadne.thinking"),
    "ariadne.archive": (*VALUES, "ariadne.recording", "ariadne.runs", "ariadne.memory"),
    "ariadne.charts": (*VALUES, "ariadne.calls", "ariadne.runs"),
    "ariadne.human": (*VALUES, "ariadne.runs"),
    "ariadne.importing": (
        *SEAMS,
        "ariadne.parts",
        "ariadne.memory",
        "ariadne.recording",
        "ariadne.rehearsal",
        "ariadne.runs",
        "ariadne.session",
        "ariadne.trajectories",
    ),
    "ariadne.tour": (*VALUES, "ariadne.runs", "ariadne.memory"),
    "ariadne.verify": (*VALUES, "ariadne.loop", "ariadne.parts", "ariadne.rehearsal", "ariadne.runs"),
    "ariadne.parts": (
        *SEAMS,
        "ariadne.memory",
        "ariadne.envs",
        "ariadne.planners",
        "ariadne.human",
        "ariadne.rehearsal",
        "ariadne.thinking",
    ),
    "ariadne.thinking": (),
    "ariadne.cli_model": (
        "ariadne.cli_base",
        *VALUES,
        "ariadne.calls",
        "ariadne.cli_input",
        "ariadne.dry_run",
        "ariadne.endpoint",
        "ariadne.memory",
        "ariadne.runs",
        "ariadne.session",
        "ariadne.thinking",
    ),
    "ariadne.dry_run": (
        *SEAMS,
        "ariadne.chat",
        "ariadne.loop",
        "ariadne.parts",
        "ariadne.scripted",
        "ariadne.session",
    ),
    "ariadne.session": (
        *SEAMS,
        "ariadne.calls",
        "ariadne.chat",
        "ariadne.thinking",
        "ariadne.parts",
        "ariadne.loop",
        "ariadne.recording",
        "ariadne.rehearsal",
        "ariadne.runs",
        "ariadne.envs",
    ),
    "ariadne.trajectories": (*VALUES, "ariadne.runs", "ariadne.envs"),
    "ariadne.truth": (*VALUES, "ariadne.parts", "ariadne.trajectories", "ariadne.envs"),
    "ariadne.bench_world": VALUES,
    "ariadne.bench_rivals": SEAMS,
    "ariadne.bench_fresh": (*VALUES, "ariadne.memory"),
    "ariadne.bench_recall": (
        *SEAMS,
        "ariadne.bench_fresh",
        "ariadne.bench_rivals",
        "ariadne.bench_world",
        "ariadne.memory",
    ),
    "ariadne.reflecting": (
        *SEAMS,
        "ariadne.calls",
        "ariadne.chat",
        "ariadne.parts",
        "ariadne.planners",
        "ariadne.replies",
        "ariadne.runs",
        "ariadne.session",
        "ariadne.thinking",
    ),
    "ariadne.bench_plot": (*VALUES, "ariadne.bench_table"),
    "ariadne.bench_table": (
        *VALUES,
        "ariadne.bench_suite",
        "ariadne.memory",
        "ariadne.reflecting",
        "ariadne.runs",
    ),
    "ariadne.bench_suite": (
        *VALUES,
        "ariadne.archive",
        "ariadne.endpoint",
        "ariadne.envs",
        "ariadne.reflecting",
        "ariadne.runs",
        "ariadne.session",
        "ariadne.thinking",
    ),
    "ariadne.bench_ray": (*VALUES, "ariadne.bench_suite"),
    "ariadne.cli_suite": (
        *VALUES,
        "ariadne.bench_plot",
        "ariadne.bench_ray",
        "ariadne.bench_suite",
        "ariadne.bench_table",
        "ariadne.cli_base",
        "ariadne.cli_input",
        "ariadne.cli_model",
        "ariadne.envs",
        "ariadne.parts",
        "ariadne.session",
    ),
    "ariadne.bench_calls": (*VALUES, "ariadne.calls", "ariadne.memory", "ariadne.runs"),
    "ariadne.cli": ("ariadne",),
    "ariadne.cli_base": ("ariadne.errors", "ariadne.printable"),
    "ariadne.cli_bench": (
        *VALUES,
        "ariadne.cli_base",
        "ariadne.cli_input",
        "ariadne.cli_suite",
        "ariadne.bench_calls",
        "ariadne.bench_recall",
        "ariadne.memory",
        "ariadne.trajectories",
        "ariadne.truth",
    ),
    "ariadne.cli_input": VALUES,
    "ariadne.cli_memory": (
        *VALUES,
        "ariadne.cli_base",
        "ariadne.cli_input",
        "ariadne.cli_opening",
        "ariadne.cli_told",
        "ariadne.memory",
        "ariadne.printable",
    ),
    "ariadne.cli_opening": (*SEAMS, "ariadne.memory"),
    "ariadne.browse": (*VALUES, "ariadne.printable", "ariadne.runs", "ariadne.tour", "ariadne.view"),
    "ariadne.cli_replay": (
        *VALUES,
        "ariadne.browse",
        "ariadne.cli_base",
        "ariadne.cli_input",
        "ariadne.memory",
        "ariadne.parts",
        "ariadne.rehearsal",
        "ariadne.runs",
        "ariadne.verify",
    ),
    "ariadne.cli_runs": (
        *VALUES,
        "ariadne.archive",
        "ariadne.charts",
        "ariadne.cli_base",
        "ariadne.cli_input",
        "ariadne.importing",
        "ariadne.printable",
        "ariadne.runs",
    ),
    "ariadne.cli_told": (*VALUES, "ariadne.cli_base", "ariadne.memory"),
    "ariadne.__main__": ("ariadne.cli",),
    "ariadne": (),
}
"""By module or folder, the nearest name counts: what of ours it may import."""


def modules() -> Iterator[tuple[str, Path]]:
    for folder, package in FOLDERS.items():
        for path in sorted((ROOT / folder).glob("*.py")):
            yield (package if path.stem == "__init__" else f"{package}.{path.stem}"), path


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def test_every_module_imports_only_from_the_layers_below_it() -> None:
    for module, path in modules():
        rule = max((name for name in MAY_IMPORT if within(module, name)), key=len)
        for name in imported(path):
            if within(name, "ariadne"):
                assert any(within(name, allowed) for allowed in MAY_IMPORT[rule]), f"{module} imports {name}"


def test_nobody_imports_a_part_under_its_bare_name() -> None:
    for module, path in modules():
        assert not [name for name in imported(path) if name.split(".")[0] in ("memory", "envs", "planners")], module


def test_only_the_assembly_knows_more_than_one_part() -> None:
    for module, path in modules():
        parts = {
            part for name in imported(path) for part in FOLDERS.values() if part != "ariadne" and within(name, part)
        }
        assert len(parts) <= 1 or module in ASSEMBLY, module


def test_no_module_passes_400_lines_and_the_loop_no_60() -> None:
    lengths = {module: len(path.read_text(encoding="utf-8").splitlines()) for module, path in modules()}
    assert {module: length for module, length in lengths.items() if length > 400} == {}
    assert lengths["ariadne.loop"] <= 60


@pytest.mark.parametrize("name", ["memory", "envs", "planners"])
def test_a_part_refuses_its_bare_name_and_says_what_to_import(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import {name}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode
    assert f"import ariadne.{name}" in done.stderr


def test_reading_a_run_and_importing_memory_pull_in_no_heavy_package() -> None:
    code = "import sys, ariadne.memory, ariadne.runs; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"torch", "textworld", "openai", "networkx", "sentence_transformers", "rich"} & set(
        done.stdout.split()
    ) == set()
