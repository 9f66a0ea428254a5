"""The clocks of all that is not told the time by a message."""

import time

from actors.store.moment import Moment, boot_id


def moment() -> Moment:
    """Now."""
    return Moment(time.time_ns(), time.clock_gettime_ns(time.CLOCK_BOOTTIME), boot_id())


def utc_ns() -> int:
    """For people; it may jump."""
    return time.time_ns()


def monotonic_ns() -> int:
    """For how long something takes."""
    return time.monotonic_ns()
