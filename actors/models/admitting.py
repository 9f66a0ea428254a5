"""Has a package tried by the admission process, and judges what that cannot say of itself."""

import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

import msgspec

from actors.models.remote import Stopped
from actors.package.admission import Request, Verdict, Word

COMMAND = [sys.executable, "-P", "-m", "actors.inference.admission"]
LOOK_S = 0.1
READ_BYTES = 1 << 16
LAST_WORDS = 300  # characters
MORE_MB = 512  # what is not counted as data: code, the process's own pages
MEMORY_WORDS = ("bad_alloc", "bad alloc", "Cannot allocate memory", "MemoryError")
ENDED_BY = {signal.SIGXCPU: "used more processor time than models.admission_s allows"}


def admit(
    request: Request, within_s: float, stop: threading.Event, tell: Callable[[str], None]
) -> Verdict:
    """What came of it, in `within_s` at most. Raises `Stopped` once `stop` is set."""
    with tempfile.TemporaryFile() as stderr, _process(stderr) as process:
        follower = _Follower(process, request, within_s, tell)
        try:
            return follower.verdict(stop) or follower.post_mortem(stderr)
        finally:
            process.kill()


def _process(stderr: IO[bytes]) -> "subprocess.Popen[bytes]":
    pipe = subprocess.PIPE
    return subprocess.Popen(COMMAND, stdin=pipe, stdout=pipe, stderr=stderr)  # noqa: S603 no data


class _Follower:
    """One admission process, from its first step to its end."""

    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        request: Request,
        within_s: float,
        tell: Callable[[str], None],
    ) -> None:
        self._process, self._request, self._within_s, self._tell = process, request, within_s, tell
        self._end_s = time.monotonic() + within_s
        self._doing, self._said = "starting", b""

    def verdict(self, stop: threading.Event) -> Verdict | None:
        """None if it ended without one."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise TypeError("the admission process is not piped")
        with suppress(BrokenPipeError), stdin:
            stdin.write(msgspec.json.encode(self._request))
        while not stop.is_set():
            if time.monotonic() > self._end_s:
                return Verdict(reason=f"takes longer than {self._within_s:g} s {self._where}")
            if self._resident_mb() > self._request.memory_mb + MORE_MB:
                return Verdict(reason=self._too_large)
            if not select.select([stdout], [], [], LOOK_S)[0]:
                continue
            said = os.read(stdout.fileno(), READ_BYTES)
            if not said:
                return None
            if verdict := self._read(said):
                return verdict
        raise Stopped("stopped")

    def post_mortem(self, stderr: IO[bytes]) -> Verdict:
        """Why it ended without a verdict."""
        code = self._process.wait()
        stderr.seek(0)
        words = stderr.read().decode(errors="replace").strip()
        if any(word in words for word in MEMORY_WORDS):
            return Verdict(reason=self._too_large)
        if code < 0:
            name = signal.Signals(-code)
            why = ENDED_BY.get(name, f"ends the process that runs it ({name.name})")
            return Verdict(reason=f"{why} {self._where}")
        last = (words.splitlines() or ["no reason given"])[-1][:LAST_WORDS]
        return Verdict(reason=f"the admission process failed {self._where}: {last}")

    @property
    def _where(self) -> str:
        return f"while {self._doing}"

    @property
    def _too_large(self) -> str:
        return f"needs more than the {self._request.memory_mb} MB of memory allowed {self._where}"

    def _read(self, said: bytes) -> Verdict | None:
        *lines, self._said = (self._said + said).split(b"\n")
        for line in lines:
            word = msgspec.json.decode(line, type=Word)
            if isinstance(word, Verdict):
                return word
            self._doing = word.doing
            self._tell(word.doing)
        return None

    def _resident_mb(self) -> float:
        try:
            pages = Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]
        except (FileNotFoundError, ProcessLookupError, IndexError):
            return 0.0
        return int(pages) * 4096 / (1 << 20)
