"""Which files make up a model, and how it is handed on."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from actors.package import PackageError
from actors.package.files import Files, Folder, Memory
from actors.package.model_files import fingerprint, handed_on, parts_of
from actors.package.package import InMemory
from tests.actors.package.protobuf import with_weights_in

ONNX = with_weights_in("./w.bin", "parts/v.bin")
CONTENTS = {
    "a.xml": b"<net/>",
    "a.bin": b"weights of a",
    "p.pdmodel": b"graph",
    "p.pdiparams": b"weights of p",
    "plain.onnx": b"",
    "nets/outside.onnx": ONNX,
    "nets/w.bin": b"w",
    "nets/parts/v.bin": b"v",
    "frozen.pb": b"frozen",
    "lite.tflite": b"lite",
    "saved/saved_model.pb": b"graph",
    "saved/variables/one.index": b"1",
    "model.blob": b"blob",
    "alone.xml": b"<net/>",
    "alone.pdmodel": b"",
    "up.onnx": with_weights_in("../a.bin"),
    "root.onnx": with_weights_in("/etc/passwd"),
    "lost.onnx": with_weights_in("gone.bin"),
    "torn.onnx": ONNX[:-1],
    "labels.txt": b"",
}
PARTS = {
    "a.xml": ("a.xml", "a.bin"),
    "p.pdmodel": ("p.pdmodel", "p.pdiparams"),
    "plain.onnx": ("plain.onnx",),
    "nets/outside.onnx": ("nets/outside.onnx", "nets/parts/v.bin", "nets/w.bin"),
    "frozen.pb": ("frozen.pb",),
    "lite.tflite": ("lite.tflite",),
    "saved": ("saved/saved_model.pb", "saved/variables/one.index"),
    "saved/saved_model.pb": ("saved/saved_model.pb", "saved/variables/one.index"),
}


def on_disk(tmp_path: Path) -> Files:
    for name, content in CONTENTS.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    return Folder(tmp_path)


def in_memory(_: Path) -> Files:
    return Memory(CONTENTS, "x.zip")


@pytest.fixture(params=[on_disk, in_memory])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    make: Callable[[Path], Files] = request.param
    return make(tmp_path)


def refused(ask: Callable[[], object], says: str) -> None:
    with pytest.raises(PackageError) as caught:
        ask()
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", PARTS)
def test_a_model_is_all_its_files(files: Files, name: str) -> None:
    assert parts_of(files, name, "manifest.toml") == PARTS[name]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("model.blob", "model.blob: a .blob is compiled for the Myriad X"),
        ("gone.blob", "gone.blob: a .blob is compiled for the Myriad X"),
        ("gone.xml", "gone.xml: named by config.json, but not there"),
        ("labels.txt", "labels.txt: a model is one of .onnx, .pb, .pdmodel, .tflite, .xml"),
        ("nets", "nets: a model is one of"),
        ("gone", "gone: a model is one of"),
        ("alone.xml", "alone.bin: weights of alone.xml, but not there"),
        ("alone.pdmodel", "alone.pdiparams: weights of alone.pdmodel, but not there"),
        ("lost.onnx", "gone.bin: weights of lost.onnx, but not there"),
        ("up.onnx", "up.onnx: has weights in '../a.bin': a path has no empty part, no . and no .."),
        ("root.onnx", "root.onnx: has weights in '/etc/passwd': a path is relative to the package"),
        ("torn.onnx", "torn.onnx: is no ONNX model: a field is longer than what holds it"),
        ("../a.xml", "'../a.xml': a path has no empty part"),
    ],
)
def test_what_is_no_whole_model_is_refused(files: Files, name: str, says: str) -> None:
    refused(lambda: parts_of(files, name, "config.json"), says)


def test_on_a_disk_a_model_is_its_path(tmp_path: Path) -> None:
    files = on_disk(tmp_path)
    for name, parts in PARTS.items():
        place = tmp_path / name.removesuffix("/saved_model.pb")
        assert handed_on(files, parts) == place


def test_in_memory_a_model_is_its_bytes(tmp_path: Path) -> None:
    files = in_memory(tmp_path)
    assert handed_on(files, PARTS["a.xml"]) == InMemory("x.zip/a.xml", b"<net/>", b"weights of a")
    paddle = InMemory("x.zip/p.pdmodel", b"graph", b"weights of p")
    assert handed_on(files, PARTS["p.pdmodel"]) == paddle
    assert handed_on(files, PARTS["plain.onnx"]) == InMemory("x.zip/plain.onnx", b"", b"")


@pytest.mark.parametrize("name", ["nets/outside.onnx", "frozen.pb", "lite.tflite", "saved"])
def test_what_openvino_reads_from_a_disk_alone_is_refused_in_memory(
    tmp_path: Path, name: str
) -> None:
    says = f"x.zip/{PARTS[name][0]}: OpenVINO reads this only from a disk, and the package is in"
    refused(lambda: handed_on(in_memory(tmp_path), PARTS[name]), says)


def test_a_version_is_made_of_the_weights(files: Files) -> None:
    def short(*contents: bytes) -> str:
        digests = [sha256(content).hexdigest() for content in contents]
        whole = digests[0] if len(digests) == 1 else sha256("\n".join(digests).encode()).hexdigest()
        return f"sha256-{whole[:12]}"

    assert fingerprint(files, PARTS["a.xml"]) == short(b"weights of a")
    assert fingerprint(files, PARTS["frozen.pb"]) == short(b"frozen")
    assert fingerprint(files, PARTS["nets/outside.onnx"]) == short(ONNX, b"v", b"w")
    assert fingerprint(files, PARTS["saved"]) == short(b"graph", b"1")
    both = fingerprint(files, PARTS["frozen.pb"], PARTS["a.xml"])
    assert both == short(b"frozen", b"weights of a")
    assert both != fingerprint(files, PARTS["a.xml"], PARTS["frozen.pb"])
