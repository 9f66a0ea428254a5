"""A bucket takes what is signed, and what it refuses is told apart by its code."""

from pathlib import Path

import pytest

from tests.actors.collect.upload.bucket import Bucket, error
from tests.actors.collect.upload.conftest import Serve
from tests.actors.collect.upload.peer import status
from tests.actors.collect.upload.rig import JPEG, NEVER, SECRET, Rig, names
from tests.actors.models.web import Authority

ACCESS = "AKIAIOSFODNN7EXAMPLE"


@pytest.fixture
def bucket(serve: Serve, certificate: Path) -> Bucket:
    bucket = serve(Bucket, certificate)
    assert isinstance(bucket, Bucket)
    bucket.keys = {ACCESS: f"{SECRET}/+="}
    return bucket


def to(rig: Rig, bucket: Bucket, authority: Authority, *, path: str = "/kept", **keys: str) -> None:
    given = {
        "access_key": rig.secret("access", ACCESS),
        "secret_key": rig.secret("secret", f"{SECRET}/+="),
        "ca_file": str(authority.path),
        **keys,
    }
    rig.to(None, kind="s3", url=f"{bucket.url}{path}", **given)


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/kept", "/kept"),
        ("/kept/of this device/", "/kept/of%20this%20device"),
        ("/kept/a$b+c=(d)%2A~é", "/kept/a%24b%2Bc%3D%28d%29%2A~%C3%A9"),
    ],
)
@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1"])
def test_a_bucket_takes_what_is_signed(
    path: str, sent: str, region: str, rig: Rig, bucket: Bucket, authority: Authority
) -> None:
    bucket.region = region
    to(rig, bucket, authority, path=path, region=region)
    kept = rig.keep(1), rig.keep(2, camera="back")
    sidecar = kept[0].sidecar.read_bytes()
    rig.start()
    rig.until_gone(*kept)
    assert list(bucket.kept) == [f"{sent}{name}" for name in names(*kept)]
    assert list(bucket.kept.values())[:2] == [JPEG, sidecar]


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("secret", "answers 403 Forbidden, SignatureDoesNotMatch; may this device write"),
        ("access", "answers 403 Forbidden, InvalidAccessKeyId"),
        ("region", "answers 400 Bad Request, AuthorizationHeaderMalformed"),
    ],
)
def test_who_is_refused_is_told_why_and_keeps_all(
    fault: str, says: str, rig: Rig, bucket: Bucket, authority: Authority
) -> None:
    rig.lasting = NEVER
    wrong = {
        "secret": {"secret_key": rig.secret("wrong", f"{SECRET}!")},
        "access": {"access_key": rig.secret("wrong", "AKIANOBODY")},
        "region": {"region": "mars-1"},
    }
    to(rig, bucket, authority, **wrong[fault])
    kept = rig.keep(1), rig.keep(2)
    uploader = rig.start()
    rig.until_said(f"s3 {bucket.host}: {says}")
    assert (uploader.state.doing, uploader.state.aside) == ("failed", 0)
    assert rig.left == [each.title for each in kept]
    assert len(bucket.asked) == 1


def test_a_refusal_counts_though_its_words_break_off(
    rig: Rig, bucket: Bucket, authority: Authority
) -> None:
    rig.lasting = NEVER
    to(rig, bucket, authority)
    rig.keep()
    bucket.plays = [status(403, b"<Error>", content_length="1000")]
    rig.start()
    rig.until_said(f"s3 {bucket.host}: answers 403 Forbidden")
    assert len(bucket.asked) == 1


def test_one_that_is_too_large_does_not_hold_up_the_others(
    rig: Rig, bucket: Bucket, authority: Authority
) -> None:
    to(rig, bucket, authority)
    large, other = rig.keep(1), rig.keep(2)
    bucket.plays = [status(400, error("EntityTooLarge"))]
    rig.start()
    rig.until_said(f"{large.title}: s3 {bucket.host}: answers 400 Bad Request, EntityTooLarge")
    rig.until_gone(other)
    assert rig.left == [large.title]


def test_a_bucket_that_is_busy_is_tried_again(
    rig: Rig, bucket: Bucket, authority: Authority
) -> None:
    to(rig, bucket, authority)
    kept = rig.keep()
    bucket.plays = [status(503, error("SlowDown")), status(500, b"<" * 100_000)]
    rig.start()
    rig.until_gone(kept)
    assert len(bucket.asked) == 4
