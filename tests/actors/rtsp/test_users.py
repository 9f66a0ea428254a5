"""Passwords of viewers that lie elsewhere."""

from pathlib import Path

import pytest

from actors.rtsp.digest import Gate
from actors.rtsp.users import Users
from tests.actors.rtsp.test_digest import Client, verdict


def test_a_password_may_be_here_or_elsewhere_and_is_read_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOBS", "of the environment")
    file = tmp_path / "carls"
    file.write_text("first\n")
    users = Users({"ann": "here", "bob": "env:BOBS", "carl": f"file:{file}"})
    assert [users.password(name) for name in ("ann", "bob", "carl", "eve")] == [
        "here", "of the environment", "first", None,
    ]  # fmt: skip
    file.write_text("second")
    assert users.password("carl") == "second"
    assert not users.trouble


def test_who_has_none_that_can_be_read_is_refused_and_so_is_everybody_else(tmp_path: Path) -> None:
    file = tmp_path / "anns"
    users = Users({"ann": f"file:{file}"})
    gate = Gate(users, b"key")
    assert not gate.open
    assert users.trouble == f"rtsp.users.ann: {file}: No such file or directory"
    for password in ("", f"file:{file}"):
        assert verdict(gate, Client(gate, "ann", password).header()) == "refused"
    assert verdict(gate, None) == "refused"
    file.write_text("there by now")
    assert verdict(gate, Client(gate, "ann", "there by now").header()) == "welcome"
    assert not users.trouble
