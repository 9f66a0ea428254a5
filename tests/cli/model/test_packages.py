"""Packages made, judged and protected from the command line, with real networks."""

import os
import pty
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from actors.package.archive import unpack
from actors.package.files import Files
from actors.package.reading import read_files, read_manifest
from actors.package.sealed.container import inspect
from actors.package.signing_keys import read_public_key
from tests.cli.conftest import ROOT
from tests.cli.model.conftest import Ask
from tests.cli.model.stock import STREET, write_package

TOLD = ("--labels", "none", "--colour", "rgb", "--mean", "127.5", "--scale", "1,2,3")
PERSON = "person-detection-retail-0013"


@pytest.fixture
def person(shared_data: Path) -> Path:
    """A bare model of the Open Model Zoo: an .xml with its .bin beside it."""
    return shared_data / "models" / PERSON / f"{PERSON}.xml"


def opened(archive: Path) -> Files:
    return unpack(archive, None)


def test_a_bare_model_becomes_a_package(ask: Ask, person: Path, tmp_path: Path) -> None:
    ask("model", "keygen", "key")
    (tmp_path / "names.txt").write_text("nobody\nperson\n")
    done = ask(
        "model",
        *("package", person, "--name", "people", "--version", "2", "--licence", "Apache-2.0"),
        *("--labels", "names.txt", *TOLD[2:], "--sign", "key", "-o", "people.zip"),
    )
    assert done.returncode == 0, done.stderr
    files = opened(tmp_path / "people.zip")
    found = read_files(files)
    assert (found.name, found.version, found.family) == ("people", "2", "ssd")
    assert (found.labels[:2], found.licence) == (("nobody", "person"), "Apache-2.0")
    assert (found.input.colour, found.input.mean) == ("RGB", (127.5, 127.5, 127.5))
    assert found.input.scale == (1.0, 2.0, 3.0)
    listed = {f"{PERSON}.xml", f"{PERSON}.bin", "labels.txt"}
    assert set(read_manifest(files).files) == listed
    assert set(files.names()) == {*listed, "manifest.toml", "manifest.sig"}
    checked = ask("model", "check", "people.zip")
    assert checked.returncode == 1
    assert "is not trusted" in checked.stderr
    (tmp_path / "c.toml").write_text('[models]\nsignature = "required"\ntrusted_keys = ["key.pub"]')
    trusted = ask("model", "check", "people.zip", "-c", "c.toml")
    assert trusted.returncode == 0, trusted.stderr
    assert "signed by" in trusted.stdout
    assert "family     ssd" in trusted.stdout
    assert "comparing" not in trusted.stderr
    assert "taking its time" in trusted.stderr


def test_without_a_terminal_what_is_missing_is_named(ask: Ask, person: Path) -> None:
    done = ask("model", "package", person, "--labels", "none", "--colour", "BGR")
    assert done.returncode == os.EX_USAGE
    [said] = done.stderr.splitlines()
    assert [word for word in said.split() if word.startswith("--")] == [
        "--mean",
        "--scale",
        "--licence",
    ]
    wrong = ask("model", "package", person, "--mean", "1,2")
    assert (wrong.returncode, "three numbers" in wrong.stderr) == (2, True)


def test_on_a_terminal_it_asks(person: Path, tmp_path: Path, environ: dict[str, str]) -> None:
    keyboard, terminal = pty.openpty()
    command = [sys.executable, "-m", "cli.main", "model", "package", str(person)]
    with subprocess.Popen(
        [*command, "-o", str(tmp_path / "a.zip")],
        env=environ,
        cwd=ROOT,
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as asking:
        os.write(keyboard, b"\npink\nrgb\n\n255\nMIT\n")
        out, said = asking.communicate(timeout=60)
    os.close(keyboard)
    os.close(terminal)
    assert asking.returncode == 0, said
    found = read_files(opened(tmp_path / "a.zip"))
    assert (found.labels, found.licence, found.input.colour) == ((), "MIT", "RGB")
    assert (found.input.mean, found.input.scale) == ((0.0,) * 3, (255.0,) * 3)
    assert b"'pink'" in said
    assert f"{PERSON}@sha256-".encode() in out


def test_a_folder_with_a_manifest_is_packed_as_it_is(ask: Ask, tmp_path: Path) -> None:
    before = sorted(STREET.rglob("*"))
    done = ask("model", "package", STREET)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("street-1.zip: street@1, ssd, not signed, digest ")
    found = read_manifest(opened(tmp_path / "street-1.zip"))
    assert (found.labels, found.licence) == ("labels.txt", "Apache-2.0")
    assert "street.bin" in found.files
    assert sorted(STREET.rglob("*")) == before


def test_a_signature_is_of_one_packing_only(ask: Ask, tmp_path: Path) -> None:
    ask("model", "keygen", "key")
    (tmp_path / "c.toml").write_text('[models]\nsignature = "required"\n')
    signed = ask("model", "package", STREET, "--sign", "key", "-o", "a.zip", "-c", "c.toml")
    assert signed.returncode == 0, signed.stderr
    assert "signed by" in signed.stdout
    again = ask("model", "package", "a.zip", "--version", "2", "-o", "b.zip")
    assert again.returncode == 0, again.stderr
    assert "not signed" in again.stdout
    assert "manifest.sig" not in opened(tmp_path / "b.zip").names()


def test_what_no_family_can_read_makes_no_package(
    ask: Ask, shared_data: Path, tmp_path: Path
) -> None:
    source = shared_data / "models" / "head-pose-estimation-adas-0001"
    done = ask("model", "package", source, *TOLD, "--licence", "Apache-2.0")
    assert done.returncode == 1
    assert "makes no package: " in done.stderr
    assert "do not fit" in done.stderr
    assert list(tmp_path.glob("*.zip")) == []


def test_a_key_pair_is_the_owners_and_never_written_over(ask: Ask, tmp_path: Path) -> None:
    done = ask("model", "keygen", "key")
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    read_public_key(tmp_path / "key.pub")
    again = ask("model", "keygen", "key")
    assert (done.returncode, again.returncode) == (0, 1)
    assert again.stderr.splitlines() == ["retinue: key: File exists; no key was written"]
    secret = (tmp_path / "key").read_text()
    assert not any(line in done.stdout for line in secret.splitlines())


def test_a_sealed_package_is_read_with_its_key_only(ask: Ask, tmp_path: Path) -> None:
    ask("model", "keygen", "--seal", "secret")
    (tmp_path / "street").mkdir()
    write_package(tmp_path / "street", "7")
    ask("model", "package", "street", "-o", "street.zip")
    done = ask("model", "seal", "street.zip", "--key", "plant-7=file:secret", "-o", "street.x")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "street.x: street@7, sealed with key plant-7\n"
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    data = (tmp_path / "street.x").read_bytes()
    assert (inspect(data).name, inspect(data).version) == ("street", "7")
    assert b"street.xml" not in data
    locked = ask("model", "check", "street.x")
    assert (locked.returncode, "key plant-7" in locked.stderr) == (1, True)
    (tmp_path / "c.toml").write_text('[models]\nkeys = { plant-7 = "file:secret" }')
    checked = ask("model", "check", "street.x", "-c", "c.toml")
    assert checked.returncode == 0, checked.stderr
    assert "sealed     yes" in checked.stdout
    assert "does not start with" not in checked.stderr


def test_only_a_whole_package_is_sealed(ask: Ask, tmp_path: Path) -> None:
    ask("model", "keygen", "--seal", "secret")
    (tmp_path / "no.zip").write_bytes(b"PK\x03\x04 no zip")
    done = ask("model", "seal", "no.zip", "--key", "file:secret", "-o", "no.x")
    with zipfile.ZipFile(tmp_path / "unlisted.zip", "w") as packed:
        for name in ("manifest.toml", "street.xml", "street.bin", "labels.txt"):
            packed.write(STREET / name, name)
    unlisted = ask("model", "seal", "unlisted.zip", "--key", "file:secret", "-o", "no.x")
    assert "has no [files]" in unlisted.stderr
    absent = ask("model", "seal", "none.zip", "--key", "file:secret", "-o", "no.x")
    shown = ask("model", "seal", "no.zip", "--key", "0" * 64, "-o", "no.x")
    assert done.returncode == absent.returncode == shown.returncode == 1
    assert "none.zip: No such file" in absent.stderr
    assert "0000" not in shown.stderr
    assert not (tmp_path / "no.x").exists()


def test_a_refused_package_says_which_rule(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "street").mkdir()
    write_package(tmp_path / "street", "7")
    (tmp_path / "street" / "street.bin").write_bytes(b"other weights")
    done = ask("model", "check", "street")
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("retinue: street: refused: street.bin: its SHA-256 is ")
    assert "there is no such file" in ask("model", "check", "nothing").stderr
