"""Reads files of any known format; the content of a file decides which one it has, and not its name."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ariadne.bench.evidence.cases import Case
from ariadne.bench.evidence.readers import hipporag, lines, locomo, longmemeval, realtalk
from ariadne.errors import InvalidInput

_SINGLE = (lines, locomo, longmemeval, realtalk)
"""The formats in which each file stands for itself."""
_FORMS = "; ".join(f"{module.NAME} ({module.FORM})" for module in (*_SINGLE, hipporag))
_SHOWN_FIELDS = 8


def read_cases(paths: Sequence[Path]) -> list[Case]:
    """Return the cases of all files, in the order of the files; those of HippoRAG, which belong together, come last.

    Raises:
        InvalidInput: A file cannot be read, is not JSON, or has no known form; the message names what was expected.
    """
    found, together = list[Case](), dict[Path, object]()
    for path in paths:
        data = _load(path)
        module = next((module for module in _SINGLE if module.recognizes(data)), None)
        if module is not None:
            found += [replace(case, file=str(path)) for case in module.cases(data, path)]
        elif hipporag.is_questions(data) or hipporag.is_corpus(data) or hipporag.is_extraction(data):
            together[path] = data
        else:
            raise InvalidInput(f"{path}: not a known benchmark: it is {_described(data)}. Known forms are {_FORMS}")
    return found + hipporag.cases(together)


def _load(path: Path) -> object:
    """Return the JSON value of a file, or the list of the values of its lines."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = error.strerror if isinstance(error, OSError) else "it is not a text in UTF-8"
        raise InvalidInput(f"{path}: cannot be read: {problem}") from error
    try:
        data = json.loads(text)
    except ValueError as error:
        return _load_lines(text, path, error)
    return [data] if lines.recognizes([data]) else data


def _load_lines(text: str, path: Path, whole: ValueError) -> list[object]:
    values = list[object]()
    for number, line in enumerate(text.split("\n"), 1):
        try:
            values += [json.loads(line)] if line.strip() else []
        except ValueError as error:
            problem = f"line {number}: {error}" if values else whole
            raise InvalidInput(f"{path}: not JSON: {problem}. Known forms are {_FORMS}") from error
    return values


def _described(data: object) -> str:
    """Return the form of a JSON value, in words."""
    if isinstance(data, list):
        return f"a list that begins with {_described(data[0])}" if data else "an empty list"
    if isinstance(data, dict):
        names = [str(name) for name in data]
        more = ", ..." if len(names) > _SHOWN_FIELDS else ""
        return f"an object with the fields {', '.join(names[:_SHOWN_FIELDS])}{more}" if names else "an empty object"
    return f"{data!r:.40}"
