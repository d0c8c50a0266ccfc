"""The adapter to TextWorld's games: a .z8 file and its .json in, observations out.

What the player of the game could not see stays in the engine: the engine is asked for what it prints and counts, and
for the list of valid actions, and nothing else of it enters an Observation.
"""

from __future__ import annotations

import re
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ariadne.envs.story import check_game
from ariadne.errors import GameError, MissingExtra
from ariadne.values import Observation

_STATUS_LINE = re.compile(r"\n>[^\n]*\s*\Z")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")
_SESSION = frozenset(
    "save restore restart quit q undo oops again g script unscript transcript verbose brief superbrief notify".split()
)
"""Commands to the program, not moves in the world; some would part the engine's bookkeeping from the game."""
_SEVERAL = re.compile(r"\.(?:\s|$)|;|\bthen\b", re.IGNORECASE)
_LONGEST = 200  # characters of a command


class TextWorld:
    """One TextWorld game as an Environment; raises GameError for a file that is no game, MissingExtra without the
    extra [textworld]. An episode is cut short after `moves` commands, where a number is given; what the player is to do
    is not told where not `objective`; with `restarts` a game that is lost begins anew within the episode."""

    def __init__(
        self, game: str | Path, *, valid_actions: bool = True, moves: int | None = None, objective: bool = True,
        restarts: bool = False,
    ) -> None:  # fmt: skip
        check_game(Path(game))
        try:
            import textworld
        except ImportError as error:
            raise MissingExtra("playing TextWorld games", "textworld") from error

        asked = textworld.EnvInfos(
            feedback=True, inventory=True, admissible_commands=valid_actions, score=True, max_score=True, won=True,
            lost=True, objective=True,
        )  # fmt: skip
        try:
            self._engine = textworld.start(str(game), asked)
        except (KeyError, TypeError, ValueError) as error:
            raise GameError(f"{Path(game).with_suffix('.json')}: not the description of a TextWorld game") from error
        self._lists_actions = valid_actions
        self._tells_objective, self._restarts = objective, restarts
        self._most, self._made = moves, 0
        self._over = True
        self.objective = ""
        """What the game says its player is to do, as printed when it began; "" where it says nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the engine."""
        self._engine.close()

    def reset(self, seed: int | None = None) -> Observation:
        """Begin the game anew; `seed` is for what a game leaves to chance (TextWorld's own makers leave nothing)."""
        if seed is not None:
            self._engine.seed(seed)
        state, text = self._begun()
        self._made, self._over = 0, False
        objective = " ".join((state.objective or "").split())
        self.objective = objective if objective in " ".join(text.split()) else ""
        return self._observe(state, (), text)

    def step(self, command: str) -> Observation:
        """Play one command; raises GameError where the game is over or was not begun."""
        if self._over:
            raise GameError("the game is over, or was never begun: reset it first")
        command = " ".join(command.split())
        self._made += 1
        if not command or command.casefold() in _SESSION or _is_no_single_move(command):
            return self._observe(self._last, (command,), "That is no move in this world.")
        state, _, _ = self._engine.step(command)
        text = clean(state.feedback)
        if state.lost and self._restarts:
            state, first = self._begun()
            text = f"{text}\n\nThe game begins anew.\n\n{first}"
        return self._observe(state, (command,), text)

    def _begun(self) -> tuple[Any, str]:
        """The game at its beginning, and its first words."""
        state = self._engine.reset()
        text = without_banner(clean(state.feedback))
        return state, text if self._tells_objective else _without(" ".join((state.objective or "").split()), text)

    def _observe(self, state: Any, commands: tuple[str, ...], text: str) -> Observation:
        ended, spent = bool(state.won or state.lost), self._most is not None and self._made >= self._most
        self._last, self._over = state, ended or spent
        return Observation(
            text=text,
            inventory=" ".join((state.inventory or "").split()) or None,
            valid_actions=tuple(state.admissible_commands) if self._lists_actions else None,
            score=int(state.score or 0),
            max_score=state.max_score,
            terminated=ended,
            truncated=spent and not ended,
            won=bool(state.won),
            commands=commands,
        )


def _is_no_single_move(command: str) -> bool:
    """Whether the game would take it for several moves, or for none that it can read."""
    return bool(_SEVERAL.search(command)) or not command.isprintable() or len(command) > _LONGEST


def clean(feedback: str | None) -> str:
    """What the game says, without its prompt and status line; one empty line at most between paragraphs."""
    said = _STATUS_LINE.sub("", feedback or "")
    return _BLANK_LINES.sub("\n\n", "\n".join(line.rstrip() for line in said.splitlines())).strip()


def _without(told: str, text: str) -> str:
    """A text without these words, however they are broken into lines."""
    words = r"\s+".join(map(re.escape, told.split()))
    return re.sub(words, "", text).strip() if words else text


def without_banner(text: str) -> str:
    """A game's first words, without the picture of letters that TextWorld prints above them."""
    lines = text.splitlines()
    first = next((n for n, line in enumerate(lines) if re.search(r"[a-z]{2}|-= ", line)), 0)
    return "\n".join(lines[first:]).strip()
