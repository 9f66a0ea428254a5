import base64
import os
import stat
import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.package.sealed.container import inspect, open_sealed, seal
from actors.package.sealed.edge import wrap
from actors.package.sealed.key import Key, SealedError
from actors.package.sealed.keys import find_key, make_key, read_key, read_key_text, secrecy_fault
from tests.actors.package.sealed.daemon import running

SECRET = bytes.fromhex("8f3a5c1de2b4976008f1c2d3e4a5b6978899aabbccddeeff0123456789abcdef")
HEXADECIMAL = SECRET.hex().encode()
BASE64 = base64.b64encode(SECRET)
KEY = Key(SECRET)


def secret_file(path: Path, data: bytes, mode: int = 0o600) -> str:
    path.write_bytes(data)
    path.chmod(mode)
    return f"file:{path}"


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
@pytest.mark.parametrize("written", [SECRET, HEXADECIMAL, HEXADECIMAL.upper(), BASE64])
def test_a_file_has_a_key_in_any_of_three_ways(tmp_path: Path, written: bytes, end: bytes) -> None:
    assert read_key(secret_file(tmp_path / "key", written + end)) == KEY


def test_a_raw_key_may_end_with_what_looks_like_a_newline(tmp_path: Path) -> None:
    raw = SECRET[:-1] + b"\n"
    assert read_key(secret_file(tmp_path / "key", raw)) == Key(raw)
    assert read_key(secret_file(tmp_path / "key", raw + b"\n")) == Key(raw)


@given(secret=st.binary(min_size=32, max_size=32))
def test_any_key_can_be_given_as_text(secret: bytes) -> None:
    for text in (secret.hex(), base64.b64encode(secret).decode(), secret.hex() + "\n"):
        assert read_key("env:K", {"K": text}) == Key(secret)


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"\n",
        SECRET[:31],
        SECRET + b"x",
        HEXADECIMAL[:32],  # 16 bytes in hexadecimal are 32 bytes of text
        BASE64[:32],
        HEXADECIMAL + b"\n\n",
        HEXADECIMAL[:-1] + b"g",
        BASE64[:-1],
        b" " + HEXADECIMAL,
    ],
)
def test_what_is_no_key_is_refused_without_being_shown(tmp_path: Path, written: bytes) -> None:
    source = secret_file(tmp_path / "key", written)
    with pytest.raises(SealedError, match=r"are no key, .* make one with `openssl rand") as told:
        read_key(source)
    assert str(told.value).startswith(source)
    assert_unseen(told.value)


def test_the_environment_has_text_only() -> None:
    raw = SECRET.decode(errors="surrogateescape")
    with pytest.raises(SealedError, match="env:K: its 32 bytes are no key"):
        read_key("env:K", {"K": raw})
    with pytest.raises(SealedError, match="env:K: there is no such variable"):
        read_key("env:K", {})
    with pytest.raises(SealedError, match="env:a b: there is no such variable"):
        read_key("env:a b", {"a b": HEXADECIMAL.decode()})


def test_the_environment_is_the_processs_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETINUE_TEST_KEY", HEXADECIMAL.decode())
    assert read_key("env:RETINUE_TEST_KEY") == KEY


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o610, 0o666])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    source = secret_file(path, HEXADECIMAL, mode)
    rule = rf"file:{path}: others may use it \(mode {mode:o}\): chmod 600 {path}"
    with pytest.raises(SealedError, match=rule):
        read_key(source)
    path.chmod(0o600)
    assert read_key(source) == KEY


def test_a_key_that_is_another_users_is_refused(tmp_path: Path) -> None:
    secret_file(tmp_path / "key", HEXADECIMAL)
    status = (tmp_path / "key").stat()
    assert secrecy_fault(status, status.st_uid, "key") == ""
    theirs = secrecy_fault(_owned(status, 4711), 4712, "key")
    assert theirs == "it belongs to user 4711, who may read it: chown 4712 key"
    assert secrecy_fault(_owned(status, 0), 4712, "key") == ""


def _owned(status: os.stat_result, user: int) -> os.stat_result:
    fields = list(status[:10])
    fields[stat.ST_UID] = user
    return os.stat_result(fields)


def test_a_key_is_in_a_regular_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "folder").mkdir(mode=0o700)
    for name in ("pipe", "folder"):
        with pytest.raises(SealedError, match=f"{name}: a key is in a regular file"):
            read_key(f"file:{tmp_path / name}")


def test_a_file_that_is_not_there_or_too_large_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(SealedError, match=f"file:{tmp_path}/none: No such file or directory"):
        read_key(f"file:{tmp_path}/none")
    with pytest.raises(SealedError, match="a path has no NUL in it"):
        read_key(f"file:{tmp_path}/\0")
    with pytest.raises(SealedError, match="more than 16384 bytes and is no key"):
        read_key(secret_file(tmp_path / "model.onnx", bytes(20000)))


@pytest.mark.parametrize(
    "source", ["", "key", "file", "file:", "vault:x", HEXADECIMAL.decode(), BASE64.decode()]
)
def test_what_is_no_source_is_not_shown(source: str) -> None:
    with pytest.raises(SealedError, match=r"is file:PATH, env:NAME or edge:PATH") as told:
        read_key(source)
    assert_unseen(told.value)


@pytest.mark.parametrize("kind", ["file", "env", "edge"])
@pytest.mark.parametrize("key", [HEXADECIMAL.decode(), BASE64.decode()])
def test_a_key_in_the_place_of_its_source_is_not_shown(kind: str, key: str) -> None:
    with pytest.raises(SealedError, match=rf"{kind}:\*\*\*: ") as told:
        read_key(f"{kind}:{key}", {})
    assert_unseen(told.value)


def test_the_security_daemon_unwraps_keys(tmp_path: Path, run_dir: Path) -> None:
    with running(run_dir / "workload.sock") as daemon:
        (tmp_path / "raw").write_bytes(wrap(KEY, daemon.environ))
        (tmp_path / "text").write_bytes(wrap(Key(HEXADECIMAL + b"\n"), daemon.environ))
        (tmp_path / "percept").write_bytes(wrap(Key(b"a key text\n"), daemon.environ))
        assert read_key(f"edge:{tmp_path}/raw", daemon.environ) == KEY
        assert read_key(f"edge:{tmp_path}/text", daemon.environ) == KEY
        assert read_key_text(f"edge:{tmp_path}/percept", daemon.environ) == Key(b"a key text")
        with pytest.raises(SealedError, match=r"percept: its 10 bytes are no key"):
            read_key(f"edge:{tmp_path}/percept", daemon.environ)
        secret_file(tmp_path / "plain", HEXADECIMAL)
        with pytest.raises(SealedError, match=r"edge:.*plain: not a wrapped key") as told:
            read_key(f"edge:{tmp_path}/plain", daemon.environ)
        assert_unseen(told.value)
        daemon.answer = b'HTTP/1.0 200 OK\r\n\r\n{"plaintext": "' + BASE64 + b'", "more": 1}'
        with pytest.raises(SealedError, match=r"edge:.*raw: .*has no plaintext in it") as told:
            read_key(f"edge:{tmp_path}/raw", daemon.environ)
        assert_unseen(told.value)


@pytest.mark.parametrize("text", [b"c2FudGEgY3J1eg==", b"with spaces", b"\ttab", b"a\nb", b"x" * 9])
def test_a_key_text_is_taken_as_it_is_but_for_a_newline(tmp_path: Path, text: bytes) -> None:
    for end in (b"", b"\n", b"\r\n"):
        assert read_key_text(secret_file(tmp_path / "text", text + end)) == Key(text)
    assert read_key_text(secret_file(tmp_path / "text", text + b"\n\n")) == Key(text + b"\n")
    assert read_key_text("one=env:T", {"T": text.decode()}) == Key(text)


@pytest.mark.parametrize("text", [b"", b"\n", b"caf\xc3\xa9", b"\xff"])
def test_a_key_text_is_ascii(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(SealedError, match="a model's key text is some ASCII characters"):
        read_key_text(secret_file(tmp_path / "text", text))


def test_a_key_is_found_by_its_id_or_its_name(tmp_path: Path) -> None:
    other = Key(bytes(range(32)))
    sources = [
        secret_file(tmp_path / "one", other.reveal()),
        f"plant-7={secret_file(tmp_path / 'two', HEXADECIMAL)}",
        "env:THREE",
    ]
    environ = {"THREE": HEXADECIMAL.decode()}
    assert find_key(other.id, sources, environ) == other
    assert find_key("plant-7", sources, environ) == KEY
    assert find_key(KEY.id, sources, environ) == KEY  # by its id, and by no other's name
    sealed = seal(b"a package", KEY, "plant-7")
    wanted = inspect(sealed).key
    assert open_sealed(sealed, {wanted: find_key(wanted, sources, environ)}) == b"a package"


def test_a_key_that_no_source_has_is_one_sentence(tmp_path: Path) -> None:
    sources = [secret_file(tmp_path / "one", HEXADECIMAL), "env:TWO", "three=env:THREE"]
    with pytest.raises(SealedError) as told:
        find_key("0123456789abcdef", sources, {})
    assert str(told.value) == (
        "key 0123456789abcdef: none of the 3 key sources that are set has it; "
        "env:TWO: there is no such variable in the environment"
    )
    assert_unseen(told.value)
    with pytest.raises(SealedError, match="none of the 0 key sources"):
        find_key("plant", [], {})


def test_a_source_that_fails_does_not_hide_the_next(tmp_path: Path) -> None:
    sources = ["file:/none", "edge:/none", "vault:x", secret_file(tmp_path / "key", HEXADECIMAL)]
    assert find_key(KEY.id, sources, {}) == KEY


def test_a_new_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    one, two = make_key(tmp_path / "one"), make_key(tmp_path / "two")
    assert one != two
    assert stat.S_IMODE((tmp_path / "one").stat().st_mode) == 0o600
    assert read_key(f"file:{tmp_path}/one") == one
    with pytest.raises(SealedError, match="one: no key was made there: File exists"):
        make_key(tmp_path / "one")
    assert read_key(f"file:{tmp_path}/one") == one


def test_a_key_that_was_replaced_is_read_anew(tmp_path: Path) -> None:
    source = secret_file(tmp_path / "key", HEXADECIMAL)
    assert read_key(source) == KEY
    (tmp_path / "key").write_bytes(bytes(range(32)))
    assert read_key(source) == Key(bytes(range(32)))


def assert_unseen(error: BaseException) -> None:
    """Nothing in the chain of exceptions has the key, in any of its forms, nor half of it."""
    told = "".join(traceback.format_exception(error))
    link: BaseException | None = error
    while link:
        told += f"{link} {link!r} {link.args} {vars(link)}"
        link = link.__cause__ or link.__context__
    forms = (SECRET.hex(), SECRET.hex().upper(), BASE64.decode(), repr(SECRET)[2:-1])
    # The lines of this file that a traceback quotes name the key, and do not show it.
    assert [form for form in forms if form[:24] in told or form[-24:] in told] == []
