"""A shelf with pictures, where they go, and all that is said on the way."""

import logging
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from actors.backoff import Backoff
from actors.collect.shelf import Picture, Shelf
from actors.collect.upload.connecting import connect
from actors.collect.upload.uploader import Terms, Uploader
from actors.collect.upload.wire import Patience
from actors.config import Config, Sink, Upload
from actors.settings import Settings
from bus.messages import Box
from tests.actors.collect.kept import about
from tests.listening import DEADLINE_S

SECRET = "s3cr3t"  # noqa: S105 looked for wherever it must not be
JPEG = b"\xff\xd8 not really a picture \xff\xd9" * 5000
PATIENT = Patience(stall_s=DEADLINE_S, longest_s=DEADLINE_S)
SOON = (0.001, 0.004)
NEVER = (600.0, 600.0)  # within a test


class Telling(Shelf):
    """A shelf that tells when something was removed."""

    def __init__(self, root: Path, changed: threading.Condition) -> None:
        super().__init__(root)
        self.fault, self._changed = "", changed

    def remove(self, picture: Picture) -> None:
        if self.fault:
            raise OSError(30, self.fault, str(picture.path))
        super().remove(picture)
        with self._changed:
            self._changed.notify_all()


class Rig(logging.Handler):
    """One device's pictures and their upload. Whatever changes makes `until` look again."""

    def __init__(self, folder: Path, changed: threading.Condition) -> None:
        super().__init__()
        self.changed, self.folder = changed, folder
        self.shelf = Telling(folder / "images", changed)
        self.wake = threading.Event()
        self.config = Config(state_dir=str(folder))
        self.patience, self.passing, self.lasting = PATIENT, SOON, SOON
        self.said: list[str] = []
        self._uploaders: list[Uploader] = []

    def keep(self, at_s: int = 0, score: float | None = 0.8, camera: str = "front") -> Picture:
        boxes = [] if score is None else [Box("person", score, 0.1, 0.1, 0.5, 0.5)]
        picture = self.shelf.keep(JPEG, about(at_s, *boxes, camera=camera))
        self.wake.set()
        return picture

    def to(self, sink: Sink | None = None, **upload: Any) -> None:
        """Where pictures go, with secrets in files."""
        sinks = (sink,) if sink else ()
        self.config = replace(self.config, upload=Upload(**upload), sink=sinks)

    def secret(self, name: str, text: str) -> str:
        (self.folder / name).write_text(f"{text}\n")
        return f"file:{self.folder / name}"

    def start(self) -> Uploader:
        terms = Terms(
            self.config.upload.below,
            Backoff(*self.passing, lambda: 1.0),
            Backoff(*self.lasting, lambda: 1.0),
        )
        to = partial(connect, self.config, patience=self.patience)
        uploader = Uploader(self.shelf, to, terms, self.wake)
        uploader.look(Settings())
        self._uploaders.append(uploader)
        return uploader

    def close(self) -> None:
        for uploader in self._uploaders:
            uploader.close()
            self.said.append(repr(uploader.state))

    def emit(self, record: logging.LogRecord) -> None:
        with self.changed:
            self.said.append(record.getMessage())
            self.changed.notify_all()

    def until(self, is_so: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(is_so, DEADLINE_S), self.said

    def until_said(self, words: str) -> None:
        self.until(lambda: any(words in said for said in self.said))

    def until_gone(self, *pictures: Picture) -> None:
        self.until(lambda: not any(each.path.exists() for each in pictures))

    @property
    def left(self) -> list[str]:
        return [picture.title for picture in self.shelf.pictures()]


def names(*pictures: Picture) -> list[str]:
    """What each is put as: the picture, then its sidecar."""
    return [f"/{picture.title}{end}" for picture in pictures for end in (".jpg", ".json")]
