"""What comes from the cloud is done, kept and reported; what is not understood is said."""

import logging
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from actors.config import Config, Inference
from actors.settings import Settings, SettingsFile
from actors.store.wish import Wish
from actors.telemetry.cloud.desk import Desk
from actors.telemetry.cloud.exchange import Call, Exchange, Note, Patch, Reply, Report, Said, Twin
from actors.telemetry.cloud.onvif import INPUT
from actors.telemetry.cloud.seen import Seen
from tests.actors.telemetry.messages.test_retinue1 import HEALTH

SECOND_NS = 1_000_000_000


class Room:
    """A desk with its exchange, in a state directory of its own."""

    def __init__(self, state: Path) -> None:
        self.state, self.now_ns = state, 100 * SECOND_NS
        entry = Inference("eye", model="builtin:street")
        config = Config(state_dir=str(state), run_dir=str(state / "run"), inference=(entry,))
        self.settings, self.exchange = SettingsFile(state), Exchange(lambda: None)
        self.desk = Desk(config, self.settings, self.exchange, lambda: "yard.example")

    def ask(self, *asked: Twin | Patch | Call | Note) -> list[Said]:
        """What is said a second later."""
        for each in asked:
            self.exchange.ask(each)
        self.desk.turn(self.now_ns)
        self.now_ns += 2 * SECOND_NS
        self.desk.look(self.now_ns)
        return self.exchange.said()

    def wish(self) -> Wish:
        return msgspec.json.decode(
            (self.state / "models" / "wishes" / "eye.json").read_bytes(), type=Wish
        )


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    room = Room(tmp_path)
    with closing(room.desk):
        yield room


def report(said: list[Said]) -> dict[str, Any]:
    (patch,) = [dict(each.patch) for each in said if isinstance(each, Report)]
    return patch


def test_nothing_is_reported_before_there_is_a_twin(room: Room) -> None:
    room.desk.hear(HEALTH)
    assert room.ask() == []


def test_a_twin_is_kept_and_all_that_is_true_is_reported(room: Room) -> None:
    room.desk.hear(HEALTH)
    told = report(room.ask(Twin({"StreamFPS": 5, "Running": True, "$version": 4}, {})))
    assert room.settings.look() == Settings(stream_fps=5)
    assert told["StreamFPS"] == {
        "value": 5, "status": "applied", "version": 4, "description": "",
    }  # fmt: skip
    assert told["TelemetryIntervalNeuralNetworkMs"]["value"] == 1000.0
    assert "Running" not in told
    assert told["health"]["camera-front"]["state"] in {"running", "silent"}
    assert {"retinue", "openvino", "python"} <= told["versions"].keys()


def test_a_patch_changes_what_it_names_and_only_that_is_reported(room: Room) -> None:
    room.ask(Twin({"StreamFPS": 5, "$version": 4}, {}))
    told = report(room.ask(Patch({"StreamFPS": "fast", "TimeAlignRTSP": False, "$version": 5})))
    assert room.settings.look() == Settings(stream_fps=5, align=False)
    assert told["StreamFPS"]["status"] == "refused"
    assert "'fast'" in told["StreamFPS"]["description"]
    assert told["TimeAlignRTSP"]["value"] is False
    assert told.keys() == {"StreamFPS", "TimeAlignRTSP"}


def test_a_model_is_wished_for_and_its_token_is_in_no_report(room: Room) -> None:
    url = "https://store.example/m.zip?sig=s3cr3t"
    said = room.ask(Twin({"ModelZipUrl": url, "$version": 2}, {}))
    assert room.wish().zip_url == url
    assert "s3cr3t" not in repr(said)
    assert report(said)["ModelZipUrl"]["status"] == "applied"


def test_what_the_hub_has_already_is_not_reported_again(room: Room) -> None:
    first = report(room.ask(Twin({"$version": 1}, {})))
    assert room.ask(Twin({"$version": 1}, first)) == []


def test_figures_of_health_are_no_news_and_a_state_is() -> None:
    seen = Seen()
    assert seen.hear(HEALTH)
    assert not seen.hear(replace(HEALTH, fps=HEALTH.fps + 1, rss_bytes=1, uptime_s=1e6))
    assert seen.hear(replace(HEALTH, detail="another"))


def test_what_changed_elsewhere_is_reported_a_moment_later(room: Room) -> None:
    room.ask(Twin({"$version": 1}, {}))
    room.settings.change({"stream_fps": 9})
    assert report(room.ask())["StreamFPS"]["value"] == 9


def test_who_falls_silent_is_reported_though_nobody_tells(room: Room) -> None:
    room.desk.hear(replace(HEALTH, published_ns=room.now_ns))
    room.ask(Twin({"$version": 1}, {}))
    room.now_ns += 30 * SECOND_NS
    assert report(room.ask())["health"]["camera-front"]["state"] == "silent"


def test_a_method_is_answered(room: Room) -> None:
    (reply,) = room.ask(Call("1", "noSuch", None))
    assert isinstance(reply, Reply)
    assert (reply.id, reply.status) == ("1", 404)


def test_onvif_changes_rate_and_size(room: Room) -> None:
    room.ask(Note(INPUT, b'{"-fps": "7", "-s": "720p"}'))
    assert room.settings.look() == Settings(stream_fps=7, stream_resolution="720p")


@pytest.mark.parametrize(
    ("note", "says"),
    [
        (Note(INPUT, b'{"-fps": "many"}'), "-fps"),
        (Note(INPUT, b"\xff"), "wants a JSON object"),
        (Note("other", b"{}"), "input 'other'"),
    ],
)
def test_notes_that_cannot_be_done_are_said(
    room: Room, caplog: pytest.LogCaptureFixture, note: Note, says: str
) -> None:
    with caplog.at_level(logging.WARNING):
        room.ask(note)
    assert says in caplog.text
    assert room.settings.look() == Settings()
