"""A process's duty: infer the frames of its cameras, as a newcomer on trial or as the holder.

Everything heavy is imported from here, so that a process that stands by stays light.
"""

from actors.inference.engine import EngineLost
from actors.inference.inbox import Inbox
from actors.inference.model import Model
from actors.inference.office import Failed, Office
from actors.inference.pipeline import Pipeline
from actors.inference.slot import Slots
from bus.messages import Frame, Post, Result, Tick, Woken
from bus.sockets import Bus

PATIENCE = 3  # frames of a camera that may wait while two models share the processors
SPARING = 2  # a newcomer is tried on every second frame: the processors are needed elsewhere
MOST_LOST = 3  # times that a model on probation may lose its device


class ModelFailed(Exception):
    """A model on probation has failed too often: this process ends, and with it the model."""


def run(
    bus: Bus,
    inbox: Inbox,
    model: Model,
    pipeline: Pipeline,
    office: Office,
    slots: Slots,
    *,
    alone: bool = False,
) -> bool:
    """Until the bus ends or the post is left to a newcomer: then True. Raises `Failed`.

    Who is `alone` leaves without one, to come back with what is wanted now.
    """
    relieved = False
    for message in bus:
        match message:
            case Frame() if wants(office, message):
                bus.drop(inbox.offer(message))
            case Result():
                office.hear(message)
            case Post():
                office.told(message)
                inbox.patience = PATIENCE if office.changing else 1
            case Tick(now_ns=now_ns):
                look(bus, model, office, slots, now_ns)
                pipeline.look(now_ns)
                serve(office, slots, alone=alone)
            case Woken(now_ns=now_ns):
                look(bus, model, office, slots, now_ns)
        if turn(bus, model, pipeline, office, slots):
            relieved = True
            break
    if office.holds:
        office.leave()
    return relieved


def wants(office: Office, frame: Frame) -> bool:
    """Not all in a trial; and what comes to a holder that leaves is the newcomer's."""
    spared = office.said.phase == "trial" and frame.frame_seq % SPARING
    return not (spared or office.leaving)


def look(bus: Bus, model: Model, office: Office, slots: Slots, now_ns: int) -> None:
    """Load what is to be loaded; a newcomer whose model cannot be had gives up."""
    before = office.tenure if office.serves else None
    model.look(bus, now_ns)
    engine, wanted, said = model.engine, model.wanted, office.said
    if engine and wanted:
        now = engine.device, wanted.digest, wanted.generation
        if now != (said.device, said.digest, said.generation):
            office.runs(
                now_ns,
                generation=wanted.generation,
                model=engine.package.name,
                version=engine.package.version,
                digest=wanted.digest,
                device=engine.device,
            )
    elif model.trouble and not office.holds:
        raise Failed(model.trouble)
    office.look(now_ns)
    if office.serves and office.tenure != before:
        slots.served(office.tenure.generation)
        if model.refused:
            slots.refuse(office.tenure.generation, model.refused, office.tenure)


def serve(office: Office, slots: Slots, *, alone: bool) -> None:
    """Time has passed that was served well; who is alone makes room for what is wanted now."""
    if office.serves:
        slots.look()
        if alone and slots.relief(office.tenure):
            office.say(phase="leaving")


def turn(bus: Bus, model: Model, pipeline: Pipeline, office: Office, slots: Slots) -> bool:
    """Move frames on; whether a holder that leaves has nothing more to say."""
    if model.engine is None:
        return office.leaving
    try:
        pipeline.turn(model.engine, stepped_down=model.stepped_down)
    except EngineLost as error:
        pipeline.clear()
        if not office.holds:
            raise Failed(f"its device was lost in the trial: {error}") from error
        if model.losses >= MOST_LOST and slots.on_probation():
            raise ModelFailed(f"{model.losses + 1} devices lost on probation: {error}") from error
        model.lost(bus, error)
        return False
    return office.leaving and pipeline.idle
