"""Networks that OpenVINO reads and that no device should run."""

import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import openvino as ov
from openvino import opset13 as ops

from actors.package.admission import Request
from actors.package.manifest import Golden, GoldenBox
from tests.actors.models.refusals.workshop import Bad, Workshop

FOR_EVER = 1 << 62
HUGE = 1 << 34
SMALL_MB = 600
PERSON = "person-detection-retail-0013/person-detection-retail-0013"
Score = Callable[[Any], Any]  # from the mean of the picture to a tensor of one number


def one(node: Any) -> Any:
    return ops.reshape(node, np.array([1]), special_zero=False)


def image(*shape: int) -> Any:
    return ops.parameter(list(shape or (1, 3, 32, 32)), np.float32, name="image")


def save(path: Path, outputs: Sequence[Any], inputs: Sequence[Any]) -> Path:
    ov.save_model(ov.Model(list(outputs), list(inputs), path.stem), path, compress_to_fp16=False)
    return path


def detector(path: Path, score: Score, pixels: Any = None) -> Path:
    """An SSD with one box, as confident as `score` makes of the picture's mean."""
    pixels = pixels or image()
    axes = np.arange(len(pixels.get_output_partial_shape(0)))
    mean = one(ops.reduce_mean(pixels, axes, keep_dims=False))
    sides = np.array([0.25, 0.25, 0.75, 0.75], np.float32)
    row = ops.concat([np.array([0, 1], np.float32), score(mean), sides], 0)
    output = ops.reshape(row, np.array([1, 1, 1, 7]), special_zero=False)
    return save(path, [output], [pixels])


def scored(score: Score, **rules: Any) -> Callable[[Workshop], Request]:
    return lambda shop: shop.request(detector(shop.folder / "x.xml", score), **rules)


def seeing(*shape: int) -> Callable[[Workshop], Request]:
    """With an input of this shape."""
    return lambda shop: shop.request(detector(shop.folder / "x.xml", one, image(*shape)))


def giving(*shape: int) -> Callable[[Workshop], Request]:
    """With an output of this shape."""

    def make(shop: Workshop) -> Request:
        pixels = image()
        mean = one(ops.reduce_mean(pixels, np.arange(4), keep_dims=False))
        output = ops.broadcast(mean, np.array(shape, np.int64))
        return shop.request(save(shop.folder / "x.xml", [output], [pixels]))

    return make


def of_two_pictures(shop: Workshop) -> Request:
    left, right = image(), image()
    sides = [ops.reduce_mean(side, np.arange(4), keep_dims=False) for side in (left, right)]
    output = ops.broadcast(one(ops.add(*sides)), np.array([1, 1, 1, 7]))
    return shop.request(save(shop.folder / "x.xml", [output], [left, right]))


def of_no_picture(shop: Workshop) -> Request:
    return shop.request(save(shop.folder / "x.xml", [ops.constant(np.ones((1, 1, 1, 7)))], []))


def of_nothing(shop: Workshop) -> Request:
    return shop.request(save(shop.folder / "x.xml", [], [image()]))


def of_two_at_once(shop: Workshop) -> Request:
    """A batch of two that cannot be made one."""
    pixels = image(2, 3, 32, 32)
    first, _ = ops.split(pixels, ops.constant(np.int64(0)), 2).outputs()
    mean = one(ops.reduce_mean(first, np.arange(4), keep_dims=False))
    output = ops.broadcast(mean, np.array([1, 1, 1, 7], np.int64))
    return shop.request(save(shop.folder / "x.xml", [output], [pixels]))


def weighed(weight: float) -> Score:
    return lambda mean: ops.multiply(mean, ops.constant(np.array([weight], np.float32)))


def only_of_white(mean: Any) -> Any:
    """A finite number unless the picture is bright."""
    return ops.log(ops.subtract(np.float32(200), mean))


def endless(mean: Any) -> Any:
    """Adds ones for ever."""
    number = ops.parameter([1], np.float32)
    more = ops.add(number, ops.constant(np.float32(1)))
    going_on = ops.constant(np.ones((), np.bool_))
    loop = ops.loop(ops.constant(np.array(FOR_EVER, np.int64)), going_on)
    loop.set_function(ov.Model([going_on, more], [number], "body"))
    loop.set_special_body_ports([-1, 0])
    loop.set_merged_input(number, mean.output(0), more.output(0))
    return one(loop.get_iter_value(more.output(0), -1))


def enormous(mean: Any) -> Any:
    """A chain that takes a compiler minutes."""
    for _ in range(4000):
        mean = ops.sigmoid(ops.relu(mean))
    return mean


def spread(mean: Any) -> Any:
    return ops.broadcast(mean, np.array([16], np.int64))


def gathered_from_outside(mean: Any) -> Any:
    """Reads memory that is not its own: OpenVINO's CPU plugin does not look at this index."""
    return ops.gather_nd(spread(mean), np.array([[1 << 30]], np.int32))


def picked_from_outside(mean: Any) -> Any:
    """OpenVINO looks at this one."""
    return ops.gather_elements(spread(mean), np.array([1 << 30], np.int32), 0)


def huge(mean: Any) -> Any:
    return ops.reduce_mean(ops.broadcast(mean, np.array([HUGE])), np.array([0]), keep_dims=True)


def huge_when_folded(mean: Any) -> Any:
    wide = ops.broadcast(np.ones(1, np.float32), np.array([HUGE]))
    return ops.add(mean, ops.reduce_mean(wide, np.array([0]), keep_dims=True))


def large(mean: Any) -> Any:
    wide = ops.cum_sum(ops.broadcast(mean, np.array([1 << 28])), ops.constant(np.int64(0)))
    return ops.reduce_mean(wide, np.array([0]), keep_dims=True)


def wrong_layout(shop: Workshop) -> Request:
    return shop.request(shop.written('input = {layout = "NHWC"}'))


def golden(where: tuple[float, float, float, float], data: bytes) -> Callable[[Workshop], Request]:
    """With a golden sample on which the model of the street sees no car there."""

    def make(shop: Workshop) -> Request:
        folder = shop.model()
        (folder / "x.png").write_bytes(data)
        shop.describe(folder, golden=Golden("x.png", (GoldenBox("car", *where),)))
        return shop.request(folder)

    return make


def grey() -> bytes:
    _, data = cv2.imencode(".png", np.full((64, 64, 3), 128, np.uint8))
    return data.tobytes()


def vast() -> bytes:
    """A picture that says it has 40000 by 40000 pixels, and has none."""
    sides = (40000).to_bytes(4, "big")
    chunks = {b"IHDR": sides + sides + bytes([8, 0, 0, 0, 0]), b"IDAT": zlib.compress(b"")}
    picture = b"\x89PNG\r\n\x1a\n"
    for kind, data in chunks.items():
        crc = zlib.crc32(kind + data).to_bytes(4, "big")
        picture += len(data).to_bytes(4, "big") + kind + data + crc
    return picture


def real(**rules: Any) -> Callable[[Workshop], Request]:
    return lambda shop: shop.request(shop.real(f"{PERSON}.xml"), **rules)


def another_network(name: str) -> Callable[[Workshop], Request]:
    return lambda shop: shop.request(shop.real(f"{name}/{name}.xml"))


GRAPHS = {
    "two inputs": Bad(of_two_pictures, "x.xml: 2 inputs, one is expected"),
    "no input": Bad(of_no_picture, "x.xml: 0 inputs, one is expected"),
    "no output": Bad(of_nothing, "x.xml"),
    "an input of one dimension": Bad(seeing(100), "input [100]: one picture of fixed size"),
    "an input of three dimensions": Bad(seeing(3, 32, 32), "one picture of fixed size"),
    "an input of any size": Bad(seeing(1, 3, -1, -1), "one picture of fixed size is expected"),
    "an input of no size": Bad(
        seeing(1, 3, 0, 32), "a picture of three colours, NCHW, is expected"
    ),
    "an input of four colours": Bad(seeing(1, 4, 32, 32), "a picture of three colours, NCHW"),
    "an input with colours last": Bad(seeing(1, 32, 32, 3), "a picture of three colours, NCHW"),
    "the other layout": Bad(wrong_layout, "a picture of three colours, NHWC, is expected"),
    "an input of gigabytes": Bad(
        lambda shop: shop.request(
            detector(shop.folder / "x.xml", one, image(1, 3, 20000, 20000)), memory_mb=SMALL_MB
        ),
        f"needs more than the {SMALL_MB} MB",
    ),
    "two pictures at once": Bad(of_two_at_once, "Split"),
    "boxes of six numbers": Bad(giving(1, 1, 100, 6), "(1, 1, 100, 6)} do not fit any of"),
    "an output of one dimension": Bad(giving(7), "(7,)} do not fit any of"),
    "weights that are no numbers": Bad(scored(weighed(np.nan)), "are not finite numbers: the file"),
    "weights that are infinite": Bad(scored(weighed(-np.inf)), "are not finite numbers: the file"),
    "outputs that are no numbers": Bad(
        scored(lambda mean: ops.log(ops.subtract(mean, np.float32(999)))), "of a black picture has"
    ),
    "outputs that are infinite": Bad(
        scored(lambda mean: ops.exp(ops.add(mean, np.float32(999)))), "values that are not finite"
    ),
    "no numbers of white": Bad(scored(only_of_white), "of a white picture has values that are not"),
    "a golden sample not seen": Bad(
        golden((0.1, 0.1, 0.4, 0.4), grey()),
        "a car is not seen where it must be (best overlap 0.00",
    ),
    "a golden sample that is no picture": Bad(
        golden((0.1, 0.1, 0.4, 0.4), b"?"), "x.png: no picture that can be read"
    ),
    "a golden sample of gigabytes": Bad(
        golden((0.1, 0.1, 0.4, 0.4), vast()), "x.png: no picture that can be read"
    ),
    "too slow": Bad(real(slowest_ms=0.5), "ms on CPU, models.slowest_ms allows 0.5"),
    "no such device": Bad(real(devices=("NPU",)), "no device takes the model: NPU: not present"),
    "none of the devices": Bad(real(devices=("NPU", "GPU.1")), "GPU.1: not present"),
    "a crash": Bad(
        scored(gathered_from_outside), "ends the process that runs it (SIGSEGV) while inferring"
    ),
    "an inference that fails": Bad(scored(picked_from_outside), "on CPU: "),
    "an inference without end": Bad(scored(endless), "takes longer than 4 s while ", 4),
    "an inference that never tires": Bad(
        scored(endless, cpu_s=3), "uses more than 3 s of processor time while "
    ),
    "a graph that takes a compiler minutes": Bad(
        scored(enormous), "takes longer than 3 s while ", 3
    ),
    "memory without end": Bad(scored(huge), "needs more than the 1500 MB"),
    "constants without end": Bad(scored(huge_when_folded), "needs more than the 1500 MB"),
    "too much memory": Bad(scored(large, memory_mb=SMALL_MB), f"more than the {SMALL_MB} MB"),
    "a network for other things": Bad(
        another_network("head-pose-estimation-adas-0001"), "(1, 1)} do not fit any of"
    ),
}
