"""From a call to the end of the duty: what a process needs for it, and what comes if it fails."""

import logging
import os
from functools import partial
from typing import Any

from actors.config import Config, Inference
from actors.inference.desk import Desk
from actors.inference.duty import run
from actors.inference.engine import Engine
from actors.inference.inbox import Inbox
from actors.inference.loader import Loader
from actors.inference.model import Model
from actors.inference.office import Failed, Office, Voice
from actors.inference.pipeline import Pipeline
from actors.inference.slot import Slots, Wanted
from actors.inference.standby import Call
from actors.package.reading import PackageError, read_package
from actors.process import Seat, posts
from actors.tenancy import make_room, retire
from bus.frame_reader import FrameReader
from bus.messages import Frame, Post
from bus.sockets import ZmqBus
from bus.topics import FRAMES, POST_NAMES, POSTS, RESULTS, Keep, Topic
from bus.wake import Wake

log = logging.getLogger(__name__)
TICK_HZ = 10


def work(config: Config, seat: Seat, desk: Desk, slots: Slots, wake: Wake, call: Call) -> None:
    """Serve until relieved, or be a newcomer that fails: then the slot is put back."""
    entry, post = posts(config)[seat.index]
    cameras = [camera.name for camera in config.cameras_of(entry)]
    every = {camera.name for camera in config.cameras_of(entry) if camera.pace == "max"}
    if call.reason == "vacancy":
        slots.vacated(desk.read())
        call = call._replace(generation=slots.wanted())
    own = Post(inference=entry.name, post=post, phase="loading", digest=_first(slots))
    inbox = Inbox(cameras, every)
    with (
        ZmqBus(
            seat.actor,
            config.run,
            _topics(entry, post, cameras, every),
            stop=seat.stop,
            wake=wake,
            tick_hz=TICK_HZ,
            restarts=seat.restarts,
        ) as bus,
        FrameReader(config.run) as frames,
    ):
        results = {
            name: RESULTS.of(camera=name, inference=entry.name, post=post) for name in cameras
        }
        topic = POSTS.of(inference=entry.name, post=post)
        voice = Voice(results, topic)
        office = Office(bus, desk, call, own, voice, config.models, os.getpid())
        load = Loader(partial(_load, config, entry, wake), wake.set)
        choice, load_s = partial(_choice, slots, call), config.models.load_s
        model = Model(choice, _ladder(entry, call), load, load_s)
        pipeline = Pipeline(bus, frames, inbox, entry, office.publish)
        relieved = True
        try:
            relieved = run(bus, inbox, model, pipeline, office, slots)
        except Failed as failed:
            log.warning("not taking over: %s", failed)
            office.say(phase="failed", detail=str(failed))
            if call.reason == "relief":
                slots.refuse(call.generation, str(failed))
    if relieved:
        retire(config.run, seat.actor)


def _first(slots: Slots) -> str:
    wanted = slots.choice()
    return wanted[0].digest if wanted else ""


def _choice(slots: Slots, call: Call) -> list[Wanted]:
    """A newcomer has nothing to fall back to: what runs is better than a second choice."""
    wanted = slots.choice()
    return wanted if call.reason == "vacancy" else wanted[:1]


def _ladder(entry: Inference, call: Call) -> tuple[str, ...]:
    """The devices to try, in a promotion only those above the present one."""
    if call.reason != "promotion" or call.holds not in entry.devices:
        return entry.devices
    return entry.devices[: entry.devices.index(call.holds)]


def _load(
    config: Config, entry: Inference, wake: Wake, wanted: Wanted, devices: tuple[str, ...]
) -> Engine:
    try:
        cache = make_room(config.state, "cache")
    except OSError as error:
        raise PackageError(f"{error.filename}: {error.strerror}; set RETINUE_STATE") from error
    engine = Engine(
        read_package(wanted.path),
        devices,
        cache,
        wake.set,
        hint=entry.hint,
        threads=entry.threads,
        threshold=entry.threshold,
    )
    engine.warm_up()
    return engine


def _topics(entry: Inference, post: str, cameras: list[str], every: set[str]) -> list[Topic[Any]]:
    """The other post's words before the frames, so that its results are known before ours."""
    others = [name for name in POST_NAMES if name != post and name in entry.posts]
    topics: list[Topic[Any]] = [POSTS.of(inference=entry.name, post=name) for name in others]
    topics += [
        RESULTS.of(camera=camera, inference=entry.name, post=name)
        for name in others
        for camera in cameras
    ]
    return [*topics, *(_frames_of(camera, every) for camera in cameras)]


def _frames_of(camera: str, every: set[str]) -> Topic[Frame]:
    keep = Keep.ALL if camera in every else Keep.NEWEST
    return FRAMES.of(camera=camera)._replace(keep=keep)
