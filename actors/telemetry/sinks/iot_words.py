"""What went wrong with Azure's client, in words and without a secret (pure).

Its own sentences say little; what happened is in the causes of an exception.
"""

import ssl
from collections.abc import Iterator

from azure.iot.device.exceptions import ServiceError
from azure.iot.device.iothub.pipeline import exceptions

REFUSED = "refused; check the key or certificate, that the device is enabled, and the clock"
LOST = "the connection was lost"
CUT_OFF = (
    exceptions.ConnectionDroppedError,
    exceptions.NoConnectionError,
    exceptions.OperationCancelled,
)


def words(error: BaseException) -> str:
    """Of the first cause that says something."""
    said = next(filter(None, map(_told, _causes(error))), "")
    if not said and isinstance(error, CUT_OFF):
        return LOST
    # of anything else the text may hold anything
    return said or f"a fault of Azure's client: {type(error).__name__}"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _told(error: BaseException) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            said = f"its certificate is not trusted: {error.verify_message}; check ca_file"
        case ssl.SSLError():
            said = f"no TLS with it: {(error.reason or 'hung up').replace('_', ' ').lower()}"
        case exceptions.UnauthorizedError():
            said = REFUSED
        case ServiceError():  # the library's own text, with a status
            said = f"the service refused: {error}"
        case TimeoutError() | exceptions.OperationTimeout():
            said = "no answer"
        case OSError():
            said = error.strerror or ""
        case _:
            said = ""
    return said
