"""Packages fetched, tried and stored from the command line, by the real admission process."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.package.files import Folder
from actors.package.writing import pack
from actors.store.store import Store
from tests.actors.models.web import Talk, Web, head, ranged, whole
from tests.cli.conftest import ROOT
from tests.cli.model.conftest import Ask
from tests.cli.model.stock import SLOT, write_package


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web(None)
    yield server
    server.close()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "made"
    folder.mkdir()
    write_package(folder, "5")
    pack(folder, tmp_path / "street.zip")
    return tmp_path / "street.zip"


def test_a_package_from_a_file(ask: Ask, archive: Path, state: Path) -> None:
    done = ask("model", "pull", archive)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("stored: street 5 (")
    assert "retinue model activate street@5" in done.stdout
    [version] = Store(state).versions().versions
    assert version.record
    assert version.record.admission
    assert version.record.admission.latency_ms_p50 > 0
    assert Folder(version.package).has("street.bin")
    assert "admitting: inferring" in done.stderr
    assert len(done.stderr.splitlines()) < 20


def test_from_the_web_and_straight_into_the_slot(
    ask: Ask, archive: Path, state: Path, web: Web
) -> None:
    url = web.play("/street.zip", whole(archive.read_bytes()))
    done = ask("model", "pull", f"{url}?sig=secret", "--activate")
    assert done.returncode == 0, done.stderr
    assert "is active from the next start on" in done.stdout
    slot = Store(state).slot(SLOT).slot
    assert slot.active == Store(state).versions().versions[0].digest
    said = done.stdout + done.stderr + ask("model", "list", "--json").stdout
    assert "secret" not in said


def test_ctrl_c_keeps_what_has_come(
    ask: Ask, archive: Path, web: Web, environ: dict[str, str]
) -> None:
    body = archive.read_bytes()

    def half(talk: Talk) -> None:
        talk.send(head("200 OK", content_length=str(len(body)), etag='"v1"'), body[:300_000])
        talk.hold()

    url = web.play("/street.zip", half, ranged(body))
    command = [sys.executable, "-m", "cli.main", "model", "pull", url]
    with subprocess.Popen(
        command, env=environ, cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as pulling:
        assert pulling.stderr
        heard = next(line for line in pulling.stderr if "downloading" in line and "0.3/" in line)
        pulling.send_signal(signal.SIGINT)
        _, said = pulling.communicate(timeout=30)
    assert heard
    assert pulling.returncode == 130
    assert "the same command goes on with it" in said
    assert "Traceback" not in said
    again = ask("model", "pull", url)
    assert again.returncode == 0, again.stderr
    assert "range" in web.requests[1].headers


def test_what_is_neither_here_nor_in_the_catalogue(ask: Ask) -> None:
    done = ask("model", "pull", "person-detection-retail-13")
    assert done.returncode == 1
    assert "no such file or folder in " in done.stderr
    assert "did you mean person-detection-retail-0013" in done.stderr
    assert ask("model", "pull", "ftp://host/a.zip").returncode == 64


def test_a_refused_package_is_not_stored(
    ask: Ask, archive: Path, state: Path, tmp_path: Path
) -> None:
    (tmp_path / "c.toml").write_text('[models]\nsignature = "required"\n')
    done = ask("model", "pull", archive, "-c", "c.toml")
    assert done.returncode == 1
    assert "is not signed" in done.stderr.splitlines()[-1]
    assert json.loads(ask("model", "list", "--json").stdout) == []
    assert Store(state).versions().versions == ()
