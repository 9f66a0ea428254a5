"""The direct method `status`: the device at a glance, for people and for scripts."""

import platform
from socket import gethostname
from typing import Any, NamedTuple

from msgspec.structs import asdict

from actors.address import masked
from actors.clock import monotonic_ns, utc_ns
from actors.config import Camera, Config, Inference
from actors.process import everyone
from actors.settings import Settings
from actors.telemetry.cloud.addresses import addresses, versions
from actors.telemetry.cloud.answers import MOST_BYTES, Answer, done, size_bytes
from actors.telemetry.cloud.moment import iso
from actors.telemetry.cloud.seen import Seen
from actors.telemetry.cloud.storage import Used, used
from bus.messages import Health, Model, Post

Row = dict[str, Any]

WELL = {"running", "standby", "starting"}
LONGEST = 300, 80, 20  # of a sentence: the next, if the answer of a large device is too long
HEALTH = (
    "fps",
    "latency_ms_p50",
    "latency_ms_p99",
    "restarts",
    "uptime_s",
    "dropped",
    "rss_bytes",
    "model",
    "device",
)
MODEL = (
    "phase",
    "source",
    "doing",
    "done_bytes",
    "total_bytes",
    "reason",
    "model",
    "version",
    "digest",
    "previous",
    "on_probation",
    "reverted",
    "reverted_reason",
)
SENTENCES = {"detail", "doing", "reason", "reverted_reason", "source"}
POST = ("phase", "generation", "model", "version", "device", "detail", "latency_ms")


class Now(NamedTuple):
    """What everybody said until now: the loop goes on hearing."""

    seen: Seen
    at_ns: int
    longest: int  # of a sentence of theirs


def status(config: Config, settings: Settings, seen: Seen) -> Answer:
    copy, now_ns = _copied(seen), monotonic_ns()
    storage = used(config.state)
    for longest in LONGEST:
        now = Now(copy, now_ns, longest)
        answer = _told(config, settings, now, storage)
        if size_bytes(answer) <= MOST_BYTES:
            break
    return answer


def _told(config: Config, settings: Settings, now: Now, storage: Used) -> Answer:
    actors = [_actor(actor, now) for actor in everyone(config)]
    now_utc_ns = utc_ns()
    return done(
        _summary(actors),
        time={"utc": iso(now_utc_ns), "utc_ns": now_utc_ns},
        actors=actors,
        cameras=[_camera(camera, now) for camera in config.camera],
        models=[_model(entry, now) for entry in config.inference],
        streams=addresses(config, settings, gethostname()),
        versions={**versions(config), "system": platform.platform()},
        storage=storage._asdict(),
    )


def _copied(seen: Seen) -> Seen:
    copy = Seen()
    copy.health, copy.models, copy.posts = dict(seen.health), dict(seen.models), dict(seen.posts)
    return copy


def _summary(actors: list[Row]) -> str:
    ill = [actor for actor in actors if actor["state"] not in WELL]
    told = [
        f"{actor['actor']} is {actor['state']}" + (actor["detail"] and f": {actor['detail']}")
        for actor in ill
    ]
    return "; ".join([f"{len(actors) - len(ill)} of {len(actors)} actors are well", *told])[:1000]


def _actor(actor: str, now: Now) -> Row:
    """What it said last; of one that never spoke only that."""
    last = now.seen.health.get(actor)
    row = {
        "actor": actor,
        "state": now.seen.state(actor, now.at_ns),
        "detail": last.detail[: now.longest] if last else "",
    }
    return row | _picked(last, HEALTH, now.longest)


def _camera(camera: Camera, now: Now) -> Row:
    row = _actor(f"camera-{camera.name}", now)
    shown = {"camera": camera.name, "source": camera.address.shown}
    return shown | {key: row[key] for key in ("state", "detail", "fps") if key in row}


def _model(entry: Inference, now: Now) -> Row:
    posts = {post: now.seen.posts.get((entry.name, post)) for post in entry.posts}
    return {
        "inference": entry.name,
        "configured": masked(entry.model),
        **_picked(now.seen.models.get(entry.name), MODEL, now.longest),
        "posts": [
            {"post": post, **_picked(said, POST, now.longest)}
            for post, said in posts.items()
            if said
        ],
    }


def _picked(said: Health | Model | Post | None, keys: tuple[str, ...], longest: int) -> Row:
    """These fields, the sentences among them cut."""
    if said is None:
        return {}
    values = asdict(said)
    return {key: _cut(key, values[key], longest) for key in keys}


def _cut(key: str, value: Any, longest: int) -> Any:
    return value[:longest] if key in SENTENCES else value
