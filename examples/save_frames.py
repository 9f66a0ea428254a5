"""Saves frames with something in them as FOLDER/front-123.jpg, boxed: save_frames.py FOLDER."""

import sys
from contextlib import suppress
from pathlib import Path

import cv2

from actors.config import load, where
from actors.wiring import results
from bus.frame_reader import FrameReader
from bus.frames import FrameLost
from bus.messages import Result
from bus.subscriber import Subscriber


def save(frames: FrameReader, result: Result, folder: Path) -> None:
    with frames.read(result.ref) as picture:
        bgr = picture.bgr()
    height, width, _ = bgr.shape
    for box in result.boxes:
        corner = int(box.x0 * width), int(box.y0 * height)
        cv2.rectangle(bgr, corner, (int(box.x1 * width), int(box.y1 * height)), (0, 255, 0), 2)
        cv2.putText(bgr, box.label, corner, cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0, 255, 0), 2)
    path = str(folder / f"{result.camera}-{result.frame_seq}.jpg")
    print(path if cv2.imwrite(path, bgr) else f"cannot write {path}", flush=True)


device, folder = load(where()), Path(sys.argv[1])
folder.mkdir(exist_ok=True)
with Subscriber(device.run, results(device)) as messages, FrameReader(device.run) as frames:
    for message in messages:
        if isinstance(message, Result) and message.boxes:
            with suppress(FrameLost):  # this was too late; the next will not be
                save(frames, message, folder)
