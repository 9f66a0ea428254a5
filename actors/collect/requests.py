"""Which request for pictures was taken up last, on disk: a restart answers none of them again."""

import logging
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)


class Requests:
    """Of `Settings.picture_step`, which steps up with each request."""

    def __init__(self, path: Path) -> None:
        self._path, self._taken_up = path, _read(path)

    def risen(self, step: int) -> bool:
        """Whether there is a new one. A counter that began anew is none."""
        if step == self._taken_up:
            return False
        risen, self._taken_up = step > self._taken_up, step
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            new = self._path.with_suffix(".new")
            new.write_text(f"{step}\n")
            new.replace(self._path)
        except OSError as error:
            log.warning("%s: %s; after a restart it counts anew", self._path, error.strerror)
        return risen


def _read(path: Path) -> int:
    with suppress(OSError, ValueError):
        return int(path.read_text())
    return 0
