"""A store with versions of the built-in network in it, and a device of one scripted post."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from actors.clock import moment
from actors.package.files import Folder
from actors.package.integrity import digest, listed
from actors.package.reading import read_manifest
from actors.package.writing import write_manifest
from actors.store.record import Admission, Record
from actors.store.slot import Slot
from actors.store.store import Store
from bus.messages import Post
from bus.sockets import ZmqBus
from bus.topics import POSTS
from tests.publisher import ticks

STREET = Path(__file__).parents[3] / "models" / "street"
SLOT = "detector"
CONFIGURED = "builtin:street"


def write_package(into: Path, version: str) -> str:
    """The built-in network under another version, as it may be installed; its digest."""
    for name in ("street.xml", "street.bin", "labels.txt"):
        (into / name).write_bytes((STREET / name).read_bytes())
    manifest = msgspec.structs.replace(read_manifest(Folder(STREET)), version=version)
    write_manifest(into, listed(Folder(into), manifest))
    return digest(Folder(into))


def stock(state: Path, version: str) -> Record:
    store = Store(state)
    with store.stage() as folder:
        staged = folder / "package"
        staged.mkdir()
        address = write_package(staged, version)
        now = moment()
        record = Record(
            address,
            "street",
            version,
            "ssd",
            added_utc_ns=now.utc_ns,
            source="https://models.example/street.zip?key=secret",
            licence="Apache-2.0",
            admission=Admission("CPU", "2026.4", 7.25, now.utc_ns),
        )
        return store.add(staged, record, lambda package: digest(Folder(package)))


def activate(state: Path, record: Record, probation_s: float = 0.0) -> Slot:
    return Store(state).activate(
        SLOT, record.digest, configured=CONFIGURED, probation_s=probation_s, now=moment()
    )


@contextmanager
def posting(run_dir: Path, state: Path, *, fault: str = "", stuck: bool = False) -> Iterator[None]:
    """A post that serves whatever its slot wants, or fails, or never ends loading it."""
    stop, ending = socket.socketpair()
    thread = threading.Thread(target=_post, args=(run_dir, state, stop, fault, stuck))
    thread.start()
    try:
        yield
    finally:
        ending.close()
        thread.join()
        stop.close()


def _post(run_dir: Path, state: Path, stop: socket.socket, fault: str, stuck: bool) -> None:
    store, topic = Store(state), POSTS.of(inference=SLOT, post="a")
    said = Post(inference=SLOT, post="a", phase="serving", model="street", device="CPU")
    with ZmqBus(f"inference-{SLOT}-a", run_dir, stop=stop, tick_hz=20) as bus:
        bus.report("running")
        bus.send(topic, said)
        for _ in ticks(bus):
            slot = store.slot(SLOT).slot
            if slot.generation == said.generation:
                continue
            record = store.version(slot.active).record if slot.active else None
            said = Post(
                inference=SLOT,
                post="a",
                phase="serving",
                generation=slot.generation,
                model="street",
                version=record.version if record else "1",
                digest=slot.active,
                device="CPU",
                agreement=0.875,
                latency_ms=6.5,
            )
            if stuck:
                bus.send(topic, msgspec.structs.replace(said, phase="loading"))
            elif fault and not slot.good:
                failed = msgspec.structs.replace(said, phase="failed", detail=fault)
                bus.send(topic, failed)
                store.revert(SLOT, slot.generation, fault, moment())
            else:
                bus.send(topic, msgspec.structs.replace(said, phase="trial"))
                bus.send(topic, said)
