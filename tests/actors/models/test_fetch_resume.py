"""A download that goes on where an earlier one ended: never a file glued of two versions."""

import hashlib
import re
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actors.models.remote import FetchError, Remote, Stopped
from actors.models.resume import KEEP_BYTES, Note
from tests.actors.models.conftest import Client, Serve
from tests.actors.models.web import (
    Certificate,
    Play,
    Talk,
    Web,
    answer,
    broken,
    piece,
    ranged,
    whole,
)
from tests.programs import missing, program

BODY = hashlib.shake_256(b"a model").digest(200_000)
OTHER = hashlib.shake_256(b"another").digest(200_000)
HALF = len(BODY) // 2
HTTP_DATE = "Wed, 05 Nov 2025 10:00:00 GMT"
LATER = "Wed, 05 Nov 2025 10:01:00 GMT"


@pytest.fixture
def url(web: Web, client: Client) -> str:
    """The address of a file of which half has come: version "v1" of `BODY`."""
    client.terms = msgspec.structs.replace(client.terms, attempts=1)
    address = web.play("/m", broken(BODY, HALF))
    with pytest.raises(FetchError):
        client.fetch(address)
    assert client.part.read_bytes() == BODY[:HALF]
    client.terms = msgspec.structs.replace(client.terms, attempts=3)
    web.requests.clear()
    return address


@pytest.fixture
def plain(serve: Serve) -> Web:
    return serve(None)


def ranges(web: Web) -> list[str | None]:
    return [request.headers.get("range") for request in web.requests]


def test_the_rest_is_asked_for_and_added(url: str, web: Web, client: Client) -> None:
    web.play("/m", ranged(BODY))
    fetched = client.fetch(url)
    assert fetched.path.read_bytes() == BODY
    assert (fetched.sha256, fetched.etag) == (hashlib.sha256(BODY).hexdigest(), '"v1"')
    assert web.requests[0].headers["range"] == f"bytes={HALF}-"
    assert web.requests[0].headers["if-range"] == '"v1"'
    assert len(web.requests) == 1


def test_another_token_is_the_same_file(url: str, web: Web, client: Client) -> None:
    web.play("/m", ranged(BODY))
    client.fetch(Remote(f"{url}?sig=another-s3cr3t"))
    assert ranges(web) == [f"bytes={HALF}-"]


@pytest.mark.parametrize(
    "play",
    [
        pytest.param(whole(OTHER, etag='"v2"'), id="the version changed"),
        pytest.param(whole(OTHER), id="ranges are ignored"),
        pytest.param(piece(OTHER, HALF, '"v2"'), id="a piece of another version"),
        pytest.param(piece(OTHER + b"x", HALF), id="another size under the same tag"),
        pytest.param(piece(OTHER, HALF - 1), id="a piece from before"),
        pytest.param(piece(OTHER, HALF + 1), id="a piece from behind"),
        pytest.param(piece(OTHER, HALF, content_range="bytes 1-2"), id="it does not say which"),
        pytest.param(piece(OTHER, HALF, content_length="7"), id="the headers contradict"),
        pytest.param(answer("206 Partial Content", OTHER), id="it says nothing"),
        pytest.param(answer("416 Range Not Satisfiable"), id="it has no such rest"),
    ],
)
def test_what_is_not_the_rest_is_never_added(
    url: str, web: Web, client: Client, play: Play
) -> None:
    web.play("/m", play, whole(OTHER, etag='"v2"'))
    assert client.fetch(url).path.read_bytes() == OTHER


def test_the_version_changes_at_every_attempt(url: str, web: Web, client: Client) -> None:
    web.play(
        "/m", broken(OTHER, HALF + 1, '"v2"'), broken(BODY, HALF, '"v3"'), ranged(OTHER, '"v4"')
    )
    assert client.fetch(url).path.read_bytes() == OTHER


def test_more_than_the_rest_is_not_added(url: str, web: Web, client: Client) -> None:
    said = f"bytes {HALF}-{len(BODY) - 1}/{len(BODY)}"
    rest = BODY[HALF:] + b"!"
    chunk = b"%x\r\n%b\r\n0\r\n\r\n" % (len(rest), rest)
    longer = answer("206 Partial Content", chunk, content_range=said, transfer_encoding="chunked")
    web.play("/m", longer, whole(BODY))
    assert client.fetch(url).path.read_bytes() == BODY
    assert ranges(web) == [f"bytes={HALF}-", None]


def test_a_rest_in_pieces(url: str, web: Web, client: Client) -> None:
    """A server may send less than was asked for, RFC 9110 section 15.3.7."""
    said = f"bytes {HALF}-{HALF + 9}/{len(BODY)}"
    some = answer(
        "206 Partial Content", BODY[HALF : HALF + 10], content_range=said, content_length="10"
    )
    web.play("/m", some, ranged(BODY))
    assert client.fetch(url).path.read_bytes() == BODY
    assert ranges(web) == [f"bytes={HALF}-", f"bytes={HALF + 10}-"]


def test_a_poor_line_gets_there(url: str, web: Web, client: Client) -> None:
    """More breaks than attempts: getting further begins the count anew."""

    def breaks(talk: Talk) -> None:
        start = int(talk.request.headers["range"].removeprefix("bytes=").removesuffix("-"))
        talk.send(_head_of(start), BODY[start : start + 20_000])

    web.play("/m", *[breaks] * 4, ranged(BODY))
    assert client.fetch(url).path.read_bytes() == BODY
    assert ranges(web)[-1] == f"bytes={HALF + 80_000}-"


def _head_of(start: int) -> str:
    return (
        'HTTP/1.1 206 Partial Content\r\netag: "v1"\r\n'
        f"content-range: bytes {start}-{len(BODY) - 1}/{len(BODY)}\r\n"
        f"content-length: {len(BODY) - start}\r\n\r\n"
    )


def test_a_piece_though_the_whole_was_asked_for(web: Web, client: Client) -> None:
    url = web.play("/m", piece(BODY, HALF))
    assert "a piece came though the whole was asked for" in client.unreachable(url)


# ---- what vouches for a version


@pytest.mark.parametrize(
    ("headers", "resumed"),
    [
        ({"etag": '"v1"'}, True),
        ({"etag": 'W/"v1"'}, False),
        ({"etag": "v1"}, False),
        ({"last_modified": HTTP_DATE, "date": LATER}, True),
        ({"last_modified": LATER, "date": LATER}, False),
        ({"last_modified": HTTP_DATE}, False),
        ({"etag": 'W/"v1"', "last_modified": HTTP_DATE, "date": LATER}, False),
        ({}, False),
    ],
)
def test_only_a_strong_validator_is_trusted(
    web: Web, client: Client, headers: dict[str, str], resumed: bool
) -> None:
    begins = answer("200 OK", BODY[:HALF], content_length=str(len(BODY)), **headers)
    url = web.play("/m", begins, whole(BODY))
    assert client.fetch(url).path.read_bytes() == BODY
    assert ranges(web) == [None, f"bytes={HALF}-" if resumed else None]
    if resumed:
        assert web.requests[1].headers["if-range"] in headers.values()


# ---- what lies on the disk


def test_a_part_that_is_whole_asks_whether_it_is_still_that_version(
    url: str, web: Web, client: Client
) -> None:
    note = msgspec.json.decode(client.note.read_bytes(), type=Note)
    whole_note = msgspec.structs.replace(
        note, done_bytes=len(BODY), sha256=hashlib.sha256(BODY).hexdigest()
    )
    client.part.write_bytes(BODY)
    client.note.write_bytes(msgspec.json.encode(whole_note))
    web.play("/m", ranged(BODY))
    assert client.fetch(url).path.read_bytes() == BODY
    assert ranges(web) == [f"bytes={len(BODY) - 1}-"]


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(lambda c: c.part.write_bytes(b"x" + BODY[1:HALF]), id="a changed byte"),
        pytest.param(lambda c: c.part.write_bytes(BODY[: HALF - 1]), id="shorter"),
        pytest.param(lambda c: c.part.write_bytes(b""), id="empty"),
        pytest.param(lambda c: c.part.unlink(), id="gone"),
        pytest.param(lambda c: c.note.write_bytes(c.note.read_bytes()[:20]), id="a torn note"),
        pytest.param(lambda c: c.note.write_bytes(b""), id="an empty note"),
        pytest.param(lambda c: c.note.write_bytes(b"\xff[]"), id="no note at all"),
        pytest.param(lambda c: c.note.unlink(), id="a note gone"),
    ],
)
def test_a_part_that_is_not_as_its_note_says_is_not_used(
    url: str, web: Web, client: Client, harm: Callable[[Client], None]
) -> None:
    harm(client)
    web.play("/m", ranged(BODY))
    assert client.fetch(url).path.read_bytes() == BODY
    assert ranges(web) == [None]


@pytest.mark.parametrize("stopped", [True, False])
def test_who_leaves_while_the_part_is_read_leaves_the_part(
    url: str, web: Web, client: Client, stopped: bool
) -> None:
    if stopped:
        client.stop.set()
    else:
        client.clock_ns = iter(range(0, 10**15, 10**13)).__next__
    with pytest.raises((Stopped, FetchError)):
        client.fetch(url)
    assert web.requests == []
    client.stop.clear()
    client.clock_ns = time.monotonic_ns
    web.play("/m", ranged(BODY))
    assert client.fetch(url).path.read_bytes() == BODY
    assert ranges(web) == [f"bytes={HALF}-"]


@pytest.mark.parametrize("more", [b"not noted", OTHER], ids=["a little", "more than is to come"])
def test_what_came_after_the_note_was_written_is_left_away(
    url: str, web: Web, client: Client, more: bytes
) -> None:
    client.part.write_bytes(BODY[:HALF] + more)
    web.play("/m", ranged(BODY))
    assert client.fetch(url).path.read_bytes() == BODY
    assert ranges(web) == [f"bytes={HALF}-"]


def test_a_part_that_others_could_read_is_its_owners_alone(
    url: str, web: Web, client: Client
) -> None:
    client.part.chmod(0o644)
    web.play("/m", ranged(BODY))
    assert stat.S_IMODE(client.fetch(url).path.stat().st_mode) == 0o600
    assert ranges(web) == [f"bytes={HALF}-"]


def test_a_part_that_is_a_link_is_not_followed(url: str, web: Web, client: Client) -> None:
    precious = client.into.with_name("precious")
    precious.write_bytes(b"precious")
    client.part.unlink()
    client.part.symlink_to(precious)
    assert "Too many levels of symbolic links" in client.refused(web.play("/m", ranged(BODY)))
    assert precious.read_bytes() == b"precious"
    assert ranges(web) == []
    client.part.unlink()
    assert client.fetch(url).path.read_bytes() == BODY


def test_the_disk_has_the_bytes_before_it_has_the_name(tmp_path: Path) -> None:
    """As the system is asked: no test can cut the power, and without it nothing else shows."""
    strace = program("strace")
    code = (
        "from pathlib import Path\n"
        "from actors.models.resume import Note, Part\n"
        f"with Part(Path({str(tmp_path / 'model')!r}), 'x', set()) as part:\n"
        "    part.begin(Note('x', 'v1'))\n"
        "    part.add(b'bytes')\n"
        "    part.keep()\n"
        "    part.add(b'more')\n"
        "    part.finish()\n"
    )
    watched = "trace=write,fsync,fdatasync,rename,renameat,renameat2"
    log = tmp_path / "calls"
    command = [strace, "-y", "-o", str(log), "-e", watched, sys.executable, "-c", code]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    if done.returncode and "ptrace" in done.stderr:
        missing(f"a system that lets a process be watched ({done.stderr.strip()[:100]})")
    calls = [line for line in log.read_text().splitlines() if str(tmp_path) in line]
    kinds = [
        (call.partition("(")[0].removesuffix("at2").removesuffix("at"), call) for call in calls
    ]
    kept = [kind for kind, call in kinds if ".part>" in call or "part.json.new" in call]
    begun = ["fdatasync", "write", "rename"]  # an empty part, its note, in its place
    assert kept == [*begun, "write", *begun, "write", "fsync"]
    (*_, last_rename, last) = calls
    assert re.search(r'rename\w*\(.*"[^"]*/model\.part", .*/model"\)', last_rename)
    assert last.startswith("fsync(")
    assert f"<{tmp_path}>" in last


@pytest.mark.usefixtures("url")
def test_a_part_of_another_file_is_not_used(web: Web, client: Client) -> None:
    other = web.play("/other", ranged(BODY))
    assert client.fetch(other).path.read_bytes() == BODY
    assert ranges(web) == [None]


@pytest.mark.usefixtures("url")
def test_a_part_of_another_host_is_not_used(
    client: Client, serve: Serve, certificate: Certificate
) -> None:
    other = serve(certificate)
    client.fetch(other.play("/m", ranged(BODY)))
    assert ranges(other) == [None]


def test_a_note_is_written_now_and_then(web: Web, client: Client) -> None:
    """As a kill leaves no time for one."""
    body = BODY * (2 * KEEP_BYTES // len(BODY) + 1)
    noted: list[int] = []

    def look(_: object) -> None:
        if client.note.exists():
            noted.append(msgspec.json.decode(client.note.read_bytes(), type=Note).done_bytes)

    client.terms = msgspec.structs.replace(client.terms, most_bytes=10**9)
    client.clock_ns = iter(range(0, 10**15, 10**6 * 300)).__next__  # so that all is told
    client.watching = look
    client.terms = msgspec.structs.replace(client.terms, longest_s=1e6, stall_s=1e6)
    client.fetch(web.play("/m", whole(body, etag='"v1"')))
    kept = sorted(set(noted))
    assert kept[0] == 0
    assert [at // KEEP_BYTES for at in kept] == [0, 1, 2]


@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    breaks=st.lists(st.integers(0, 4000), max_size=6),
    versions=st.lists(st.integers(0, 2), min_size=7, max_size=7),
    obedient=st.lists(st.booleans(), min_size=7, max_size=7),
)
def test_whatever_breaks_and_changes_the_file_is_one_version(
    plain: Web, client: Client, breaks: list[int], versions: list[int], obedient: list[bool]
) -> None:
    bodies = [hashlib.shake_256(bytes([n])).digest(4000) for n in range(3)]

    def serving(after: int | None, version: int, follows: bool) -> Play:
        body, tag = bodies[version], f'"v{version}"'

        def play(talk: Talk) -> None:
            asked = talk.request.headers
            start = 0
            if follows and asked.get("if-range") == tag:
                start = int(asked["range"].removeprefix("bytes=").removesuffix("-"))
            full = piece(body, start, tag) if start else whole(body, etag=tag)
            full(Cut(talk, after))

        return play

    plays = [serving(*one) for one in zip([*breaks, None], versions, obedient, strict=False)]
    client.into.unlink(missing_ok=True)
    client.terms = msgspec.structs.replace(client.terms, attempts=20)
    assert client.fetch(plain.play("/m", *plays)).path.read_bytes() in bodies


class Cut(Talk):
    """A talk that ends after so many bytes of a body."""

    def __init__(self, talk: Talk, after: int | None) -> None:
        super().__init__(talk._connection, talk.request)
        self._after = after

    def send(self, *parts: bytes | str) -> None:
        head, body = parts
        super().send(head, body[: self._after])
