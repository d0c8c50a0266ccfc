"""Kinds of names: a time is no place, and a team is no room. Values of different kinds do not exclude each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from ariadne.memory.ontology.names import identity_of

TIME, DATE, WEEKDAY, PERIOD, AMOUNT = "time", "date", "weekday", "period", "amount"
PROPER, COMMON = "proper", "common"
BUILT_IN = frozenset({TIME, DATE, WEEKDAY, PERIOD, AMOUNT, PROPER, COMMON})
"""Kinds that need no declaration. Other names are "proper" with a capital letter, and "common" without one."""

_CLOCK = re.compile(
    r"(?:at )?(?:(?P<hour>\d{1,2}):(?P<minute>\d\d)(?: ?(?P<half>[ap])\.?m\.?| ?h| o'clock)?"
    r"|(?P<full>\d{1,2}) ?(?:(?P<side>[ap])\.?m\.?|o'clock)|(?P<word>noon|midday|midnight))(?: sharp)?"
)
_MONTHS = "january february march april may june july august september october november december".split()
_MONTH = rf"(?P<month>{'|'.join(f'{name[:3]}(?:{name[3:]})?' if name[3:] else name for name in _MONTHS)})\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_DATES = [
    re.compile(rf"(?:on )?(?:the )?{_DAY}\.?(?: of)? {_MONTH}(?:,? \d{{4}})?"),
    re.compile(rf"(?:on )?{_MONTH} (?:the )?{_DAY}(?:,? \d{{4}})?"),
    re.compile(r"\d{4}-(?P<number>\d\d)-(?P<day>\d\d)"),
    re.compile(r"(?P<day>\d{1,2})\.(?P<number>\d{1,2})\.(?:\d{2}|\d{4})?"),
    re.compile(r"(?:on )?(?:the )?\d{1,2}(?:st|nd|rd|th)"),
]
_WEEKDAY = re.compile(
    r"(?:(?:on|this|next|last|coming) )*(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"(?: (?:morning|afternoon|evening|night))?"
)
_PERIOD = re.compile(
    rf"(?:(?:early|late|mid|the|next|this|last|coming|end of|start of) )*(?:{'|'.join(_MONTHS)}"
    r"|spring|summer|autumn|fall|winter|week|weekend|month|year|quarter|semester|morning|afternoon|evening|night"
    r"|q[1-4]|today|tonight|tomorrow|yesterday|easter|christmas|\d{4}s?)(?: (?:of )?\d{4})?"
)
_AMOUNT = re.compile(
    r"(?:(?:about|around|roughly|approximately|almost|nearly|over|under|exactly|only) )?"
    r"(?P<sign>[$\u20ac\u00a3\u00a5])? ?"
    r"(?P<number>\d+(?:[.,]\d+)*) ?(?P<unit>[%\u00b0$\u20ac\u00a3\u00a5]?[^\W\d_]*\.?(?: [^\W\d_]+\.?){0,4})"
)
_UNITS: dict[str, dict[str, float]] = {
    "mass": {"mg": 0.001, "milligram": 0.001, "g": 1, "gram": 1, "gramme": 1, "kg": 1000, "kilo": 1000,
             "kilogram": 1000, "t": 1e6, "tonne": 1e6, "lb": 453.59237, "pound": 453.59237,
             "oz": 28.349523, "ounce": 28.349523},
    "length": {"mm": 0.001, "millimetre": 0.001, "millimeter": 0.001, "cm": 0.01, "centimetre": 0.01,
               "centimeter": 0.01, "m": 1, "metre": 1, "meter": 1, "km": 1000, "kilometre": 1000, "kilometer": 1000,
               "inch": 0.0254,
               "foot": 0.3048, "feet": 0.3048, "ft": 0.3048, "mile": 1609.344},
    "volume": {"ml": 0.001, "millilitre": 0.001, "milliliter": 0.001, "cl": 0.01, "dl": 0.1, "l": 1, "litre": 1,
               "liter": 1},
    "duration": {"second": 1, "sec": 1, "minute": 60, "min": 60, "hour": 3600, "h": 3600, "hr": 3600, "day": 86400,
                 "week": 604800, "month": 2629746, "year": 31556952},
    "euro": {"euro": 1, "eur": 1, "\u20ac": 1, "cent": 0.01},
    "dollar": {"dollar": 1, "usd": 1, "$": 1}, "pound sterling": {"gbp": 1, "\u00a3": 1},
    "yen": {"yen": 1, "jpy": 1, "\u00a5": 1}, "percent": {"%": 1, "percent": 1},
}  # fmt: skip
_UNIT = {unit: (dimension, factor) for dimension, units in _UNITS.items() for unit, factor in units.items()}
_NUMBER = re.compile(r"(?<=\S) (?:\d+[a-z]?|[a-z])$")
"""The number of a room or a team: "lab 2", "ward B"."""
_QUALIFIED = re.compile(r".+\((?:the |an? )?(?P<kind>[^()]+)\)")


class Kind(NamedTuple):
    """The kind of a name, and the form by which its value is compared: "2 kg" and "2000 g" are one amount."""

    kind: str
    value: str
    dimension: str = ""
    """Of an amount: what its unit measures, or the unit itself."""
    is_measured: bool = False
    """Whether the unit of an amount is known."""


class Phrases:
    """Wordings of a relation or a name. `[x]` is optional, `(a|b)` is a choice, `*` is any words, `#` is a number."""

    def __init__(self, wordings: Iterable[str]) -> None:
        """Compile the wordings; raises ValueError if one cannot be read."""
        wordings = list(wordings)
        try:
            self._pattern = re.compile("|".join(map(_regex, wordings)) or "(?!)", re.IGNORECASE)
        except re.error as error:
            raise ValueError(f"the phrases {'; '.join(wordings)!r} cannot be read: {error}") from error
        self.matches = lru_cache(maxsize=1 << 12)(self._matches)

    def _matches(self, text: str) -> bool:
        """Return whether a text is one of the wordings; cached as `matches`."""
        return self._pattern.fullmatch(f" {text}") is not None


def _regex(wording: str) -> str:
    """Return the regular expression of a wording, with a blank before each part."""
    parts = _parts(wording)
    return "".join(
        f"(?: (?:{_translated(part[1:-1])}))?" if _is_optional(part) else f" {_translated(part)}" for part in parts
    )


def _parts(wording: str) -> list[str]:
    """Return the parts of a wording between the blanks that no bracket encloses."""
    parts, depth = [""], 0
    for character in " ".join(wording.split()):
        depth += (character in "[(") - (character in "])")
        if character == " " and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _is_optional(part: str) -> bool:
    return part.startswith("[") and part.find("]") == len(part) - 1


def _translated(part: str) -> str:
    signs = {"[": "(?:", "]": ")?", "(": "(?:", ")": ")", "|": "|", "*": r"\S+(?: \S+)*", "#": r"\d+"}
    return "".join(signs.get(token) or re.escape(token) for token in re.findall(r"[\[\]()|*#]|[^\[\]()|*#]+", part))


class Kinds:
    """The kinds of names by an ontology: the first declared kind that matches, else a built-in one."""

    def __init__(self, declared: Mapping[str, Iterable[str]]) -> None:
        """Compile the phrases of the declared kinds; raises ValueError if one cannot be read."""
        self._declared = [(kind, Phrases(words)) for kind, words in declared.items()]
        self.of = lru_cache(maxsize=1 << 12)(self._of)

    def _of(self, name: str) -> Kind:
        """Return the kind of a name, as written; cached as `of`."""
        identity = identity_of(name)
        if (qualified := _QUALIFIED.fullmatch(identity)) is not None:
            return Kind(qualified["kind"], identity)
        unnumbered = _NUMBER.sub("", identity)
        for kind, words in self._declared:
            if words.matches(identity) or words.matches(unnumbered):
                return Kind(kind, identity)
        return _time_of(identity) or _amount_of(identity) or Kind(PROPER if _is_proper(name) else COMMON, identity)


def _time_of(identity: str) -> Kind | None:
    if found := _CLOCK.fullmatch(identity):
        return Kind(TIME, _clock_value(found))
    for pattern in _DATES:
        if found := pattern.fullmatch(identity):
            parts = found.groupdict()
            month = (
                _MONTHS.index(_whole_month(parts["month"])) + 1 if parts.get("month") else int(parts.get("number") or 0)
            )
            return Kind(DATE, f"{month:02}-{int(parts['day']):02}" if month else identity)
    for kind, words in ((WEEKDAY, _WEEKDAY), (PERIOD, _PERIOD)):
        if words.fullmatch(identity):
            return Kind(kind, identity)
    return None


def _whole_month(start: str) -> str:
    return next(month for month in _MONTHS if month.startswith(start[:3]))


def _clock_value(found: re.Match[str]) -> str:
    if word := found["word"]:
        return "0:00" if word == "midnight" else "12:00"
    half, hour = found["half"] or found["side"], int(found["hour"] or found["full"])
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return f"{hour}:{found['minute'] or '00'}"


def _amount_of(identity: str) -> Kind | None:
    found = _AMOUNT.fullmatch(identity)
    if found is None:
        return None
    unit, _, rest = (found["sign"] or found["unit"]).rstrip(".").partition(" ")
    known = _UNIT.get(unit) or _UNIT.get(unit.removesuffix("s")) or _UNIT.get(unit.removesuffix("es"))
    if known is None:
        return Kind(AMOUNT, identity, found["unit"])
    dimension, factor = known
    number = float(_plain_number(found["number"])) * factor
    return Kind(AMOUNT, f"{number:.10g}", f"{dimension} {rest}".strip(), is_measured=True)


def _plain_number(number: str) -> str:
    """Return a number with a decimal point: "1,000" is 1000, "2,5" is 2.5, and "1.200,50" is 1200.50."""
    first = min((mark for mark in ".," if mark in number), key=number.index, default="")
    is_thousands = number.count(first) > 1 or len(set(number) & set(".,")) > 1 or re.fullmatch(r"\d+,\d{3}", number)
    return (number.replace(first, "") if first and is_thousands else number).replace(",", ".")


def _is_proper(name: str) -> bool:
    """Return whether a name begins with a capital letter, behind an article."""
    bare = re.sub(r"^(?:the|an?)\s+", "", name.strip(), flags=re.IGNORECASE)
    return bare[:1].isupper()
