"""A moment as people read it (pure)."""

from datetime import UTC, datetime

MS_NS = 1_000_000


def iso(utc_ns: int) -> str:
    """ISO 8601 in UTC, to the millisecond."""
    at = datetime.fromtimestamp(utc_ns // MS_NS / 1000, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
