"""Which result goes on which frame, by the clock of the messages alone."""

import pytest

from actors.overlay.alignment import Alignment
from bus.messages import Box, Frame, FrameRef, Result

MS = 1_000_000
FRAME_MS = 40


def frame(number: int, epoch: int = 1) -> Frame:
    return Frame(
        camera="front",
        frame_seq=number,
        captured_ns=number * FRAME_MS * MS,
        captured_utc_ns=0,
        width=2,
        height=2,
        ref=FrameRef("camera-front", epoch, 0, number),
    )


def result(number: int, epoch: int = 1, by: str = "eye") -> Result:
    of = frame(number, epoch)
    return Result(
        camera="front",
        frame_seq=number,
        captured_ns=of.captured_ns,
        captured_utc_ns=0,
        ref=of.ref,
        inference=by,
        model="m",
        version="1",
        family="ssd",
        device="CPU",
        boxes=[Box(f"{by}{number}", 1, 0, 0, 1, 1)],
    )


def at(number: float) -> int:
    return int(number * FRAME_MS * MS)


def aligned(*entries: str, align: bool = True) -> Alignment:
    return Alignment(entries or ("eye",), 200 * MS, align=align)


def labels(of: list[Result]) -> list[str]:
    return [one.boxes[0].label for one in of]


def test_a_frame_waits_for_its_own_result() -> None:
    alignment = aligned()
    alignment.add(result(1), at(1.5))
    assert not alignment.ready(frame(2), at(2.1))
    alignment.add(result(2), at(2.5))
    assert alignment.ready(frame(2), at(2.5))
    assert labels(alignment.results_for(frame(2), at(2.5))) == ["eye2"]


def test_frames_that_were_not_looked_at_take_the_nearer_result() -> None:
    alignment = aligned()
    alignment.add(result(1), at(2))
    alignment.add(result(5), at(6))
    shown = [labels(alignment.results_for(frame(n), at(6))) for n in range(1, 6)]
    assert shown == [["eye1"], ["eye1"], ["eye1"], ["eye5"], ["eye5"]]
    assert all(alignment.ready(frame(n), at(6)) for n in range(1, 6))
    assert not alignment.ready(frame(6), at(6.2))


def test_nobody_waits_longer_than_allowed() -> None:
    alignment = aligned()
    alignment.add(result(1), at(1))
    assert not alignment.ready(frame(2), at(2) + 199 * MS)
    assert alignment.ready(frame(2), at(2) + 200 * MS)


def test_a_silent_entry_is_not_waited_for_and_its_boxes_go() -> None:
    alignment = aligned()
    assert alignment.ready(frame(1), at(1))
    assert alignment.silent(at(1)) == ["eye"]
    alignment.add(result(1), at(1))
    assert alignment.silent(at(1)) == []
    later = at(1) + 1000 * MS
    assert alignment.silent(later) == ["eye"]
    assert alignment.ready(frame(26), later)
    assert alignment.results_for(frame(2), later) == []


def test_an_old_result_is_not_shown_on_a_new_frame() -> None:
    alignment = aligned()
    alignment.add(result(1), at(9))
    assert labels(alignment.results_for(frame(8), at(9))) == ["eye1"]
    assert alignment.results_for(frame(9), at(9)) == []


def test_all_who_speak_are_waited_for() -> None:
    alignment = aligned("eye", "ear")
    alignment.add(result(3), at(3))
    assert alignment.ready(frame(3), at(3))
    alignment.add(result(2, by="ear"), at(3))
    assert not alignment.ready(frame(3), at(3))
    alignment.add(result(3, by="ear"), at(3.2))
    assert alignment.ready(frame(3), at(3.2))
    assert sorted(labels(alignment.results_for(frame(3), at(3.2)))) == ["ear3", "eye3"]


def test_live_frames_never_wait() -> None:
    alignment = aligned(align=False)
    alignment.add(result(1), at(1))
    assert alignment.ready(frame(5), at(5))
    assert labels(alignment.results_for(frame(5), at(5))) == ["eye1"]


def test_aligning_ends_and_begins_at_once() -> None:
    alignment = aligned()
    alignment.add(result(1), at(1))
    assert not alignment.ready(frame(2), at(2))
    alignment.align = False
    assert alignment.ready(frame(2), at(2))
    alignment.align = True
    assert not alignment.ready(frame(2), at(2))


def test_a_restarted_camera_counts_from_nought_and_is_newer() -> None:
    alignment = aligned()
    alignment.add(result(900, epoch=1), at(901))
    assert not alignment.ready(frame(0, epoch=2), at(0.5))
    alignment.add(result(0, epoch=2), at(901.5))
    assert alignment.ready(frame(899, epoch=1), at(901.5))
    assert alignment.ready(frame(0, epoch=2), at(901.5))


@pytest.mark.parametrize("stranger", ["", "nose"])
def test_results_of_unknown_entries_are_ignored(stranger: str) -> None:
    alignment = aligned()
    alignment.add(result(1, by=stranger), at(1))
    assert alignment.results_for(frame(1), at(1)) == []
    assert alignment.silent(at(1)) == ["eye"]
