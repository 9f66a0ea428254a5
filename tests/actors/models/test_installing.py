"""Packages from each kind of source into a real store, by the real admission process."""

import os
import shutil
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from actors.clock import moment
from actors.models.downloads import place_of
from actors.models.getting import _file_name
from actors.models.progress import Refused
from actors.models.remote import Stopped, Unreachable
from actors.package.files import Folder
from actors.package.integrity import digest
from actors.package.opening import SEALED, opened
from actors.package.sealed.key import Key
from actors.package.sealed.percept import seal_percept
from actors.store.record import Record
from actors.store.source import Listed, Protected
from tests.actors.models.scz.rig import KEY_TEXT, serving
from tests.actors.models.site import Site, street, street_zip
from tests.actors.models.web import (
    Authority,
    Certificate,
    Web,
    answer,
    broken,
    missing,
    ranged,
    whole,
)

TOKEN = "sig=s3cr3t"  # noqa: S105 searched for
KEY = Key(bytes(range(32)))


@pytest.fixture
def site(tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    site = Site(tmp_path / "state", authority.path)
    yield site
    site.check_discretion()


def set_models(site: Site, **rules: object) -> None:
    models = msgspec.structs.replace(site.config.models, **rules)
    site.config = msgspec.structs.replace(site.config, models=models)


def test_a_zip_from_the_web_is_tried_and_stored_with_what_was_compiled(
    site: Site, web: Web
) -> None:
    url = f"{web.play('/street.zip', whole(street_zip()))}?{TOKEN}"
    record = site.install(url)
    assert site.phases == ["fetching", "admitting", "storing"]
    assert (record.name, record.version, record.family) == ("street", "1", "ssd")
    assert record.source == url.replace(TOKEN, "***")
    assert record.admission
    assert record.admission.device == "CPU"
    version = site.store.version(record.digest)
    assert version.record == record
    assert digest(Folder(version.package)) == record.digest
    assert site.outcome
    assert (site.outcome.reason, site.outcome.digest) == ("", record.digest)
    assert [path.suffix for path in site.compiled] == [".blob", ".sha256"]
    assert list(site.store.layout.staging.iterdir()) == []
    assert site.downloads == []

    site.compiled[0].write_bytes(b"in use")
    again = site.install(url)
    assert (again.digest, again.added_utc_ns) == (record.digest, record.added_utc_ns)
    assert site.compiled[0].read_bytes() == b"in use"


def test_a_folder_is_installed_for_any_device_without_an_outcome(
    site: Site, tmp_path: Path
) -> None:
    package = street(tmp_path / "street")
    record = site.install(str(package), entry=None)
    assert record.digest == digest(Folder(package))
    assert site.outcome is None


def test_what_admission_refuses_leaves_its_reason_and_nothing_else(site: Site, web: Web) -> None:
    url = f"{web.play('/street.zip', whole(street_zip()[:5000]))}?{TOKEN}"
    sentence = site.fails(Refused, url)
    assert sentence.startswith(url.replace(TOKEN, "***"))
    assert site.outcome
    assert site.outcome.reason == sentence
    assert site.store.versions().versions == ()
    assert site.downloads == []


def test_what_the_server_does_not_have_is_refused_for_good(site: Site, web: Web) -> None:
    sentence = site.fails(Refused, f"{web.play('/street.zip', missing)}?{TOKEN}")
    assert "404 Not Found" in sentence
    assert "admitting" not in site.phases


def test_a_download_that_broke_off_is_gone_on_with_later(site: Site, web: Web) -> None:
    data = street_zip()
    half = len(data) // 2
    busy = answer("503 Service Unavailable", content_length="0")
    url = f"{web.play('/street.zip', broken(data, half), busy, busy, ranged(data))}?{TOKEN}"
    sentence = site.fails(Unreachable, url)
    assert site.outcome
    assert site.outcome.reason == sentence
    assert "street.zip.part" in {path.name for path in site.downloads}
    site.check_discretion()
    site.install(f"{url}4later")
    assert [request.headers.get("range") for request in web.requests][-1] == f"bytes={half}-"
    assert site.downloads == []


def test_a_network_of_the_catalogue_becomes_a_package_of_what_has_come(
    site: Site, shared_data: Path
) -> None:
    source = Listed("person-vehicle-bike-detection-2000", "FP16-INT8")
    waiting = place_of(site.store.layout.root / "downloads", source.shown) / "package"
    waiting.mkdir(parents=True)
    for suffix in (".xml", ".bin"):
        shutil.copy(shared_data / "models" / source.name / f"{source.name}{suffix}", waiting)
    record = site.install(source)
    assert (record.name, record.family, record.source) == (source.name, "ssd", source.shown)
    assert record.version.endswith("FP16-INT8")
    assert site.downloads == []


def test_a_network_of_the_catalogue_waits_for_the_network(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as closed:  # bound, and listening to nobody
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{closed.getsockname()[1]}")
        site.fails(Unreachable, "catalogue:person-vehicle-bike-detection-2000")
    assert site.outcome
    assert site.outcome.source == "catalogue:person-vehicle-bike-detection-2000"


def test_what_cannot_be_put_on_record_is_installed_all_the_same(site: Site, tmp_path: Path) -> None:
    with site.store.stage():
        (site.store.layout.root / "outcomes").write_bytes(b"in the way")
    assert site.install(str(street(tmp_path / "street"))).admission
    with pytest.raises(Refused, match="no such file"):
        site.install("/no/such/file")


def test_a_quarantined_version_is_refused_before_it_is_tried(site: Site, tmp_path: Path) -> None:
    package = street(tmp_path / "street")
    site.store.quarantine(digest(Folder(package)), "hung twice", moment())
    assert "quarantined (hung twice)" in site.fails(Refused, str(package))
    assert site.phases == ["fetching"]


def test_a_quarantined_zip_is_refused_before_it_is_stored(site: Site, tmp_path: Path) -> None:
    known = digest(Folder(street(tmp_path / "street")))
    site.store.quarantine(known, "hung twice", moment())
    archive = tmp_path / "street.zip"
    archive.write_bytes(street_zip())
    assert "quarantined (hung twice)" in site.fails(Refused, str(archive))
    assert site.store.versions().versions == ()


@pytest.mark.parametrize("source", ["catalogue:person-vehicle-bike-detection-2000", "file:{zip}"])
def test_what_cannot_fit_is_refused_before_it_is_fetched(
    site: Site, tmp_path: Path, source: str
) -> None:
    archive = tmp_path / "street.zip"
    archive.write_bytes(street_zip() + bytes(1 << 20))
    set_models(site, download_mb=1)
    sentence = site.fails(Refused, source.format(zip=archive))
    assert "models.download_mb and models.quota_mb allow 1,048,576" in sentence
    assert [progress.doing for progress in site.told] == ["starting"]


def test_what_the_disk_has_no_room_for_is_refused_before_it_is_copied(
    site: Site, tmp_path: Path
) -> None:
    archive = tmp_path / "street.zip"
    archive.touch()
    os.truncate(archive, shutil.disk_usage(tmp_path).free + (1 << 32))  # takes no room itself
    set_models(site, download_mb=1 << 40, quota_mb=1 << 40)
    assert "make room" in site.fails(Refused, str(archive))
    assert [progress.doing for progress in site.told] == ["starting"]


def test_a_file_that_is_not_the_expected_one_is_refused(site: Site, web: Web) -> None:
    url = web.play("/street.zip", whole(street_zip()))
    assert "sha256 is" in site.fails(Refused, f"{url}#sha256={'0' * 64}")


@pytest.mark.parametrize(
    ("path", "name"),
    [("/a/street.onnx", "street.onnx"), ("/a%20b.zip", "a b.zip"), ("/a/", "a"), ("/", "package"),
     ("", "package"), ("/%2e%2e", "package"), ("/a%2Fb", "package"), ("/a%00", "package")],
)  # fmt: skip
def test_a_file_is_called_as_in_its_address(path: str, name: str) -> None:
    assert _file_name(f"https://host{path}?x=/y") == name


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ("/no/such/file", "there is no such file or folder"),
        ("/dev/zero", "there is no such file or folder"),
        ("catalogue:person-vehicle", "did you mean"),
    ],
)
def test_what_is_not_there_is_refused(site: Site, source: str, rule: str) -> None:
    assert rule in site.fails(Refused, source)


def test_it_stops_at_once_and_says_nothing_of_an_end(site: Site, tmp_path: Path) -> None:
    package = street(tmp_path / "street")
    site.watching = lambda told: site.stop.set() if told.phase == "admitting" else None
    with pytest.raises(Stopped):
        site.install(str(package))
    assert site.outcome is None
    assert list(site.store.layout.staging.iterdir()) == []


def test_over_its_quota_the_store_lets_go_of_what_is_old(site: Site, tmp_path: Path) -> None:
    set_models(site, quota_mb=1)
    with site.store.stage() as folder:
        package = folder / "package"
        package.mkdir()
        (package / "old.bin").write_bytes(bytes(300_000))
        old = Record(digest(Folder(package)), "old", "1", "ssd", added_utc_ns=1)
        site.store.add(package, old, lambda path: digest(Folder(path)))
    new = site.install(str(street(tmp_path / "street")))
    assert [version.digest for version in site.store.versions().versions] == [new.digest]


def test_a_protected_model_lies_sealed_with_a_key_of_the_device(
    site: Site, certificate: Certificate, tmp_path: Path
) -> None:
    key_file = tmp_path / "key"
    key_file.touch(0o600)
    key_file.write_text(KEY.reveal().hex())
    set_models(site, keys={"plant-7": f"file:{key_file}"})
    with serving(certificate) as service:
        site.azure = service.azure
        for iv in (bytes(16), bytes(range(16))):
            sealed = seal_percept(street_zip(), Key(KEY_TEXT), iv)
            service.models["people/1.0"] = sealed
            record = site.install(Protected(service.url, "people", "1.0"))
    assert record.sealed
    assert record.source == f"people 1.0 of {service.url}"
    (version,) = site.store.versions().versions
    (stored,) = version.package.iterdir()
    assert (stored.name, stat.S_IMODE(stored.stat().st_mode)) == (SEALED, 0o400)
    assert opened(version.package, [f"plant-7=file:{key_file}"]).has("street.bin")
    assert site.compiled == []
    weights = (street(tmp_path / "street") / "street.bin").read_bytes()[1000:1100]
    files = [path for path in site.config.state.rglob("*") if path.is_file()]
    assert [path for path in files if weights in path.read_bytes()] == []


def test_without_a_key_of_the_device_no_server_is_asked(
    site: Site, certificate: Certificate
) -> None:
    with serving(certificate) as service:
        site.azure = service.azure
        sentence = site.fails(Refused, Protected(service.url, "people", "1.0"))
    assert "name it in [models] keys" in sentence
    assert service.asked == []
