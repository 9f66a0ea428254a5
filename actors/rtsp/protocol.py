"""RTSP 1.0 on the wire, RFC 2326: bytes in, requests and interleaved frames out (pure).

Every size is bounded. What is not RTSP comes out as one `Malformed`, after which a parser takes
nothing more; no input raises.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

LONGEST_HEADER = 8 * 1024  # request line and all header lines
LONGEST_BODY = 64 * 1024
INTERLEAVED = 0x24  # "$", RFC 2326 section 10.12
INTERLEAVED_HEADER_SIZE = 4

REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    406: "Not Acceptable",
    413: "Request Entity Too Large",
    454: "Session Not Found",
    455: "Method Not Valid in This State",
    459: "Aggregate Operation Not Allowed",
    461: "Unsupported Transport",
    501: "Not Implemented",
    503: "Service Unavailable",
    505: "RTSP Version Not Supported",
    551: "Option not supported",
}

_REQUEST_LINE = re.compile(r"([A-Z_]{1,32}) (\S+) (RTSP/\d\.\d)")
_HEADER_LINE = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x1f\x7f]*)")

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Request:
    """One request. Header names keep their spelling, and are found in any."""

    method: str
    uri: str
    headers: Headers = ()
    body: bytes = b""
    version: str = "RTSP/1.0"

    def header(self, name: str) -> str | None:
        """The first header of this name."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def __bytes__(self) -> bytes:
        return _message(f"{self.method} {self.uri} {self.version}", self.headers, self.body)


@dataclass(frozen=True)
class Response:
    """One response; `Content-Length` is written for a body."""

    status: int
    headers: Headers = ()
    body: bytes = b""

    def __bytes__(self) -> bytes:
        length = (("Content-Length", str(len(self.body))),) if self.body else ()
        line = f"RTSP/1.0 {self.status} {REASONS[self.status]}"
        return _message(line, (*self.headers, *length), self.body)


def answer(request: Request, status: int, *headers: tuple[str, str], body: bytes = b"") -> Response:
    """A response to this request: it echoes the `CSeq`."""
    number = request.header("CSeq")
    sequence = (("CSeq", number),) if number else ()
    return Response(status, (*sequence, *headers), body)


@dataclass(frozen=True)
class Interleaved:
    """Binary data between requests, on a channel that SETUP agreed on."""

    channel: int
    payload: bytes

    @classmethod
    def parse(cls, data: bytes) -> Self:
        if len(data) < INTERLEAVED_HEADER_SIZE or data[0] != INTERLEAVED:
            raise ValueError("interleaved frame does not start with '$', channel and length")
        length = int.from_bytes(data[2:INTERLEAVED_HEADER_SIZE])
        if len(data) != INTERLEAVED_HEADER_SIZE + length:
            raise ValueError("interleaved frame has another length than it says")
        return cls(data[1], data[INTERLEAVED_HEADER_SIZE:])

    def __bytes__(self) -> bytes:
        head = bytes((INTERLEAVED, self.channel)) + len(self.payload).to_bytes(2)
        return head + self.payload


@dataclass(frozen=True)
class Malformed:
    """Not RTSP: answer with `status` and close."""

    status: int
    reason: str


Event = Request | Interleaved | Malformed


class Parser:
    """One connection's incoming bytes, in pieces of any size."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._refused = False

    def feed(self, data: bytes) -> Iterator[Event]:
        """What is complete now. Nothing follows a `Malformed`."""
        self._buffer += data
        while not self._refused:
            event = self._next()
            if event is None:
                return
            self._refused = isinstance(event, Malformed)
            yield event
        self._buffer.clear()

    def _next(self) -> Event | None:
        while self._buffer[:2] == b"\r\n":  # RFC 2326 section 4: empty lines before a request
            del self._buffer[:2]
        if self._buffer[:1] == b"$":
            return self._interleaved()
        if self._buffer and not (self._buffer[:1].isupper() or self._buffer == b"\r"):
            return Malformed(400, "neither a request nor an interleaved frame")
        end = self._buffer.find(b"\r\n\r\n", 0, LONGEST_HEADER + 4)
        if end < 0:
            too_long = len(self._buffer) >= LONGEST_HEADER + 4
            return Malformed(400, f"header over {LONGEST_HEADER} bytes") if too_long else None
        return self._request(end)

    def _interleaved(self) -> Interleaved | None:
        if len(self._buffer) < INTERLEAVED_HEADER_SIZE:
            return None
        size = INTERLEAVED_HEADER_SIZE + int.from_bytes(self._buffer[2:INTERLEAVED_HEADER_SIZE])
        return Interleaved.parse(self._cut(size)) if len(self._buffer) >= size else None

    def _request(self, end: int) -> Request | Malformed | None:
        head = _parse_head(bytes(self._buffer[:end]))
        if isinstance(head, Malformed):
            return head
        length = _content_length(head)
        if isinstance(length, Malformed):
            return length
        body_at = end + 4
        if len(self._buffer) < body_at + length:
            return None
        body = self._cut(body_at + length)[body_at:]
        return Request(head.method, head.uri, head.headers, body, head.version)

    def _cut(self, size: int) -> bytes:
        piece = bytes(self._buffer[:size])
        del self._buffer[:size]
        return piece


def _parse_head(head: bytes) -> Request | Malformed:
    try:
        first, *rest = head.decode().split("\r\n")
    except UnicodeDecodeError:
        return Malformed(400, "header is not UTF-8")
    line = _REQUEST_LINE.fullmatch(first)
    if not line:
        return Malformed(400, "request line is not METHOD URI RTSP/n.n")
    found = [_HEADER_LINE.fullmatch(header) for header in rest]
    headers = tuple((match[1], match[2].rstrip()) for match in found if match)
    if len(headers) != len(rest):
        return Malformed(400, "header line is not NAME: VALUE")
    method, uri, version = line.groups()
    return Request(method, uri, headers, b"", version)


def _content_length(head: Request) -> int | Malformed:
    values = {value for name, value in head.headers if name.lower() == "content-length"}
    if not values:
        return 0
    value = values.pop()
    if values or not re.fullmatch(r"[0-9]{1,9}", value):
        return Malformed(400, "Content-Length is not one number")
    length = int(value)
    return length if length <= LONGEST_BODY else Malformed(413, f"body over {LONGEST_BODY} bytes")


def _message(first: str, headers: Headers, body: bytes) -> bytes:
    lines = [first, *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode() + body
