"""Each bad package is refused for its own reason; what it was made from is not."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from actors.models.admitting import admit
from actors.package.admission import LONGEST_SENTENCE, Request, Verdict
from tests.actors.models.refusals.table import TABLE
from tests.actors.models.refusals.trust import KEY, sealed, signed, trusting, with_keys
from tests.actors.models.refusals.workshop import Workshop


@pytest.fixture
def shop(tmp_path: Path, request: pytest.FixtureRequest) -> Workshop:
    return Workshop(tmp_path, lambda: Path(request.getfixturevalue("shared_data")))


def tried(request: Request, within_s: float = 60) -> Verdict:
    return admit(request, within_s, threading.Event(), lambda _: None)


@pytest.mark.parametrize("name", TABLE)
def test_a_bad_package_is_refused_for_its_own_reason(shop: Workshop, name: str) -> None:
    bad = TABLE[name]
    verdict = tried(bad.make(shop), bad.within_s)
    assert bad.says in verdict.reason
    assert str(shop.folder / "staged") not in verdict.reason
    assert len(verdict.reason) <= LONGEST_SENTENCE
    assert verdict.reason.isprintable()


def as_folder(shop: Workshop) -> Request:
    return shop.request(shop.package())


def as_zip(shop: Workshop) -> Request:
    return shop.request(shop.zipped(shop.package()))


def as_model(shop: Workshop) -> Request:
    return shop.request(shop.model() / "street.xml")


def as_signed(shop: Workshop) -> Request:
    return trusting(shop, signed(shop), "ours.pub")


def as_sealed(shop: Workshop) -> Request:
    return with_keys(shop, sealed(shop), KEY)


@pytest.mark.parametrize("made", [as_folder, as_zip, as_model, as_signed, as_sealed])
def test_what_they_were_made_from_is_taken(
    shop: Workshop, made: Callable[[Workshop], Request]
) -> None:
    verdict = tried(made(shop))
    assert verdict.reason == ""
    assert (verdict.name, verdict.family, verdict.device) == ("street", "ssd", "CPU")
    assert len(verdict.digest) == 64
    assert bool(verdict.signed_by) == (made is as_signed)
    assert verdict.sealed == (made is as_sealed)


def test_there_are_many() -> None:
    assert len(TABLE) >= 75
