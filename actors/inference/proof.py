"""What a model must show before it is stored: sound weights, its golden sample, enough speed."""

import statistics
from collections.abc import Callable, Iterator

import cv2
import numpy as np

from actors.agreement import overlap
from actors.clock import monotonic_ns
from actors.inference.engine import Engine, EngineLost, wrong_weights
from actors.package import PackageError
from actors.package.files import Files, read_small
from actors.package.manifest import Golden
from bus.messages import Box
from bus.pixels import I420, blank, planes

SIZE = 640, 360
INFERENCES, LONGEST_NS = 20, 3_000_000_000
NOISE_SEED = 7
MOST_PX = 50_000_000


def prove(engine: Engine, files: Files, slowest_ms: float, tell: Callable[[str], None]) -> float:
    """The median inference in ms, or `PackageError` with what is wrong."""
    tell("looking at its weights")
    if wrong := wrong_weights(engine.package):
        raise PackageError(f"weights {wrong} are not finite numbers: the file is damaged")
    tell("inferring")
    for name, picture in pictures():
        seen(engine, picture)
        if wrong := engine.wrong_outputs(0):
            raise PackageError(f"output {wrong} of {name} has values that are not finite numbers")
    if golden := engine.package.golden:
        tell("comparing its golden sample")
        compare(golden, seen(engine, photograph(files, golden.picture)))
    tell("taking its time")
    return timed(engine, slowest_ms)


def seen(engine: Engine, picture: I420) -> list[Box]:
    """What one inference sees."""
    engine.fill(0, picture)
    engine.start(0)
    try:
        return engine.boxes(0)
    except EngineLost as error:
        raise PackageError(f"it cannot infer: {error}") from error


def pictures() -> Iterator[tuple[str, I420]]:
    """Nothing, everything, and what is between."""
    width, height = SIZE
    yield "a black picture", blank(width, height)
    yield "a white picture", blank(width, height, luma=235)
    noise = np.random.default_rng(NOISE_SEED).integers(16, 236, width * height * 3 // 2, np.uint8)
    yield "noise", planes(noise, width, height)


def photograph(files: Files, name: str) -> I420:
    """A picture of the package; `PackageError` if it is none."""
    data = np.frombuffer(read_small(files, name), np.uint8)
    try:
        bgr = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    except cv2.error:  # it says that it is larger than OpenCV or the memory takes
        bgr = None
    if bgr is None or bgr.shape[0] * bgr.shape[1] > MOST_PX or min(bgr.shape[:2]) < 2:  # noqa: PLR2004
        raise PackageError(f"{files.where(name)}: no picture that can be read")
    height, width = bgr.shape[0] & ~1, bgr.shape[1] & ~1  # I420 made by OpenCV has even sides
    i420 = cv2.cvtColor(np.ascontiguousarray(bgr[:height, :width]), cv2.COLOR_BGR2YUV_I420)
    return planes(np.asarray(i420, np.uint8).reshape(-1), width, height)


def compare(golden: Golden, boxes: list[Box]) -> None:
    """Each box of the golden sample must have been seen, each by another."""
    left = list(boxes)
    for wanted in golden.boxes:
        expected = Box(wanted.label, 1.0, wanted.x0, wanted.y0, wanted.x1, wanted.y1)
        best = max(left, key=lambda box: overlap(expected, box), default=None)
        found = overlap(expected, best) if best else 0.0
        if best is None or found < golden.min_iou:
            raise PackageError(
                f"golden sample {golden.picture}: a {wanted.label} is not seen where it must be "
                f"(best overlap {found:.2f}, {golden.min_iou:g} is needed)"
            )
        left.remove(best)


def timed(engine: Engine, slowest_ms: float) -> float:
    """The median of some inferences; `PackageError` if that is too slow."""
    (_, picture), *_ = pictures()
    spent_ms: list[float] = []
    end_ns = monotonic_ns() + LONGEST_NS
    while len(spent_ms) < INFERENCES and (not spent_ms or monotonic_ns() < end_ns):
        seen(engine, picture)
        spent_ms.append(engine.spent_ms(0))
    median_ms = statistics.median(spent_ms)
    if median_ms > slowest_ms:
        raise PackageError(
            f"an inference takes {median_ms:.1f} ms on {engine.device}, "
            f"models.slowest_ms allows {slowest_ms:g}"
        )
    return round(median_ms, 3)
