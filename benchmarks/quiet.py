"""Waits for others to leave the processor alone, so that both sides of a ratio meet the same."""

import time
from pathlib import Path

SAMPLE_S = 0.25
BUSY = 0.12  # share of all cores that counts as quiet; the rest of a device idles below this
PATIENCE_S = 15.0


def wait_for_quiet() -> None:
    """Return once the machine has been quiet for a moment, or patience is over."""
    end_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < end_s:
        before = _ticks()
        time.sleep(SAMPLE_S)
        busy, total = (now - then for now, then in zip(_ticks(), before, strict=True))
        if busy <= BUSY * total:
            return


def _ticks() -> tuple[int, int]:
    """Busy and all ticks of all cores since the start, stolen ones counted as busy."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
    return sum(fields) - fields[3] - fields[4], sum(fields)
