"""Signatures against the examples that AWS publishes, and against what must not change them."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from actors.collect.upload.sigv4 import Credentials, authorization, canonical_path, to_sign

# Amazon S3 API Reference, "Authenticating Requests: Using the Authorization Header", examples.
EXAMPLE = Credentials(
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "us-east-1",
)
MAY_24_NS = 1369353600 * 10**9  # 2013-05-24T00:00:00Z
HOST = "examplebucket.s3.amazonaws.com"


def test_the_published_example_of_get_object() -> None:
    headers = to_sign({"Host": HOST, "Range": "bytes=0-9"}, b"", MAY_24_NS)
    assert authorization("GET", "/test.txt", headers, EXAMPLE) == (
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
        "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    )


def test_the_published_example_of_put_object() -> None:
    given_headers = {
        "Host": HOST,
        "Date": "Fri, 24 May 2013 00:00:00 GMT",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
    }
    headers = to_sign(given_headers, b"Welcome to Amazon S3.", MAY_24_NS)
    path = canonical_path("/test$file.text")
    assert authorization("PUT", path, headers, EXAMPLE) == (
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
        "SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,"
        "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
    )


def test_the_time_and_the_body_are_signed() -> None:
    headers = to_sign({"host": HOST}, b"a", MAY_24_NS + 3_723 * 10**9 + 999)
    assert headers["x-amz-date"] == "20130524T010203Z"
    assert headers["x-amz-content-sha256"] == sha256(b"a").hexdigest()


@given(st.text(st.characters(codec="utf-8", exclude_characters="%"), max_size=20))
def test_a_path_is_written_in_one_way_only(text: str) -> None:
    once = canonical_path(f"/{text}")
    assert canonical_path(once) == once
    assert set(once) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/%")


def test_keys_are_not_shown() -> None:
    assert "EXAMPLEKEY" not in repr(EXAMPLE)
    assert "AKIA" not in repr(EXAMPLE)
