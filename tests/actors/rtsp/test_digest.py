"""Digest authentication, with the RFCs' own examples."""

import pytest

from actors.rtsp.digest import NONCE_LIFE_NS, Credentials, Gate, parse, response
from actors.rtsp.users import Users

RFC_2617 = (
    'Digest username="Mufasa", realm="testrealm@host.com", '
    'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", qop=auth, nc=00000001, '
    'cnonce="0a4f113b", response="6629fae49393a05397450978507c4ef1", '
    'opaque="5ccc069c403ebaf9f0171e9517f40e41"'
)
RFC_7616 = (
    'Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", '
    'algorithm={}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, '
    'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, response="{}"'
)


@pytest.mark.parametrize(
    ("header", "password"),
    [
        (RFC_2617, "Circle Of Life"),
        (RFC_7616.format("MD5", "8ca523f5e9506fed4657c9700eebdbec"), "Circle of Life"),
        (
            RFC_7616.format(
                "SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
            ),
            "Circle of Life",
        ),
    ],
)
def test_the_examples_of_the_rfcs_come_out(header: str, password: str) -> None:
    given = parse(header)
    assert response(given, password, "GET") == given.response


@pytest.mark.parametrize("header", ["", "Basic dTpw", "Digest", 'Digest username="u"'])
def test_what_is_not_digest_is_refused(header: str) -> None:
    with pytest.raises(ValueError, match="Digest"):
        parse(header)


class Client:
    """Answers a challenge as a client does."""

    def __init__(self, gate: Gate, user: str, password: str) -> None:
        self.gate, self.user, self.password = gate, user, password

    def header(self, *, algorithm: str = "MD5", issued_ns: int = 0, uri: str = "rtsp://h/x") -> str:
        challenge = self.gate.challenges(issued_ns)[0]
        nonce = challenge.split('nonce="')[1].split('"')[0]
        given = Credentials(self.user, "Retinue", nonce, uri, "", algorithm)
        proof = response(given, self.password, "PLAY")
        return (
            f'Digest username="{self.user}", realm="Retinue", nonce="{nonce}", uri="{uri}", '
            f'response="{proof}", algorithm={algorithm}'
        )


def verdict(gate: Gate, header: str | None, *, now_ns: int = 0, known_nonce: str = "") -> str:
    return gate.check(
        header, "PLAY", now_ns, same=lambda uri: uri == "rtsp://h/x", known_nonce=known_nonce
    )[0]


@pytest.fixture
def gate() -> Gate:
    return Gate(Users({"ann": "secret"}), b"key")


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "md5"])
def test_a_listed_user_is_let_in(gate: Gate, algorithm: str) -> None:
    assert verdict(gate, Client(gate, "ann", "secret").header(algorithm=algorithm)) == "welcome"


def test_everything_else_is_refused(gate: Gate) -> None:
    good = Client(gate, "ann", "secret").header()
    assert verdict(gate, None) == "refused"
    assert verdict(gate, Client(gate, "ann", "wrong").header()) == "refused"
    assert verdict(gate, Client(gate, "eve", "").header()) == "refused"
    assert verdict(gate, Client(gate, "ann", "secret").header(uri="rtsp://h/other")) == "refused"
    assert verdict(gate, good.replace("algorithm=MD5", "algorithm=CRC")) == "refused"
    assert verdict(Gate(Users({"ann": "secret"}), b"other key"), good) == "refused"
    assert gate.check(good, "TEARDOWN", 0, same=lambda _: True)[0] == "refused"


def test_a_nonce_grows_old_but_not_on_the_connection_that_used_it(gate: Gate) -> None:
    header, later_ns = Client(gate, "ann", "secret").header(), NONCE_LIFE_NS + 1
    assert verdict(gate, header, now_ns=NONCE_LIFE_NS) == "welcome"
    assert verdict(gate, header, now_ns=later_ns) == "stale"
    assert verdict(gate, header, now_ns=later_ns, known_nonce=parse(header).nonce) == "welcome"


def test_both_algorithms_are_offered_with_one_nonce(gate: Gate) -> None:
    strong, usual = gate.challenges(5, stale=True)
    assert strong.replace("SHA-256", "MD5") == usual
    assert "algorithm=SHA-256" in strong
    assert usual.endswith("stale=true")


def test_a_password_is_never_shown(gate: Gate) -> None:
    assert "secret" not in repr(gate)
    assert "secret" not in " ".join(gate.challenges(0))
