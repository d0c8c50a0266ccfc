"""What the READMEs show is so: their examples run, their files exist, their commands are there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ariadne.envs.suites.loader import suite

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(path for path in (ROOT, *map(ROOT.joinpath, ("ariadne", "memory", "planners", "envs", "tests", "runs"))))


def examples() -> list[tuple[str, str]]:
    pages = [folder / "README.md" for folder in PAGES]
    found = [(page, code) for page in pages for code in re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)]
    return [(f"{page.parent.name}-{number}", code) for number, (page, code) in enumerate(found)]


@pytest.mark.parametrize(("where", "code"), examples())
def test_an_example_runs(where: str, code: str, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout, where


@pytest.mark.parametrize("folder", PAGES, ids=lambda folder: folder.name)
def test_every_folder_has_a_page_and_every_file_it_names_exists(folder: Path) -> None:
    named = re.findall(r"^\| (`[^|]+\.py`[^|]*) \|", (folder / "README.md").read_text(), re.MULTILINE)
    files = [name for cell in named for name in re.findall(r"`([\w/]+\.py)`", cell)]
    assert [name for name in files if not (folder / name).exists()] == []


@pytest.mark.parametrize("folder", ["ariadne", "memory", "planners", "envs"])
def test_every_module_is_told_of_on_its_folders_page(folder: str) -> None:
    page = (ROOT / folder / "README.md").read_text()
    modules = [path.name for path in (ROOT / folder).glob("*.py") if not path.stem.startswith("__")]
    assert [name for name in modules if f"`{name}`" not in page] == []


def test_the_suite_that_the_readme_shows_can_be_played(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```toml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    (tmp_path / "own.toml").write_text(shown)
    told = suite(str(tmp_path / "own.toml"))
    assert [(game.name, game.steps, game.moves) for game in told.games] == [
        ("cooking-easy", 60, None), ("cooking-10-no-objective", 60, 100)
    ]  # fmt: skip
    assert told.some_seeds(2) == [1001, 1002]


def test_the_readmes_commands_are_there() -> None:
    page = (ROOT / "README.md").read_text()
    for command in re.findall(r"^    ariadne (\w+(?: [a-z]+-[a-z]+)?)", page, re.MULTILINE):
        done = subprocess.run(
            [sys.executable, "-m", "ariadne", *command.split(), "--help"], capture_output=True, check=False
        )
        assert done.returncode == 0, command
    targets = re.findall(r"^    make (\w+)", page, re.MULTILINE)
    assert targets == ["play", "test"]
    assert all(f"\n{target}:" in f"\n{(ROOT / 'Makefile').read_text()}" for target in targets)


def test_the_run_that_the_readme_shows_is_what_play_prints(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ariadne", "play"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    printed = [" ".join(line.split()) for line in done.stdout.splitlines()]
    shown = re.search(r"```text\n(goal: .*?)\nwon: 7 of 7 ", (ROOT / "README.md").read_text(), re.DOTALL)
    assert shown
    for line in (" ".join(line.split()).removesuffix("...") for line in shown[1].splitlines()):
        assert any(one.startswith(line) for one in printed), line
    assert printed[-2].startswith("won: 7 of 7 points in 27 decisions (33 commands), ")
