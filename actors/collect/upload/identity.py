"""Which device of which hub we are, from a sink's settings (pure)."""

from typing import NamedTuple

from actors.collect.upload.failed import Failed
from actors.config import Sink

NEEDED = ("HostName", "DeviceId")


class Identity(NamedTuple):
    """A device. Without a key its certificate says who it is."""

    host: str
    device_id: str
    key: str  # in base64

    def __repr__(self) -> str:
        return f"Identity({self.host!r}, {self.device_id!r})"


def identity(sink: Sink, connection: str) -> Identity:
    """`connection` is the connection string, or "" where the sink has a certificate. Raises
    `Failed`, and shows nothing of it."""
    if not connection:
        return Identity(sink.host, sink.device_id, "")
    parts = dict(part.partition("=")[::2] for part in connection.split(";"))
    if "ModuleId" in parts:
        raise Failed(
            "the connection string is a module's, and only devices may upload files; name a "
            "sink with a device's, or upload by http or s3",
            "lasting",
        )
    missing = [name for name in NEEDED if not parts.get(name)]
    if not parts.get("SharedAccessKey") and not sink.certificate_file:
        missing.append("SharedAccessKey")
    if missing:
        raise Failed(f"the connection string has no {' and no '.join(missing)}", "lasting")
    return Identity(parts["HostName"], parts["DeviceId"], parts.get("SharedAccessKey", ""))
