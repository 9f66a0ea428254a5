"""Azure Percept's packages as their authors wrote them."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from actors.package import PackageError
from actors.package.files import Files, Folder, Memory
from actors.package.manifest import Input
from actors.package.percept import CVEXPORT_INPUT, Percept, read_config, read_cvexport
from actors.package.reading import read_files

DOMAINS = {  # all that Percept's own reader takes, but objectdetection
    "ssd100": "ssd",
    "ssd200": "ssd",
    "default": "ssd",
    "faster-rcnn-resnet50": "ssd",
    "onnxssd": "onnxssd",
    "yolo": "yolov2",
    "s1": "s1",
    "classification": "classification",
    "unet": "unet",
    "openpose": "openpose",
}
GRAPH = b"<net name='x'/>"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
)


def config(**keys: object) -> bytes:
    return json.dumps({"ModelFileName": "m.xml", "DomainType": "ssd100"} | keys).encode()


def cvexport(**keys: object) -> bytes:
    return json.dumps({"DomainType": "ObjectDetection", "LabelFileName": "l.txt"} | keys).encode()


def refused(read: Callable[[], object], says: str) -> None:
    with pytest.raises(PackageError) as caught:
        read()
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


# ---- config.json


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("spelled", [str.lower, str.upper, str.title])
def test_each_domain_has_a_family(domain: str, spelled: Callable[[str], str]) -> None:
    said = read_config(config(DomainType=spelled(domain)), "config.json")
    assert said == Percept(("m.xml",), DOMAINS[domain], "", Input())


def test_ocr_has_two_models_in_their_order() -> None:
    said = read_config(config(DomainType="ocr", ModelFileName="b.xml,a.xml"), "config.json")
    assert (said.models, said.family) == (("b.xml", "a.xml"), "ocr")
    for names in ("b.xml", "a.xml,b.xml,c.xml", ",,"):
        wrong = config(DomainType="OCR", ModelFileName=names)
        refused(lambda wrong=wrong: read_config(wrong, "c"), "ocr has 2 model files")  # type: ignore[misc]


def test_all_others_have_one_model() -> None:
    two = config(ModelFileName="a.xml,b.xml")
    refused(lambda: read_config(two, "c"), "'a.xml,b.xml': ssd100 has one model file")


def test_names_may_begin_at_the_folder_and_have_spaces_around() -> None:
    said = read_config(
        config(DomainType="ocr", ModelFileName=" ./a.xml , b.xml ", LabelFileName="./l.txt"), "c"
    )
    assert (said.models, said.labels) == (("a.xml", "b.xml"), "l.txt")


@pytest.mark.parametrize("missing", [{}, {"LabelFileName": None}, {"LabelFileName": ""}])
def test_labels_may_be_missing(missing: dict[str, object]) -> None:
    assert read_config(config(**missing), "c").labels == ""


def test_other_keys_are_ignored() -> None:
    other = config(modelFileName=3, Extra={"DomainType": "x"}, **{"": None})
    assert read_config(other, "c") == read_config(config(), "c")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (config(DomainType="hologram"), "x/config.json: DomainType = 'hologram': not supported;"),
        (config(DomainType=""), "DomainType = '': not supported; there are ssd100, ssd200, def"),
        (config(DomainType="ssd100 "), "DomainType = 'ssd100 ': not supported"),
        (config(DomainType="a\nb"), "DomainType = 'a\\nb': not supported"),
        (
            config(DomainType="ObjectDetection"),
            "DomainType = 'ObjectDetection': belongs into cvexport.manifest; config.json says s1",
        ),
        (config(DomainType=None), "Expected `str`, got `null`"),
        (config(ModelFileName=["m.xml"]), "Expected `str`, got `array`"),
        (config(LabelFileName=3), "Expected `str | null`, got `int`"),
        (b'{"DomainType": "ssd100"}', "missing required field `ModelFileName`"),
        (b'{"ModelFileName": "m.xml"}', "missing required field `DomainType`"),
        (b"[]", "Expected `object`, got `array`"),
        (b"null", "Expected `object`, got `null`"),
        (b"", "x/config.json: Expecting value"),
        (b"\xff\xfe{", "x/config.json: "),
        (b"[" * 100_000, "x/config.json: "),
    ],
)
def test_a_config_that_says_something_else_is_refused(data: bytes, says: str) -> None:
    refused(lambda: read_config(data, "x/config.json"), says)


@given(st.binary(max_size=80) | VALUES.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_config_or_refused_by_name(data: bytes) -> None:
    read_or_refuse(data)


@given(st.fixed_dictionaries({"DomainType": VALUES, "ModelFileName": VALUES}))
def test_any_values_are_a_config_or_refused_by_name(said: dict[str, object]) -> None:
    read_or_refuse(json.dumps(said).encode())


def read_or_refuse(data: bytes) -> None:
    reads: tuple[Callable[[], object], ...] = (
        lambda: read_config(data, "c"),
        lambda: read_cvexport(data, GRAPH, "c"),
    )
    for read in reads:
        try:
            read()
        except PackageError as error:
            assert "\n" not in str(error)  # noqa: PT017 that is all that may be raised


# ---- cvexport.manifest


@pytest.mark.parametrize(
    ("graph", "family"),
    [
        (GRAPH, "yolov2"),
        (b"<net name='mobilenetv2ssdlitev2_pytorch'/>", "s1"),
        (b"<net><layer name='compact_od_s1_v2/x'/></net>", "s1"),
        (b"\xff compact_od_s1_v2", "s1"),
        (b"<net name='compact_od_s2'/>", "yolov2"),
    ],
)
def test_a_detector_of_custom_vision_is_told_by_its_graph(graph: bytes, family: str) -> None:
    said = read_cvexport(cvexport(), graph, "c")
    assert said == Percept(("model.xml",), family, "l.txt", CVEXPORT_INPUT)


@pytest.mark.parametrize("domain", ["classification", "Classification", "CLASSIFICATION"])
def test_a_classifier_of_custom_vision_is_one_whatever_its_graph(domain: str) -> None:
    said = read_cvexport(cvexport(DomainType=domain), b"compact_od_s1_v2", "c")
    assert said.family == "classification"
    assert said.input == CVEXPORT_INPUT


@pytest.mark.parametrize("domain", ["ssd100", "yolo", "s1", "ocr", "", "object detection"])
def test_custom_vision_exports_two_kinds(domain: str) -> None:
    wrong = cvexport(DomainType=domain)
    refused(
        lambda: read_cvexport(wrong, GRAPH, "c"),
        f"DomainType = {domain!r}: not supported; there are classification and objectdetection",
    )


@pytest.mark.parametrize("mean_first", [True, False])
def test_the_input_is_as_percept_had_rewritten_the_weights(*, mean_first: bool) -> None:
    """Its repair, done on numbers here, against ours: RGB and a division in front of the model."""
    random = np.random.default_rng(1)
    bgr = random.integers(0, 256, (3, 9, 9)).astype(float)
    mean = random.random(3) if mean_first else np.zeros(3)
    weights = random.normal(size=(4, 3, 3, 3))

    def model(
        picture: NDArray[np.float64], mean: NDArray[np.float64], weights: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        padded = np.pad(picture - mean[:, None, None], ((0, 0), (1, 1), (1, 1)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (1, 2))
        return np.asarray(np.einsum("ocij,chwij->ohw", weights, windows))

    repaired = model(bgr, mean[::-1] * 255, weights[:, ::-1] / 255)
    assert CVEXPORT_INPUT.colour == "RGB"
    scale, taken = (np.array(values) for values in (CVEXPORT_INPUT.scale, CVEXPORT_INPUT.mean))
    prepared = (bgr[::-1] - taken[:, None, None]) / scale[:, None, None]
    assert np.allclose(model(prepared, mean, weights), repaired)


# ---- whole packages


def lying(contents: dict[str, bytes], folder: Path) -> Files:
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return Folder(folder)


@pytest.fixture(params=[lying, lambda contents, _: Memory(contents, "x.zip")])
def package(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[dict[str, bytes]], Files]:
    return lambda contents: request.param(contents, tmp_path)


CUSTOM_VISION = {
    "cvexport.manifest": cvexport(ModelFileName="other.pb"),
    "model.xml": GRAPH,
    "model.bin": b"weights",
    "l.txt": b"apple\r\npear",
}


def test_an_export_of_custom_vision_is_read_whole(
    package: Callable[[dict[str, bytes]], Files],
) -> None:
    read = read_files(package(CUSTOM_VISION))
    assert (read.name, read.family, read.labels) == ("model", "yolov2", ("apple", "pear"))
    assert read.input == CVEXPORT_INPUT
    assert read.threshold == 0.5
    assert read.version.startswith("sha256-")


@pytest.mark.parametrize("missing", ["model.xml", "model.bin", "l.txt"])
def test_an_export_of_custom_vision_has_its_files(
    package: Callable[[dict[str, bytes]], Files], missing: str
) -> None:
    contents = {name: data for name, data in CUSTOM_VISION.items() if name != missing}
    refused(lambda: read_files(package(contents)), f"{missing}: ")


def test_a_config_goes_before_an_export_and_a_manifest_before_both(
    package: Callable[[dict[str, bytes]], Files],
) -> None:
    both = CUSTOM_VISION | {"config.json": config(ModelFileName="model.xml")}
    assert read_files(package(both)).family == "ssd"
    ours = b'name = "ours"\nmodel = "model.xml"\nfamily = "unet"\n'
    assert read_files(package(both | {"manifest.toml": ours})).family == "unet"


@pytest.mark.parametrize(
    "contents",
    [
        {"model.blob": b"blob"},
        {"model.blob": b"blob", "config.json": config(ModelFileName="model.blob")},
        {"config.json": config(ModelFileName="gone.blob")},
    ],
)
def test_a_blob_is_refused_with_what_to_do(
    package: Callable[[dict[str, bytes]], Files], contents: dict[str, bytes]
) -> None:
    refused(lambda: read_files(package(contents)), "a .blob is compiled for the Myriad X")
