"""The detector's last layer that makes scores: found in its package, looked into, replaced.

That layer, a 1x1 convolution, stayed in floating point when the others were made 8 bits wide
(`quantize.LAST`): it alone can be changed without quantising anew.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from actors.inference.fit import Fit
from bus.pixels import I420
from training.grid import HEIGHT_PX, LABELS, WIDTH_PX

FINER = 2  # cells of the finer grid along a side of one of the layer's, as in `network`
CHANNELS = len(LABELS) * FINER**2
Table = NDArray[np.float32]


class NoHead(Exception):
    """The model has no such layer: it is not the built-in detector's."""


class Scores(NamedTuple):
    """The layer: `features @ weights.T + biases` are the logits of a cell's `CHANNELS` scores."""

    weights: Table  # (CHANNELS, features)
    biases: Table  # (CHANNELS,)


class _Place(NamedTuple):
    layer: ov.Node
    sum: ov.Node


class Head:
    """A package's network, cut before its last layer; on the CPU, in float32."""

    def __init__(self, file: Path) -> None:
        core = ov.Core()
        self._model = core.read_model(file)
        self._place = _find(self._model, file)
        exact = {"INFERENCE_PRECISION_HINT": "f32"}  # the same on all processors, or nearly
        inputs = [self._place.layer.input_value(0)]
        self._before = core.compile_model(
            ov.Model(inputs, self._model.get_parameters(), "before"), "CPU", exact
        )
        self._pixels = np.empty((1, HEIGHT_PX, WIDTH_PX, 3), np.uint8)
        self._fit = Fit(self._pixels, "BGR")

    @property
    def scores(self) -> Scores:
        weights = _constant(self._place.layer).reshape(CHANNELS, -1)
        return Scores(weights, _constant(self._place.sum).reshape(CHANNELS))

    def features(self, picture: I420) -> Table:
        """What the layer is given of a picture, (cells, features)."""
        self._fit.fill(picture)
        said = self._before([self._pixels.transpose(0, 3, 1, 2).astype(np.float32)])[0]
        return np.asarray(said.reshape(said.shape[1], -1).T, np.float32).copy()

    def write(self, file: Path, scores: Scores) -> None:
        """The whole network with this layer; `file` ends in .xml, its weights lie beside it."""
        layer, total = self._place
        for node, values in ((layer, scores.weights), (total, scores.biases)):
            shape = list(node.input_value(1).get_shape())
            constant = ov.op.Constant(values.reshape(shape).astype(np.float32))
            node.input(1).replace_source_output(constant.output(0))
        ov.save_model(self._model, file, compress_to_fp16=True)


def _find(model: ov.Model, file: Path) -> _Place:
    for node in model.get_ordered_ops():
        if node.get_type_name() != "Convolution":
            continue
        weights = node.input_value(1)
        shape = list(weights.get_shape())
        if shape[0] == CHANNELS and shape[2:] == [1, 1] and _is_constant(weights):
            (after,) = node.output(0).get_target_inputs()
            return _Place(node, after.get_node())
    raise NoHead(
        f"{file}: has no 1x1 convolution to {CHANNELS} channels in floating point: only the "
        "built-in detector and what was refitted from it can be refitted"
    )


def _is_constant(output: ov.Output) -> bool:
    return bool(_source(output).get_type_name() == "Constant")


def _source(output: ov.Output) -> ov.Node:
    """The node itself, or what it makes wider: weights may be stored in 16 bits."""
    node = output.get_node()
    return node.input_value(0).get_node() if node.get_type_name() == "Convert" else node


def _constant(node: ov.Node) -> Table:
    return np.array(_source(node.input_value(1)).data, np.float32)
