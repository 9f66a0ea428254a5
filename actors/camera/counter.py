"""A frame number that machines read back from the picture itself (pure).

48 black and white cells in the bottom left corner, inside a black guard: 32 bits of number,
16 of CRC, most significant first. All measures are fractions of the picture, so the number
survives scaling, and large enough to survive H.264 at low quality: a picture of 640x360 may
be halved and still be read. Chroma is neutral there.
"""

import binascii
import struct
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bus.pixels import I420, Plane

COLUMNS, ROWS = 12, 4
WIDTH_CELLS, HEIGHT_CELLS = 106, 60  # a picture's sides, in cells
SMALLEST_CELL_PX = 2.0  # below 212x120 the cells stay at this, and scaling is not survived
BLACK, WHITE, NEUTRAL = 16, 235, 128
DARK = 90  # mean luma up to which the guard is believed to be black
NUMBER = struct.Struct(">IH")
NUMBERS = 1 << 32


def write_counter(picture: I420, index: int) -> None:
    """Burn `index` (modulo 2**32) into the picture."""
    word = (index % NUMBERS).to_bytes(4, "big")
    code = word + binascii.crc_hqx(word, 0xFFFF).to_bytes(2, "big")
    bits = np.unpackbits(np.frombuffer(code, np.uint8)).reshape(ROWS, COLUMNS)
    cells = np.full((ROWS + 2, COLUMNS + 2), BLACK, np.uint8)
    cells[1:-1, 1:-1] += bits * np.uint8(WHITE - BLACK)
    rows, columns = _sides(picture.height, picture.width)
    block = cells[rows[:, None], columns]
    height, width = block.shape
    picture.y[-height:, :width] = block[-picture.height :, : picture.width]
    for plane in (picture.u, picture.v):
        plane[max(0, picture.height - height) // 2 :, : (width + 1) // 2] = NEUTRAL


def read_counter(luma: Plane) -> int | None:
    """The number burned into this picture, None if there is none that can be believed."""
    height, width = luma.shape
    rows, columns = _edges(height, width)
    if rows[-1] > height or columns[-1] > width:
        return None
    corner = luma[height - rows[-1] :]
    means = np.array(
        [
            [_middle(corner[top:bottom, left:right]) for left, right in _spans(columns)]
            for top, bottom in _spans(rows)
        ]
    )
    bits = means[1:-1, 1:-1] > (BLACK + WHITE) / 2
    means[1:-1, 1:-1] = 0
    if means.max() > DARK:
        return None
    number, crc = NUMBER.unpack(np.packbits(bits).tobytes())
    return int(number) if crc == binascii.crc_hqx(number.to_bytes(4, "big"), 0xFFFF) else None


def counter_size(width: int, height: int) -> tuple[int, int]:
    """How much of a picture's corner the counter takes: width and height."""
    cell_width, cell_height = _cell_px(width, height)
    return round((COLUMNS + 2) * cell_width), round((ROWS + 2) * cell_height)


def _cell_px(width: int, height: int) -> tuple[float, float]:
    return (
        max(width / WIDTH_CELLS, SMALLEST_CELL_PX),
        max(height / HEIGHT_CELLS, SMALLEST_CELL_PX),
    )


def _edges(height: int, width: int) -> tuple[list[int], list[int]]:
    """Where rows of cells (from the counter's top) and columns (from the left) meet."""
    cell_width, cell_height = _cell_px(width, height)
    top = round((ROWS + 2) * cell_height)
    rows = [top - round((ROWS + 2 - row) * cell_height) for row in range(ROWS + 3)]
    return rows, [round(column * cell_width) for column in range(COLUMNS + 3)]


@lru_cache(maxsize=16)
def _sides(height: int, width: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Which cell each row of pixels of the counter is in, and each column."""
    rows, columns = _edges(height, width)
    return (
        np.repeat(np.arange(ROWS + 2), np.diff(rows)),
        np.repeat(np.arange(COLUMNS + 2), np.diff(columns)),
    )


def _spans(edges: list[int]) -> list[tuple[int, int]]:
    return list(pairwise(edges))


def _middle(cell: Plane) -> float:
    """Mean of a cell without the quarter at each side, where neighbours bleed in."""
    height, width = cell.shape
    return float(
        cell[height // 4 : -(height // 4) or None, width // 4 : -(width // 4) or None].mean()
    )
