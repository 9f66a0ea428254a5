"""One examination a subject: each looks at one thing and says what it found."""

import importlib.metadata
import os
import platform
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import msgspec

from actors.config import Config
from actors.secret import NoSecret, is_source, read_secret
from actors.supervision.supervisor import Away, Supervisor
from actors.tenancy import holder_of, lock_path
from bus.memory import available_bytes
from cli.check import exists, missing
from cli.memory import pools_bytes
from cli.place import LOCK

PACKAGES = ("av", "msgspec", "numpy", "opencv-python-headless", "openvino", "pyzmq", "supervisor")
OLDEST_KERNEL = (5, 3)  # pidfd_open; sealing a pool against later writable maps needs 5.1


class Finding(msgspec.Struct, frozen=True):
    """What was looked at, how it is, and what to do about it."""

    subject: str
    verdict: Literal["ok", "warn", "fail"]
    found: str
    todo: str = ""


def versions(device: Config) -> Iterator[Finding]:
    del device
    found = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    yield Finding("versions", "ok", f"Python {platform.python_version()}, {found}")
    release = tuple(int(part) for part in platform.release().split("-")[0].split(".")[:2])
    told = f"Linux {platform.release()} on {platform.machine()}"
    if sys.platform != "linux" or release < OLDEST_KERNEL:
        yield Finding("system", "fail", told, "Linux 5.3 or newer is needed")
    else:
        yield Finding("system", "ok", told)


def folders(device: Config) -> Iterator[Finding]:
    for key, folder in (("run_dir", device.run), ("state_dir", device.state)):
        nearest = next(path for path in (folder, *folder.parents) if exists(str(path)))
        todo = f"make it yours, or set {key} or RETINUE_{key[:-4].upper()} to another"
        if not os.access(nearest, os.W_OK | os.X_OK):
            yield Finding(key, "fail", f"{folder}: {nearest} is not writable for you", todo)
        elif nearest == folder and folder.stat().st_uid != os.getuid():
            yield Finding(key, "fail", f"{folder}: belongs to user {folder.stat().st_uid}", todo)
        elif nearest == folder and key == "run_dir" and folder.stat().st_mode & 0o077:
            yield Finding(key, "warn", f"{folder}: others may look in", f"chmod 700 {folder}")
        else:
            yield Finding(key, "ok", str(folder))


def memory(device: Config) -> Iterator[Finding]:
    wanted, available = sum(pools_bytes(device).values()), available_bytes()
    found = f"{available / 1e6:,.0f} MB available, frame pools of known size {wanted / 1e6:,.0f} MB"
    if holder_of(device.run / LOCK):
        yield Finding("memory", "ok", f"{found}, taken already by what runs")
    elif wanted > available:
        yield Finding("memory", "fail", found, "set fewer frames.slots or smaller cameras")
    else:
        yield Finding("memory", "ok", found)


def devices(device: Config) -> Iterator[Finding]:
    import openvino  # noqa: PLC0415 slow to import

    there = openvino.Core().available_devices
    kinds = {name.partition(".")[0] for name in there}
    yield Finding("devices", "ok" if there else "fail", ", ".join(there) or "OpenVINO finds none")
    for entry in device.inference:
        if not kinds & {name.partition(".")[0] for name in entry.devices}:
            found = f"{entry.name} wants {', '.join(entry.devices)}: none of them is here"
            yield Finding("devices", "fail", found, 'add "CPU" to its devices')


def models(device: Config) -> Iterator[Finding]:
    for entry in device.inference:
        if not entry.model:
            yield Finding("models", "warn", f"{entry.name} has no model", "set inference.model")
        elif not exists(str(entry.package)):
            todo = f"paths are relative to the folder of `retinue up`; here it is {Path.cwd()}"
            yield Finding("models", "fail", f"{entry.name}: no such file: {entry.package}", todo)
        else:
            yield Finding("models", "ok", f"{entry.name}: {entry.model}")


def cameras(device: Config) -> Iterator[Finding]:
    lacking = "\n".join(missing(device))
    for at, camera in enumerate(device.camera):
        address = camera.address
        found = f"{camera.name}: {address.shown}"
        if f"camera[{at}].source" in lacking:
            seen = ", ".join(map(str, sorted(Path("/dev").glob("video*")))) or "none"
            todo = "check the path" if address.kind == "file" else f"video devices here: {seen}"
            yield Finding("cameras", "fail", f"{found} is not there", todo)
        elif address.kind == "v4l2" and not os.access(address.target, os.R_OK | os.W_OK):
            todo = "add yourself to the group `video`, then log in again"
            yield Finding("cameras", "fail", f"{found} may not be opened", todo)
        else:
            yield Finding("cameras", "ok", found)


def secrets(device: Config) -> Iterator[Finding]:
    readable = []
    for setting, source in _places_of_secrets(device):
        try:
            read_secret(setting, source)
        except NoSecret as error:
            todo = "put it there for the user who runs Retinue; env: means this shell's"
            yield Finding("secrets", "fail", str(error), todo)
        else:
            readable.append(setting)
    if readable:
        yield Finding("secrets", "ok", f"{', '.join(readable)}: readable")


def _places_of_secrets(device: Config) -> Iterator[tuple[str, str]]:
    named: list[tuple[str, object, tuple[str, ...]]] = [
        ("upload", device.upload, ("token", "access_key", "secret_key")),
        *((f"camera {each.name}", each, ("password",)) for each in device.camera),
        *((f"sink {each.name}", each, ("password", "connection", "key")) for each in device.sink),
    ]
    for owner, section, keys in named:
        for key in keys:
            if source := getattr(section, key):
                yield f"{owner}: {key}", source
    for user, password in device.rtsp.users.items():
        if is_source(password):
            yield f"rtsp.users.{user}", password


def ports(device: Config) -> Iterator[Finding]:
    rtsp = device.rtsp
    found = f"rtsp {rtsp.bind}:{rtsp.port}"
    family = socket.AF_INET6 if ":" in rtsp.bind else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((rtsp.bind, rtsp.port))
        except OSError as error:
            if holder_of(lock_path(device.run, "rtsp")):
                yield Finding("ports", "ok", f"{found} is served by the rtsp actor")
            else:
                todo = "end what holds it, or set rtsp.port or rtsp.host"
                yield Finding("ports", "fail", f"{found}: {error.strerror}", todo)
        else:
            yield Finding("ports", "ok", f"{found} is free")


def supervision(device: Config) -> Iterator[Finding]:
    try:
        told = Supervisor(device.run).processes()
    except Away:
        yield Finding("running", "warn", f"nothing runs in {device.run}", "retinue up")
        return
    for name, info in told.items():
        if info["statename"] in {"EXITED", "FATAL", "BACKOFF"}:
            found = (
                f"{name}: {info['statename'].lower()}: {info['spawnerr'] or info['description']}"
            )
            yield Finding("running", "fail", found, "read its log, then `retinue start`")
    states = [info["statename"] for info in told.values()]
    yield Finding("running", "ok", f"{states.count('RUNNING')} of {len(states)} programs run")


ALL: tuple[Callable[[Config], Iterator[Finding]], ...] = (
    versions,
    folders,
    memory,
    devices,
    models,
    cameras,
    secrets,
    ports,
    supervision,
)
