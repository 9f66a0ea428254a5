"""Redirects: followed as far as is safe, and never with what was meant for another host."""

import msgspec
import pytest

from actors.models.remote import Remote
from tests.actors.models.conftest import TOKEN, Client, Serve
from tests.actors.models.web import Certificate, Play, Web, answer, broken, missing, ranged, whole

BODY = b"a model" * 999


def to(location: str, status: str = "302 Found") -> Play:
    return answer(status, b"<a>here</a>", location=location, content_length="11")


@pytest.mark.parametrize("status", ["301 M", "302 F", "303 S", "307 T", "308 P"])
def test_a_redirect_is_followed(web: Web, client: Client, status: str) -> None:
    web.play("/real", whole(BODY))
    url = web.play("/m", to(web.url(f"/real?{TOKEN}"), status))
    assert client.fetch(url).path.read_bytes() == BODY
    assert web.requests[1].target == f"/real?{TOKEN}"


@pytest.mark.parametrize("location", ["real", "./real", "/a/real", "../a/real", "//{host}/a/real"])
def test_a_relative_location(web: Web, client: Client, location: str) -> None:
    web.play("/a/real", whole(BODY))
    url = web.play("/a/m", to(location.format(host=f"127.0.0.1:{web.port}")))
    assert client.fetch(url).path.read_bytes() == BODY


def test_five_are_followed_and_no_more(web: Web, client: Client) -> None:
    for n in range(6):
        web.play(f"/{n}", to(f"/{n + 1}"))
    web.play("/6", whole(BODY))
    assert client.fetch(web.url("/1")).path.read_bytes() == BODY
    client.into.unlink()
    assert "more than 5 redirects" in client.refused(web.url("/0"))


def test_a_loop_ends(web: Web, client: Client) -> None:
    assert "more than 5 redirects" in client.refused(web.play("/m", to("/m?s3cr3t")))
    assert len(web.requests) == 6


def test_https_never_goes_on_as_http(web: Web, client: Client, serve: Serve) -> None:
    plain = serve(None)
    web.play("/middle", to(plain.play("/real", whole(BODY))))
    for url in (web.play("/m", to(plain.url("/real"))), web.play("/n", to("/middle"))):
        assert "redirected from https to http, which is not followed" in client.refused(url)
    assert plain.requests == []


def test_http_may_go_on_as_https(web: Web, client: Client, serve: Serve) -> None:
    web.play("/real", whole(BODY))
    url = serve(None).play("/m", to(web.url("/real")))
    assert client.fetch(url).path.read_bytes() == BODY


@pytest.mark.parametrize(
    ("location", "says"),
    [
        ("ftp://127.0.0.1/m?s3cr3t", "redirected to what is no address: an address begins with"),
        ("file:///etc/passwd", "redirected to what is no address: an address begins with"),
        ("https://eye:p4ssw0rd/@host:port/m", "redirected to what is no address: no valid"),
        (f"https://{'a' * 64}.example/?s3cr3t", "redirected to what is no address: no valid"),
        ("https://127.0.0.1:99999/?s3cr3t", "redirected to what is no address: a port is a number"),
        ("data:,s3cr3t", "redirected to what is no address: an address begins with"),
    ],
)
def test_elsewhere_is_refused(web: Web, client: Client, location: str, says: str) -> None:
    assert says in client.refused(web.play("/m", to(location)))
    assert len(web.requests) == 1


@pytest.mark.parametrize("by_user", [True, False])
def test_what_was_meant_for_one_host_goes_to_no_other(
    web: Web, client: Client, serve: Serve, certificate: Certificate, by_user: bool
) -> None:
    other = serve(certificate)
    other.play("/real", to(web.play("/back", whole(BODY))))
    web.play("/same", to(other.url("/real")))
    url = web.play("/m", to("/same"))
    headers = {} if by_user else {"Authorization": "Bearer b34r3r", "X-Key": "b34r3r"}
    if by_user:
        url = url.replace("https://", "https://eye:p4ssw0rd@")
    client.fetch(Remote(url, headers=headers))
    sent = [request.headers.get("authorization") for request in web.requests]
    assert [bool(value) for value in sent] == [True, True, False]  # the way back is not trusted
    assert "authorization" not in other.requests[0].headers
    assert "x-key" not in other.requests[0].headers
    assert "x-key" not in web.requests[2].headers


def test_another_name_of_the_host_is_another_host(web: Web, client: Client) -> None:
    web.play("/real", whole(BODY))
    url = web.play("/m", to(web.url("/real", host="localhost")))
    client.fetch(Remote(url, headers={"authorization": "b34r3r"}))
    assert "authorization" not in web.requests[1].headers


def test_a_user_in_a_location_is_not_sent(web: Web, client: Client) -> None:
    web.play("/real", whole(BODY))
    location = web.url("/real").replace("https://", "https://eye:p4ssw0rd@")
    client.fetch(web.play("/m", to(location)))
    assert "authorization" not in web.requests[1].headers


def test_a_fault_elsewhere_names_the_host(web: Web, client: Client) -> None:
    web.play("/real", missing)
    url = web.play("/m", to(web.url(f"/real?{TOKEN}", host="localhost")))
    sentence = client.refused(url)
    assert sentence.startswith("https://127.0.0.1")
    assert "redirected to localhost: 404 Not Found" in sentence


def test_a_fault_elsewhere_may_pass_too(web: Web, client: Client) -> None:
    web.play("/real", lambda talk: talk.hold())
    client.clock_ns = lambda: 10**15 if len(web.requests) > 1 else 0
    client.terms = msgspec.structs.replace(client.terms, longest_s=3600.0)
    sentence = client.unreachable(web.play("/m", to(web.url("/real", host="localhost"))))
    assert "redirected to localhost: not done in 3600 s" in sentence


def test_each_attempt_begins_at_the_address_that_was_given(web: Web, client: Client) -> None:
    """What a redirect names may be good for a minute only."""
    web.play("/first", broken(BODY, 99))
    web.play("/second", ranged(BODY))
    url = web.play("/m", to("/first"), to("/second"))
    assert client.fetch(url).path.read_bytes() == BODY
    assert web.requests[3].headers["range"] == "bytes=99-"
