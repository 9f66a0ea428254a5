"""From a checkpoint to a package: OpenVINO IR that ends in boxes, labels and a manifest."""

import logging
from pathlib import Path

import openvino as ov
import torch

from actors.package.reading import read_package
from training.decode import Decoding
from training.eye import Eye
from training.grid import HEIGHT_PX, LABELS, WIDTH_PX
from training.judge import judge
from training.network import Network
from training.quantize import quantized
from training.street import Split
from training.tally import best_threshold, summary
from training.train import CHECKPOINT

log = logging.getLogger(__name__)
STREETS = 75  # validation streets that the threshold is chosen on
VERSION = "1"
MANIFEST = """\
name = "street"
version = "{version}"
family = "ssd"
model = "street.xml"
labels = "labels.txt"
threshold = {threshold}
licence = "Apache-2.0"

[input]
layout = "NCHW"
colour = "BGR"
resize = "stretch"
"""


def export(run: Path, package: Path) -> None:
    """Writes the package; its threshold is the best for the validation set."""
    write_package(run, package, threshold=0.5)
    eye = Eye(read_package(package))
    matches = [one.match for one in judge(eye, Split.VALIDATION, STREETS)]
    threshold = best_threshold(matches)
    _write_manifest(package, threshold)
    log.info("validation: %s", summary(matches, threshold))


def write_package(run: Path, package: Path, threshold: float) -> None:
    """The averaged weights of the run's checkpoint, in 8 bits, with labels and manifest."""
    state = torch.load(run / CHECKPOINT, map_location="cpu", weights_only=True)
    network = Network().eval()
    network.load_state_dict(state["average"])
    package.mkdir(parents=True, exist_ok=True)
    picture = torch.zeros(1, 3, HEIGHT_PX, WIDTH_PX)
    model = _joined(quantized(_model(network, picture), run / "train"), _decoding(network, picture))
    ov.save_model(model, package / "street.xml", compress_to_fp16=True)
    (package / "labels.txt").write_text("\n".join(LABELS))
    _write_manifest(package, threshold)


def _write_manifest(package: Path, threshold: float) -> None:
    manifest = MANIFEST.format(version=VERSION, threshold=threshold)
    (package / "manifest.toml").write_text(manifest)


def _decoding(network: Network, picture: torch.Tensor) -> ov.Model:
    with torch.no_grad():
        return _model(Decoding(), *network(picture))


def _model(module: torch.nn.Module, *inputs: torch.Tensor) -> ov.Model:
    """For inputs of just these shapes."""
    model = ov.convert_model(module, example_input=inputs if len(inputs) > 1 else inputs[0])
    model.reshape({at: list(one.shape) for at, one in enumerate(inputs)})
    return model


def _joined(network: ov.Model, decoding: ov.Model) -> ov.Model:
    """One model: what the network says goes into its decoding."""
    for into, said in zip(decoding.get_parameters(), network.get_results(), strict=True):
        into.output(0).replace(said.input_value(0))
    return ov.Model(decoding.get_results(), network.get_parameters(), "street")
