"""Direct methods: what somebody far away asks of the running device, and is answered.

The loop gives each call to `call`, which never waits; one of two threads does what was asked. `say`
gets each answer, perhaps from such a thread. docs/cloud.md says what each method takes and answers.
"""

from collections.abc import Callable, Mapping
from functools import partial
from threading import Event
from typing import Any, Generic, NamedTuple, TypeVar

from msgspec import Struct

from actors.config import Config
from actors.settings import SettingsFile
from actors.telemetry.cloud import payloads
from actors.telemetry.cloud.answers import ABSENT, BUSY, DONE, Answer, NotDone, refusal, reply
from actors.telemetry.cloud.choosing import activate, rollback
from actors.telemetry.cloud.exchange import Call, Reply
from actors.telemetry.cloud.restart import restart
from actors.telemetry.cloud.seen import Seen
from actors.telemetry.cloud.status import status
from actors.telemetry.cloud.switching import set_log_level, take_picture, upload_images
from actors.telemetry.cloud.workers import Work, Workers

P = TypeVar("P", bound=Struct)

TOO_MANY = refusal(BUSY, "too many methods wait to be answered; ask again in a few seconds")
LONGEST_SHOWN = 40


class Method(NamedTuple, Generic[P]):
    """`do` is called by a thread, and may raise `NotDone`."""

    takes: type[P]
    do: Callable[[P], Answer]


class Methods:
    """Every call has one answer, within 20 s."""

    def __init__(
        self, config: Config, settings: SettingsFile, seen: Seen, say: Callable[[Reply], None]
    ) -> None:
        self._config, self._say, self._workers = config, say, Workers()
        self._methods = methods(config, settings, seen, self._workers.stopping)

    def call(self, call: Call, now_ns: int) -> None:
        """`now_ns` is monotonic time."""
        answered = partial(self._answered, call.id)
        method = self._methods.get(call.method)
        if method is None:
            shown, known = repr(call.method[:LONGEST_SHOWN]), ", ".join(self._methods)
            answered(refusal(ABSENT, f"{shown}: no such method; there are {known}"))
            return
        try:
            asked = payloads.read(method.takes, call.payload)
        except NotDone as reason:
            answered(reason.answer)
            return
        work = Work(f"method {call.method}", partial(method.do, asked), answered, now_ns)
        if not self._workers.take(work):
            answered(TOO_MANY)

    def keep_snapshot(
        self, stream: payloads.Kind, told: Callable[[str], None], now_ns: int
    ) -> None:
        """As an ONVIF message asks for it: into `snapshot/snapshot.jpg` of the state directory.

        `told` gets the sentence why it cannot be, or "" once it is there; perhaps from a thread.
        """

        def tell(answer: Answer) -> None:
            told("" if answer.status == DONE else answer.said["error"])

        do = partial(_keep_snapshot, self._config, stream, self._workers.stopping)
        if not self._workers.take(Work("snapshot for ONVIF", do, tell, now_ns)):
            tell(TOO_MANY)

    def close(self) -> None:
        """What waits is answered that it was not done."""
        self._workers.close()

    def _answered(self, call_id: str, answer: Answer) -> None:
        self._say(reply(call_id, answer))


def methods(
    config: Config, settings: SettingsFile, seen: Seen, stopping: Event
) -> Mapping[str, Method[Any]]:
    """All there are, by name."""
    return {
        "status": Method(payloads.Nothing, lambda _: status(config, settings.look(), seen)),
        "snapshot": Method(payloads.Snapshot, partial(_snapshot, config, seen, stopping)),
        "restartStage": Method(payloads.RestartStage, partial(restart, config, stopping)),
        "activateModel": Method(payloads.ActivateModel, partial(activate, config)),
        "rollbackModel": Method(payloads.RollbackModel, partial(rollback, config)),
        "takePicture": Method(payloads.Nothing, lambda _: take_picture(config, settings)),
        "uploadImages": Method(payloads.Nothing, lambda _: upload_images(config, settings)),
        "setLogLevel": Method(payloads.SetLogLevel, partial(set_log_level, config, settings)),
    }


# Only a process that was asked for a picture has arrays and OpenCV in its memory.


def _snapshot(config: Config, seen: Seen, stopping: Event, asked: payloads.Snapshot) -> Answer:
    from actors.telemetry.cloud.snapshot import snapshot  # noqa: PLC0415 see above

    return snapshot(config, asked, seen, stopping.is_set)


def _keep_snapshot(config: Config, stream: payloads.Kind, stopping: Event) -> Answer:
    from actors.telemetry.cloud.snapshot import keep_snapshot  # noqa: PLC0415 see above

    return keep_snapshot(config, stream, stopping.is_set)
