"""Who does the work of the actor `models` beside its loop: one errand at a time, in a thread."""

import threading
from typing import NamedTuple, Protocol

from actors.config import Config
from actors.models.errands import Errand
from actors.models.fulfilling import fulfil
from actors.models.installing import PATIENCE
from actors.models.progress import Progress, Refused
from actors.models.remote import Stopped, Terms, Unreachable
from bus.wake import Wake

STARTING = Progress("fetching", "starting")
LEAVE_S = 1.0  # for the thread to see that it is to stop


class Ended(NamedTuple):
    """How an errand ended. With a `reason` it is to be tried again later."""

    errand: Errand
    reason: str = ""


class Hands(Protocol):
    """What the loop knows of the thread."""

    @property
    def errand(self) -> Errand | None:
        """What is being worked on, until its end is taken."""

    @property
    def progress(self) -> Progress: ...

    def begin(self, errand: Errand) -> None:
        """To be called only when there is no errand."""

    def drop(self) -> None:
        """Have it ended soon: it is not wanted any more."""

    def take(self) -> Ended | None:
        """How the errand ended, once."""


class Worker:
    """As `Hands`, for real. A fault in the thread that nobody expects ends the process."""

    def __init__(self, config: Config, wake: Wake, patience: Terms = PATIENCE) -> None:
        self._config, self._wake, self._patience = config, wake, patience
        self._thread = threading.Thread()
        self._stop = threading.Event()
        self._ended: Ended | None = None
        self.errand: Errand | None = None
        self.progress = STARTING

    def begin(self, errand: Errand) -> None:
        self.errand, self.progress, self._ended = errand, STARTING, None
        self._stop = threading.Event()
        # a daemon: a socket that does not answer must not keep the process from ending
        self._thread = threading.Thread(target=self._work, args=(errand,), daemon=True)
        self._thread.start()

    def drop(self) -> None:
        self._stop.set()

    def take(self) -> Ended | None:
        lives = self._thread.is_alive()  # asked first: it sets how it ended and then ends
        if self.errand is None or (lives and self._ended is None):
            return None
        if self._ended is None:
            raise RuntimeError(f"{self.errand.slot}: the thread ended without a result")
        self._thread.join()
        self.errand = None
        return self._ended

    def close(self) -> None:
        """Whatever it is at; a download stays to be gone on with."""
        self._stop.set()
        if self._thread.ident:
            self._thread.join(LEAVE_S)

    def _work(self, errand: Errand) -> None:
        entries = {entry.name: entry for entry in self._config.inference}
        try:
            fulfil(
                self._config,
                entries[errand.slot],
                errand.wish,
                stop=self._stop,
                tell=self._tell,
                patience=self._patience,
            )
            self._ended = Ended(errand)
        except (Refused, Stopped):  # the first is on record, the second was asked for
            self._ended = Ended(errand)
        except Unreachable as error:
            self._ended = Ended(errand, str(error))
        finally:
            self._wake.set()

    def _tell(self, progress: Progress) -> None:
        before, self.progress = self.progress, progress
        if (before.phase, before.doing) != (progress.phase, progress.doing):
            self._wake.set()
