"""What costs memory, made when it is first needed: most devices collect nothing."""

from threading import Event
from typing import TYPE_CHECKING

from actors.collect.choice import collected
from actors.collect.glance import ThreadedGlances
from actors.collect.shelf import Shelf
from actors.collect.stock import Stock
from actors.collect.upload.state import Uploading
from actors.config import Config
from actors.wiring import results
from bus.sockets import ZmqBus
from bus.wake import Wake

if TYPE_CHECKING:
    from actors.collect.collecting import Collecting


def begun(bus: ZmqBus, stock: Stock, config: Config, wake: Wake) -> "Collecting":
    """From here on results are heard, and pictures cost memory."""
    from actors.collect.collecting import Collecting  # noqa: PLC0415 NumPy and OpenCV: 28 MB
    from bus.frame_reader import FrameReader  # noqa: PLC0415 as above

    bus.listen([topic for camera in collected(config) for topic in results(config, camera)])
    glances = ThreadedGlances(config.run, wake)
    return Collecting(bus, FrameReader(config.run), stock, config, glances)


def uploads(config: Config, shelf: Shelf, wake: Event) -> Uploading | None:
    if config.upload.kind == "off":
        return None
    from actors.collect.upload.uploading import uploading  # noqa: PLC0415 10 MB more

    return uploading(config, shelf, wake)
