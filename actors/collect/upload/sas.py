"""Shared access signatures, as Azure IoT Hub knows a device by its key (pure).

As its developer guide has them ("Control access to IoT Hub", security tokens): HMAC-SHA256 with the
key over the encoded resource, a line feed, and the second since 1970 at which the token expires.
"""

import hmac
from base64 import b64decode, b64encode
from urllib.parse import quote


class BadKey(Exception):
    """The key is not one in base64."""


def sas_token(resource: str, key: str, expires_s: int) -> str:
    """For an `authorization` header. Raises `BadKey`."""
    try:
        secret = b64decode(key, validate=True)
    except ValueError:
        raise BadKey("the device's key is not in base64") from None
    place = quote(resource, safe="")
    digest = hmac.digest(secret, f"{place}\n{expires_s}".encode(), "sha256")
    signature = quote(b64encode(digest).decode(), safe="")
    return f"SharedAccessSignature sr={place}&sig={signature}&se={expires_s}"
