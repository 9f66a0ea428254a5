"""What a kept picture is called, as Azure Percept did: `87-2026-05-04-13-59-07.jpg` (pure).

First 100 times the mean score of its boxes, cut to an integer, then the local time of its capture.
A second one of the same second gets `-2`, a third `-3`.
"""

import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, tzinfo

from bus.health import SECOND_NS

PICTURE, SIDECAR = ".jpg", ".json"
STEM = re.compile(r"(\d{1,3})-\d{4}(?:-\d{2}){5}(?:-[1-9]\d*)?", re.ASCII)
CAMERA = re.compile(r"[a-z0-9][a-z0-9_-]{0,23}")
WHOLE = 100


def percent(scores: Sequence[float]) -> int:
    """0 also where nothing was seen, or nobody looked."""
    mean = sum(scores) / len(scores) if scores else 0.0
    return min(WHOLE, max(0, int(mean * WHOLE + 1e-6)))  # 0.29 * 100 is a little less than 29


def stem_of(score_percent: int, captured_utc_ns: int, zone: tzinfo | None = None) -> str:
    """In the device's own time zone if none is given."""
    at = datetime.fromtimestamp(captured_utc_ns // SECOND_NS, UTC).astimezone(zone)
    return f"{score_percent}-{at:%Y-%m-%d-%H-%M-%S}"


def free_stem(wanted: str, taken: Collection[str]) -> str:
    """`wanted`, or with the first number that nobody has."""
    stem, number = wanted, 1
    while stem in taken:
        number += 1
        stem = f"{wanted}-{number}"
    return stem


def percent_in(stem: str) -> int | None:
    """The mean score that a stem begins with; None for what is no picture's."""
    found = STEM.fullmatch(stem)
    return int(found[1]) if found else None
