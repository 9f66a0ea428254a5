"""Commands against a device of one scripted publisher, or none."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from actors.config import Camera, Config, Frames, Inference
from actors.tenancy import claim
from bus.messages import Health
from cli.check import missing
from cli.listener import prefix_of
from cli.memory import pools_bytes
from cli.refusal import NO_MEMORY, Refused
from cli.rows import row_of
from cli.snapshot import save, topic_of
from cli.tail import line
from cli.up import check_memory, environment, stdout_opens
from tests.cli.conftest import ROOT, Retinue
from tests.publisher import BOXES, LUMA, SIZE, publishing

TWO = Config(camera=(Camera("front"), Camera("back")), inference=(Inference("detector"),))


def test_a_bad_configuration_is_one_line_and_78(retinue: Retinue, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("[rtsp]\nport = 0\n")
    for command in ("up", "check", "ps", "doctor"):
        done = retinue(command, "-c", "bad.toml")
        assert done.returncode == os.EX_CONFIG
        assert done.stdout == ""
        [said] = done.stderr.splitlines()
        assert "bad.toml: rtsp.port = 0: Expected `int` >= 1" in said


def test_nothing_is_made_for_a_bad_configuration(
    retinue: Retinue, run_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "bad.toml").write_text("oops")
    retinue("up", "-c", "bad.toml")
    assert not (run_dir / "supervisord.conf").exists()
    assert not (run_dir / "up.lock").exists()


def test_check_sums_up_and_warns_of_missing_files(retinue: Retinue, tmp_path: Path) -> None:
    file = tmp_path / "device.toml"
    file.write_text(
        "[[camera]]\nname='a'\nsource='file:none.mp4'\n[[inference]]\nname='d'\nmodel='m'"
    )
    done = retinue("check", "-c", file)
    assert done.returncode == 0
    assert done.stdout.startswith(f"ok: {file}: cameras a (file:none.mp4)")
    assert "warning: camera[0].source = 'file:none.mp4': no such file" in done.stderr
    assert "warning: inference[0].model = 'm': no such file" in done.stderr


def test_what_exists_is_not_warned_of(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").touch()
    assert missing(Config(camera=(Camera("a", f"file:{tmp_path}/clip.mp4"),))) == []


@pytest.mark.parametrize("command", [["ps"], ["start", "camera"], ["stop", "overlay"]])
def test_when_nothing_runs_a_command_says_so(retinue: Retinue, command: list[str]) -> None:
    done = retinue(*command)
    assert done.returncode == 1
    assert "nothing runs in" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_version_and_unknown_words(retinue: Retinue) -> None:
    assert retinue("--version").stdout.startswith("retinue ")
    assert retinue("fly").returncode == 2
    done = retinue("restart", "camera-side")
    assert "camera-side: no such stage or actor; there are camera, " in done.stderr


def test_ps_shows_a_living_actor_by_its_own_words(retinue: Retinue, run_dir: Path) -> None:
    claim(run_dir, "camera-front")
    with publishing(run_dir):
        done = retinue("ps", "--json")
        table = retinue("ps")
    rows = {row["actor"]: row for row in json.loads(done.stdout)}
    watchdogs, posts = (
        ["watchdog-0", "watchdog-1"],
        ["inference-detector-a", "inference-detector-b"],
    )
    assert list(rows) == [
        "camera-front",
        "collect",
        *posts,
        "models",
        "overlay",
        "rtsp",
        "telemetry",
        *watchdogs,
    ]
    row = rows["camera-front"]
    assert (row["pid"], row["state"], row["detail"]) == (os.getpid(), "running", "as scripted")
    assert set(row["latency_ms"]) == {"p50", "p99"}
    assert rows["overlay"]["state"] == "stopped"
    names = "actor pid state uptime_s restarts fps latency_ms lag dropped model device detail"
    assert set(names.split()) <= set(row)
    assert "camera-front: as scripted" in table.stdout


def test_ps_calls_who_says_nothing_silent() -> None:
    row = row_of("overlay", 7, None, {"statename": "RUNNING"})
    assert (row.pid, row.state) == (7, "silent")


def test_ps_explains_a_bad_configuration() -> None:
    row = row_of("overlay", 0, None, {"statename": "EXITED", "exitstatus": 78, "spawnerr": "x"})
    assert row.state == "exited"
    assert "bad configuration" in row.detail


def test_ps_prefers_an_actors_own_words() -> None:
    health = Health(actor="overlay", stage="overlay", pid=7, state="degraded", detail="no camera")
    row = row_of("overlay", 7, health, {"statename": "RUNNING"})
    assert (row.state, row.detail) == ("degraded", "no camera")


def test_tail_prints_so_many_and_ends(retinue: Retinue, run_dir: Path) -> None:
    with publishing(run_dir):
        done = retinue("tail", "frames/front", "-n", "5", "--json")
        result = json.loads(retinue("tail", "results", "-n", "1", "--json").stdout)
        plain = retinue("tail", "/results/front/", "-n", "1").stdout
    frames = [json.loads(text) for text in done.stdout.splitlines()]
    assert len(frames) == 5
    assert {frame["topic"] for frame in frames} == {"frames/front/"}
    seqs = [frame["seq"] for frame in frames]
    assert seqs == list(range(seqs[0], seqs[0] + 5))
    assert result["boxes"][0] == {f: getattr(BOXES[0], f) for f in BOXES[0].__struct_fields__}
    assert plain.startswith("results/front/detector/ seq=")


def test_tail_ends_quietly_on_ctrl_c(run_dir: Path, environ: dict[str, str]) -> None:
    with publishing(run_dir):
        command = [sys.executable, "-m", "cli.main", "tail", "frames"]
        with subprocess.Popen(
            command, env=environ, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as tail:
            assert tail.stdout
            assert tail.stdout.readline()
            tail.send_signal(signal.SIGINT)
            _, complaint = tail.communicate(timeout=20)
    assert (tail.returncode, complaint) == (0, b"")


def test_a_topic_is_matched_by_whole_parts() -> None:
    assert prefix_of("results/front") == prefix_of("/results/front/") == "results/front/"
    assert prefix_of("/") == ""


def test_a_line_shows_floats_plainly() -> None:
    assert line("t/", {"seq": 1, "kind": "x", "fps": 29.97}, as_json=True) == (
        '{"topic":"t/","seq":1,"kind":"x","fps":29.97}'
    )
    assert line("t/", {"kind": "x", "fps": 1 / 3, "seq": 1}, as_json=False) == "t/ seq=1 fps=0.3333"


@pytest.mark.parametrize("stream", ["front/raw", "raw"])
@pytest.mark.parametrize("name", ["now.png", "now.jpg"])
def test_a_snapshot_is_the_frame(
    retinue: Retinue, run_dir: Path, tmp_path: Path, stream: str, name: str
) -> None:
    with publishing(run_dir):
        done = retinue("snapshot", stream, name)
    assert done.returncode == 0, done.stderr
    picture = cv2.imread(str(tmp_path / name))
    assert picture is not None
    assert picture.shape == (SIZE[1], SIZE[0], 3)
    assert abs(float(picture.mean()) - (LUMA - 16) * 255 / 219) < 3
    assert [path.name for path in tmp_path.glob(".now*")] == []


def test_a_snapshot_that_cannot_be_says_why(
    retinue: Retinue, run_dir: Path, tmp_path: Path
) -> None:
    assert "a snapshot's name ends in" in retinue("snapshot", "raw", "now.gif").stderr
    assert "there are front/raw, front/result" in retinue("snapshot", "x/raw", "a.png").stderr
    with pytest.raises(Refused, match="no frame came on frames/front/"):
        save(run_dir, topic_of("raw", TWO), tmp_path / "a.png", within_s=0.1)
    assert not (tmp_path / "a.png").exists()


def test_streams_are_found_by_name() -> None:
    assert topic_of("back/result", TWO).name == "overlay/back/"
    assert topic_of("result", TWO).name == "overlay/front/"


def test_pools_that_do_not_fit_are_refused_with_the_numbers() -> None:
    huge = Config(camera=(Camera("a", width=16384, height=16384),), frames=Frames(slots=256))
    with pytest.raises(Refused, match=r"frame pools of [\d,]+ bytes \(a [\d,]+\)") as refused:
        check_memory(huge)
    assert refused.value.code == NO_MEMORY


def test_pools_of_unknown_size_are_not_guessed() -> None:
    assert pools_bytes(Config(camera=(Camera("a", "file:a.mp4"),))) == {}
    [size] = pools_bytes(Config()).values()
    assert size >= 2 * 12 * 1280 * 720 * 3 // 2


def test_actors_inherit_this_configuration_and_this_python() -> None:
    device = Config(run_dir="/run/x", state_dir="/var/x")
    env = environment(device, Path("/etc/x.toml"))
    assert (env["RETINUE_CONFIG"], env["RETINUE_RUN"]) == ("/etc/x.toml", "/run/x")
    assert env["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)
    assert env["PYTHONSAFEPATH"] == "1"


def test_a_socket_as_stdout_is_noticed(environ: dict[str, str]) -> None:
    ours, theirs = socket.socketpair()
    code = "import sys; from cli.up import stdout_opens; sys.exit(stdout_opens())"
    with ours, theirs:
        done = subprocess.run(
            [sys.executable, "-c", code], env=environ, cwd=ROOT, stdout=theirs.fileno(), check=False
        )
    assert done.returncode == 0
    assert stdout_opens()


def test_closed_streams_are_plugged_also_after_exec(environ: dict[str, str]) -> None:
    then = "open('/dev/fd/1', 'a').close()"
    code = (
        "import os, sys; from cli.up import _plug_standard_streams as plug; plug();"
        f'os.execv(sys.executable, [sys.executable, "-c", {then!r}])'
    )
    command = ["sh", "-c", 'exec "$0" -c "$1" <&- >&- 2>&-', sys.executable, code]
    assert subprocess.run(command, env=environ, cwd=ROOT, check=False).returncode == 0


def test_the_doctor_examines_everything(retinue: Retinue, tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        file = tmp_path / "device.toml"
        file.write_text(
            f"[rtsp]\nport = {held.getsockname()[1]}\n"
            "[[camera]]\nname='a'\nsource='file:none.mp4'\n"
            "[[camera]]\nname='b'\nsource='rtsp://eye@127.0.0.1/b'\npassword='env:PATH'\n"
            "[rtsp.users]\nann='here'\nbob='file:none'\n"
        )
        done = retinue("doctor", "--json", "-c", file)
    findings = json.loads(done.stdout)
    failed = {each["subject"]: each["todo"] for each in findings if each["verdict"] == "fail"}
    assert done.returncode == 1
    assert set(failed) == {"cameras", "ports", "secrets"}
    secrets = [each["found"] for each in findings if each["subject"] == "secrets"]
    assert secrets == [
        "rtsp.users.bob: none: No such file or directory",
        "camera b: password: readable",
    ]
    assert all(failed.values())
    subjects = {finding["subject"] for finding in findings}
    assert {"versions", "devices", "memory", "run_dir", "state_dir", "running"} <= subjects
