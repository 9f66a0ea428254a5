"""The device's configuration: one struct a section, checked whole, before anything starts.

`load` is the only way in. Every fault is one `ConfigError`: file, key, value and rule on one
line. `configs/device.toml` lists every key with its default.
"""

import difflib
import os
import re
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from actors.address import Address, BadAddress, parse

DEFAULT_FILE = Path(__file__).parents[1] / "configs" / "default.toml"
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
LONGEST_RUN_DIR = 60  # a unix socket's path ends at 107 bytes: `/frames/overlay-NAME.sock`

Name = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,23}$")]
Side = Annotated[int, Meta(ge=16, le=16384)]
Fraction = Annotated[float, Meta(ge=0, le=1)]


class ConfigError(Exception):
    """The file, the key, its value and the rule it breaks, on one line."""


class Section(Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all sections: what is not a key is an error."""


class Camera(Section, frozen=True):
    """One camera. Unset size and rate mean the source's own (`scene:`: 1280x720 at 30)."""

    name: Name
    source: str = "scene:"
    width: Side | None = None
    height: Side | None = None
    fps: Annotated[float, Meta(gt=0, le=240)] | None = None
    loop: bool = True
    pace: Literal["realtime", "max"] = "realtime"

    @property
    def address(self) -> Address:
        return parse(self.source)


class Inference(Section, frozen=True):
    """One model on some cameras (none named: all), on the first device that takes it."""

    name: Name
    model: str = ""
    cameras: tuple[Name, ...] = ()
    devices: Annotated[tuple[str, ...], Meta(min_length=1)] = ("NPU", "GPU", "CPU")
    threshold: Fraction | None = None  # unset: the package's own
    threads: Annotated[int, Meta(ge=0, le=64)] = 0  # 0: OpenVINO chooses


class Overlay(Section, frozen=True):
    """`align`: each box on its own frame, at the price of the inference time's delay."""

    align: bool = True
    hold_ms: Annotated[int, Meta(ge=20, le=2000)] = 200  # longest wait for a frame's result
    min_score: Fraction = 0.0


class Rtsp(Section, frozen=True):
    """Without `users` the server listens on loopback only."""

    port: Annotated[int, Meta(ge=1, le=65535)] = 8554
    host: str = ""  # unset: loopback without users, every interface with users
    users: Mapping[str, str] = {}
    key_frame_s: Annotated[float, Meta(gt=0, le=20)] = 2.0
    quality: Annotated[int, Meta(ge=1, le=51)] = 24  # x264's constant rate factor

    @property
    def bind(self) -> str:
        return self.host or ("0.0.0.0" if self.users else "127.0.0.1")  # noqa: S104 with users


class Frames(Section, frozen=True):
    """Each pool's slots, reserved when it is made; `checksum` is for tests, it costs time."""

    slots: Annotated[int, Meta(ge=4, le=256)] = 12
    checksum: bool = False


class Config(Section, frozen=True):
    """The whole device."""

    run_dir: str = ""
    state_dir: str = ""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    camera: tuple[Camera, ...] = (Camera("front"),)
    inference: tuple[Inference, ...] = ()
    overlay: Overlay = Overlay()
    rtsp: Rtsp = Rtsp()
    frames: Frames = Frames()

    @property
    def run(self) -> Path:
        """Sockets, locks and pids; nothing in it outlives the device's run."""
        return Path(self.run_dir)

    @property
    def state(self) -> Path:
        """What survives a reboot: compiled models and, in time, everything desired."""
        return Path(self.state_dir)

    def cameras_of(self, inference: Inference) -> tuple[Camera, ...]:
        return tuple(c for c in self.camera if not inference.cameras or c.name in inference.cameras)

    def entries_of(self, camera: Camera) -> list[str]:
        """Names of the inference entries that watch a camera."""
        return [e.name for e in self.inference if not e.cameras or camera.name in e.cameras]


def where(environ: Mapping[str, str] = os.environ) -> Path:
    """The configuration file: `RETINUE_CONFIG`, else the one that comes with the project."""
    return Path(environ.get("RETINUE_CONFIG") or DEFAULT_FILE)


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Config:
    """Read, check and complete a configuration, or raise `ConfigError`."""
    try:
        raw = tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(f"{path}: {reason}") from error
    try:
        config = msgspec.convert(raw, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {_explain(raw, str(error))}") from error
    config = _placed(config, environ)
    for problem in _contradictions(config):
        raise ConfigError(f"{path}: {problem}")
    return config


def _placed(config: Config, environ: Mapping[str, str]) -> Config:
    """With both directories settled: environment, else file, else the user's own."""
    runtime = environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    home = Path(environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    own = Path(runtime) / f"retinue-{os.getuid()}"
    run = environ.get("RETINUE_RUN") or config.run_dir or str(own)
    state = environ.get("RETINUE_STATE") or config.state_dir or str(home / "retinue")
    return msgspec.structs.replace(
        config, run_dir=str(Path(run).absolute()), state_dir=str(Path(state).absolute())
    )


def _explain(raw: Mapping[str, Any], error: str) -> str:
    """msgspec's sentence, with the key spelled as in the file and the value it had."""
    problem, _, place = error.partition(" - at `$")
    key = place.strip("`.")
    unknown = re.search(r"unknown field `(.*)`", problem)
    if unknown:
        key = f"{key}.{unknown[1]}" if key else unknown[1]
        problem = f"there is no such key{_nearest(unknown[1], place)}"
    value = _value_at(raw, key)
    shown = "" if value is _MISSING else f" = {_shown(key, value)}"
    return f"{key or 'top level'}{shown}: {problem}"


_MISSING = object()


def _shown(key: str, value: object) -> str:
    return "(hidden)" if "users" in key else repr(value)[:120]


def _value_at(raw: Any, key: str) -> object:
    for part in re.findall(r"[^.\[\]]+", key):
        try:
            raw = raw[int(part)] if isinstance(raw, list) else raw[part]
        except (KeyError, IndexError, ValueError, TypeError):
            return _MISSING
    return raw


def _nearest(name: str, place: str) -> str:
    section = re.sub(r"\[.*?\]|[`.]", "", place)
    kinds: dict[str, type[Struct]] = {
        "camera": Camera,
        "inference": Inference,
        "overlay": Overlay,
        "rtsp": Rtsp,
        "frames": Frames,
    }
    fields = [field.name for field in msgspec.structs.fields(kinds.get(section, Config))]
    near = difflib.get_close_matches(name, fields, 1)
    return f"; did you mean `{near[0]}`?" if near else f"; there are {', '.join(fields)}"


def _contradictions(config: Config) -> Iterable[str]:
    yield from _repeated("camera", [camera.name for camera in config.camera])
    yield from _repeated("inference", [entry.name for entry in config.inference])
    yield from _wrong_cameras(config)
    yield from _wrong_entries(config)
    yield from _wrong_rtsp(config.rtsp)
    if len(config.run_dir.encode()) > LONGEST_RUN_DIR:
        yield (
            f"run_dir = {config.run_dir!r}: longer than {LONGEST_RUN_DIR} bytes, so the paths of "
            "its sockets would not fit; use a shorter one"
        )


def _wrong_cameras(config: Config) -> Iterable[str]:
    if not config.camera:
        yield "camera = []: at least one [[camera]] is needed"
    for at, camera in enumerate(config.camera):
        try:
            parse(camera.source)
        except BadAddress as error:
            yield f"camera[{at}].source = {error}"
        if (camera.width is None) != (camera.height is None):
            key = "width" if camera.width is None else "height"
            yield f"camera[{at}].{key}: width and height are given together or not at all"


def _wrong_entries(config: Config) -> Iterable[str]:
    names = {camera.name for camera in config.camera}
    for at, entry in enumerate(config.inference):
        for name in entry.cameras:
            if name not in names:
                known = ", ".join(sorted(names))
                yield f"inference[{at}].cameras = {name!r}: no such camera; there are {known}"


def _wrong_rtsp(rtsp: Rtsp) -> Iterable[str]:
    if not rtsp.users and rtsp.bind not in LOOPBACK:
        yield (
            f"rtsp.host = {rtsp.host!r}: without rtsp.users only a loopback address "
            "is allowed; add a user or use 127.0.0.1"
        )
    for user in rtsp.users:
        if not re.fullmatch(r"[\w.@-]{1,64}", user):
            yield f"rtsp.users: {user!r}: a name is letters, digits and . _ @ - only"


def _repeated(section: str, names: list[str]) -> Iterable[str]:
    for at, name in enumerate(names):
        if name in names[:at]:
            yield f"{section}[{at}].name = {name!r}: each name is used once"
