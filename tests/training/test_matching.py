"""Right, wrong and what does not count; and what is counted from it."""

import numpy as np
import pytest

from training.boxes import overlaps
from training.example import Boxes, Truth
from training.matching import Seen, match
from training.tally import average_precision, best_threshold, recall_of, tally

Figure = tuple[int, float, list[float]]


def table(figures: tuple[Figure, ...]) -> tuple[list[int], Boxes, Boxes]:
    shares = np.array([share for _, share, _ in figures], np.float32)
    boxes = np.array([box for *_, box in figures], np.float32).reshape(-1, 4)
    return [kind for kind, *_ in figures], shares, boxes


def truth(*figures: Figure) -> Truth:
    kinds, visible, boxes = table(figures)
    return Truth(np.array(kinds, np.int64), visible, boxes)


def seen(*boxes: Figure) -> Seen:
    kinds, scores, corners = table(boxes)
    return Seen(np.array(kinds, np.int64), scores, corners)


HERE, BESIDE = [0.1, 0.1, 0.3, 0.3], [0.15, 0.1, 0.35, 0.3]
THERE = [0.6, 0.6, 0.8, 0.8]


def test_overlaps_of_known_boxes() -> None:
    ones = np.array([[0, 0, 2, 2], [5, 5, 6, 6]], np.float32)
    others = np.array([[1, 0, 3, 2]], np.float32)
    assert overlaps(ones, others) == pytest.approx(np.array([[1 / 3], [0]]))


def test_a_box_of_another_class_is_wrong() -> None:
    made = match(seen((1, 0.9, HERE)), truth((0, 1.0, HERE)))
    assert made.verdicts.tolist() == [0]
    assert made.taken.tolist() == [0]


def test_a_second_box_on_the_same_figure_is_wrong() -> None:
    made = match(seen((0, 0.6, HERE), (0, 0.9, BESIDE)), truth((0, 1.0, HERE)))
    assert made.verdicts.tolist() == [0, 1]
    assert made.overlap[0] == pytest.approx(0.6)


def test_hidden_figures_count_for_nothing() -> None:
    made = match(seen((0, 0.9, HERE)), truth((0, 0.2, HERE), (0, 0.3, THERE)))
    assert made.verdicts.tolist() == [-1]
    counts = tally([match(seen((0, 0.9, HERE)), truth((0, 0.2, HERE)))], 0.5)
    assert (counts.right, counts.wrong, counts.figures) == (0, 0, 0)


def test_a_box_on_two_figures_is_the_one_s_that_counts() -> None:
    made = match(seen((0, 0.9, HERE)), truth((0, 0.1, HERE), (0, 1.0, BESIDE)))
    assert made.verdicts.tolist() == [1]
    assert made.taken.tolist() == pytest.approx([0, 0.9])


def test_precision_recall_and_overlap() -> None:
    there = truth((0, 1.0, HERE), (0, 1.0, THERE), (1, 1.0, THERE))
    boxes = seen((0, 0.9, BESIDE), (1, 0.8, HERE), (0, 0.2, THERE))
    counts = tally([match(boxes, there)], 0.5)
    assert counts.precision == pytest.approx(1 / 2)
    assert counts.recall == pytest.approx(1 / 3)
    assert counts.mean_overlap == pytest.approx(0.6)
    assert tally([match(boxes, there)], 0.5, kind=0).precision == 1
    assert tally([match(boxes, there)], 0.1, kind=0).recall == 1


def test_a_threshold_after_matching_is_one_before_it() -> None:
    there = truth((0, 1.0, HERE), (0, 1.0, BESIDE), (0, 0.1, THERE))
    boxes = seen((0, 0.3, HERE), (0, 0.9, BESIDE), (0, 0.5, THERE), (0, 0.6, BESIDE))
    for threshold in (0.2, 0.4, 0.55, 0.7, 0.95):
        kept = boxes.scores >= threshold
        fewer = Seen(boxes.kinds[kept], boxes.scores[kept], boxes.boxes[kept])
        before = match(fewer, there)
        assert tally([match(boxes, there)], threshold) == tally([before], threshold)


def test_recall_of_chosen_figures() -> None:
    pictures = [match(seen((0, 0.9, HERE)), truth((0, 1.0, HERE), (1, 1.0, THERE)))]
    assert recall_of(pictures, 0.5, lambda one: one.kinds == 0).recall == 1
    assert recall_of(pictures, 0.5, lambda one: one.kinds == 1).recall == 0


def test_average_precision_of_a_known_ranking() -> None:
    """Right, wrong, right of two figures: 1/2 at precision 1, 1/2 at 2/3."""
    one = match(seen((0, 0.9, HERE), (0, 0.8, THERE)), truth((0, 1.0, HERE)))
    other = match(seen((0, 0.7, THERE)), truth((0, 1.0, THERE)))
    assert average_precision([one, other], 0) == pytest.approx(1 / 2 + 1 / 2 * 2 / 3)


def test_the_threshold_lies_between_the_right_and_the_wrong() -> None:
    pictures = [match(seen((0, 0.7, HERE), (0, 0.4, THERE)), truth((0, 1.0, HERE)))]
    assert 0.4 < best_threshold(pictures) <= 0.7
