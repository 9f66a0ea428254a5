"""What an inference entry is to run: its slot in the store, else what the configuration names."""

from pathlib import Path
from typing import NamedTuple, Protocol

from actors.inference.desk import Tenure


class Wanted(NamedTuple):
    """A package to load."""

    path: Path
    digest: str = ""  # of a stored one
    generation: int = 0  # of the slot that wanted it


class Slots(Protocol):
    """One entry's desired state, read anew at each call."""

    def generation(self) -> int:
        """It steps up with each change that asks for a newcomer."""

    def relief(self, tenure: Tenure) -> int:
        """The generation that a newcomer is to serve in this one's place; 0: none, or not yet."""

    def choice(self) -> list[Wanted]:
        """What to load, best first; nothing if there is no model."""

    def vacated(self, tenure: Tenure | None) -> None:
        """The post was found free. If its holder died in its probation, its model is put back."""

    def begin(self, generation: int) -> int:
        """A model is about to be loaded; how often that was begun before, and nothing served."""

    def served(self, generation: int) -> None:
        """What was begun serves."""

    def ended(self) -> None:
        """What was begun was ended from outside."""

    def refuse(self, generation: int, reason: str, tenure: Tenure | None) -> None:
        """It does not work: back to the last good one, and do not try this again."""

    def on_probation(self) -> bool:
        """Whether what runs has yet to prove itself."""

    def look(self) -> None:
        """The holder serves well: end its probation when its time has come."""
