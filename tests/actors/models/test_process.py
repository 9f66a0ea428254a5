"""The actor as a process: light, ended at once, and going on where it was."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from actors.store.store import Store
from actors.store.wishes import Wishes
from bus.messages import Health, Message, Model
from bus.subscriber import Subscriber
from bus.topics import HEALTH, MODELS, Keep, Topic
from tests.actors.models.site import ROOT, street_zip
from tests.actors.models.web import Authority, Talk, Web, head, ranged

DEADLINE_S = 60
STOP_S = 3  # as supervisord allows
HEAVY = ("openvino", "numpy", "cv2", "httpx", "cryptography", "asyncio")
LOADED = f"import sys, actors.models.__main__; print(set({HEAVY}) & sys.modules.keys())"


class Actor:
    """`python -m actors.models`, and what it says."""

    def __init__(self, run_dir: Path, ca_file: Path) -> None:
        self.run_dir, self.state = run_dir, run_dir / "state"
        self._file, self._log = run_dir / "device.toml", run_dir / "log"
        self._file.write_text(
            f'[[inference]]\nname = "front"\ndevices = ["CPU"]\n[models]\nca_file = "{ca_file}"\n'
        )
        topics: list[Topic[Any]] = [MODELS.of(inference="front"), HEALTH.of(actor="models")]
        topics = [topic._replace(keep=Keep.ALL) for topic in topics]
        self._bus = Subscriber(run_dir, topics, tick_hz=10)
        self._messages = iter(self._bus)
        self.start()

    def start(self) -> None:
        proxies = ("http_proxy", "https_proxy", "all_proxy")
        environ = {name: text for name, text in os.environ.items() if name.lower() not in proxies}
        environ |= {
            "RETINUE_CONFIG": str(self._file),
            "RETINUE_RUN": str(self.run_dir),
            "RETINUE_STATE": str(self.state),
        }
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "actors.models"],
                cwd=ROOT,
                env=environ,
                stdout=log,
                stderr=log,
            )

    def until(self, done: Callable[[Message], bool]) -> Message:
        deadline_s, last = time.monotonic() + DEADLINE_S, None
        for message in self._messages:
            last = message if isinstance(message, Model | Health) else last
            if done(message):
                return message
            if time.monotonic() > deadline_s:
                break
        pytest.fail(f"not in {DEADLINE_S} s; the last was {last}; {self.said}")

    def until_phase(self, phase: str) -> Model:
        message = self.until(lambda m: isinstance(m, Model) and m.phase == phase)
        assert isinstance(message, Model)
        return message

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(STOP_S)

    @property
    def said(self) -> str:
        return self._log.read_text()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._bus.close()


@pytest.fixture
def actor(run_dir: Path, authority: Authority) -> Iterator[Actor]:
    with closing(Actor(run_dir, authority.path)) as actor:
        yield actor


def test_what_is_heavy_is_not_loaded_before_it_is_needed() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"


def test_it_ends_at_once_and_goes_on_where_it_was(actor: Actor, web: Web) -> None:
    data = street_zip()

    def half(talk: Talk) -> None:
        talk.send(head("200 OK", content_length=str(len(data)), etag='"v1"'))
        talk.send(data[: len(data) // 2])
        talk.hold()

    url = f"{web.play('/street.zip', half, ranged(data))}?sig=s3cr3t"
    assert actor.until_phase("idle").generation == 0
    Wishes(actor.state).change("front", {"ModelZipUrl": url})
    fetching = actor.until(lambda m: isinstance(m, Model) and m.done_bytes == len(data) // 2)
    assert isinstance(fetching, Model)
    assert (fetching.phase, fetching.doing, fetching.total_bytes) == (
        "fetching",
        "downloading",
        len(data),
    )
    assert actor.end(signal.SIGTERM) == 0

    actor.start()
    actor.until_phase("admitting")
    assert [request.headers.get("range") for request in web.requests] == [
        None,
        f"bytes={len(data) // 2}-",
    ]
    assert actor.end(signal.SIGKILL) == -signal.SIGKILL
    assert Store(actor.state).versions().versions == ()

    actor.start()
    active = actor.until_phase("active")
    assert (active.model, active.version, active.on_probation) == ("street", "1", True)
    store = Store(actor.state)
    assert store.slot("front").slot.active == active.digest
    assert list(store.layout.staging.iterdir()) == []
    assert "s3cr3t" not in actor.said
    assert "s3cr3t" not in repr(active)
    assert actor.end(signal.SIGTERM) == 0


def test_while_a_wish_is_not_fulfilled_its_health_says_why(actor: Actor) -> None:
    wishes = Wishes(actor.state)
    wishes.change("front", {"model": "/no/such/file"})
    refused = actor.until(lambda m: isinstance(m, Health) and m.state == "degraded")
    assert isinstance(refused, Health)
    assert refused.detail == "front: /no/such/file: there is no such file or folder"
    wishes.change("front", {"model": None})
    actor.until(lambda m: isinstance(m, Health) and m.state == "running")
