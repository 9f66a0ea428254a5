"""Has a package tried by the admission process, and judges what that cannot say of itself."""

import math
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

import msgspec

from actors.clock import monotonic_ns
from actors.config import Inference, Models
from actors.models.remote import Stopped
from actors.package.admission import Request, Verdict, Word, shown

COMMAND = (sys.executable, "-P", "-m", "actors.inference.admission")
LOOK_S = 0.1
READ_BYTES = LONGEST_WORD_BYTES = LAST_BYTES = 1 << 16
MORE_MB = 512  # what is not counted as data: code, the process's own pages
MEMORY_WORDS = (  # of Python, C++, OpenVINO, oneDNN, and of threads that could not be made
    "MemoryError",
    "bad_alloc",
    "bad alloc",
    "Failed to allocate",
    "can't alloc",
    "Cannot allocate memory",
    "Resource temporarily unavailable",
)


def request_for(source: Path, room: Path, rules: Models, entry: Inference) -> Request:
    """How an entry's device asks. Makes `package` and `cache` in `room`, which has neither."""
    package, cache = room / "package", room / "cache"
    for folder in (package, cache):
        folder.mkdir(mode=0o700)
    return Request(
        source=str(source.absolute()),
        staged=str(package),
        devices=entry.devices,
        cache=str(cache),
        hint=entry.hint,
        threads=entry.threads,
        threshold=entry.threshold,
        signature=rules.signature,
        trusted_keys=rules.trusted_keys,
        keys=rules.key_sources,
        slowest_ms=rules.slowest_ms,
        memory_mb=rules.admission_mb,
        cpu_s=math.ceil(rules.admission_s) * (os.cpu_count() or 1),
    )


def admit(
    request: Request,
    within_s: float,
    stop: threading.Event,
    tell: Callable[[str], None],
    command: Sequence[str] = COMMAND,
) -> Verdict:
    """What came of it, in `within_s` at most. Raises `Stopped` once `stop` is set.

    The calling thread must live until then: the process ends with it.
    """
    with tempfile.TemporaryFile() as stderr, _process(command, stderr) as process:
        follower = _Follower(process, request, within_s, tell)
        try:
            verdict = follower.verdict(stop) or follower.post_mortem(stderr)
        finally:
            process.kill()
    notes = tuple(shown(note, request) for note in verdict.notes)
    return msgspec.structs.replace(verdict, reason=shown(verdict.reason, request), notes=notes)


def _process(command: Sequence[str], stderr: IO[bytes]) -> "subprocess.Popen[bytes]":
    pipe = subprocess.PIPE
    return subprocess.Popen(  # noqa: S603 no data
        command,
        stdin=pipe,
        stdout=pipe,
        stderr=stderr,
        start_new_session=True,  # Ctrl-C is for whoever waits, who then says what it means
    )


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
        self._end_ns = monotonic_ns() + int(within_s * 1e9)
        self._doing, self._said = "starting", b""

    def verdict(self, stop: threading.Event) -> Verdict | None:
        """None if it ended without one."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise TypeError("the admission process is not piped")
        with suppress(BrokenPipeError), stdin:
            stdin.write(msgspec.json.encode(self._request))
        while not stop.is_set():
            if monotonic_ns() > self._end_ns:
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
        self._process.kill()  # should it only have closed its mouth
        code = self._process.wait()
        stderr.seek(max(0, stderr.seek(0, os.SEEK_END) - LAST_BYTES))
        words = stderr.read().decode(errors="replace").strip()
        if _of_memory(words):
            return Verdict(reason=self._too_large)
        if code < 0:
            return Verdict(reason=f"{self._ended_by(signal.Signals(-code))} {self._where}")
        last = (words.splitlines() or ["no reason given"])[-1]
        return Verdict(reason=f"the admission process failed {self._where}: {last}")

    def _ended_by(self, number: signal.Signals) -> str:
        if number == signal.SIGXCPU:
            return f"uses more than {self._request.cpu_s} s of processor time"
        if number == signal.SIGKILL:  # nobody else would
            return "was killed, most likely as the device had no memory left,"
        return f"ends the process that runs it ({number.name})"

    @property
    def _where(self) -> str:
        return f"while {self._doing}"

    @property
    def _too_large(self) -> str:
        allowed_mb = self._request.memory_mb
        return f"needs more than the {allowed_mb} MB that models.admission_mb allows {self._where}"

    def _read(self, said: bytes) -> Verdict | None:
        *lines, self._said = (self._said + said).split(b"\n")
        for line in lines:
            try:
                word = msgspec.json.decode(line, type=Word)
            except msgspec.DecodeError:
                return Verdict(reason=self._nonsense)
            if isinstance(word, Verdict):
                return Verdict(reason=self._too_large) if _of_memory(word.reason) else word
            self._doing = shown(word.doing, self._request)
            self._tell(self._doing)
        if len(self._said) > LONGEST_WORD_BYTES:
            return Verdict(reason=self._nonsense)
        return None

    @property
    def _nonsense(self) -> str:
        return f"makes the admission process say what it would never say {self._where}"

    def _resident_mb(self) -> float:
        try:
            pages = Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]
        except (FileNotFoundError, ProcessLookupError, IndexError):
            return 0.0
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def _of_memory(words: str) -> bool:
    return any(word in words for word in MEMORY_WORDS)
