"""How far something is: on a terminal one line that is drawn over, elsewhere a few lines."""

import shutil
from typing import TextIO

WIDTH = 24
PARTS = 4  # of a whole whose size is known, that are worth a line of their own


class Bar:
    """Shows on `out`. `end` before anything else is printed there."""

    def __init__(self, out: TextIO) -> None:
        self._out, self._is_terminal = out, out.isatty()
        self._drawn = False
        self._told: tuple[str, int] | None = None

    def show(
        self, what: str, done_bytes: int = 0, total_bytes: int | None = None, rate: float = 0.0
    ) -> None:
        """`rate` in bytes a second."""
        line = line_of(what, done_bytes, total_bytes, rate)
        if self._is_terminal:
            columns = shutil.get_terminal_size().columns
            self._out.write(f"\r{line[: columns - 1]}\x1b[K")
            self._drawn = True
        elif self._told != (what, milestone(done_bytes, total_bytes)):
            self._told = what, milestone(done_bytes, total_bytes)
            self._out.write(f"{line}\n")
        self._out.flush()

    def end(self) -> None:
        """Take the line away: what it said is over."""
        if self._drawn:
            self._out.write("\r\x1b[K")
            self._out.flush()
        self._drawn = False


def line_of(what: str, done_bytes: int, total_bytes: int | None, rate: float) -> str:
    if not done_bytes and not total_bytes:
        return what
    size = f"{done_bytes / 1e6:.1f} MB"
    if total_bytes:
        full = WIDTH * min(done_bytes, total_bytes) // total_bytes
        size = f"[{'#' * full:.<{WIDTH}}] {done_bytes / 1e6:.1f}/{total_bytes / 1e6:.1f} MB"
    return f"{what} {size}" + (f", {rate / 1e6:.2f} MB/s" if rate else "")


def milestone(done_bytes: int, total_bytes: int | None) -> int:
    """Steps up a few times on the way: at parts of the whole, else with each fourfold size."""
    if total_bytes:
        return PARTS * min(done_bytes, total_bytes) // total_bytes
    return done_bytes.bit_length() // 2
