"""A file from http or https, streamed to the disk: whole, verified, or not at all.

What a failed or stopped attempt brought is gone on with, in this call or a later one, if the
server vouches that it is still the same version. No address is shown with its query.
"""

import random
import shutil
import threading
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import httpx

from actors.models.answer import Asked, Body, Setback, read
from actors.models.exchange import address, get, trusting
from actors.models.pace import Tries
from actors.models.remote import Fetched, FetchError, Progress, Remote, Terms, Unreachable, check
from actors.models.resume import FULL, Note, Part
from actors.models.watch import Watch
from actors.web.exchange import Means
from actors.web.line import Lines


class _Wrong(Exception):
    """What came is not what was expected. A cache on the way may be at fault: once more."""


def fetch(
    remote: Remote,
    into: Path,
    *,
    terms: Terms,
    stop: threading.Event,
    tell: Callable[[Progress], None],
    clock_ns: Callable[[], int],
    jitter: Callable[[], float] = random.random,
) -> Fetched:
    """Have `remote` as the file `into`, or raise `Unreachable`, `FetchError` or `Stopped`.

    `clock_ns` is monotonic. `tell` is called in this thread. `jitter` gives 0 to 1.
    """
    watch = Watch(remote, terms, stop, tell, clock_ns)
    try:
        check(remote)
        url = address(remote.url)
        means = Means(Lines(watch.look_up, clock_ns), trusting(terms.ca_file), terms.stall_s)
        with Part(into, _resource(url), set(remote.digests)) as part:
            download = _Download(remote, url, means, part, watch)
            download.run(terms, jitter)
            return Fetched(into, part.size_bytes, part.digest("sha256"), part.note.etag)
    except FetchError as error:
        raise type(error)(f"{remote.shown}: {error}") from None
    except OSError as error:
        raise FetchError(f"{remote.shown}: {_disk_fault(into, error, watch)}") from None


class _Download:
    """One file on its way, through as many attempts as it takes."""

    def __init__(
        self, remote: Remote, url: httpx.URL, means: Means, part: Part, watch: Watch
    ) -> None:
        self._remote, self._url, self._means = remote, url, means
        self._part, self._watch = part, watch

    def run(self, terms: Terms, jitter: Callable[[], float]) -> None:
        tries, wrong = Tries(terms, jitter), False
        outcome: type[FetchError]
        self._watch.say("checking")
        self._part.recall(self._watch.look_up)
        while True:
            self._watch.done_bytes = self._part.good_bytes
            try:
                self._attempt(terms.most_bytes, {"cache-control": "no-cache"} if wrong else {})
                return self._finish()
            except _Wrong as error:
                self._part.discard()
                if wrong:
                    raise FetchError(f"{error}; twice so, so it is no accident") from None
                wrong, reason, asked_s, outcome = True, str(error), 0.0, FetchError
            except Setback as error:
                if not error.keep:
                    self._part.discard()
                reason, asked_s, outcome = str(error), error.after_s, Unreachable
            tries.failed(self._part.good_bytes)
            if tries.over:
                raise outcome(f"{reason}; given up after {tries.failures} failures in a row")
            self._watch.wait(tries.wait_s(asked_s), reason)

    def _attempt(self, most_bytes: int, headers: dict[str, str]) -> None:
        part, watch = self._part, self._watch
        asked = Asked(part.good_bytes, part.note.validator, part.note.total_bytes)
        watch.say("connecting")
        with get(
            self._url, {**headers, **asked.headers}, self._remote.headers, self._means
        ) as answer:
            body = read(answer.status, answer.headers, asked)
            self._judge(body, most_bytes)
            if not body.start:
                part.begin(Note(part.note.resource, body.validator, body.etag, body.total_bytes))
            watch.done_bytes = part.size_bytes
            if body.total_bytes is not None:
                watch.total_bytes = body.total_bytes
            watch.say("downloading")
            for chunk in answer.chunks:
                self._refuse_more(part.size_bytes + len(chunk), body, most_bytes)
                part.add(chunk)
                watch.came(len(chunk))
        if body.total_bytes is not None and part.size_bytes < body.total_bytes:
            raise Setback(f"only {part.size_bytes} of {body.total_bytes} bytes came")

    def _judge(self, body: Body, most_bytes: int) -> None:
        """Refuse a body by what is said of it, before its first byte."""
        expected, said = self._remote.size_bytes, body.total_bytes
        if not (body.framed or self._remote.digests or expected is not None):
            raise FetchError(
                "the server does not say where the file ends, and no size or digest of it is "
                "given: whether all came could not be told"
            )
        if said is None:
            return
        if said > most_bytes:
            self._part.discard()
            raise FetchError(f"{said} bytes, and at most {most_bytes} are allowed")
        if expected not in {None, said}:
            raise _Wrong(f"{said} bytes, and {expected} were expected")
        reused = 0 if body.start else self._part.size_bytes
        free = shutil.disk_usage(self._part.path.parent).free + reused
        if said - body.start > free:
            self._part.discard()
            raise FetchError(
                f"{said - body.start} bytes are to come, and {free} are free in "
                f"{self._part.path.parent}; make room"
            )

    def _refuse_more(self, size_bytes: int, body: Body, most_bytes: int) -> None:
        expected = self._remote.size_bytes
        if body.end is not None and size_bytes > body.end:
            raise Setback("more came than was said", keep=False)
        if expected is not None and size_bytes > expected:
            raise _Wrong(f"more than the {expected} bytes that were expected")
        if size_bytes > most_bytes:
            self._part.discard()
            raise FetchError(f"more than the {most_bytes} bytes that are allowed")

    def _finish(self) -> None:
        self._watch.say("checking")
        size_bytes, expected = self._part.size_bytes, self._remote.size_bytes
        if expected not in {None, size_bytes}:
            raise _Wrong(f"{size_bytes} bytes, and {expected} were expected")
        for algorithm, wanted in self._remote.digests.items():
            found = self._part.digest(algorithm)
            if found != wanted:
                raise _Wrong(f"{algorithm} is {found}, and {wanted} was expected")
        self._part.finish()


def _resource(url: httpx.URL) -> str:
    """Which file it is, whatever token it is asked for with."""
    plain = f"{url.scheme}://{url.netloc.decode()}{url.path}"
    return sha256(plain.encode()).hexdigest()


def _disk_fault(into: Path, error: OSError, watch: Watch) -> str:
    fault = f"{error.filename or into}: {error.strerror or error}"
    if error.errno not in FULL:
        return fault
    left = "" if watch.total_bytes is None else f", {watch.total_bytes - watch.done_bytes} to come"
    free = shutil.disk_usage(into.parent).free
    return f"{fault}: {watch.done_bytes} bytes were written{left}, and {free} are free; make room"
