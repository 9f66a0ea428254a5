"""A real network, made on the spot, whose answer a test knows."""

from pathlib import Path

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from actors.camera.counter import COLUMNS, _edges


def save_network(path: Path, *, classes: int = 1, scores: float = 1 / 255) -> Path:
    """An SSD that sees one box, as confident as its picture is bright: a real network."""
    pixels = ops.parameter([1, 3, 32, 32], np.float32, name="image")
    mean = ops.reduce_mean(pixels, np.array([1, 2, 3]), keep_dims=False)
    score = ops.multiply(mean, np.float32(scores))
    head = np.array([0, classes], np.float32)
    tail = np.array([0.25, 0.25, 0.75, 0.75], np.float32)
    row = ops.concat([head, ops.reshape(score, np.array([1]), special_zero=False), tail], 0)
    end = np.array([-1, 0, 0, 0, 0, 0, 0], np.float32)
    out = ops.reshape(ops.concat([row, end], 0), np.array([1, 1, 2, 7]), special_zero=False)
    out.output(0).set_names({"detection_out"})
    ov.save_model(ov.Model([out], [pixels], "bright"), path)
    return path


def save_counting_network(path: Path) -> Path:
    """An SSD with a list of any length: three boxes for white, two for grey, none for black."""
    pixels = ops.parameter([1, 3, 32, 32], np.float32, name="image")
    mean = ops.reduce_mean(pixels, np.array([0, 1, 2, 3]), keep_dims=False)
    count = ops.convert(ops.round(ops.multiply(mean, np.float32(3 / 255)), "half_to_even"), "i64")
    number = ops.range(np.int64(0), count, np.int64(1), "i64")
    row = np.array([0, 0, 0.9, 0.25, 0.25, 0.75, 0.75], np.float32)
    rows = ops.gather(ops.constant(np.stack([row] * 4)), number, ops.constant(np.int64(0)))
    out = ops.reshape(rows, np.array([1, 1, -1, 7]), special_zero=False)
    out.output(0).set_names({"detection_out"})
    ov.save_model(ov.Model([out], [pixels], "counting"), path)
    return path


def save_counter_network(path: Path, size: tuple[int, int]) -> Path:
    """An SSD whose box says which frame it looked at: the last three bits of the burned counter.

    Number n (modulo 8) becomes a box from x = 0.103 + 0.1 n, which is at no pixel's edge; the
    picture is not resized.
    """
    width, height = size
    rows, columns = _edges(height, width)
    pixels = ops.parameter([1, 3, height, width], np.float32, name="image")
    number = ops.constant(np.zeros(1, np.float32))
    for bit, weight in ((31, 1.0), (30, 2.0), (29, 4.0)):
        row, column = bit // COLUMNS + 1, bit % COLUMNS + 1
        y = height - rows[-1] + (rows[row] + rows[row + 1]) // 2
        x = (columns[column] + columns[column + 1]) // 2
        cell = ops.slice(pixels, [0, 0, y, x], [1, 1, y + 1, x + 1], [1, 1, 1, 1])
        white = ops.convert(ops.greater(cell, np.float32(128)), "f32")
        flat = ops.reshape(white, np.array([1]), special_zero=False)
        number = ops.add(number, ops.multiply(flat, np.float32(weight)))
    left = ops.add(ops.multiply(number, np.float32(0.1)), np.float32(0.103))
    right = ops.add(left, np.float32(0.06))
    head, top = np.array([0, 1, 1], np.float32), np.array([0.2], np.float32)
    row_out = ops.concat([head, left, top, right, np.array([0.5], np.float32)], 0)
    end = np.array([-1, 0, 0, 0, 0, 0, 0], np.float32)
    out = ops.reshape(ops.concat([row_out, end], 0), np.array([1, 1, 2, 7]), special_zero=False)
    out.output(0).set_names({"detection_out"})
    ov.save_model(ov.Model([out], [pixels], "counter"), path)
    return path
