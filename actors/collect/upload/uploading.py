"""The upload that the configuration asks for, begun."""

import random
import threading
from functools import partial

from actors.backoff import Backoff
from actors.collect.shelf import Shelf
from actors.collect.upload.connecting import connect
from actors.collect.upload.state import Uploading
from actors.collect.upload.uploader import Terms, Uploader
from actors.config import Config

PASSING_S = 2.0, 300.0  # first and longest wait while the line or the receiver fails
LASTING_S = 60.0, 3600.0  # while it refuses us


def uploading(config: Config, shelf: Shelf, wake: threading.Event) -> Uploading | None:
    """`None` if none is wanted. Whoever keeps a picture sets `wake`."""
    if config.upload.kind == "off":
        return None
    passing, lasting = (Backoff(*waits, random.random) for waits in (PASSING_S, LASTING_S))
    terms = Terms(config.upload.below, passing, lasting)
    return Uploader(shelf, partial(connect, config), terms, wake)
