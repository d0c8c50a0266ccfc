"""The names and noun phrases of an English text, found by a small tagger without a model.

Each word gets a tag of one letter, from a word list or from its ending. A few rules then change tags by their
neighbours, as Brill's tagger does. One pattern over the tags finds the phrases.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from ariadne.memory.ontology.names import identity_of

MAX_NAMES = 2000
"""The most names that a text gives: the first ones."""
_MAX_WORD = 200
"""The most characters of a word; a longer one is data."""

_WORD_LISTS = {
    # D: a noun or an adjective follows
    "D": """the a an my your his her our their its this these those some any every each another no several many few both
        all last next such whose much more most less enough either neither what two three four five six seven eight nine
        ten eleven twelve twenty thirty forty fifty hundred thousand million billion half dozen""",
    # P: a phrase may follow; also words that name nothing by themselves
    "P": """in on at about for with from by near into onto through over under between among without within during after
        before since until as than against across along around behind beside beyond toward towards upon via per despite
        except inside outside above below like unlike because if when while where although though whether unless how
        lot lots bit way thing things kind sort one ones same other others own times couple percent
        great good nice cool awesome glad happy dear sorry attached""",
    # L: as P, and may join two names: Bank of the West
    "L": "of de del della di da do dos la le du des von van der den zu y al bin ibn",
    # S: a verb or an adjective follows
    "S": """i you he she we they it who that which there am is are was were be been being do does did can cannot could
        will would shall should may might must myself yourself himself herself itself ourselves themselves mine yours
        hers ours theirs why but so someone somebody anyone anybody everyone everybody nobody nothing something anything
        everything feel felt become became seem get got go goes went gone come came look stay remain let able due""",
    # O: the object of a verb, or "to"
    "O": "to me him us them",
    # A: tagged as the word before it
    "A": """very too quite really just also still already never always often again only even not yet soon ever early
        rather pretty almost now then here today tomorrow yesterday tonight maybe perhaps please back away together home
        up down out off else instead however therefore thus hence later once twice sometimes somewhere everywhere well
        far ahead apart abroad ago meanwhile oh hi hello hey yes yeah nope ok okay sure thanks thank wow bye haha
        downtown especially e.g i.e etc am pm vs""",
    # V: a verb
    "V": """has had have say said tell told ask give gave given take took taken make made know knew known think thought
        see saw seen want need use find found put bring brought buy bought sell sold send sent meet met read write wrote
        written eat ate drank wear wore hold held keep kept leave left hear heard lose lost win won pay paid spend spent
        teach taught learn catch caught choose chose drive drove fly flew forget forgot grow grew led lend lent build
        built broke drew fell fought hid rode ran rose sang sit sat slept speak spoke stood stole swam threw understand
        understood live love enjoy prefer hate help work play try call visit invite believe include happen mean allow
        add create open show provide require follow offer appear expect consider suggest remember receive agree explain
        contain describe arrive ensure announce discuss attend join beat struck quit wait begin began run""",
    # n: nouns and adjectives with the ending of an adverb or a verb
    "n": """family reply supply assembly butterfly friendly elderly lovely lonely daily weekly meeting building painting
        wedding evening morning training ceiling clothing housing parking shopping marketing engineering warning
        beginning hundred news sports sales savings arts goods series physics politics""",
    # T: a date
    "T": """Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August
        September October November December""",
    ",": "and or nor plus , & /",
}
_TAGS = {word: tag for tag, words in _WORD_LISTS.items() for word in words.split()}
_TAGS |= {f"{verb}s": "V" for verb in _WORD_LISTS["V"].split()}

_ENDINGS = [  # tags of a word in lower case that is in no list
    (re.compile(r"\d.*"), "#"),
    (re.compile(r"[^a-z\xdf-\u024f].*"), "."),  # a word of another script
    (re.compile(r".{4,}ly"), "A"),
    (re.compile(r".{3,}(?<!e)ed"), "V"),
    (re.compile(r".{3,}ing"), "g"),
    (re.compile(r".{2,}[^sui]s"), "s"),  # a plural or a verb
    (re.compile(r".*"), "n"),
]
_PRONOUN_AND_VERB = re.compile(r"I|.+(?:n['\u2019]t|['\u2019](?:m|re|ve|ll|d))")

_TOKEN = re.compile(
    r"""["“„«](?P<title>[^\W\d_a-z]\w*
          (?:\ (?:[^\W_a-z]|(?:an?|and|at|by|for|from|in|of|on|or|the|to|with)\b)[\w'\u2019-]*){1,6})["”“»]
    | (?P<address>(?:https?://|www\.)[^\s"<>]*[\w/] | \w[\w.+-]{0,63}@\w[\w-]{0,62}(?:\.[\w-]{1,63})+ | (?<!\w)[@\#]\w+)
    | (?P<owner>['\u2019]s\b)
    | (?P<word>\b(?:Mrs?|Ms|Dr|Prof|St|[A-Z])\.(?=\s) | (?:[A-Z]\.){2,} | \w+(?:['\u2019&.-](?!s\b)\w+)*)
    | (?P<mark>[^\w\s] | \n(?![a-z]))""",
    re.VERBOSE,
)
# Tags without a list: C a capitalized word, F the same at the start of a sentence, X an address or a title, # a number,
# g a word in -ing, s a word in -s, ' the mark of an owner, and . a mark that ends a sentence or a part of one.
_RULES = [
    (re.compile(pattern), tag)
    for pattern, tag in [
        ("F(?=[ngs])", "n"),  # Heavy rain
        ("F(?=D)", "V"),  # Unscrew the lid
        ("F", "C"),  # as in: Carla spoke
        ("'", "D"),  # Carla's sister
        ("(?<=D)V", "n"),  # the signed lease
        ("(?<=S)[ngs]|(?<=O)n", "V"),  # they adore him, to adore him
        ("(?<=[nC#])s(?=[ngsCDXO#])|(?<=[^DPL]C)s", "V"),  # my nephew collects stamps, Iceland exports fish
        ("(?<=s)n", "V"),  # bees communicate
        ("(?<!D)g(?=[nsCD])|(?<=[ns])g(?=[PDSL])", "V"),  # by wearing shoes, a man sitting in
        ("(?<=[.,])[ns](?=D)", "V"),  # and click the link
    ]
]
_PHRASE = re.compile(r"X|T|C(?:[C#]|LD?C){0,4}(?:n{0,3}[ns])?|[ng]{0,4}(?:n#(?![ngs])|[ngs])")


def find_names(text: str) -> tuple[str, ...]:
    """Return the first `MAX_NAMES` names and noun phrases of a text: each once, as written, without articles.

    Accented letters are composed (NFC).
    """
    words, tags = [""], ["."]
    for match in _TOKEN.finditer(unicodedata.normalize("NFC", text)):
        form = match.lastgroup or ""
        word = match[form]
        words.append(word)
        tags.append(_tag(form, word, tags[-1]) if len(word) <= _MAX_WORD else ".")
    line = "".join(tags)
    for pattern, tag in _RULES:
        line = pattern.sub(tag, line)
    found: dict[str, str] = {}
    for match in _PHRASE.finditer(line):
        name = " ".join(words[match.start() : match.end()])
        if len(name) > 1:
            found.setdefault(identity_of(name), name)
        if len(found) == MAX_NAMES:
            break
    return tuple(found.values())


@lru_cache(maxsize=1 << 15)
def _tag(form: str, word: str, before: str) -> str:
    """Return the tag of a token that follows one with the tag `before`."""
    if form in ("title", "address"):
        return "X"
    if form == "mark":
        return _TAGS.get(word, ".")
    follows_noun = before in "ngsCFTX#"
    if form == "owner":
        return "'" if follows_noun else before
    tag = _word_tag(word, before == ".")
    return tag if tag != "A" else "S" if follows_noun else before


@lru_cache(maxsize=1 << 14)
def _word_tag(word: str, is_first: bool) -> str:
    """Return the tag of a word by itself; a capitalized word is C, or F at the start of a sentence."""
    lower = word.lower()
    known = _TAGS.get(word) or _TAGS.get(lower)
    if _PRONOUN_AND_VERB.fullmatch(word):
        return "S"
    if word != lower and not is_first and known not in ("D", "P", "T", ","):
        return "C"
    if known not in (None, "n"):
        return known
    tag = known or next(tag for pattern, tag in _ENDINGS if pattern.fullmatch(lower))
    return "F" if word != lower and tag != "A" else tag
