"""The house as DESIGN tells it: who may import whom, how large a module may be, and what an import costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = {"memory": "ariadne.memory", "envs": "ariadne.envs", "planners": "ariadne.planners", "ariadne": "ariadne"}
VALUES = ("ariadne.values", "ariadne.errors")
SEAMS = (*VALUES, "ariadne.protocols")
ASKING = ("ariadne.llm.prompts", "ariadne.llm.json_replies")
ASSEMBLY = ("ariadne.assembly", "ariadne.runs.session", "ariadne.cli.main", "ariadne.ui.live")

MAY_IMPORT = {
    "ariadne.values": (),
    "ariadne.errors": (),
    "ariadne.protocols": VALUES,
    "ariadne.loop": SEAMS,
    "ariadne.runs.record": (
        *SEAMS,
        "ariadne.llm.call_log",
        "ariadne.loop",
        "ariadne.assembly",
        "ariadne.runs.replay",
        "ariadne.llm.settings",
    ),
    "ariadne.runs.replay": SEAMS,
    "ariadne.runs.recorder": (*VALUES, "ariadne.runs.record", "ariadne.llm.settings"),
    "ariadne.memory": (*SEAMS, *ASKING, "ariadne.memory", "ariadne.llm.redaction"),
    "ariadne.envs": (*SEAMS, "ariadne.envs"),
    "ariadne.planners": (*SEAMS, *ASKING, "ariadne.planners"),
    "ariadne.text": (),
    "ariadne.ui.live": (
        *SEAMS,
        "ariadne.llm.call_log",
        "ariadne.text",
        "ariadne.llm.json_replies",
        "ariadne.runs.record",
    ),
    "ariadne.llm.chat": (*VALUES, "ariadne.llm.json_replies"),
    "ariadne.llm.json_replies": VALUES,
    "ariadne.llm.prompts": (),
    "ariadne.llm.scripted": (*VALUES, "ariadne.llm.chat", "ariadne.memory"),
    "ariadne.llm.server_errors": (),
    "ariadne.llm.redaction": (),
    "ariadne.llm.endpoint": (
        *VALUES,
        "ariadne.llm.server_errors",
        "ariadne.llm.chat",
        "ariadne.memory",
        "ariadne.llm.redaction",
    ),
    "ariadne.llm.call_log": (*VALUES, "ariadne.llm.chat", "ariadne.runs.replay", "ariadne.llm.settings"),
    "ariadne.runs.archive": (*VALUES, "ariadne.runs.recorder", "ariadne.runs.record", "ariadne.memory"),
    "ariadne.runs.charts": (*VALUES, "ariadne.llm.call_log", "ariadne.runs.record"),
    "ariadne.planners.human": (*VALUES, "ariadne.runs.record"),
    "ariadne.runs.import_published": (
        *SEAMS,
        "ariadne.assembly",
        "ariadne.memory",
        "ariadne.runs.recorder",
        "ariadne.runs.replay",
        "ariadne.runs.record",
        "ariadne.runs.session",
        "ariadne.runs.trajectories",
    ),
    "ariadne.ui.tour": (*VALUES, "ariadne.runs.record", "ariadne.memory"),
    "ariadne.runs.verify": (*VALUES, "ariadne.loop", "ariadne.assembly", "ariadne.runs.replay", "ariadne.runs.record"),
    "ariadne.assembly": (
        *SEAMS,
        "ariadne.memory",
        "ariadne.envs",
        "ariadne.planners",
        "ariadne.planners.human",
        "ariadne.runs.replay",
        "ariadne.llm.settings",
    ),
    "ariadne.llm.settings": (),
    "ariadne.cli.model_options": (
        "ariadne.cli.base",
        *VALUES,
        "ariadne.llm.call_log",
        "ariadne.cli.inputs",
        "ariadne.runs.dry_run",
        "ariadne.llm.endpoint",
        "ariadne.memory",
        "ariadne.runs.record",
        "ariadne.runs.session",
        "ariadne.llm.settings",
    ),
    "ariadne.runs.dry_run": (
        *SEAMS,
        "ariadne.llm.chat",
        "ariadne.loop",
        "ariadne.assembly",
        "ariadne.llm.scripted",
        "ariadne.runs.session",
    ),
    "ariadne.runs.session": (
        *SEAMS,
        "ariadne.llm.call_log",
        "ariadne.llm.chat",
        "ariadne.llm.settings",
        "ariadne.assembly",
        "ariadne.loop",
        "ariadne.runs.recorder",
        "ariadne.runs.replay",
        "ariadne.runs.record",
        "ariadne.envs",
    ),
    "ariadne.runs.trajectories": (*VALUES, "ariadne.runs.record", "ariadne.envs"),
    "ariadne.bench.graph_truth": (*VALUES, "ariadne.assembly", "ariadne.runs.trajectories", "ariadne.envs"),
    "ariadne.bench.synthetic_world": VALUES,
    "ariadne.bench.rivals": SEAMS,
    "ariadne.bench.cold_start": (*VALUES, "ariadne.memory"),
    "ariadne.bench.recall_speed": (
        *SEAMS,
        "ariadne.bench.cold_start",
        "ariadne.bench.rivals",
        "ariadne.bench.synthetic_world",
        "ariadne.memory",
    ),
    "ariadne.bench.reflections": (
        *SEAMS,
        "ariadne.llm.call_log",
        "ariadne.llm.chat",
        "ariadne.assembly",
        "ariadne.planners",
        "ariadne.llm.json_replies",
        "ariadne.runs.record",
        "ariadne.runs.session",
        "ariadne.llm.settings",
    ),
    "ariadne.bench.plots": (*VALUES, "ariadne.bench.results"),
    "ariadne.bench.results": (
        *VALUES,
        "ariadne.bench.runner",
        "ariadne.memory",
        "ariadne.bench.reflections",
        "ariadne.runs.record",
    ),
    "ariadne.bench.runner": (
        *VALUES,
        "ariadne.runs.archive",
        "ariadne.llm.endpoint",
        "ariadne.envs",
        "ariadne.bench.reflections",
        "ariadne.runs.record",
        "ariadne.runs.session",
        "ariadne.llm.settings",
    ),
    "ariadne.bench.ray_executor": (*VALUES, "ariadne.bench.runner"),
    "ariadne.cli.suite": (
        *VALUES,
        "ariadne.bench.plots",
        "ariadne.bench.ray_executor",
        "ariadne.bench.runner",
        "ariadne.bench.results",
        "ariadne.cli.base",
        "ariadne.cli.inputs",
        "ariadne.cli.model_options",
        "ariadne.envs",
        "ariadne.assembly",
        "ariadne.runs.session",
    ),
    "ariadne.bench.llm_calls": (*VALUES, "ariadne.llm.call_log", "ariadne.memory", "ariadne.runs.record"),
    "ariadne.cli.main": ("ariadne",),
    "ariadne.cli.base": ("ariadne.errors", "ariadne.text"),
    "ariadne.cli.bench": (
        *VALUES,
        "ariadne.cli.base",
        "ariadne.cli.inputs",
        "ariadne.cli.suite",
        "ariadne.bench.llm_calls",
        "ariadne.bench.recall_speed",
        "ariadne.memory",
        "ariadne.runs.trajectories",
        "ariadne.bench.graph_truth",
    ),
    "ariadne.cli.inputs": VALUES,
    "ariadne.cli.memory": (
        *VALUES,
        "ariadne.cli.base",
        "ariadne.cli.inputs",
        "ariadne.cli.memory_file",
        "ariadne.cli.output",
        "ariadne.memory",
        "ariadne.text",
    ),
    "ariadne.cli.memory_file": (*SEAMS, "ariadne.memory"),
    "ariadne.ui.browser": (*VALUES, "ariadne.text", "ariadne.runs.record", "ariadne.ui.tour", "ariadne.ui.live"),
    "ariadne.cli.replay": (
        *VALUES,
        "ariadne.ui.browser",
        "ariadne.cli.base",
        "ariadne.cli.inputs",
        "ariadne.memory",
        "ariadne.assembly",
        "ariadne.runs.replay",
        "ariadne.runs.record",
        "ariadne.runs.verify",
    ),
    "ariadne.cli.runs": (
        *VALUES,
        "ariadne.runs.archive",
        "ariadne.runs.charts",
        "ariadne.cli.base",
        "ariadne.cli.inputs",
        "ariadne.runs.import_published",
        "ariadne.text",
        "ariadne.runs.record",
    ),
    "ariadne.cli.output": (*VALUES, "ariadne.cli.base", "ariadne.memory"),
    "ariadne.__main__": ("ariadne.cli.main",),
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
