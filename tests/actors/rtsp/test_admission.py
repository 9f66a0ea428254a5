"""What is checked of every request."""

import pytest

from actors.rtsp.admission import Admission, Admitted
from actors.rtsp.digest import Gate
from actors.rtsp.protocol import Request, Response
from actors.rtsp.users import Users

MOUNTS = {"front/raw": "front/raw", "raw": "front/raw"}
NUMBER = ("CSeq", "3")


def admit(request: Request, users: dict[str, str] | None = None) -> Admitted | Response:
    return Admission(MOUNTS, Gate(Users(users or {}), b"key")).admit(request, 0, "")


def status(request: Request, users: dict[str, str] | None = None) -> int:
    refusal = admit(request, users)
    assert isinstance(refusal, Response)
    return refusal.status


def test_a_request_for_a_mount_is_admitted() -> None:
    assert admit(Request("PLAY", "rtsp://h/raw/", (NUMBER,))) == Admitted("front/raw", "raw", "")


@pytest.mark.parametrize(
    ("request_", "wanted"),
    [
        (Request("PLAY", "rtsp://h/raw"), 400),
        (Request("PLAY", "rtsp://h/raw", (NUMBER,), version="RTSP/2.0"), 505),
        (Request("ANNOUNCE", "rtsp://h/raw", (NUMBER,)), 501),
        (Request("PLAY", "rtsp://h/none", (NUMBER,)), 404),
        (Request("PLAY", "rtsp://[h/raw", (NUMBER,)), 404),
        (Request("PLAY", "rtsp://h/raw", (NUMBER, ("Require", "wings"))), 551),
    ],
)
def test_a_fault_has_its_status(request_: Request, wanted: int) -> None:
    assert status(request_) == wanted


def test_keep_alives_need_no_stream() -> None:
    for method in ("OPTIONS", "GET_PARAMETER", "SET_PARAMETER"):
        assert admit(Request(method, "*", (NUMBER,))) == Admitted("", "*", "")


def test_with_users_all_but_options_needs_a_name() -> None:
    users = {"ann": "secret"}
    assert status(Request("DESCRIBE", "rtsp://h/raw", (NUMBER,)), users) == 401
    assert status(Request("DESCRIBE", "rtsp://h/none", (NUMBER,)), users) == 401
    assert status(Request("GET_PARAMETER", "*", (NUMBER,)), users) == 401
    assert isinstance(admit(Request("OPTIONS", "*", (NUMBER,)), users), Admitted)
    refusal = admit(Request("DESCRIBE", "rtsp://h/raw", (NUMBER,)), users)
    assert isinstance(refusal, Response)
    names = [name for name, _ in refusal.headers]
    assert names == ["CSeq", "WWW-Authenticate", "WWW-Authenticate"]
