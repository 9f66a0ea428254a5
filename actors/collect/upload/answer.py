"""What a receiver's answer means for a picture (pure)."""

from http import HTTPStatus

from httpx import Headers

from actors.collect.upload.failed import Failed, Kind
from actors.web.status import REDIRECTS, named, passes, retry_after_s

# Of one request, not of all: bad request, no length, too large, too long a name, wrong type.
PICTURE = {400, 411, 413, 414, 415, 422}
HINTS = {
    401: "; is what it is to know us by still valid?",
    403: "; may this device write there, and is its clock right?",
    404: "; is the address right, and is there such a place?",
    405: "; does it take uploads at this address?",
    407: "; the proxy wants a user and a password",
    409: "; is there such a folder?",
}


def confirm(status: int, headers: Headers) -> None:
    """Return if what was sent has arrived; raise `Failed` for whatever else was answered."""
    if is_confirmation(status):
        return
    hint, kind = HINTS.get(status, ""), kind_of(status)
    if status in REDIRECTS:
        hint = "; redirects are not followed, so write the address that it leads to"
    raise Failed(f"answers {named(status)}{hint}", kind, retry_after_s(headers))


def is_confirmation(status: int) -> bool:
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def kind_of(status: int) -> Kind:
    """What a status other than 2xx says of the pictures that come after."""
    if passes(status):
        return "passing"
    return "picture" if status in PICTURE else "lasting"
