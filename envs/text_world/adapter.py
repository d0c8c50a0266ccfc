"""The adapter to TextWorld's games: a .z8 file and its .json in, observations out.

Hidden state remains in the engine: an Observation holds only what the game prints and counts, and the valid actions.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from ariadne.envs.base import GameEnvironment
from ariadne.envs.text_world.game_file import check_game
from ariadne.errors import GameError, MissingExtra
from ariadne.values import Observation

_STATUS_LINE = re.compile(r"\n>[^\n]*\s*\Z")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")
_LETTERS_READ = 9  # a game reads only the first letters of a word
_SESSION_VERBS = frozenset(
    word[:_LETTERS_READ]
    for word in "save restore restart quit q undo oops again g script unscript transcript verbose brief superbrief "
    "notify enable disable restrict".split()
)
"""Verbs of commands to the program. They are no moves: some break the engine's records, some reveal hidden state."""
_DEBUG_PREFIXES = ("print_", "tw-")
"""Prefixes of TextWorld's debugging commands."""
_CLAUSE = re.compile(r"[,.\"]")
_OBJECTIVE_VERB = "goal"
"""The command that makes a game print its objective."""
_SEVERAL = re.compile(r"[.;]|\bthen\b", re.IGNORECASE)
_MAX_LENGTH = 200  # characters of a command


class TextWorld(GameEnvironment):
    """One TextWorld game as an Environment.

    Args:
        game: The .z8 file; its .json lies beside it.
        valid_actions: List the valid actions in each observation.
        moves: Truncate an episode after this many commands; None sets no limit.
        objective: Show the objective that the game prints.
        restarts: Restart a lost game within the same episode.

    Raises:
        GameError: The file is not a game.
        MissingExtra: The extra [textworld] is missing.
    """

    def __init__(
        self, game: str | Path, *, valid_actions: bool = True, moves: int | None = None, objective: bool = True,
        restarts: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(moves=moves, restarts=restarts)
        check_game(Path(game))
        try:
            import textworld
        except ImportError as error:
            raise MissingExtra("playing TextWorld games", "textworld") from error

        infos = textworld.EnvInfos(
            feedback=True, inventory=True, admissible_commands=valid_actions, score=True, max_score=True, won=True,
            lost=True, objective=True,
        )  # fmt: skip
        try:
            self._engine = textworld.start(str(game), infos)
        except (KeyError, TypeError, ValueError) as error:
            raise GameError(f"{Path(game).with_suffix('.json')}: not the description of a TextWorld game") from error
        self._lists_actions, self._shows_objective = valid_actions, objective

    def close(self) -> None:
        """Release the engine."""
        self._engine.close()

    def _begin(self, seed: int | None = None) -> Observation:
        if seed is not None:
            self._engine.seed(seed)  # no effect on games of TextWorld's own makers: they have no random choices
        state = self._engine.reset()
        text, objective = without_banner(clean(state.feedback)), " ".join((state.objective or "").split())
        if not self._shows_objective:
            text = _without(objective, text)
        self.objective = objective if objective in " ".join(text.split()) else ""
        return self._observation(state, text)

    def _play(self, command: str, before: Observation) -> Observation:
        if not self._is_move(command):
            return replace(before, text="That is no move in this world.")
        state, _, _ = self._engine.step(command)
        return self._observation(state, clean(state.feedback))

    def _is_move(self, command: str) -> bool:
        verbs = _verbs(command)
        reveals_objective = not self._shows_objective and _OBJECTIVE_VERB in verbs
        return (
            bool(command)
            and not reveals_objective
            and not any(map(_is_session_verb, verbs))
            and _is_single_command(command)
        )

    def _observation(self, state: Any, text: str) -> Observation:
        return Observation(
            text=text,
            inventory=" ".join((state.inventory or "").split()) or None,
            valid_actions=tuple(state.admissible_commands) if self._lists_actions else None,
            score=int(state.score or 0),
            max_score=state.max_score,
            terminated=bool(state.won or state.lost),
            won=bool(state.won),
        )


def _verbs(command: str) -> list[str]:
    """Return the words that may be verbs: the first word of each clause ("me, look")."""
    return [words[0] for clause in _CLAUSE.split(command.casefold()) if (words := clause.split())]


def _is_session_verb(verb: str) -> bool:
    return verb[:_LETTERS_READ] in _SESSION_VERBS or verb.startswith(_DEBUG_PREFIXES)


def _is_single_command(command: str) -> bool:
    """Return False for a text that the game splits into several commands or cannot read."""
    return not _SEVERAL.search(command) and command.isprintable() and len(command) <= _MAX_LENGTH


def clean(feedback: str | None) -> str:
    """Return a game's text without its prompt and status line, with at most one empty line between paragraphs."""
    text = _STATUS_LINE.sub("", feedback or "")
    return _BLANK_LINES.sub("\n\n", "\n".join(line.rstrip() for line in text.splitlines())).strip()


def _without(passage: str, text: str) -> str:
    """Return a text without a passage, however its lines are broken."""
    words = r"\s+".join(map(re.escape, passage.split()))
    return re.sub(words, "", text).strip() if words else text


def without_banner(text: str) -> str:
    """Return a game's first text without the banner of letters that TextWorld prints above it."""
    lines = text.splitlines()
    first = next((n for n, line in enumerate(lines) if re.search(r"[a-z]{2}|-= ", line)), 0)
    return "\n".join(lines[first:]).strip()
