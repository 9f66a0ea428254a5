"""Waits until what a slot wants publishes, on the bus of the running device."""

import time
from contextlib import suppress

import msgspec
import typer

from actors.config import Config, Inference
from actors.store.reader import Reader
from actors.store.slot import Slot
from actors.supervision.restarting import alive
from bus.messages import Post
from cli.listener import Listener
from cli.model.arrival import Arrival, Ended
from cli.refusal import Refused

LOOK_S = 0.2
GONE_S = 10.0  # between two processes there may be none for a moment
MARGIN_S = 15.0  # beside loading and trial: a start of the process, a holder that has to be ended
INTERRUPTED = 130  # as shells have it


def wait(device: Config, entry: Inference, slot: Slot) -> Post:
    """What the post says that serves it, or `Refused` with the reason why none does."""
    arrival = Arrival(slot)
    within_s = device.models.load_s + device.models.trial_s + MARGIN_S
    try:
        ended = _followed(device, entry, arrival, within_s)
    except KeyboardInterrupt:
        raise Refused(
            "not waited for any longer; the change stands, `retinue model status` says how it goes",
            INTERRUPTED,
        ) from None
    if ended.post is None:
        raise Refused(f"slot {entry.name}: {ended.reason}")
    return ended.post


def _followed(device: Config, entry: Inference, arrival: Arrival, within_s: float) -> Ended:
    reader, told = Reader(device.state), 0
    alive_s = time.monotonic()
    end_s = alive_s + within_s
    with Listener(device.run, f"posts/{entry.name}/") as listener:
        while time.monotonic() < end_s:
            for _, wire in listener.messages(LOOK_S):
                with suppress(msgspec.MsgspecError):  # a stranger's: it is no post then
                    arrival.hear(msgspec.msgpack.decode(wire, type=Post))
                if arrival.ended:
                    break
            arrival.look(reader.slot(entry.name).slot)
            for step in arrival.steps[told:]:
                typer.echo(f"slot {entry.name}: {step}", err=True)
            told = len(arrival.steps)
            if arrival.ended:
                return arrival.ended
            if alive(device, entry):
                alive_s = time.monotonic()
            elif time.monotonic() > alive_s + GONE_S:
                return Ended(None, "no process of it runs any more; see `retinue ps`")
    return Ended(None, f"not done within {within_s:g} s; see `retinue model status`")
