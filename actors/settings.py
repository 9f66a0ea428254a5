"""What is wanted of a running device beside its configuration: one file that actors look at.

Whoever changes it (a twin, a command, a page) goes through `change`; actors `look` on their tick
and converge. What is None is as the configuration says. Nothing in it is secret.
"""

import fcntl
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from actors.durable import sync_folder
from actors.tenancy import make_room

log = logging.getLogger(__name__)

Resolution = Literal["native", "1080p", "720p"]


class Settings(Struct, frozen=True, omit_defaults=True):
    """Every field is optional; `log_level` is everybody's, the rest of one stage."""

    log_level: Literal["debug", "info", "warning", "error"] | None = None
    raw_stream: bool | None = None
    result_stream: bool | None = None
    h264_stream: bool | None = None
    stream_fps: Annotated[int, Meta(ge=1, le=240)] | None = None  # most, of each stream
    stream_resolution: Resolution | None = None
    align: bool | None = None
    interval_ms: Annotated[float, Meta(ge=0, le=86_400_000)] | None = None  # of telemetry
    collect: bool | None = None
    collect_interval_s: Annotated[int, Meta(ge=0, le=31_536_000)] | None = None
    picture_step: Annotated[int, Meta(ge=0)] = 0  # one more: keep a picture of each camera now
    upload_step: Annotated[int, Meta(ge=0)] = 0  # one more: upload what is kept now


class SettingsFile:
    """`$STATE/settings.json`. While it cannot be read, what was read last goes on to count."""

    def __init__(self, state_dir: Path) -> None:
        self._state_dir = state_dir
        self._path = state_dir / "settings.json"
        self._seen: tuple[int, int, int] | None = None
        self._settings, self._said = Settings(), ""

    def look(self) -> Settings:
        """What is wanted now; costs one `stat` while nothing has changed."""
        try:
            status = self._path.stat()
            seen = status.st_ino, status.st_mtime_ns, status.st_size
            if seen != self._seen:
                self._settings, self._seen = self._read(self._settings), seen
        except FileNotFoundError:
            self._seen, self._settings = None, Settings()
        except OSError as error:
            self._say(f"{error.strerror}; what was read last goes on to count")
        return self._settings

    def change(self, values: Mapping[str, Any]) -> Settings:
        """Have these fields changed and on the disk. Raises `OSError`, and `TypeError` for a
        field that there is not."""
        with self._locked():
            after = replace(self._now(), **values)
            self._write(after)
        return after

    def step(self, field: str) -> Settings:
        """Ask for one more of what is counted: `picture_step` or `upload_step`."""
        with self._locked():
            before = self._now()
            after = replace(before, **{field: getattr(before, field) + 1})
            self._write(after)
        return after

    def _read(self, otherwise: Settings) -> Settings:
        """`otherwise` in the place of what is damaged. Raises `OSError`."""
        try:
            settings = msgspec.json.decode(self._path.read_bytes(), type=Settings)
        except msgspec.MsgspecError as error:
            self._say(f"{error}; until it is written anew it is left out of account")
            return otherwise
        self._said = ""
        return settings

    def _now(self) -> Settings:
        """To change it: there may be none yet."""
        try:
            return self._read(Settings())
        except FileNotFoundError:
            return Settings()

    def _say(self, what: str) -> None:
        """Once, as it is looked at all the time."""
        if what != self._said:
            self._said = what
            log.warning("%s: %s", self._path, what)

    def _write(self, settings: Settings) -> None:
        new = self._path.with_suffix(".new")
        with new.open("wb") as file:
            file.write(msgspec.json.encode(settings))
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)
        sync_folder(self._state_dir)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Two that change it do so one after the other; the lock dies with its holder."""
        room = make_room(self._state_dir, "locks")
        fd = os.open(room / "settings", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
        finally:
            os.close(fd)
