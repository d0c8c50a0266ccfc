"""The contract of environments, as a check that anyone can run on one of their own."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from ariadne.envs import check_environment
from ariadne.errors import ContractError, GameError
from ariadne.values import Observation


@dataclass
class Room:
    """A room with a bell that ends the episode; `breach` names what it does wrong."""

    breach: str = ""
    over: bool = True
    begun: int = 0

    def reset(self, seed: int | None = None) -> Observation:
        self.over, self.begun = False, self.begun + 1
        return self._wrong(Observation("-= Cell =-\nA bell.", valid_actions=("ring bell",), max_score=1))

    def step(self, command: str) -> Observation:
        if self.over and self.breach != "goes on":
            raise GameError("over")
        self.over = command == "ring bell"
        observation = Observation(
            "Dong.", score=int(self.over), max_score=1, terminated=self.over, won=self.over, commands=(command,)
        )
        return self._wrong(observation)

    def _wrong(self, seen: Observation) -> Observation:
        changes: dict[str, object] = {
            "silent": {"text": " "},
            "another's command": {"commands": ("dance",)},
            "too many points": {"score": 2},
            "won on": {"won": True, "terminated": False},
            "both ends": {"terminated": True, "truncated": True},
            "never twice": {"text": f"Day {self.begun}."},
            "an action twice": {"valid_actions": ("ring bell", "ring bell")},
        }
        return replace(seen, **changes.get(self.breach, {}))  # type: ignore[arg-type]


def test_a_result_that_is_not_an_observation_breaks_the_contract() -> None:
    class Gym:
        def reset(self, seed: int | None = None) -> object:
            return "a room", {}

    with pytest.raises(ContractError, match=r"tuple .*, not an Observation"):
        check_environment(Gym())  # type: ignore[arg-type]


def test_an_environment_that_keeps_the_contract_passes() -> None:
    check_environment(Room())


@pytest.mark.parametrize(
    ("breach", "message"),
    [
        ("silent", "without text"),
        ("another's command", "of the commands"),
        ("too many points", "a score of 2 of 1"),
        ("won on", "won, but not terminated"),
        ("both ends", "terminated and truncated at once"),
        ("never twice", "started another episode"),
        ("an action twice", "an action twice"),
        ("goes on", r"step\(\) after the end returned"),
    ],
)
def test_the_check_names_each_breach(breach: str, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        check_environment(Room(breach))
