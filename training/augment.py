"""Examples made more various: the same figures larger, mirrored, dimmer, blurred (pure).

Boxes stay right: what a cut or a patch takes from a figure is taken from its visible share.
"""

import cv2
import numpy as np

from bus.pixels import Plane
from training.boxes import areas
from training.example import Boxes, Example, Truth

ZOOMED = 0.5  # share of examples
LEAST_ZOOM, MOST_ZOOM = 0.7, 1.8
STRETCH = 0.15  # how much a zoom may change the sides' ratio
RELIT, BLURRED, NOISY, PATCHED = 0.6, 0.15, 0.3, 0.3
GREY = 114
GRAIN_ROWS = 32


def augment(example: Example, random: np.random.Generator) -> Example:
    """A new example; `example` is left as it is."""
    if random.random() < ZOOMED:
        example = zoomed(example, random)
    if random.random() < 0.5:  # noqa: PLR2004 heads or tails
        example = mirrored(example)
    if random.random() < PATCHED:
        example = patched(example, random)
    return Example(repainted(example.picture, random), example.truth)


def mirrored(example: Example) -> Example:
    """Left becomes right."""
    kinds, visible, boxes = example.truth
    flipped = np.stack([1 - boxes[:, 2], boxes[:, 1], 1 - boxes[:, 0], boxes[:, 3]], 1)
    picture = np.ascontiguousarray(example.picture[:, ::-1])
    return Example(picture, Truth(kinds, visible, flipped))


def zoomed(example: Example, random: np.random.Generator) -> Example:
    """Nearer, somewhere else, or farther with grey around."""
    height, width = example.picture.shape[:2]
    scale = np.exp(random.uniform(np.log(LEAST_ZOOM), np.log(MOST_ZOOM)))
    scales = scale * np.exp(random.uniform(-STRETCH, STRETCH, 2) / 2)
    shift = random.uniform(0, 1, 2) * (1 - scales)
    matrix = np.array(
        [[scales[0], 0, shift[0] * width], [0, scales[1], shift[1] * height]], np.float32
    )
    grey = (GREY, GREY, GREY)
    picture = cv2.warpAffine(example.picture, matrix, (width, height), borderValue=grey)
    boxes = example.truth.boxes * np.tile(scales, 2) + np.tile(shift, 2)
    moved = example.truth._replace(boxes=boxes.astype(np.float32))
    return Example(np.asarray(picture, np.uint8), _cut(moved))


def patched(example: Example, random: np.random.Generator) -> Example:
    """A plain rectangle, the size of a figure, before everything."""
    height, width = example.picture.shape[:2]
    sides = random.uniform((0.02, 0.05), (0.12, 0.3))
    corner = random.uniform(0, 1 - sides)
    patch = np.concatenate([corner, corner + sides]).astype(np.float32)
    left, top, right, bottom = (patch * (width, height, width, height)).astype(int)
    picture = example.picture.copy()
    picture[top:bottom, left:right] = random.integers(0, 256, 3)
    boxes = example.truth.boxes
    shared = _shared(boxes, patch) / np.maximum(areas(boxes), 1e-9)
    visible = (example.truth.visible * (1 - shared)).astype(np.float32)
    return Example(picture, example.truth._replace(visible=visible))


def repainted(picture: Plane, random: np.random.Generator) -> Plane:
    """Other light, focus and noise."""
    if random.random() < RELIT:
        picture = _relit(picture, random)
    if random.random() < BLURRED:
        sigma = float(random.uniform(0.4, 1.1))
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)
    if random.random() < NOISY:
        picture = _noisy(picture, random)
    return picture


def _relit(picture: Plane, random: np.random.Generator) -> Plane:
    """Each channel's values through a line of its own."""
    slope = random.uniform(0.85, 1.15, 3) * random.uniform(0.5, 1.4)
    offset = random.uniform(-20, 20)
    values = np.arange(256)[:, None] * slope + offset
    table = np.clip(values, 0, 255).astype(np.uint8).reshape(256, 1, 3)
    return np.asarray(cv2.LUT(picture, table), np.uint8)


def _noisy(picture: Plane, random: np.random.Generator) -> Plane:
    """Grain of 1 to 8 levels: a strip of it, repeated down the picture from a random start."""
    height, width, _ = picture.shape
    strip = random.normal(0, random.uniform(1, 8), (GRAIN_ROWS, width, 3)).astype(np.int16)
    rows = (np.arange(height) * 7 + random.integers(GRAIN_ROWS)) % GRAIN_ROWS
    grain = np.roll(strip, int(random.integers(width)), axis=1)[rows]
    return np.asarray(np.clip(picture + grain, 0, 255), np.uint8)


def _cut(truth: Truth) -> Truth:
    """Boxes cut to the picture; what lies outside is gone, what is cut is less visible."""
    inside = np.clip(truth.boxes, 0, 1)
    share = areas(inside) / np.maximum(areas(truth.boxes), 1e-9)
    visible = (truth.visible * share).astype(np.float32)
    return Truth(truth.kinds, visible, inside).only(share > 0)


def _shared(boxes: Boxes, patch: Boxes) -> Boxes:
    low, high = np.maximum(boxes[:, :2], patch[:2]), np.minimum(boxes[:, 2:], patch[2:])
    return np.asarray(np.prod(np.maximum(high - low, 0), axis=1), np.float32)
