"""The number of tokens in a text: counted by tiktoken if its ranks are on this machine, estimated otherwise.

Nothing is downloaded. The estimate errs high, so that a text within its budget is within the real budget too.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

ENCODING = "o200k_base"
RANKS = f"https://openaipublic.blob.core.windows.net/encodings/{ENCODING}.tiktoken"
DIGEST = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+|[^\S\n]+|\n|[\x21-\x7e]|[^\x00-\x7f]+|.", re.DOTALL)


def count(text: str) -> int:
    """Return the number of tokens in a text."""
    return _counter()(text)


def is_estimate() -> bool:
    """Return whether `count` estimates, because tiktoken or its ranks are not on this machine."""
    return _counter() is estimate


def estimate(text: str) -> int:
    """Return an estimate: about 1.5 times the true count for English, more for other languages and for code."""
    return sum(_size(piece) for piece in _PIECE.findall(text))


def _size(piece: str) -> int:
    """Count a token per three lower-case letters or digits, two capitals or blanks, or one mark.

    A character beyond ASCII counts as its UTF-8 bytes less one.
    """
    if not piece.isascii():
        return len(piece.encode("utf-8", "surrogatepass")) - len(piece)
    if piece == " ":
        return 0
    return -(-len(piece) // (3 if piece[-1].islower() or piece.isdigit() else 2))


@cache
def _counter() -> Callable[[str], int]:
    if find_spec("tiktoken") is None or not _ranks_are_here():
        return estimate
    import tiktoken

    encoding = tiktoken.get_encoding(ENCODING)
    return lambda text: len(encoding.encode_ordinary(text))


def _ranks_are_here() -> bool:
    """Return whether the cache of tiktoken has its ranks undamaged; otherwise tiktoken would download them."""
    chosen = os.environ.get("TIKTOKEN_CACHE_DIR", os.environ.get("DATA_GYM_CACHE_DIR"))
    folder = Path(tempfile.gettempdir(), "data-gym-cache") if chosen is None else Path(chosen)
    ranks = folder / hashlib.sha1(RANKS.encode()).hexdigest()
    return chosen != "" and ranks.is_file() and hashlib.sha256(ranks.read_bytes()).hexdigest() == DIGEST
