"""What a language model said, read as a reply of a given shape: where its meaning is certain, and not otherwise.

Thoughts, fences, comments, trailing commas, single quotes, Python's words and forgotten closing braces are read over. A
reply that says two different things, breaks off in the middle of a value or a list, or lacks a part, is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ValidationError

from ariadne.errors import ReplyError
from ariadne.values import Query

R = TypeVar("R", bound=BaseModel)


def _number(told: Any) -> Any:
    if isinstance(told, (bool, float)) or (isinstance(told, str) and not re.fullmatch("-?[0-9]+", told.strip())):
        raise ValueError("a whole number is wanted")
    return told


Number = Annotated[int, BeforeValidator(_number)]
"""A whole number in a reply; also one in quotes, but no true and no 1.0."""
UNREAD = "a reply could not be read"
"""So begins what a run tells of a reply that was skipped."""
_THOUGHT = re.compile(
    r"<(?P<end>/)?(?:think|thinking|thought|reasoning|reflection)>|\[(?P<ends>/)?THINK\]|\u25c1(?P<ending>/)?think\u25b7",
    re.IGNORECASE,
)
"""Where thinking aloud begins and ends, as models mark it."""
_CHANNEL = re.compile(r"<\|channel\|>\s*(\w+)[^<]*<\|message\|>")
"""The same, in the harmony format: what follows `final` is the answer."""
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
_KEY = re.compile(r"\s*:")
_GAP = r"(?:\s|//[^\n]*|\#[^\n]*|/\*.*?\*/)*"
_OBJECT = re.compile(
    rf"""\{{{_GAP}(?:\}}|(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\u201c[^\u201c\u201d\\]*\u201d|[A-Za-z_][\w-]*){_GAP}:)""",
    re.DOTALL,
)
"""How an object begins; another brace is one of prose."""
_TRIES = 100  # braces that may begin an object
_LONGEST = 400_000  # characters of a reply
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_CLOSES = {"{": "}", "[": "]"}


def queries_from_names(near: Sequence[str], wide: Sequence[str]) -> tuple[Query, ...]:
    """What is to be looked up: first what leads on, then what is wanted by itself."""
    return (*(Query(name, 2) for name in wide), *(Query(name, 1) for name in near))


def read(said: str, shape: type[R], *, cut_off: bool = False) -> R:
    """The one reply of this shape in what was said; `cut_off` is what the server says of it: then nothing is completed.

    Raises ReplyError, with what was said, where there is none, or where different things are said.
    """
    if len(said) > _LONGEST:
        raise ReplyError(f"it is longer than {_LONGEST} characters", said)
    wrong = "it was cut off before its end" if cut_off else "there is no JSON object in it"
    found, told_of, others = list[R](), dict[str, Any](), list[dict[str, Any]]()
    for told in _objects(_without_thoughts(said), complete=not cut_off):
        try:
            found.append(shape.model_validate(told))
            told_of = told
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:3])
            others.append(told)
    if not found:
        raise ReplyError(wrong, said)
    names = shape.model_fields.keys() & told_of.keys()
    if any(one != found[0] for one in found) or any(
        other[name] != told_of[name] for other in others for name in names & other.keys()
    ):
        raise ReplyError("it says different things", said)
    return found[0]


def _without_thoughts(said: str) -> str:
    """What stands outside of thoughts: nothing after the beginning of one that has no end, nor before the end of one
    that has no beginning."""
    if channels := list(_CHANNEL.finditer(said)):
        return said[channels[-1].end() :] if channels[-1][1] == "final" else ""
    outside, start, thinking = list[str](), 0, False
    for mark in _THOUGHT.finditer(said):
        if mark["end"] or mark["ends"] or mark["ending"]:
            outside = outside if thinking else []
            start, thinking = mark.end(), False
        elif not thinking:
            outside.append(said[start : mark.start()])
            thinking = True
    return "\n".join([*outside, *([] if thinking else [said[start:]])])


def _objects(text: str, *, complete: bool) -> Iterator[dict[str, Any]]:
    """The outermost JSON objects in a text; the last may lack its closing braces, where that is to be completed. What
    begins as an object and is none hides what stands in it; and where it has no end, all that comes after."""
    at, tries = text.find("{"), 0
    while at >= 0 and tries < _TRIES:
        tries += 1
        if not _OBJECT.match(text, at):
            at = text.find("{", at + 1)
            continue
        tokens, missing, end = _tokens(text, at)
        if complete and {*missing} == {"}"} and end == len(text) and tokens[-1][-1] in '"]}':
            tokens, missing = [*tokens, *missing], []
        if missing:
            return
        if (told := _loaded(tokens)) is not None:
            yield told
        at = text.find("{", end)


def _tokens(text: str, start: int) -> tuple[list[str], list[str], int]:
    """What stands from an opening brace on, in strict JSON: up to the brace that closes it, or to where it is no JSON
    or ends; with the brackets that are missing, the innermost last, and where that is."""
    tokens, missing, at = list[str](), list[str](), start
    while found := _TOKEN.match(text, at):
        at = found.end()
        if found["gap"] is not None:
            continue
        token = _as_json(found)
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


def _as_json(found: re.Match[str]) -> str:
    """A token as strict JSON has it; "?" where it has none."""
    if (text := found["text"]) is not None:
        return text.replace("\\'", "'") if "\\\\" not in text else text
    for quoted in ("single", "curly"):
        if (text := found[quoted]) is not None:
            return '"' + text.replace("\\'", "'").replace('\\"', '"').replace('"', '\\"') + '"'
    if (word := found["word"]) is not None:
        return _WORDS.get(word) or f'"{word}"' if _is_key(found) else _WORDS.get(word, "?")
    return found[0]


def _is_key(found: re.Match[str]) -> bool:
    return _KEY.match(found.string, found.end()) is not None


def _loaded(tokens: Sequence[str]) -> dict[str, Any] | None:
    """The object that strict JSON tells; None where it is none, has a key twice, or characters that no text holds."""
    try:
        told = json.loads(" ".join(tokens), object_pairs_hook=_once, strict=False, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) and not any(map(_UNPRINTABLE.search, _texts(told))) else None


def _texts(told: Any) -> Iterator[str]:
    """All texts in it."""
    if isinstance(told, str):
        yield told
    elif isinstance(told, (dict, list)):
        for one in told.items() if isinstance(told, dict) else told:
            yield from _texts(list(one) if isinstance(one, tuple) else one)


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) < len(pairs):
        raise ValueError("a key stands there twice")
    return told


def _refuse(constant: str) -> Any:
    raise ValueError(constant)
