"""Real networks as packages, installed into a device's store as `retinue model pull` does it."""

import threading
from pathlib import Path

import numpy as np
import openvino as ov
from openvino import opset8 as ops

from actors.clock import moment
from actors.config import Config, Inference
from actors.models.installing import install
from actors.package.files import Folder
from actors.package.integrity import listed
from actors.package.manifest import Input, Manifest
from actors.package.writing import write_manifest
from actors.store.source import Local
from actors.store.store import Store
from benchmarks import data

COCO = "ssd-mobilenet-v1-coco-raw"
VARIANCES = (0.1, 0.1, 0.2, 0.2)  # its boxes are scaled by 10, 10, 5 and 5
NMS_IOU, MOST_BOXES = 0.5, 100


def stored(config: Config, source: Path) -> str:
    """A model file or package in the store, admitted; its digest."""
    quiet = threading.Event()
    entry = config.inference[0]
    record = install(Local(str(source)), config, entry, stop=quiet, tell=lambda _: None)
    return record.digest


def activate(config: Config, digest: str, probation_s: float = 0.0) -> None:
    entry: Inference = config.inference[0]
    Store(config.state).activate(
        entry.name, digest, configured=entry.model, probation_s=probation_s, now=moment()
    )


def coco_ssd(into: Path) -> Path:
    """SSD MobileNet v1 on COCO, 4.6 MB, with its last step put back, so that it gives boxes."""
    folder = data.DATA / "models" / COCO
    model = ov.Core().read_model(data.there(folder / "ssd_mobilenet_v1_coco_raw.xml"))
    boxes, scores, anchors = (_output(model, name) for name in ("boxes", "scores", "anchors"))
    deltas = ops.gather(boxes, np.array([1, 0, 3, 2]), np.array(2))  # y, x, h, w to x, y, w, h
    centre_y, centre_x, height, width = ops.split(anchors, np.array(1), 4).outputs()
    half = np.float32(0.5)
    corners = [
        ops.subtract(centre_x, ops.multiply(width, half)),
        ops.subtract(centre_y, ops.multiply(height, half)),
        ops.add(centre_x, ops.multiply(width, half)),
        ops.add(centre_y, ops.multiply(height, half)),
    ]
    priors = ops.reshape(ops.concat(corners, 1), np.array([1, 1, -1]), special_zero=False)
    count = anchors.get_shape()[0]
    variances = np.tile(np.array(VARIANCES, np.float32), count).reshape(1, 1, -1)
    attributes = {
        "background_label_id": 0,
        "top_k": MOST_BOXES,
        "keep_top_k": [MOST_BOXES],
        "code_type": "caffe.PriorBoxParameter.CENTER_SIZE",
        "nms_threshold": NMS_IOU,
        "share_location": True,
        "normalized": True,
        "confidence_threshold": 0.3,
        "variance_encoded_in_target": False,
    }
    flat = np.array([1, -1])
    seen = ops.detection_output(
        ops.reshape(deltas, flat, special_zero=False),
        ops.reshape(scores, flat, special_zero=False),
        ops.concat([priors, variances], 1),
        attributes,
    )
    seen.output(0).set_names({"detection_out"})
    into.mkdir()
    ov.save_model(ov.Model([seen], model.get_parameters(), "coco"), into / "coco.xml")
    labels = (folder / "labels.txt").read_text()
    (into / "labels.txt").write_text(labels)
    said = Manifest(
        name="coco",
        model="coco.xml",
        version="1",
        family="ssd",
        labels="labels.txt",
        input=Input("NHWC", "RGB"),
    )
    write_manifest(into, listed(Folder(into), said))
    return into


def _output(model: ov.Model, name: str) -> ov.Output:
    """What the named output is computed from."""
    return model.output(name).node.input_value(0)
