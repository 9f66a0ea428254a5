"""One camera's results as they come, and the frame among them that is to be kept.

A frame that is chosen is leased until every model has looked at it or a later one, at most
`WAIT_NS`, so that all they saw in it is known. One at a time; between two there is nothing held.
"""

from collections.abc import Sequence
from typing import NamedTuple

from actors.collect.choice import Choice, Rules, told_by
from actors.collect.sidecar import Reason
from bus.frame_reader import FrameReader, Held
from bus.messages import Frame, Result

WAIT_NS = 500_000_000
ANSWER_NS = 2_000_000_000  # a request waits this long for a result, then takes any frame
RECENT = 64  # frames of which results are remembered, to be compared

Key = tuple[int, int]


class Catch(NamedTuple):
    """A leased frame to be kept: whoever gets it releases it."""

    of: Result | Frame
    held: Held
    reasons: tuple[Reason, ...]
    results: tuple[Result, ...]  # of this frame, one a model


class Lookout:
    """`entries` are the inference entries that look at this camera."""

    def __init__(self, frames: FrameReader, entries: Sequence[str]) -> None:
        self.choice = Choice()
        self._frames = frames
        self._recent: dict[Key, dict[str, Result]] = {}
        self._newest: dict[str, Key] = dict.fromkeys(entries, (-1, -1))
        self._pending: Catch | None = None
        self._seen: dict[str, Result] = {}  # in the pending frame
        self._asked_ns: int | None = None

    def ask(self, now_ns: int) -> None:
        """One picture, of what comes next."""
        self._asked_ns = now_ns

    def unanswered(self, now_ns: int) -> bool:
        """Whether a picture is asked for and no model looks."""
        asked_ns = self._asked_ns
        return asked_ns is not None and (not self._newest or now_ns - asked_ns >= ANSWER_NS)

    def answered(self) -> None:
        """There is a picture, or there will be none."""
        self._asked_ns = None

    def snap(self, frame: Frame) -> Catch:
        """A frame that nobody has looked at, as it was asked for; may raise `FrameLost`."""
        return Catch(frame, self._frames.hold(frame.ref), ("request",), ())

    def add(self, result: Result, rules: Rules) -> None:
        """Take note, and lease its frame if that is to be kept; may raise `FrameLost`."""
        key = _key(result)
        pending = self._pending
        seen = self._seen if pending and _key(pending.of) == key else self._recalled(key)
        seen[result.inference] = result
        self._newest[result.inference] = max(key, self._newest.get(result.inference, key))
        others = [one for name, one in seen.items() if name != result.inference]
        told = told_by(rules, result, others)
        if pending is None:
            self._choose(result, rules, told, seen)
        elif seen is self._seen:
            reasons = tuple(dict.fromkeys([*pending.reasons, *told]))
            self._pending = pending._replace(reasons=reasons)

    def take(self, now_ns: int) -> Catch | None:
        """The chosen frame, once there is nothing more to be known of it."""
        pending = self._pending
        if pending is None:
            return None
        key = _key(pending.of)
        waited_ns = now_ns - pending.of.captured_ns
        if waited_ns < WAIT_NS and any(newest < key for newest in self._newest.values()):
            return None
        self._pending = None
        return pending._replace(results=tuple(self._seen.values()))

    def close(self) -> None:
        """Nothing is to be kept any more; it can begin again."""
        self._asked_ns = None
        if self._pending:
            self._pending.held.release()
            self._pending = None

    def _choose(
        self,
        result: Result,
        rules: Rules,
        told: tuple[Reason, ...],
        seen: dict[str, Result],
    ) -> None:
        reasons = self.choice.reasons(rules, told, result.captured_ns)
        if self._asked_ns is not None:
            reasons = (*reasons, "request")
        if reasons:
            held = self._frames.hold(result.ref)
            self._asked_ns = None
            self._pending, self._seen = Catch(result, held, reasons, ()), seen
            self.choice.taken(reasons, result.captured_ns)

    def _recalled(self, key: Key) -> dict[str, Result]:
        """All results of this frame so far, by who looked."""
        seen = self._recent.setdefault(key, {})
        if len(self._recent) > RECENT:
            del self._recent[next(iter(self._recent))]
        return seen


def _key(of: Result | Frame) -> Key:
    """Frames are ordered by pool epoch and number, so those of a restarted camera are newer."""
    return of.ref.epoch, of.frame_seq
