"""Teaches the detector what a device collected: retraining_loop.py NEW_FOLDER TWIN [OPTION...]

TWIN is --local, or https://HUB/twins/DEVICE?api-version=2021-04-12 with a shared access signature
in RETINUE_HUB_TOKEN; options are those of `python -m training refit`."""

import os
import subprocess
import sys
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx

from actors.config import load, where
from actors.package.reading import read_package
from actors.store.wishes import Wishes
from actors.wiring import results
from bus.subscriber import Subscriber

device, folder, run = load(where()), Path(sys.argv[1]), partial(subprocess.run, check=True)
pictures, package, twin = folder.with_suffix(".pictures"), folder / "package", sys.argv[2]
run(["retinue", "images", "export", pictures])  # after this a person may correct the boxes
run([sys.executable, "-m", "training", "refit", pictures, package, *sys.argv[3:]])
run(["retinue", "model", "package", package, "-o", folder / "street.zip"])
server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=folder))
Thread(target=server.serve_forever, daemon=True).start()
digest, url = sha256((folder / "street.zip").read_bytes()), f"http://127.0.0.1:{server.server_port}"
wish = {"ModelZipUrl": f"{url}/street.zip", "sha256": digest.hexdigest()}
if twin == "--local":  # as the device does with a patch of its twin
    print(*Wishes(device.state).change(device.inference[0].name, wish).refusals)
else:
    token = {"Authorization": os.environ["RETINUE_HUB_TOKEN"]}
    httpx.patch(twin, json={"properties": {"desired": wish}}, headers=token).raise_for_status()
with Subscriber(device.run, results(device)) as messages:
    version = read_package(package).version  # `retinue model status` says how far it is
    next(message for message in messages if getattr(message, "version", "") == version)
print(f"street {version} is live")
