"""Whether a device may be there, by its node: OpenVINO would say, but it is heavy to ask."""

from collections.abc import Sequence
from pathlib import Path

NODES = {"NPU": "accel/accel*", "GPU": "dri/renderD*"}


def better(ladder: Sequence[str], device: str, dev: Path = Path("/dev")) -> bool:
    """Whether a device above this one in the ladder may be there."""
    above = ladder[: ladder.index(device)] if device in ladder else ladder
    kinds = {name.partition(".")[0] for name in above}
    return any(kind not in NODES or any(dev.glob(NODES[kind])) for kind in kinds)
