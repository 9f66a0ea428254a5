"""What package authors may write, and what they are told when it is wrong."""

import json
from pathlib import Path

import pytest

from actors.package.reading import PackageError, fingerprint, read_package

PERCEPT = {"DomainType": "SSD100", "ModelFileName": "m.xml", "LabelFileName": "labels.txt"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "m.xml").write_text("<net/>")
    (tmp_path / "m.bin").write_bytes(b"weights")
    (tmp_path / "labels.txt").write_text("unlabeled\r\nperson\n\ncar\n")
    return tmp_path


def test_percept_config_loads_unchanged(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps(PERCEPT | {"Extra": 1}))
    package = read_package(folder)
    assert (package.name, package.family, package.model) == ("m", "ssd", folder / "m.xml")
    assert [package.label(n) for n in (0, 1, 2, 3, 9, -1)] == [
        "unlabeled", "person", "2", "car", "9", "-1",
    ]  # fmt: skip


def test_our_manifest_says_everything(folder: Path) -> None:
    (folder / "manifest.toml").write_text(
        'name = "street"\nversion = "3"\nfamily = "ssd"\nmodel = "m.xml"\n'
        'labels = ["car", "person"]\nthreshold = 0.4\nlicence = "Apache-2.0"\n'
        '[input]\nlayout = "NHWC"\ncolour = "RGB"\nmean = [1, 2, 3]\nscale = [255, 255, 255]\n'
    )
    package = read_package(folder)
    assert (package.name, package.version, package.threshold) == ("street", "3", 0.4)
    assert package.labels == ("car", "person")
    assert package.input.colour == "RGB"
    assert package.input.mean == (1.0, 2.0, 3.0)


def test_a_bare_model_is_a_package_with_a_version_of_its_own(folder: Path) -> None:
    by_file, by_folder = read_package(folder / "m.xml"), read_package(folder)
    assert by_file == by_folder
    assert by_file.version.startswith("sha256-")
    (folder / "m.bin").write_bytes(b"other weights")
    assert fingerprint(folder / "m.xml") != by_file.version


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({}, "missing required field `ModelFileName`"),
        (PERCEPT | {"DomainType": "hologram"}, "DomainType = 'hologram': not supported; there"),
        (PERCEPT | {"ModelFileName": "gone.xml"}, "gone.xml: named by config.json, but not there"),
        (PERCEPT | {"ModelFileName": "m.blob"}, "compiled for the Myriad X"),
        (PERCEPT | {"ModelFileName": "m.xml, n.xml"}, "ssd100 has one model file"),
        (PERCEPT | {"ModelFileName": "m.txt"}, "a model is one of"),
        (PERCEPT | {"LabelFileName": "gone.txt"}, "gone.txt"),
        (PERCEPT | {"ModelFileName": 3}, "Expected `str`, got `int`"),
    ],
)
def test_a_bad_percept_package_is_refused(folder: Path, config: object, says: str) -> None:
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(PackageError) as caught:
        read_package(folder)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("manifest", "says"),
    [
        ("name = ", "Invalid value"),
        ('name = "a"', "missing required field `model`"),
        ('name = "a"\nmodel = "m.xml"\ncolour = "BGR"', "unknown field `colour`"),
        ('name = "a"\nmodel = "m.xml"\nthreshold = 2', "<= 1"),
        ('name = "a"\nmodel = "m.xml"\n[input]\nresize = "crop"', "Invalid enum value 'crop'"),
    ],
)
def test_a_bad_manifest_is_refused(folder: Path, manifest: str, says: str) -> None:
    (folder / "manifest.toml").write_text(manifest)
    with pytest.raises(PackageError, match=r"manifest\.toml") as caught:
        read_package(folder)
    assert says in str(caught.value)


def test_what_is_no_package_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match="no such file"):
        read_package(tmp_path / "nowhere")
    with pytest.raises(PackageError, match="there must be one model file; found none"):
        read_package(tmp_path)
    (tmp_path / "model.blob").touch()
    with pytest.raises(PackageError, match="Myriad X"):
        read_package(tmp_path)
    (tmp_path / "a.onnx").touch()
    (tmp_path / "b.onnx").touch()
    with pytest.raises(PackageError, match=r"found a\.onnx, b\.onnx"):
        read_package(tmp_path)
    (tmp_path / "lone.xml").touch()
    with pytest.raises(PackageError, match=r"lone\.bin"):
        read_package(tmp_path / "lone.xml")


def test_what_may_not_be_read_is_a_reason_and_no_crash(tmp_path: Path) -> None:
    """As root reads everything: a path that is too long fails the same way."""
    with pytest.raises(PackageError, match="File name too long"):
        read_package(tmp_path / ("x" * 300))
