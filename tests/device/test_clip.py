"""At full pace, as fast as it goes: nothing is left out."""

from itertools import islice, pairwise
from pathlib import Path

import av
import pytest

from actors.camera.counter import read_counter
from bus.messages import Frame, Message, Result
from tests.device.device import free_port, running
from tests.device.viewer import pixels

LAST = 376
JOINING, WATCHED = 30, 400  # pictures: the first ones come while the encoder is opened

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


def test_at_full_pace_who_watches_sees_every_picture(short_dir: Path) -> None:
    """Decoded only once all have come: this viewer is to be quicker than the device."""
    port = free_port()
    text = f"""
[[camera]]
name = "front"
source = "scene:"
pace = "max"
[rtsp]
port = {port}
"""
    with running(short_dir, text):
        url, options = f"rtsp://127.0.0.1:{port}/front/result", {"rtsp_transport": "tcp"}
        with av.open(url, options=options, timeout=(20, 20)) as viewer:
            packets = list(islice(viewer.demux(video=0), JOINING + WATCHED))
            pictures = [frame for packet in packets for frame in packet.decode()]
            numbers = [read_counter(pixels(picture.planes[0])) for picture in pictures[JOINING:]]
    seen = [number for number in numbers if number is not None]
    assert len(seen) == len(numbers) >= WATCHED - 1  # one may still be in the decoder
    assert {b - a for a, b in pairwise(seen)} == {1}
