"""Replies of language models as pydantic values, if their meaning is unambiguous.

Thoughts, fences, comments, trailing commas, single quotes, Python's literals and missing closing braces are tolerated.
A reply with contradictory objects, an incomplete value or list, or a missing field is refused.
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


def _number(value: Any) -> Any:
    if isinstance(value, (bool, float)) or (isinstance(value, str) and not re.fullmatch("-?[0-9]+", value.strip())):
        raise ValueError("a whole number is wanted")
    return value


Number = Annotated[int, BeforeValidator(_number)]
"""A whole number in a reply, also in quotes; true and 1.0 are none."""
UNREAD = "a reply could not be read"
"""The beginning of the texts by which a run records a skipped reply."""
_THOUGHT = re.compile(
    r"<(?P<end>/)?(?:think|thinking|thought|reasoning|reflection)>|\[(?P<ends>/)?THINK\]|\u25c1(?P<ending>/)?think\u25b7",
    re.IGNORECASE,
)
"""The marks that begin and end the thoughts of a model."""
_CHANNEL = re.compile(r"<\|channel\|>\s*(\w+)[^<]*<\|message\|>")
"""The marks of the harmony format; the reply follows `final`."""
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
"""The beginning of an object; another brace belongs to prose."""
_ATTEMPTS = 100  # braces that may begin an object
_LONGEST = 400_000  # characters of a reply
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_CLOSES = {"{": "}", "[": "]"}


def queries_from_names(near: Sequence[str], wide: Sequence[str]) -> tuple[Query, ...]:
    """Return queries for names: first those of depth 2, then those of depth 1."""
    return (*(Query(name, 2) for name in wide), *(Query(name, 1) for name in near))


def read(text: str, shape: type[R], *, cut_off: bool = False) -> R:
    """Return the only reply of a shape in a text.

    Args:
        text: The response of a model.
        shape: The type of the reply.
        cut_off: Whether the server's limit ended the text; missing braces are not completed then.

    Raises:
        ReplyError: The text has no such reply, or contradictory ones.
    """
    if len(text) > _LONGEST:
        raise ReplyError(f"it is longer than {_LONGEST} characters", text)
    problem = "it was cut off before its end" if cut_off else "there is no JSON object in it"
    replies, accepted, others = list[R](), dict[str, Any](), list[dict[str, Any]]()
    for candidate in _objects(_without_thoughts(text), complete=not cut_off):
        try:
            replies.append(shape.model_validate(candidate))
            accepted = candidate
        except ValidationError as error:
            problem = "; ".join(f"{'.'.join(map(str, part['loc']))}: {part['msg']}" for part in error.errors()[:3])
            others.append(candidate)
    if not replies:
        raise ReplyError(problem, text)
    names = shape.model_fields.keys() & accepted.keys()
    if any(reply != replies[0] for reply in replies) or any(
        other[name] != accepted[name] for other in others for name in names & other.keys()
    ):
        raise ReplyError("it contains different values", text)
    return replies[0]


def _without_thoughts(text: str) -> str:
    """Return the text outside of thoughts.

    A thought without an end reaches to the end of the text. One without a beginning reaches from the beginning.
    """
    if channels := list(_CHANNEL.finditer(text)):
        return text[channels[-1].end() :] if channels[-1][1] == "final" else ""
    outside, start, thinking = list[str](), 0, False
    for mark in _THOUGHT.finditer(text):
        if mark["end"] or mark["ends"] or mark["ending"]:
            outside = outside if thinking else []
            start, thinking = mark.end(), False
        elif not thinking:
            outside.append(text[start : mark.start()])
            thinking = True
    return "\n".join([*outside, *([] if thinking else [text[start:]])])


def _objects(text: str, *, complete: bool) -> Iterator[dict[str, Any]]:
    """Yield the outermost JSON objects in a text.

    With `complete`, missing closing braces of the last object are added. An invalid object hides the objects inside it;
    without an end, it hides all the following text.
    """
    at, attempts = text.find("{"), 0
    while at >= 0 and attempts < _ATTEMPTS:
        attempts += 1
        if not _OBJECT.match(text, at):
            at = text.find("{", at + 1)
            continue
        tokens, missing, end = _tokens(text, at)
        if complete and {*missing} == {"}"} and end == len(text) and tokens[-1][-1] in '"]}':
            tokens, missing = [*tokens, *missing], []
        if missing:
            return
        if (loaded := _loaded(tokens)) is not None:
            yield loaded
        at = text.find("{", end)


def _tokens(text: str, start: int) -> tuple[list[str], list[str], int]:
    """Return an object as tokens of strict JSON, the missing brackets with the innermost last, and the end position.

    The tokens reach from an opening brace to its closing brace, or to the point where the text is not JSON or ends.
    """
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
    """Return a token of strict JSON, or "?" if there is none."""
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
    """Return the object in strict JSON; None if it is invalid, repeats a key or has control characters."""
    try:
        value = json.loads(" ".join(tokens), object_pairs_hook=_unique, strict=False, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and not any(map(_UNPRINTABLE.search, _texts(value))) else None


def _texts(value: Any) -> Iterator[str]:
    """Yield all texts in a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for part in value.items() if isinstance(value, dict) else value:
            yield from _texts(list(part) if isinstance(part, tuple) else part)


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("a key occurs twice")
    return value


def _refuse(constant: str) -> Any:
    raise ValueError(constant)
