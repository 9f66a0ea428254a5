"""What is news among the states that actors repeat (pure: time is an input).

Health comes every second and a model's progress twice; sent is what differs from what was sent
last, in the fields that somebody far away acts on. What an actor says of its health is sent at
most once in `QUIET_NS`, so that one which comes and goes costs little; what it says then counts.
"""

from typing import NamedTuple

from msgspec import structs

from bus.messages import Health, Model, Post

Said = Health | Model | Post

QUIET_NS = 10_000_000_000
WATCHED: dict[type[Said], tuple[str, ...]] = {
    Health: ("state", "detail", "restarts", "model", "device"),
    Model: ("phase", "source", "reason", "ended_utc_ns", "generation", "digest", "reverted"),
    Post: ("phase", "detail", "generation", "model", "version", "digest", "device"),
}


class News(NamedTuple):
    """Something to send, and what was sent before it of the same thing."""

    now: Said
    before: Said | None


class Changes:
    """Give it all that is said; send what it returns. Monotonic time."""

    def __init__(self) -> None:
        self._sent: dict[tuple[str, ...], tuple[int, Said]] = {}

    def offer(self, said: Said, now_ns: int) -> News | None:
        at_ns, before = self._sent.get(_subject(said), (0, None))
        if before is not None:
            watched = WATCHED[type(said)]
            if all(getattr(said, name) == getattr(before, name) for name in watched):
                return None
            if isinstance(said, Health) and now_ns - at_ns < QUIET_NS:
                return None
        self._sent[_subject(said)] = now_ns, said
        return News(said, before)

    def silent(self, last: Health, now_ns: int) -> bool:
        """Whether it is news that an actor says nothing, after it said `last`.

        It counts as degraded from here on, so what it says next is news too.
        """
        lost = structs.replace(last, state="degraded", detail="silent")
        _, before = self._sent.get(_subject(last), (0, None))
        if before == lost:
            return False
        self._sent[_subject(last)] = now_ns, lost
        return True


def _subject(said: Said) -> tuple[str, ...]:
    match said:
        case Health():
            return "health", said.actor
        case Model():
            return "models", said.inference
        case Post():
            return "posts", said.inference, said.post
