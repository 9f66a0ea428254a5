"""What makes Home Assistant show a camera's results by itself: MQTT discovery (pure).

For each label of a view there is an occupancy (a binary sensor) and a count (a sensor), and both
for all labels together. They read the letters that are sent anyway.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Literal

import msgspec
from msgspec import Struct

from actors.telemetry.sinks.broker import Broker

ALLOWED = re.compile(r"[^a-zA-Z0-9_-]")  # in the topics of discovery
# What there is of a label in a letter's body, as a Jinja expression, by kind of letter
LISTS = {"result": "boxes", "percept": "NEURAL_NETWORK", "counts": "labels"}
TOPICS = {"result": "results", "percept": "results", "counts": "counts"}


Kind = Literal["result", "percept", "counts"]


class View(Struct, frozen=True):
    """An inference entry on a camera, as it is sent: each result, in which schema, or counts."""

    camera: str
    inference: str
    kind: Kind = "result"
    labels: tuple[str, ...] = ()
    silent_s: int = 0  # after which a value counts as unknown; 0: never


def discovery(
    broker: Broker, views: Iterable[View], version: str, prefix: str = "homeassistant"
) -> dict[str, bytes]:
    """Bodies by topic, to be retained. `version` is ours."""
    about = {
        "availability_topic": broker.status_topic,
        "payload_available": "online",
        "payload_not_available": "offline",
        "origin": {"name": "Retinue", "sw_version": version},
    }
    found = {}
    for view in views:
        device = {
            "identifiers": [f"{broker.client_id}_{view.camera}"],
            "name": f"{broker.client_id} {view.camera}",
            "manufacturer": "Retinue",
            "sw_version": version,
        }
        for label in ("", *view.labels):
            name = _slug(f"{broker.client_id}_{view.camera}_{view.inference}_{label or 'all'}")
            common = {**about, "device": device, **_read(broker, view)}
            said = f"{view.inference} {label}".strip()
            found[f"{prefix}/binary_sensor/{name}/config"] = msgspec.json.encode(
                {**common, **_occupancy(broker, view, label), "name": f"{said} occupancy"}
                | {"unique_id": f"{name}_occupancy"}
            )
            found[f"{prefix}/sensor/{name}/config"] = msgspec.json.encode(
                {**common, **_count(broker, view, label), "name": f"{said} count"}
                | {"unique_id": f"{name}_count"}
            )
    return found


def _read(broker: Broker, view: View) -> dict[str, str | int]:
    topic = f"{broker.prefix}/{TOPICS[view.kind]}/{view.camera}/{view.inference}"
    return {"state_topic": topic, **({"expire_after": view.silent_s} if view.silent_s else {})}


def _occupancy(broker: Broker, view: View, label: str) -> dict[str, str]:
    number = _number(broker, view, label)
    return {
        "device_class": "occupancy",
        "value_template": f"{{{{ 'ON' if ({number}) > 0 else 'OFF' }}}}",
    }


def _count(broker: Broker, view: View, label: str) -> dict[str, str]:
    return {
        "state_class": "measurement",
        "value_template": f"{{{{ {_number(broker, view, label)} }}}}",
    }


def _number(broker: Broker, view: View, label: str) -> str:
    """Jinja that makes a number of a letter."""
    body = "value_json" if broker.version == "5" else "value_json.body"
    found = f"{body}.{LISTS[view.kind]}"
    if label:
        found += f" | selectattr('label', 'eq', {json.dumps(label)})"
    if view.kind == "counts":
        return f"{found} | map(attribute='last') | sum"
    return f"{found} | list | count"


def _slug(name: str) -> str:
    """Unlike names stay unlike."""
    slug = ALLOWED.sub("_", name)
    return slug if slug == name else f"{slug}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"
