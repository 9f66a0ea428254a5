"""Memory for frame pools: all of it at the start, or a refusal that says how much."""

import os
from contextlib import suppress
from pathlib import Path

from bus.layout import Layout


class NoMemory(Exception):
    """The pool does not fit: says how many bytes are wanted and how many there are."""


def reserve(name: str, wanted: Layout) -> int:
    """Memory for the whole pool, now: better no start than a SIGBUS later."""
    available = available_bytes()
    if wanted.total_bytes <= available:
        fd = os.memfd_create(f"retinue-{name}", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            os.ftruncate(fd, wanted.total_bytes)
            os.posix_fallocate(fd, 0, wanted.total_bytes)
        except OSError:
            os.close(fd)
        else:
            return fd
    raise NoMemory(
        f"pool {name}: {wanted.total_bytes:,} bytes wanted for {wanted.slots} frames of "
        f"{wanted.width}x{wanted.height}, {available:,} available; set fewer frames.slots "
        "or a smaller camera"
    )


def available_bytes() -> int:
    """Memory that can be had without pushing anything out, within the container's limit."""
    fields = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    available = int(fields["MemAvailable"].split()[0]) * 1024
    with suppress(OSError, ValueError):
        limit = int(Path("/sys/fs/cgroup/memory.max").read_text())
        used = int(Path("/sys/fs/cgroup/memory.current").read_text())
        available = min(available, max(0, limit - used))
    return available
