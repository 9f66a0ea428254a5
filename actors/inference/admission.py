"""Tries a package in a process of its own, before anything that runs is touched.

`python -m actors.inference.admission` reads a `Request` as JSON and prints a line of JSON for each
step and one `Verdict`. It bounds its own memory, processor time and files first, and it dies with
whoever started it; wall time and what it cannot say any more itself are its parent's to judge.
"""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec

from actors.package import PackageError
from actors.package.admission import Request, Step, Verdict
from actors.package.files import Files, Folder
from actors.package.integrity import digest, verify
from actors.package.manifest import MANIFEST
from actors.package.opening import opened
from actors.package.reading import read_files, read_manifest
from actors.package.receiving import receive
from actors.package.signature import check
from actors.package.signing_keys import read_public_key

PR_SET_PDEATHSIG = 1  # linux/prctl.h
LARGEST_FILE_BYTES = 4 << 30
NICENESS = 10
DEATH_S = 5  # from the signal that names the reason to the one that names none
# numpy's and OpenCV's linear algebra: each thread reserves some 100 MB that nothing here uses
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}


def main() -> None:
    parent, words = os.getppid(), _own_stdout()
    request = msgspec.json.decode(sys.stdin.buffer.read(), type=Request)
    confine(request, parent)
    try:
        verdict = judge(request, words)
    except PackageError as error:
        verdict = Verdict(reason=str(error))
    except MemoryError as error:
        verdict = Verdict(reason=repr(error))
    say(words, verdict)


def _own_stdout() -> int:
    """Standard output for our words only: what libraries print goes to standard error."""
    words = os.dup(1)
    os.dup2(2, 1)
    return words


def confine(request: Request, parent: int) -> None:
    """No more than is allowed, in nobody's way, and not for longer than the parent lives."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)
    os.nice(NICENESS)
    os.environ.update(ONE_THREAD)
    resource.setrlimit(resource.RLIMIT_CPU, (request.cpu_s, request.cpu_s + DEATH_S))
    for kind, most in (
        (resource.RLIMIT_DATA, request.memory_mb << 20),
        (resource.RLIMIT_FSIZE, LARGEST_FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def judge(request: Request, words: int) -> Verdict:
    """From the archive to its last inference; `PackageError` at the first fault."""
    staged = Path(request.staged)
    tell = partial(_tell, words)
    tell("unpacking")
    receive(Path(request.source), staged)
    files = opened(staged, request.keys)
    tell("checking signature and files")
    trusted = [read_public_key(Path(path)) for path in request.trusted_keys]
    signed_by = check(files, request.signature, trusted)
    if files.has(MANIFEST):
        verify(files, read_manifest(files))
    address = digest(Folder(staged))
    verdict = try_out(request, files, tell)
    sealed = not isinstance(files, Folder)
    return msgspec.structs.replace(verdict, digest=address, signed_by=signed_by, sealed=sealed)


def try_out(request: Request, files: Files, tell: Callable[[str], None]) -> Verdict:
    """Read, compile and infer."""
    package = read_files(files)
    tell("loading OpenVINO")
    from actors.inference.cache import vouch  # noqa: PLC0415 within the bounds
    from actors.inference.engine import Engine, version  # noqa: PLC0415
    from actors.inference.proof import prove  # noqa: PLC0415

    tell(f"reading and compiling {package.model}")
    engine = Engine(
        package,
        request.devices,
        Path(request.cache),
        lambda: None,
        hint=request.hint,
        threads=request.threads,
        threshold=request.threshold,
    )
    tell("inferring for the first time")
    vouch(Path(request.cache))
    engine.warm_up()
    latency_ms = prove(engine, files, request.slowest_ms, tell)
    return Verdict(
        name=package.name,
        version=package.version,
        family=engine.family,
        licence=package.licence,
        device=engine.device,
        openvino=version(),
        latency_ms=latency_ms,
        notes=tuple(engine.passed_over),
    )


def _tell(words: int, doing: str) -> None:
    say(words, Step(doing))


def say(words: int, word: Step | Verdict) -> None:
    os.write(words, msgspec.json.encode(word) + b"\n")


if __name__ == "__main__":
    main()
