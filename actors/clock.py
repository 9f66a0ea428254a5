"""The clocks by which what is stored is told."""

import time

from actors.store.moment import Moment, boot_id


def moment() -> Moment:
    """Now."""
    return Moment(time.time_ns(), time.clock_gettime_ns(time.CLOCK_BOOTTIME), boot_id())
