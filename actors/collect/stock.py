"""The shelf within its bounds: what comes in, what goes for room or age, and what is wrong."""

import logging
from threading import Event

from actors.collect.shelf import MB_BYTES, NoRoom, Shelf
from actors.collect.sidecar import Sidecar
from actors.config import Collect
from bus.health import SECOND_NS
from bus.messages import Tick

log = logging.getLogger(__name__)

HOUR_S = 3600
TIDY_NS = 600 * SECOND_NS  # what is too old goes so much later at most


class Stock:
    """`trouble` is why the last picture could not be kept; "" after one that could.

    `wake` is set for each that was.
    """

    def __init__(self, shelf: Shelf, rules: Collect, wake: Event) -> None:
        self.shelf, self._rules, self._wake = shelf, rules, wake
        self._tidied_ns: int | None = None
        self.kept = self.removed = 0
        self.trouble = ""

    def add(self, jpeg: bytes, about: Sidecar) -> bool:
        """Whether it is kept now; else `trouble` says why not."""
        try:
            kept = self.shelf.keep(jpeg, about)
            self.kept += 1
            self._wake.set()
            self._trim(about.captured_utc_ns)
        except NoRoom as full:
            self.trouble = str(full)
        except OSError as error:
            self.trouble = (
                f"{error.filename or self.shelf.root}: {error.strerror}; no picture is kept"
            )
        else:
            self.trouble = ""
            log.info("kept %s: %s", kept.title, ", ".join(about.reasons))
        return not self.trouble

    def tidy(self, now: Tick) -> None:
        """Now and then, also while nothing is collected; at first what a crash left, too."""
        if self._tidied_ns is not None and now.now_ns - self._tidied_ns < TIDY_NS:
            return
        try:
            if self._tidied_ns is None and (left := self.shelf.sweep()):
                log.info("removed %d files of pictures that were not whole", left)
            self._trim(now.now_utc_ns)
        except OSError as error:
            log.warning("%s: %s", error.filename or self.shelf.root, error.strerror)
        self._tidied_ns = now.now_ns

    def _trim(self, now_utc_ns: int) -> None:
        age_ns = int(self._rules.most_age_h * HOUR_S * SECOND_NS)
        self.removed += self.shelf.trim(self._rules.quota_mb * MB_BYTES, now_utc_ns - age_ns)
