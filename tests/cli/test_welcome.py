"""The first screen: true, and short enough."""

from pathlib import Path

import pytest

from actors.config import DEFAULT_FILE, Camera, Config, Inference, Rtsp, load
from cli.welcome import Spelled, announcement, spelled_here, streams, while_watching
from tests.cli.conftest import ROOT

HERE = Spelled(".venv/bin/retinue", ".venv/bin/python", "examples", "configs/default.toml")
TWO = Config(camera=(Camera("front"), Camera("back")), inference=(Inference("detector"),))


def test_the_first_screen_leaves_room_for_the_first_log_lines() -> None:
    lines = announcement(load(DEFAULT_FILE), DEFAULT_FILE, HERE, {}).splitlines()
    assert len(lines) <= 15
    assert max(map(len, lines)) <= 80


def test_nobody_takes_the_built_in_network_for_a_real_one() -> None:
    words = "knows this drawn street and nothing else"
    assert words in announcement(load(DEFAULT_FILE), DEFAULT_FILE, HERE, {})
    assert words not in announcement(TWO, DEFAULT_FILE, HERE, {})


def test_every_stream_is_announced() -> None:
    said = announcement(TWO, DEFAULT_FILE, HERE, {})
    for stream in ("front/raw", "front/result", "back/raw", "back/result"):
        assert f"  rtsp://127.0.0.1:8554/{stream}\n" in said


def test_an_ipv6_address_stands_in_brackets() -> None:
    [address, _] = streams(Config(rtsp=Rtsp(host="::1")))
    assert address == "rtsp://[::1]:8554/front/result"


def test_another_terminal_is_told_which_device() -> None:
    said = announcement(TWO, Path("/etc/my own.toml"), HERE, {"RETINUE_RUN": "/run/x"})
    assert "export RETINUE_CONFIG='/etc/my own.toml' RETINUE_RUN=/run/x\n" in said
    assert "export" not in announcement(TWO, DEFAULT_FILE, HERE, {})


def test_the_example_is_one_that_has_something_to_say() -> None:
    seeing = Config(inference=(Inference("detector", model="m"),))
    assert "examples/count_people.py" in announcement(seeing, DEFAULT_FILE, HERE, {})
    assert "examples/latency_meter.py" in announcement(TWO, DEFAULT_FILE, HERE, {})
    without = HERE._replace(examples="")
    assert "examples" not in announcement(TWO, DEFAULT_FILE, without, {})
    for name in ("count_people.py", "latency_meter.py"):
        assert (ROOT / "examples" / name).exists()


def test_commands_are_spelled_for_the_folder_one_is_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(ROOT)
    assert spelled_here().examples == "examples"
    assert spelled_here().defaults == "configs/default.toml"
    monkeypatch.chdir(tmp_path)
    assert spelled_here().examples == f"{ROOT}/examples"


def test_the_live_view_names_a_process_that_may_be_killed() -> None:
    holders = {"camera-front": 5, "inference-detector": 0, "overlay": 7}
    lines = while_watching(TWO, holders, HERE)
    assert any("kill -9 7 " in line and "overlay" in line for line in lines)
    assert not any("kill" in line for line in while_watching(TWO, {"overlay": 0}, HERE))
