"""What is reported, and that it fits into a twin."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from actors.config import Camera, Config, Inference
from actors.process import everyone
from actors.settings import Settings, SettingsFile
from actors.store.wishes import Wishes
from actors.telemetry.cloud.addresses import addresses
from actors.telemetry.cloud.bounds import LARGEST_BYTES, bounded, size_bytes
from actors.telemetry.cloud.desired import Told
from actors.telemetry.cloud.properties import MODEL, SETTINGS
from actors.telemetry.cloud.reported import Device, truth
from actors.telemetry.cloud.seen import Seen
from actors.telemetry.cloud.twin import LARGEST, Outcome
from bus.messages import Health, Model, ModelPhase, Post
from tests.actors.telemetry.cloud.documents import SECRET, Document
from tests.actors.telemetry.cloud.rig import CONFIG, desired_in, device, take

SECOND_NS = 1_000_000_000
DIGEST, OLDER = "ab" * 32, "cd" * 32
HUB_BYTES = 32 * 1024


def report(state: Path, *documents: Document, seen: Seen | None = None) -> dict[str, Any]:
    desired = desired_in(state)
    take(desired, *documents)
    return truth(device(state), desired.told(), seen or Seen(), SECOND_NS)


def heard(*said: Health | Model | Post) -> Seen:
    seen = Seen()
    for one in said:
        seen.hear(one)
    return seen


def model(phase: ModelPhase, **more: Any) -> Model:
    return Model(inference="street", phase=phase, **more)


SERVING = Post(
    inference="street",
    post="a",
    phase="serving",
    model="street",
    version="3",
    digest=OLDER,
    device="NPU",
)


def test_what_nobody_asked_for_is_as_the_configuration_says(tmp_path: Path) -> None:
    found = report(tmp_path)
    for name in (*SETTINGS, *MODEL):
        assert {**found[name], "value": None} == {
            "value": None,
            "status": "default",
            "version": 0,
            "description": "",
        }
    values = {name: found[name]["value"] for name in (*SETTINGS, *MODEL)}
    assert values == {
        "LogLevel": "info",
        "Logging": False,
        "RetrainingDataCollectionEnabled": False,
        "RetrainingDataCollectionInterval": 60,
        "TelemetryIntervalNeuralNetworkMs": 1000,
        "RawStream": True,
        "ResultStream": True,
        "H264Stream": True,
        "StreamFPS": 240,
        "StreamResolution": "native",
        "TimeAlignRTSP": True,
        "model": "",
        "sha256": "",
        "number": 0,
        "ModelZipUrl": "",
        "SecureAILifecycleEnabled": False,
        "SCZ_MODEL_NAME": "",
        "SCZ_MODEL_VERSION": "",
        "SCZ_MM_SERVER_URL": "",
        "DownloadSecuredModelFromMMServer": True,
    }


def test_what_is_in_force_is_told_when_the_wish_was_refused(tmp_path: Path) -> None:
    found = report(tmp_path, Document(is_patch=False, desired={"$version": 4, "StreamFPS": 0}))
    assert found["StreamFPS"] == {
        "value": 240,
        "status": "refused",
        "version": 4,
        "description": "wants a whole number from 1 to 240, not 0; it stays as it was",
    }


def test_what_was_changed_from_elsewhere_is_told(tmp_path: Path) -> None:
    desired = {"$version": 4, "StreamFPS": 10, "Logging": True, "LogLevel": "error", "model": "a@1"}
    report(tmp_path, Document(is_patch=False, desired=desired))
    SettingsFile(tmp_path).change({"stream_fps": 15})
    Wishes(tmp_path).change("street", {"model": "b@1"})
    found = report(tmp_path)
    assert found["StreamFPS"]["value"] == 15
    assert found["StreamFPS"]["status"] == "applied"
    said = "was 10, and was changed since from elsewhere than the twin"
    assert found["StreamFPS"]["description"] == said
    assert (found["model"]["value"], found["model"]["description"]) == (
        "b@1",
        said.replace("10", "a@1"),
    )
    assert (found["Logging"]["value"], found["Logging"]["description"]) == (False, "")
    assert found["LogLevel"]["value"] == "error"


def test_a_refusal_is_told_even_where_something_else_was_changed_since(tmp_path: Path) -> None:
    report(tmp_path, Document(is_patch=False, desired={"$version": 4, "StreamFPS": 10}))
    SettingsFile(tmp_path).change({"stream_fps": 15})
    found = report(tmp_path, Document(is_patch=True, desired={"$version": 5, "StreamFPS": 999}))
    assert found["StreamFPS"]["value"] == 15
    assert found["StreamFPS"]["description"].endswith("not 999; it stays as it was")


def test_models_as_a_property_names_the_entries_it_has_wishes_for(tmp_path: Path) -> None:
    models = {"street": {"model": 7}, "people": {"model": "a@1"}, "cellar": {}}
    desired = {"$version": 4, "models": models}
    found = report(tmp_path, Document(is_patch=False, desired=desired))["models"]
    assert found["_desired"] == {
        "value": "people",
        "status": "refused",
        "version": 4,
        "description": "'cellar': no such inference entry; there are street, people",
    }
    assert found["street"]["_desired"]["model"]["status"] == "refused"


def test_a_model_for_one_entry_is_no_change_from_elsewhere(tmp_path: Path) -> None:
    desired = {"$version": 4, "model": "all@1", "models": {"street": {"model": "own@1"}}}
    found = report(tmp_path, Document(is_patch=False, desired=desired))
    assert (found["model"]["value"], found["model"]["description"]) == ("own@1", "")


def test_addresses_show_no_token(tmp_path: Path) -> None:
    desired = {
        "ModelZipUrl": f"https://blob.example/m.zip?sig={SECRET}",
        "SCZ_MM_SERVER_URL": f"https://u:{SECRET}@scz.example",
        "models": {"people": {"model": f"https://h/m?{SECRET}"}},
    }
    found = report(tmp_path, Document(is_patch=False, desired=desired))
    assert found["ModelZipUrl"]["value"] == "https://blob.example/m.zip?***"
    assert found["SCZ_MM_SERVER_URL"]["value"] == "https://***@scz.example"
    assert found["models"]["people"]["_desired"]["model"]["value"] == "https://h/m?***"
    assert SECRET not in json.dumps(found)


def test_a_number_that_a_twin_cannot_hold_is_text(tmp_path: Path) -> None:
    Wishes(tmp_path).change("street", {"number": LARGEST + 1})
    assert report(tmp_path)["number"]["value"] == str(LARGEST + 1)


def test_a_model_that_serves(tmp_path: Path) -> None:
    said = {"model": "street", "version": "3", "digest": OLDER, "source": "https://h/m.zip"}
    seen = heard(model("active", **said), SERVING)
    assert report(tmp_path, seen=seen)["models"]["street"] == {
        "state": "active",
        "name": "street",
        "version": "3",
        "digest": OLDER,
        "device": "NPU",
        "posts": {"a": "serving"},
    }
    assert report(tmp_path, seen=seen)["models"]["people"] == {"state": "away"}


def test_a_model_on_its_way(tmp_path: Path) -> None:
    def told(done_bytes: int) -> Any:
        coming = model("fetching", source="https://h/***", done_bytes=done_bytes, total_bytes=1000)
        return report(tmp_path, seen=heard(coming, SERVING))["models"]["street"]

    assert (told(10)["state"], told(10)["progress"], told(10)["version"]) == (
        "fetching",
        "0 %",
        "3",
    )
    assert told(10) == told(249)
    assert told(999)["progress"] == "75 %"


def test_what_counts_and_does_not_serve_yet_is_next(tmp_path: Path) -> None:
    seen = heard(
        model("active", model="street", version="4", digest=DIGEST, on_probation=True), SERVING
    )
    found = report(tmp_path, seen=seen)["models"]["street"]
    assert found["next"] == {"name": "street", "version": "4", "digest": DIGEST}
    assert found["on_probation"] is True
    assert found["version"] == "3"


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (model("refused", reason="too slow"), "too slow"),
        (model("active", reason="long ago"), None),
        (
            model("idle", reverted=DIGEST, reverted_reason="it crashed"),
            "version abababab was put back: it crashed",
        ),
        (Post(inference="street", post="b", phase="failed", detail="no GPU"), "process b: no GPU"),
    ],
)
def test_what_is_wrong_with_a_model(tmp_path: Path, said: Model | Post, error: str | None) -> None:
    assert report(tmp_path, seen=heard(said))["models"]["street"].get("error") == error


def test_health_is_of_everybody_and_stands_still_from_second_to_second(tmp_path: Path) -> None:
    def beat(uptime_s: float) -> dict[str, Any]:
        said = Health(
            actor="camera-front",
            stage="camera",
            pid=7,
            state="degraded",
            detail="connection refused",
            published_ns=round(uptime_s * SECOND_NS),
            uptime_s=uptime_s,
            fps=uptime_s,
            latency_ms_p50=uptime_s,
            rss_bytes=round(uptime_s),
        )
        now_ns = round(uptime_s * SECOND_NS)
        return truth(device(tmp_path), desired_in(tmp_path).told(), heard(said), now_ns)

    assert beat(1) == beat(2)
    assert beat(1)["health"].keys() == set(everyone(CONFIG))
    assert beat(1)["health"]["camera-front"] == {
        "state": "degraded",
        "detail": "connection refused",
    }
    assert beat(1)["health"]["rtsp"] == {"state": "away"}


def crowd(cameras: int, entries: int, detail: str) -> dict[str, Any]:
    config = Config(
        camera=tuple(Camera(f"camera-number-{at}") for at in range(cameras)),
        inference=tuple(Inference(f"entry-number-{at}") for at in range(entries)),
    )
    seen = heard(
        *(
            Health(actor=actor, stage="camera", pid=1, state="degraded", detail=detail)
            for actor in everyone(config)[1:]
        ),
        *(Model(inference=e.name, phase="refused", reason=detail) for e in config.inference),
    )
    told = Told({"StreamFPS": Outcome("refused", 1, detail)}, {}, {})
    everywhere = addresses(config, Settings(), "eye")
    return truth(Device(config, Settings(), everywhere, {"retinue": "1"}), told, seen, 0)


def leaves(tree: dict[str, Any], depth: int = 1) -> Iterator[tuple[int, str, Any]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield depth, key, ""
            yield from leaves(value, depth + 1)
        else:
            yield depth, key, value


@pytest.mark.parametrize(
    ("cameras", "entries", "detail"),
    [
        (1, 1, "x" * 9999),
        (8, 8, "é" * 700),
        (60, 3, "long " * 40),
        (500, 0, ""),
        (2, 500, "\x00\x85" * 99),
    ],
)
def test_a_report_fits_into_a_twin(cameras: int, entries: int, detail: str) -> None:
    found = crowd(cameras, entries, detail)
    assert len(json.dumps(found, ensure_ascii=False).encode()) <= size_bytes(found) <= HUB_BYTES
    for depth, key, value in leaves(found):
        assert depth <= 10
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", key)
        assert value is not None
        if isinstance(value, str):
            assert len(value.encode()) <= 4096
            assert value.isprintable() or not value
    assert SETTINGS.keys() | MODEL.keys() <= found.keys()


def test_one_long_text_ends_in_a_sign_that_it_was_cut() -> None:
    cut = bounded({"health": {"rtsp": {"detail": "é" * 3000}}})
    assert cut == {"health": {"rtsp": {"detail": "é" * 1998 + "…"}}}


def test_what_was_cut_is_said_and_details_go_first() -> None:
    assert "cut" not in crowd(4, 2, "the camera does not answer; look at its cable")
    many = crowd(30, 2, "the camera does not answer " * 40)
    assert many["cut"] == "texts end after 400 bytes"
    assert many["health"]["camera-camera-number-29"]["detail"].endswith("…")
    more = crowd(300, 2, "the camera does not answer")
    assert re.search(
        r"^texts end after 100 bytes; \d+ of (health|addresses) are left out", more["cut"]
    )
    assert more["addresses"]["_percept"]


def test_the_troubled_are_kept_when_not_all_fit() -> None:
    health = {f"a{at}": {"state": "running", "detail": "x" * 90} for at in range(600)}
    health["z"] = {"state": "degraded", "detail": "why"}
    cut = bounded({"health": health, "models": {}, "addresses": {}})
    assert "z" in cut["health"]
    assert size_bytes(cut) < LARGEST_BYTES + 200
