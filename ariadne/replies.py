"""What a language model said, read as a reply of a given shape: where its meaning is certain, and not otherwise.

Thoughts, fences, comments, trailing commas, single quotes, Python's words and forgotten closing brackets are read over.
A reply that says two different things, breaks off in the middle of a value, or lacks a part, is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ValidationError

from ariadne.errors import ReplyError

R = TypeVar("R", bound=BaseModel)


def _number(told: Any) -> Any:
    if isinstance(told, (bool, float)):
        raise ValueError("a whole number is wanted")
    return told


Number = Annotated[int, BeforeValidator(_number)]
"""A whole number in a reply; also one in quotes, but no true and no 1.0."""
UNREAD = "a reply could not be read"
"""So begins what a run tells of a reply that was skipped."""
_THOUGHT = re.compile(r"<(think|thinking|thought|reasoning|reflection)>.*?</\1>", re.DOTALL | re.IGNORECASE)
_END_OF_THOUGHT = re.compile(r".*</(?:think|thinking|thought|reasoning|reflection)>", re.DOTALL | re.IGNORECASE)
_THINKING = re.compile(r"<(?:think|thinking|thought|reasoning|reflection)>", re.IGNORECASE)
_FENCED = re.compile(r"^[ \t]*(```+|~~~+)[ \t]*\w*[ \t]*\n(.*?)^[ \t]*\1[ \t]*$", re.DOTALL | re.MULTILINE)
_TOKEN = re.compile(
    r"""(?P<gap>\s+|//[^\n]*|\#[^\n]*|/\*.*?\*/)
    |(?P<text>"(?:[^"\\]|\\.)*")
    |'(?P<single>(?:[^'\\]|\\.)*)'
    |\u201c(?P<curly>[^\u201c\u201d\\]*)\u201d
    |(?P<number>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.]))
    |(?P<word>[A-Za-z_][\w-]*)
    |(?P<mark>[{}\[\],:])""",
    re.DOTALL | re.VERBOSE,
)
_WORDS = {"true": "true", "false": "false", "null": "null", "True": "true", "False": "false", "None": "null"}
_TRIES = 100  # braces that may begin an object
_CLOSES = {"{": "}", "[": "]"}


def read(said: str, shape: type[R], *, cut_off: bool = False) -> R:
    """The one reply of this shape in what was said; `cut_off` is what the server says of it: then nothing is completed.

    Raises ReplyError, with what was said, where there is none, or where there are different ones.
    """
    wrong = "there is no JSON object in it"
    answer = _without_thoughts(said)
    fenced = [found[2] for found in _FENCED.finditer(answer)]
    for part in [*([fenced[0]] if len(fenced) == 1 else []), answer]:
        found = list[R]()
        for told in _objects(part, complete=not cut_off):
            try:
                found.append(shape.model_validate(told))
            except ValidationError as error:
                wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:3])
        if any(one != found[0] for one in found):
            raise ReplyError("it says different things", said)
        if found:
            return found[0]
    raise ReplyError(wrong, said)


def _without_thoughts(said: str) -> str:
    """What stands outside of thoughts; nothing where a thought was not brought to its end."""
    answer = _END_OF_THOUGHT.sub("", _THOUGHT.sub("", said))
    return "" if _THINKING.match(answer.lstrip()) else answer


def _objects(text: str, *, complete: bool) -> Iterator[dict[str, Any]]:
    """The outermost JSON objects in a text; the last may lack its closing brackets, where that is to be completed."""
    at, tries = text.find("{"), 0
    while at >= 0 and tries < _TRIES:
        tries += 1
        tokens, missing, end = _tokens(text, at)
        if missing and complete and end == len(text) and tokens[-1][-1] in '"]}':
            tokens, missing = [*tokens, *reversed(missing)], []
        told = None if missing else _loaded(tokens)
        if told is not None:
            yield told
        at = text.find("{", at + 1 if told is None else end)


def _tokens(text: str, start: int) -> tuple[list[str], list[str], int]:
    """What stands from an opening brace on, in strict JSON: up to the brace that closes it, or to where it is no JSON
    or ends; with the brackets that are missing, the innermost last, and where that is."""
    tokens, missing, at = list[str](), list[str](), start
    while found := _TOKEN.match(text, at):
        at = found.end()
        if found["gap"] is not None:
            continue
        token = _strict(found)
        if token in _CLOSES:
            missing.append(_CLOSES[token])
        elif token in _CLOSES.values():
            if missing.pop() != token:
                return tokens, ["?"], at
            if tokens[-1] == ",":  # a trailing comma
                tokens.pop()
        tokens.append(token)
        if not missing:
            break
    return tokens, missing, at


def _strict(found: re.Match[str]) -> str:
    """A token as strict JSON has it."""
    if (text := found["text"]) is not None:
        return text.replace("\\'", "'") if "\\\\" not in text else text
    for quoted in ("single", "curly"):
        if (text := found[quoted]) is not None:
            return '"' + text.replace("\\'", "'").replace('\\"', '"').replace('"', '\\"') + '"'
    if (word := found["word"]) is not None:
        return _WORDS.get(word) or f'"{word}"' if _is_key(found) else _WORDS.get(word, "?")
    return found[0]


def _is_key(found: re.Match[str]) -> bool:
    return found.string[found.end() :].lstrip().startswith(":")


def _loaded(tokens: Sequence[str]) -> dict[str, Any] | None:
    """The object that strict JSON tells; None where it is none, or has a key twice."""
    try:
        told = json.loads(" ".join(tokens), object_pairs_hook=_once, strict=False, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) < len(pairs):
        raise ValueError("a key stands there twice")
    return told


def _refuse(constant: str) -> Any:
    raise ValueError(constant)
