"""A better device is looked for only where its node is."""

from pathlib import Path

import pytest

from actors.inference.nodes import better

LADDER = ("NPU", "GPU", "CPU")


@pytest.mark.parametrize(
    ("node", "ladder", "device", "may_be"),
    [
        ("", LADDER, "CPU", False),
        ("accel/accel0", LADDER, "CPU", True),
        ("accel/accel0", LADDER, "GPU", True),
        ("accel/accel0", LADDER, "NPU", False),
        ("accel/accel0", ("GPU", "CPU"), "CPU", False),
        ("dri/renderD128", ("GPU.1", "CPU"), "CPU", True),
        ("dri/card0", LADDER, "CPU", False),
        ("", ("CPU", "GPU"), "GPU", True),
    ],
)
def test_by_its_node(
    tmp_path: Path, node: str, ladder: tuple[str, ...], device: str, *, may_be: bool
) -> None:
    if node:
        (tmp_path / node).parent.mkdir()
        (tmp_path / node).touch()
    assert better(ladder, device, tmp_path) == may_be
