"""Makes TextWorld's own treasure hunting games: one object to take in a maze, and one that loses the game.

A game is TextWorld's for a seed that fits: its walkthrough is as long as the level's quest. The game's metadata holds
that seed. TextWorld alone needs minutes, mostly to check the same constraints again; here each result is cached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ariadne.envs.makers.build import cached_game
from ariadne.errors import GameError

if TYPE_CHECKING:
    import textworld
    from textworld.logic import Proposition, Rule, Signature, State

VERSION = 1
"""The revision: it goes up when the same seed makes another game."""
HIGHEST = 30
TRIES = 100
"""The most of TextWorld's seeds to try for one of ours; nearly half of them fit."""
STATES = 5000
"""The most states to search for a quest. One seed in eight needs more and is skipped; 1008 takes some 190,000."""


LEVELS = range(1, HIGHEST + 1)


def make_treasure_hunter(level: int = HIGHEST, seed: int = 1, output: str | Path | None = None) -> Path:
    """Make the game of a level and a seed: a .z8 with its .json, in the cache or copied to `output`.

    Levels 1 to 10 have 5 rooms, 11 to 20 have 10 with closed doors and containers, 21 to 30 have 20 with locked ones.
    The same level and seed give the same game everywhere.

    Raises:
        GameError: The level is unknown, or `output` cannot be written.
        MissingExtra: The extra [textworld] is missing.
    """
    if level not in LEVELS:
        raise GameError(f"no level {level} of treasure hunting; there are 1 to {HIGHEST}")
    name = f"treasure-hunter-{level}-{seed}"
    return cached_game(
        name, VERSION, "ariadne.envs.makers.textworld_hunter:build", {"level": level, "seed": seed}, output
    )


def build(level: int, seed: int) -> textworld.Game:
    """Build the game, not yet compiled. The caller runs it in a process with a fixed hash seed.

    It is the game of TextWorld's first seed that fits: `seed` itself, then seeds drawn from it.

    Raises:
        GameError: None of the first TRIES seeds fits.
    """
    for candidate in _seeds(seed):
        game = original_game(level, candidate)
        if game is not None and len(game.metadata["walkthrough"]) == game.metadata["quest_length"]:
            game.metadata["textworld_seed"] = candidate
            return game
    raise GameError(f"none of the first {TRIES} games of seed {seed} has a walkthrough as long as its quest")


def original_game(level: int, seed: int) -> textworld.Game | None:
    """Return TextWorld's game of one of its seeds; None if it finds none within STATES states."""
    import textworld
    from textworld.challenges.tw_treasure_hunter import treasure_hunter
    from textworld.generator import QuestGenerationError

    options = textworld.GameOptions()
    options.seeds = seed
    with _cached_check():
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
    """The search has checked STATES states."""


class _Constraints:
    """A check of states against the constraints of TextWorld's rules, with a cache.

    A constraint is a pure function of the facts in its conditions, and an action changes only one or two facts.
    """

    def __init__(self) -> None:
        self._results: dict[tuple[str, tuple[frozenset[Proposition], ...]], bool] = {}
        self._signatures: dict[str, list[Signature]] = {}
        self._states = 0

    def check(self, constraints: Iterable[Rule], state: State) -> bool:
        """Return whether a state keeps all constraints; raise _TooManyError after STATES states."""
        self._states += 1
        if self._states > STATES:
            raise _TooManyError
        return all(self._keeps(rule, state) for rule in constraints)

    def _keeps(self, rule: Rule, state: State) -> bool:
        if rule.name not in self._signatures:
            self._signatures[rule.name] = _signatures(rule, state)
        facts = tuple(frozenset(state.facts_with_signature(signature)) for signature in self._signatures[rule.name])
        if (rule.name, facts) not in self._results:
            self._results[rule.name, facts] = next(iter(state.all_assignments(rule)), None) is None
        return self._results[rule.name, facts]


def _signatures(rule: Rule, state: State) -> list[Signature]:
    """Return the signatures of all facts that can meet a rule's conditions."""
    from textworld.logic import Signature

    types = state._logic.types
    return [
        Signature(predicate.name, [kind.name for kind in kinds])
        for predicate in rule.preconditions
        for kinds in types.multi_subtypes([types.get(name) for name in predicate.signature.types])
    ]


@contextmanager
def _cached_check() -> Iterator[None]:
    """Replace the check of states in TextWorld's chaining by the same check with a cache."""
    from textworld.generator.chaining import _Chainer

    cached = _Constraints()
    slow: Callable[[_Chainer, State], bool] = _Chainer.check_state
    _Chainer.check_state = lambda chainer, state: cached.check(chainer.constraints, state)
    try:
        yield
    finally:
        _Chainer.check_state = slow
