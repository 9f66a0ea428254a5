"""The admission process: bounded, polite, mortal, and not believed everything."""

import os
import resource
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.inference.admission import DEATH_S, NICENESS
from actors.models.admitting import admit
from actors.models.remote import Stopped
from actors.package.admission import LONGEST_SENTENCE, Request, Verdict, shown
from actors.sections import ROOT
from tests.actors.models.refusals.graphs import detector, endless
from tests.actors.models.refusals.workshop import Workshop

DEADLINE_S = 60.0
IN_IT = "inferring for the first time"
NICEST = 19  # nice(2)
REQUEST = Request("/in/come.zip", "/in/staged", ("CPU",), "/in/cache", memory_mb=700, cpu_s=9)
PARENT = """
import sys, threading, msgspec
from actors.models.admitting import admit
from actors.package.admission import Request
request = msgspec.json.decode(sys.stdin.buffer.read(), type=Request)
admit(request, 600, threading.Event(), lambda doing: print(doing, flush=True))
"""


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path, lambda: pytest.fail("no real network is needed"))


@pytest.fixture
def hanging(shop: Workshop) -> Request:
    """A model that infers for ever."""
    return shop.request(detector(shop.folder / "x.xml", endless), cpu_s=600)


def ignore(_: str) -> None:
    pass


def children(pid: int | str = "self") -> set[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return {int(child) for task in tasks for child in (task / "children").read_text().split()}


def test_each_step_is_told(shop: Workshop) -> None:
    told: list[str] = []
    verdict = admit(shop.request(shop.package()), DEADLINE_S, threading.Event(), told.append)
    assert verdict.reason == ""
    assert told == [
        "unpacking",
        "checking signature and files",
        "loading OpenVINO",
        "reading and compiling street.xml",
        IN_IT,
        "looking at its weights",
        "inferring",
        "taking its time",
    ]


def test_it_leaves_traces_only_where_it_may(
    shop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setenv("TMPDIR", str(elsewhere))
    source = shop.package()
    before = {path: path.read_bytes() for path in source.iterdir()}
    assert admit(shop.request(source), DEADLINE_S, threading.Event(), ignore).reason == ""
    assert {path: path.read_bytes() for path in source.iterdir()} == before
    assert list(elsewhere.iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} == {"cache", "elsewhere", "package", "staged"}
    staged = {path.name: path.read_bytes() for path in (tmp_path / "staged").iterdir()}
    assert staged == {path.name: data for path, data in before.items()}


def test_it_is_in_nobodys_way_and_bounded(hanging: Request) -> None:
    stop, before = threading.Event(), children()
    seen: list[int | tuple[int, int]] = []

    def look(doing: str) -> None:
        if doing == IN_IT:
            (pid,) = children() - before
            seen.append(os.getpriority(os.PRIO_PROCESS, pid))
            seen.append(resource.prlimit(pid, resource.RLIMIT_DATA))
            seen.append(resource.prlimit(pid, resource.RLIMIT_CPU))
            seen.append(resource.prlimit(pid, resource.RLIMIT_CORE))
            stop.set()

    with pytest.raises(Stopped):
        admit(hanging, DEADLINE_S, stop, look)
    own = os.getpriority(os.PRIO_PROCESS, 0)
    memory, cpu_s = hanging.memory_mb << 20, hanging.cpu_s
    assert seen == [
        min(own + NICENESS, NICEST),
        (memory, memory),
        (cpu_s, cpu_s + DEATH_S),
        (0, 0),
    ]


def test_it_ends_when_it_is_told_to(hanging: Request) -> None:
    stop, before = threading.Event(), children()
    with pytest.raises(Stopped):
        admit(hanging, DEADLINE_S, stop, lambda doing: stop.set() if doing == IN_IT else None)
    assert children() == before


def test_it_ends_when_its_time_is_over(hanging: Request) -> None:
    before = children()
    verdict = admit(hanging, 0.5, threading.Event(), ignore)
    assert verdict.reason.startswith("takes longer than 0.5 s while ")
    assert children() == before


@contextmanager
def followed(pid: int) -> Iterator[int]:
    """A descriptor that can be read once the process has ended; it ends with the block."""
    fd = os.pidfd_open(pid)
    try:
        yield fd
    finally:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(fd, signal.SIGKILL)
        os.close(fd)


def test_it_ends_with_whoever_started_it(hanging: Request) -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", PARENT], cwd=ROOT, stdin=pipe, stdout=pipe) as one:
        assert one.stdin
        assert one.stdout
        with one.stdin:
            one.stdin.write(msgspec.json.encode(hanging))
        assert IN_IT in (line.decode().strip() for line in one.stdout)
        (pid,) = children(one.pid)
        with followed(pid) as ended:
            assert select.select([ended], [], [], 0)[0] == []
            one.kill()
            assert select.select([ended], [], [], DEADLINE_S)[0] == [ended]


def saying(script: str, within_s: float = DEADLINE_S) -> str:
    """The reason when a process that runs this stands for the admission process."""
    command = [sys.executable, "-c", f"import os, sys, signal\n{script}"]
    before = children()
    verdict = admit(REQUEST, within_s, threading.Event(), ignore, command)
    assert children() == before
    return verdict.reason


STEP = """print('{"type":"step","doing":"juggling"}', flush=True)\n"""


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("print('I am a teapot')", "what it would never say while starting"),
        (f"{STEP}print('{{}}')", "what it would never say while juggling"),
        (f"{STEP}os.write(1, bytes(1 << 20))", "what it would never say while juggling"),
        (f"{STEP}os.kill(os.getpid(), signal.SIGABRT)", "(SIGABRT) while juggling"),
        (f"{STEP}os.kill(os.getpid(), signal.SIGKILL)", "no memory left, while juggling"),
        (f"{STEP}os.kill(os.getpid(), signal.SIGXCPU)", "more than 9 s of processor time while"),
        (f"{STEP}os.close(1); signal.pause()", "while juggling"),
        (f"{STEP}sys.exit('at /in/staged/a.xml\\nfailed')", "failed while juggling: failed"),
        (f"{STEP}sys.exit('x' * 70000 + ' at /in/staged/a.xml')", "xx"),
        ("sys.exit(3)", "the admission process failed while starting: no reason given"),
        (f"{STEP}raise MemoryError", "more than the 700 MB that models.admission_mb allows while"),
        (f"{STEP}sys.exit('terminate: std::bad_alloc')", "more than the 700 MB"),
        (f"{STEP}bytearray(1 << 31)[::4096] = bytes(1 << 19); signal.pause()", "than the 700 MB"),
        ("""print('{"type":"verdict","reason":"can\\'t alloc"}')""", "more than the 700 MB"),
        (
            """print('{"type":"verdict","reason":"/in/staged/a\\\\nb\\\\u001b[2J"}')""",
            "a b?[2J",
        ),
    ],
)
def test_whatever_becomes_of_it_there_is_a_reason(script: str, reason: str) -> None:
    said = saying(script)
    assert reason in said
    assert said.isprintable()
    assert len(said) <= LONGEST_SENTENCE
    assert "/in/staged" not in said


def test_one_that_says_nothing_is_not_waited_for() -> None:
    assert saying("signal.pause()", 0.3) == "takes longer than 0.3 s while starting"


def test_one_that_writes_no_end_of_errors_is_read_in_part() -> None:
    script = "for _ in range(512): os.write(2, bytes(1 << 16))\nsys.exit('\\nthe end')"
    assert saying(script) == "the admission process failed while starting: the end"


@pytest.mark.parametrize(
    ("words", "clear"),
    [
        ("/in/staged/a/b.xml: bad", "a/b.xml: bad"),
        ("read('/in/staged/b.xml')", "read('b.xml')"),
        ("/in/staged: has no model", "the package: has no model"),
        ("/in/come.zip: is no zip", "come.zip: is no zip"),
        ("/in/staged2/b.xml", "staged2/b.xml"),
        ("/somewhere/in/staged/b.xml", "/somewhere/in/staged/b.xml"),
        ("one\nand\ttwo\x07", "one and two?"),
    ],
)
def test_files_are_called_by_their_place_in_the_package(words: str, clear: str) -> None:
    assert shown(words, REQUEST) == clear


@pytest.mark.parametrize("source", ["come.zip", "./come.zip", "in/come.zip", "/come.zip"])
def test_a_source_is_called_by_its_name(source: str) -> None:
    request = msgspec.structs.replace(REQUEST, source=source)
    said = shown(f"{Path(source)}: a/b, models.slowest_ms", request)
    assert said.lstrip("/") == "come.zip: a/b, models.slowest_ms"


@given(st.text(max_size=1000))
def test_any_words_become_one_short_line(words: str) -> None:
    said = shown(words, REQUEST)
    assert len(said) <= LONGEST_SENTENCE
    assert not {"\n", "\r", "\x1b", "\u2028"} & set(said)
    assert shown(said, REQUEST) == said


def test_a_verdict_survives_the_way() -> None:
    verdict = Verdict(digest="ab" * 32, name="a", notes=("NPU: not present",), latency_ms=1.5)
    script = f"print({msgspec.json.encode(verdict).decode()!r})"
    command = [sys.executable, "-c", script]
    assert admit(REQUEST, DEADLINE_S, threading.Event(), ignore, command) == verdict
