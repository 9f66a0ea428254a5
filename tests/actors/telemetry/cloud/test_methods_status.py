"""The device at a glance, as its actors said, and short enough for a hub."""

import json
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from actors.clock import monotonic_ns
from actors.config import Camera, Config, Inference
from actors.process import everyone
from actors.telemetry.cloud.answers import MOST_BYTES
from bus.messages import Health, Model, Post, State
from tests.actors.telemetry.cloud.caller import Caller, calling


def says(actor: str, state: State = "running", detail: str = "") -> Health:
    return Health(
        actor=actor,
        stage=actor.partition("-")[0],
        pid=7,
        state=state,
        detail=detail,
        fps=24.5,
        restarts=2,
        uptime_s=60.5,
        latency_ms_p50=8.5,
        published_ns=monotonic_ns(),
    )


def of(rows: list[dict[str, Any]], key: str, value: str) -> dict[str, Any]:
    return next(row for row in rows if row[key] == value)


def test_it_tells_what_each_actor_said_and_who_is_silent(caller: Caller) -> None:
    for actor in everyone(caller.config):
        caller.seen.hear(says(actor))
    caller.seen.hear(says("camera-back", "degraded", "connection refused"))
    caller.seen.hear(replace(says("rtsp"), published_ns=1, due_ms=1))
    del caller.seen.health["overlay"]
    said = caller.result("status")
    many = len(everyone(caller.config))
    assert said["result"] == (
        f"{many - 3} of {many} actors are well; camera-back is degraded: connection refused; "
        "overlay is away; rtsp is silent"
    )
    front = of(said["actors"], "actor", "camera-front")
    assert (front["state"], front["fps"], front["restarts"], front["uptime_s"]) == (
        "running",
        24.5,
        2,
        60.5,
    )
    assert of(said["actors"], "actor", "overlay") == {
        "actor": "overlay",
        "state": "away",
        "detail": "",
    }
    back = of(said["cameras"], "camera", "back")
    assert (back["state"], back["source"]) == ("degraded", "rtsp://***@192.0.2.7/live")
    assert "hunter2" not in json.dumps(said)
    assert said["versions"]["retinue"]
    assert said["time"]["utc"].endswith("Z")


def test_it_tells_of_models_and_their_processes(caller: Caller) -> None:
    caller.seen.hear(
        Model(inference="eye", phase="refused", source="https://***@h/m.zip", reason="too large")
    )
    caller.seen.hear(Post(inference="eye", post="a", phase="serving", model="street", version="1"))
    eye, ear = caller.result("status")["models"]
    assert (eye["configured"], eye["phase"], eye["reason"]) == (
        "builtin:street",
        "refused",
        "too large",
    )
    [post] = eye["posts"]
    assert (post["post"], post["phase"], post["model"]) == ("a", "serving", "street")
    assert ear == {"inference": "ear", "configured": "", "posts": []}


def test_it_tells_of_streams_that_are_on_and_of_the_disk(caller: Caller, tmp_path: Path) -> None:
    folder = tmp_path / "images" / "front"
    folder.mkdir(parents=True)
    for name in ("a.jpg", "b.jpg", "b.json", ".c.jpg.new"):
        (folder / name).write_bytes(b"12345")
    (tmp_path / "telemetry").mkdir()
    (tmp_path / "telemetry" / "outbox.db").write_bytes(b"123")
    caller.settings.change({"raw_stream": False})
    said = caller.result("status")
    assert list(said["streams"]["back"]) == ["result"]
    storage = said["storage"]
    assert storage["state_free_bytes"] > 0
    assert (storage["images"], storage["images_bytes"], storage["outbox_bytes"]) == (2, 10, 3)


def test_a_large_device_in_trouble_still_fits(config: Config) -> None:
    large = replace(
        config,
        camera=tuple(Camera(f"camera-{number}") for number in range(40)),
        inference=tuple(Inference(f"entry-{number}") for number in range(20)),
    )
    with calling(large) as caller:
        for actor in everyone(large):
            caller.seen.hear(says(actor, "degraded", "ä" * 300))
        said = caller.result("status")
        assert len(json.dumps(said)) < MOST_BYTES
        assert [actor["detail"] for actor in said["actors"]] == ["ä" * 80] * len(everyone(large))
