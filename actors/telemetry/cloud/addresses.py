"""Where the device's streams are watched, and what runs on it, as its twin tells (pure)."""

import platform
from collections.abc import Mapping
from importlib.metadata import version

from actors.config import Config, Rtsp
from actors.settings import Settings

EVERYWHERE = {"0.0.0.0", "::", "[::]", ""}  # noqa: S104 to be told from an address
PERCEPT = "_percept"  # no camera's name begins so
MOUNTS = {  # Percept's names for the first camera's streams, by the setting that has them
    "raw_stream": ("raw", "rawTCP"),
    "result_stream": ("result", "resultTCP"),
    "h264_stream": ("h264raw",),
}


def addresses(config: Config, settings: Settings, host_name: str) -> dict[str, dict[str, str]]:
    """URLs by camera and stream, of those streams that are on. Nobody's password is in them."""
    root, on = _root(config.rtsp, host_name), switched_on(settings)
    percept = [name for field, names in MOUNTS.items() if on[field] for name in names]
    plain = [kind for kind in ("raw", "result") if on[f"{kind}_stream"]]
    urls = {PERCEPT: {name: f"{root}/{name}" for name in percept}}
    for camera in config.camera:
        urls[camera.name] = {kind: f"{root}/{camera.name}/{kind}" for kind in plain}
    return {name: streams for name, streams in urls.items() if streams}


def switched_on(settings: Settings) -> dict[str, bool]:
    """By the setting that says so: `h264raw` goes with raw unless it is wanted by itself."""
    raw, result = settings.raw_stream is not False, settings.result_stream is not False
    h264 = raw if settings.h264_stream is None else settings.h264_stream
    return {"raw_stream": raw, "result_stream": result, "h264_stream": h264}


def _root(rtsp: Rtsp, host_name: str) -> str:
    host = host_name if rtsp.bind in EVERYWHERE else rtsp.bind.strip("[]")
    return f"rtsp://[{host}]:{rtsp.port}" if ":" in host else f"rtsp://{host}:{rtsp.port}"


def versions(config: Config) -> Mapping[str, str]:
    return {
        "retinue": version("retinue"),
        "openvino": version("openvino"),
        "python": platform.python_version(),
        "schema": ", ".join(config.telemetry.schemas),
    }
