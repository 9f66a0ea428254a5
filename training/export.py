"""From a checkpoint to a package: the averaged weights as OpenVINO IR, with its manifest."""

import logging
from pathlib import Path

import openvino as ov
import torch

from actors.inference.package import read_package
from training.decode import Detector
from training.eye import Eye
from training.grid import HEIGHT_PX, LABELS, WIDTH_PX
from training.judge import judge
from training.network import Network
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
    """The averaged weights of the run's checkpoint with labels and manifest."""
    state = torch.load(run / CHECKPOINT, map_location="cpu", weights_only=True)
    network = Network()
    network.load_state_dict(state["average"])
    package.mkdir(parents=True, exist_ok=True)
    _write_model(network, package / "street.xml")
    (package / "labels.txt").write_text("\n".join(LABELS))
    _write_manifest(package, threshold)


def _write_manifest(package: Path, threshold: float) -> None:
    manifest = MANIFEST.format(version=VERSION, threshold=threshold)
    (package / "manifest.toml").write_text(manifest)


def _write_model(network: Network, path: Path) -> None:
    """The network with its decoding as IR, weights in 16 bits."""
    picture = torch.zeros(1, 3, HEIGHT_PX, WIDTH_PX)
    model = ov.convert_model(Detector(network.eval()), example_input=picture)
    model.reshape(picture.shape)
    ov.save_model(model, path, compress_to_fp16=True)
