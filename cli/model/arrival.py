"""Whether what a slot wants has come to publish (pure): folded from its posts and its file."""

from typing import NamedTuple

from actors.store.slot import Slot
from bus.messages import Post

ON_THE_WAY = {"loading", "trial", "ready"}
KEPT = "not taken over, what ran before goes on"


class Ended(NamedTuple):
    """How it went: in a sentence if it did not come."""

    post: Post | None
    reason: str = ""


class Arrival:
    """`steps` are what the newcomer has done so far, in words, each once."""

    def __init__(self, slot: Slot) -> None:
        self._slot = slot
        self._instead: Post | None = None  # serves the last good one, as the wanted one cannot be
        self.steps: list[str] = []
        self.ended: Ended | None = None

    def hear(self, post: Post) -> None:
        """What one of the slot's posts says. Of words about earlier changes none counts."""
        wanted, generation = self._slot.active, self._slot.generation
        if post.generation < generation:
            return
        if post.phase == "serving" and wanted in {"", post.digest}:
            self.ended = Ended(post)
        elif post.generation > generation:
            return
        elif post.phase == "serving":
            self._instead = post
        elif post.phase == "failed":
            self.ended = Ended(None, f"{KEPT}: {post.detail}")
        elif post.phase in ON_THE_WAY:
            step = f"{post.phase} in post {post.post}"
            if step not in self.steps:
                self.steps.append(step)

    def look(self, slot: Slot) -> None:
        """What the slot's file says now."""
        wanted, generation = self._slot.active, self._slot.generation
        if self.ended:
            return
        if slot.reverted and slot.reverted == wanted:
            self.ended = Ended(None, f"{KEPT}: {slot.reason}")
        elif slot.active != wanted:
            self.ended = Ended(None, "something else was activated meanwhile")
        elif self._instead and slot.generation == generation:
            said = self._instead
            reason = f"{said.model}@{said.version} serves instead; `retinue ps` says why"
            self.ended = Ended(None, reason)
        else:
            self._slot = slot  # perhaps asked to load anew: that will do


def served(post: Post) -> str:
    """Who publishes, and how it did in its trial, if it had one."""
    trial = [f"{post.latency_ms:.1f} ms"] if post.latency_ms is not None else []
    if post.agreement is not None:
        trial.append(f"{post.agreement:.0%} of the boxes as before")
    told = f", in its trial {', '.join(trial)}" if trial else ""
    return f"{post.model}@{post.version} serves on {post.device} in post {post.post}{told}"
