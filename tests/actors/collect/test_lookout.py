"""What one camera's lookout keeps in mind."""

from pathlib import Path

from actors.collect.choice import Rules
from actors.collect.lookout import RECENT, Lookout
from bus.frame_reader import FrameReader
from bus.messages import FrameRef, Result


def test_results_of_old_frames_are_forgotten(run_dir: Path) -> None:
    with FrameReader(run_dir) as frames:
        lookout = Lookout(frames, ["eye"])
        for at in range(1000):
            result = Result(
                camera="front",
                frame_seq=at,
                captured_ns=at,
                captured_utc_ns=at,
                ref=FrameRef("p", 1, 0, at + 1),
                inference="eye",
                model="m",
                version="1",
                family="ssd",
                device="CPU",
            )
            lookout.add(result, Rules())
            assert lookout.take(at) is None
        assert len(lookout._recent) <= RECENT
