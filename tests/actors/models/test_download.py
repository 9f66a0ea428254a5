"""From the catalogue to a package, by way of a server that has the real files."""

import hashlib
import stat
from pathlib import Path

import msgspec
import pytest

from actors.models.catalogue import Entry, File, Variant, available, find
from actors.models.download import download, manifest_of
from actors.models.remote import FetchError, Progress, Stopped
from actors.package.files import Folder
from actors.package.integrity import verify
from actors.package.reading import read_manifest, read_package
from actors.package.writing import manifest_text
from tests.actors.models.conftest import Client
from tests.actors.models.web import Talk, Web, broken, ranged, whole

XML, BIN = b"<net/>" * 999, hashlib.shake_256(b"weights").digest(100_000)


def moved(entry: Entry, web: Web, contents: list[bytes]) -> Entry:
    """The entry with its default files at a server of the test's, of these contents."""
    variant = entry.precisions[entry.default]
    files = tuple(
        File(file.name, web.url(f"/{file.name}"), len(body), hashlib.sha384(body).hexdigest())
        for file, body in zip(variant.files, contents, strict=True)
    )
    for file, body in zip(files, contents, strict=True):
        web.play(f"/{file.name}", ranged(body))
    precisions = {entry.default: Variant(variant.version, files)}
    return msgspec.structs.replace(entry, precisions=precisions)


@pytest.fixture
def entry(web: Web) -> Entry:
    return moved(find("person-detection-retail-0013"), web, [XML, BIN])


def had(entry: Entry, into: Path, client: Client, precision: str = "") -> Path:
    client.told.clear()
    return download(
        entry,
        into,
        precision=precision,
        terms=client.terms,
        stop=client.stop,
        tell=client._tell,
        clock_ns=client.clock_ns,
    )


def test_what_comes_is_a_package(entry: Entry, client: Client, tmp_path: Path) -> None:
    folder = had(entry, tmp_path / "new" / "package", client)
    package = read_package(folder)
    assert (package.name, package.version) == ("person-detection-retail-0013", "2023.0-FP16")
    assert (package.family, package.licence) == ("ssd", "Apache-2.0")
    assert package.labels == ("background", "person")
    assert (package.input.layout, package.input.colour) == ("NCHW", "BGR")
    verify(Folder(folder), read_manifest(Folder(folder)))
    assert (folder / "person-detection-retail-0013.bin").read_bytes() == BIN
    assert len(list(folder.iterdir())) == 3
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_progress_is_of_all_files_together(entry: Entry, client: Client, tmp_path: Path) -> None:
    had(entry, tmp_path / "package", client)
    total = len(XML) + len(BIN)
    assert {progress.total_bytes for progress in client.told} == {total}
    done = [progress.done_bytes for progress in client.told]
    assert done == sorted(done)
    assert done[-1] == total


def test_real_files_make_the_real_package(
    web: Web, client: Client, shared_data: Path, tmp_path: Path
) -> None:
    real = find("person-vehicle-bike-detection-2000")
    folder = shared_data / "models" / real.name
    files = real.precisions[real.default].files
    here = moved(real, web, [(folder / file.name).read_bytes() for file in files])
    digests = [file.sha384 for file in here.precisions[real.default].files]
    assert digests == [file.sha384 for file in files]
    package = read_package(had(here, tmp_path / "package", client))
    assert package.labels == ("vehicle", "person", "bike")
    assert package.version == "2022.3-FP16-INT8"


def test_a_file_that_is_not_the_catalogues_is_refused(
    entry: Entry, web: Web, client: Client, tmp_path: Path
) -> None:
    web.play("/person-detection-retail-0013.bin", whole(BIN[:-1] + b"x"))
    with pytest.raises(FetchError, match=r"sha384 is [0-9a-f]{96}, and [0-9a-f]{96} was expected"):
        had(entry, tmp_path / "package", client)
    assert not (tmp_path / "package" / "manifest.toml").exists()


def test_a_stopped_download_goes_on(entry: Entry, web: Web, client: Client, tmp_path: Path) -> None:
    def stalls(talk: Talk) -> None:
        broken(BIN, 50_000)(talk)
        talk.hold()

    def stop_in_the_second(progress: Progress) -> None:
        if progress.done_bytes == len(XML) + 50_000:
            client.stop.set()

    web.play("/person-detection-retail-0013.bin", stalls, ranged(BIN))
    client.watching = stop_in_the_second
    with pytest.raises(Stopped):
        had(entry, tmp_path / "package", client)
    client.watching = lambda _: None
    client.stop.clear()
    had(entry, tmp_path / "package", client)
    targets = [request.target for request in web.requests]
    assert [target.rpartition(".")[2] for target in targets] == ["xml", "bin", "bin"]
    assert web.requests[2].headers["range"] == "bytes=50000-"


def test_files_that_are_there_and_right_are_not_asked_for(
    entry: Entry, web: Web, client: Client, tmp_path: Path
) -> None:
    folder = had(entry, tmp_path / "package", client)
    had(entry, folder, client)
    assert len(web.requests) == 2
    (folder / "person-detection-retail-0013.bin").write_bytes(BIN[:-1] + b"x")
    had(entry, folder, client)
    assert len(web.requests) == 3
    read_package(folder)


def test_a_folder_with_other_things_in_it_is_left_alone(
    entry: Entry, web: Web, client: Client, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(FetchError, match=r"notes\.txt: does not belong here"):
        had(entry, tmp_path, client)
    assert web.requests == []


def test_a_folder_that_cannot_be_made(entry: Entry, client: Client, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FetchError, match="file/package: Not a directory"):
        had(entry, tmp_path / "file" / "package", client)


def test_what_is_not_offered_is_not_asked_for(
    entry: Entry, web: Web, client: Client, tmp_path: Path
) -> None:
    with pytest.raises(FetchError, match="no precision 'FP8'"):
        had(entry, tmp_path / "package", client, "FP8")
    assert not (tmp_path / "package").exists()
    assert web.requests == []


@pytest.mark.parametrize("entry", available(), ids=lambda entry: str(entry.name))
def test_every_network_that_is_offered_has_a_manifest(entry: Entry) -> None:
    for precision, variant in entry.precisions.items():
        if entry.needs or precision in entry.unsound:
            continue
        text = manifest_text(manifest_of(entry, variant))
        assert f'version = "{variant.version}"' in text
