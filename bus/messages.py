"""Every message on the bus. docs/protocol.md is checked against this module.

Rules: messages are frozen; `_ns` is CLOCK_MONOTONIC nanoseconds, `_utc_ns` nanoseconds since
the Unix epoch; unknown fields are ignored; a new field needs a default; changing the meaning
of one needs a new message.
"""

from typing import Literal

from msgspec import Struct

PROTOCOL = "retinue-bus/1"
DUE_MS = 3000

State = Literal["starting", "running", "degraded", "standby", "stopping"]
Status = Literal["ok", "degraded", "stale"]
Phase = Literal["standby", "loading", "trial", "ready", "serving", "leaving", "failed"]
ModelPhase = Literal["idle", "fetching", "admitting", "storing", "waiting", "refused", "active"]


class Message(Struct, frozen=True, kw_only=True, tag_field="kind", gc=False):
    """What every message has. The bus fills both in when it sends."""

    seq: int = -1  # steps by one per topic; a gap is a message that was lost or never made
    published_ns: int = 0


class FrameRef(Struct, frozen=True, gc=False):
    """Where a frame's pixels lie. Valid while the pool's slot still has `generation`."""

    pool: str
    epoch: int
    slot: int
    generation: int


class Frame(Message, frozen=True, kw_only=True, gc=False, tag="frame"):
    """A picture is in shared memory. On `frames/` as captured, on `overlay/` as drawn."""

    camera: str
    frame_seq: int  # the camera's number of this picture, also on `overlay/`
    captured_ns: int
    captured_utc_ns: int
    width: int
    height: int
    format: Literal["I420"] = "I420"
    status: Literal["ok", "stale"] = "ok"  # stale: no new picture came, an old one is shown again
    ref: FrameRef


class Box(Struct, frozen=True, gc=False):
    """One detection; corners are fractions of the frame, 0..1."""

    label: str
    score: float
    x0: float
    y0: float
    x1: float
    y1: float


class Result(Message, frozen=True, kw_only=True, gc=False, tag="result"):
    """What a model saw in one frame. Empty `boxes` with status `ok`: it looked and saw none."""

    camera: str
    frame_seq: int
    captured_ns: int
    captured_utc_ns: int
    ref: FrameRef
    inference: str  # the name of the `[[inference]]` entry
    model: str
    version: str
    family: str
    device: str
    status: Status = "ok"
    spent_ms: float = 0.0  # from taking the frame to having the answer
    width: int = 0  # of the frame in pixels; 0: not said
    height: int = 0
    boxes: list[Box] = []


class TrueBox(Struct, frozen=True, gc=False):
    """One figure of the synthetic scene, exactly. `visible` is its unhidden share, 0..1."""

    label: str
    identity: int
    visible: float
    x0: float
    y0: float
    x1: float
    y1: float


class Truth(Message, frozen=True, kw_only=True, gc=False, tag="truth"):
    """What really is in one frame of the synthetic scene."""

    camera: str
    frame_seq: int
    captured_ns: int
    captured_utc_ns: int
    scene_index: int  # the number burned into the picture's corner
    boxes: list[TrueBox] = []


class Done(Message, frozen=True, kw_only=True, gc=False, tag="done"):
    """Its publisher has done with this picture and all before it: one at full pace may go on."""

    camera: str
    stream: Literal["raw", "result"]
    frame_seq: int


class Post(Message, frozen=True, kw_only=True, gc=False, tag="post"):
    """Where one of an inference entry's two processes stands: one publishes, one may relieve it.

    `loading`, `trial`, `ready` are a newcomer's way to the post; `failed` says why it did not get
    there, and that nothing has changed.
    """

    inference: str
    post: str  # a or b
    phase: Phase
    generation: int = 0  # of the desired model that it serves or is about to
    model: str = ""
    version: str = ""
    digest: str = ""  # of the stored package; empty for what the configuration names
    device: str = ""
    detail: str = ""
    agreement: float | None = None  # share of boxes that it and the running model have in common
    latency_ms: float | None = None  # its own inferences in the trial, p50
    better_at_ns: int = 0  # serving: when it is time to look for a better device; 0: never


class Model(Message, frozen=True, kw_only=True, gc=False, tag="model"):
    """What is being installed for an inference entry, how the last time ended, and what counts."""

    inference: str
    phase: ModelPhase  # active: a stored version counts; idle: what the configuration names does
    source: str = ""  # of what is being installed, or was last; shown without a secret
    doing: str = ""
    done_bytes: int = 0
    total_bytes: int | None = None
    rate_bytes_s: float = 0.0
    reason: str = ""  # refused, waiting: why
    next_ns: int = 0  # waiting: when it is tried again
    ended_utc_ns: int = 0  # when the last installation ended
    generation: int = 0  # of the slot: steps with each change of what counts
    model: str = ""  # what counts, if it is a stored version
    version: str = ""
    digest: str = ""
    previous: str = ""  # digest of the last good version before it
    on_probation: bool = False
    probation_until_ns: int = 0  # CLOCK_BOOTTIME
    reverted: str = ""  # digest of the version that was last put back,
    reverted_reason: str = ""  # and why


class Health(Message, frozen=True, kw_only=True, gc=False, tag="health"):
    """An actor's loop went round. Silence for longer than `due_ms` means that it hangs."""

    actor: str
    stage: str
    pid: int
    state: State
    detail: str = ""  # what is wrong and what to do, for a person
    uptime_s: float = 0.0
    restarts: int = 0
    fps: float = 0.0  # frames finished a second
    latency_ms_p50: float | None = None  # capture to finished, over the last beats
    latency_ms_p99: float | None = None
    lag: int = 0  # most messages found waiting behind the newest, since the last beat
    dropped: int = 0  # frames lost, skipped or refused since start
    malformed: int = 0  # messages that could not be read, since start
    rss_bytes: int = 0
    model: str = ""
    device: str = ""
    due_ms: int = DUE_MS


class Tick(Message, frozen=True, kw_only=True, gc=False, tag="tick"):
    """Time, as an input like any other. Local: never sent."""

    now_ns: int
    now_utc_ns: int = 0


class Woken(Message, frozen=True, kw_only=True, gc=False, tag="woken"):
    """Another thread of this process has something ready. Local: never sent."""

    now_ns: int
    now_utc_ns: int = 0


SENT = Frame | Result | Truth | Done | Post | Model | Health
