"""What is wrong with where pictures are to be uploaded, in sentences (pure)."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from actors.address import masked
from actors.secret import is_source
from actors.sections import Config, Sink, Upload

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
REGION = re.compile(r"[a-z0-9-]{1,63}")  # any store's own word for where it is
SECRETS = ("token", "access_key", "secret_key")


def wrong_upload(config: Config) -> Iterable[str]:
    upload = config.upload
    for name in SECRETS:
        source = getattr(upload, name)
        if source and not is_source(source):
            yield f"upload.{name}: is file:PATH or env:NAME, never the secret itself"
    if upload.kind in {"http", "s3"}:
        yield from _wrong_url(upload)
    if upload.kind == "s3":
        yield from _wrong_keys(upload)
    if upload.kind == "hub":
        yield from _wrong_sink(config)


def _wrong_url(upload: Upload) -> Iterable[str]:
    named = f"upload.url = {masked(upload.url)!r}"
    try:
        parts = urlsplit(upload.url)
        host, _ = parts.hostname, parts.port
    except ValueError:  # its own sentence quotes the address
        host = None
    if not host or parts.scheme not in {"http", "https"}:
        yield f"{named}: an upload by {upload.kind} needs an address, https://HOST/PATH"
        return
    if parts.username is not None or parts.query or parts.fragment:
        yield (
            f"{named}: a picture's name is appended to it, so it has no user, password, ? or #; "
            "who is to be known names a token, or keys for s3"
        )
    if upload.kind == "http" and upload.token and parts.scheme == "http" and host not in LOOPBACK:
        yield f"{named}: a token goes over https only; everybody on the way could read it"
    if upload.kind == "s3" and not parts.path.strip("/"):
        yield f"{named}: its path begins with the bucket, https://HOST/BUCKET"


def _wrong_keys(upload: Upload) -> Iterable[str]:
    for name in ("access_key", "secret_key"):
        if not getattr(upload, name):
            yield f"upload.{name} = '': an upload by s3 needs it, as file:PATH or env:NAME"
    if not REGION.fullmatch(upload.region):
        yield f"upload.region = {upload.region[:80]!r}: small letters, digits and - only"


def _wrong_sink(config: Config) -> Iterable[str]:
    named = config.upload.sink
    hubs = [sink for sink in config.sink if sink.kind == "iothub"]
    fitting = [sink for sink in hubs if named in {None, sink.name}]
    if named is not None and not fitting:
        yield f"upload.sink = {named!r}: there is no [[sink]] of kind iothub with this name"
    elif not fitting:
        yield (
            "upload.kind = 'hub': only a device may upload to a hub, so there must be a [[sink]] "
            "of kind iothub; or upload by http or s3"
        )
    elif len(fitting) > 1:
        names = ", ".join(sink.name for sink in fitting)
        yield f"upload.kind = 'hub': there are several sinks of kind iothub ({names}); name one"
    else:
        yield from _wrong_device(fitting[0])


def _wrong_device(sink: Sink) -> Iterable[str]:
    if sink.connection:
        return
    if sink.scope_id:
        yield (
            f"upload.kind = 'hub': which hub the provisioning service gives sink {sink.name!r} is "
            "not known here; give that sink a connection, or host, device_id and certificate_file"
        )
    elif not (sink.host and sink.device_id and sink.certificate_file):
        yield (
            f"upload.kind = 'hub': sink {sink.name!r} says of no device; give it a connection, or "
            "host, device_id and certificate_file"
        )
