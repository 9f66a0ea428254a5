"""What package authors may write, and what they are told when it is wrong."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from actors.package import PackageError
from actors.package.files import Folder, Memory
from actors.package.manifest import Golden, GoldenBox
from actors.package.package import InMemory, Package
from actors.package.reading import read_files, read_package

PERCEPT = {"DomainType": "SSD100", "ModelFileName": "m.xml", "LabelFileName": "labels.txt"}
GOLDEN = """[golden]
picture = "{picture}"
boxes = [{{ label = "{label}", x0 = 0, y0 = 0, x1 = 1, y1 = 1 }}]
"""
OURS = 'name = "a"\nmodel = "m.xml"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "m.xml").write_text("<net/>")
    (tmp_path / "m.bin").write_bytes(b"weights")
    (tmp_path / "labels.txt").write_text("unlabeled\r\nperson\n\ncar\n")
    return tmp_path


def in_memory(folder: Path) -> Memory:
    files = Folder(folder)
    return Memory({name: files.read(name) for name in files.names()}, "street.zip")


def test_percept_config_loads_unchanged(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps(PERCEPT | {"Extra": 1}))
    package = read_package(folder)
    assert (package.name, package.family, package.model) == ("m", "ssd", folder / "m.xml")
    assert [package.label(n) for n in (0, 1, 2, 3, 9, -1)] == [
        "unlabeled", "person", "2", "car", "9", "-1",
    ]  # fmt: skip


def test_our_manifest_says_everything(folder: Path) -> None:
    (folder / "picture.jpg").write_bytes(b"jpeg")
    (folder / "manifest.toml").write_text(
        'name = "street"\nversion = "3"\nfamily = "ssd"\nmodel = "m.xml"\n'
        'labels = ["car", "person"]\nthreshold = 0.4\nlicence = "Apache-2.0"\n'
        'anchors = [[10, 13.5], [16, 30]]\nminimum_openvino = "2026.0"\n'
        "thresholds = { car = 0.7, 12 = 0.2 }\n"
        '[input]\nlayout = "NHWC"\ncolour = "RGB"\nmean = [1, 2, 3]\nscale = [255, 255, 255]\n'
        f'[files]\n"m.xml" = "{"0a" * 32}"\n'
        '[golden]\npicture = "picture.jpg"\nmin_iou = 0.8\n'
        'boxes = [{ label = "car", x0 = 0, y0 = 0.1, x1 = 0.5, y1 = 1 }]\n'
    )
    package = read_package(folder)
    assert (package.name, package.version, package.threshold) == ("street", "3", 0.4)
    assert (package.licence, package.minimum_openvino) == ("Apache-2.0", "2026.0")
    assert package.labels == ("car", "person")
    assert package.thresholds == {"car": 0.7, "12": 0.2}
    assert package.anchors == ((10, 13.5), (16, 30))
    assert package.input.colour == "RGB"
    assert package.input.mean == (1.0, 2.0, 3.0)
    assert package.files == {"m.xml": "0a" * 32}
    assert package.golden == Golden("picture.jpg", (GoldenBox("car", 0, 0.1, 0.5, 1),), 0.8)


def test_the_package_that_comes_with_retinue_loads() -> None:
    package = read_package(Path(__file__).parents[3] / "models" / "street")
    assert (package.name, package.version, package.family) == ("street", "1", "ssd")
    assert package.labels == ("person", "bicycle", "car", "bus")


def test_a_bare_model_is_a_package_with_a_version_of_its_own(folder: Path) -> None:
    by_file, by_folder = read_package(folder / "m.xml"), read_package(folder)
    assert by_file == by_folder
    assert by_file.version == f"sha256-{sha256(b'weights').hexdigest()[:12]}"
    (folder / "m.bin").write_bytes(b"other weights")
    assert read_package(folder / "m.xml").version != by_file.version


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("FastestDet.onnx", "fastestdet"),
        ("Mein Modell (2).onnx", "mein-modell-2-"),
        ("_é_.onnx", "model"),
        (f"{'x' * 80}.onnx", "x" * 64),
    ],
)
def test_a_bare_model_has_a_name_that_a_manifest_could_have(
    tmp_path: Path, file: str, name: str
) -> None:
    (tmp_path / file).touch()
    assert read_package(tmp_path / file).name == name
    (tmp_path / "manifest.toml").write_text(f'name = "{name}"\nmodel = "{file}"\n')
    assert read_package(tmp_path).name == name


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("manifest.toml", OURS + 'labels = "labels.txt"\n'),
        ("config.json", json.dumps(PERCEPT)),
        ("unrelated.txt", ""),
    ],
)
def test_from_memory_a_package_is_what_it_is_from_a_disk(
    folder: Path, name: str, text: str
) -> None:
    (folder / name).write_text(text)
    lies, held = read_package(folder), read_files(in_memory(folder))
    assert held.models == (InMemory("street.zip/m.xml", b"<net/>", b"weights"),)
    assert described(held) == described(lies)


def described(package: Package) -> tuple[object, ...]:
    """All but where the model is."""
    values = {name: getattr(package, name) for name in package.__struct_fields__}
    return tuple(value for name, value in values.items() if name != "models")


def test_a_model_in_memory_shows_nothing_of_its_weights(folder: Path) -> None:
    package = read_files(in_memory(folder))
    for shown in (str(package.model), repr(package.model), repr(package)):
        assert "street.zip/m.xml" in shown
        assert "weights" not in shown


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({}, "missing required field `ModelFileName`"),
        (PERCEPT | {"DomainType": "hologram"}, "DomainType = 'hologram': not supported; there"),
        (PERCEPT | {"ModelFileName": "gone.xml"}, "gone.xml: named by config.json, but not there"),
        (PERCEPT | {"ModelFileName": "m.blob"}, "compiled for the Myriad X"),
        (PERCEPT | {"ModelFileName": "m.xml, n.xml"}, "ssd100 has one model file"),
        (PERCEPT | {"ModelFileName": "m.txt"}, "a model is one of"),
        (PERCEPT | {"ModelFileName": "../m.xml"}, "'../m.xml': a path has no empty part, no ."),
        (PERCEPT | {"ModelFileName": "/etc/m.xml"}, "a path is relative to the package"),
        (PERCEPT | {"ModelFileName": " "}, "a name is not empty"),
        (PERCEPT | {"LabelFileName": "gone.txt"}, "gone.txt: named by config.json, but not there"),
        (PERCEPT | {"LabelFileName": "a\\b"}, "without backslash"),
        (PERCEPT | {"ModelFileName": 3}, "Expected `str`, got `int`"),
        ([[]] * 3, "Expected `object`, got `array`"),
    ],
)
def test_a_bad_percept_package_is_refused(folder: Path, config: object, says: str) -> None:
    (folder / "config.json").write_text(json.dumps(config))
    refused(lambda: read_package(folder), says)


@pytest.mark.parametrize(
    ("manifest", "says"),
    [
        ('labels = "gone.txt"', "gone.txt: named by manifest.toml, but not there"),
        ('labels = "m.bin"', "can't decode byte 0xff"),
        (
            'labels = ["car", "person"]\nthresholds = { cat = 0.5 }',
            "thresholds: 'cat' is none of the labels; did you mean 'car'?",
        ),
        ("thresholds = { dog = 0.5 }", "thresholds: 'dog' is none of the labels"),
        (
            'labels = ["car"]\n' + GOLDEN.format(picture="labels.txt", label="cart"),
            "golden.boxes: 'cart' is none of the labels; did you mean 'car'?",
        ),
        (
            GOLDEN.format(picture="gone.jpg", label="1"),
            "gone.jpg: named by manifest.toml, but not there",
        ),
    ],
)
def test_a_manifest_that_its_files_contradict_is_refused(
    folder: Path, manifest: str, says: str
) -> None:
    (folder / "m.bin").write_bytes(b"\xff")
    (folder / "manifest.toml").write_text(OURS + manifest)
    refused(lambda: read_package(folder), says)
    refused(lambda: read_files(in_memory(folder)), says)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"car\n\x1b[31mred", "line 2 = '\\x1b[31mred': has control characters"),
        ("car\u202e".encode(), "line 1"),
        (b"car\0", "line 1"),
        (b"x" * (4 << 20) + b"x", "longer than 4194304 bytes"),
    ],
)
def test_labels_that_a_terminal_would_obey_are_refused(
    folder: Path, text: bytes, says: str
) -> None:
    (folder / "manifest.toml").write_text(OURS + 'labels = "labels.txt"')
    (folder / "labels.txt").write_bytes(text)
    refused(lambda: read_package(folder), says)


def test_a_label_file_may_begin_with_a_mark_and_have_tabs(folder: Path) -> None:
    (folder / "manifest.toml").write_text(OURS + 'labels = "labels.txt"')
    (folder / "labels.txt").write_bytes("\ufeffvoiture\t1\r\nvélo".encode())
    assert read_package(folder).labels == ("voiture\t1", "vélo")


def test_what_is_no_package_is_refused(tmp_path: Path) -> None:
    refused(lambda: read_package(tmp_path / "nowhere"), "there is no such file or directory")
    refused(lambda: read_package(tmp_path), "there must be one model file; found none")
    (tmp_path / "model.blob").touch()
    refused(lambda: read_package(tmp_path), "Myriad X")
    refused(lambda: read_package(tmp_path / "model.blob"), "Myriad X")
    (tmp_path / "a.onnx").touch()
    (tmp_path / "b.onnx").touch()
    refused(lambda: read_package(tmp_path), "found a.onnx, b.onnx")
    (tmp_path / "lone.xml").touch()
    refused(lambda: read_package(tmp_path / "lone.xml"), "lone.bin: weights of lone.xml, but not")
    refused(lambda: read_files(Memory({}, "x.zip")), "x.zip: without manifest.toml or config.json")


def test_what_may_not_be_read_is_a_reason_and_no_crash(tmp_path: Path) -> None:
    """As root reads everything: a path that is too long fails the same way."""
    refused(lambda: read_package(tmp_path / ("x" * 300)), "File name too long")


def test_a_package_of_several_models_is_read_whole_and_refused_as_one(folder: Path) -> None:
    (folder / "n.onnx").touch()
    (folder / "config.json").write_text(
        json.dumps({"DomainType": "OCR", "ModelFileName": "n.onnx, ./m.xml"})
    )
    package = read_package(folder)
    assert package.models == (folder / "n.onnx", folder / "m.xml")
    both = "\n".join(sha256(weights).hexdigest() for weights in (b"", b"weights"))
    assert package.version == f"sha256-{sha256(both.encode()).hexdigest()[:12]}"
    refused(lambda: str(package.model), "n: has 2 models, one is needed")


@pytest.mark.parametrize(
    ("openvino", "too_new"),
    [
        ("2026.4.1-22982-e213a147257-releases/2026/4", False),
        ("2026.1.0", False),
        ("2026.1", False),
        ("2026.0.9", True),
        ("2025.4.1", True),
        ("custom", True),
    ],
)
def test_a_package_says_which_openvino_it_needs(folder: Path, openvino: str, too_new: bool) -> None:
    (folder / "manifest.toml").write_text(OURS + 'minimum_openvino = "2026.1"')
    assert read_package(folder).too_new_for(openvino) is too_new
    assert not read_package(folder / "m.xml").too_new_for(openvino)


def refused(read: Callable[[], object], says: str) -> None:
    with pytest.raises(PackageError) as caught:
        read()
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
