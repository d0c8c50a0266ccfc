"""Commands that delete and revise, and filters by typed values, as their user meets them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ariadne.cli.main import main


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["memory", *arguments])


def done(*arguments: str) -> list[str]:
    """Return the lines that a successful command printed."""
    result = run(*arguments)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return result.stdout.splitlines()


def failed(*arguments: str) -> str:
    """Return the one line that a command failed with."""
    result = run(*arguments)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1), result.output
    return result.stderr.removeprefix("ariadne: ").rstrip()


# -- filters -----------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("default::ariadne.memory.MixedTypesWarning")
def test_where_with_a_number_finds_the_number_and_the_text() -> None:
    for name, price in (
        ("lamp", '{"price": 12}'),
        ("pen", "price=12"),
        ("desk", '{"price": 12.5}'),
        ("cup", "price=2"),
    ):
        done("remember", "a.db", name, "--triplet", name, "is in", "shop", "--meta", price)
    assert done("facts", "a.db", "--where", "price=12") == ["lamp is in shop", "pen is in shop"]
    assert done("facts", "a.db", "--where", "price=12.5") == ["desk is in shop"]
    assert done("forget", "a.db", "--where", "price=2", "--dry-run")[0] == "- [4] cup"
    result = run("facts", "a.db", "--where", '{"price": 2}')
    assert "no current facts" in result.stderr
    assert "'price' has texts in 2 episodes and numbers in 2 episodes" in result.stderr
    assert "ariadne: 'price'" in run("facts", "a.db", "--where", "price=cheap").stderr
