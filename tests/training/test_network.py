"""The network's shapes, its decoding and its losses. Needs PyTorch, the group `training`."""

from typing import Any

import numpy as np
import pytest

from tests.programs import library
from training.example import Truth
from training.grid import BOX_UNIT_PX, COLUMNS, HEIGHT_PX, LABELS, ROWS, WIDTH_PX
from training.targets import encode

torch = library("torch", "training")

from training.average import Average  # noqa: E402 needs torch, as all below
from training.decode import MOST, rows  # noqa: E402
from training.loss import box_loss, centre_loss, total_loss  # noqa: E402
from training.network import FINER, Network, spread  # noqa: E402
from training.train import FASTEST, WARM_UP, rate  # noqa: E402

CAR = 2
BOX = [0.25, 0.25, 0.5, 0.5]


def wanted() -> dict[str, Any]:
    truth = Truth(np.array([CAR]), np.ones(1, np.float32), np.array([BOX], np.float32))
    return {name: torch.from_numpy(part)[None] for name, part in encode(truth)._asdict().items()}


def perfect() -> tuple[Any, ...]:
    """What a network would say that knows the answer."""
    targets = wanted()
    centres = torch.logit(targets["heat"].clamp(1e-4, 1 - 1e-4))
    sides = torch.log(targets["sides"].clamp(min=1) / BOX_UNIT_PX).flatten(1, 2)
    return tuple(torch.nn.functional.pixel_unshuffle(part, FINER) for part in (centres, sides))


def test_shapes() -> None:
    centres, sides = Network().eval()(torch.zeros(2, 3, HEIGHT_PX, WIDTH_PX))
    assert spread(centres).shape == (2, len(LABELS), ROWS, COLUMNS)
    assert spread(sides).shape == (2, len(LABELS) * 4, ROWS, COLUMNS)


def test_rows_are_what_was_encoded() -> None:
    table = rows(*perfect())
    assert table.shape == (1, 1, MOST, 7)
    best, second = table[0, 0, 0].tolist(), table[0, 0, 1].tolist()
    assert best[:2] == [0, CAR]
    assert best[2] > 0.99
    assert best[3:] == pytest.approx(BOX, abs=1e-4)
    assert second[2] < 0.01


def test_the_right_answer_costs_least() -> None:
    targets, (centres, sides) = wanted(), perfect()
    right = float(total_loss((centres, sides), targets))
    assert float(total_loss((centres.flip(3), sides), targets)) > right + 10
    assert float(total_loss((centres, sides + 0.5), targets)) > right + 0.5


def test_boxes_that_are_right_cost_nothing() -> None:
    targets = wanted()
    sides = torch.log(targets["sides"].clamp(min=1) / BOX_UNIT_PX)
    assert float(box_loss(sides, targets["sides"], targets["weight"])) == pytest.approx(0, abs=1e-5)


def test_what_is_ignored_costs_nothing() -> None:
    heat, said = torch.zeros(1, 1, 4, 4), torch.full((1, 1, 4, 4), 5.0)
    assert float(centre_loss(said, heat, torch.ones_like(heat))) == 0
    assert float(centre_loss(said, heat, torch.zeros_like(heat))) > 10


def test_the_average_forgets_its_start_and_then_moves_slowly() -> None:
    network = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(network.weight, 0.0)
    average = Average(network)
    torch.nn.init.constant_(network.weight, 1.0)
    average.update(network, 0)
    assert float(average.network.weight) == pytest.approx(0.9)
    torch.nn.init.constant_(network.weight, 2.0)
    average.update(network, 1_000_000)
    assert float(average.network.weight) == pytest.approx(0.9 + 1.1 * 0.0005, abs=1e-5)


def test_the_rate_warms_up_and_cools_down() -> None:
    assert rate(0, 5000) < rate(WARM_UP // 2, 5000) < rate(WARM_UP, 5000) == pytest.approx(FASTEST)
    assert rate(4999, 5000) == pytest.approx(FASTEST * 0.01, rel=0.01)


def test_of_two_rows_for_one_figure_the_better_counts() -> None:
    centres, sides = perfect()
    heat = spread(centres)
    row, column = np.argwhere(wanted()["heat"][0, CAR].numpy() == 1)[0].tolist()
    heat[0, CAR, row, column - 2 : column + 3] = torch.tensor([2.0, -9.0, 3.0, -9.0, 1.0])
    table = rows(torch.nn.functional.pixel_unshuffle(heat, FINER), sides)[0, 0]
    scores = table[table[:, 2] > 0.1][:, 2]
    assert scores.tolist() == pytest.approx([float(torch.sigmoid(torch.tensor(3.0)))])
