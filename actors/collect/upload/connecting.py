"""Makes the receiver that the configuration names, with its secrets read anew."""

import ssl
import threading

from actors.clock import monotonic_ns, utc_ns
from actors.collect.upload.bearer import Bearer
from actors.collect.upload.failed import Failed
from actors.collect.upload.hub import Hub
from actors.collect.upload.identity import identity
from actors.collect.upload.item import Receiver
from actors.collect.upload.s3 import S3
from actors.collect.upload.sigv4 import Credentials
from actors.collect.upload.wire import Patience, Wire, trust_of
from actors.config import Config, Sink, Upload
from actors.secret import NoSecret, read_secret

PATIENCE = Patience(stall_s=30.0, longest_s=120.0)


def connect(config: Config, stop: threading.Event, patience: Patience = PATIENCE) -> Receiver:
    """For what comes next, until something fails. Raises `Failed`."""
    upload = config.upload
    if upload.kind == "hub":
        return _hub(upload, hub_sink(config), stop, patience)
    wire = Wire(trust_of(upload.ca_file), stop, monotonic_ns, patience)
    if upload.kind == "s3":
        access_key = _secret("upload.access_key", upload.access_key)
        secret_key = _secret("upload.secret_key", upload.secret_key)
        return S3(upload.url, Credentials(access_key, secret_key, upload.region), wire, utc_ns)
    token = _secret("upload.token", upload.token) if upload.token else ""
    return Bearer(upload.url, token, wire)


def hub_sink(config: Config) -> Sink:
    """The sink whose device uploads; `contradictions` saw to it that there is one."""
    named = config.upload.sink
    sinks = [each for each in config.sink if each.kind == "iothub" and named in {None, each.name}]
    return sinks[0]


def _hub(upload: Upload, sink: Sink, stop: threading.Event, patience: Patience) -> Hub:
    connection = ""
    if sink.connection:
        connection = _secret(f"sink {sink.name}: connection", sink.connection)
    trust = trust_of(sink.ca_file, upload.ca_file)
    store = Wire(trust_of(sink.ca_file, upload.ca_file), stop, monotonic_ns, patience)
    if sink.certificate_file:
        _show(trust, sink)
    us = identity(sink, connection)
    return Hub(us, Wire(trust, stop, monotonic_ns, patience), store, utc_ns)


def _show(trust: ssl.SSLContext, sink: Sink) -> None:
    try:
        # without a password it would ask for one on a terminal
        trust.load_cert_chain(sink.certificate_file, sink.key_file or None, password="")
    except OSError as error:  # ssl.SSLError is one
        why = "no certificate with its key in PEM" if isinstance(error, ssl.SSLError) else None
        raise Failed(
            f"sink {sink.name}: certificate_file = {sink.certificate_file!r}, key_file = "
            f"{sink.key_file!r}: {why or error.strerror}",
            "lasting",
        ) from None


def _secret(setting: str, source: str) -> str:
    """It goes into a header, so it is what a header may hold."""
    try:
        secret = read_secret(setting, source)
    except NoSecret as error:
        raise Failed(str(error), "lasting") from None
    if not (secret.isascii() and secret.isprintable()):
        raise Failed(f"{setting}: has characters that no header may have", "lasting")
    return secret
