"""Pictures to keep, for tests."""

from actors.collect.sidecar import Look, Sidecar
from bus.messages import Box

SECOND = 1_000_000_000
NOON = 1_777_896_000_000_000_000  # 2026-05-04 12:00:00 UTC
PERSON = Box("person", 0.8, 0.25, 0.25, 0.75, 0.5)


def look(*boxes: Box, inference: str = "eye") -> Look:
    return Look(
        inference=inference, model="m", version="1", family="ssd", device="CPU", boxes=boxes
    )


def about(at_s: int = 0, *boxes: Box, camera: str = "front") -> Sidecar:
    return Sidecar(
        camera=camera,
        frame_seq=7,
        captured_ns=at_s * SECOND,
        captured_utc_ns=NOON + at_s * SECOND,
        width=64,
        height=48,
        reasons=("interval",),
        seen=(look(*boxes),),
    )
