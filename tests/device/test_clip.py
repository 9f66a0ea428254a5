"""A clip as fast as it goes: nothing is left out."""

from itertools import pairwise
from pathlib import Path

import pytest

from bus.messages import Frame, Message, Result
from tests.device.device import free_port, running

LAST = 376

pytestmark = [pytest.mark.device, pytest.mark.timeout(180)]


def test_a_clip_at_full_pace_is_seen_whole(
    shared_data: Path, package: Path, short_dir: Path
) -> None:
    """377 frames: each inferred, each drawn with its own result, none twice."""
    text = f"""
[[camera]]
name = "cars"
source = "file:{shared_data.resolve()}/videos/car-detection.mp4"
pace = "max"
loop = false
[[inference]]
name = "people"
model = "{package}"
[overlay]
hold_ms = 2000
[rtsp]
port = {free_port()}
"""
    seen: dict[str, list[int]] = {"results": [], "drawn": []}

    def whole(message: Message) -> bool:
        if isinstance(message, Result):
            seen["results"].append(message.frame_seq)
        if isinstance(message, Frame) and message.ref.pool == "overlay-cars":
            assert message.status == "ok" or not seen["drawn"] or seen["drawn"][-1] == LAST
            seen["drawn"] += [message.frame_seq] if message.status == "ok" else []
        return all(numbers and numbers[-1] == LAST for numbers in seen.values())

    with running(short_dir, text) as device:
        for message in device.seen:
            whole(message)
        device.until(whole, "the clip's last frame, inferred and drawn")
    assert {b - a for a, b in pairwise(seen["drawn"])} == {1}
    assert {b - a for a, b in pairwise(seen["results"])} == {1}
    assert seen["results"][0] == seen["drawn"][0] == 0
