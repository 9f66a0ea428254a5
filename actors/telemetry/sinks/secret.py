"""A sink's password or connection string. One that is not there is a reason to be down."""

from actors.secret import NoSecret
from actors.secret import read_secret as read
from actors.telemetry.sinks.sink import Down


def read_secret(setting: str, source: str) -> str:
    """From `file:PATH` or `env:NAME`. Raises `Down`."""
    try:
        return read(setting, source)
    except NoSecret as error:
        raise Down(str(error)) from None
