"""The replies of a published agent's model, converted into replies to the prompts of this project.

Triplets, pairs, plans, reasons and actions are used as recorded. A game that leaves the record is an error.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from ariadne.runs.trajectories import Turn, read_turns

_COOKED = re.compile(r"(fry|roast|grill) (.*?)(?: (?:with|on|in|using) .*)?", re.IGNORECASE)
_COOKERS = {"fry": "stove", "roast": "oven", "grill": "BBQ"}
_STEP = re.compile(r"^\W*(?:game )?step\W*\d+", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_NUMBERED = re.compile(r"^(\d+) (.*)$", re.MULTILINE)
_SIMILAR = 0.8  # share of a recorded observation's words: the published cooking game has other words for a recipe


class OffRecordError(Exception):
    """The record has no step with this observation."""


class Published:
    """The replies of one attempt. Each answers for the first unused step whose observation is in the prompt."""

    def __init__(self, path: Path, attempt: int) -> None:
        self.turns = [turn for turn in read_turns(path) if turn.attempt == attempt]
        self._used = Counter[str]()
        self._planned_at = 0
        self._plan = list[tuple[str, str]]()

    def reply(self, shape: str, messages: Sequence[dict[str, str]]) -> dict[str, Any]:
        """Return the reply of this shape as a JSON object."""
        prompt = messages[1]["content"]
        if shape == "Explore":  # this prompt has no observation: the plan belongs to the last step used
            return {"explore": _is_move(self.turns[self._planned_at])}
        if shape == "Outdated":
            last = self.turns[self._used["Triplets"] - 1]
            known, new = (_lines(_section(prompt, name)) for name in ("Held:", "Just learned:"))
            return {"outdated": _pairs(last, known, new)}
        reading = shape in ("Read", "Triplets", "Queries")
        index = self._next(shape, _section(prompt, "What the world said:" if reading else "Now:"))
        turn = self.turns[index]
        if shape == "Planned":
            self._planned_at = index
        by_shape: dict[str, Callable[[Turn, str], dict[str, Any]]] = {
            "Triplets": lambda turn, _: {"triplets": _triplets(turn)},
            "Queries": lambda turn, _: _queries(turn),
            "Read": _read,
            "Planned": lambda turn, _: {"plan": [{"goal": goal, "why": why} for goal, why in _goals(turn)]},
            "Act": _act,
            "Decide": self._decide,
        }
        return by_shape[shape](turn, prompt)

    def _decide(self, turn: Turn, prompt: str) -> dict[str, Any]:
        assert _lines(_section(prompt, "Plan:")) == [" ".join(goal.split()) for goal, _ in self._plan]
        drop, add = _changes(self._plan, _goals(turn))
        self._plan = _goals(turn)
        return {"drop": drop, "add": add, "explore": _is_move(turn), **_act(turn, prompt)}

    def own(self) -> list[str]:
        """Return the recorded parts of the model's own replies, one text a step."""
        return [
            "\n".join([
                json.dumps(turn.crucial_items), "; ".join(", ".join(one) for one in turn.triplets),
                json.dumps([dict(pair) for pair in turn.outdated]), json.dumps(turn.plan),
                json.dumps({"reason_for_action": turn.reason, "action_to_take": turn.action_text}),
            ])
            for turn in self.turns
        ]  # fmt: skip

    def _words_at(self, index: int) -> Counter[str]:
        turn = self.turns[index]
        return Counter(_WORD.findall(f"{_STEP.sub('', turn.observation)} {turn.inventory}".casefold()))

    def _next(self, shape: str, observation: str) -> int:
        """Return the index of the first unused step with this observation, or of the next step if it is similar."""
        last = re.split(r"^> .*\n", observation, flags=re.MULTILINE)[-1]  # after several commands: the last answer
        shown = Counter(_WORD.findall(last.casefold()))
        start = self._used[shape]
        for share, indices in ((1, range(start, len(self.turns))), (_SIMILAR, range(start, start + 1))):
            for index in indices:
                recorded = self._words_at(index)
                if (recorded & shown).total() >= share * min(recorded.total(), shown.total()):
                    self._used[shape] = index + 1
                    return index
        raise OffRecordError(f"after step {start} the record has no step with this observation: {observation[:200]!r}")


def _section(prompt: str, name: str) -> str:
    """Return the fenced text under a heading of a prompt, or an empty text."""
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


def _read(turn: Turn, prompt: str) -> dict[str, Any]:
    triplets = _triplets(turn)
    new = [triplet.replace(" | ", " ") for triplet in triplets]
    pairs = _pairs(turn, _lines(_section(prompt, "Known facts:")), new)
    return {"triplets": triplets, "outdated": pairs, **_queries(turn)}


def _act(turn: Turn, prompt: str) -> dict[str, Any]:
    return {"reason": turn.reason, "action": _action(turn, _lines(_section(prompt, "Actions:")))}


def _pairs(turn: Turn, known: Sequence[str], new: Sequence[str]) -> list[list[int]]:
    """Return the recorded pairs that the prompt shows, by the prompt's numbers."""
    olds, news = ([_plain(line) for line in lines] for lines in (known, new))
    recorded = [(_plain(" ".join(pair["old"])), _plain(" ".join(pair["new"]))) for pair in turn.outdated]
    return [[olds.index(old) + 1, news.index(new) + 1] for old, new in recorded if old in olds and new in news]


def _goals(turn: Turn) -> list[tuple[str, str]]:
    """Return at most ten goals with their reasons: a plan has no more."""
    steps = turn.plan["plan_steps"]
    return [(str(text), step["reason"]) for step in steps for name, text in step.items() if name != "reason"][:10]


def _changes(
    plan: Sequence[tuple[str, str]], wanted: Sequence[tuple[str, str]]
) -> tuple[list[int], list[dict[str, Any]]]:
    """Return the numbers to drop and the goals to add that turn a plan into the wanted one."""
    common = SequenceMatcher(None, plan, wanted, autojunk=False).get_matching_blocks()
    kept = {block.a + n for block in common for n in range(block.size)}
    there = {block.b + n for block in common for n in range(block.size)}
    drop = [number + 1 for number in range(len(plan)) if number not in kept]
    add = [{"at": n + 1, "goal": wanted[n][0], "why": wanted[n][1]} for n in range(len(wanted)) if n not in there]
    return drop, add


def _is_move(turn: Turn) -> bool:
    return turn.action_text.casefold().startswith("go ")


def _action(turn: Turn, listed: Sequence[str]) -> int | str:
    """Return the number of the recorded action in the list, or its text if it is not listed."""
    action = " ".join(turn.action_text.split())
    if cooked := _COOKED.fullmatch(action):
        action = f"cook {cooked[2]} with {_COOKERS[cooked[1].casefold()]}"
    plain = [line.casefold() for line in listed]
    return plain.index(action.casefold()) + 1 if action.casefold() in plain else action


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("'", "").split())


def as_text(reply: dict[str, Any]) -> str:
    """Return a reply as a model would write it, without needless blanks."""
    return json.dumps(reply, ensure_ascii=False, separators=(",", ":"))
