"""From a call to the end of the duty: what a process needs for it, and what comes if it fails."""

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from actors.config import Config, Inference
from actors.inference.cache import check, vouch
from actors.inference.desk import Desk
from actors.inference.duty import ModelFailed, run
from actors.inference.engine import Engine
from actors.inference.inbox import Inbox
from actors.inference.loader import Loader
from actors.inference.model import LoadHung, Model
from actors.inference.office import PROMOTION, Failed, Office, Voice
from actors.inference.pipeline import InferenceHung, Pipeline
from actors.inference.slot import Slots, Wanted
from actors.inference.standby import Call
from actors.inference.tries import waiting_ns
from actors.package.opening import is_sealed, opened
from actors.package.reading import Package, PackageError, read_files, read_package
from actors.process import Seat, posts
from actors.tenancy import make_room
from bus.frame_reader import FrameReader
from bus.messages import Frame, Post
from bus.sockets import ZmqBus
from bus.topics import FRAMES, POST_NAMES, POSTS, RESULTS, Keep, Topic
from bus.wake import Wake

log = logging.getLogger(__name__)
MOST_TRIES = 2  # of loading a model that each ended its process
CRASHES = "the model has ended each process that loaded it, {} of them"


def work(
    bus: ZmqBus, config: Config, seat: Seat, desk: Desk, slots: Slots, wake: Wake, call: Call
) -> bool:
    """Serve until relieved, or be a newcomer that fails: then the slot is put back.

    Whether it was this process's own choice to end.
    """
    entry, post = posts(config)[seat.index]
    cameras = [camera.name for camera in config.cameras_of(entry)]
    every = {camera.name for camera in config.cameras_of(entry) if camera.at_full_pace}
    if call.reason == "vacancy":
        slots.vacated(desk.read())
        call = call._replace(generation=slots.generation())
    tries = slots.begin(call.generation) if call.reason != "promotion" else 0
    if call.reason == "relief" and tries >= MOST_TRIES:
        slots.refuse(call.generation, CRASHES.format(tries), desk.read())
        return True
    choice = _choice(slots, call, tries)
    digest = next((wanted.digest for wanted in choice()), "")
    own = Post(inference=entry.name, post=post, phase="loading", digest=digest)
    inbox = Inbox(cameras, every)
    results = {name: RESULTS.of(camera=name, inference=entry.name, post=post) for name in cameras}
    voice = Voice(results, POSTS.of(inference=entry.name, post=post))
    bus.listen(_topics(entry, post, cameras, every))
    with FrameReader(config.run) as frames:
        office = Office(bus, desk, call, own, voice, config.models, entry.devices)
        load = Loader(partial(_load, config, entry, wake), wake.set)
        model = Model(choice, _ladder(entry, call), load, config.models.load_s)
        if tries >= MOST_TRIES and len(choice()) == 1:
            model.wait(waiting_ns(tries), CRASHES.format(tries) + "; it is tried again in a while")
        pipeline = Pipeline(bus, frames, inbox, entry, office.publish)
        try:
            alone = len(entry.posts) == 1
            relieved = run(bus, inbox, model, pipeline, office, slots, alone=alone)
        except (Failed, LoadHung) as failed:
            if office.holds:
                office.give_way(str(failed))
                raise
            _give_up(call, office, str(failed), slots, desk)
            return True
        except (ModelFailed, InferenceHung) as failed:
            office.give_way(str(failed))
            raise
        if not relieved:
            slots.ended()
        return relieved


def _give_up(call: Call, office: Office, reason: str, slots: Slots, desk: Desk) -> None:
    """A newcomer that failed says so; what runs goes on."""
    if call.reason == "promotion":
        log.debug("no better device: %s", reason)
        office.say(phase="failed", detail=f"{PROMOTION}: {reason}")
        return
    log.warning("not taking over: %s", reason)
    office.say(phase="failed", detail=reason)
    slots.refuse(call.generation, reason, desk.read())


def _choice(slots: Slots, call: Call, tries: int) -> Callable[[], list[Wanted]]:
    """A newcomer has nothing to fall back to: what runs is better than a second choice.

    A holder has, and it begins there if the first has ended several processes.
    """

    def chosen() -> list[Wanted]:
        wanted = slots.choice()
        if call.reason != "vacancy":
            return wanted[:1]
        return wanted[1:] if tries >= MOST_TRIES and len(wanted) > 1 else wanted

    return chosen


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
        check(cache)
    except OSError as error:
        raise PackageError(f"{error.filename}: {error.strerror}; set RETINUE_STATE") from error
    engine = Engine(
        _read(wanted.path, config),
        devices,
        cache,
        wake.set,
        hint=entry.hint,
        threads=entry.threads,
        threshold=entry.threshold,
    )
    vouch(cache)
    engine.warm_up()
    return engine


def _read(path: Path, config: Config) -> Package:
    if is_sealed(path):
        return read_files(opened(path, config.models.key_sources))
    return read_package(path)


def _topics(entry: Inference, post: str, cameras: list[str], every: set[str]) -> list[Topic[Any]]:
    """The other post's results before the frames, so that they are known before ours."""
    others = [name for name in POST_NAMES if name != post and name in entry.posts]
    topics: list[Topic[Any]] = [
        RESULTS.of(camera=camera, inference=entry.name, post=name)
        for name in others
        for camera in cameras
    ]
    return [*topics, *(_frames_of(camera, every) for camera in cameras)]


def _frames_of(camera: str, every: set[str]) -> Topic[Frame]:
    keep = Keep.ALL if camera in every else Keep.NEWEST
    return FRAMES.of(camera=camera)._replace(keep=keep)
