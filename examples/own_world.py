"""An environment of your own, played by the rule-based mind: a key, a locked chest, and a pearl."""

from ariadne import assembly
from ariadne.loop import play
from ariadne.values import Observation, Step


class Cottage:
    """Two rooms. The chest in the attic holds the pearl; its key lies in the kitchen."""

    def reset(self, seed: int | None = None) -> Observation:  # noqa: ARG002 - this world has no chance in it
        """Start in the kitchen."""
        self.room, self.has_key, self.chest, self.won = "Kitchen", False, "locked", False
        return self._observe(self._describe())

    def step(self, command: str) -> Observation:
        """Answer one command."""
        answers = {
            ("Kitchen", "go north"): lambda: self._go("Attic"),
            ("Attic", "go south"): lambda: self._go("Kitchen"),
            ("Kitchen", "take brass key"): self._take_key,
            ("Attic", "unlock chest with brass key"): self._unlock,
            ("Attic", "open chest"): self._open,
            ("Attic", "take pearl from chest"): self._take_pearl,
        }
        answer = answers.get((self.room, command), lambda: "You cannot do that.")()
        return self._observe(answer, command)

    def _observe(self, text: str, *commands: str) -> Observation:
        return Observation(text, commands=commands, score=int(self.won), max_score=1, terminated=self.won, won=self.won)

    def _describe(self) -> str:
        if self.room == "Kitchen":
            key = "" if self.has_key else " There is a brass key on the floor."
            return f"-= Kitchen =-\nYou are in a kitchen.{key} There is an exit to the north."
        inside = " The chest contains a pearl." if self.chest == "open" else ""
        return f"-= Attic =-\nYou see a {self.chest} chest.{inside} There is an exit to the south."

    def _go(self, room: str) -> str:
        self.room = room
        return self._describe()

    def _take_key(self) -> str:
        self.has_key = True
        return "You take the brass key."

    def _unlock(self) -> str:
        if not self.has_key or self.chest != "locked":
            return "You cannot do that."
        self.chest = "closed"
        return "You unlock the chest."

    def _open(self) -> str:
        if self.chest != "closed":
            return "You have to unlock the chest with the brass key first."
        self.chest = "open"
        return "You open the chest, revealing a pearl."

    def _take_pearl(self) -> str:
        self.won = self.chest == "open"
        return "You take the pearl from the chest." if self.won else "You cannot do that."


steps: list[Step] = []  # a recorder is any object with `append`
play(
    Cottage(), assembly.memory(), assembly.mind(), steps,
    goal="Take the pearl from the chest.", hint="The brass key opens the chest.", steps=30, context=1000,
)  # fmt: skip
for step in steps:
    print(f"{step.number:>2}  {step.decision.action:<32} {step.decision.reason}")
print("won" if steps[-1].observation.won else "not won")
