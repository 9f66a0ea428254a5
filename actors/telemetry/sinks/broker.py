"""An MQTT broker, and who we are to it: values, and what they say of TLS."""

import ssl
from typing import Literal

from msgspec import Struct

from actors.telemetry.sinks.sink import Down
from actors.telemetry.sinks.tls_line import TlsLine


class Tls(Struct, frozen=True):
    """Files in PEM; unset: the public authorities, and no certificate of our own."""

    ca_file: str = ""
    certificate_file: str = ""
    key_file: str = ""  # unset: the key is in the certificate's file


class Broker(Struct, frozen=True):
    """Topics lie below `prefix`; `PREFIX/status` says `online` or `offline`."""

    host: str
    port: int = 0  # 0: 1883, with TLS 8883
    version: Literal["3.1.1", "5"] = "5"
    client_id: str = "retinue"  # of two with the same one the broker throws out the first
    prefix: str = "retinue"
    user: str = ""
    password: str = ""  # file:PATH or env:NAME
    tls: Tls | None = None
    keep_alive_s: int = 30
    answer_s: float = 20.0  # a broker that does not confirm for so long is given up
    window: int = 32  # letters that may be under way

    @property
    def the_port(self) -> int:
        return self.port or (8883 if self.tls else 1883)

    @property
    def shown(self) -> str:
        return f"mqtt {self.host}:{self.the_port}"

    @property
    def status_topic(self) -> str:
        return f"{self.prefix}/status"


def tls_context(tls: Tls) -> ssl.SSLContext:
    """Raises `Down`."""
    try:
        context = ssl.create_default_context(cafile=tls.ca_file or None)
    except OSError as error:
        raise Down(f"ca_file = {tls.ca_file!r}: {_said(error)}") from None
    context.sslsocket_class = TlsLine
    if tls.certificate_file:
        try:
            context.load_cert_chain(tls.certificate_file, tls.key_file or None, password=lambda: "")
        except OSError as error:
            files = f"certificate_file = {tls.certificate_file!r}, key_file = {tls.key_file!r}"
            raise Down(f"{files}: {_said(error)}") from None
    return context


def _said(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return "no certificate and key that belong together, in PEM and without a password"
    return error.strerror or "cannot be read"
