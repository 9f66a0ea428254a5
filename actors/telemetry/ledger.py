"""What of a day's budget was used, on disk: written when it changes, read at the next start."""

from pathlib import Path

import msgspec

from actors.telemetry.budget import Spent


class Ledger:
    """`spent` is None if nothing is known of it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.spent = _read(path)

    def write(self, spent: Spent) -> None:
        if spent != self.spent:
            new = self._path.with_suffix(".new")
            new.write_bytes(msgspec.json.encode(spent))
            new.replace(self._path)
            self.spent = spent


def _read(path: Path) -> Spent | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Spent)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None
