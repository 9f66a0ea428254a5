"""What an inference entry is to run: its slot in the store, else what the configuration names."""

from pathlib import Path
from typing import NamedTuple, Protocol

from actors.inference.desk import Tenure


class Wanted(NamedTuple):
    """A package to load."""

    path: Path
    digest: str = ""  # of a stored one


class Slots(Protocol):
    """One entry's desired state, read anew at each call."""

    def wanted(self) -> int:
        """The generation: a higher one than the holder's asks for a newcomer."""

    def choice(self) -> list[Wanted]:
        """What to load, best first; nothing if there is no model."""

    def vacated(self, tenure: Tenure | None) -> None:
        """The post was found free. If its holder died in its probation, its model is put back."""

    def refuse(self, generation: int, reason: str) -> None:
        """A newcomer failed: back to what runs, and do not try this again."""

    def on_probation(self) -> bool:
        """Whether what runs has yet to prove itself."""

    def look(self, now_ns: int) -> None:
        """The holder serves well: end its probation when its time has come."""
