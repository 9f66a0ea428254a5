"""What `python -m training evaluate` prints of the package that is shipped, in miniature."""

from pathlib import Path

import cv2
import pytest

from training.evaluate import evaluate
from training.failures import WIDTH_PX

PACKAGE = Path(__file__).parents[2] / "models" / "street"


def test_figures_and_failures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evaluate(PACKAGE, streets=1, real=tmp_path / "nothing", failures=tmp_path / "failures")
    said = capsys.readouterr().out
    assert "4 pictures; threshold" in said
    for row in ("| person |", "| large |", "| 80 to 100 % |", "| clear |", "| day |"):
        assert row in said
    assert "no real pictures to judge with" in said
    (shown,) = (tmp_path / "failures").iterdir()  # one a street
    picture = cv2.imread(str(shown))
    assert picture is not None
    assert picture.shape[1] == WIDTH_PX
    assert shown.stat().st_size < 60_000
