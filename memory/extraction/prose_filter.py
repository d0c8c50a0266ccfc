"""The filter for prose: which triplets of a chat, a page or a goal in words are believable.

The sentence tables know the English of text games. In prose the same words have other meanings: "the team takes the
bus", "the future is in your hands". So only plain statements about plain names count there.
"""

from __future__ import annotations

import re

from ariadne.memory.ontology.names import ROOM, identity_of
from ariadne.relations import DOES_NOT_UNLOCK, HUNGRY, INVENTORY, IS, PLACES, UNLOCKS, is_key
from ariadne.values import Triplet

_NO_STATEMENT = re.compile(
    r"(?:if|when|whenever|once|unless|until|after(?! that)|before|while|maybe|perhaps|suppose|imagine|should|could"
    r"|would|might|let|i|we|they|he|she|people|someone|everyone|nobody)\b"
    r"|.*\?$|.*\b(?:holds|is empty|your(?! inventory))\b",
    re.IGNORECASE | re.DOTALL,
)
_NO_PLAIN_NAME = re.compile(
    r"\b(?:the|an?(?=\s)|my|his|her|their|our|its|your|every|each|and|or|nor|neither|either|to|until|till|since|about"
    r"|than|as|like|only|never|now|again|together|more|most|less|according|maybe|perhaps|say|says|said|think|thinks|thought|asked|asks"
    r"|today|tomorrow|tonight|yesterday|next|last|soon|later|(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
    r"|no|not|nobody|everybody|everyone|someone|somebody|anyone|yourself|itself)\b",
    re.IGNORECASE,
)


def is_statement(sentence: str) -> bool:
    """Return whether a sentence states a fact: it is no question, no condition and no opinion."""
    return _NO_STATEMENT.match(sentence) is None


def is_believable(triplet: Triplet, sentence: str) -> bool:
    """Return whether a triplet may be what a plain statement in prose means."""
    subject, relation, value = triplet.subject, triplet.relation, triplet.object
    is_placed = relation in PLACES and value != INVENTORY
    names = (subject, value) if is_placed or relation == UNLOCKS else (subject,)
    if any(_NO_PLAIN_NAME.search(name) for name in names):
        return False
    if relation in (UNLOCKS, DOES_NOT_UNLOCK):
        return is_key(subject)
    if is_placed:
        return _is_one_thing(value, sentence)
    if value == HUNGRY:
        return sentence.casefold().startswith("you are hungry")
    return relation != IS or _is_one_thing(subject, sentence)


def _is_one_thing(name: str, sentence: str) -> bool:
    """Return whether a sentence means one thing: "the box", a room, or a proper name ("Room B")."""
    definite = re.search(rf"\b(?:the|an?|your) {re.escape(name)}(?!\w)|^(?:in|on) it\b", sentence, re.IGNORECASE)
    is_proper = " " in name and (name[0].isupper() or any(letter.isdigit() for letter in name))
    return definite is not None or is_proper or ROOM.search(identity_of(name)) is not None
