"""Standing by: a process that does not hold its post, and the reasons to begin its duty.

Light on purpose: nothing here imports NumPy, OpenCV or OpenVINO.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

from actors.inference.desk import Desk
from actors.inference.slot import Slots
from bus.messages import Post, Tick, Woken
from bus.sockets import Bus
from bus.topics import Topic

WAITS = "stands by to take over"
BEGINS = {
    "vacancy": "takes the free post",
    "relief": "comes with what is wanted now",
    "promotion": "looks for a better device",
}
IMPORTS_MS = 30_000  # nothing is said while libraries are loaded


class Call(NamedTuple):
    """Why a process begins its duty."""

    reason: Literal["vacancy", "relief", "promotion"]
    generation: int = 0  # that it is to serve
    holds: str = ""  # the device of the one to be relieved, in a promotion


def stand_by(
    bus: Bus,
    desk: Desk,
    slots: Slots,
    topic: Topic[Post],
    own: Post,
    better: Callable[[str], bool],
) -> Call | None:
    """Wait for a reason; None if the process is to end.

    `better` says whether a better device than this one may be there.
    """
    bus.report("standby", WAITS)
    bus.send(topic, own)
    other: Post | None = None
    for message in bus:
        match message:
            case Post():
                other = message
            case Tick(now_ns=now_ns) | Woken(now_ns=now_ns):
                call = reason(desk, slots, other, now_ns)
                if call and (call.reason != "promotion" or better(call.holds)):
                    bus.report("starting", BEGINS[call.reason], due_ms=IMPORTS_MS)
                    return call
    return None


def reason(desk: Desk, slots: Slots, other: Post | None, now_ns: int) -> Call | None:
    """A post without holder, a newer model that is wanted, or a better device to look for."""
    if desk.held:
        return Call("vacancy")
    tenure = desk.incumbent()
    wanted = slots.relief(tenure) if tenure and not tenure.left else 0
    if wanted:
        return Call("relief", wanted)
    if other and other.phase == "serving" and 0 < other.better_at_ns <= now_ns:
        return Call("promotion", other.generation, other.device)
    return None
