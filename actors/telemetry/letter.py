"""A letter to the cloud, as it goes out, and as the outbox hands it to a sink."""

from typing import NamedTuple

from msgspec import Struct

RESULTS, STATE, EVENTS = range(3)  # priorities: where room is needed, the lowest goes first


class Letter(Struct, frozen=True):
    """One message. Letters of one topic keep their order; between topics there is none."""

    topic: str  # as "results/front/street", "health/camera-front", "models/street"
    priority: int
    body: bytes  # JSON in UTF-8
    schema: str  # "percept" or "retinue/1"
    content_type: str = "application/json"
    created_utc_ns: int = 0


class Posted(NamedTuple):
    """A letter with the numbers that the outbox gave it."""

    id: int  # rises over all topics
    number: int  # of its topic, 1, 2, 3 and never again, so a receiver sees gaps and duplicates
    letter: Letter
    late: bool  # it waited through an outage, and may come after younger ones
