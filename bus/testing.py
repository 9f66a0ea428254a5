"""Stand-ins for tests. They keep the real types, so mypy checks the tests too."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeVar

import msgspec

from bus.messages import Message, State
from bus.topics import Topic

M = TypeVar("M", bound=Message)


class Report(NamedTuple):
    """What an actor last said of itself."""

    state: State
    detail: str = ""
    model: str = ""
    device: str = ""


class Script:
    """A bus that plays `messages` in and keeps what was sent, numbered as the real one does.

    A callable among the messages is called when its turn comes, between two messages: the
    place to write a frame, or to look at what was sent so far.
    """

    def __init__(self, *messages: Message | Callable[[], Message | None]) -> None:
        self._messages = messages
        self._seq: dict[str, int] = {}
        self.sent: list[tuple[str, Message]] = []
        self.reports: list[Report] = []
        self.dropped = 0
        self.captured: list[int] = []

    def __iter__(self) -> Iterator[Message]:
        for entry in self._messages:
            message = entry() if callable(entry) else entry
            if message is not None:
                yield message

    def send(self, topic: Topic[M], message: M) -> None:
        self.skip(topic)
        numbered = msgspec.structs.replace(message, seq=self._seq[topic.name])
        self.sent.append((topic.name, numbered))

    def skip(self, topic: Topic[Any]) -> None:
        self._seq[topic.name] = self._seq.get(topic.name, -1) + 1

    def resume(self, topic: Topic[Any], after: int) -> None:
        self._seq[topic.name] = after

    def number(self, topic: Topic[Any]) -> int:
        return self._seq.get(topic.name, -1)

    def finished(self, captured_ns: int) -> None:
        self.captured.append(captured_ns)

    def drop(self, count: int = 1) -> None:
        self.dropped += count

    def report(
        self, state: State, detail: str = "", *, model: str = "", device: str = "", due_ms: int = 0
    ) -> None:
        del due_ms
        report = Report(state, detail, model, device)
        if not self.reports or self.reports[-1] != report:
            self.reports.append(report)
