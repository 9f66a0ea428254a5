"""What is wrong with a configuration whose every value has the right type, in sentences (pure)."""

import ipaddress
import os
import re
from collections.abc import Iterable

from actors.address import BadAddress, parse, takes_password
from actors.secret import is_source
from actors.sections import Camera, Config, Rtsp, Sink
from actors.spelling import control_characters, shown, spelled
from actors.upload_contradictions import wrong_upload

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
LONGEST_RUN_DIR = 58  # a unix socket's path ends at 107 bytes: `/bus/inference-NAME-a.direct`
LONGEST_PASSWORD = 128
LONGEST_HOST = 253
DEVICE = re.compile(r"(NPU|GPU|CPU)(\.[0-9]{1,3})?")
LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")  # RFC 1123, section 2.1


def contradictions(config: Config) -> Iterable[str]:
    yield from _repeated("camera", [camera.name for camera in config.camera])
    yield from _repeated("inference", [entry.name for entry in config.inference])
    yield from _repeated("sink", [sink.name for sink in config.sink])
    yield from _wrong_cameras(config)
    yield from _wrong_entries(config)
    yield from _wrong_telemetry(config)
    yield from _wrong_collect(config)
    yield from wrong_upload(config)
    yield from _wrong_host(config.rtsp)
    yield from _wrong_users(config.rtsp)
    # again, for what came from the environment
    yield from control_characters({"run_dir": config.run_dir, "state_dir": config.state_dir})
    if len(os.fsencode(config.run_dir)) > LONGEST_RUN_DIR:
        yield (
            f"run_dir{shown(('run_dir',), config.run_dir)}: longer than {LONGEST_RUN_DIR} bytes, "
            "so the paths of its sockets would not fit; use a shorter one"
        )


def _wrong_cameras(config: Config) -> Iterable[str]:
    if not config.camera:
        yield "camera = []: at least one [[camera]] is needed"
    for at, camera in enumerate(config.camera):
        try:
            parse(camera.source)
            if camera.password:
                yield from _wrong_password(at, camera)
        except BadAddress as error:
            yield f"camera[{at}].source = {error}"
        if (camera.width is None) != (camera.height is None):
            key = "width" if camera.width is None else "height"
            yield f"camera[{at}].{key}: width and height are given together or not at all"


def _wrong_password(at: int, camera: Camera) -> Iterable[str]:
    if not is_source(camera.password):
        yield f"camera[{at}].password: is file:PATH or env:NAME, never the password itself"
    if not takes_password(camera.source):
        yield (
            f"camera[{at}].password: is for a network camera with a user and no password in its "
            "source, as in rtsp://user@host/stream"
        )


def _wrong_entries(config: Config) -> Iterable[str]:
    names = {camera.name for camera in config.camera}
    for at, entry in enumerate(config.inference):
        for device in entry.devices:
            if not DEVICE.fullmatch(device):
                place = ("inference", at, "devices")
                yield (
                    f"{spelled(place)}{shown(place, device)}: no such device; there are NPU, "
                    "GPU and CPU, and GPU.1 for the second of a kind"
                )
        for name in entry.cameras:
            if name not in names:
                known = ", ".join(sorted(names))
                yield f"inference[{at}].cameras = {name!r}: no such camera; there are {known}"


def _wrong_collect(config: Config) -> Iterable[str]:
    wanted, names = config.collect, {camera.name for camera in config.camera}
    for name in wanted.cameras:
        if name not in names:
            known = ", ".join(sorted(names))
            yield f"collect.cameras = {name!r}: no such camera; there are {known}"
    if wanted.borderline and wanted.borderline[0] > wanted.borderline[1]:
        yield f"collect.borderline = {list(wanted.borderline)}: the lower score comes first"
    if wanted.disagreement is not None and all(
        len(config.entries_of(camera)) < 2  # noqa: PLR2004 that is what two takes
        for camera in config.camera
    ):
        yield (
            f"collect.disagreement = {wanted.disagreement:g}: takes two [[inference]] entries "
            "that look at one camera"
        )


def _wrong_telemetry(config: Config) -> Iterable[str]:
    telemetry = config.telemetry
    if not telemetry.schemas:
        yield "telemetry.schemas = []: at least one of percept and retinue/1 is needed"
    if telemetry.mode == "aggregate" and "retinue/1" not in telemetry.schemas:
        yield "telemetry.mode = 'aggregate': counts are of schema retinue/1; add it to schemas"
    for at, sink in enumerate(config.sink):
        if sink.kind == "mqtt" and not _is_host(sink.host):
            yield f"sink[{at}].host = {sink.host!r}: an mqtt sink needs a broker's name or address"
        if sink.password and not is_source(sink.password):
            yield f"sink[{at}].password: is file:PATH or env:NAME, never the password itself"
        if sink.kind == "iothub":
            yield from _wrong_iothub(f"sink[{at}]", sink)
        if sink.home_assistant and len(telemetry.schemas) > 1:
            yield (
                f"sink[{at}].home_assistant = true: reads results of one schema; "
                "name one in telemetry.schemas"
            )
    if telemetry.most_a_day and telemetry.kept_for_events >= telemetry.most_a_day:
        yield (
            f"telemetry.kept_for_events = {telemetry.kept_for_events}: must leave some of "
            f"most_a_day = {telemetry.most_a_day}"
        )


def _wrong_iothub(named: str, sink: Sink) -> Iterable[str]:
    for key, secret in (("connection", sink.connection), ("key", sink.key)):
        if secret and not is_source(secret):
            yield f"{named}.{key}: is file:PATH or env:NAME, never the secret itself"
    provisioned = bool(sink.scope_id or sink.registration_id)
    if bool(sink.connection) + bool(sink.device_id) + provisioned != 1:
        yield (
            f"{named}: an iothub sink needs connection, or host and device_id, or scope_id and "
            "registration_id, and only one of these"
        )
        return
    if provisioned and not (sink.scope_id and sink.registration_id):
        yield f"{named}: scope_id and registration_id are given together"
    if (sink.device_id or sink.host) and not sink.connection and not _is_host(sink.host):
        yield f"{named}.host = {sink.host!r}: no host name; device_id needs its hub's"
    if not sink.connection and bool(sink.certificate_file) == bool(sink.key):
        yield f"{named}: a device is known by a certificate_file or by a key; give one of them"


def _wrong_host(rtsp: Rtsp) -> Iterable[str]:
    named = f"rtsp.host{shown(('rtsp', 'host'), rtsp.host)}"
    if rtsp.host and not _is_host(rtsp.host):
        yield f"{named}: neither an IP address nor a host name"
    if not rtsp.users and rtsp.bind not in LOOPBACK:
        yield (
            f"{named}: without rtsp.users only a loopback address "
            "is allowed; add a user or use 127.0.0.1"
        )


def _is_host(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        labels = host.removesuffix(".").split(".")
        named = all(LABEL.fullmatch(label) for label in labels) and len(host) <= LONGEST_HOST
        return named and not labels[-1].isdigit()  # digits at the end: an address gone wrong
    return True


def _wrong_users(rtsp: Rtsp) -> Iterable[str]:
    for at, (user, password) in enumerate(rtsp.users.items(), 1):
        if not re.fullmatch(r"[\w.@-]{1,64}", user):  # not shown: some write name:password
            yield f"rtsp.users: name {at}: a name is letters, digits and . _ @ - only, at most 64"
        elif not is_source(password) and not 1 <= len(password) <= LONGEST_PASSWORD:
            yield f"rtsp.users.{user}: a password has 1 to {LONGEST_PASSWORD} characters"


def _repeated(section: str, names: list[str]) -> Iterable[str]:
    for at, name in enumerate(names):
        if name in names[:at]:
            yield f"{section}[{at}].name = {name!r}: each name is used once"
