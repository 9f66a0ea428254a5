"""The stage's loop, with a scripted bus, real pools, the real encoder and a server that only
keeps what it is given."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from actors.config import Camera, Config, Rtsp
from actors.rtsp.__main__ import run
from actors.rtsp.programme import Programme
from actors.settings import Settings
from bus.frame_reader import FrameReader
from bus.messages import Done, Frame, FrameRef, Health
from bus.testing import Script
from bus.topics import Keep
from tests.actors.rtsp.loop import (
    CONFIG,
    FRAME_NS,
    SECOND_NS,
    Play,
    Shelf,
    Source,
    Step,
    tick,
    woken,
)


def test_nothing_is_encoded_while_nobody_watches(play: Play, shelf: Shelf, source: Source) -> None:
    script = play(tick(1), source.frame, source.frame, tick(2), tick(9))
    assert shelf.units == []
    assert script.captured == []
    assert script.dropped == 0
    assert script.reports[-1][:2] == ("running", "0 viewers")


def test_a_watched_frame_is_encoded_with_its_own_times(
    play: Play, shelf: Shelf, source: Source
) -> None:
    script = play(
        tick(1), shelf.begin("front/raw"), woken, source.frame, source.frame, source.frame, tick(1)
    )
    assert [name for name, _ in shelf.units] == ["front/raw"] * 3
    assert [unit.key_frame for _, unit in shelf.units] == [True, False, False]
    times_ns = [SECOND_NS + seq * FRAME_NS for seq in range(3)]
    assert [unit.captured_ns for _, unit in shelf.units] == times_ns
    assert shelf.units[0][1].captured_utc_ns == 9 * SECOND_NS
    assert script.captured == times_ns
    assert shelf.lumas() == pytest.approx([50, 60, 70], abs=2)
    assert script.reports[-1][:2] == ("running", "1 viewer")


def test_a_picture_is_announced_before_it_is_encoded(
    play: Play, shelf: Shelf, source: Source
) -> None:
    play(tick(1), shelf.begin("front/raw"), woken, source.frame, source.frame)
    assert [unit.nals for _, unit in shelf.begun] == [[b"\x09\x10"], [b"\x09\x30"]]
    whole = [unit._replace(nals=[], begun=False) for _, unit in shelf.begun]
    assert whole == [unit._replace(nals=[]) for _, unit in shelf.units]


def test_what_the_overlay_drew_is_the_result(play: Play, shelf: Shelf, run_dir: Path) -> None:
    drawn = Source(run_dir, "overlay-front")
    play(shelf.begin("front/result"), woken, drawn.frame, tick(1))
    drawn.close()
    assert [name for name, _ in shelf.units] == ["front/result"]


def test_who_joins_gets_a_key_frame(play: Play, shelf: Shelf, source: Source) -> None:
    frames: list[Step] = [source.frame] * 9
    join = shelf.begin("front/raw")
    play(join, woken, *frames, join, woken, *frames)
    keys = [at for at, (_, unit) in enumerate(shelf.units) if unit.key_frame]
    assert keys == [0, 9]


def test_those_who_join_together_share_a_key_frame(
    play: Play, shelf: Shelf, source: Source
) -> None:
    join = shelf.begin("front/raw")
    play(join, woken, source.frame, source.frame, join, woken, *[source.frame] * 10)
    keys = [at for at, (_, unit) in enumerate(shelf.units) if unit.key_frame]
    assert keys == [0, 8]  # a quarter of a second after the first


def test_a_format_is_given_before_any_frame_came(play: Play, shelf: Shelf) -> None:
    for stream in ("front/raw", "back/result"):
        shelf.demand.describe(stream)
    play(woken)
    formats = dict(shelf.formats)
    assert set(formats) == {"front/raw", "back/result"}
    assert formats["front/raw"].sets != formats["back/result"].sets
    assert shelf.units == []


def test_a_format_follows_the_frames(play: Play, shelf: Shelf, source: Source) -> None:
    def describe() -> None:
        shelf.demand.describe("front/raw")

    play(describe, woken, *[source.frame] * 9, describe, woken)
    (_, before), (_, after) = shelf.formats
    assert before.sets != after.sets
    assert before.fps == 0
    assert after.fps == pytest.approx(30, abs=0.1)


def test_the_last_picture_stays_with_words_when_its_source_dies(
    play: Play, shelf: Shelf, source: Source
) -> None:
    said = Health(actor="camera-front", stage="camera", pid=1, state="degraded", detail="no such")
    play(
        tick(1),
        shelf.begin("front/raw"),
        woken,
        source.frame,
        source.close,
        said,
        *[tick(1.1 + tenth / 10) for tenth in range(14)],
    )
    first, *later = [unit for _, unit in shelf.units]
    assert first.captured_ns == SECOND_NS
    assert [unit.captured_ns for unit in later] == [
        tick(seconds).now_ns for seconds in (1.6, 1.8, 2.0, 2.2, 2.4)
    ]
    assert later[0].captured_utc_ns - later[0].captured_ns == 8 * SECOND_NS
    lumas = shelf.lumas()
    assert lumas[0] == pytest.approx(50, abs=2)
    assert lumas[1] != pytest.approx(lumas[0], abs=1)  # words
    assert lumas[1] == pytest.approx(50, abs=25)  # on the same picture


def test_before_any_picture_a_dark_one_says_why(play: Play, shelf: Shelf) -> None:
    play(tick(1), shelf.begin("back/raw"), woken, tick(1.3), tick(1.6), tick(1.8))
    assert [name for name, _ in shelf.units] == ["back/raw"] * 2
    assert shelf.units[0][1].key_frame


def test_time_goes_on_when_a_late_frame_follows_words(
    play: Play, shelf: Shelf, source: Source
) -> None:
    play(tick(1), shelf.begin("front/raw"), woken, tick(2), source.frame, source.frame)
    times_ns = [unit.captured_ns for _, unit in shelf.units]
    assert times_ns[0] == 2 * SECOND_NS
    assert times_ns == sorted(set(times_ns))


def test_another_size_goes_on_in_the_same_stream(
    play: Play, shelf: Shelf, source: Source, run_dir: Path
) -> None:
    def larger() -> Frame:
        source.close()
        sources.append(Source(run_dir, "front", (81, 61)))
        return sources[-1].frame()

    sources: list[Source] = []
    script = play(shelf.begin("front/raw"), woken, source.frame, source.frame, larger)
    sources[0].close()
    assert [unit.key_frame for _, unit in shelf.units] == [True, False, True]
    assert shelf.units[0][1].nals[0] != shelf.units[2][1].nals[0]
    assert script.dropped == 0
    assert len(shelf.lumas()) == 3


def test_a_lost_frame_is_counted_and_the_next_one_is_shown(
    play: Play, shelf: Shelf, source: Source
) -> None:
    lost = Frame(
        camera="front",
        frame_seq=0,
        captured_ns=0,
        captured_utc_ns=0,
        width=64,
        height=48,
        ref=FrameRef("front", 1, 0, 1),
    )
    script = play(shelf.begin("front/raw"), woken, lost, source.frame, source.frame)
    assert script.dropped == 1
    assert [unit.key_frame for _, unit in shelf.units] == [True, False]


def test_frames_of_no_camera_and_foolish_sizes_do_no_harm(play: Play, shelf: Shelf) -> None:
    ref = FrameRef("front", 1, 0, 1)
    foolish = [
        Frame(
            camera=camera,
            frame_seq=0,
            captured_ns=-(2**63),
            captured_utc_ns=2**63,
            width=width,
            height=0,
            ref=ref,
        )
        for camera, width in (("none", 1), ("front", 0), ("front", 2**40), ("front", -1))
    ]
    shelf.demand.describe("front/raw")
    script = play(shelf.begin("front/raw"), woken, *foolish, tick(5), tick(6))
    assert script.dropped == 3
    assert len(shelf.formats) == 1


def test_what_the_server_lost_and_what_is_wrong_with_it_is_reported(
    play: Play, shelf: Shelf
) -> None:
    shelf.trouble = "port 8554 is in use by another program: set [rtsp] port"
    shelf.demand.lose(4)
    script = play(woken, tick(1))
    assert script.dropped == 4
    assert script.reports[-1][:2] == ("degraded", shelf.trouble)


def test_when_the_last_viewer_leaves_encoding_ends_and_the_frame_is_given_back(
    shelf: Shelf, run_dir: Path
) -> None:
    source = Source(run_dir)

    def leased(count: int) -> Callable[[], None]:
        """The pool's thread may learn of its reader a moment after the reader has it."""

        def look() -> None:
            deadline_s = time.monotonic() + 10
            while len(source._pool.leased) != count:
                assert time.monotonic() < deadline_s

        return look

    script = Script(
        shelf.begin("front/raw"),
        woken,
        source.frame,
        leased(1),
        shelf.end("front/raw"),
        woken,
        leased(0),
        source.frame,
        tick(99),
    )
    with FrameReader(run_dir) as frames:
        run(script, frames, shelf, CONFIG, Settings)
    source.close()
    assert len(shelf.units) == 1


CLIP = Config(camera=(Camera("front", "file:a.mp4", pace="max"), Camera("back")))


def done_with(script: Script) -> list[tuple[str, int]]:
    return [(name, m.frame_seq) for name, m in script.sent if isinstance(m, Done)]


def test_a_camera_at_full_pace_hears_what_was_encoded_or_lost_for_those_who_watch(
    shelf: Shelf, source: Source, run_dir: Path
) -> None:
    drawn = Source(run_dir, "overlay-front")

    def lost() -> Frame:
        frame = source.frame()
        for _ in range(4):
            source.frame()
        return frame

    script = Script(
        tick(1),
        source.frame,
        shelf.begin("front/raw"),
        woken(),
        source.frame,
        drawn.frame,
        lost,
        shelf.begin("front/result"),
        woken(),
        drawn.frame,
        shelf.end("front/raw"),
        woken(),
        source.frame,
        drawn.frame,
    )
    with FrameReader(run_dir) as frames:
        run(script, frames, shelf, CLIP, Settings)
    drawn.close()
    assert script.dropped == 1
    assert done_with(script) == [
        ("done/front/raw/", 1),
        ("done/front/raw/", 2),
        ("done/front/result/", 1),
        ("done/front/result/", 2),
    ]


def test_pictures_left_out_for_their_rate_are_done_with_too(
    shelf: Shelf, source: Source, run_dir: Path
) -> None:
    script = Script(tick(1), shelf.begin("front/raw"), woken(), *[source.frame] * 6)
    with FrameReader(run_dir) as frames:
        run(script, frames, shelf, CLIP, lambda: Settings(stream_fps=10))
    assert len(shelf.units) == 2
    assert [seq for _, seq in done_with(script)] == [0, 1, 2, 3, 4, 5]


def test_a_camera_that_goes_by_the_clock_hears_nothing(
    play: Play, shelf: Shelf, source: Source
) -> None:
    script = play(tick(1), shelf.begin("front/raw"), woken, source.frame)
    assert len(shelf.units) == 1
    assert done_with(script) == []


def test_every_frame_is_taken() -> None:
    config = Config(camera=(Camera("a"), Camera("b", pace="max")), rtsp=Rtsp())
    keeps = {topic.name: topic.keep for topic in Programme.topics(config)}
    frames = [f"{kind}/{name}/" for kind in ("frames", "overlay") for name in "ab"]
    assert {keeps[name] for name in frames} == {Keep.ALL}
    assert {"health/camera-a/", "health/camera-b/", "health/overlay/"} < set(keeps)
