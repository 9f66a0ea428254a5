"""Two reader processes on one of the `lines`, and the process that sends to them: this one."""

import json
import select
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.lines import SENDERS, SLOTS, Line, Size
from benchmarks.processes import child, module
from benchmarks.table import Missing

READERS = 2
FPS = 30
JOIN_S = 10.0


class Seen(NamedTuple):
    """What a reader saw since all had joined: one entry a frame."""

    hops_ns: list[int]
    spent_ns: list[int]  # its CPU time so far

    @property
    def cpu_us(self) -> float:
        """CPU time a frame, all threads, once every slot has been mapped."""
        settled = self.spent_ns[SLOTS:]
        return (settled[-1] - settled[0]) / (len(settled) - 1) / 1000


class Fanout:
    """A sender and its readers, all joined."""

    def __init__(self, line: Line, readers: list[subprocess.Popen[str]]) -> None:
        self._line, self._readers = line, readers
        self._warm_up = 0
        self._join()

    def send(self, frames: int) -> None:
        """Frames at 30 a second."""
        due_s = time.perf_counter()
        for _ in range(frames):
            self._line.send()
            due_s += 1 / FPS
            time.sleep(max(0.0, due_s - time.perf_counter()))

    def end(self) -> list[Seen]:
        """Let the readers go and hear what each saw."""
        self._line.send(last=True)
        reports = [json.loads(str(reader.communicate(timeout=30)[0])) for reader in self._readers]
        return [
            Seen(report["hops_ns"][self._warm_up :], report["spent_ns"][self._warm_up :])
            for report in reports
        ]

    def _join(self) -> None:
        waiting = [reader.stdout for reader in self._readers if reader.stdout]
        end_s = time.perf_counter() + JOIN_S
        while waiting:
            if time.perf_counter() > end_s:
                raise Missing(f"{len(waiting)} of {READERS} readers did not join")
            self._line.send()
            self._warm_up += 1
            for ready in select.select(waiting, [], [], 1 / FPS)[0]:
                ready.readline()
                waiting.remove(ready)


@contextmanager
def fanout(kind: str, run_dir: Path, name: str, size: Size) -> Iterator[Fanout]:
    arguments = kind, str(run_dir), name, *map(str, size)
    line: Line = SENDERS[kind](run_dir, name, size)
    with ExitStack() as stack:
        stack.callback(line.close)
        readers = [
            stack.enter_context(child(*module("benchmarks.receiver", *arguments)))
            for _ in range(READERS)
        ]
        yield Fanout(line, readers)
