"""What of a text that is no game may be believed: a chat, a page of prose, a goal said in words.

The tables know the English of text games; elsewhere the same words are said of other things ("the team takes the bus",
"the future is in your hands"). There only plain statements of plain names tell something.
"""

from __future__ import annotations

import re

from ariadne.memory.ontology.names import ROOM, identity_of
from ariadne.values import Triplet

_NO_STATEMENT = re.compile(
    r"(?:if|when|whenever|once|unless|until|after(?! that)|before|while|maybe|perhaps|suppose|imagine|should|could"
    r"|would|might|let|i|we|they|he|she|people|someone|everyone|nobody)\b"
    r"|.*\?$|.*\b(?:holds|is empty|your(?! inventory))\b",
    re.IGNORECASE | re.DOTALL,
)
_FRAME = re.compile(
    r"\b(?:the|an?(?=\s)|my|his|her|their|our|its|your|every|each|and|or|nor|neither|either|to|until|till|since|about|than|as|like"
    r"|only|never|now|again|together|more|most|less|according|maybe|perhaps|say|says|said|think|thinks|thought|asked|asks"
    r"|today|tomorrow|tonight|yesterday|next|last|soon|later|(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
    r"|no|not|nobody|everybody|everyone|someone|somebody|anyone|yourself|itself)\b",
    re.IGNORECASE,
)
_KEY = re.compile(r"\b(?:latch|pass)?key(?:card)?\b", re.IGNORECASE)


def is_statement(sentence: str) -> bool:
    """Whether it says that something is so: no question, no condition, nobody's opinion."""
    return _NO_STATEMENT.match(sentence) is None


def is_key(name: str) -> bool:
    """Whether a thing is called a key."""
    return _KEY.search(name) is not None


def is_believable(told: Triplet, sentence: str) -> bool:
    """Whether a triplet may stand for what a plain statement says of the world."""
    subject, relation, value = told.subject, told.relation, told.object
    placed = relation in ("is in", "is on") and value != "inventory"
    if any(_FRAME.search(name) for name in ((subject, value) if placed or relation == "unlocks" else (subject,))):
        return False
    if relation in ("unlocks", "does not unlock"):
        return is_key(subject)
    if placed:
        return _is_one_thing(value, sentence)
    if value == "hungry":
        return sentence.casefold().startswith("you are hungry")
    return relation != "is" or _is_one_thing(subject, sentence)


def _is_one_thing(name: str, sentence: str) -> bool:
    """Whether it is spoken of as one thing ("the box"), or called like a room, or by a name of its own ("Room B")."""
    definite = re.search(rf"\b(?:the|an?|your) {re.escape(name)}(?!\w)|^(?:in|on) it\b", sentence, re.IGNORECASE)
    own = " " in name and (name[0].isupper() or any(letter.isdigit() for letter in name))
    return definite is not None or own or ROOM.search(identity_of(name)) is not None
