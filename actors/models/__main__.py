"""Models: has what is wanted fetched, tried and stored, and gives it to the slot that wants it.

in   state/models/wishes/           what each slot is wanted to run, looked at twice a second
     state/models/{outcomes,slots}/ what commands did, and what inference put back
out  models/<inference>/            what is going on, how it ended, and which version counts

One thread works off one wish after the other. The network's faults are tried again for ever, ever
less often; what is refused stays so until the wish changes. While this actor is away the models
that run go on, and wishes wait; what was begun goes on where it was.
"""

import logging
from collections.abc import Mapping, Sequence

from actors.config import Config
from actors.models.errands import Errands
from actors.models.fulfilling import shown
from actors.models.hands import Hands, Worker
from actors.models.shelf import Lying, Shelf
from actors.models.telling import health_of, model_of, unfulfilled
from actors.process import Seat, start
from actors.store.store import Store
from actors.store.trouble import StoreError
from bus.messages import Model, Tick, Woken
from bus.sockets import Bus, ZmqBus
from bus.topics import MODELS
from bus.wake import Wake

log = logging.getLogger(__name__)

TICK_HZ = 2


def run(bus: Bus, hands: Hands, shelf: Shelf, slots: Sequence[str]) -> None:
    errands, said = Errands(), dict[str, Model]()
    bus.report("running")
    for message in bus:
        match message:
            case Tick(now_ns=now_ns) | Woken(now_ns=now_ns):
                ended = hands.take()  # before a look at its traces
                if ended and ended.reason:
                    errands.failed(ended.errand, ended.reason, now_ns)
                lying = {slot: shelf.look(slot) for slot in slots}
                dispatch(errands, hands, lying, now_ns)
                for slot, there in lying.items():
                    told = tell(slot, there, errands, hands)
                    if told != said.get(slot):
                        bus.send(MODELS.of(inference=slot), told)
                        said[slot] = told
                reasons = {s: unfulfilled(t, errands.setback(s, t)) for s, t in lying.items()}
                bus.report(*health_of(reasons))


def dispatch(errands: Errands, hands: Hands, lying: Mapping[str, Lying], now_ns: int) -> None:
    """Have dropped what nobody wants any more, begin what is due."""
    if hands.errand and lying[hands.errand.slot].wish != hands.errand.wish:
        hands.drop()
    due = None if hands.errand else errands.due(lying, now_ns)
    if due:
        log.info("%s: %s", due.slot, shown(due.wish))
        hands.begin(due)


def tell(slot: str, there: Lying, errands: Errands, hands: Hands) -> Model:
    at = hands.errand
    going_on = hands.progress if at and at.slot == slot else None
    wish = at.wish if at and going_on else there.wish
    source = shown(wish) if wish else ""
    return model_of(slot, there, going_on, source, errands.setback(slot, there))


def sweep(config: Config) -> None:
    """Remove what earlier processes left; what is refused is no reason not to go on."""
    try:
        for left in Store(config.state).sweep():
            log.info("removed %s, which was left behind", left)
    except StoreError as error:
        log.warning("%s", error)


def main(config: Config, seat: Seat) -> None:
    sweep(config)
    wake = Wake()
    worker = Worker(config, wake)
    with ZmqBus(
        seat.actor,
        config.run,
        stop=seat.stop,
        wake=wake,
        tick_hz=TICK_HZ,
        restarts=seat.restarts,
        each_beat=seat.look,
    ) as bus:
        run(bus, worker, Shelf(config.state), [entry.name for entry in config.inference])
    worker.close()


if __name__ == "__main__":
    start("models", main)
