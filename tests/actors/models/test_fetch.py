"""A download from a server that may do anything: the file is whole and right, or not there."""

import gzip
import hashlib
import re
import resource
import socket
import stat
from itertools import count

import msgspec
import pytest

from actors.models.pace import SECOND_NS
from actors.models.remote import FetchError, Progress, Remote, Stopped
from actors.models.resume import Part
from tests.actors.models.conftest import TOKEN, Client, Serve
from tests.actors.models.web import (
    Talk,
    Web,
    answer,
    broken,
    head,
    missing,
    ranged,
    whole,
)

BODY = hashlib.shake_256(b"a model").digest(300_000)
HALF = len(BODY) // 2
SHA256 = hashlib.sha256(BODY).hexdigest()
SHA384 = hashlib.sha384(BODY).hexdigest()


def strict(client: Client, **terms: float) -> None:
    client.terms = msgspec.structs.replace(client.terms, **terms)


def test_a_file_comes_whole_and_its_owner_alone_may_read_it(web: Web, client: Client) -> None:
    url = web.play("/model.zip", whole(BODY, etag='"v1"'))
    fetched = client.fetch(
        Remote(f"{url}?{TOKEN}", SHA256, SHA384.upper(), len(BODY), {"Authorization": "b34r3r"})
    )
    assert fetched.path.read_bytes() == BODY
    assert (fetched.size_bytes, fetched.sha256, fetched.etag) == (len(BODY), SHA256, '"v1"')
    assert stat.S_IMODE(fetched.path.stat().st_mode) == 0o600
    assert list(fetched.path.parent.iterdir()) == [fetched.path]
    (asked,) = web.requests
    assert asked.target == f"/model.zip?{TOKEN}"
    assert asked.headers["authorization"] == "b34r3r"
    assert asked.headers["accept-encoding"] == "identity"
    assert "range" not in asked.headers


def test_it_tells_how_far_it_is(web: Web, client: Client) -> None:
    client.fetch(web.play("/model.zip", answer("503 Service Unavailable"), whole(BODY)))
    doings = [progress.doing for progress in client.told]
    assert doings[:5] == ["checking", "connecting", "waiting", "connecting", "downloading"]
    assert doings[-1] == "checking"
    assert [progress.attempt for progress in client.told[:4]] == [1, 1, 1, 2]
    assert client.told[0].reason == ""
    assert client.told[2].reason == "503 Service Unavailable"
    assert (client.told[-1].done_bytes, client.told[-1].total_bytes) == (len(BODY), len(BODY))


def test_a_rate_is_told_while_bytes_come(web: Web, client: Client) -> None:
    seconds = count()
    client.clock_ns = lambda: next(seconds) * SECOND_NS
    strict(client, longest_s=1e6, stall_s=1e6)
    client.fetch(web.play("/model.zip", whole(BODY)))
    rates = [progress.rate_bytes_s for progress in client.told if progress.doing == "downloading"]
    assert rates[0] == 0
    assert all(0 < rate < len(BODY) for rate in rates[2:])


@pytest.mark.parametrize("size", [0, 1])
def test_small_files(web: Web, client: Client, size: int) -> None:
    url = web.play("/model.zip", ranged(BODY[:size]))
    assert client.fetch(url).path.read_bytes() == BODY[:size]
    assert client.fetch(url).path.read_bytes() == BODY[:size]


def test_a_chunked_file_has_no_length_and_an_end(web: Web, client: Client) -> None:
    sent = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (BODY[:9], BODY[9:]))
    url = web.play("/m", answer("200 OK", sent + b"0\r\n\r\n", transfer_encoding="chunked"))
    assert client.fetch(url).path.read_bytes() == BODY


def test_plain_http_is_as_good_where_it_is_asked_for(serve: Serve, client: Client) -> None:
    assert client.fetch(serve(None).play("/m", whole(BODY))).path.read_bytes() == BODY


def test_a_user_and_password_in_the_address_are_sent_and_not_shown(
    web: Web, client: Client
) -> None:
    url = web.play("/m", missing).replace("https://", "https://eye:p4ssw0rd@")
    assert "***@127.0.0.1" in client.refused(url)
    assert web.requests[0].headers["authorization"] == "Basic ZXllOnA0c3N3MHJk"


# ---- what is final, and what is tried again


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("404 s3cr3t is no name", "404 Not Found; is the address right?"),
        ("403 Forbidden", "403 Forbidden; is the token in the address or header still valid?"),
        ("401 Unauthorized", "401 Unauthorized; is the token or password still valid?"),
        ("410 Gone", "410 Gone"),
        ("416 Range Not Satisfiable", "416 "),
        ("204 No Content", "204 No Content"),
        ("302 Found", "302 Found without saying where to"),
        ("299 Odd", "299"),
    ],
)
def test_what_waiting_would_not_change_is_final(
    web: Web, client: Client, status: str, says: str
) -> None:
    url = web.play("/m", answer(status, content_length="0"))
    assert f"/m?***: {says}" in client.refused(url)
    assert len(web.requests) == 1


@pytest.mark.parametrize("status", ["408 Request Timeout", "425 Too Early", "429 Slow", "500 Oh"])
def test_what_passes_is_tried_again(web: Web, client: Client, status: str) -> None:
    client.fetch(web.play("/m", answer(status), whole(BODY)))
    assert len(web.requests) == 2


def test_attempts_end(web: Web, client: Client) -> None:
    url = web.play("/m", answer("503 Service Unavailable"))
    assert "503 Service Unavailable; given up after 3 failures in a row" in client.unreachable(url)
    assert len(web.requests) == 3


def test_a_server_may_ask_for_a_longer_wait_within_bounds(web: Web, client: Client) -> None:
    strict(client, longest_wait_s=3600.0, longest_s=60.0)
    url = web.play("/m", answer("503 Service Unavailable", retry_after="120"))
    sentence = client.unreachable(url)  # at once, as there would be no time left after the wait
    assert "not done in 60 s" in sentence
    assert "503 Service Unavailable" in sentence
    assert len(web.requests) == 1


def test_a_reset_connection_is_tried_again(web: Web, client: Client) -> None:
    def resets(talk: Talk) -> None:
        talk.send(head("200 OK", content_length=str(len(BODY)), etag='"v1"'), BODY[:HALF])
        talk.reset()

    url = web.play("/m", Talk.reset, resets, ranged(BODY))
    assert client.fetch(url).path.read_bytes() == BODY


def test_nobody_listens(client: Client) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"https://127.0.0.1:{bound.getsockname()[1]}/m"
        assert "connection refused; given up after 3" in client.unreachable(url)


def test_a_host_without_a_name(client: Client) -> None:
    assert "the host's name was not found (" in client.unreachable("https://no-such-host.invalid/m")


@pytest.mark.parametrize(
    "nonsense", ["SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 200\r\ns3cr3t\r\n\r\n", ""]
)
def test_what_is_not_http(web: Web, client: Client, nonsense: str) -> None:
    url = web.play("/m", lambda talk: talk.send(nonsense))
    assert "the connection broke off, or what came is not HTTP" in client.unreachable(url)


# ---- silence, endlessness, and who is asked to stop


@pytest.mark.parametrize("before", ["", head("200 OK", content_length="9") + "half"])
def test_silence_ends_an_attempt(web: Web, client: Client, before: str) -> None:
    def stalls(talk: Talk) -> None:
        talk.send(before)
        talk.hold()

    minutes = count()
    client.clock_ns = lambda: next(minutes) * 60 * SECOND_NS
    strict(client, stall_s=30.0, longest_s=1e9)
    assert "no byte came for 30 s; given up" in client.unreachable(web.play("/m", stalls))
    assert client.told[-1].attempt == 3


def test_a_stalled_download_goes_on_where_it_was(web: Web, client: Client) -> None:
    def stalls(talk: Talk) -> None:
        broken(BODY, HALF)(talk)
        talk.hold()

    minutes = count()

    def clock_ns() -> int:
        """It runs once half of the file has come, and stands still for the next attempt."""
        come = client.part.exists() and client.part.stat().st_size == HALF
        return 60 * SECOND_NS * (next(minutes) if come and len(web.requests) == 1 else 0)

    client.clock_ns = clock_ns
    strict(client, stall_s=30.0, longest_s=1e9)
    assert client.fetch(web.play("/m", stalls, ranged(BODY))).path.read_bytes() == BODY
    assert web.requests[1].headers["range"] == f"bytes={HALF}-"


@pytest.mark.parametrize(
    "before", ["HTTP/1.1 200 OK\r\nx: ", head("200 OK", content_length="99999999")]
)
def test_a_trickle_ends_with_the_time_in_all(web: Web, client: Client, before: str) -> None:
    def drips(talk: Talk) -> None:
        talk.send(before)
        while True:
            talk.send("x")

    seconds = count()
    client.clock_ns = lambda: next(seconds) * SECOND_NS // 10
    strict(client, longest_s=20.0, most_bytes=10**9)
    assert "not done in 20 s" in client.unreachable(web.play("/m", drips))
    assert len(web.requests) == 1


def test_who_is_asked_to_stop_leaves_the_part_for_later(web: Web, client: Client) -> None:
    def stalls(talk: Talk) -> None:
        broken(BODY, HALF)(talk)
        talk.hold()

    def stop_at_half(progress: Progress) -> None:
        if progress.done_bytes == HALF:
            client.stop.set()

    url = web.play("/m", stalls, ranged(BODY))
    client.watching = stop_at_half
    with pytest.raises(Stopped, match=f"stopped after {HALF} bytes"):
        client.fetch(url)
    assert client.part.read_bytes() == BODY[:HALF]
    assert stat.S_IMODE(client.part.stat().st_mode) == 0o600
    assert not client.into.exists()

    client.stop.clear()
    client.watching = lambda _: None
    assert client.fetch(url).path.read_bytes() == BODY
    assert web.requests[1].headers["range"] == f"bytes={HALF}-"
    assert not client.part.exists()
    assert not client.note.exists()


def test_a_wait_between_attempts_ends_with_stop(web: Web, client: Client) -> None:
    def stop_when_waiting(progress: Progress) -> None:
        if progress.doing == "waiting":
            client.stop.set()

    client.watching = stop_when_waiting
    strict(client, first_wait_s=3600.0, longest_wait_s=3600.0, longest_s=1e6)
    with pytest.raises(Stopped):
        client.fetch(web.play("/m", answer("503 Service Unavailable")))
    assert (client.told[-1].doing, client.told[-1].attempt) == ("waiting", 1)


def test_stopped_before_it_began(web: Web, client: Client) -> None:
    client.stop.set()
    with pytest.raises(Stopped):
        client.fetch(web.play("/m", whole(BODY)))
    assert web.requests == []
    assert not client.part.exists()


# ---- sizes, encodings, digests


def test_a_file_that_is_too_large_is_refused_before_it_comes(web: Web, client: Client) -> None:
    strict(client, most_bytes=len(BODY) - 1)
    sentence = client.refused(web.play("/m", whole(BODY)))
    assert f"{len(BODY)} bytes, and at most {len(BODY) - 1} are allowed" in sentence
    assert not client.part.exists()


def test_an_endless_body_ends_at_the_bound(web: Web, client: Client) -> None:
    def endless(talk: Talk) -> None:
        talk.send(head("200 OK", transfer_encoding="chunked", etag='"v1"'))
        while True:
            talk.send(b"4000\r\n", bytes(0x4000), b"\r\n")

    strict(client, most_bytes=1_000_000)
    assert "more than the 1000000 bytes that are allowed" in client.refused(web.play("/m", endless))
    assert not client.part.exists()
    assert len(web.requests) == 1


def test_a_file_larger_than_the_disk_is_refused_with_the_numbers(web: Web, client: Client) -> None:
    strict(client, most_bytes=10**18)
    huge = answer("200 OK", content_length=str(10**17))
    sentence = client.refused(web.play("/m", huge))
    assert f"{10**17} bytes are to come, and " in sentence
    assert f"are free in {client.part.parent}; make room" in sentence


def test_a_disk_that_fills_up_meanwhile(web: Web, client: Client) -> None:
    """A bound on the size of files stands for it: the kernel refuses the write the same way."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        sentence = client.refused(web.play("/m", whole(BODY, etag='"v1"')))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert re.search(r"File too large: \d+ bytes were written, \d+ to come, and \d+ are", sentence)
    assert list(client.into.parent.iterdir()) == []


def test_what_is_encoded_was_not_asked_for(web: Web, client: Client) -> None:
    body = gzip.compress(BODY[:99])
    url = web.play("/m", whole(body, content_encoding="gzip"))
    assert "it comes encoded ('gzip'), which was not asked for" in client.refused(url)
    assert client.fetch(web.play("/m", whole(BODY, content_encoding="identity"))).path.exists()


def test_a_wrong_digest_is_asked_for_once_more_past_every_cache(web: Web, client: Client) -> None:
    url = web.play("/m", whole(b"rubbish", etag='"v1"'), ranged(BODY))
    fetched = client.fetch(Remote(url, SHA256))
    assert fetched.path.read_bytes() == BODY
    assert "cache-control" not in web.requests[0].headers
    assert web.requests[1].headers["cache-control"] == "no-cache"
    assert "range" not in web.requests[1].headers


@pytest.mark.parametrize("algorithm", ["sha256", "sha384"])
def test_a_digest_that_stays_wrong_is_told_with_both_values(
    web: Web, client: Client, algorithm: str
) -> None:
    url = web.play("/m", ranged(b"rubbish"))
    found = hashlib.new(algorithm, b"rubbish").hexdigest()
    wanted = hashlib.new(algorithm, BODY).hexdigest()
    remote = Remote(url, sha256=wanted) if algorithm == "sha256" else Remote(url, sha384=wanted)
    sentence = client.refused(remote)
    assert f"{algorithm} is {found}, and {wanted} was expected; twice so" in sentence
    assert len(web.requests) == 2
    assert not client.part.exists()
    assert not client.note.exists()


def test_a_wrong_digest_is_final_where_there_is_but_one_attempt(web: Web, client: Client) -> None:
    strict(client, attempts=1)
    url = web.play("/m", whole(b"rubbish"))
    assert "was expected; given up after 1 failures" in client.refused(Remote(url, SHA256))


@pytest.mark.parametrize("expected", [len(BODY) - 1, len(BODY) + 1])
@pytest.mark.parametrize("said", [True, False])
def test_a_wrong_size_is_wrong(web: Web, client: Client, expected: int, said: bool) -> None:
    sent = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
    play = whole(BODY) if said else answer("200 OK", sent, transfer_encoding="chunked")
    sentence = client.refused(Remote(web.play("/m", play), size_bytes=expected))
    assert f"the {expected} bytes" in sentence or f"and {expected} were expected" in sentence
    assert len(web.requests) == 2


# ---- servers that lie about lengths


def test_less_than_was_said_is_no_file(web: Web, client: Client) -> None:
    url = web.play("/m", broken(BODY, HALF, tag=""))
    assert "given up after 3 failures" in client.unreachable(url)
    assert not client.part.exists()  # nothing vouches for what came


def test_a_chunk_cut_short_is_no_file(web: Web, client: Client) -> None:
    sent = b"%x\r\n%b" % (len(BODY), BODY[:HALF])
    url = web.play("/m", answer("200 OK", sent, transfer_encoding="chunked"))
    assert "given up after 3 failures" in client.unreachable(url)


def test_more_than_was_said_is_not_part_of_the_file(web: Web, client: Client) -> None:
    """By HTTP a message ends where its header says; what follows is nobody's."""
    longer = answer("200 OK", BODY + b"and more", content_length=str(len(BODY)))
    assert client.fetch(Remote(web.play("/m", longer), SHA256)).path.read_bytes() == BODY
    client.into.unlink()
    short = answer("200 OK", BODY, content_length="10")
    assert "sha256 is" in client.refused(Remote(web.play("/m", short), SHA256))


def test_without_an_end_that_can_be_told_a_digest_or_size_must_vouch(
    web: Web, client: Client
) -> None:
    url = web.play("/m", answer("200 OK", BODY))
    assert "the server does not say where the file ends" in client.refused(url)
    assert client.fetch(Remote(url, SHA256)).path.read_bytes() == BODY
    client.into.unlink()
    cut = web.play("/m", answer("200 OK", BODY[:HALF]))
    assert "sha256 is" in client.refused(Remote(cut, SHA256))


# ---- what is wrong before anybody is asked


@pytest.mark.parametrize(
    ("remote", "says"),
    [
        (Remote("ftp://host/m?s3cr3t"), "an address begins with https://HOST/"),
        (Remote("https:///m"), "an address begins with https://HOST/"),
        (Remote("model.zip"), "an address begins with https://HOST/"),
        (Remote("https://eye:p4ssw0rd/x@host:port/m"), "no valid address"),
        (Remote("https://host/m\n?s3cr3t"), "no valid address"),
        (Remote(f"https://{'a' * 64}.example/m?s3cr3t"), "no valid address"),
        (Remote("https://a..b/m?s3cr3t"), "no valid address"),
        (Remote("https://127.0.0.1:65536/m?s3cr3t"), "a port is a number up to 65535"),
        (Remote("https://host/m", sha256="abc"), "sha256 = 'abc': not 64 hexadecimal digits"),
        (Remote("https://host/m", sha384="g" * 96), "not 96 hexadecimal digits"),
        (Remote("https://host/m", headers={"a": "b34r3r\r\nx: y"}), "HTTP does not allow"),
        (Remote("https://host/m", headers={"a b": "b34r3r"}), "HTTP does not allow"),
    ],
)
def test_what_cannot_be_asked(client: Client, remote: Remote, says: str) -> None:
    assert says in client.refused(remote)


def test_the_goal_is_a_folder(web: Web, client: Client) -> None:
    url = web.play("/m", whole(BODY))
    client.into = client.into.parent / "folder"
    client.into.mkdir()
    with pytest.raises(FetchError, match="there is a folder of that name"):
        client.fetch(url)


def test_the_goals_folder_is_missing(web: Web, client: Client) -> None:
    client.into = client.into.parent / "nowhere" / "m"
    assert "m.part: No such file or directory" in client.refused(web.play("/m", whole(BODY)))


def test_two_do_not_write_one_part(web: Web, client: Client) -> None:
    url = web.play("/m", whole(BODY))
    with Part(client.into, "", set()):
        assert "another process is writing it" in client.refused(url)
    assert client.fetch(url).path.read_bytes() == BODY


def test_an_older_file_of_the_name_stays_until_the_new_one_is_there(
    web: Web, client: Client
) -> None:
    client.into.write_bytes(b"old")
    with pytest.raises(FetchError):
        client.fetch(web.play("/m", broken(BODY, HALF)))
    assert client.into.read_bytes() == b"old"
    client.fetch(web.play("/m", ranged(BODY)))
    assert client.into.read_bytes() == BODY
