"""Results to count and to thin, for tests."""

from bus.messages import Box, FrameRef, Result, Status

SECOND_NS = 1_000_000_000


def result(
    *labels: str,
    at_s: float = 0,
    camera: str = "front",
    inference: str = "street",
    model: str = "street",
    status: Status = "ok",
) -> Result:
    """One with a box of each label, captured `at_s` after the epoch."""
    return Result(
        camera=camera,
        frame_seq=round(at_s * 1000),
        captured_ns=round(at_s * SECOND_NS),
        captured_utc_ns=round(at_s * SECOND_NS),
        ref=FrameRef("camera-front", 1, 2, 3),
        inference=inference,
        model=model,
        version="1",
        family="ssd",
        device="CPU",
        status=status,
        boxes=[Box(label, 0.9, 0.1, 0.1, 0.2, 0.2) for label in labels],
    )
