"""Relations have one home: code uses the constants, so that a new name is found and changed in one place."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from ariadne import relations

ROOT = Path(__file__).resolve().parents[2]
OWN_VOCABULARY = {"relations.py", "synthetic_world.py"}
"""Modules that define relations: the constants, and the made-up world of a benchmark."""


def bare_relations(path: Path) -> list[str]:
    """Return the strings of a module that are relations of several words."""
    known = {value for name, value in vars(relations).items() if name.isupper() and isinstance(value, str)}
    wanted = {relation for relation in known | relations.CONNECTIONS if relation.count(" ")}
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return [node.value for node in nodes if isinstance(node, ast.Constant) and node.value in wanted]


def test_no_module_spells_out_a_relation() -> None:
    paths = [path for part in ("ariadne", "memory", "envs", "planners") for path in (ROOT / part).rglob("*.py")]
    assert bare_relations(ROOT / "ariadne" / "relations.py")  # the check sees them
    found = {path.name: bare for path in paths if path.name not in OWN_VOCABULARY and (bare := bare_relations(path))}
    assert found == {}


@pytest.mark.parametrize("direction", relations.DIRECTIONS)
def test_every_direction_has_a_connection(direction: str) -> None:
    assert relations.connection(direction) in relations.CONNECTIONS


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("old key", True),
        ("Keycard 2", True),
        ("latchkey", True),
        ("passkey", True),
        ("monkey", False),
        ("keyboard", False),
    ],
)
def test_a_key_is_known_by_its_name(name: str, *, expected: bool) -> None:
    assert relations.is_key(name) is expected
