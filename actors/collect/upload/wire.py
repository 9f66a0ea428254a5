"""Requests to receivers, one at a time, each within its time, however slowly bytes drip."""

import ssl
import threading
from collections.abc import Callable
from typing import NamedTuple

import httpx

from actors.address import masked
from actors.collect.upload.answer import is_confirmation
from actors.collect.upload.failed import Failed, Kind, Stopped
from actors.web.exchange import Means, Request, address, ask, trusting
from actors.web.fault import Fault
from actors.web.line import SECOND_NS, Lines


class Patience(NamedTuple):
    """How long one request may take."""

    stall_s: float  # without a byte
    longest_s: float  # all in all


class Reply(NamedTuple):
    """An answer, whatever its status. Of its body there is as much as was asked for."""

    status: int
    headers: httpx.Headers
    body: bytes


class Wire:
    """With a trust of its own. `ask` leaves with `Failed` or `Stopped`."""

    def __init__(
        self,
        trust: ssl.SSLContext,
        stop: threading.Event,
        clock_ns: Callable[[], int],
        patience: Patience,
    ) -> None:
        self._stop, self._clock_ns, self._patience = stop, clock_ns, patience
        self._means = Means(Lines(self._look_up, clock_ns), trust, patience.stall_s)
        self._until_ns = 0

    def ask(self, request: Request, most_bytes: int = 0) -> Reply:
        """A 2xx whose body nobody asks for has come with its status, and so has any other."""
        self._until_ns = self._clock_ns() + int(self._patience.longest_s * SECOND_NS)
        reply: Reply | None = None
        try:
            with ask(request, self._means) as answer:
                reply = Reply(answer.status, answer.headers, b"")
                for chunk in answer.chunks if most_bytes else ():
                    reply = reply._replace(body=(reply.body + chunk)[: most_bytes + 1])
                    if len(reply.body) > most_bytes:
                        break
        except Fault as fault:
            if reply is None or is_confirmation(reply.status):
                kind: Kind = "lasting" if fault.mends == "nothing" else "passing"
                raise Failed(str(fault), kind) from None
        if is_confirmation(reply.status) and len(reply.body) > most_bytes:
            raise Failed(f"answers more than {most_bytes} bytes", "passing")
        return reply

    def _look_up(self) -> None:
        if self._stop.is_set():
            raise Stopped
        if self._clock_ns() >= self._until_ns:
            raise Failed(f"not done within {self._patience.longest_s:g} s", "passing")


def trust_of(*ca_files: str) -> ssl.SSLContext:
    """The public authorities and these. Raises `Failed`."""
    try:
        return trusting(*ca_files)
    except Fault as fault:
        raise Failed(str(fault), "lasting") from None


def place(url: str) -> httpx.URL:
    """An address. Raises `Failed`."""
    try:
        return address(url)
    except Fault as fault:
        raise Failed(f"{masked(url)}: {fault}", "lasting") from None
