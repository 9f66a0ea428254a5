"""A configuration as structs, with each key's type, bounds and default.

`actors.config` reads and checks them; `configs/device.toml` lists them for people.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from actors.address import Address, parse

ROOT = Path(__file__).parents[1]
BUILT_IN = "builtin:"

Name = Annotated[str, Meta(pattern=r"\A[a-z0-9][a-z0-9_-]{0,23}\Z")]
Side = Annotated[int, Meta(ge=16, le=16384)]
Fraction = Annotated[float, Meta(ge=0, le=1)]


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
    password: str = ""  # of the user in the source, as file:PATH or env:NAME

    @property
    def address(self) -> Address:
        return parse(self.source)

    @property
    def at_full_pace(self) -> bool:
        """Whether it goes by its consumers and not by the clock, as what is live cannot."""
        return self.pace == "max" and self.address.kind in {"file", "scene"}


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
    users: Mapping[str, str] = {}  # name = "file:…", "env:…" or the password itself
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


class Telemetry(Section, frozen=True):
    """What goes out of all that is seen, and how long it waits for its receivers."""

    schemas: tuple[Literal["percept", "retinue/1"], ...] = ("retinue/1",)
    mode: Literal["interval", "change", "aggregate"] = "interval"
    interval_ms: Annotated[float, Meta(ge=0, le=86_400_000)] = 1000.0
    heartbeat: Annotated[int, Meta(ge=1, le=1_000_000)] = 10  # of mode change, in intervals
    most_a_day: Annotated[int, Meta(ge=0)] = 0  # messages; 0: any number
    kept_for_events: Annotated[int, Meta(ge=0)] = 0  # of these
    unit_bytes: Annotated[int, Meta(ge=0)] = 0  # a longer message counts as several; 0: as one
    outbox_mb: Annotated[int, Meta(ge=1, le=1_000_000)] = 200
    outbox_h: Annotated[float, Meta(gt=0, le=100_000)] = 168.0
    late_hz: Annotated[float, Meta(gt=0, le=10_000)] = 50.0  # of what waited, beside what is new


class Sink(Section, frozen=True):
    """One receiver of telemetry."""

    name: Name
    kind: Literal["file", "mqtt", "iotedge", "iothub"] = "file"
    path: str = ""  # file: unset: telemetry/messages.jsonl of the state directory; "-": stdout
    most_mb: Annotated[int, Meta(ge=1, le=100_000)] = 50  # file: then the next one
    kept: Annotated[int, Meta(ge=1, le=1000)] = 3  # file: beside the one that is written
    host: str = ""  # mqtt: a broker, from here on
    port: Annotated[int, Meta(ge=0, le=65535)] = 0  # 0: 1883, with tls 8883
    version: Literal["3.1.1", "5"] = "5"
    client_id: str = "retinue"  # of two with the same one the broker throws out the first
    prefix: str = "retinue"  # of all topics
    user: str = ""
    password: str = ""  # "file:PATH" or "env:NAME"
    tls: bool = False
    ca_file: str = ""  # unset: the public authorities
    certificate_file: str = ""  # of our own
    key_file: str = ""  # unset: in the certificate's file
    home_assistant: bool = False  # tell it of each camera
    labels: tuple[str, ...] = ()  # that it shows apart, beside all together
    connection: str = ""  # iothub: a connection string, "file:PATH" or "env:NAME"; or a host and
    device_id: str = ""  # a certificate_file; or by the provisioning service, host then being its:
    scope_id: str = ""
    registration_id: str = ""
    key: str = ""  # in place of a certificate_file: "file:PATH" or "env:NAME"


class Collect(Section, frozen=True):
    """Which pictures are kept to train on. Nobody is pictured unless this is enabled."""

    enabled: bool = False
    cameras: tuple[Name, ...] = ()  # none named: all
    interval_s: Annotated[float, Meta(ge=0, le=31_536_000)] = 60.0  # 0: not by time
    borderline: tuple[Fraction, Fraction] | None = None  # a score between these
    labels: tuple[str, ...] = ()  # one of these is seen
    disagreement: Fraction | None = None  # two entries have a smaller share of boxes in common
    pace_s: Annotated[float, Meta(ge=0, le=86_400)] = 5.0  # least, between two of one camera
    alike_bits: Annotated[int, Meta(ge=0, le=64)] = 4  # of 64; a picture closer to a kept one goes
    quality: Annotated[int, Meta(ge=1, le=100)] = 90  # of the JPEG
    quota_mb: Annotated[int, Meta(ge=1, le=1_000_000)] = 500
    most_age_h: Annotated[float, Meta(gt=0, le=100_000)] = 720.0


class Upload(Section, frozen=True):
    """Where kept pictures go; they are deleted here once that is confirmed."""

    kind: Literal["off", "hub", "http", "s3"] = "off"
    sink: Name | None = None  # hub: the sink of kind iothub whose device it is; unset: the only one
    url: str = ""  # http, s3: what a picture's name is appended to
    token: str = ""  # http: "file:PATH" or "env:NAME", sent as bearer token
    access_key: str = ""  # s3: both "file:PATH" or "env:NAME"
    secret_key: str = ""
    region: str = "us-east-1"
    ca_file: str = ""
    below: Fraction = 1.0  # pictures with a higher mean score stay here


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
    telemetry: Telemetry = Telemetry()
    sink: tuple[Sink, ...] = (Sink("file"),)
    collect: Collect = Collect()
    upload: Upload = Upload()
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
