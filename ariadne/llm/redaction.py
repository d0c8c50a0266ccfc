"""The removal of a secret key from foreign text, in any encoding of the key."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cached_property
from urllib.parse import quote, urlsplit

from ariadne.errors import InvalidInput

HIDDEN = "[key]"
_LEAST = 4  # characters of a key; a shorter value is a placeholder for a local server
_SHORTEST = 8  # characters of base64 that no other text has by chance


class Secret:
    """A key to remove from texts; without a key nothing is removed."""

    def __init__(self, key: str | None) -> None:
        self._key = key if key and len(key) >= _LEAST else None

    def redact(self, text: str, request: str = "") -> str:
        """Return the text without the key, also where it is escaped by JSON or in an address, or encoded by base64.

        A key that occurs in the `request` is a common word, such as "key" for some local servers, and is kept.
        """
        return text if self._key is None or self._key in request else self._pattern.sub(HIDDEN, text)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        key = self._key or ""
        plain = "".join(f"(?:{'|'.join(_spellings(character))})" for character in key)
        return re.compile("|".join([plain, *sorted(_in_base64(key), key=len, reverse=True)]))


def _spellings(character: str) -> list[str]:
    """Return patterns for a character: plain, escaped, as a code point, percent-encoded."""
    number, percent = f"{ord(character):04x}", quote(character, safe="")
    if percent == character:
        percent = f"%{ord(character):02x}"
    return [rf"\\+u(?i:{number})", f"(?i:{percent})", rf"\\*{re.escape(character)}"]


def _in_base64(key: str) -> set[str]:
    """Return patterns for the key inside base64, one for each alignment."""
    found = set[str]()
    for before in range(3):
        coded = b64encode(b"\0" * before + key.encode()).decode().rstrip("=")
        whole = (before + len(key.encode())) * 8 // 6  # the last character may hold bits of what follows
        inner = coded[-(-before * 8 // 6) : whole]
        if len(inner) >= _SHORTEST:
            found |= {re.escape(inner), re.escape(inner.translate(str.maketrans("+/", "-_")))}
    return found


def checked_url(url: str) -> str:
    """Return the address of an endpoint; raise InvalidInput for another text, or for an address with a secret."""
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and url.isprintable()
    except ValueError:  # invalid brackets or port
        fits = False
    if not fits or " " in url:
        raise InvalidInput(f"{url!r} is not the address of an endpoint, such as http://localhost:11434/v1")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise InvalidInput(
            f"{parts.hostname}: give an address without a user, a query or a key; set OPENAI_API_KEY for the key"
        )
    return url
