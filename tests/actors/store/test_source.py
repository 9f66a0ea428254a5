"""Sources of models, from whatever somebody writes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.store.source import Listed, Local, Protected, Source, SourceError, Web, parse

HEX = "0123456789abcdef" * 4
SECRET = "s3cr3t"  # noqa: S105 searched for


def said_of(text: str) -> str:
    """All that may be shown of it."""
    try:
        source = parse(text)
    except SourceError as error:
        return str(error)
    return f"{source.shown} {source!r}"


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("https://host/a/model.zip", Web("https://host/a/model.zip")),
        ("HTTP://host:8080/m?sig=x", Web("HTTP://host:8080/m?sig=x")),
        (f"https://host/m.zip#sha256={HEX.upper()}", Web("https://host/m.zip", HEX)),
        ("catalogue:yolo-v4-tiny-tf", Listed("yolo-v4-tiny-tf")),
        ("catalogue:face@FP16-INT8", Listed("face", "FP16-INT8")),
        ("file:model.zip", Local("model.zip")),
        ("file:///srv/model.zip", Local("/srv/model.zip")),
        ("/srv/a model.zip", Local("/srv/a model.zip")),
        ("models/street", Local("models/street")),
        ("c:odd", Local("c:odd")),
    ],
)
def test_what_is_written_is_read(text: str, source: Source) -> None:
    assert parse(text) == source


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "1 to 4096"),
        ("a\nb", "none that ends a line"),
        ("x" * 4097, "1 to 4096"),
        ("ftp://host/m.zip", "is https://"),
        ("file:", "is https://"),
        ("https://", "https://HOST/PATH"),
        ("http:host/m.zip", "https://HOST/PATH"),
        ("https://host:port/m", "its port a number"),
        ("https://host/m#sha256=12", "64 hexadecimal digits"),
        (f"https://host/m#sha1={HEX}", "64 hexadecimal digits"),
        ("catalogue:", "catalogue:NAME@PRECISION"),
        ("catalogue:a@", "catalogue:NAME@PRECISION"),
        ("catalogue:../x", "catalogue:NAME@PRECISION"),
    ],
)
def test_what_is_no_source_is_refused_in_one_sentence(text: str, rule: str) -> None:
    with pytest.raises(SourceError, match=rule) as caught:
        parse(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "text",
    [
        f"https://user:{SECRET}@host/m.zip",
        f"https://host/m.zip?sig={SECRET}",
        f"https://host:{SECRET}@x:y/m.zip",
        f"ftp://user:{SECRET}@host/m.zip",
        f"https://host/m.zip?sig={SECRET}#sha256=bad",
    ],
)
def test_no_secret_is_shown(text: str) -> None:
    assert SECRET not in said_of(text)


def test_a_protected_model_shows_no_address_with_its_token() -> None:
    source = Protected("https://scz.example", "people", "1", f"https://blob/m?sig={SECRET}")
    assert source.shown == "people 1 of https://scz.example"
    assert SECRET not in repr(source)


@given(st.text())
def test_any_text_is_a_source_or_refused(text: str) -> None:
    assert "\n" not in said_of(text)
