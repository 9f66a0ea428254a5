"""Messages of schema `retinue/1` (pure); docs/schema/retinue-1.json says what is in them.

Rules: receivers ignore fields and kinds they do not know; a new field is optional; a changed
meaning is a new kind. `_utc_ns` is nanoseconds since the Unix epoch; of the device's own clocks
only `captured_ns` goes out, for intervals that no setting of a clock disturbs.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from actors.telemetry.aggregate import Counts
from actors.telemetry.budget import Notice
from actors.telemetry.changes import News
from actors.telemetry.letter import EVENTS, RESULTS, STATE, Letter
from actors.telemetry.messages.percept import Size
from bus.messages import Box, Health, Model, Post, Result

SCHEMA = "retinue/1"

# What is taken over from the bus as it is; docs/protocol.md says what each means.
RESULT = (
    "camera",
    "inference",
    "captured_utc_ns",
    "captured_ns",
    "model",
    "version",
    "family",
    "device",
    "status",
    "spent_ms",
)
COUNTS = (
    "camera",
    "inference",
    "from_utc_ns",
    "to_utc_ns",
    "model",
    "version",
    "family",
    "device",
    "results",
    "degraded",
)
HEALTH = (
    "actor",
    "stage",
    "state",
    "detail",
    "model",
    "device",
    "restarts",
    "uptime_s",
    "fps",
    "latency_ms_p50",
    "latency_ms_p99",
    "dropped",
    "malformed",
    "rss_bytes",
)
MODEL = (
    "inference",
    "phase",
    "source",
    "reason",
    "ended_utc_ns",
    "generation",
    "model",
    "version",
    "digest",
    "previous",
    "on_probation",
    "reverted",
    "reverted_reason",
)
POST = (
    "inference",
    "post",
    "phase",
    "detail",
    "generation",
    "model",
    "version",
    "digest",
    "device",
    "agreement",
    "latency_ms",
)


def result(seen: Result, size: Size | None, now_utc_ns: int) -> Letter:
    """What a model saw in one frame; `size` of that frame in pixels, where it is known."""
    pixels = {"width": size.width, "height": size.height} if size else {}
    boxes = [_box(box) for box in seen.boxes]
    fields = {**_taken(seen, RESULT), "frame": seen.frame_seq, **pixels, "boxes": boxes}
    return _letter("result", f"results/{seen.camera}/{seen.inference}", RESULTS, fields, now_utc_ns)


def counts(counted: Counts, now_utc_ns: int) -> Letter:
    """How many of each label there were over an interval."""
    labels = [
        {"label": label, "min": each.least, "max": each.most, "mean": each.mean, "last": each.last}
        for label, each in counted.labels.items()
    ]
    fields = {**_taken(counted, COUNTS), "labels": labels}
    return _letter(
        "counts", f"counts/{counted.camera}/{counted.inference}", STATE, fields, now_utc_ns
    )


def news(said: News, now_utc_ns: int) -> Letter:
    """Whatever changed."""
    match said.now:
        case Health() as now:
            before = said.before if isinstance(said.before, Health) else None
            return health(now, before, now_utc_ns)
        case Model() as now:
            return model(now, now_utc_ns)
        case Post() as now:
            return post(now, now_utc_ns)


def health(now: Health, before: Health | None, now_utc_ns: int) -> Letter:
    """An actor's new state. That it fails, and that it no longer does, are events."""
    failing = "degraded" in {now.state, before.state if before else ""}
    fields = _taken(now, HEALTH)
    return _letter(
        "health", f"health/{now.actor}", EVENTS if failing else STATE, fields, now_utc_ns
    )


def silent(last: Health, now_utc_ns: int) -> Letter:
    """An actor that has said nothing for longer than it may; with what it said last."""
    fields = {**_taken(last, HEALTH), "state": "silent"}
    return _letter("health", f"health/{last.actor}", EVENTS, fields, now_utc_ns)


def model(now: Model, now_utc_ns: int) -> Letter:
    """What is installed for an entry; a refusal and a version put back are events."""
    bad = now.phase == "refused" or now.reverted
    fields = _taken(now, MODEL)
    return _letter("model", f"models/{now.inference}", EVENTS if bad else STATE, fields, now_utc_ns)


def post(now: Post, now_utc_ns: int) -> Letter:
    """Where one of an entry's two processes stands; that it could not take over is an event."""
    priority = EVENTS if now.phase == "failed" else STATE
    fields = _taken(now, POST)
    return _letter("post", f"posts/{now.inference}/{now.post}", priority, fields, now_utc_ns)


def budget(notice: Notice, now_utc_ns: int) -> Letter:
    """A day's messages are nearly or wholly used up, or a day ended on which some were refused."""
    return _letter("budget", "budget", EVENTS, notice._asdict(), now_utc_ns)


def _letter(
    kind: str, topic: str, priority: int, fields: Mapping[str, Any], now_utc_ns: int
) -> Letter:
    body = {"schema": SCHEMA, "kind": kind, "at_utc_ns": now_utc_ns, **fields}
    return Letter(topic, priority, msgspec.json.encode(body), SCHEMA, created_utc_ns=now_utc_ns)


def _taken(message: Struct, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(message, name) for name in names}


def _box(box: Box) -> dict[str, str | float]:
    """Within 0..1, as the schema promises, whoever published it."""
    corners = {name: round(_within(getattr(box, name)), 5) for name in ("x0", "y0", "x1", "y1")}
    return {"label": box.label, "score": round(_within(box.score), 4), **corners}


def _within(fraction: float) -> float:
    return min(max(0.0, fraction), 1.0)  # 0.0 first: what is not a number becomes 0
