"""An entry's slot in the store, and its configuration where that says otherwise."""

from actors.config import Config, Inference
from actors.inference.desk import Tenure
from actors.inference.slot import Wanted


class StoredSlots:
    """As `Slots`."""

    def __init__(self, config: Config, entry: Inference) -> None:
        self._entry = entry
        self._state = config.state

    def wanted(self) -> int:
        return 0

    def choice(self) -> list[Wanted]:
        entry = self._entry
        return [Wanted(entry.package)] if entry.model else []

    def vacated(self, tenure: Tenure | None) -> None: ...

    def refuse(self, generation: int, reason: str) -> None: ...

    def on_probation(self) -> bool:
        return False

    def look(self, now_ns: int) -> None: ...
