"""What an installation tells on its way, and how it may end short."""

from typing import Literal

from msgspec import Struct

from actors.models import remote


class Progress(Struct, frozen=True):
    """How far it is. Bytes and their rate are of what is being fetched."""

    phase: Literal["fetching", "admitting", "storing"]
    doing: str  # the step, for a person
    done_bytes: int = 0
    total_bytes: int | None = None
    rate_bytes_s: float = 0.0
    reason: str = ""  # why the last attempt to fetch failed, while there is another


class Refused(Exception):
    """Why it is not installed, in one sentence. To try again would change nothing."""


def of_fetch(told: remote.Progress) -> Progress:
    """A download's word as one of the whole installation."""
    return Progress(
        "fetching",
        told.doing,
        told.done_bytes,
        told.total_bytes,
        told.rate_bytes_s,
        told.reason,
    )
