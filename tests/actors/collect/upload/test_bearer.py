"""A web server: who it is, where it sends us, and what it never gets to see."""

from pathlib import Path

import pytest

from tests.actors.collect.upload.conftest import Serve
from tests.actors.collect.upload.peer import Peer, status
from tests.actors.collect.upload.rig import NEVER, SECRET, Rig, names
from tests.actors.models.web import Authority


def test_a_server_that_is_not_believed_gets_nothing(rig: Rig, peer: Peer) -> None:
    rig.lasting = NEVER
    rig.to(kind="http", url=peer.url, token=rig.secret("token", SECRET))
    rig.keep()
    rig.start()
    rig.until_said("its certificate is refused: unable to get local issuer certificate; if it is")
    assert peer.asked == []


def test_an_authority_that_is_none_is_named(rig: Rig, peer: Peer, tmp_path: Path) -> None:
    rig.lasting = NEVER
    rig.to(kind="http", url=peer.url, ca_file=str(tmp_path / "nowhere.pem"))
    rig.keep()
    rig.start()
    rig.until_said("nowhere.pem': No such file or directory")


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(
    code: int, rig: Rig, peer: Peer, serve: Serve, authority: Authority, certificate: Path
) -> None:
    rig.lasting = NEVER
    other = serve(Peer, certificate)
    rig.to(
        kind="http",
        url=peer.url,
        token=rig.secret("token", SECRET),
        ca_file=str(authority.path),
    )
    kept = rig.keep()
    peer.plays = [status(code, location=f"{other.url}/x?sig={SECRET}")]
    rig.start()
    rig.until_said("redirects are not followed")
    assert (len(peer.asked), other.asked) == (1, [])
    assert kept.path.exists()


def test_without_a_token_none_is_sent_and_the_address_is_kept_as_it_is(
    rig: Rig, serve: Serve
) -> None:
    peer = serve(Peer, None)
    rig.to(kind="http", url=f"{peer.url}/a%20b%2Fc")
    kept = rig.keep()
    rig.start()
    rig.until_gone(kept)
    assert [asked.target for asked in peer.asked] == [f"/a%20b%2Fc{n}" for n in names(kept)]
    assert not any("authorization" in asked.headers for asked in peer.asked)


def test_a_token_that_no_header_can_hold_is_refused(rig: Rig, peer: Peer) -> None:
    rig.lasting = NEVER
    rig.to(kind="http", url=peer.url, token=rig.secret("token", f"{SECRET}\nx: y"))
    rig.keep()
    rig.start()
    rig.until_said("upload.token: has characters that no header may have")
    assert peer.asked == []


def test_who_answers_nobody_is_said(rig: Rig) -> None:
    rig.lasting = rig.passing = NEVER
    rig.to(kind="http", url="https://127.0.0.1:1")
    rig.keep()
    rig.start()
    rig.until_said("http 127.0.0.1:1: connection refused")
