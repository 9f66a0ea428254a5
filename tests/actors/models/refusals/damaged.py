"""Model files as a broken disk or download leaves them, and files that only look like models."""

import re
from collections.abc import Callable

from actors.package.admission import Request
from tests.actors.models.refusals.workshop import STREET, Bad, Workshop

ONNX, TFLITE = "fastestdet/FastestDet.onnx", "cpm-pose-mobile/cpm.tflite"
FROZEN = "cpm-pose-mobile/cpm.pb"
GRAPH = (STREET / "street.xml").read_text()


def cut(name: str, share: float) -> Callable[[Workshop], Request]:
    """Only the first part of a real network's file."""

    def make(shop: Workshop) -> Request:
        path = shop.real(name)
        data = path.read_bytes()
        return shop.request(shop.file(path.name, data[: int(len(data) * share)]))

    return make


def longer(name: str) -> Callable[[Workshop], Request]:
    """A real network's file with the rest of another behind it."""

    def make(shop: Workshop) -> Request:
        path = shop.real(name)
        return shop.request(shop.file(path.name, path.read_bytes() + b"\xff" * 100))

    return make


def graph(change: Callable[[str], str]) -> Callable[[Workshop], Request]:
    def make(shop: Workshop) -> Request:
        folder = shop.model()
        (folder / "street.xml").write_text(change(GRAPH))
        return shop.request(folder)

    return make


def weights(change: Callable[[bytes], bytes]) -> Callable[[Workshop], Request]:
    def make(shop: Workshop) -> Request:
        folder = shop.model()
        path = folder / "street.bin"
        path.write_bytes(change(path.read_bytes()))
        return shop.request(folder)

    return make


def the_file(name: str, data: bytes) -> Callable[[Workshop], Request]:
    return lambda shop: shop.request(shop.file(name, data))


def paddle(shop: Workshop) -> Request:
    shop.file("x.pdiparams", b"?" * 100)
    return shop.request(shop.file("x.pdmodel", b"?" * 100))


def unknown_operation(text: str) -> str:
    return re.sub(r'type="Convolution"', 'type="Frobnicate"', text, count=1)


def dangling_edge(text: str) -> str:
    return re.sub(r'to-layer="\d+"', 'to-layer="999999"', text, count=1)


def offset_beyond(text: str) -> str:
    return re.sub(r'offset="\d+"', 'offset="99999999999"', text, count=1)


def negative_size(text: str) -> str:
    return re.sub(r' size="\d+"', ' size="-1"', text, count=1)


DAMAGED = {
    "half a graph": Bad(graph(lambda text: text[: len(text) // 2]), "street.xml"),
    "an empty graph": Bad(graph(lambda _: ""), "street.xml"),
    "a graph that is a page": Bad(graph(lambda _: "<html><body>404</body></html>"), "street.xml"),
    "a graph of version 99": Bad(
        graph(lambda text: re.sub(r'version="1\d"', 'version="99"', text, count=1)), "street.xml"
    ),
    "a graph with an unknown operation": Bad(graph(unknown_operation), "Frobnicate"),
    "a graph with an edge to nowhere": Bad(graph(dangling_edge), "is inconsistent"),
    "a graph with weights beyond the end": Bad(graph(offset_beyond), "street.xml"),
    "a graph with a negative size": Bad(graph(negative_size), "street.xml"),
    "half the weights": Bad(weights(lambda data: data[: len(data) // 2]), "street.xml"),
    "empty weights": Bad(weights(lambda _: b""), "street.xml"),
    "weights of ones": Bad(weights(lambda data: b"\xff" * len(data)), "street.xml: While valid"),
    "half an ONNX": Bad(cut(ONNX, 0.5), "FastestDet.onnx"),
    "an empty ONNX": Bad(the_file("x.onnx", b""), "x.onnx"),
    "an ONNX that ends too late": Bad(
        longer(ONNX), "FastestDet.onnx: is no ONNX model: a number has no end"
    ),
    "an ONNX of noise": Bad(the_file("x.onnx", bytes(range(256)) * 8), "x.onnx: is no ONNX model"),
    "half a TFLite": Bad(cut(TFLITE, 0.5), "cpm.tflite"),
    "a TFLite of noise": Bad(the_file("x.tflite", bytes(range(256)) * 8), "x.tflite"),
    "an empty TFLite": Bad(the_file("x.tflite", b""), "x.tflite"),
    "half a frozen graph": Bad(cut(FROZEN, 0.5), "cpm.pb"),
    "a frozen graph of noise": Bad(the_file("x.pb", bytes(range(256)) * 8), "x.pb"),
    "a Paddle of noise": Bad(paddle, "x.pdmodel"),
}
