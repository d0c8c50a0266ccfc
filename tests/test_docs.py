"""The documentation is true: its examples run, its files and links exist, and its commands are there."""

from __future__ import annotations

import io
import re
import runpy
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from ariadne.cli.main import main
from ariadne.envs.suites.loader import load_suite

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/README.md")])
FOLDER_PAGES = [page for page in PAGES if page.name == "README.md" and page.parent != ROOT]
_CODE = re.compile(r"^```(?P<language>\w*)[^\n]*\n(?P<code>.*?)^```", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?://|#|mailto:)(?P<target>[^)#\s]+)(?:#[^)]*)?\)")


def blocks(language: str) -> list[tuple[Path, str]]:
    """The code blocks of a language in all pages."""
    found = ((page, match) for page in PAGES for match in _CODE.finditer(page.read_text(encoding="utf-8")))
    return [(page, match["code"]) for page, match in found if match["language"] == language]


def in_order(cases: list[tuple[Path, str]]) -> list[str]:
    """A readable name for each case."""
    return [f"{page.relative_to(ROOT)}-{number}" for number, (page, _) in enumerate(cases)]


class Printed(NamedTuple):
    """What a script prints."""

    output: str
    errors: str


def run(script: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Printed:
    """Run a script in a folder, as its own program but in this process; raise what it raises."""
    monkeypatch.setattr(sys, "argv", [str(script)])
    with chdir(folder), redirect_stdout(io.StringIO()) as output, redirect_stderr(io.StringIO()) as errors:
        runpy.run_path(str(script), run_name="__main__")
    return Printed(output.getvalue(), errors.getvalue())


def run_code(code: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Printed:
    """Run Python code as a program in a folder."""
    (folder / "example.py").write_text(code, encoding="utf-8")
    (folder / "here").mkdir()
    return run(folder / "example.py", folder / "here", monkeypatch)


@pytest.mark.parametrize(("page", "code"), blocks("python"), ids=in_order(blocks("python")))
def test_an_example_of_the_documentation_runs(
    page: Path, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = run_code(code, tmp_path, monkeypatch)
    assert printed.errors == ""
    assert printed.output, page


@pytest.mark.parametrize("script", sorted(ROOT.glob("examples/*.py")), ids=lambda script: str(script.name))
def test_an_example_script_runs(script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    printed = run(script, tmp_path, monkeypatch)
    assert printed.errors == ""
    assert printed.output


@pytest.mark.parametrize("memory", ["AriGraph(", "AriGraph(embedder=None, "])
def test_the_readmes_example_prints_what_the_readme_shows_with_and_without_an_embedder(
    memory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    code, shown = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", page, re.DOTALL)[0]
    assert code.count("AriGraph(") == 1
    assert run_code(code.replace("AriGraph(", memory), tmp_path, monkeypatch).output == shown


def test_the_readme_is_short() -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(page.splitlines()) <= 150
    assert len(page.split()) <= 1000
    assert page.index("ten lines") < page.index("Play a game")


@pytest.mark.parametrize("page", FOLDER_PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_folders_page_is_short(page: Path) -> None:
    assert len(page.read_text(encoding="utf-8").splitlines()) <= 40


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_between_pages_leads_to_a_file(page: Path) -> None:
    targets = [match["target"] for match in _LINK.finditer(page.read_text(encoding="utf-8"))]
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    named = re.findall(r"`((?:ariadne|memory|planners|envs|tests|examples|docs)/[\w./-]*)`", page.read_text("utf-8"))
    assert [name for name in named if not (ROOT / name).exists()] == []


def commands() -> list[str]:
    """The commands of the command line that the pages show, without arguments."""
    lines = [line for _, code in blocks("text") for line in code.splitlines()]
    shown = (re.match(r"(?:\.venv/bin/)?ariadne ((?:[a-z][a-z-]* ?){1,2})", line) for line in lines)
    known = {"memory", "bench", "runs"}
    first = {match[1].strip() for match in shown if match}
    return sorted({words if words.split()[0] in known else words.split()[0] for words in first})


@pytest.mark.parametrize("command", commands())
def test_a_command_that_the_documentation_shows_is_there(command: str) -> None:
    assert CliRunner().invoke(main, [*command.split(), "--help"]).exit_code == 0


def test_the_targets_that_the_documentation_shows_are_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = {
        match
        for page in PAGES
        for match in re.findall(r"(?<!ariadne )\bmake ([a-z-]+)\b[ `#]", page.read_text("utf-8"))
    }
    named -= {"and", "a", "houses", "it", "treasure", "cooking", "cleaning", "room", "the", "sure", "no"}
    assert [name for name in sorted(named) if f"\n{name}:" not in f"\n{makefile}"] == []


def test_the_suite_that_the_documentation_shows_can_be_played(tmp_path: Path) -> None:
    ((_, shown),) = blocks("toml")
    (tmp_path / "own.toml").write_text(shown, encoding="utf-8")
    loaded = load_suite(str(tmp_path / "own.toml"))
    assert [(game.name, game.steps, game.moves) for game in loaded.games] == [
        ("cooking-easy", 60, None), ("cooking-10-no-objective", 60, 100)
    ]  # fmt: skip
    assert loaded.first_seeds(2) == [1001, 1002]
