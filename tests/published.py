"""What a published agent's model said, as replies to our prompts: its triplets, pairs, plans, reasons and actions, put
into the shape that is asked for. Nothing is bent: where the game goes another way than the record, it says so.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from ariadne.runs.trajectories import Turn, read_turns

_COOKED = re.compile(r"(fry|roast|grill) (.*?)(?: (?:with|on|in|using) .*)?", re.IGNORECASE)
_COOKERS = {"fry": "stove", "roast": "oven", "grill": "BBQ"}
_STEP = re.compile(r"^\W*(?:game )?step\W*\d+", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_NUMBERED = re.compile(r"^(\d+) (.*)$", re.MULTILINE)
_ALIKE = 0.8  # share of a recorded observation's words: the published cooking game words a recipe otherwise


class ElsewhereError(Exception):
    """The record has no step with this observation."""


class Published:
    """The replies of one attempt: of each shape, to the first step not used yet whose observation is in the prompt."""

    def __init__(self, path: Path, attempt: int) -> None:
        self.turns = [turn for turn in read_turns(path) if turn.attempt == attempt]
        self._used = Counter[str]()
        self._plan = 0
        self._decided = list[tuple[str, str]]()

    def reply(self, shape: str, messages: Sequence[dict[str, str]]) -> dict[str, Any]:
        """The reply of this shape, as a JSON object."""
        prompt = messages[1]["content"]
        if shape == "Explore":  # it sees no observation: the plan was made for the last step that was used
            return {"explore": _is_move(self.turns[self._plan])}
        if shape == "Outdated":
            return {
                "outdated": _pairs(
                    self._last("Triplets"), _lines(_section(prompt, "Held:")), _lines(_section(prompt, "Just learned:"))
                )
            }
        seen = _section(prompt, "What the world said:" if shape in ("Read", "Triplets", "Queries") else "Now:")
        place = self._place(shape, seen)
        turn = self.turns[place]
        match shape:
            case "Triplets":
                return {"triplets": _triplets(turn)}
            case "Queries":
                return _queries(turn)
            case "Read":
                told = _triplets(turn)
                pairs = _pairs(
                    turn, _lines(_section(prompt, "Known facts:")), [one.replace(" | ", " ") for one in told]
                )
                return {"triplets": told, "outdated": pairs, **_queries(turn)}
            case "Planned":
                self._plan = place
                return {"plan": [{"goal": goal, "why": why} for goal, why in _goals(turn)]}
            case "Act":
                return {"reason": turn.reason, "action": _action(turn, _lines(_section(prompt, "Actions:")))}
            case "Decide":
                assert _lines(_section(prompt, "Plan:")) == [" ".join(goal.split()) for goal, _ in self._decided]
                drop, add = _changes(self._decided, _goals(turn))
                self._decided = _goals(turn)
                action = _action(turn, _lines(_section(prompt, "Actions:")))
                return {"drop": drop, "add": add, "explore": _is_move(turn), "reason": turn.reason, "action": action}
        raise AssertionError(shape)

    def own(self) -> list[str]:
        """What the model wrote in its own replies, step by step, as far as the record has it."""
        return [
            "\n".join([
                json.dumps(turn.crucial_items), "; ".join(", ".join(one) for one in turn.triplets),
                json.dumps([dict(pair) for pair in turn.outdated]), json.dumps(turn.plan),
                json.dumps({"reason_for_action": turn.reason, "action_to_take": turn.action_text}),
            ])
            for turn in self.turns
        ]  # fmt: skip

    def _last(self, shape: str) -> Turn:
        return self.turns[self._used[shape] - 1]

    def _words_of(self, place: int) -> Counter[str]:
        turn = self.turns[place]
        return Counter(_WORD.findall(f"{_STEP.sub('', turn.observation)} {turn.inventory}".casefold()))

    def _place(self, shape: str, seen: str) -> int:
        last = re.split(r"^> .*\n", seen, flags=re.MULTILINE)[-1]  # of a way the records have the last answer
        said = Counter(_WORD.findall(last.casefold()))
        start = self._used[shape]
        for alike, places in ((1, range(start, len(self.turns))), (_ALIKE, range(start, start + 1))):
            for place in places:
                told = self._words_of(place)
                if (told & said).total() >= alike * min(told.total(), said.total()):
                    self._used[shape] = place + 1
                    return place
        raise ElsewhereError(
            f"after step {self._used[shape]} the record has no step with this observation: {seen[:200]!r}"
        )


def _section(prompt: str, name: str) -> str:
    """What stands below or behind a name in a prompt, up to the end of its fence."""
    begin = prompt.index(f"\n{name}" if not prompt.startswith(name) else name) + len(name) + 1
    rest = prompt[begin:]
    fenced = re.match(r"\s*<data>\n(.*?)\n</data>", rest, re.DOTALL)
    return fenced[1] if fenced else ""


def _lines(section: str) -> list[str]:
    return [line for _, line in _NUMBERED.findall(section)]


def _triplets(turn: Turn) -> list[str]:
    return [" | ".join(one) for one in turn.triplets if len(one) == 3 and all(part.strip() for part in one)]


def _queries(turn: Turn) -> dict[str, list[str]]:
    items = turn.crucial_items.items()
    return {"near": [name for name, depth in items if depth <= 1], "wide": [name for name, depth in items if depth > 1]}


def _pairs(turn: Turn, held: Sequence[str], stated: Sequence[str]) -> list[list[int]]:
    """The recorded pairs in the prompt's numbers, those of which the prompt shows both."""
    known, new = ([_plain(line) for line in lines] for lines in (held, stated))
    told = [(_plain(" ".join(pair["old"])), _plain(" ".join(pair["new"]))) for pair in turn.outdated]
    return [[known.index(was) + 1, new.index(now) + 1] for was, now in told if was in known and now in new]


def _goals(turn: Turn) -> list[tuple[str, str]]:
    """At most ten: a plan has no more."""
    steps = turn.plan["plan_steps"]
    return [(str(text), step["reason"]) for step in steps for name, text in step.items() if name != "reason"][:10]


def _changes(
    plan: Sequence[tuple[str, str]], wanted: Sequence[tuple[str, str]]
) -> tuple[list[int], list[dict[str, Any]]]:
    """What is to be dropped of a plan, and what added, for it to be the wanted one, reasons and all."""
    kept = SequenceMatcher(None, plan, wanted, autojunk=False).get_matching_blocks()
    stay = {block.a + n for block in kept for n in range(block.size)}
    here = {block.b + n for block in kept for n in range(block.size)}
    drop = [number + 1 for number in range(len(plan)) if number not in stay]
    add = [{"at": n + 1, "goal": wanted[n][0], "why": wanted[n][1]} for n in range(len(wanted)) if n not in here]
    return drop, add


def _is_move(turn: Turn) -> bool:
    return turn.action_text.casefold().startswith("go ")


def _action(turn: Turn, listed: Sequence[str]) -> int | str:
    """The recorded action by its number; by its words where it is on no list."""
    said = " ".join(turn.action_text.split())
    if cooked := _COOKED.fullmatch(said):
        said = f"cook {cooked[2]} with {_COOKERS[cooked[1].casefold()]}"
    plain = [line.casefold() for line in listed]
    return plain.index(said.casefold()) + 1 if said.casefold() in plain else said


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("'", "").split())


def as_text(reply: dict[str, Any]) -> str:
    """A reply as a model would write it, without blanks that mean nothing."""
    return json.dumps(reply, ensure_ascii=False, separators=(",", ":"))
