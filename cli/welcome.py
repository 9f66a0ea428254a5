"""Where to look and what to try, in commands that can be copied as they stand."""

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from actors.config import DEFAULT_FILE, Config
from actors.sections import BUILT_IN, ROOT


class Spelled(NamedTuple):
    """How to call, from the folder one is in and with the PATH one has."""

    retinue: str
    python: str
    examples: str  # "" if they are not installed
    defaults: str  # the configuration to copy


def spelled_here() -> Spelled:
    examples = ROOT / "examples"
    return Spelled(
        _program("retinue"),
        _program("python"),
        _from_here(examples) if examples.is_dir() else "",
        _from_here(DEFAULT_FILE),
    )


def _program(name: str) -> str:
    """Its name, if the PATH leads to this environment's; else its path."""
    own = Path(sys.executable).parent / name
    return name if shutil.which(name) == str(own) else _from_here(own)


def _from_here(path: Path) -> str:
    """Relative to the current folder if it is below, quoted for a shell."""
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))


def streams(device: Config) -> list[str]:
    """The addresses that can be watched."""
    host = "127.0.0.1" if device.rtsp.bind in {"0.0.0.0", "::"} else device.rtsp.bind  # noqa: S104
    host = f"[{host}]" if ":" in host else host
    return [
        f"rtsp://{host}:{device.rtsp.port}/{camera.name}/{kind}"
        for camera in device.camera
        for kind in ("result", "raw")
    ]


def announcement(
    device: Config, file: Path, words: Spelled, environ: Mapping[str, str] = os.environ
) -> str:
    """The first screen of `retinue up`: short, as the log's first lines must fit below it."""
    retinue = words.retinue
    settings = _settings(file, environ)
    tries = [
        *([("first", f"export {settings}")] if settings else []),
        ("live view", f"{retinue} watch"),
        ("restart", f"{retinue} restart inference"),
        ("kill", f"kill -9 $({retinue} ps | awk '$1==\"overlay\" {{print $2}}')"),
    ]
    if words.examples:
        tries.append(("listen", f"{words.python} {words.examples}/{_example(device)}"))
    lines = [
        "Retinue starts; Ctrl-C ends everything. Watch with ffplay, VLC, GStreamer:",
        *(f"  {address}" for address in streams(device)),
        "In another terminal:",
        *(f"  {what:<9}  {command}" for what, command in tries),
        *(
            ["The built-in network knows this drawn street and nothing else."]
            if _drawn(device)
            else []
        ),
        f"Your own camera, a real network: copy {words.defaults} to my.toml, set in it",
        '  source = "rtsp://user:password@host/path"  or "v4l2:0", "file:clip.mp4"',
        '  model = "DIRECTORY"                        or an .xml, an .onnx file',
        f"and start it instead: {retinue} up -c my.toml",
    ]
    return "\n".join(lines)


def _drawn(device: Config) -> bool:
    """Whether somebody might take the boxes for more than they are."""
    return any(entry.model.startswith(BUILT_IN) for entry in device.inference)


def _example(device: Config) -> str:
    """One that has something to print on this device."""
    return "count_people.py" if any(e.model for e in device.inference) else "latency_meter.py"


def _settings(file: Path, environ: Mapping[str, str]) -> str:
    """What another terminal needs to find this device, and the examples its cameras."""
    settings = {"RETINUE_CONFIG": str(file)} if file != DEFAULT_FILE else {}
    if environ.get("RETINUE_RUN"):
        settings["RETINUE_RUN"] = str(Path(environ["RETINUE_RUN"]).absolute())
    return " ".join(f"{name}={shlex.quote(value)}" for name, value in settings.items())


def while_watching(device: Config, holders: Mapping[str, int], words: Spelled) -> list[str]:
    """A few lines for below the live table."""
    lines = [f"Try: {words.retinue} restart inference"]
    for actor, pid in holders.items():
        if pid and actor.startswith(("inference", "overlay")):
            lines.append(f"     kill -9 {pid}    ends {actor}, which comes back")
            break
    return [*lines, f"     ffplay {streams(device)[0]}"]
