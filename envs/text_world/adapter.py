"""The adapter to TextWorld's games: a .z8 file and its .json in, observations out.

What the player of the game could not see stays in the engine: the engine is asked for what it prints and counts, and
for the list of valid actions, and nothing else of it enters an Observation.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from ariadne.envs.base import Playing
from ariadne.envs.text_world.game_file import check_game
from ariadne.errors import GameError, MissingExtra
from ariadne.values import Observation

_STATUS_LINE = re.compile(r"\n>[^\n]*\s*\Z")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")
_READ = 9
"""So many letters of a word a game reads."""
_SESSION = frozenset(
    word[:_READ]
    for word in "save restore restart quit q undo oops again g script unscript transcript verbose brief superbrief "
    "notify enable disable restrict".split()
)
"""Words that begin commands to the program, no moves in the world; some would part the engine's bookkeeping from the
game, and with some it tells what no player can see."""
_DEBUGS = ("print_", "tw-")
"""So begin the words by which TextWorld looks into its games."""
_CLAUSE = re.compile(r"[,.\"]")
_ASKS = "goal"
"""The command that asks a game for its objective."""
_SEVERAL = re.compile(r"[.;]|\bthen\b", re.IGNORECASE)
_LONGEST = 200  # characters of a command


class TextWorld(Playing):
    """One TextWorld game as an Environment; raises GameError for a file that is no game, MissingExtra without the
    extra [textworld]. What the player is to do is not told where not `objective`; for `moves` and `restarts` see
    Playing."""

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

        asked = textworld.EnvInfos(
            feedback=True, inventory=True, admissible_commands=valid_actions, score=True, max_score=True, won=True,
            lost=True, objective=True,
        )  # fmt: skip
        try:
            self._engine = textworld.start(str(game), asked)
        except (KeyError, TypeError, ValueError) as error:
            raise GameError(f"{Path(game).with_suffix('.json')}: not the description of a TextWorld game") from error
        self._lists_actions, self._tells_objective = valid_actions, objective

    def close(self) -> None:
        """Let go of the engine."""
        self._engine.close()

    def _begin(self, seed: int | None = None) -> Observation:
        if seed is not None:
            self._engine.seed(seed)  # TextWorld's own makers leave nothing to chance
        state = self._engine.reset()
        text, objective = without_banner(clean(state.feedback)), " ".join((state.objective or "").split())
        if not self._tells_objective:
            text = _without(objective, text)
        self.objective = objective if objective in " ".join(text.split()) else ""
        return self._told(state, text)

    def _play(self, command: str, seen: Observation) -> Observation:
        tells = not self._tells_objective and _ASKS in _firsts(command)
        if not command or tells or any(map(_is_of_the_session, _firsts(command))) or _is_no_single_move(command):
            return replace(seen, text="That is no move in this world.")
        state, _, _ = self._engine.step(command)
        return self._told(state, clean(state.feedback))

    def _told(self, state: Any, text: str) -> Observation:
        return Observation(
            text=text,
            inventory=" ".join((state.inventory or "").split()) or None,
            valid_actions=tuple(state.admissible_commands) if self._lists_actions else None,
            score=int(state.score or 0),
            max_score=state.max_score,
            terminated=bool(state.won or state.lost),
            won=bool(state.won),
        )


def _firsts(command: str) -> list[str]:
    """The words that may be verbs: the first, and what follows who is spoken to ("me, look")."""
    return [words[0] for clause in _CLAUSE.split(command.casefold()) if (words := clause.split())]


def _is_of_the_session(verb: str) -> bool:
    return verb[:_READ] in _SESSION or verb.startswith(_DEBUGS)


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
