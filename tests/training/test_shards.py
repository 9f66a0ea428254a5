"""What is written comes back; what was interrupted is not there."""

from pathlib import Path

import numpy as np
import pytest

from bus.messages import TrueBox
from training.example import Example, truth_of
from training.generate import generate
from training.grid import HEIGHT_PX, WIDTH_PX
from training.shards import Shards, is_written, write_shard
from training.street import Split


def example(level: int, *labels: str) -> Example:
    boxes = [TrueBox(label, 1, 0.5, 0.1, 0.2, 0.3, 0.4) for label in labels]
    return Example(np.full((4, 6, 3), level, np.uint8), truth_of(boxes))


def test_examples_come_back_in_order(tmp_path: Path) -> None:
    write_shard(tmp_path, 0, [example(1, "car", "bus"), example(2)])
    write_shard(tmp_path, 1, [example(3, "person")])
    shards = Shards(tmp_path)
    read = [shards[at] for at in range(len(shards))]
    assert [one.picture[0, 0, 0] for one in read] == [1, 2, 3]
    assert [one.truth.kinds.tolist() for one in read] == [[2, 3], [], [0]]
    assert read[2].truth.boxes == pytest.approx(np.array([[0.1, 0.2, 0.3, 0.4]]))


def test_a_shard_without_its_truth_is_not_there(tmp_path: Path) -> None:
    np.save(tmp_path / "0.npy", np.zeros((1, 4, 6, 3), np.uint8))
    assert not is_written(tmp_path, 0)
    with pytest.raises(FileNotFoundError, match="training generate"):
        Shards(tmp_path)


def test_drawn_once_and_not_again(tmp_path: Path) -> None:
    generate(tmp_path, Split.VALIDATION, shards=1, processes=1, streets=1)
    first = (tmp_path / "0.npy").stat().st_mtime_ns
    generate(tmp_path, Split.VALIDATION, shards=1, processes=1, streets=1)
    assert (tmp_path / "0.npy").stat().st_mtime_ns == first
    shards = Shards(tmp_path)
    assert shards[0].picture.shape == (HEIGHT_PX, WIDTH_PX, 3)
    assert sum(len(shards[at].truth.kinds) for at in range(len(shards))) > 0
