"""The topics of one device: the wiring table with this configuration's names in it."""

from collections.abc import Mapping

from actors.config import Camera, Config
from bus.messages import Frame, Model, Post, Result
from bus.topics import FRAMES, MODELS, OVERLAID, POSTS, RESULTS, Pattern, Topic

# raw is what a camera captures, result the same with what was seen drawn on it
STREAMS: Mapping[str, Pattern[Frame]] = {"raw": FRAMES, "result": OVERLAID}


def results(config: Config, camera: Camera | None = None) -> list[Topic[Result]]:
    """What is seen by any camera, or by one: a topic for each post that may publish it."""
    return [
        RESULTS.of(camera=each.name, inference=entry.name, post=post)
        for each in ([camera] if camera else config.camera)
        for entry in config.entries_of(each)
        for post in entry.posts
    ]


def posts(config: Config) -> list[Topic[Post]]:
    """Where each process of each inference entry stands."""
    return [
        POSTS.of(inference=entry.name, post=post)
        for entry in config.inference
        for post in entry.posts
    ]


def models(config: Config) -> list[Topic[Model]]:
    """What is being installed for each inference entry, and what counts."""
    return [MODELS.of(inference=entry.name) for entry in config.inference]
