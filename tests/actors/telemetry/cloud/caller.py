"""Somebody far away who calls direct methods, and waits for their answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any

from actors.clock import monotonic_ns
from actors.config import Config
from actors.settings import SettingsFile
from actors.telemetry.cloud.exchange import Call, Reply
from actors.telemetry.cloud.methods import Methods
from actors.telemetry.cloud.seen import Seen

DEADLINE_S = 20.0


class Caller:
    """`seen` is what the device's actors have said."""

    def __init__(self, config: Config) -> None:
        self.config, self.seen = config, Seen()
        self.settings = SettingsFile(config.state)
        self.replies: SimpleQueue[Reply] = SimpleQueue()
        self.methods = Methods(config, self.settings, self.seen, self.replies.put)

    def begin(self, method: str, payload: Any = None, call_id: str = "1") -> None:
        self.methods.call(Call(call_id, method, payload), monotonic_ns())

    def answer(self) -> Reply:
        return self.replies.get(timeout=DEADLINE_S)

    def ask(self, method: str, payload: Any = None) -> Reply:
        self.begin(method, payload)
        return self.answer()

    def result(self, method: str, payload: Any = None, status: int = 200) -> dict[str, Any]:
        """What is said if it is done."""
        _, found, said = self.ask(method, payload)
        assert found == status, said
        assert isinstance(said["result"], str)
        return dict(said)

    def error(self, method: str, payload: Any = None) -> tuple[int, str]:
        """How and why it is not done."""
        _, status, said = self.ask(method, payload)
        assert list(said) == ["error"], said
        return status, said["error"]


@contextmanager
def calling(config: Config) -> Iterator[Caller]:
    caller = Caller(config)
    try:
        yield caller
    finally:
        caller.methods.close()
