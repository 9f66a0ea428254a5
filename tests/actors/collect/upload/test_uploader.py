"""A picture is removed here once it and its sidecar are confirmed there, and never before."""

import threading
from base64 import b64encode
from hashlib import sha256

import pytest

from actors.collect.upload.wire import Patience
from actors.settings import Settings
from tests.actors.collect.upload.peer import Peer, Play, Talk, cut, drip, garbage, hang, status
from tests.actors.collect.upload.rig import JPEG, NEVER, SECRET, Rig, names
from tests.actors.models.web import Authority

IMPATIENT = Patience(stall_s=0.2, longest_s=0.4)


@pytest.fixture
def to_peer(rig: Rig, peer: Peer, authority: Authority) -> Rig:
    token = rig.secret("token", SECRET)
    rig.to(kind="http", url=f"{peer.url}/pictures/", token=token, ca_file=str(authority.path))
    return rig


def targets(peer: Peer) -> list[str]:
    return [asked.target.removeprefix("/pictures") for asked in peer.asked]


def test_the_oldest_goes_first_and_its_sidecar_after_it(to_peer: Rig, peer: Peer) -> None:
    kept = [to_peer.keep(at_s, score) for at_s, score in ((20, 0.8), (10, 1.0), (30, None))]
    sidecars = {name: each.sidecar.read_bytes() for each in kept for name in names(each)[1:]}
    uploader = to_peer.start()
    to_peer.until_gone(*kept)
    uploader.close()
    assert targets(peer) == names(kept[1], kept[0], kept[2])
    bodies = {target.removeprefix("/pictures"): body for target, body in peer.kept.items()}
    assert {name: bodies[name] for name in sidecars} == sidecars
    assert bodies[names(kept[0])[0]] == JPEG
    assert to_peer.left == []
    assert (uploader.state.uploaded, uploader.state.trouble) == (3, "")


def test_a_file_says_what_it_is_and_who_sends_it(to_peer: Rig, peer: Peer) -> None:
    to_peer.start()
    to_peer.until_gone(to_peer.keep())
    picture, sidecar = peer.asked
    assert (picture.method, picture.headers["content-type"]) == ("PUT", "image/jpeg")
    assert sidecar.headers["content-type"] == "application/json"
    digest = b64encode(sha256(JPEG).digest()).decode()
    assert picture.headers["content-digest"] == f"sha-256=:{digest}:"
    assert picture.headers["authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize("at", [0, 1])  # the picture, its sidecar
@pytest.mark.parametrize("play", [status(500), cut, garbage, status(401), status(302)])
def test_nothing_is_removed_before_both_are_confirmed(
    play: Play, at: int, to_peer: Rig, peer: Peer
) -> None:
    kept, there = to_peer.keep(), []

    def look(talk: Talk) -> None:
        there.append(kept.path.exists() and kept.sidecar.exists())
        peer.play(talk)

    peer.plays = [*[look] * at, play, look, look]
    uploader = to_peer.start()
    to_peer.until_gone(kept)
    uploader.close()
    assert there == [True] * (at + 2)
    assert targets(peer) == [*names(kept)[: at + 1], *names(kept)]
    assert uploader.state.doing != "failed"


@pytest.mark.parametrize(
    ("play", "says"), [(hang, "no byte came for 0.2 s"), (drip, "not done within 0.4 s")]
)
def test_a_request_ends_however_slow_the_server_is(
    play: Play, says: str, to_peer: Rig, peer: Peer
) -> None:
    to_peer.patience = IMPATIENT
    kept = to_peer.keep()
    peer.plays = [play]
    to_peer.start()
    to_peer.until_said(f"http {peer.host}: {says}")
    to_peer.until_gone(kept)


def test_who_is_refused_says_so_and_tries_seldom(to_peer: Rig, peer: Peer) -> None:
    to_peer.lasting = NEVER
    kept, asked_for, were = to_peer.keep(), threading.Event(), []

    def refuse(talk: Talk) -> None:
        were.append(asked_for.is_set())
        talk.answer(403)

    peer.plays = [refuse, refuse]
    uploader = to_peer.start()
    to_peer.until(lambda: uploader.state.doing == "failed")
    assert "answers 403 Forbidden; may this device write there" in uploader.state.trouble
    to_peer.keep(1)  # does not bring the next try nearer
    asked_for.set()
    uploader.look(Settings(upload_step=1))
    peer.until_asked(2)
    uploader.look(Settings(upload_step=1))
    uploader.look(Settings(upload_step=2))
    to_peer.until_gone(kept)
    assert were == [False, True]
    uploader.close()
    assert uploader.state.doing != "failed"


@pytest.mark.parametrize(("code", "other"), [(403, "passing"), (500, "lasting")])
def test_what_passes_and_what_lasts_have_waits_of_their_own(
    code: int, other: str, to_peer: Rig, peer: Peer
) -> None:
    setattr(to_peer, other, NEVER)
    kept = to_peer.keep()
    peer.plays = [status(code)] * 3
    to_peer.start()
    to_peer.until_gone(kept)


def test_a_step_of_before_the_start_asks_for_nothing(to_peer: Rig, peer: Peer) -> None:
    to_peer.lasting = NEVER
    to_peer.keep()
    peer.plays = [status(403)]
    uploader = to_peer.start()
    to_peer.until(lambda: uploader.state.doing == "failed")
    uploader.look(Settings())
    uploader.close()
    assert len(peer.asked) == 1


@pytest.mark.parametrize("code", [400, 413])
def test_one_that_is_refused_does_not_hold_up_the_others(
    code: int, to_peer: Rig, peer: Peer
) -> None:
    refused, other = to_peer.keep(1), to_peer.keep(2)
    peer.plays = [status(code)]
    uploader = to_peer.start()
    to_peer.until_gone(other)
    late = to_peer.keep(3)
    to_peer.until_gone(late)
    assert to_peer.left == [refused.title]
    assert uploader.state.aside == 1
    assert uploader.state.trouble.startswith(f"upload: 1 set aside, the last: {refused.title}: ")
    assert f"answers {code}" in uploader.state.trouble
    uploader.look(Settings(upload_step=1))
    to_peer.until_gone(refused)
    uploader.close()
    assert uploader.state.trouble == ""


def test_one_that_breaks_the_line_again_and_again_lets_others_pass(
    to_peer: Rig, peer: Peer
) -> None:
    bad, other = to_peer.keep(1), to_peer.keep(2)

    def breaks_at_the_bad(talk: Talk) -> None:
        if bad.path.stem in talk.asked.target:
            return
        Peer.play(peer, talk)

    peer.plays = [breaks_at_the_bad] * 100
    to_peer.start()
    to_peer.until_gone(other)
    assert bad.path.exists()


def test_what_is_confirmed_and_cannot_be_removed_does_not_go_again(
    to_peer: Rig, peer: Peer
) -> None:
    kept = to_peer.keep()
    to_peer.shelf.fault = "read-only"
    uploader = to_peer.start()
    to_peer.until_said("read-only")
    to_peer.until(lambda: uploader.state.doing == "failed")
    to_peer.shelf.fault = ""
    to_peer.until_gone(kept)
    assert len(peer.asked) == 2


def test_after_a_crash_between_confirmation_and_removal_it_goes_again(
    to_peer: Rig, peer: Peer
) -> None:
    kept = to_peer.keep()
    to_peer.shelf.fault = "killed"  # what is removed never happens
    to_peer.start()
    peer.until_asked(2)
    to_peer.until_said("killed")
    to_peer.close()
    to_peer.shelf.fault = ""
    to_peer.start()
    to_peer.until_gone(kept)
    assert targets(peer) == names(kept) * 2
    assert len(peer.kept) == 2


def test_one_that_was_removed_on_the_way_is_no_fault(to_peer: Rig, peer: Peer) -> None:
    gone, other = to_peer.keep(1), to_peer.keep(2)

    def remove(talk: Talk) -> None:
        to_peer.shelf.remove(gone)
        peer.play(talk)

    peer.plays = [remove]
    uploader = to_peer.start()
    to_peer.until_gone(other)
    uploader.close()
    assert targets(peer) == [names(gone)[0], *names(other)]
    assert (uploader.state.uploaded, uploader.state.trouble) == (1, "")


def test_what_is_sure_enough_stays_here(to_peer: Rig, peer: Peer, authority: Authority) -> None:
    token = to_peer.secret("token", SECRET)
    to_peer.to(kind="http", url=peer.url, token=token, ca_file=str(authority.path), below=0.7)
    sure, exact = to_peer.keep(1, 0.9), to_peer.keep(2, 0.7)
    unsure, empty = to_peer.keep(3, 0.69), to_peer.keep(4, None)
    to_peer.start()
    to_peer.until_gone(unsure, empty)
    assert to_peer.left == [sure.title, exact.title]


def test_new_pictures_are_told_of(to_peer: Rig) -> None:
    uploader = to_peer.start()
    for at_s in range(3):
        to_peer.until_gone(to_peer.keep(at_s))
    uploader.close()
    assert uploader.state.uploaded == 3


def test_it_ends_while_a_server_says_nothing(to_peer: Rig, peer: Peer) -> None:
    kept = to_peer.keep()
    peer.plays = [hang]
    uploader = to_peer.start()
    peer.until_asked(1)
    uploader.close()
    assert kept.path.exists()
    assert not any(each.name == "upload" for each in threading.enumerate())


def test_a_token_that_is_replaced_counts(to_peer: Rig, peer: Peer) -> None:
    to_peer.lasting = NEVER
    kept = to_peer.keep()
    (to_peer.folder / "token").unlink()
    uploader = to_peer.start()
    to_peer.until_said("upload.token: ")
    to_peer.until(lambda: uploader.state.doing == "failed")
    to_peer.secret("token", f"new {SECRET}")
    uploader.look(Settings(upload_step=1))
    to_peer.until_gone(kept)
    assert {asked.headers["authorization"] for asked in peer.asked} == {f"Bearer new {SECRET}"}
