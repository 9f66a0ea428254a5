"""What `make run` starts, against the scene's own truth."""

from pathlib import Path

import numpy as np
import pytest

from actors.config import DEFAULT_FILE
from bus.messages import Box, Message, Result, TrueBox, Truth
from tests.device.device import free_port, running
from training.boxes import overlaps

pytestmark = [pytest.mark.device, pytest.mark.timeout(180)]

PLAIN = 0.4  # visible share from which a figure is to be found
FIGURES = 200


def test_the_boxes_are_right(short_dir: Path) -> None:
    """Nine of ten figures are found, each in its own frame. Which are there, the clock decides."""
    truths: dict[int, list[TrueBox]] = {}
    found: list[bool] = []

    def right(message: Message) -> bool:
        match message:
            case Truth(frame_seq=seq, boxes=boxes):
                truths[seq] = [box for box in boxes if box.visible >= PLAIN]
            case Result(frame_seq=seq, status="ok", model="street") if seq in truths:
                found.extend(_found(truths.pop(seq), message))
        return len(found) >= FIGURES and sum(found) >= 0.9 * len(found)

    text = f"{DEFAULT_FILE.read_text()}\n[rtsp]\nport = {free_port()}\n"
    with running(short_dir, text) as device:
        device.until(right, "most figures found")


def _found(figures: list[TrueBox], result: Result) -> list[bool]:
    """For each figure, whether a box of its class lies on it."""
    return [
        bool(overlaps(_corners([figure]), _corners(same)).max(initial=0) >= 0.5)
        for figure in figures
        for same in [[box for box in result.boxes if box.label == figure.label]]
    ]


def _corners(boxes: list[TrueBox] | list[Box]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.array([(b.x0, b.y0, b.x1, b.y1) for b in boxes], np.float32).reshape(-1, 4)
