"""Draws streets and keeps them as shards; goes on where it was interrupted."""

import logging
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

import numpy as np

from actors.camera.scene import Scene
from actors.inference.fit import Fit
from bus.messages import TrueBox
from bus.pixels import I420, blank
from training.example import Example, truth_of
from training.grid import HEIGHT_PX, WIDTH_PX
from training.shards import is_written, write_shard
from training.street import RATE_HZ, Split, Street, street

log = logging.getLogger(__name__)
STREETS_A_SHARD = 8
PICTURES_A_STREET = 16


class Job(NamedTuple):
    """One shard to write."""

    folder: Path
    split: Split
    number: int
    streets: int


def generate(
    folder: Path, split: Split, shards: int, processes: int, streets: int = STREETS_A_SHARD
) -> None:
    """Write the split's first `shards` shards to `folder`, those that are there left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [at for at in range(shards) if not is_written(folder, at)]
    jobs = [Job(folder, split, at, streets) for at in wanted]
    with ProcessPoolExecutor(processes) as pool:
        for done, future in enumerate(as_completed(pool.submit(_write, job) for job in jobs), 1):
            future.result()
            log.info("%s: %d of %d shards", split.name.lower(), done, len(jobs))


def pictures(one: Street) -> Iterator[tuple[I420, list[TrueBox]]]:
    """The street's pictures in full size; each is overwritten by the next."""
    scene = Scene(one.setting, one.width, one.height, RATE_HZ)
    canvas = blank(one.width, one.height)
    for index in one.indices:
        yield canvas, scene.draw(index, canvas)


def _write(job: Job) -> None:
    first = job.number * job.streets
    numbers = range(first, first + job.streets)
    streets = (street(job.split, number, PICTURES_A_STREET) for number in numbers)
    write_shard(job.folder, job.number, [one for each in streets for one in _examples(each)])


def _examples(one: Street) -> Iterator[Example]:
    """Made small by the runtime's own code, so that training sees the pixels inference does."""
    tensor = np.empty((1, HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    fit = Fit(tensor, "BGR")
    for picture, figures in pictures(one):
        fit.fill(picture)
        yield Example(tensor[0].copy(), truth_of(figures))
