"""The reported properties: all that is true of the device, as one document (pure).

Each desired property with the value that is in force, what became of the wish, and why; each
inference entry's model; each actor's health; addresses; versions. Nothing in it changes by itself
from second to second.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from actors.config import Config, Inference
from actors.process import everyone
from actors.settings import Settings
from actors.store.wish import Wish
from actors.telemetry.cloud.bounds import bounded
from actors.telemetry.cloud.desired import Told
from actors.telemetry.cloud.in_force import Value, of_settings, of_wish, shown_all
from actors.telemetry.cloud.properties import MODELS
from actors.telemetry.cloud.seen import Seen
from actors.telemetry.cloud.twin import Outcome
from bus.messages import Model, Post

Tree = dict[str, Any]

WISHED = "_desired"  # no entry's name begins so
ENDED = {"refused", "waiting"}
QUARTER = 25


class Device(NamedTuple):
    """What the report tells of besides what is desired and seen."""

    config: Config
    settings: Settings
    addresses: Mapping[str, Mapping[str, str]]
    versions: Mapping[str, str]


def truth(device: Device, told: Told, seen: Seen, now_ns: int) -> Tree:
    """Within the bounds of a twin."""
    return bounded(
        {
            **_properties(device, told),
            MODELS: _models(device.config, told, seen),
            "health": dict(_health(device.config, seen, now_ns)),
            "addresses": {name: dict(urls) for name, urls in device.addresses.items()},
            "versions": dict(device.versions),
        }
    )


def _properties(device: Device, told: Told) -> Tree:
    entries = device.config.inference
    wish = told.wishes.get(entries[0].name, Wish()) if entries else Wish()
    values = of_settings(device.config, device.settings) | of_wish(wish)
    wanted = shown_all(told.accepted)
    if "LogLevel" in wanted or not wanted.get("Logging"):
        wanted.pop("Logging", None)  # it does not decide then
    if entries:
        place = f"{MODELS}.{entries[0].name}."
        wanted |= {name: wanted[place + name] for name in values if place + name in wanted}
    outcomes = told.outcomes
    return {
        name: _told(value, outcomes.get(name), wanted.get(name)) for name, value in values.items()
    }


def _told(value: Value, outcome: Outcome | None, wanted: Value | None) -> Tree:
    """`wanted` is the value that was last accepted, None for the default."""
    outcome = outcome or Outcome("default")
    description = outcome.description
    if outcome.status == "applied" and wanted is not None and wanted != value:
        description = f"was {wanted}, and was changed since from elsewhere than the twin"
    return {
        "value": value,
        "status": outcome.status,
        "version": outcome.version,
        "description": description,
    }


def _models(config: Config, told: Told, seen: Seen) -> Tree:
    by_entry = {entry.name: _model(entry, seen) for entry in config.inference}
    wanted, asked = shown_all(told.accepted), set()
    for name, outcome in told.outcomes.items():
        _, _, path = name.partition(f"{MODELS}.")
        entry, _, key = path.partition(".")
        if entry in by_entry:
            value = of_wish(told.wishes.get(entry, Wish()))[key]
            by_entry[entry].setdefault(WISHED, {})[key] = _told(value, outcome, wanted.get(name))
            asked |= {entry} if name in told.accepted else set()
    return {WISHED: _told(", ".join(sorted(asked)), told.outcomes.get(MODELS), None), **by_entry}


def _model(entry: Inference, seen: Seen) -> Tree:
    counts = seen.models.get(entry.name)
    heard = {post: seen.posts.get((entry.name, post)) for post in entry.posts}
    posts = {name: post for name, post in heard.items() if post}
    serving = next((post for post in posts.values() if post.phase == "serving"), None)
    said: Tree = {"state": counts.phase if counts else "away"}
    if serving:
        said |= _version(serving) | {"device": serving.device}
    if counts and counts.model and counts.digest != (serving.digest if serving else ""):
        said["next"] = _version(counts)
    if counts and counts.phase not in {"idle", "active"}:
        said |= {"source": counts.source, "progress": _progress(counts)}
    if counts and counts.on_probation:
        said["on_probation"] = True
    said["error"] = "; ".join(_errors(counts, posts))
    said["posts"] = {name: post.phase for name, post in posts.items()}
    return {key: value for key, value in said.items() if value not in ("", {})}


def _version(of: Post | Model) -> Tree:
    return {"name": of.model, "version": of.version, "digest": of.digest}


def _progress(model: Model) -> str:
    if model.phase != "fetching" or not model.total_bytes:
        return ""
    return f"{model.done_bytes * 100 // model.total_bytes // QUARTER * QUARTER} %"


def _errors(model: Model | None, posts: Mapping[str, Post]) -> Iterator[str]:
    if model and model.phase in ENDED and model.reason:
        yield model.reason
    if model and model.reverted:
        yield f"version {model.reverted[:8]} was put back: {model.reverted_reason}"
    for name, post in posts.items():
        if post.phase == "failed":
            yield f"process {name}: {post.detail}"


def _health(config: Config, seen: Seen, now_ns: int) -> Iterator[tuple[str, Tree]]:
    for actor in everyone(config):
        last = seen.health.get(actor)
        said = {"state": seen.state(actor, now_ns)}
        if last and last.detail:
            said["detail"] = last.detail
        yield actor, said
