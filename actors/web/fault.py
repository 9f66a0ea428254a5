"""Why no answer came, in words that quote nothing sent or received."""

import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import httpcore

BROKEN = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException)
# OpenSSL's X509_V_ERR_*: not yet valid, expired; and no authority found, or an unknown one.
NOT_YET_CODE = 9
CLOCK_CODES = {NOT_YET_CODE, 10}
AUTHORITY_CODES = {2, 18, 19, 20, 21}

Mends = Literal["retry", "time", "nothing"]


class Fault(Exception):
    """One sentence, and what may mend it: another try, time, or nothing by itself."""

    def __init__(self, reason: str, mends: Mends = "nothing") -> None:
        super().__init__(reason)
        self.mends = mends


@contextmanager
def explained(connect_s: float, stall_s: float) -> Iterator[None]:
    """Faults of a connection as `Fault`."""
    try:
        yield
    except httpcore.ConnectTimeout:
        raise Fault(f"no connection within {connect_s:g} s", "retry") from None
    except httpcore.ReadTimeout:
        raise Fault(f"no byte came for {stall_s:g} s", "retry") from None
    except httpcore.WriteTimeout:
        raise Fault(f"nothing was taken for {stall_s:g} s", "retry") from None
    except httpcore.ProxyError:
        raise Fault("the proxy refuses to connect", "retry") from None
    except BROKEN as error:
        cause = error.args[0] if error.args else None
        if isinstance(cause, ssl.SSLCertVerificationError):
            raise Fault(_distrust(cause), "nothing" if is_final(cause) else "time") from None
        raise Fault(_reason(cause), "retry") from None


def is_final(error: ssl.SSLCertVerificationError) -> bool:
    """A clock that is behind, as after a boot without a network, will be set."""
    return error.verify_code != NOT_YET_CODE


def _distrust(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code in CLOCK_CODES:
        hint = "; is this device's clock right?"
    elif error.verify_code in AUTHORITY_CODES:
        hint = "; if it is right, name its authority in ca_file"
    else:
        hint = ""
    return f"its certificate is refused: {error.verify_message.rstrip('.')}{hint}"


def _reason(cause: object) -> str:
    match cause:
        case ssl.SSLError():
            return f"TLS failed ({(cause.reason or 'no reason given').lower().replace('_', ' ')})"
        case socket.gaierror():
            return f"the host's name was not found ({(cause.strerror or '').lower()})"
        case OSError() if cause.errno:
            return os.strerror(cause.errno).lower()
    return "the connection broke off, or what came is not HTTP"
