"""A key taken out of what others say, in whatever way it is written there."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cached_property
from urllib.parse import quote, urlsplit

from ariadne.errors import InvalidInput

HIDDEN = "[key]"
_LEAST = 4  # characters of a key; what is shorter is none, but what a local server is content with
_SHORTEST = 8  # characters of base64 that stand for no other text


class Secret:
    """A key, or none."""

    def __init__(self, key: str | None) -> None:
        self._key = key if key and len(key) >= _LEAST else None

    def out_of(self, text: str, asked: str = "") -> str:
        """The text without it: as it is, escaped by JSON, by addresses, or within base64. A key that stands in what was
        `asked` is a word of the world ("key" is one for some local servers), and stays."""
        return text if self._key is None or self._key in asked else self._written.sub(HIDDEN, text)

    @cached_property
    def _written(self) -> re.Pattern[str]:
        key = self._key or ""
        plain = "".join(f"(?:{'|'.join(_ways(character))})" for character in key)
        return re.compile("|".join([plain, *sorted(_in_base64(key), key=len, reverse=True)]))


def _ways(character: str) -> list[str]:
    """The ways to write a character, as patterns: by itself, escaped, by its number, in percents."""
    number, percents = f"{ord(character):04x}", quote(character, safe="")
    if percents == character:
        percents = f"%{ord(character):02x}"
    return [rf"\\+u(?i:{number})", f"(?i:{percents})", rf"\\*{re.escape(character)}"]


def _in_base64(key: str) -> set[str]:
    """What of base64 says the key, at each place where it may begin."""
    found = set[str]()
    for before in range(3):
        coded = b64encode(b"\0" * before + key.encode()).decode().rstrip("=")
        whole = (before + len(key.encode())) * 8 // 6  # the last character may hold bits of what follows
        inner = coded[-(-before * 8 // 6) : whole]
        if len(inner) >= _SHORTEST:
            found |= {re.escape(inner), re.escape(inner.translate(str.maketrans("+/", "-_")))}
    return found


def checked_url(url: str) -> str:
    """An endpoint's address; raises InvalidInput for what is none, or has a secret in it."""
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and url.isprintable()
    except ValueError:  # brackets that are none, a port that is none
        fits = False
    if not fits or " " in url:
        raise InvalidInput(f"{url!r} is no endpoint's address; one is http://localhost:11434/v1")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise InvalidInput(
            f"{parts.hostname}: give an address without a user, a query or a key; the key: OPENAI_API_KEY"
        )
    return url
