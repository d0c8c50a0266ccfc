"""What models write around, into and instead of JSON: read where the meaning is certain, refused where it is not."""

from __future__ import annotations

import json
import random
import re
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from ariadne.errors import ReplyError
from ariadne.llm.json_replies import Number, read
from tests.scale import scaled


class Choice(BaseModel):
    """A reply as minds ask for them."""

    goals: list[str]
    reason: str
    action: Number


PLAIN = '{"goals": ["find key", "open box"], "reason": "it is near", "action": 3}'
INTENDED = Choice(goals=["find key", "open box"], reason="it is near", action=3)
INNER = PLAIN[1:-1]

AROUND = [
    "{}", " {} ", "\n\n{}\n", "\ufeff{}", "Sure! {}", "Here is my answer:\n{}\nLet me know if you need more.",
    "```json\n{}\n```", "```\n{}\n```", "```JSON\n{}\n```\n", "~~~\n{}\n~~~",
    "Of course.\n```json\n{}\n```\nGood luck!",
    "````json\n{}\n````", "  ```json\n{}\n  ```", "```json\n{}", "{}\n```", "`{}`", "**Answer**: {}", "JSON: {}",
    "<think>I could take it.</think>{}", "<think>\nWhat if I {{wait}}?\n</think>\n\n{}", "<thinking>hm</thinking>\n{}",
    "<reasoning>{{\"action\": 1}}</reasoning>{}", "Let me think. The key is near.\n</think>\n{}", "<THINK>x</THINK> {}",
    "<think>{{\"goals\": [], \"reason\": \"draft\", \"action\": 9}}</think>\n{}", "<think></think>{}",
    "<answer>{}</answer>",
    "I weigh {{open}} against {{take}}. {}", "{} I hope that helps.", "{}\n\nNote: {{not JSON}}.", "{}\n{}", "[1] {}",
    "First draft: {{\"action\": 3}}\nFinal:\n{}", "<|start|>assistant\n{}<|end|>", "{};", "({})", "answer = {}",
    "The set {{a, b}} is not it.\n```json\n{}\n```", "She said {{\n{}", "</think>{}", "Don't worry: {}", "It's \"{}",
    "[{}",
    "[THINK]It may be 4.[/THINK]{}", "\u25c1think\u25b7hm\u25c1/think\u25b7{}", "{}\n<think>That was easy.</think>",
    "<|channel|>analysis<|message|>{{\"action\": 9}}<|end|><|start|>assistant<|channel|>final<|message|>{}",
]  # fmt: skip
"""What stands around a reply; {} is where it goes."""

BENT = [
    INNER.replace('"', "'"), INNER + ",", INNER.replace('"open box"]', '"open box",]'), INNER.replace(", ", ",\n\n  "),
    INNER.replace('"action"', "action"), INNER.replace('"goals"', "goals").replace('"reason"', "reason"),
    INNER + " // the key\n", INNER + " /* the key */", INNER + "\n# the key\n", INNER.replace("3", '"3"'),
    "// first\n" + INNER, INNER.replace('"goals":', '"goals": // mine\n'),
    INNER.replace('"it is near"', "'it is near'"),
    INNER.replace('"find key"', "\u201cfind key\u201d"), INNER.replace('"', "\u201c", 1).replace('"', "\u201d", 1),
    INNER.replace("[", "[ /* now */ "), INNER + ', "note": null', INNER + ', "sure": true', INNER + ", 'sure': True",
    INNER + ', "confidence": 0.9', INNER + ", 'why': None", INNER + ', "more": {"a": [1, 2, {"b": "}"}]}',
    INNER + ', x: "y"',
    INNER.replace(":", " : "),
    INNER.replace('"goals": ["find key", "open box"], ', "") + ', "goals": ["find key", "open box"]',
    INNER.replace('"it is near"', '"it is\u0020near"'), INNER.replace("it is near", "it\\u0020is near"),
    "\n" + INNER + "\n,\n",
]  # fmt: skip
"""The inside of the braces, bent but certain."""

CERTAIN = [
    *(around.replace("{}", PLAIN).replace("{{", "{").replace("}}", "}") for around in AROUND),
    *(f"{{{bent}}}" for bent in BENT),
    *(f"```json\n{{{bent}}}\n```" for bent in BENT),
    *(f"<think>It may be 4, or 3.</think>\nSo: {{{bent}}} Done." for bent in BENT),
    '{"action": 3, "reason": "it is near", "goals": ["find key", "open box"]',
    '{"action": 3, "goals": ["find key", "open box"], "reason": "it is near"',
    '```json\n{"action": 3, "goals": ["find key", "open box"], "reason": "it is near"',
]  # fmt: skip

UNCERTAIN = [
    '{"action": 3, "reason": "it is near", "goals": ["find key", "open box"',  # or more
    f'```json\n{PLAIN}\n```\nWait, that is wrong: {PLAIN.replace("3", "5")}', f'{PLAIN} No, wait: {{"action": 5}}',
    f"Okay.\n<think>maybe {PLAIN}", f"[THINK]maybe {PLAIN}", f"<|channel|>analysis<|message|>maybe {PLAIN}",
    f"\u25c1think\u25b7maybe {PLAIN}", '{"thought": "hm" "x", "draft": ' + PLAIN + ', "end": true}',
    '{"thought": he said. "draft": ' + PLAIN + "}", PLAIN.replace("3", '"3.0"'), PLAIN.replace("3", '"1_0"'),
    PLAIN.replace("near", "near\ud83d"), PLAIN.replace("near", "near\\ud83d"), PLAIN.replace("near", "near\\u0000"),
    PLAIN + " " * 400_000,
    "", " ", "I would take the key.", "3", '"3"', "null", "[]", "{}", "{", "}", '["find key"]', "action: 3", "look",
    "I cannot help with that.", '{"action": 3}', PLAIN[:-1], PLAIN[:-2], PLAIN[:30], PLAIN[:60], PLAIN[:-1] + ",",
    '{"action": 3, "reason": "it is ne', '{"action": 3, "goals": ["find key", "open',
    '{"action": 3, "goals": ["find key",',
    PLAIN.replace("3", "three"), PLAIN.replace("3", "null"), PLAIN.replace("3", "3.5"), PLAIN.replace("3", "3.0"),
    PLAIN.replace("3", "true"), PLAIN.replace("3", "[3]"), PLAIN.replace("3", "NaN"), PLAIN.replace("3", "3 4"),
    PLAIN.replace("3", "03"), PLAIN.replace("3", "Infinity"), PLAIN.replace("3", "3, 4"), PLAIN.replace("3", ""),
    PLAIN.replace('"action": 3', '"action": 3, "action": 4'), PLAIN + PLAIN.replace("3", "4"),
    PLAIN.replace('["find key", "open box"]', '"find key"'), PLAIN.replace('["find key", "open box"]', "[1]"),
    PLAIN.replace('"it is near"', "it is near"), PLAIN.replace('"it is near"', "'it's near'"), PLAIN.replace(",", ",,"),
    PLAIN.replace("]", ""), PLAIN.replace("[", ""), PLAIN.replace(":", "="), PLAIN.replace('"reason"', '"because"'),
    f"<think>{PLAIN}", f"<think>I shall answer {PLAIN} then", f"<think>{PLAIN}</think>", f'{{"answer": {PLAIN}}}',
    f"```json\n{PLAIN}\n```\n```json\n{PLAIN.replace('3', '5')}\n```",
    f"{PLAIN}\nNo, wait:\n{PLAIN.replace('3', '5')}",
    PLAIN.replace('"action"', '"Action"'), PLAIN.replace("3", "-"), PLAIN.replace('"', '\\"'), "{" * 3000,
    '{"a":' * 3000, PLAIN.replace('"it is near"', '"it is "near""'), "data: [DONE]", "<html>502</html>", "\x00",
]  # fmt: skip


def test_there_are_enough_examples() -> None:
    assert len({*CERTAIN, *UNCERTAIN}) >= 150


@pytest.mark.parametrize("text", CERTAIN)
def test_an_unambiguous_reply_is_read(text: str) -> None:
    assert read(text, Choice) == INTENDED


@pytest.mark.parametrize("text", UNCERTAIN)
def test_an_ambiguous_reply_is_refused_with_its_whole_content(text: str) -> None:
    with pytest.raises(ReplyError) as refused:
        read(text, Choice)
    assert refused.value.content == text


def test_a_reply_that_the_server_cut_off_is_not_completed() -> None:
    cut = '{"action": 3, "goals": ["find key", "open box"], "reason": "it is near"'
    assert read(cut, Choice) == INTENDED
    with pytest.raises(ReplyError):
        read(cut, Choice, cut_off=True)
    assert read(PLAIN, Choice, cut_off=True) == INTENDED


def test_the_problem_of_a_reply_is_sent_to_the_model() -> None:
    with pytest.raises(ReplyError, match="action: Field required"):
        read('{"goals": [], "reason": ""}', Choice)


@pytest.mark.parametrize(
    "text",
    ["{ " + "ab " * 100_000, "<think>" * 50_000, "{/*" * 100_000, '{"' * 100_000, "~~~ x\n" * 50_000, "{" * 300_000,
     '{"a":' * 60_000, "```\n" * 90_000, "[THINK]" * 50_000],
)  # fmt: skip
def test_a_reply_made_to_take_long_is_refused_soon(text: str) -> None:
    began = time.process_time()
    with pytest.raises(ReplyError):
        read(text, Choice)
    assert time.process_time() - began < 20  # a twentieth of that; quadratic it was more


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    with suppress(ReplyError):
        assert isinstance(read(text, Choice), Choice)


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t"), max_size=30)


@given(st.lists(TEXTS, max_size=5), TEXTS, st.integers(-(10**9), 10**9), st.sampled_from([None, 2]), st.booleans())
def test_any_reply_that_is_json_is_read_back(
    goals: list[str], reason: str, action: int, indent: int | None, ascii_only: bool
) -> None:
    reply = Choice(goals=goals, reason=reason, action=action)
    assert read(json.dumps(reply.model_dump(), indent=indent, ensure_ascii=ascii_only), Choice) == reply


ESCAPES = str.maketrans("\b\f\n\r\t", "bfnrt")


@pytest.mark.sample
def test_no_damaged_reply_is_read_as_something_else() -> None:
    """Letters are lost, doubled, swapped and inserted: each value read is in the text, or nothing is read."""
    whole = [text for text in CERTAIN if "\\u" not in text]  # which, damaged, stands for other letters
    chance, read_at_all, letters = random.Random(8), 0, "{}[]\",:'\\/#` \n3ax"
    for _ in range(scaled(5_000, 100_000)):
        characters = list(chance.choice(whole))
        for _ in range(chance.randint(1, 4)):
            place, kind = chance.randrange(len(characters) + 1), chance.randrange(4)
            if kind == 0 and characters:
                del characters[place % len(characters)]
            elif kind == 1:
                characters.insert(place, chance.choice(letters))
            elif kind == 2 and characters:
                characters[place % len(characters)] = chance.choice(letters)
            else:
                del characters[place : place + chance.randint(1, 20)]
        text = "".join(characters)
        try:
            reply = read(text, Choice)
        except ReplyError:
            continue
        read_at_all += 1
        plain = re.sub(r"\\(.)", r"\1", text.replace("\\u0020", " "))
        for part in (*reply.goals, reply.reason):
            escaped = part.translate(ESCAPES)  # as \\b stands for one character
            assert escaped.replace("\\", "") in plain.replace("\\", "").translate(ESCAPES), (text, reply)
        assert str(reply.action) in text, (text, reply)
    assert read_at_all > scaled(500, 10_000)  # enough to have tried something
