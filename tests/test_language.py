"""Names and texts use the field's words. The private dialect of the first versions does not come back."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("ariadne", "memory", "envs", "planners", "tests", "examples")
PAGES = ("*.md", "docs", "memory", "envs", "planners", "ariadne", "runs", "tests", "examples")

WORDS = (
    "told", "tell", "tells", "asked", "spoken", "said", "says", "stays", "anew", "nobody", "heard", "breath",
    "whatever", "meant", "kin",
)  # fmt: skip
PHRASES = ("came of", "who knows better", "what holds", "so many", "where there is none", "of which")

PRINTING = ("echo", "secho", "warn", "warning")

ALLOWED: dict[str, str] = {
    "SAYS": "the relation of a sign to its text",
    "self.tell()": "the position in a stream, by its name in Python",
    "The game begins anew.": "a text of games, which recorded runs contain",
    "said {len(episode.repeats) + 1} times": "how a recall shows to a model that a text came again",
    "said 2 times": "the same in a test",
    "said 3 times": "the same in a test or a page",
    "Nothing is said.": "a text of games, which recorded runs contain",
    "The notes found on the way tell": "the objective of a published game",
    'says "{triplet.object}"': "the words of a sign",
}
"""By a text in the line, why the line may hold such a word."""

WORD_LISTS = ("noun_phrases.py", "prose_filter.py")
"""Files whose strings list the words of English texts."""

_BANNED = re.compile(rf"\b({'|'.join((*WORDS, *PHRASES))})\b", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_+")


def python_files() -> list[Path]:
    """Return every Python file; ariadne's links to the other folders are not followed."""
    return sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if not _linked(path))


def pages() -> list[Path]:
    """Return every Markdown page of the project."""
    found = [path for name in PAGES for path in (ROOT.glob(name) if "*" in name else (ROOT / name).rglob("*.md"))]
    return sorted(path for path in {*found} if not _linked(path))


def findings(path: Path) -> list[str]:
    """Return "line: word" for each banned word in a file's names, comments, docstrings and texts."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        parts = _prose(text)
    else:
        parts = chain(_names_and_comments(text), _strings(text, every=_is_source(path)))
    lines = text.splitlines()
    hits = ((line, word.lower(), part) for line, part in parts for word in _BANNED.findall(part))
    return [
        f"{line}: {word}" for line, word, part in sorted(hits)
        if not any(allowed in part or allowed in lines[line - 1] for allowed in ALLOWED)
    ]  # fmt: skip


def _linked(path: Path) -> bool:
    return any(parent.is_symlink() for parent in path.parents)


def _prose(text: str) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines of a page outside its blocks of code."""
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        fenced ^= line.lstrip().startswith("```")
        if not fenced:
            yield number, re.sub(r"`[^`]*`", "", line)


def _names_and_comments(text: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NAME:
            yield token.start[0], _CAMEL.sub(" ", token.string)
        elif token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def _is_source(path: Path) -> bool:
    """Return whether every string of a file counts; tests and examples hold sentences for the memory to read."""
    folder = path.relative_to(ROOT).parts[0]
    return folder not in ("tests", "examples") and path.name not in WORD_LISTS


def _strings(text: str, *, every: bool) -> Iterator[tuple[int, str]]:
    """Yield the lines of strings: all of them, or docstrings, errors, printed messages and help of options."""
    if every:
        yield from _lines(ast.parse(text))
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield from _lines(node.value)
        elif isinstance(node, ast.Raise) and node.exc:
            yield from _lines(node.exc)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in PRINTING:
            yield from _lines(node)
        elif isinstance(node, ast.keyword) and node.arg in ("help", "short_help", "epilog", "reason"):
            yield from _lines(node.value)


def _lines(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for number, line in enumerate(node.value.splitlines(), node.lineno):
                yield min(number, node.end_lineno or number), line


@pytest.mark.parametrize("path", [*python_files(), *pages()], ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_holds_no_word_of_the_old_dialect(path: Path) -> None:
    assert findings(path) == []
