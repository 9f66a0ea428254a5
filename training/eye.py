"""A package asked about one picture at a time, through the runtime's own engine."""

import tempfile
import threading
from pathlib import Path

import numpy as np

from actors.inference.engine import Engine
from actors.package.reading import Package
from bus.messages import Box
from bus.pixels import I420
from training.matching import Seen

PATIENCE_S = 60.0
LEAST_SCORE = 0.01


class Eye:
    """One package on the CPU, with one thread, reporting down to very low scores."""

    def __init__(self, package: Package, threshold: float = LEAST_SCORE) -> None:
        self._done = threading.Semaphore(0)
        with tempfile.TemporaryDirectory() as cache:
            self._engine = Engine(
                package, ["CPU"], Path(cache), self._done.release, threads=1, threshold=threshold
            )

    def see(self, picture: I420) -> list[Box]:
        """`TimeoutError` if the device does not answer."""
        self._engine.fill(0, picture)
        self._engine.start(0)
        if not self._done.acquire(timeout=PATIENCE_S):
            raise TimeoutError(f"{self._engine.device}: no answer in {PATIENCE_S:.0f} s")
        return self._engine.boxes(0)

    @property
    def spent_ms(self) -> float:
        """What the last picture's inference took."""
        return self._engine.spent_ms(0)


def seen_of(boxes: list[Box], kinds: dict[str, int]) -> Seen:
    """Boxes as arrays; `kinds` says which class a label is, others are left out."""
    mine = [box for box in boxes if box.label in kinds]
    corners = [(box.x0, box.y0, box.x1, box.y1) for box in mine]
    return Seen(
        np.array([kinds[box.label] for box in mine], np.int64),
        np.array([box.score for box in mine], np.float32),
        np.array(corners, np.float32).reshape(-1, 4),
    )
