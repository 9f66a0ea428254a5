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
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta, Struct

from actors.address import Address, BadAddress, masked, parse

ROOT = Path(__file__).parents[1]
DEFAULT_FILE = ROOT / "configs" / "default.toml"
BUILT_IN = "builtin:"
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
LONGEST_RUN_DIR = 58  # a unix socket's path ends at 107 bytes: `/bus/inference-NAME-a.direct`
LONGEST_PASSWORD = 128
LONGEST_HOST = 253

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # and what else ends a line
SECRET = re.compile(r"users|pass|secret|token|credential")
DEVICE = re.compile(r"(NPU|GPU|CPU)(\.[0-9]{1,3})?")
LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")  # RFC 1123, section 2.1

Name = Annotated[str, Meta(pattern=r"\A[a-z0-9][a-z0-9_-]{0,23}\Z")]
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
    hint: Literal["latency", "throughput"] = "latency"
    threshold: Fraction | None = None  # unset: the package's own
    threads: Annotated[int, Meta(ge=0, le=64)] = 0  # 0: OpenVINO chooses
    swap: Literal["takeover", "restart"] = "takeover"
    deadline_s: Annotated[float, Meta(gt=0, le=300)] = 5.0  # an inference longer than this hangs

    @property
    def posts(self) -> tuple[str, ...]:
        """The processes of which one publishes; without a second one, a swap has a gap."""
        return ("a", "b") if self.swap == "takeover" else ("a",)

    @property
    def package(self) -> Path:
        """Where the model lies; `builtin:NAME` comes with Retinue. For entries with a model."""
        if self.model.startswith(BUILT_IN):
            return ROOT / "models" / self.model.removeprefix(BUILT_IN)
        return Path(self.model)


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


class Models(Section, frozen=True):
    """What is asked of a model before it may publish, and for how long it is watched then."""

    signature: Literal["required", "if-present", "off"] = "if-present"
    trusted_keys: tuple[str, ...] = ()  # files with Ed25519 public keys
    keys: Mapping[str, str] = {}  # of protected packages: key id = "file:…", "env:…" or "edge:…"
    ca_file: str = ""  # authorities for downloads beside the system's
    download_mb: Annotated[int, Meta(ge=1, le=100_000)] = 1000
    quota_mb: Annotated[int, Meta(ge=1, le=1_000_000)] = 4000
    admission_s: Annotated[float, Meta(gt=0, le=3600)] = 120.0
    admission_mb: Annotated[int, Meta(ge=512, le=1_000_000)] = 4000  # OpenVINO alone: 200
    slowest_ms: Annotated[float, Meta(gt=0, le=60_000)] = 1000.0  # an inference, p50
    load_s: Annotated[float, Meta(gt=0, le=3600)] = 300.0
    trial_results: Annotated[int, Meta(ge=1, le=1000)] = 10
    trial_s: Annotated[float, Meta(gt=0, le=600)] = 1.0  # longest
    least_agreement: Fraction | None = None  # unset: reported, not judged
    probation_s: Annotated[float, Meta(ge=0, le=86_400)] = 120.0

    @property
    def key_sources(self) -> tuple[str, ...]:
        """The keys of protected packages, as `actors.package.sealed.keys` reads them."""
        return tuple(f"{name}={source}" for name, source in self.keys.items())


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
    models: Models = Models()
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
    yield from _wrong_cameras(config)
    yield from _wrong_entries(config)
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
