"""Collect: pictures kept to train on, with what was seen in them.

in   results/<camera>/<inference>/  every one, once collecting was on
     frames/<camera>/               one, of a camera that no model looks at, when asked for
     state/settings.json            whether to collect, how often, and requests for a picture
out  state/images/<camera>/         JPEG files, each with a sidecar; from there to who trains

A frame is looked at in place and only when its picture is kept. Until then, and while nothing is
collected, there is nothing but a look at the settings twice a second. While this actor is away no
picture is kept, and nobody notices.
"""

from collections.abc import Callable
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

from actors.collect.choice import rules_of
from actors.collect.parts import begun, uploads
from actors.collect.requests import Requests
from actors.collect.shelf import Shelf
from actors.collect.stock import Stock
from actors.collect.telling import Counts, Telling
from actors.collect.upload.state import Uploading
from actors.config import Collect, Config
from actors.process import Seat, start
from actors.settings import SettingsFile
from actors.tenancy import make_room
from bus.messages import Result, Tick, Woken
from bus.sockets import Bus, ZmqBus
from bus.wake import Wake

if TYPE_CHECKING:
    from actors.collect.collecting import Collecting

TICK_HZ = 2
DUE_MS = 30_000  # a worn memory card may take seconds for one file


def run(
    bus: Bus,
    stock: Stock,
    config: Collect,
    settings: SettingsFile,
    requests: Requests,
    begin: Callable[[], "Collecting"],
    upload: Uploading | None = None,
) -> None:
    collecting: Collecting | None = None
    telling = Telling()
    for message in bus:
        match message:
            case Result() if collecting:
                collecting.add(message)
            case Woken() if collecting:
                collecting.glanced()
            case Tick():
                stock.tidy(message)
                wanted = settings.look()
                rules, asked = rules_of(config, wanted), requests.risen(wanted.picture_step)
                if collecting is None and rules:
                    collecting = begin()
                    collecting.resume(message)
                if collecting:
                    collecting.look(rules, message, asked=asked)
                if upload:
                    upload.look(wanted)
                alike = collecting.alike if collecting else 0
                uploaded = upload.state.uploaded if upload else None
                state, detail = telling.health(
                    Counts(stock.kept, alike, stock.removed, uploaded),
                    on=rules is not None,
                    troubles=[stock.trouble, upload.state.trouble if upload else ""],
                    now_ns=message.now_ns,
                )
                bus.report(state, detail, due_ms=DUE_MS)
    if collecting:
        collecting.close()


def main(config: Config, seat: Seat) -> None:
    room, kept, wake = make_room(config.state, "images"), Event(), Wake()
    stock = Stock(Shelf(room), config.collect, kept)
    upload = uploads(config, stock.shelf, kept)
    with ZmqBus(
        seat.actor,
        config.run,
        stop=seat.stop,
        wake=wake,
        tick_hz=TICK_HZ,
        restarts=seat.restarts,
        each_beat=seat.look,
    ) as bus:
        settings, requests = SettingsFile(config.state), Requests(room / ".requests")
        begin = partial(begun, bus, stock, config, wake)
        run(bus, stock, config.collect, settings, requests, begin, upload)
    if upload:
        upload.close()


if __name__ == "__main__":
    start("collect", main)
