"""A device's configuration in a run directory of its own, and its actors as processes."""

import json
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import av
import msgspec
import zmq

from benchmarks.processes import child, module
from benchmarks.table import Missing
from bus.messages import Message, Result
from bus.topics import POST_NAMES, RESULTS, Topic, endpoint, split

CAMERA, ENTRY = "front", "detector"
BUILT_IN = "builtin:street"
START_S = 30.0
Section = Mapping[str, Any]
M = TypeVar("M", bound=Message)


def write_config(run: Path, camera: Section, model: Path | str | None, **sections: Section) -> Path:
    """A TOML file for one camera and at most one model."""
    lines = ["[[camera]]", *_keys({"name": CAMERA, **camera})]
    if model:
        entry = {"name": ENTRY, "model": str(model), "devices": ["CPU"]}
        lines += ["[[inference]]", *_keys({**entry, **sections.pop("inference", {})})]
    for name, section in sections.items():
        lines += [f"[{name}]", *_keys(section)]
    path = run / "device.toml"
    path.write_text("\n".join(lines) + "\n")
    return path


def environment(run: Path) -> dict[str, str]:
    return {
        "RETINUE_CONFIG": str(run / "device.toml"),
        "RETINUE_RUN": str(run),
        "RETINUE_STATE": str(run / "state"),
    }


@contextmanager
def actor(run: Path, stage: str) -> Iterator[int]:
    """One actor alone; gives its process id."""
    arguments = ["0"] if stage in {"camera", "inference"} else []
    with child(*module(f"actors.{stage}", *arguments), env=environment(run), quiet=True) as it:
        yield it.pid


@contextmanager
def whole(run: Path) -> Iterator[int]:
    """All of them under supervisord, as `retinue up` starts them; gives supervisord's id."""
    command = sys.executable, "-m", "cli.main", "up", "-c", str(run / "device.toml")
    with child(*command, env=environment(run), quiet=True) as it:
        yield it.pid


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def results() -> list[Topic[Result]]:
    """The entry's results, from whichever of its posts."""
    return [RESULTS.of(camera=CAMERA, inference=ENTRY, post=post) for post in POST_NAMES]


def holder(run: Path) -> int:
    """The process that publishes them."""
    return int(json.loads((run / "posts" / f"{ENTRY}.json").read_text())["pid"])


def connect(subscriber: "zmq.Socket[bytes]", run: Path, *topics: Topic[Any]) -> None:
    for topic in topics:
        subscriber.connect(endpoint(run, topic.owner))
        subscriber.subscribe(topic.name.encode())


def first(run: Path, *topics: Topic[M], kind: type[M], within_s: float = START_S) -> M:
    """The next message of a topic, from any of its publishers."""
    with zmq.Context() as context, context.socket(zmq.SUB) as subscriber:
        connect(subscriber, run, *topics)
        if not subscriber.poll(round(within_s * 1000)):
            raise Missing(f"{topics[0].name}: no message within {within_s:.0f} s")
        return msgspec.msgpack.decode(split(subscriber.recv())[1], type=kind)


@contextmanager
def view(port: int, kind: str = "result") -> Iterator[av.container.InputContainer]:
    """The camera's stream over RTSP in TCP, once the server is there."""
    url = f"rtsp://127.0.0.1:{port}/{CAMERA}/{kind}"
    end_s = time.monotonic() + START_S
    while True:
        try:
            viewer = av.open(url, options={"rtsp_transport": "tcp", "fflags": "nobuffer"})
            break
        except OSError as error:
            if time.monotonic() > end_s:
                raise Missing(f"{url}: {error}") from error
            time.sleep(0.2)
    with viewer:
        yield viewer


def _keys(section: Section) -> list[str]:
    return [f"{key} = {json.dumps(value)}" for key, value in section.items()]
