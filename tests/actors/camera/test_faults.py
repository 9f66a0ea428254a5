import errno

import pytest

from actors.address import Kind
from actors.camera.faults import explain


@pytest.mark.parametrize(
    ("kind", "error", "number", "said"),
    [
        ("network", "ConnectionRefusedError", errno.ECONNREFUSED, "connection refused"),
        ("network", "HTTPUnauthorizedError", 1, "401"),
        ("network", "HTTPNotFoundError", 1, "404"),
        ("network", "ExitError", 1, "no answer in time"),
        ("network", "OSError", errno.EHOSTUNREACH, "no route"),
        ("v4l2", "", errno.ENOENT, "no such device; plugged in?"),
        ("v4l2", "PermissionError", errno.EACCES, "group `video`"),
        ("v4l2", "OSError", errno.EBUSY, "another program"),
        ("file", "", errno.ENOENT, "no such file"),
        ("file", "InvalidDataError", 1, "no video that can be read"),
        ("file", "DecoderNotFoundError", 1, "unsupported codec"),
    ],
)
def test_a_failure_says_what_to_do(kind: Kind, error: str, number: int, said: str) -> None:
    assert said in explain(kind, error, number, "as the library says")


def test_an_unknown_failure_is_told_as_it_is() -> None:
    assert explain("file", "OddError", errno.EDOM, "Out of Domain") == "out of domain"
    assert explain("file", "OddError", None, None) == "odderror"
