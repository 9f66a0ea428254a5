"""The device's configuration: one struct a section, checked whole, before anything starts.

`load` is the only way in. Every fault is one `ConfigError`: file, key, value and rule on one
line, and no secret on it. `configs/device.toml` lists every key with its default.
"""

import difflib
import ipaddress
import os
import re
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec
from msgspec import Struct

from actors.address import BadAddress, masked, parse
from actors.sections import (
    ROOT,
    Camera,
    Frames,
    Inference,
    Models,
    Overlay,
    Rtsp,
    Section,
    Sink,
    Telemetry,
)

__all__ = [
    "Camera",
    "Config",
    "ConfigError",
    "Frames",
    "Inference",
    "Models",
    "Overlay",
    "Rtsp",
    "Section",
    "Sink",
    "Telemetry",
    "load",
    "where",
]

DEFAULT_FILE = ROOT / "configs" / "default.toml"
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
LONGEST_RUN_DIR = 58  # a unix socket's path ends at 107 bytes: `/bus/inference-NAME-a.direct`
LONGEST_PASSWORD = 128
LONGEST_HOST = 253

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # and what else ends a line
SECRET = re.compile(r"users|pass|secret|token|credential")
DEVICE = re.compile(r"(NPU|GPU|CPU)(\.[0-9]{1,3})?")
LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")  # RFC 1123, section 2.1


class ConfigError(Exception):
    """The file, the key, its value and the rule it breaks, on one line."""


class Config(Section, frozen=True):
    """The whole device."""

    run_dir: str = ""
    state_dir: str = ""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    camera: tuple[Camera, ...] = (Camera("front"),)
    inference: tuple[Inference, ...] = ()
    overlay: Overlay = Overlay()
    rtsp: Rtsp = Rtsp()
    models: Models = Models()
    telemetry: Telemetry = Telemetry()
    sink: tuple[Sink, ...] = (Sink("file"),)
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

    def entries_of(self, camera: Camera) -> list[Inference]:
        """The inference entries that watch a camera."""
        return [e for e in self.inference if not e.cameras or camera.name in e.cameras]


def where(environ: Mapping[str, str] = os.environ) -> Path:
    """The configuration file: `RETINUE_CONFIG`, else the one that comes with the project."""
    return Path(environ.get("RETINUE_CONFIG") or DEFAULT_FILE)


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Config:
    """Read, check and complete a configuration, or raise `ConfigError`."""
    try:
        raw = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(f"{path}: {reason}") from error
    for problem in (*_control_characters(raw), *_unknown_keys(raw)):
        raise ConfigError(f"{path}: {problem}")
    try:
        config = msgspec.convert(raw, Config)
    except msgspec.ValidationError as error:
        # not chained: msgspec's own sentence may hold the value
        raise ConfigError(f"{path}: {_explain(raw, str(error))}") from None
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


SECTIONS: dict[str, type[Struct]] = {
    "camera": Camera,
    "inference": Inference,
    "overlay": Overlay,
    "rtsp": Rtsp,
    "models": Models,
    "telemetry": Telemetry,
    "sink": Sink,
    "frames": Frames,
}
Place = tuple[str | int, ...]  # keys and indices, from the top


def _control_characters(value: object, place: Place = ()) -> Iterable[str]:
    """Keys and strings of the document, at any depth, that would not stay on their line."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if CONTROL.search(key):
                yield f"{_spelled((*place, key))}: a key has no control characters in it"
            yield from _control_characters(inner, (*place, key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _control_characters(inner, (*place, at))
    elif isinstance(value, str) and CONTROL.search(value):
        yield f"{_spelled(place)}{_shown(place, value)}: a string has no control characters in it"


def _unknown_keys(raw: Mapping[str, Any]) -> Iterable[str]:
    yield from _unknown_in(raw, Config, ())
    for section, kind in SECTIONS.items():
        table = raw.get(section)
        if isinstance(table, list):
            for at, entry in enumerate(table):
                yield from _unknown_in(entry, kind, (section, at))
        else:
            yield from _unknown_in(table, kind, (section,))


def _unknown_in(table: object, kind: type[Struct], place: Place) -> Iterable[str]:
    fields = list(_types_of(kind))
    for key in table if isinstance(table, dict) else ():
        if key not in fields:
            near = difflib.get_close_matches(key, fields, 1)
            hint = f"; did you mean `{near[0]}`?" if near else f"; there are {', '.join(fields)}"
            yield f"{_spelled((*place, key))}: there is no such key{hint}"


def _types_of(kind: type[Struct]) -> dict[str, Any]:
    return {field.name: field.type for field in msgspec.structs.fields(kind)}


def _type_at(place: Place) -> Any:
    """The type of a known key; None for unknown keys, for sections and for what is below a key."""
    match [part for part in place if isinstance(part, str)]:
        case [key] if key not in SECTIONS:
            return _types_of(Config).get(key)
        case [section, key] if section in SECTIONS:
            return _types_of(SECTIONS[section]).get(key)
    return None


def _explain(raw: Mapping[str, Any], error: str) -> str:
    """msgspec's sentence, with the key spelled as in the file and the value it had."""
    problem, _, path = error.rpartition(" - at `$")
    place = tuple(int(p) if p.isdigit() else p for p in re.findall(r"\w+", path))
    if problem.startswith("Invalid enum value"):  # its sentence would go on with the value
        problem = f"Invalid enum value; there are {', '.join(get_args(_type_at(place)))}"
    if len(place) == 1 and place[0] in SECTIONS:
        header = f"[[{place[0]}]]" if "`array`, got" in problem else f"[{place[0]}]"
        problem += f"; begin it with {header}"
    return f"{_spelled(place)}{_shown(place, _value_at(raw, place))}: {problem}"


def _spelled(place: Place) -> str:
    """A place as one reads it; odd keys by their repr, so on one line."""
    spelled = ""
    for part in place:
        if isinstance(part, int):
            spelled += f"[{part}]"
        else:
            plain = re.fullmatch(r"[A-Za-z0-9_-]{1,60}", part)
            spelled += f".{part if plain else repr(masked(part))[:60]}"
    return spelled.removeprefix(".")


def _shown(place: Place, value: object) -> str:
    """` = VALUE` where it can hold no secret: scalars, and lists of them, of known keys."""
    items = value if isinstance(value, list) else [value]
    hidden = (
        _type_at(place) is None
        or any(isinstance(part, str) and SECRET.search(part) for part in place)
        or any(isinstance(item, dict | list) for item in items)
        or (items is value and place[0] == "rtsp")
    )
    if hidden:
        return ""
    plain = [masked(item) if isinstance(item, str) else item for item in items]
    return f" = {plain if items is value else plain[0]!r}"[:120]


def _value_at(raw: Any, place: Place) -> object:
    """The value there; of `users`, whose keys msgspec leaves out, all."""
    for part in place:
        raw = raw[part]
    return raw


def _contradictions(config: Config) -> Iterable[str]:
    yield from _repeated("camera", [camera.name for camera in config.camera])
    yield from _repeated("inference", [entry.name for entry in config.inference])
    yield from _repeated("sink", [sink.name for sink in config.sink])
    yield from _wrong_cameras(config)
    yield from _wrong_entries(config)
    yield from _wrong_telemetry(config)
    yield from _wrong_host(config.rtsp)
    yield from _wrong_users(config.rtsp)
    # again, for what came from the environment
    yield from _control_characters({"run_dir": config.run_dir, "state_dir": config.state_dir})
    if len(os.fsencode(config.run_dir)) > LONGEST_RUN_DIR:
        yield (
            f"run_dir{_shown(('run_dir',), config.run_dir)}: longer than {LONGEST_RUN_DIR} bytes, "
            "so the paths of its sockets would not fit; use a shorter one"
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
        for device in entry.devices:
            if not DEVICE.fullmatch(device):
                place = ("inference", at, "devices")
                yield (
                    f"{_spelled(place)}{_shown(place, device)}: no such device; there are NPU, "
                    "GPU and CPU, and GPU.1 for the second of a kind"
                )
        for name in entry.cameras:
            if name not in names:
                known = ", ".join(sorted(names))
                yield f"inference[{at}].cameras = {name!r}: no such camera; there are {known}"


def _wrong_telemetry(config: Config) -> Iterable[str]:
    telemetry = config.telemetry
    if not telemetry.schemas:
        yield "telemetry.schemas = []: at least one of percept and retinue/1 is needed"
    if telemetry.mode == "aggregate" and "retinue/1" not in telemetry.schemas:
        yield "telemetry.mode = 'aggregate': counts are of schema retinue/1; add it to schemas"
    for at, sink in enumerate(config.sink):
        if sink.kind == "mqtt" and not _is_host(sink.host):
            yield f"sink[{at}].host = {sink.host!r}: an mqtt sink needs a broker's name or address"
        if sink.password and not sink.password.startswith(("file:", "env:")):
            yield f"sink[{at}].password: is file:PATH or env:NAME, never the password itself"
        if sink.home_assistant and len(telemetry.schemas) > 1:
            yield (
                f"sink[{at}].home_assistant = true: reads results of one schema; "
                "name one in telemetry.schemas"
            )
    if telemetry.most_a_day and telemetry.kept_for_events >= telemetry.most_a_day:
        yield (
            f"telemetry.kept_for_events = {telemetry.kept_for_events}: must leave some of "
            f"most_a_day = {telemetry.most_a_day}"
        )


def _wrong_host(rtsp: Rtsp) -> Iterable[str]:
    named = f"rtsp.host{_shown(('rtsp', 'host'), rtsp.host)}"
    if rtsp.host and not _is_host(rtsp.host):
        yield f"{named}: neither an IP address nor a host name"
    if not rtsp.users and rtsp.bind not in LOOPBACK:
        yield (
            f"{named}: without rtsp.users only a loopback address "
            "is allowed; add a user or use 127.0.0.1"
        )


def _is_host(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        labels = host.removesuffix(".").split(".")
        named = all(LABEL.fullmatch(label) for label in labels) and len(host) <= LONGEST_HOST
        return named and not labels[-1].isdigit()  # digits at the end: an address gone wrong
    return True


def _wrong_users(rtsp: Rtsp) -> Iterable[str]:
    for at, (user, password) in enumerate(rtsp.users.items(), 1):
        if not re.fullmatch(r"[\w.@-]{1,64}", user):  # not shown: some write name:password
            yield f"rtsp.users: name {at}: a name is letters, digits and . _ @ - only, at most 64"
        elif not 1 <= len(password) <= LONGEST_PASSWORD:
            yield f"rtsp.users.{user}: a password has 1 to {LONGEST_PASSWORD} characters"


def _repeated(section: str, names: list[str]) -> Iterable[str]:
    for at, name in enumerate(names):
        if name in names[:at]:
            yield f"{section}[{at}].name = {name!r}: each name is used once"
