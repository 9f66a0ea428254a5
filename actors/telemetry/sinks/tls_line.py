"""A TLS socket that fails as a plain one does.

paho-mqtt 1.6 leaves one open whose handshake failed, and its thread ends without a word on an
alert that comes later: TLS 1.3 tells a client only then that its certificate is missing.
"""

import ssl
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class TlsLine(ssl.SSLSocket):
    """Made by a context of which it is the `sslsocket_class`."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 as in the standard library
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        return _plainly(lambda: super(TlsLine, self).recv(buflen, flags))

    def send(self, data: Any, flags: int = 0) -> int:
        return _plainly(lambda: super(TlsLine, self).send(data, flags))


def _plainly(act: Callable[[], T]) -> T:
    try:
        return act()
    except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
        raise
    except ssl.SSLError as error:
        raise ConnectionError(error.reason) from error
