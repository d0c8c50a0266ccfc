"""A check of the environment contract. You can run it on an environment of your own."""

from __future__ import annotations

import random

from ariadne.errors import AriadneError, ContractError
from ariadne.protocols import Environment
from ariadne.values import Observation

_COMMANDS = ("look", "inventory", "go north", "go east")
"""Commands to try if an environment lists no valid actions."""
_UNKNOWN = "xyzzy the unheard of"


def check_environment(environment: Environment, *, steps: int = 20, seed: int = 0) -> None:
    """Play random valid actions and check each observation.

    The contract:
        - `reset` starts a new episode; the same seed gives the same first observation.
        - `step` answers any command; the observation's `commands` hold exactly that command.
        - The score is a number of at most `max_score`.
        - A won game is terminated. A terminated game is not truncated.
        - After the end, `step` raises an AriadneError until the next `reset`.

    Args:
        environment: The environment to check.
        steps: The most actions to play.
        seed: The seed of `reset` and of the choice of actions.

    Raises:
        ContractError: The environment breaks the contract; the message names the first breach.
    """
    first = environment.reset(seed)
    _check(first, ())
    choose = random.Random(seed)
    observation = first
    for _ in range(steps):
        if observation.terminated or observation.truncated:
            _check_over(environment)
            break
        command = choose.choice(observation.valid_actions or _COMMANDS)
        observation = environment.step(command)
        _check(observation, (command,))
    if not (observation.terminated or observation.truncated):
        _check(environment.step(_UNKNOWN), (_UNKNOWN,))
    again = environment.reset(seed)
    if again != first:
        raise ContractError(
            f"reset({seed}) started another episode than before: {again.text!r:.80}, not {first.text!r:.80}"
        )


def _check(observation: Observation, commands: tuple[str, ...]) -> None:
    after = f"after {commands[0]!r}" if commands else "after reset"
    if not isinstance(observation, Observation):
        raise ContractError(f"{after}: {type(observation).__name__} {observation!r:.60}, not an Observation")
    if problem := _breach(observation, commands):
        raise ContractError(f"{after}: {problem}")


def _breach(seen: Observation, commands: tuple[str, ...]) -> str | None:
    """Return the first breach of the contract in an observation; None if there is none."""
    checks = (
        (seen.commands != commands, f"an observation of the commands {seen.commands}, not {commands}"),
        (not seen.text.strip(), "an observation without text"),
        (seen.max_score is not None and seen.score > seen.max_score, f"a score of {seen.score} of {seen.max_score}"),
        (seen.won and not seen.terminated, "won, but not terminated"),
        (seen.terminated and seen.truncated, "terminated and truncated at once"),
        (seen.valid_actions is not None and len(set(seen.valid_actions)) < len(seen.valid_actions), "an action twice"),
    )
    return next((problem for is_wrong, problem in checks if is_wrong), None)


def _check_over(environment: Environment) -> None:
    try:
        environment.step("look")
    except AriadneError:
        return
    raise ContractError("step() after the end returned an observation; it must raise an AriadneError")
