"""Whether an environment keeps the contract: anyone may run this on one of their own."""

from __future__ import annotations

import random

from ariadne.errors import AriadneError, ContractError
from ariadne.protocols import Environment
from ariadne.values import Observation


def check_environment(environment: Environment, *, steps: int = 20, seed: int = 0) -> None:
    """Play some valid actions, chosen by `seed`, and raise ContractError at the first breach.

    Asked of it: `reset` begins anew and gives the same first observation for the same seed; `step` answers any command
    in an observation whose `commands` are just that one; the score is a number within `max_score`; what is won has
    terminated; terminated is not truncated; once it is over, `step` raises an AriadneError until the next reset.
    """
    first = environment.reset(seed)
    _check(first, ())
    choose = random.Random(seed)
    seen = first
    for _ in range(steps):
        if seen.terminated or seen.truncated:
            _check_over(environment)
            break
        command = choose.choice(seen.valid_actions or ("look", "inventory", "go north", "go east"))
        seen = environment.step(command)
        _check(seen, (command,))
    if not (seen.terminated or seen.truncated):
        _check(environment.step("xyzzy the unheard of"), ("xyzzy the unheard of",))
    again = environment.reset(seed)
    if again != first:
        raise ContractError(f"reset({seed}) began another episode than before: {again.text!r:.80}, {first.text!r:.80}")


def _check(seen: Observation, commands: tuple[str, ...]) -> None:
    after = f"after {commands[0]!r}" if commands else "after reset"
    if not isinstance(seen, Observation):
        raise ContractError(f"{after}: no Observation but {type(seen).__name__}: {seen!r:.60}")
    for wrong, what in (
        (seen.commands != commands, f"an observation of the commands {seen.commands}, not {commands}"),
        (not seen.text.strip(), "an observation without text"),
        (seen.max_score is not None and seen.score > seen.max_score, f"a score of {seen.score} of {seen.max_score}"),
        (seen.won and not seen.terminated, "won, but not terminated"),
        (seen.terminated and seen.truncated, "terminated and truncated at once"),
        (seen.valid_actions is not None and len(set(seen.valid_actions)) < len(seen.valid_actions), "an action twice"),
    ):
        if wrong:
            raise ContractError(f"{after}: {what}")


def _check_over(environment: Environment) -> None:
    try:
        environment.step("look")
    except AriadneError:
        return
    raise ContractError("a step after the end was answered, where it should raise an AriadneError")
