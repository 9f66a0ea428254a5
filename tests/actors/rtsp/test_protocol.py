"""RTSP bytes to requests and back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.rtsp.protocol import (
    LONGEST_BODY,
    LONGEST_HEADER,
    Event,
    Interleaved,
    Malformed,
    Parser,
    Request,
    Response,
    answer,
)

DESCRIBE = (
    b"DESCRIBE rtsp://127.0.0.1:8554/front/raw RTSP/1.0\r\n"
    b"Accept: application/sdp\r\n"
    b"CSeq: 2\r\n"
    b"User-Agent: Lavf59.27.100\r\n"
    b"\r\n"
)
SET_PARAMETER = (
    b"SET_PARAMETER rtsp://127.0.0.1/front/raw RTSP/1.0\r\n"
    b"CSeq: 7\r\n"
    b"Content-Length: 12\r\n"
    b"\r\n"
    b"barparam: ok"
)
RECEIVER_REPORT = b"$\x01\x00\x08\x80\xc9\x00\x01\x12\x34\x56\x78"


def parse(data: bytes) -> list[Event]:
    return list(Parser().feed(data))


def test_a_request_is_read_and_written_back() -> None:
    (request,) = parse(DESCRIBE)
    assert isinstance(request, Request)
    assert request.method == "DESCRIBE"
    assert request.uri == "rtsp://127.0.0.1:8554/front/raw"
    assert request.header("cseq") == "2"
    assert request.header("Session") is None
    assert bytes(request) == DESCRIBE


def test_a_body_belongs_to_its_request() -> None:
    first, second = parse(SET_PARAMETER + DESCRIBE)
    assert isinstance(first, Request)
    assert first.body == b"barparam: ok"
    assert bytes(first) == SET_PARAMETER
    assert isinstance(second, Request)
    assert second.method == "DESCRIBE"


def test_interleaved_data_stands_between_requests() -> None:
    events = parse(DESCRIBE + RECEIVER_REPORT + DESCRIBE)
    assert events[1] == Interleaved(1, RECEIVER_REPORT[4:])
    assert bytes(Interleaved.parse(RECEIVER_REPORT)) == RECEIVER_REPORT
    assert len(events) == 3


def test_bytes_may_come_one_by_one() -> None:
    parser, events = Parser(), list[Event]()
    for byte in DESCRIBE + RECEIVER_REPORT + b"\r\n\r\n" + SET_PARAMETER:
        events += parser.feed(bytes((byte,)))
    assert [type(event) for event in events] == [Request, Interleaved, Request]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", "neither a request"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "request line"),
        (b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n", "request line"),
        (b"OPTIONS  * RTSP/1.0\r\n\r\n", "request line"),
        (b"OPTIONS * RTSP/1.0\r\nno colon\r\n\r\n", "header line"),
        (b"OPTIONS * RTSP/1.0\r\nA: 1\rSet: 2\r\n\r\n", "header line"),
        (b"OPTIONS * RTSP/1.0\r\nA: \xff\r\n\r\n", "UTF-8"),
        (b"OPTIONS * RTSP/1.0\r\nContent-Length: -1\r\n\r\n", "Content-Length"),
        (b"OPTIONS * RTSP/1.0\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "one number"),
        (b"OPTIONS * RTSP/1.0\r\nA: " + b"x" * LONGEST_HEADER, "header over"),
    ],
)
def test_what_is_not_rtsp_is_refused_with_400(data: bytes, reason: str) -> None:
    *_, refusal = parse(data)
    assert isinstance(refusal, Malformed)
    assert refusal.status == 400
    assert reason in refusal.reason


def test_a_large_body_is_refused_before_it_comes() -> None:
    head = f"SET_PARAMETER * RTSP/1.0\r\nContent-Length: {LONGEST_BODY + 1}\r\n\r\n"
    assert parse(head.encode()) == [Malformed(413, f"body over {LONGEST_BODY} bytes")]


def test_nothing_follows_a_refusal() -> None:
    parser = Parser()
    assert len(list(parser.feed(b"\0" + DESCRIBE))) == 1
    assert list(parser.feed(DESCRIBE)) == []


def test_a_response_echoes_the_sequence_number_and_counts_its_body() -> None:
    request = Request("DESCRIBE", "rtsp://h/x", (("CSeq", "9"),))
    assert bytes(answer(request, 200, ("Session", "a"), body=b"v=0")) == (
        b"RTSP/1.0 200 OK\r\nCSeq: 9\r\nSession: a\r\nContent-Length: 3\r\n\r\nv=0"
    )
    assert bytes(Response(400)) == b"RTSP/1.0 400 Bad Request\r\n\r\n"


PIECES = st.sampled_from(
    [DESCRIBE, SET_PARAMETER, RECEIVER_REPORT, b"\r\n", b"$", b"OPTIONS * RTSP/1.0\r\n", b": \r\n"]
)


@settings(deadline=None)
@given(st.lists(st.one_of(PIECES, st.binary(max_size=40)), max_size=8))
def test_no_input_raises_and_little_is_kept(chunks: list[bytes]) -> None:
    parser = Parser()
    for chunk in chunks:
        for event in parser.feed(chunk):
            assert isinstance(event, Request | Interleaved | Malformed)
    assert len(parser._buffer) <= LONGEST_HEADER + LONGEST_BODY + 8


def test_empty_lines_may_stand_before_whatever_comes() -> None:
    assert [type(event) for event in parse(b"\r\n\r\n" + RECEIVER_REPORT)] == [Interleaved]
    assert [type(event) for event in parse(b"\r\n" + DESCRIBE)] == [Request]


@settings(deadline=None)
@given(st.lists(PIECES, max_size=6), st.data())
def test_where_the_stream_is_cut_does_not_matter(pieces: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(pieces)
    cut = data.draw(st.integers(0, len(whole)))
    parser = Parser()
    assert [*parser.feed(whole[:cut]), *parser.feed(whole[cut:])] == parse(whole)
