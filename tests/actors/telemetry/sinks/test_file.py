"""JSON lines: whole ones only, on disk before they are confirmed, in files of a bounded size."""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from actors.telemetry.letter import Posted
from actors.telemetry.sinks.file import File, Lines, Output
from actors.telemetry.sinks.sink import Down, Link
from tests.actors.telemetry.sinks.rig import (
    BACK,
    FRONT,
    OLD_NS,
    Watched,
    courier_of,
    letter,
    letters,
    lines,
    words,
)


def posted(word: object, number: int = 1, *, late: bool = False) -> Posted:
    return Posted(number, number, letter(word), late)


def taken(link: Link, sent: Sequence[Posted]) -> list[int]:
    link.send(sent)
    return link.turn().confirmed


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "out" / "letters.jsonl"


def test_letters_become_lines_and_leave_the_outbox(path: Path, watched: Watched) -> None:
    with courier_of(Lines(str(path)).connect, watched) as sink:
        watched.accept([*letters("abc"), *letters("de", BACK)])
        sink.wake()
        watched.until_empty()
        assert (sink.state.up, sink.state.reason) == (True, "")
    assert (sink.state.sent, sink.state.confirmed) == (5, 5)
    found = [(each["topic"], each["number"], each["body"]["word"]) for each in lines(path)]
    assert found == [
        (FRONT, 1, "a"),
        (FRONT, 2, "b"),
        (FRONT, 3, "c"),
        (BACK, 1, "d"),
        (BACK, 2, "e"),
    ]


def test_a_late_letter_is_marked(path: Path, watched: Watched) -> None:
    watched.accept(letters("a"), OLD_NS)
    watched.accept(letters("b"))
    with courier_of(Lines(str(path)).connect, watched):
        watched.until_empty()
    assert [(each["body"]["word"], each["late"]) for each in lines(path)] == [
        ("b", False),
        ("a", True),
    ]


def test_a_body_with_line_ends_stays_on_its_line(path: Path) -> None:
    spread = posted("a")
    letter = type(spread.letter)("t", 0, b'{\r\n "word": "a\\nb"\n}', "percept")
    with closing(File(path, 10_000, 1)) as file:
        assert taken(file, [spread._replace(letter=letter)]) == [1]
    assert words(lines(path)) == ["a\nb"]


def test_what_a_crash_tore_is_taken_out(path: Path) -> None:
    with closing(File(path, 10_000_000, 1)) as file:
        taken(file, [posted("a")])
    with path.open("ab") as torn:
        torn.write(b'{"topic": "' + b"x" * 200_000)
    with closing(File(path, 10_000_000, 1)) as file:
        taken(file, [posted("b", 2)])
    assert words(lines(path)) == ["a", "b"]


def test_a_file_of_one_torn_line_becomes_empty(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b'{"topic": "')
    with closing(File(path, 10_000, 1)):
        assert path.read_bytes() == b""


def test_files_are_bounded_in_size_and_number(path: Path) -> None:
    line_bytes = 200
    with closing(File(path, 10 * line_bytes, 2)) as file:
        for number in range(1, 101):
            assert taken(file, [posted(number, number)]) == [number]
    files = sorted(path.parent.iterdir())
    assert [each.name for each in files] == [path.name, f"{path.name}.1", f"{path.name}.2"]
    assert all(each.stat().st_size <= 10 * line_bytes for each in files)
    left = [word for each in (files[2], files[1], files[0]) for word in words(lines(each))]
    assert left == list(range(101 - len(left), 101))
    assert len(left) > 20


def test_many_letters_at_once_are_rotated_too(path: Path) -> None:
    with closing(File(path, 1000, 20)) as file:
        assert taken(file, [posted(n, n) for n in range(1, 41)]) == list(range(1, 41))
    files = sorted(path.parent.iterdir(), key=lambda each: each.stat().st_mtime_ns)
    assert [word for each in files for word in words(lines(each))] == list(range(1, 41))
    assert len(files) > 5


def test_a_line_longer_than_a_file_may_be_has_one_alone(path: Path) -> None:
    with closing(File(path, 100, 3)) as file:
        assert taken(file, [posted("a" * 500), posted("b" * 500, 2)]) == [1, 2]
    assert [words(lines(each)) for each in (path, path.with_name(f"{path.name}.1"))] == [
        ["b" * 500],
        ["a" * 500],
    ]


def test_it_goes_on_in_a_new_file_when_somebody_moves_the_old_one(path: Path) -> None:
    moved = path.with_name("moved")
    with closing(File(path, 10_000, 1)) as file:
        taken(file, [posted("a")])
        path.rename(moved)
        assert taken(file, [posted("b", 2)]) == [2]
    assert (words(lines(moved)), words(lines(path))) == (["a"], ["b"])


def test_a_file_has_one_writer(path: Path) -> None:
    words = "another process writes it; give each a path of its own"
    with closing(File(path, 1000, 1)), pytest.raises(Down, match=words):
        Lines(str(path)).connect(lambda: None)
    Lines(str(path)).connect(lambda: None).close()


@contextmanager
def full_at(size_bytes: int) -> Iterator[None]:
    """A disk on which no file gets longer; Python ignores the signal that comes with it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_on_a_full_disk_whole_lines_stay_and_nothing_more_is_confirmed(path: Path) -> None:
    with closing(File(path, 10_000, 1)) as file:
        taken(file, [posted("a")])
        before = path.read_bytes()
        with full_at(len(before) + 250):
            file.send([posted(word, number) for number, word in enumerate("bcd", 2)])
        with pytest.raises(Down, match=r"letters\.jsonl: the disk is full; make room on it"):
            file.turn()
    assert path.read_bytes() == before


@pytest.mark.parametrize("kind", ["folder", "pipe", "below a file"])
def test_what_cannot_be_a_file_is_said(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "there"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.touch()
        path /= "below"
    with pytest.raises(Down, match=r"there.*: [A-Za-z]"):
        Lines(str(path)).connect(lambda: None)


def test_a_disk_that_is_mended_gets_what_waited(path: Path, watched: Watched) -> None:
    path.parent.mkdir()
    path.mkdir()
    watched.accept(letters("ab"))
    with courier_of(Lines(str(path)).connect, watched) as sink:
        watched.until_said(f"{path}: Is a directory")
        assert not sink.state.up
        path.rmdir()
        watched.until_empty()
        assert sink.state.up
    assert words(lines(path)) == ["a", "b"]


def test_standard_output(capfd: pytest.CaptureFixture[str], watched: Watched) -> None:
    watched.accept(letters("ab"))
    with courier_of(Lines().connect, watched):
        watched.until_empty()
    written = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert words(written) == ["a", "b"]


def test_nobody_reads_the_output_any_more() -> None:
    read, write = os.pipe()
    os.close(read)
    with closing(Output(write, "standard output")) as output:
        output.send([posted("a")])
        with pytest.raises(Down, match="standard output: Broken pipe"):
            output.turn()


VICTIM = """
import sys, time
from pathlib import Path
from actors.telemetry.outbox.outbox import Outbox
from actors.telemetry.outbox.room import Limits
from actors.backoff import Backoff
from actors.telemetry.sinks.courier import Courier
from actors.telemetry.sinks.file import Lines
from tests.actors.telemetry.sinks.rig import letter

outbox = Outbox(Path(sys.argv[1]), ["sink"], Limits(1 << 28, 86400.0, spare_bytes=0))
lines = Lines(sys.argv[2], most_bytes=4000, kept=10_000)
sink = Courier("sink", lines.connect, outbox, Backoff(0.1, 1.0, lambda: 0.5), time.time_ns)
sink.start()
for word in range(1, 100_000):
    outbox.accept([letter(word)], time.time_ns())
    sink.wake()
    print(word, flush=True)
"""


def oldest_first(path: Path) -> list[Path]:
    rotated = sorted(path.parent.glob(f"{path.name}.*"), key=lambda each: int(each.suffix[1:]))
    return [*reversed(rotated), path]


def test_who_is_killed_goes_on_without_a_loss(path: Path, tmp_path: Path) -> None:
    outbox = tmp_path / "victim.db"
    accepted = 0
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", VICTIM, str(outbox), str(path)], stdout=subprocess.PIPE
        ) as victim:
            assert victim.stdout
            for _ in range(40):
                assert victim.stdout.readline()
                accepted += 1
            victim.send_signal(signal.SIGKILL)
            accepted += len(victim.stdout.readlines())
    watched = Watched(outbox)
    with (
        closing(watched.outbox),
        courier_of(Lines(str(path), kept=10_000).connect, watched) as sink,
    ):
        watched.until_empty()
        assert sink.state.up
    numbers = [each["number"] for file in oldest_first(path) for each in lines(file)]
    assert set(numbers) >= set(range(1, accepted + 1))
    firsts = list(dict.fromkeys(numbers))
    assert firsts == sorted(firsts)
