"""Prints results with nothing of Retinue's: pyzmq, msgpack and the standard library.

python examples/raw_results.py [CAMERA]
"""

import os
import sys
import tempfile
from pathlib import Path

import msgpack
import zmq

RUNTIME = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
RUN = Path(os.environ.get("RETINUE_RUN") or f"{RUNTIME}/retinue-{os.getuid()}")

publishers = sorted(RUN.glob("bus/inference-*.sock"))  # two an entry: one of them publishes
if not publishers:
    sys.exit(f"no inference runs in {RUN}: start it with `retinue up`")

subscriber = zmq.Context().socket(zmq.SUB)
for path in publishers:
    subscriber.connect(f"ipc://{path}")
camera = f"{sys.argv[1]}/" if len(sys.argv) > 1 else ""  # names end in a slash
subscriber.subscribe(f"results/{camera}".encode())

while True:
    topic, _, message = subscriber.recv().partition(b"\0")
    result = msgpack.unpackb(message)
    print(topic.decode(), "frame", result["frame_seq"], result["model"], result["status"])
    for box in result["boxes"]:
        corners = " ".join(f"{box[side]:.3f}" for side in ("x0", "y0", "x1", "y1"))
        print(f"  {box['label']} {box['score']:.2f} at {corners}")
    sys.stdout.flush()
