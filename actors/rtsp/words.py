"""What a viewer is told while no picture comes (pure)."""

from collections.abc import Sequence

from bus.messages import Health

MILLISECOND_NS = 1_000_000


class Words:
    """The last thing each actor said of itself."""

    def __init__(self) -> None:
        self._said: dict[str, tuple[Health, int]] = {}

    def hear(self, health: Health, now_ns: int) -> None:
        self._said[health.actor] = health, now_ns

    def about(self, actors: Sequence[str], now_ns: int) -> str:
        """The trouble of the actors that a picture goes through, in that order."""
        troubles = [trouble for actor in actors if (trouble := self._trouble(actor, now_ns))]
        return "\n".join(troubles) or f"{actors[-1]} sends no picture"

    def _trouble(self, actor: str, now_ns: int) -> str:
        if actor not in self._said:
            return f"{actor} is not running"
        health, heard_ns = self._said[actor]
        if now_ns - heard_ns > health.due_ms * MILLISECOND_NS:
            return f"{actor} does not answer"
        if health.state == "running":
            return ""
        return f"{actor} is {health.state}" + (f": {health.detail}" if health.detail else "")
