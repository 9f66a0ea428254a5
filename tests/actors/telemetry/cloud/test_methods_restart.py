"""Restarts asked for from far away: which are answered how."""

from pathlib import Path

from actors.clock import monotonic_ns
from actors.config import Config
from tests.actors.supervision.supervised import IDLE, supervised
from tests.actors.telemetry.cloud.caller import Caller, calling

DEADLINE_NS = 20_000_000_000


def test_without_supervisord_nothing_is_restarted(caller: Caller) -> None:
    for stage in ("overlay", "telemetry"):
        assert caller.error("restartStage", {"stage": stage}) == (
            503,
            "supervisord does not answer; nothing was restarted",
        )


def test_an_unknown_stage_is_answered_with_those_there_are(caller: Caller) -> None:
    status, error = caller.error("restartStage", {"stage": "eye"})
    assert status == 404
    assert error.startswith("stage: eye: no such stage or actor; there are camera, ")


def test_a_stage_is_restarted_and_telemetry_itself_after_its_answer(
    config: Config, run_dir: Path
) -> None:
    names = ["overlay", "rtsp", "telemetry"]
    with supervised(run_dir, dict.fromkeys(names, IDLE)) as supervisor, calling(config) as caller:

        def pid(name: str) -> int:
            return int(supervisor.processes()[f"retinue:{name}"]["pid"])

        before = {name: pid(name) for name in names}
        said = caller.result("restartStage", {"stage": "overlay"})
        assert said == {"result": "restarted: overlay", "restarted": ["overlay"], "relieved": []}
        assert pid("overlay") != before["overlay"]

        status, error = caller.error("restartStage", {"stage": "camera-back"})
        assert (status, "supervisord has no retinue:camera-1" in error) == (404, True)

        said = caller.result("restartStage", {"stage": "telemetry"}, 202)
        assert pid("telemetry") == before["telemetry"], "the answer comes first"
        assert said["result"].startswith("telemetry restarts in a moment")
        caller.methods.close()  # it need not wait any longer
        end_ns = monotonic_ns() + DEADLINE_NS
        while pid("telemetry") in {0, before["telemetry"]}:  # each call lets supervisord look
            assert monotonic_ns() < end_ns
        assert pid("rtsp") == before["rtsp"]
