"""The thread that uploads: oldest first, a picture and then its sidecar, and both removed here only
once both are confirmed.

A crash between confirmation and removal has them go a second time under the same names, which
changes nothing where they arrive.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from actors.backoff import HELD_NS, Backoff
from actors.clock import utc_ns
from actors.collect.shelf import Picture, Shelf
from actors.collect.upload.failed import Failed, Stopped
from actors.collect.upload.item import Item, Receiver
from actors.collect.upload.line_up import due
from actors.collect.upload.state import Doing, UploadState
from actors.settings import Settings

log = logging.getLogger(__name__)

LOOK_S = 10.0  # for pictures that nobody told of
JOIN_S = 5.0  # a name server that does not answer may hold the thread up for longer

Connect = Callable[[threading.Event], Receiver]  # given what stops it; raises `Failed`


class Terms(NamedTuple):
    """What goes, and how long to wait after a failure that passes and one that lasts."""

    below: float
    passing: Backoff
    lasting: Backoff


class Uploader:
    """An `Uploading`. What its thread ends by, and nobody expected, is raised by `state`."""

    def __init__(self, shelf: Shelf, connect: Connect, terms: Terms, wake: threading.Event) -> None:
        self._shelf, self._connect, self._terms, self._wake = shelf, connect, terms, wake
        self._stop, self._now = threading.Event(), threading.Event()
        self._step: int | None = None
        self._aside: set[Picture] = set()
        self._arrived: set[Picture] = set()  # confirmed, and not removed yet
        self._failures: Counter[Picture] = Counter()
        self._held = False  # something was confirmed since the last failure
        self._state = UploadState("waiting", "", utc_ns(), 0, 0, "")
        # a daemon: a name server that does not answer must not keep the process from ending
        self._thread = threading.Thread(target=self._run, name="upload", daemon=True)
        self._thread.start()

    @property
    def state(self) -> UploadState:
        if not self._thread.is_alive() and not self._stop.is_set():
            raise RuntimeError("upload: its thread ended by a fault; the log has it")
        return self._state

    def look(self, settings: Settings) -> None:
        """What was asked for before the start is done by the start itself."""
        if self._step is not None and settings.upload_step > self._step:
            self._now.set()
            self._wake.set()
        self._step = settings.upload_step

    def close(self) -> None:
        self._stop.set()
        self._now.set()
        self._wake.set()
        self._thread.join(JOIN_S)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            if self._now.is_set():
                self._begin_anew()
            try:
                pictures = due(
                    self._shelf.pictures(), self._terms.below, self._aside, self._failures
                )
                if pictures:
                    self._go(pictures)
                else:
                    self._tell("waiting")
                    self._wake.wait(LOOK_S)
            except Stopped:
                return
            except Failed as failed:
                self._fail(failed)
            except OSError as error:
                self._fail(Failed(f"{error.filename}: {error.strerror}", "passing"))

    def _begin_anew(self) -> None:
        self._now.clear()
        self._aside.clear()
        self._failures.clear()
        self._state = self._state._replace(aside=0, aside_reason="")

    def _go(self, pictures: list[Picture]) -> None:
        receiver = self._connect(self._stop)
        for picture in pictures:
            try:
                self._upload(receiver, picture)
            except Failed as failed:
                if failed.kind != "picture":
                    self._failures[picture] += 1
                    raise
                self._set_aside(picture, str(failed))
            if self._stop.is_set() or self._now.is_set():
                return

    def _upload(self, receiver: Receiver, picture: Picture) -> None:
        if picture not in self._arrived:
            for path, kind in ((picture.path, "image/jpeg"), (picture.sidecar, "application/json")):
                body = _read(path)
                if body is None:  # its room was needed, or somebody removed it
                    return
                receiver.put(Item(f"{picture.camera}/{path.name}", kind, body))
            self._arrived.add(picture)
            self._held = True
        self._shelf.remove(picture)
        self._arrived.discard(picture)
        del self._failures[picture]
        self._tell("uploading")
        self._state = self._state._replace(uploaded=self._state.uploaded + 1)

    def _set_aside(self, picture: Picture, reason: str) -> None:
        self._aside.add(picture)
        reason = f"{picture.title}: {reason}"
        self._state = self._state._replace(aside=len(self._aside), aside_reason=reason)
        log.warning("set aside: %s", reason)

    def _fail(self, failed: Failed) -> None:
        self._tell("failed", str(failed))
        backoff = self._terms.passing if failed.kind == "passing" else self._terms.lasting
        wait_s = backoff.failed(HELD_NS if self._held else 0, failed.after_s)
        self._held = False
        self._now.wait(wait_s)

    def _tell(self, doing: Doing, reason: str = "") -> None:
        """Into the log and the state. The time is when it began to fail, or ceased to."""
        before = self._state
        changed = (doing == "failed") != (before.doing == "failed")
        since_utc_ns = utc_ns() if changed else before.since_utc_ns
        self._state = before._replace(doing=doing, reason=reason, since_utc_ns=since_utc_ns)
        if reason and reason != before.reason:
            log.warning("%s", reason)
        elif changed:
            log.info("uploads again")


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Failed(f"{path}: {error.strerror}", "picture") from None
