"""Treasure hunting as TextWorld's own challenge has it: one object to take in a maze, and one that loses the game.

A game is TextWorld's for a seed of its own, kept where its walkthrough is as long as the level's quest; that seed
stands in the game's metadata. TextWorld needs minutes for one, nearly all of them to find out again whether states keep
the constraints of its rules; here that is found out once for the same facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ariadne.envs.makers.build import made
from ariadne.errors import GameError

if TYPE_CHECKING:
    import textworld
    from textworld.logic import Proposition, Rule, Signature, State

VERSION = 1
"""Goes up when the same seed comes to make another game."""
HIGHEST = 30
TRIES = 100
"""How many of TextWorld's seeds are tried for one of ours; nearly half of them fit."""
STATES = 5000
"""A seed whose quest is not found among so many states is passed over, as one in eight is; 1008 takes some 190,000."""


LEVELS = range(1, HIGHEST + 1)


def make_treasure_hunter(level: int = HIGHEST, seed: int = 1, output: str | Path | None = None) -> Path:
    """The game of a level and a seed as a .z8 with its .json beside it: in the cache, or copied to `output`.

    Levels to 10 have 5 rooms, to 20 have 10 with shut doors and containers, to 30 have 20 with locked ones. The same
    level and seed give the same game everywhere. Raises GameError for a level that there is not and an `output` that
    cannot be written, MissingExtra without the extra [textworld].
    """
    if level not in LEVELS:
        raise GameError(f"no level {level} of treasure hunting; there are 1 to {HIGHEST}")
    name = f"treasure-hunter-{level}-{seed}"
    return made(name, VERSION, "ariadne.envs.makers.textworld_hunter:build", {"level": level, "seed": seed}, output)


def build(level: int, seed: int) -> textworld.Game:
    """The game itself, not yet compiled; called in a process whose hash seed is fixed.

    It is that of the first of TextWorld's seeds that fits: `seed` itself, then those drawn from it. Raises GameError
    where none of TRIES fits.
    """
    for tried in _seeds(seed):
        game = textworlds_own(level, tried)
        if game is not None and len(game.metadata["walkthrough"]) == game.metadata["quest_length"]:
            game.metadata["textworld_seed"] = tried
            return game
    raise GameError(f"none of the first {TRIES} games of seed {seed} has a walkthrough as long as its quest")


def textworlds_own(level: int, seed: int) -> textworld.Game | None:
    """TextWorld's game of a seed of its own; None where there is none, or it is not found among STATES states."""
    import textworld
    from textworld.challenges.tw_treasure_hunter import treasure_hunter
    from textworld.generator import QuestGenerationError

    options = textworld.GameOptions()
    options.seeds = seed
    with _quick_check():
        try:
            return treasure_hunter.make({"level": level}, options)
        except (QuestGenerationError, _TooManyError):
            return None


def _seeds(seed: int) -> Iterator[int]:
    from numpy.random import RandomState

    yield seed
    drawn = RandomState(seed)
    for _ in range(TRIES - 1):
        yield int(drawn.randint(2**31 - 1))


class _TooManyError(Exception):
    """More states were looked at than STATES."""


class _Constraints:
    """Whether states keep the constraints of TextWorld's rules: what is found of some facts is known from then on.

    A constraint is a pure function of the facts that it speaks of, and an action changes one or two of all.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, tuple[frozenset[Proposition], ...]], bool] = {}
        self._spoken_of: dict[str, list[Signature]] = {}
        self._states = 0

    def check(self, constraints: Iterable[Rule], state: State) -> bool:
        """Raises _TooManyError after STATES states."""
        self._states += 1
        if self._states > STATES:
            raise _TooManyError
        return all(self._keeps(rule, state) for rule in constraints)

    def _keeps(self, rule: Rule, state: State) -> bool:
        if rule.name not in self._spoken_of:
            self._spoken_of[rule.name] = _signatures(rule, state)
        facts = tuple(frozenset(state.facts_with_signature(one)) for one in self._spoken_of[rule.name])
        if (rule.name, facts) not in self._kept:
            self._kept[rule.name, facts] = next(iter(state.all_assignments(rule)), None) is None
        return self._kept[rule.name, facts]


def _signatures(rule: Rule, state: State) -> list[Signature]:
    """Those of all facts that a rule's conditions can be met by."""
    from textworld.logic import Signature

    types = state._logic.types
    return [
        Signature(predicate.name, [kind.name for kind in kinds])
        for predicate in rule.preconditions
        for kinds in types.multi_subtypes([types.get(name) for name in predicate.signature.types])
    ]


@contextmanager
def _quick_check() -> Iterator[None]:
    """TextWorld's chaining with its check of states in place of which stands the same, remembered."""
    from textworld.generator.chaining import _Chainer

    known = _Constraints()
    slow: Callable[[_Chainer, State], bool] = _Chainer.check_state
    _Chainer.check_state = lambda chainer, state: known.check(chainer.constraints, state)
    try:
        yield
    finally:
        _Chainer.check_state = slow
