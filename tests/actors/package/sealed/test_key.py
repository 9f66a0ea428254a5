import copy
import logging
import pickle
import traceback

import pytest

from actors.package.sealed.key import Key

SECRET = b"a secret of exactly 32 bytes ..."


def test_a_key_shows_itself_to_no_one_who_prints_it(caplog: pytest.LogCaptureFixture) -> None:
    key = Key(SECRET)
    logging.getLogger("test").error("%s %r %s", key, key, [key])
    told = [repr(key), str(key), f"{key}", f"{[key]}", f"{key!a:>40}", caplog.text]
    told += traceback.format_exception(ValueError(key))
    assert not any(SECRET.decode() in text or SECRET.hex() in text for text in told)
    assert not hasattr(key, "__dict__")
    assert repr(key) == "Key(***)"


def test_a_key_is_given_only_to_who_asks_for_it() -> None:
    assert Key(SECRET).reveal() == SECRET


@pytest.mark.parametrize("copied", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_key_does_not_multiply(copied: object) -> None:
    assert callable(copied)
    with pytest.raises(TypeError, match="neither pickled nor copied"):
        copied(Key(SECRET))


def test_keys_are_equal_by_their_bytes() -> None:
    assert Key(SECRET) == Key(bytes(SECRET))
    assert Key(SECRET) != Key(SECRET[:-1])
    assert Key(SECRET) != SECRET
    with pytest.raises(TypeError):
        hash(Key(SECRET))


def test_an_id_is_the_start_of_the_sha_256() -> None:
    # Of 32 zero bytes, by `head -c 32 /dev/zero | sha256sum`.
    assert Key(bytes(32)).id == "66687aadf862bd77"
