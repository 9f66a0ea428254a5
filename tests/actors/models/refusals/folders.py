"""Folders and single files: too much in them, too little, or nothing that is a model."""

import os
from collections.abc import Callable
from pathlib import Path

from actors.package.admission import Request
from tests.actors.models.refusals.workshop import STREET, Bad, Workshop


def with_a_link(shop: Workshop) -> Request:
    folder = shop.package()
    (folder / "x").symlink_to("/etc/passwd")
    return shop.request(folder)


def with_a_linked_folder(shop: Workshop) -> Request:
    folder = shop.package()
    (folder / "x").symlink_to("/etc")
    return shop.request(folder)


def with_a_pipe(shop: Workshop) -> Request:
    folder = shop.package()
    os.mkfifo(folder / "x")
    return shop.request(folder)


def with_two_models(shop: Workshop) -> Request:
    folder = shop.model()
    (folder / "other.onnx").touch()
    return shop.request(folder)


def with_many_files(shop: Workshop) -> Request:
    folder = shop.package()
    for number in range(4096):
        (folder / str(number)).touch()
    return shop.request(folder)


def without_weights(shop: Workshop) -> Request:
    folder = shop.model()
    (folder / "street.bin").unlink()
    return shop.request(folder)


def of_this_alone(name: str, data: bytes = b"?") -> Callable[[Workshop], Request]:
    def make(shop: Workshop) -> Request:
        folder = shop.empty()
        (folder / name).write_bytes(data)
        return shop.request(folder)

    return make


def the_file(name: str, data: bytes) -> Callable[[Workshop], Request]:
    return lambda shop: shop.request(shop.file(name, data))


def field(number: int, data: bytes) -> bytes:
    """A field of Protocol Buffers; shorter than 128 bytes."""
    return bytes([number << 3 | 2, len(data)]) + data


def onnx_with_weights_in(place: bytes) -> bytes:
    """The beginning of an ONNX model: model, graph, initializer, external_data."""
    return field(7, field(5, field(13, field(1, b"location") + field(2, place))))


GRAPH = (STREET / "street.xml").read_bytes()
FOLDERS = {
    "a folder with a link": Bad(with_a_link, "package/x: is a link; put the file itself"),
    "a folder with a linked folder": Bad(with_a_linked_folder, "package/x: is a link"),
    "a folder with a pipe": Bad(with_a_pipe, "package/x: is neither a file nor a folder"),
    "a folder with nothing": Bad(
        lambda shop: shop.request(shop.empty()),
        "the package: without manifest.toml or config.json or cvexport.manifest there",
    ),
    "a folder with two models": Bad(with_two_models, "found other.onnx, street.xml"),
    "a folder with many files": Bad(with_many_files, "has more than 4096 files"),
    "a model without weights": Bad(without_weights, "street.bin: weights of street.xml, but not"),
    "what is not there": Bad(
        lambda shop: shop.request(Path("/nowhere/at/all")),
        "there is no file or folder of that name",
    ),
    "a file without weights": Bad(the_file("x.xml", GRAPH), "x.bin: weights of x.xml, but not"),
    "a file of another kind": Bad(the_file("x.pt", b"PK"), "x.pt: a model is one of"),
    "a blob": Bad(the_file("x.blob", b"?"), "x.blob: a .blob is compiled for the Myriad X"),
    "a folder with a blob": Bad(of_this_alone("x.blob"), "only a .blob"),
    "a page of a web server": Bad(
        the_file("model.zip", b"<!DOCTYPE html><title>404</title>"), "is called .zip and is no zip"
    ),
    "ONNX with weights in a file of the system": Bad(
        the_file("x.onnx", onnx_with_weights_in(b"/etc/passwd")), "a path is relative"
    ),
    "ONNX with weights above": Bad(
        of_this_alone("x.onnx", onnx_with_weights_in(b"../secret")), "no . and no .., from the"
    ),
    "ONNX with weights that are missing": Bad(
        of_this_alone("x.onnx", onnx_with_weights_in(b"x.data")), "x.data: weights of x.onnx, but"
    ),
}
