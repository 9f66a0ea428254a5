"""From results to pictures on the shelf: who is looked at, what is chosen, what is left out."""

import logging
from collections import deque

import cv2
import numpy as np

from actors.collect.alike import difference_hash, is_alike
from actors.collect.choice import Rules, collected
from actors.collect.glance import Glances
from actors.collect.lookout import Catch, Lookout
from actors.collect.shelf import BadSidecar
from actors.collect.sidecar import Sidecar, look_of
from actors.collect.stock import Stock
from actors.config import Config
from bus.frame_reader import FrameReader
from bus.frames import FrameLost
from bus.messages import Result, Tick
from bus.pixels import Plane
from bus.sockets import Bus

log = logging.getLogger(__name__)

COMPARED = 32  # a picture is compared with so many of its camera


class Collecting:
    """Give it results as they come, and time."""

    def __init__(
        self, bus: Bus, frames: FrameReader, stock: Stock, config: Config, glances: Glances
    ) -> None:
        self._bus, self._frames, self._stock, self._glances = bus, frames, stock, glances
        self._rules: Rules | None = None
        self._wanted = config.collect
        self._lookouts = {
            camera.name: Lookout(frames, [entry.name for entry in config.entries_of(camera)])
            for camera in collected(config)
        }
        self._hashes = {name: deque[int](maxlen=COMPARED) for name in self._lookouts}
        self.alike = 0

    def resume(self, now: Tick) -> None:
        """Go on where the process before ended: the same intervals, the same pictures known."""
        kept = self._stock.shelf.pictures()
        for name, lookout in self._lookouts.items():
            for picture in [each for each in kept if each.camera == name][-COMPARED:]:
                try:
                    about = self._stock.shelf.sidecar(picture)
                except BadSidecar as bad:
                    log.warning("%s", bad)
                    continue
                if about.difference_hash:
                    self._hashes[name].append(int(about.difference_hash, 16))
                if "interval" in about.reasons:
                    ago_ns = max(0, now.now_utc_ns - about.captured_utc_ns)
                    lookout.choice.resume(now.now_ns - ago_ns)

    def look(self, rules: Rules | None, now: Tick, *, asked: bool) -> None:
        """Time has passed. `rules` hold until the next look; without any nobody is pictured,
        whoever asks."""
        self._rules = rules
        for name, lookout in self._lookouts.items():
            if rules is None:
                lookout.close()
                continue
            if asked:
                lookout.ask(now.now_ns)
            self._keep(lookout.take(now.now_ns))
            if lookout.unanswered(now.now_ns):
                lookout.answered()
                self._glances.begin(name)

    def add(self, result: Result) -> None:
        lookout, rules = self._lookouts.get(result.camera), self._rules
        if lookout is None or rules is None:
            return
        self._keep(lookout.take(result.published_ns))
        try:
            lookout.add(result, rules)
        except FrameLost:
            self._bus.drop()
        self._keep(lookout.take(result.published_ns))

    def glanced(self) -> None:
        """Keep what was asked for and nobody had looked at."""
        for name, frame in self._glances.take():
            if frame is None:
                log.warning("%s: a picture was asked for, and no frame comes", name)
            elif self._rules is not None:
                try:
                    self._keep(self._lookouts[name].snap(frame))
                except FrameLost:
                    self._bus.drop()

    def close(self) -> None:
        for lookout in self._lookouts.values():
            lookout.close()
        self._frames.close()

    def _keep(self, catch: Catch | None) -> None:
        if catch is None:
            return
        camera = catch.of.camera
        try:
            with catch.held as picture:
                size = picture.width, picture.height
                found = difference_hash(picture.y)
                if self._is_alike(catch, found):
                    self.alike += 1
                    return
                bgr = picture.bgr()
        except FrameLost:
            self._bus.drop()
            return
        about = Sidecar(
            camera=camera,
            frame_seq=catch.of.frame_seq,
            captured_ns=catch.of.captured_ns,
            captured_utc_ns=catch.of.captured_utc_ns,
            width=size[0],
            height=size[1],
            reasons=catch.reasons,
            difference_hash=f"{found:016x}",
            seen=tuple(map(look_of, catch.results)),
        )
        if self._stock.add(jpeg_of(bgr, self._wanted.quality), about):
            self._hashes[camera].append(found)
            self._bus.finished(catch.of.captured_ns)

    def _is_alike(self, catch: Catch, found: int) -> bool:
        """Who asks for a picture gets it."""
        asked = "request" in catch.reasons
        return not asked and is_alike(found, self._hashes[catch.of.camera], self._wanted.alike_bits)


def jpeg_of(bgr: Plane, quality: int) -> bytes:
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(data).tobytes()
