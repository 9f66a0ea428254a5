"""Keys of the device over models of others."""

from pathlib import Path

import pytest

from actors.models.progress import Refused
from actors.models.resealing import own_key, reseal
from actors.package.sealed.container import inspect, open_sealed
from actors.package.sealed.key import Key, SealedError

KEY, OTHER = Key(bytes(range(32))), Key(bytes(32))
PLAIN = b"PK\x03\x04" + bytes(3_000_000)


def test_it_opens_with_the_key_of_the_device() -> None:
    sealed = reseal(PLAIN, KEY, "plant-7", "people", "1.0")
    header = inspect(sealed)
    assert (header.key, header.name, header.version) == ("plant-7", "people", "1.0")
    assert open_sealed(sealed, {"plant-7": KEY}) == PLAIN


def test_the_same_becomes_the_same_bytes() -> None:
    first, second = (reseal(PLAIN, KEY, "plant-7", "people", "1.0") for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("plain", "key", "said"),
    [
        (PLAIN[:-1] + b"x", KEY, ("plant-7", "people", "1.0")),
        (PLAIN, OTHER, ("plant-7", "people", "1.0")),
        (PLAIN, KEY, ("plant-8", "people", "1.0")),
        (PLAIN, KEY, ("plant-7", "people", "1.1")),
        (PLAIN, KEY, ("plant-7", "people1", ".0")),
        (PLAIN + b"x", KEY, ("plant-7", "people", "1.0")),
    ],
)
def test_no_two_encryptions_have_a_nonce_in_common(
    plain: bytes, key: Key, said: tuple[str, str, str]
) -> None:
    header = inspect(reseal(PLAIN, KEY, "plant-7", "people", "1.0"))
    other = inspect(reseal(plain, key, *said))
    assert header.salt != other.salt
    assert header.prefix != other.prefix


def test_names_that_no_header_has_are_left_out() -> None:
    header = inspect(reseal(PLAIN, KEY, "plant-7", "-people", "_1"))
    assert (header.name, header.version) == ("", "")


def test_the_first_key_that_is_set_seals(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.touch(0o600)
    path.write_text(KEY.reveal().hex())
    assert own_key({"a": f"file:{path}", "b": "env:NONE"}) == ("a", KEY)
    with pytest.raises(SealedError, match="no such variable"):
        own_key({"b": "env:NONE", "a": f"file:{path}"})
    with pytest.raises(Refused, match="there is none"):
        own_key({})
