"""The network's input, its grid of cells and its classes: what all of training agrees on (pure)."""

LABELS = ("person", "bicycle", "car", "bus")  # the index is the class
WIDTH_PX, HEIGHT_PX = 512, 288
CELL_PX = 4
COLUMNS, ROWS = WIDTH_PX // CELL_PX, HEIGHT_PX // CELL_PX
BOX_UNIT_PX = 24.0  # a distance d from a cell's middle is learned as log(d / BOX_UNIT_PX)
