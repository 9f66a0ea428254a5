"""One process's way to its post, its time there, and its leave.

A newcomer loads, looks at live frames beside the running model without publishing, says that it
is ready, and waits for the post. The holder hears that, finishes what it began, says how far it
was, and leaves. The newcomer then publishes what it has seen beyond that: no frame twice, none
left out.
"""

import logging
import os
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from actors.config import Models
from actors.inference.desk import Desk, Served, Tenure
from actors.inference.standby import Call
from actors.inference.trial import Trial
from bus.health import SECOND_NS
from bus.messages import Post, Result
from bus.sockets import Bus
from bus.topics import Topic

log = logging.getLogger(__name__)

PATIENCE_NS = 3 * SECOND_NS  # a holder that does not leave for so long hangs
PROMOTION = "on a better device"
FIRST_LOOK_NS, LONGEST_LOOK_NS = 30 * SECOND_NS, 3600 * SECOND_NS  # for a better device
ON_THE_WAY = {"loading", "trial", "ready", "leaving"}
KEPT = 64  # results of each camera that a newcomer keeps until it may publish


class Failed(Exception):
    """Why a newcomer does not take the post. Nothing has changed by its attempt."""


class Voice(NamedTuple):
    """Where a process speaks: results by camera, and where it stands."""

    results: dict[str, Topic[Result]]
    post: Topic[Post]


class Office:
    """`publish` sends results, or keeps them while the post is another's."""

    def __init__(
        self,
        bus: Bus,
        desk: Desk,
        call: Call,
        own: Post,
        voice: Voice,
        rules: Models,
        ladder: Sequence[str] = (),
    ) -> None:
        self._bus, self._desk, self._call, self._rules = bus, desk, call, rules
        self._topics, self._posts = voice
        self.said = msgspec.structs.replace(own, phase="loading", generation=call.generation)
        self.tenure = Tenure(own.post, os.getpid(), call.generation, own.digest)
        self._ladder, self._look_ns, self._now_ns = tuple(ladder), FIRST_LOOK_NS, 0
        self._holds = call.reason == "vacancy"
        if self._holds:
            desk.write(self.tenure)
        self._trial: Trial | None = None
        self._kept: dict[str, deque[Result]] = {name: deque(maxlen=KEPT) for name in self._topics}
        self._served: dict[str, Served] = {}
        self._other: Post | None = None
        self._ready_ns = 0

    @property
    def holds(self) -> bool:
        """Whether this process publishes."""
        return self._holds

    @property
    def serves(self) -> bool:
        return self.said.phase == "serving"

    @property
    def leaving(self) -> bool:
        return self.said.phase == "leaving"

    @property
    def changing(self) -> bool:
        """Whether the other process is on its way to the post, or from it."""
        return self._other is not None and self._other.phase in ON_THE_WAY

    def say(self, **changes: object) -> None:
        """Tell everybody where this process stands, if that changed."""
        said = msgspec.structs.replace(self.said, **changes)
        if said != self.said:
            self.said = said
            self._bus.send(self._posts, said)

    def publish(self, result: Result) -> None:
        if not self._holds:
            if self._trial:
                self._trial.ours(result)
            self._kept[result.camera].append(result)
            return
        served = self._served.get(result.camera)
        if served and (result.ref.epoch, result.frame_seq) <= (served.epoch, served.frame_seq):
            return  # the other one was quicker: this was begun before it left
        topic = self._topics[result.camera]
        self._bus.send(topic, result)
        number = self._bus.number(topic)
        self._served[result.camera] = Served(result.ref.epoch, result.frame_seq, number)

    def hear(self, result: Result) -> None:
        """What the other one published: how far it is, and what it saw."""
        if self._holds or result.camera not in self._topics:
            return
        self._served[result.camera] = Served(result.ref.epoch, result.frame_seq, result.seq)
        if self._trial:
            self._trial.theirs(result)

    def told(self, post: Post) -> None:
        """Where the other one stands. A ready newcomer makes a holder leave."""
        self._other = post
        if not self._holds or self.leaving:
            return
        promotion = post.detail.startswith(PROMOTION)
        if post.phase == "ready" and (promotion or post.generation > self.said.generation):
            self.say(phase="leaving")
        elif post.phase == "failed" and promotion:
            self._look_ns = min(2 * self._look_ns, LONGEST_LOOK_NS)
            self.say(better_at_ns=self._better_at_ns())

    def runs(self, now_ns: int, **model: object) -> None:
        """This process's model works: serve at once, or be tried beside the one that runs."""
        self._now_ns = now_ns
        self.say(**model)
        if self.serves:
            self._sign()
            self.say(better_at_ns=self._better_at_ns())
        if self.said.phase != "loading":
            return
        if self._holds:
            self._serve()
            return
        longest_ns = int(self._rules.trial_s * SECOND_NS)
        self._trial = Trial(now_ns, self._rules.trial_results, longest_ns)
        self.say(phase="trial")

    def look(self, now_ns: int) -> None:
        """Time went on, or the post is free. Raises `Failed`."""
        self._now_ns = now_ns
        if self._desk.held and not self._holds:
            self._take()
        elif self.said.phase == "trial" and self._trial and self._over(self._trial, now_ns):
            self._ready_ns = now_ns
            self._judge(self._trial)
            detail = PROMOTION if self._call.reason == "promotion" else ""
            self.say(phase="ready", detail=detail)
        elif self.said.phase == "ready" and now_ns - self._ready_ns > PATIENCE_NS:
            self._ready_ns = now_ns
            if pid := self._desk.evict():
                log.warning("process %d did not leave its post: ended", pid)

    def leave(self) -> None:
        """Give the post up, once nothing more is to be published."""
        self._holds = False
        self._desk.leave(msgspec.structs.replace(self.tenure, served=self._served))

    def give_way(self, reason: str) -> None:
        """This process has failed and is about to end: whoever takes the post is to know why."""
        if self._holds:
            self._desk.write(msgspec.structs.replace(self.tenure, fault=reason))

    def _better_at_ns(self) -> int:
        """When to look for a device above the one that serves; 0 if it is on the first."""
        if self.said.device in {"", *self._ladder[:1]}:
            return 0
        return self._now_ns + self._look_ns

    def _over(self, trial: Trial, now_ns: int) -> bool:
        """Beside a model that shows nothing there is nothing to be tried on."""
        alone = self._other is not None and not self._other.model
        return alone or trial.over(now_ns)

    def _judge(self, trial: Trial) -> None:
        self.say(agreement=trial.agreement, latency_ms=trial.latency_ms)
        least, found = self._rules.least_agreement, trial.agreement
        if least is not None and found is not None and found < least:
            raise Failed(
                f"it agrees with the running model on {found:.0%} of their boxes; "
                f"models.least_agreement is {least:.0%}"
            )

    def _take(self) -> None:
        """The post is ours: go on where the other one left, or was last heard."""
        self._holds = True
        tenure = self._desk.read()
        if tenure and tenure.left:
            self._served = dict(tenure.served)
        for camera, served in self._served.items():
            if camera in self._topics:
                self._bus.resume(self._topics[camera], served.seq)
        if self.said.phase != "loading":  # else it serves as soon as it can
            self._serve()

    def _sign(self) -> None:
        said = self.said
        self.tenure = msgspec.structs.replace(
            self.tenure, generation=said.generation, digest=said.digest
        )
        self._desk.write(self.tenure)

    def _serve(self) -> None:
        self._sign()
        self.say(phase="serving", detail="", better_at_ns=self._better_at_ns())
        kept = [result for results in self._kept.values() for result in results]
        for results in self._kept.values():
            results.clear()
        for result in sorted(kept, key=lambda each: each.captured_ns):
            self.publish(result)
