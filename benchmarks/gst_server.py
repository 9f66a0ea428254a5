"""gst-rtsp-server with the encoder settings of ours, fed with prepared pictures at 30 a second.

Run by the system's Python, which has `gi`: `gst_server.py PORT FILE WIDTH HEIGHT`. FILE is I420
pictures one after the other, shown round and round. Says "listening", then for each picture its
number and when it was handed in.
"""

import sys
import threading
import time
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402 after the versions

FPS = 30
LAUNCH = (
    "( appsrc name=source is-live=true do-timestamp=true format=time "
    "caps=video/x-raw,format=I420,width={width},height={height},framerate=30/1 "
    "! x264enc tune=zerolatency speed-preset=ultrafast pass=qual quantizer=24 threads=1 "
    "key-int-max=60 ! rtph264pay name=pay0 pt=96 )"
)


def main() -> None:
    port, file, width, height = sys.argv[1:]
    data = Path(file).read_bytes()
    size = int(width) * int(height) * 3 // 2
    pictures = [data[at : at + size] for at in range(0, len(data), size)]
    Gst.init(None)
    server = GstRtspServer.RTSPServer(address="127.0.0.1", service=port)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(LAUNCH.format(width=width, height=height))
    factory.set_shared(True)
    factory.set_latency(0)
    factory.connect("media-configure", start_feeding, pictures)
    server.get_mount_points().add_factory("/front", factory)
    server.attach(None)
    print("listening", flush=True)
    GLib.MainLoop().run()


def start_feeding(_: Any, media: Any, pictures: list[bytes]) -> None:
    source = media.get_element().get_by_name("source")
    threading.Thread(target=feed, args=(source, pictures), daemon=True).start()


def feed(source: Any, pictures: list[bytes]) -> None:
    due_s = time.monotonic()
    count = 0
    while True:
        index = count % len(pictures)
        buffer = Gst.Buffer.new_wrapped(pictures[index])
        captured_ns = time.monotonic_ns()
        if source.emit("push-buffer", buffer) != Gst.FlowReturn.OK:
            return
        print(index, captured_ns, flush=True)
        count += 1
        due_s += 1 / FPS
        time.sleep(max(0.0, due_s - time.monotonic()))


if __name__ == "__main__":
    main()
